"""The figures of the kiosk, each with its aim and a ratio against the same machine in the same run.

    python bench/figures.py [--runs 7] [--json]

Plays a real kiosk on real pseudo-terminals, with a training box on the loopback. Nothing of the machine's own
state is touched. The status is 1 when an aim is missed.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from statistics import median

from alone import CardAlone, ask_dmp, card_alone, insc_a_second, post_again, requests_seen, sha256_a_second
from figure import Figure, table
from memory import Memory, memory
from terminal import Terminal
from visit import F10, INVITATION, Visit, visit

from kiosk import __version__
from kiosk.box import Box, training_box
from kiosk.settings import state_directory

_BARE = Path(__file__).with_name("bare.py")
_COLD_FACTOR, _COLD_ALLOWANCE = 1.3, 0.3
"""A cold start may take this many times the bare program's, and these seconds more."""


@dataclass(frozen=True)
class Round:
    """Everything once, the kiosk and what it is compared with in turn. Seconds, MiB, per second."""

    bare: float
    bare_memory: Memory
    cold: float
    cold_on_running_box: float
    card: CardAlone
    visit: Visit
    existence: float
    """The family's TD0.2 by `http.client` alone."""
    creation: float
    """TD1.1 by `http.client` alone."""
    insc: float
    sha256: float


def one_round(box: Box) -> Round:
    """Leaves the box as it was: no card in, the records of the start of the day."""
    bare, bare_memory = _bare()
    cold = _start("--training")
    card = card_alone(box)
    ask_dmp(box, "reset")
    with _kiosk(f"--box={box.directory}") as terminal:
        cold_on_running_box = terminal.see(INVITATION) - terminal.started
        seen = visit(terminal, box)
        _leave(terminal)
    requests = requests_seen(box)
    ask_dmp(box, "reset")
    creation = next(number for number, each in enumerate(requests) if each.transaction == "TD1.1")
    authority = state_directory() / "training" / "authority"
    return Round(
        bare,
        bare_memory,
        cold,
        cold_on_running_box,
        card,
        seen,
        post_again(box, requests[:creation], authority),
        post_again(box, requests[creation : creation + 1], authority),
        insc_a_second(),
        sha256_a_second(),
    )


def figures(rounds: list[Round], first_start: float) -> list[Figure]:
    """In the order a user meets them."""

    def visits(name: str) -> tuple[float, ...]:
        return tuple(getattr(each.visit, name) for each in rounds)

    bare = tuple(each.bare for each in rounds)
    bare_resident = tuple(each.bare_memory.resident for each in rounds)
    card = [each.card for each in rounds]
    cold_aim = _COLD_FACTOR * median(bare) + _COLD_ALLOWANCE
    found = [
        Figure("programme Textual nu", "s", bare),
        Figure("premier départ de tous, certificats compris", "s", (first_start,), "programme nu", bare),
        Figure("départ à froid, avec sa boîte", "s", tuple(r.cold for r in rounds), "programme nu", bare, cold_aim),
        Figure("départ à froid, boîte déjà lancée", "s", tuple(r.cold_on_running_box for r in rounds),
               "programme nu", bare, cold_aim),
        Figure("session suivante prête", "s", visits("blank_to_invitation"), "programme nu", bare, 0.15),
        Figure("carte insérée → code demandé", "s", visits("card_to_pin"), "carte seule",
               tuple(each.identity for each in card), 1.0),
        Figure("code → accueil", "s", visits("pin_to_home"), "carte seule", tuple(each.pin for each in card), 1.5),
        Figure("Vitale → quatre réponses", "s", visits("vitale_to_answers"), "http.client seul",
               tuple(each.existence for each in rounds), 1.5),
        Figure("création : attente jusqu'à « créé »", "s", visits("creation"), "http.client seul",
               tuple(each.creation for each in rounds)),
        Figure("création : attente de la feuille", "s", visits("paper")),
        Figure("création : touches jusqu'à « créé »", "touches", visits("creation_keys"), aim=12),
        Figure("création : touches, feuille remise", "touches", visits("all_keys"), aim=12),
        Figure("carte retirée → écran vide", "s", visits("card_out_to_blank"), "retrait du tiroir seul",
               tuple(each.removal for each in card), 0.5),
        Figure("INS-C", "par s", tuple(r.insc for r in rounds), "SHA-256 seul", tuple(r.sha256 for r in rounds)),
        Figure("mémoire d'une session, DMP créé", "Mio", tuple(r.visit.session.resident for r in rounds),
               "programme nu", bare_resident, 90),
        Figure("mémoire d'une session, feuille imprimée", "Mio",
               tuple(r.visit.session_printed.resident for r in rounds), "programme nu", bare_resident, 90),
        Figure("mémoire du superviseur", "Mio", tuple(r.visit.supervisor.resident for r in rounds),
               "programme nu", bare_resident),
    ]  # fmt: skip
    proportional = [r.visit.session_printed.proportional for r in rounds]
    told = tuple(size for size in proportional if size is not None)
    if told:
        found.append(Figure("… la même, pages partagées divisées", "Mio PSS", told))
    return found


def main() -> int:
    parser = argparse.ArgumentParser(description="Chiffres de la borne, mesurés sur de vrais terminaux.")
    parser.add_argument("--runs", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        first_start = _start("--training")
        with training_box() as process:
            box = process.ready()
            one_round(box)  # makes the card's keys and fills the disk cache
            rounds = [one_round(box) for _ in range(options.runs)]
    found = figures(rounds, first_start)
    machine = {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "dmp-kiosk": __version__,
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "runs": options.runs,
    }
    if options.json:
        print(
            json.dumps(
                {**machine, "figures": [each.as_json() for each in found]}, ensure_ascii=False, indent=2
            )
        )
    else:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        print(table(found))
    return int(any(each.held is False for each in found))


def _bare() -> tuple[float, Memory]:
    with Terminal([sys.executable, "-I", str(_BARE)], _environ()) as terminal:
        return terminal.see("Insérez votre carte") - terminal.started, memory(terminal.pid)


def _start(*arguments: str) -> float:
    """Seconds from the command to the invitation of the first session."""
    with _kiosk(*arguments) as terminal:
        seconds = terminal.see(INVITATION) - terminal.started
        _leave(terminal)
    return seconds


def _kiosk(*arguments: str) -> Terminal:
    return Terminal([sys.executable, "-I", "-m", "kiosk", *arguments], _environ())


def _leave(terminal: Terminal) -> None:
    """The operator's way out. A kiosk killed instead would leave its box alone for a moment."""
    terminal.type(F10)
    terminal.end()


def _environ() -> dict[str, str]:
    """A plain terminal of today; nothing of the environment this runs in but where things are."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_STATE_HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm-256color"}


if __name__ == "__main__":
    sys.exit(main())

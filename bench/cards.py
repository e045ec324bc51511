"""The kiosk and its cards: login by APDUs and by PKCS#11, a slow card, signatures, TLS with a key that does not leave.

    python bench/cards.py [--runs 5] [--json]

Plays a session of the real kiosk on a real pseudo-terminal: professional card, PIN, a family of which three are
asked about, a creation, an internet account, the family again. Four times a run: the emulated card by APDUs and
SoftHSM by PKCS#11, each at full speed and as slow as a bad card (150 ms for each command or call, half a second
more to sign). The session watches its own loop (`watched.py`), the terminal notes every byte drawn.

The status is 1 when an aim is missed.
"""

import argparse
import json
import os
import platform
import socket
import ssl
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from statistics import median
from urllib.parse import urlsplit

from alone import CARD, PIN, ask_dmp
from figure import Figure, table
from terminal import Terminal
from visit import ANSWERS, F10, FAMILY, INVITATION, MOBILE

_TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "card")]
from pkcs11_bench import BY_ID, SoftHsm, SoftHsmReader  # noqa: E402

from kiosk.box import Box, training_box  # noqa: E402
from kiosk.card import tray  # noqa: E402
from kiosk.card.cps import ApduCard  # noqa: E402
from kiosk.card.tls import CIPHERS  # noqa: E402
from kiosk.card.tray import CardCount, TrayReaders  # noqa: E402
from kiosk.seat import CardSeat  # noqa: E402
from kiosk.settings import state_directory  # noqa: E402
from kiosk.training.pki import TrainingPki  # noqa: E402

CALL_MS, SIGNATURE_MS = 150, 500
GAP_AIM_MS = 50.0
_DOWN, _UP, _ENTER, _SPACE = "\x1b[B", "\x1b[A", "\r", " "
_SECOND_PERSON = "> 2 BERNARD JEAN PIERRE"
_FIRST_PERSON = "> 1 BERNARD ELODIE"
_HANDSHAKES = 20
_IDLE_SECONDS = 10.0
"""About as long as the cards work in a slow session."""

Span = tuple[float, float]


class NotingTerminal(Terminal):
    """Notes when something was drawn."""

    def __init__(self, argv: list[str], environ: Mapping[str, str]) -> None:
        self.drawn: list[float] = []
        super().__init__(argv, environ)

    def read_for(self, seconds: float) -> None:
        """Look at the screen and do nothing."""
        end = self.now() + seconds
        while (left := end - self.now()) > 0:
            self._read(left)

    def _read(self, timeout: float) -> float | None:
        came = super()._read(timeout)
        if came is not None:
            self.drawn.append(came)
        return came


@dataclass(frozen=True)
class Backend:
    """One way to the professional card."""

    name: str
    module: Path | None
    """Its PKCS#11 module; None for APDUs."""
    environ: Mapping[str, str]


@dataclass(frozen=True)
class Played:
    """One session. Seconds, unless said otherwise."""

    told: float
    """Insertion → « Lecture de la carte »."""
    read: float
    """Insertion → PIN asked for."""
    login: float
    """PIN → home."""
    answers: float
    """Vitale card → three answers of the DMP, TLS and three VIHF among them."""
    created: float
    """F10 → « créé »."""
    steps: dict[str, CardCount]
    """What the cards of the tray did in each step."""
    signatures: Counter[str]
    """Signatures by key, counted in the kiosk."""
    drawing_gap: float
    """The longest time nothing was drawn while a card was at work."""
    loop_gap: float
    """The longest time the loop did not come round while a card was at work."""
    worst: str
    """What the card was doing then."""
    idle_drawing_gap: float
    idle_loop_gap: float
    """The same two over `_IDLE_SECONDS` before any card: what the machine itself does to them."""
    anywhere: float
    """The longest time the loop did not come round in the whole session: a screen being built."""
    echoes: tuple[float, ...]
    """From a key to its effect on the screen, while the DMP and the card were at work."""


def play(box: Box, backend: Backend, *, slow: bool) -> Played:
    """One session on a box that is left as it was."""
    tray.pace(box.directory, *((CALL_MS, SIGNATURE_MS) if slow else (0, 0)))
    notes_file = box.directory / "watched.json"
    command = [sys.executable, "-I", str(Path(__file__).with_name("watched.py")), str(box.directory)]
    command += [str(notes_file), *([str(backend.module)] if backend.module else [])]
    pace = {"SLOW_CALL_MS": str(CALL_MS), "SLOW_SIGNATURE_MS": str(SIGNATURE_MS)} if slow else {}
    steps: dict[str, CardCount] = {}

    @contextmanager
    def step(name: str) -> Iterator[None]:
        before = tray.count(box.directory)
        yield
        after = tray.count(box.directory)
        steps[name] = CardCount(
            after.commands - before.commands,
            after.authentications - before.authentications,
            after.signatures - before.signatures,
        )

    terminal = NotingTerminal(command, {**_environ(), **backend.environ, **pace})
    with terminal:
        start = terminal.see(INVITATION)
        terminal.read_for(_IDLE_SECONDS if slow else 0.0)
        idle = [("idle", start, terminal.now())]
        with step("carte → code demandé"):
            start = terminal.now()
            tray.insert(box.directory, CARD)
            told = terminal.see("Lecture de la carte…") - start if slow else 0.0
            read = terminal.see("Saisissez votre code porteur") - start
        with step("code → accueil"):
            terminal.type(PIN)
            terminal.see("• • • •")
            login = terminal.wait_after(_ENTER, "Mode d'accès : NORMAL")
        with step("Vitale et trois TD0.2"):
            start = terminal.now()
            tray.insert(box.directory, FAMILY)
            terminal.see("BERNARD ELODIE")
            echoes = _echoes(terminal) if slow else ()
            answers = terminal.see(*ANSWERS) - start
        with step("création"):
            created = _create(terminal)
        with step("compte internet"):
            terminal.wait_after(_ENTER, "Où le patient recevra-t-il son code")
            terminal.wait_after(_ENTER, "La feuille est-elle sortie ?")
        with step("famille, trois TD0.2 encore"):
            terminal.press("o")
            terminal.see("DMP · non autorisé", *ANSWERS[1:])
        tray.remove(box.directory, card_id=CARD)
        terminal.end()
    tray.remove(box.directory, card_id=FAMILY)
    ask_dmp(box, "reset")
    notes = json.loads(notes_file.read_text(encoding="utf-8"))
    work = [(name, begin, end) for name, begin, end in notes["work"]]
    drawing_gap, _ = longest_gap(terminal.drawn, work)
    loop_gap, worst = longest_gap(notes["beats"], work)
    return Played(
        told=told,
        read=read,
        login=login,
        answers=answers,
        created=created,
        steps=steps,
        signatures=Counter(name for name, _, _ in work if name.startswith("sign")),
        drawing_gap=drawing_gap,
        loop_gap=loop_gap,
        worst=worst,
        idle_drawing_gap=longest_gap(terminal.drawn, idle)[0],
        idle_loop_gap=longest_gap(notes["beats"], idle)[0],
        anywhere=max(after - before for before, after in pairwise(notes["beats"])),
        echoes=echoes,
    )


def longest_gap(moments: list[float], work: list[tuple[str, float, float]]) -> tuple[float, str]:
    """The longest time between two moments, as far as it lies within one operation of a card, and which."""
    longest, during = 0.0, ""
    for before, after in pairwise(moments):
        for name, begin, end in work:
            gap = min(after, end) - max(before, begin)
            if gap > longest:
                longest, during = gap, name
    return longest, during


def _echoes(terminal: NotingTerminal) -> tuple[float, ...]:
    """The cursor down and up again, six keys a second, until the DMP has answered for everybody."""
    found: list[float] = []
    while "interrogation" in terminal.text():
        for key, effect in ((_DOWN, _SECOND_PERSON), (_UP, _FIRST_PERSON)):
            found.append(terminal.wait_after(key, effect))
            terminal.read_for(1 / 6)
    return tuple(found)


def _create(terminal: Terminal) -> float:
    terminal.wait_after(_ENTER, "CONSENTEMENTS")
    terminal.wait_after(_SPACE, "[x] Le patient m'autorise")
    terminal.press(_DOWN)
    terminal.wait_after(_SPACE, "[x] Le patient veut activer")
    terminal.wait_after(F10, "Le compte internet demande un portable")
    terminal.type(MOBILE)
    terminal.see(MOBILE)
    return terminal.wait_after(F10, "Le DMP du patient a été créé.")


# --- TLS --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Handshakes:
    """Medians in milliseconds: TCP and TLS 1.2, in turn on one server."""

    file: float
    """The key in a file, the standard `ssl` module alone."""
    card: float
    """The key in an emulated card at full speed."""
    slow_card: float
    resumed: float
    """The card's second connection, which needs no signature."""


def handshakes(box: Box) -> Handshakes:
    """New connections to the training server, the file's and the card's in turn."""
    place = urlsplit(box.dmp_url)
    host, port = place.hostname or "", place.port or 443
    certificate = state_directory() / "training" / "authority" / "cards" / f"{CARD}-valid-authentication.pem"
    readers = TrayReaders(box.directory)
    drawer = next(slot.name for slot in tray.insert(box.directory, CARD).slots if slot.card_id == CARD)
    seat = CardSeat(lambda: ApduCard(readers.connect(drawer)))
    seat.run(lambda card: card.verify_pin(bytearray(PIN, "ascii")))

    def timed(wrap: Callable[[socket.socket], ssl.SSLSocket]) -> float:
        start = time.perf_counter()
        secured = wrap(socket.create_connection((host, port)))
        seconds = time.perf_counter() - start
        secured.close()
        return 1000 * seconds

    def by_file() -> float:
        context = ssl.create_default_context(cafile=str(box.server_roots))
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return timed(lambda line: context.wrap_socket(line, server_hostname=host))

    def by_card() -> tuple[float, float]:
        context = seat.tls(box.server_roots, None)
        first = timed(lambda line: context.wrap(line, host))
        second = timed(lambda line: context.wrap(line, host))
        if context.signatures != 1:
            raise RuntimeError(f"{context.signatures} signatures for two connections")
        context.close()
        return first, second

    try:
        tray.pace(box.directory, 0, 0)
        pairs = [(by_file(), *by_card()) for _ in range(_HANDSHAKES)]
        tray.pace(box.directory, CALL_MS, SIGNATURE_MS)
        slow = by_card()[0]
    finally:
        tray.pace(box.directory, 0, 0)
        seat.close()
        tray.remove(box.directory, card_id=CARD)
    file, card, resumed = (median(each) for each in zip(*pairs, strict=True))
    return Handshakes(file, card, slow, resumed)


# --- the report -------------------------------------------------------------------------------------------


def figures(
    fast: dict[str, list[Played]], slow: dict[str, list[Played]], secured: list[Handshakes]
) -> list[Figure]:
    """Both back ends side by side, then TLS."""
    found = []
    for name, plays in fast.items():
        found += [
            Figure(f"{name} : carte → code demandé", "s", tuple(p.read for p in plays), aim=1.0),
            Figure(f"{name} : code → accueil", "s", tuple(p.login for p in plays), aim=1.5),
        ]
    for name, plays in slow.items():
        found += [
            Figure(f"{name} lente : carte → « Lecture »", "ms", tuple(1000 * p.told for p in plays)),
            Figure(f"{name} lente : carte → code demandé", "s", tuple(p.read for p in plays)),
            Figure(f"{name} lente : code → accueil", "s", tuple(p.login for p in plays)),
            Figure(f"{name} lente : Vitale → réponses", "s", tuple(p.answers for p in plays)),
            Figure(f"{name} lente : F10 → « créé »", "s", tuple(p.created for p in plays)),
            Figure(f"{name} lente : plus long trou du dessin", "ms",
                   tuple(1000 * p.drawing_gap for p in plays), "sans carte",
                   tuple(1000 * p.idle_drawing_gap for p in plays), GAP_AIM_MS),
            Figure(f"{name} lente : plus long trou de la boucle", "ms",
                   tuple(1000 * p.loop_gap for p in plays), "sans carte",
                   tuple(1000 * p.idle_loop_gap for p in plays), GAP_AIM_MS),
            Figure(f"{name} lente : trou hors carte (écran bâti)", "ms", tuple(1000 * p.anywhere for p in plays)),
            Figure(f"{name} lente : touche → effet, le pire", "ms",
                   tuple(1000 * max(p.echoes) for p in plays), aim=GAP_AIM_MS),
        ]  # fmt: skip
    for name in fast:
        for key, aim in (("authentication", 1), ("signature", 3)):
            counted = tuple(float(p.signatures[f"sign {key}"]) for p in (*fast[name], *slow[name]))
            found.append(Figure(f"{name} : signatures « {key} » par visite", "n", counted, aim=aim))
    file = tuple(each.file for each in secured)
    found += [
        Figure("TLS : clé en fichier", "ms", file),
        Figure("TLS : carte, première connexion", "ms", tuple(s.card for s in secured), "clé en fichier", file),
        Figure("TLS : carte, connexion suivante", "ms", tuple(s.resumed for s in secured), "clé en fichier", file),
        Figure("TLS : carte lente, première connexion", "ms", tuple(s.slow_card for s in secured),
               "clé en fichier", file),
    ]  # fmt: skip
    return found


@contextmanager
def backends(box: Box) -> Iterator[tuple[Backend, ...]]:
    """Both ways to the same card of the cast."""
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as scratch:
        directory = Path(scratch)
        store = SoftHsm(directory, TrainingPki(state_directory() / "training" / "authority"))
        store.write_card(BY_ID[CARD].card_id)
        (directory / "reader").mkdir()
        SoftHsmReader(store, directory / "reader").insert(CARD)
        slow_module = directory / "slow_module.so"
        source = Path(__file__).with_name("slow_module.c")
        compiler = ["gcc", "-std=c11", "-D_POSIX_C_SOURCE=200809L", "-Wall", "-shared", "-fPIC"]
        subprocess.run([*compiler, "-o", str(slow_module), str(source)], check=True)
        kept = {name: os.environ[name] for name in ("SOFTHSM2_CONF", "CPS_READER")}
        yield (
            Backend("APDU", None, {}),
            Backend("PKCS#11", slow_module, {**kept, "SLOW_MODULE": str(store.module)}),
        )


def _environ() -> dict[str, str]:
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "XDG_STATE_HOME") if name in os.environ}
    return {**kept, "LANG": "C.UTF-8", "TERM": "xterm-256color"}


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        with training_box() as process, backends(process.ready()) as ways:
            box = process.ready()
            for way in ways:
                play(box, way, slow=False)  # makes the card's keys and fills the disk cache
            rounds = range(options.runs)
            fast = {way.name: [play(box, way, slow=False) for _ in rounds] for way in ways}
            slow = {way.name: [play(box, way, slow=True) for _ in rounds] for way in ways}
            secured = [handshakes(box) for _ in rounds]
    found = figures(fast, slow, secured)
    machine = {
        "date": f"{datetime.now():%Y-%m-%d %H:%M}",
        "python": platform.python_version(),
        "cores": os.cpu_count(),
        "load": os.getloadavg()[0],
        "runs": options.runs,
    }
    steps = {
        name: {step: vars(count) for step, count in plays[0].steps.items()} for name, plays in slow.items()
    }
    worst = {name: max(plays, key=lambda p: p.loop_gap).worst for name, plays in slow.items()}
    if options.json:
        report = {**machine, "figures": [each.as_json() for each in found], "steps": steps, "worst": worst}
        print(json.dumps(report, ensure_ascii=False, indent=2))
    else:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        print(table(found))
        print("\ncommandes / signatures d'authentification / de signature, comptées par les cartes émulées :")
        for step, count in steps["APDU"].items():
            print(f"  {step:<24}{count['commands']:>4}{count['authentications']:>4}{count['signatures']:>4}")
        print("pire trou de la boucle pendant : " + ", ".join(f"{k} : {v}" for k, v in worst.items()))
    return int(any(each.held is False for each in found))


if __name__ == "__main__":
    sys.exit(main())

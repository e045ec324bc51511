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
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from alone import CARD
from figure import Figure, table
from handshakes import Handshakes, handshakes
from slow_visit import Backend, Played, play

_TESTS = Path(__file__).parents[1] / "tests"
sys.path[:0] = [str(_TESTS), str(_TESTS / "card")]
from pkcs11_bench import BY_ID, SoftHsm, SoftHsmReader  # noqa: E402

from kiosk.box import Box, training_box  # noqa: E402
from kiosk.settings import state_directory  # noqa: E402
from kiosk.training.pki import TrainingPki  # noqa: E402

GAP_AIM_MS = 50.0


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

"""Who may open what: the emergency path and the list of a thousand records, on a real terminal.

    python bench/access.py [--runs 5] [--json]

Emergency: card, PIN, Vitale, F6, reason, confirmation, list of documents: the kiosk's own time (what the user waits
for between an act and its effect), keys and decisions. List: 1,010 records authorised to one doctor, from the key to
the first screen, from one page to the next, and from a letter typed to the filtered list. Own time stands beside
`http.client` alone, which sends the kiosk's own requests again. The status is 1 when an aim is missed.
"""

import argparse
import json
import os
import platform
import sys
import tempfile
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime

from alone import PIN, ask_dmp, post_again, requests_seen
from figure import Figure, table
from figures import _environ
from terminal import Terminal
from visit import INVITATION

from kiosk.box import Box, training_box
from kiosk.card.tray import insert, remove
from kiosk.settings import state_directory

_PAGE_DOWN, _F6, _F10 = "\x1b[6~", "\x1b[17~", "\x1b[21~"
_RECORDS = 1010
_EMERGENCY, _DOCTOR, _DOCTOR_ID, _PATIENT = "cps-urgentiste", "cps-medecin", "899700000021", "vitale-urgence"


@dataclass(frozen=True)
class Emergency:
    """One path from the locked screen to the documents."""

    own_seconds: float
    keys: int
    """PIN apart."""
    alone: float
    """The same requests by `http.client` alone, a new connection included."""


@dataclass(frozen=True)
class Dashboard:
    first_screen: float
    page: float
    filtered: float


def emergency(box: Box) -> Emergency:
    ask_dmp(box, "reset")
    with _kiosk(box, "urgences") as terminal, ThreadPoolExecutor(1) as hand:
        terminal.see(INVITATION)
        own = _moved(
            hand, terminal, lambda: insert(box.directory, _EMERGENCY), "Saisissez votre code porteur"
        )
        terminal.type(PIN)
        terminal.see("• • • •")
        own += terminal.wait_after("\r", "Mode d'accès : NORMAL")
        own += _moved(hand, terminal, lambda: insert(box.directory, _PATIENT), "DMP · non autorisé")
        terminal.keys_pressed = 0
        own += terminal.wait_after(_F6, "Pourquoi le patient ne peut-il pas donner son accord")
        own += terminal.wait_after("1", "Ouvrir en urgence le DMP")
        own += terminal.wait_after("o", "non exhaustif")
        keys = terminal.keys_pressed
        remove(box.directory, card_id=_EMERGENCY)
        terminal.see(INVITATION)
        remove(box.directory, card_id=_PATIENT)
        _leave(terminal)
    authority = state_directory() / "training" / "authority"
    return Emergency(own, keys, post_again(box, requests_seen(box), authority, _EMERGENCY))


def dashboard(box: Box) -> Dashboard:
    with _kiosk(box, "pharmacie") as terminal, ThreadPoolExecutor(1) as hand:
        terminal.see(INVITATION)
        _moved(hand, terminal, lambda: insert(box.directory, _DOCTOR), "Saisissez votre code porteur")
        terminal.type(PIN)
        terminal.see("• • • •")
        terminal.wait_after("\r", "Mes patients : DMP autorisés")
        first = terminal.wait_after("2", "sur 10")
        before = terminal.text()
        pressed = terminal.press(_PAGE_DOWN)
        page = terminal.see_other_than(before) - pressed
        filtered = terminal.wait_after("petit", "1 sur")
        remove(box.directory, card_id=_DOCTOR)
        terminal.see(INVITATION)
        _leave(terminal)
    return Dashboard(first, page, filtered)


def _moved(hand: ThreadPoolExecutor, terminal: Terminal, act: Callable[[], object], text: str) -> float:
    """A card is moved: the seconds until `text` is on the screen."""
    start = terminal.now()
    hand.submit(act)
    return terminal.see(text) - start


def _kiosk(box: Box, post: str) -> Terminal:
    command = [sys.executable, "-I", "-m", "kiosk", "--box", str(box.directory), "--post", post]
    return Terminal(command, _environ())


def _leave(terminal: Terminal) -> None:
    terminal.type(_F10)
    terminal.end()


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-bench-") as state:
        os.environ["XDG_STATE_HOME"] = state
        with training_box() as process:
            box = process.ready()
            emergency(box)
            paths = [emergency(box) for _ in range(options.runs)]
            ask_dmp(box, "reset")
            ask_dmp(box, "crowd", count=_RECORDS, actor=_DOCTOR_ID)
            lists = [dashboard(box) for _ in range(options.runs)]
    found = [
        Figure("urgence : carte → documents, temps propre", "s", tuple(p.own_seconds for p in paths),
               "http.client seul", tuple(p.alone for p in paths), 15),
        Figure("urgence : touches après la Vitale", "touches", tuple(float(p.keys) for p in paths), aim=4),
        Figure(f"liste de {_RECORDS} DMP : premier écran", "s", tuple(d.first_screen for d in lists)),
        Figure("liste : page suivante", "ms", tuple(1000 * d.page for d in lists), aim=50),
        Figure("liste : filtre de cinq lettres", "ms", tuple(1000 * d.filtered for d in lists)),
    ]  # fmt: skip
    machine = {"date": f"{datetime.now():%Y-%m-%d %H:%M}", "python": platform.python_version(),
               "cores": os.cpu_count(), "load": os.getloadavg()[0], "runs": options.runs}  # fmt: skip
    if options.json:
        print(json.dumps({**machine, "figures": [f.as_json() for f in found]}, ensure_ascii=False, indent=2))
    else:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        print(table(found))
    return int(any(each.held is False for each in found))


if __name__ == "__main__":
    sys.exit(main())

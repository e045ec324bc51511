"""A training session of the kiosk that watches itself: how regularly its loop runs, and when a card is at work.

    python bench/watched.py BOX NOTES [MODULE]

`MODULE`: the professional card is a PKCS#11 module's, and the tray only tells that it is in. When that card leaves,
what was seen goes to NOTES (JSON: `Notes`), all moments by `time.perf_counter`, which counts alike in every
process of the machine. Besides, a number that changes fifty times a second stands in the title: whoever reads the
terminal sees every moment at which nothing was drawn.
"""

import asyncio
import gc
import json
import os
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any

import kiosk.app
from kiosk.app import Kiosk
from kiosk.box import read_box
from kiosk.card.cps import ApduCard
from kiosk.card.model import KeyUse, ProfessionalCard, VitaleCard
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.readers import SlotState
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.rehearsal import DirectJournal
from kiosk.screens.widgets import Line
from kiosk.settings import state_directory
from kiosk.station import Station

_BEAT_SECONDS = 0.005
_DRAW_SECONDS = 0.02
_OPERATIONS = ("professional", "pin_status", "verify_pin", "activities", "certificate", "sign")


@dataclass
class Notes:
    """Of one session."""

    beats: list[float] = field(default_factory=list)
    """Moments at which the loop came round, five milliseconds after the one before when nothing held it up."""
    work: list[tuple[str, float, float]] = field(default_factory=list)
    """Operations of the cards, with beginning and end."""

    def timed(self, name: str, act: Callable[..., Any]) -> Callable[..., Any]:
        """`act`, noted each time under its name; a signature under its key's."""

        def run(*arguments: Any) -> Any:
            key = arguments[0].value if arguments and isinstance(arguments[0], KeyUse) else ""
            begin = time.perf_counter()
            try:
                return act(*arguments)
            finally:
                self.work.append((f"{name} {key}".strip(), begin, time.perf_counter()))

        return run


class WatchedKiosk(Kiosk):
    """Draws and counts beside its work."""

    CSS_PATH = str(Path(kiosk.app.__file__).with_name("screens") / "kiosk.tcss")

    def __init__(self, station: Station, notes: Notes, leave: Callable[[int], None]) -> None:
        super().__init__(station, leave=leave)
        self._notes = notes
        self._drawn = 0

    def on_mount(self) -> None:
        """Textual calls the base class's own as well."""
        self.run_worker(self._beat(), group="watch")
        self.set_interval(_DRAW_SECONDS, self._draw)

    async def _beat(self) -> None:
        while True:
            self._notes.beats.append(time.perf_counter())
            await asyncio.sleep(_BEAT_SECONDS)

    def _draw(self) -> None:
        self._drawn += 1
        for line in self.screen.query("#title").results(Line):
            line.update(f"{self._drawn:06}", layout=False)


def main() -> None:
    box, notes_file, *module = sys.argv[1:]
    notes = Notes()
    station = training_station(
        read_box(Path(box)), DirectJournal(Journal(state_directory() / "watched.sqlite"))
    )
    read_vitale, readers = station.read_vitale, station.readers

    def open_card(slot: SlotState) -> ProfessionalCard:
        def opened() -> ProfessionalCard:
            return Pkcs11Card(Path(module[0])) if module else ApduCard(readers.connect(slot.reader))

        card: ProfessionalCard = notes.timed("open", opened)()
        for name in _OPERATIONS:
            setattr(card, name, notes.timed(name, getattr(card, name)))
        return card

    def read(slot: SlotState) -> VitaleCard:
        found: VitaleCard = notes.timed("vitale", read_vitale)(slot)
        return found

    def leave(status: int) -> None:
        Path(notes_file).write_text(json.dumps(asdict(notes)), encoding="utf-8")
        os._exit(status)

    gc.freeze()  # as the supervisor does before it forks a session
    WatchedKiosk(replace(station, open_card=open_card, read_vitale=read), notes, leave).run(mouse=False)


if __name__ == "__main__":
    main()

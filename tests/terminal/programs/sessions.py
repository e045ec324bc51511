"""A supervised kiosk whose sessions obey the keyboard: `sessions.py DIRECTORY [MODE]`."""

import os
import sys
import time
from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.widgets import Static

from kiosk.ending import Ending
from kiosk.errors import JournalError
from kiosk.journal import Entry, Journal, JournalLink
from kiosk.supervisor import supervise
from kiosk.terminal import LockedApp

DIRECTORY = Path(sys.argv[1])
MODE = sys.argv[2] if len(sys.argv) > 2 else ""


class Record(LockedApp[int]):
    """The screen of a session: its process, how the last one ended, and a patient's name."""

    BINDINGS: ClassVar = [
        ("n", "end(0)", ""),
        ("q", f"end({int(Ending.OPERATOR_STOP)})", ""),
        ("c", "fall", ""),
        ("j", "trace", ""),
    ]

    def __init__(self, link: JournalLink) -> None:
        super().__init__()
        self.link = link

    def compose(self) -> ComposeResult:
        yield Static(f"session {os.getpid()}", markup=False)
        yield Static(f"avant : {self.link.last_crash or 'rien'}", markup=False)
        yield Static("traces :", id="traces", markup=False)
        for n in range(20):
            yield Static(f"CANARI-{n} PATIENTE SOPHIE née le 12/02/1955", markup=False)

    def on_mount(self) -> None:
        (DIRECTORY / f"shown-{os.getpid()}").write_text(str(time.perf_counter()))

    def action_end(self, status: int) -> None:
        self.exit(status)

    def action_fall(self) -> None:
        pin = "CANARI-4711"
        raise ValueError(f"refused {pin}")

    def action_trace(self) -> None:
        try:
            row = self.link.append(Entry(act="TD1.1", phase="intent", who="899700000001"))
            self.query_one("#traces", Static).update(f"traces : ligne {row}")
        except JournalError as error:
            self.query_one("#traces", Static).update(f"traces : {error.code} {error.detail}")


def session(link: JournalLink) -> int:
    (DIRECTORY / f"forked-{os.getpid()}").write_text(str(time.perf_counter()))
    if MODE == "falls":
        raise ZeroDivisionError("CANARI at once")
    return Record(link).run() or 0


sys.exit(
    supervise(
        session,
        Journal(DIRECTORY / "journal.sqlite"),
        preload=lambda: None,
        pauses=(0.05, 3600.0),
    )
)

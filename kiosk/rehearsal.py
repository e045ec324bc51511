"""`dmp-kiosk rehearse`: the real screens, driven by key presses through a whole path, on a fresh box.

Nothing is skipped: cards answer APDUs, the DMP speaks HTTPS, the sheet comes out of the paper tray by IPP.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib import import_module
from pathlib import Path

from kiosk.box import training_box
from kiosk.journal import Entry, Journal
from kiosk.player import NotSeen
from kiosk.rehearsals import PATHS


@dataclass(frozen=True)
class Step:
    """One line of the report."""

    name: str
    seconds: float
    ok: bool
    detail: str = ""


class DirectJournal:
    """Writes in this process: a rehearsal has no supervisor."""

    last_crash = ""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def write(self, entry: Entry) -> None:
        self._journal.append(entry)


class Rehearsal:
    """Runs steps one after the other until one fails, telling each as it ends."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        self.failed = False

    async def step(self, name: str, act: Awaitable[object]) -> None:
        """Time one step. A screen that never shows what it should ends the rehearsal."""
        start = time.monotonic()
        try:
            await asyncio.wait_for(act, timeout=30)
        except (NotSeen, TimeoutError) as error:
            self.failed = True
            self._tell(Step(name, time.monotonic() - start, ok=False, detail=str(error)))
            raise
        self._tell(Step(name, time.monotonic() - start, ok=True))


def rehearse(path: str, *, as_json: bool) -> int:
    """Play `path`; one line per step; 0 only if everything worked and the sheet came out."""
    steps: list[Step] = []

    def tell(step: Step) -> None:
        steps.append(step)
        if not as_json:
            print(f"{'ok   ' if step.ok else 'ÉCHEC'} {step.seconds:6.2f} s  {step.name}", flush=True)
            if step.detail:
                print(step.detail)

    rehearsal = Rehearsal(tell)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-") as scratch, training_box() as process:
        box = process.ready()
        tell(Step("Boîte d'entraînement prête (simulation)", time.monotonic() - start, ok=True))
        with suppress(NotSeen, TimeoutError):  # told as a failed step already
            from kiosk.rehearsals.stage import Stage

            stage = Stage(rehearsal, box, Journal(Path(scratch) / "journal.sqlite"), Path(scratch))
            asyncio.run(import_module(f"kiosk.rehearsals.{PATHS[path]}").play(stage))
    if as_json:
        report = {"path": path, "ok": not rehearsal.failed, "steps": [asdict(step) for step in steps]}
        print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if rehearsal.failed else 0

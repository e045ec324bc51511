"""The training box as the kiosk sees it: a process of its own, and the note that tells where its parts are."""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from kiosk.errors import BoxNotStarted
from kiosk.settings import state_directory

BOX_START_SECONDS = 30
_LAST_WORDS = "stderr"


@dataclass(frozen=True)
class Box:
    """A running training box, as its note describes it."""

    directory: Path
    dmp_url: str
    server_roots: Path
    printer_uri: str
    sheets: Path
    parameters_url: str


@contextmanager
def training_box(cards: tuple[str, ...] = ()) -> Iterator["BoxProcess"]:
    """A box of one's own, with `cards` inserted; it ends with this block, or with this process however that ends."""
    directory = Path(tempfile.mkdtemp(prefix="dmp-kiosk-", dir=os.environ.get("XDG_RUNTIME_DIR") or None))
    authority = state_directory() / "training" / "authority"
    command = [sys.executable, "-I", "-m", "kiosk", "training", "--tied", f"--directory={directory}"]
    command += [f"--authority={authority}", *(f"--insert={card}" for card in cards)]
    with (directory / _LAST_WORDS).open("wb") as words:
        process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=words)
    try:
        yield BoxProcess(process, directory)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        try:
            process.wait(timeout=3)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        shutil.rmtree(directory, ignore_errors=True)


class BoxProcess:
    """A box that was started and may not be ready yet."""

    def __init__(self, process: "subprocess.Popen[bytes]", directory: Path) -> None:
        self._process, self.directory = process, directory

    def ready(self) -> Box:
        """Wait for the box's note. Raises `BoxNotStarted` with the box's own words when it ended instead."""
        deadline = time.monotonic() + BOX_START_SECONDS
        while not (self.directory / "box.json").exists():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise BoxNotStarted(detail=self._last_words())
            time.sleep(0.01)
        return read_box(self.directory)

    def _last_words(self) -> str:
        """The last line of what the box said of its own failure."""
        lines = (self.directory / _LAST_WORDS).read_text(encoding="utf-8", errors="replace").splitlines()
        return lines[-1] if lines else ""


def read_box(directory: Path) -> Box:
    """The note of a running box. Raises `BoxNotStarted` when there is none."""
    try:
        note = json.loads((directory / "box.json").read_text(encoding="utf-8"))
        return Box(
            directory,
            note["dmp_url"],
            Path(note["server_roots"]),
            note["printer_uri"],
            Path(note["sheets"]),
            note["parameters_url"],
        )
    except (OSError, ValueError, KeyError):
        raise BoxNotStarted(detail="box.json") from None

"""The training box as one process: card tray, DMP server and paper tray, and the note that tells where.

`box.json` in the box's directory is written last: a reader that sees it can use everything it names.
"""

import json
import signal
import sys
import threading
from dataclasses import asdict, dataclass
from pathlib import Path

from kiosk.training.dmp_server import DmpServer
from kiosk.training.paper_tray import PaperTray
from kiosk.training.pki import TrainingPki
from kiosk.training.tray import CardTray

NOTE = "box.json"


@dataclass(frozen=True)
class BoxNote:
    """Where the parts of a running box are."""

    dmp_url: str
    server_roots: str
    printer_uri: str
    tray: str
    """Control socket of the card tray."""
    sheets: str
    """Folder of the sheets printed so far."""
    parameters_url: str
    """The public parameter file of the DMP."""


def run_box(
    directory: Path, authority: Path, *, insert: tuple[str, ...] = (), port: int = 0, tied: bool = False
) -> int:
    """Serve until SIGTERM or SIGINT; when `tied`, also until standard input closes (its kiosk is gone).

    `authority` keeps the training certificates between two starts; `directory` holds the sockets of this one.
    """
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    pki = TrainingPki(authority)
    tray, server, paper = CardTray(directory, pki), DmpServer(pki, directory, port=port), PaperTray(directory)
    parts = (tray, server, paper)
    for part in parts:
        part.start()
    for card_id in insert:
        tray.insert(card_id)
    note = BoxNote(
        dmp_url=server.url,
        server_roots=str(pki.server_ca_file),
        printer_uri=paper.uri,
        tray=str(directory / "tray.sock"),
        sheets=str(directory / "sheets"),
        parameters_url=server.parameters_url,
    )
    draft = directory / (NOTE + ".new")
    draft.write_text(json.dumps(asdict(note)), encoding="utf-8")
    draft.replace(directory / NOTE)
    try:
        _wait_for_the_end(tied)
    finally:
        (directory / NOTE).unlink(missing_ok=True)
        for part in reversed(parts):
            part.stop()
    return 0


def _wait_for_the_end(tied: bool) -> None:
    over = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
        signal.signal(number, lambda *_: over.set())

    def follow_standard_input() -> None:
        sys.stdin.buffer.read()
        over.set()

    if tied:
        threading.Thread(target=follow_standard_input, daemon=True).start()
    over.wait()

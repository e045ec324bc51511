"""A user's desk for tests that play the screens: a fresh training box, the real screens, and eyes on the wire."""

import asyncio
import base64
import json
import socket
from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.attachment_store import AttachmentStore
from kiosk.box import Box, training_box
from kiosk.card import tray
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.player import Player, played
from kiosk.rehearsal import DirectJournal
from kiosk.station import utc_now

Story = Callable[["Desk"], Awaitable[None]]


class Desk:
    """One user before one kiosk, and everything around it that a test may look at or disturb."""

    def __init__(self, box: Box, user: Player, journal: Journal) -> None:
        self.box, self.user, self.journal = box, user, journal

    async def insert(self, card: str) -> None:
        await asyncio.to_thread(tray.insert, self.box.directory, card)

    async def swap(self, card: str, slot: int) -> None:
        await asyncio.to_thread(tray.insert, self.box.directory, card, slot)

    async def remove(self, card: str) -> None:
        await asyncio.to_thread(lambda: tray.remove(self.box.directory, card_id=card))

    async def present_pin(self, card: str) -> None:
        """Card, PIN; what comes next depends on the card."""
        await self.insert(card)
        await self.user.see("Saisissez votre code porteur")
        await self.user.type("1234")
        await self.user.press("enter")

    async def log_in(self, card: str = "cpe-accueil") -> None:
        """Card, PIN, home."""
        await self.present_pin(card)
        await self.user.see("Mode d'accès : NORMAL")

    async def family(self, card: str) -> str:
        """Vitale in; waits until no answer is pending."""
        await self.insert(card)
        await self.user.see("Personne(s) présente(s)")
        await self.user.until(lambda: "interrogation" not in self.user.screen(), what="every answer")
        return self.user.screen()

    async def dmp(self, **request: Any) -> dict[str, Any]:
        """Say something to the training server's control socket."""
        return await asyncio.to_thread(_ask, self.box.directory / "dmp.sock", request)

    async def printer(self, **request: Any) -> dict[str, Any]:
        return await asyncio.to_thread(_ask, self.box.directory / "printer.sock", request)

    async def transactions(self) -> list[str]:
        """Names of the transactions the server saw, in order."""
        answer = await self.dmp(do="log")
        return [row["transaction"] for row in answer["log"]]

    async def last_request(self) -> bytes:
        """The last SOAP request as it came over the wire."""
        answer = await self.dmp(do="requests")
        return base64.b64decode(answer["requests"][-1])

    def sheets(self) -> list[Path]:
        return sorted(self.box.sheets.glob("*.pdf"))


def play(
    story: Story,
    tmp_path: Path,
    *cards: str,
    readers: int = 2,
    production: bool = False,
    clock: Callable[[], datetime] = utc_now,
) -> None:
    """Run one story on a box of its own; ends the session afterwards if the story did not.

    What the kiosk remembers lies in `tmp_path`: a second story there is the same workstation, later. With
    `production` it believes itself connected to the real service.
    """

    async def run(box: Box) -> None:
        journal = Journal(tmp_path / "journal.sqlite")
        station = replace(
            training_station(box, DirectJournal(journal), drawers=readers),
            production=production,
            clock=clock,
            attachments=AttachmentStore(tmp_path / "attachments.json", bytes(32)),
        )
        async with played(station) as user:
            await story(Desk(box, user, journal))

    with training_box(cards) as process:
        asyncio.run(run(process.ready()))


def _ask(path: Path, request: dict[str, Any]) -> dict[str, Any]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.connect(str(path))
        with connection.makefile("rwb") as lines:
            lines.write(json.dumps(request).encode() + b"\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline())
    assert "error" not in answer, answer
    return answer

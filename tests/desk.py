"""A user's desk for tests that play the screens: a fresh training box, the real screens, and eyes on the wire."""

import asyncio
import base64
import json
import socket
from collections.abc import Awaitable, Callable
from contextlib import closing
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

from schemas.official import cda_complaints, documents_of
from wire import decoded

from kiosk.box import Box, training_box
from kiosk.card import tray
from kiosk.idle import IdleLimits
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.memory import memory_in
from kiosk.player import Player, played
from kiosk.rehearsal import DirectJournal
from kiosk.session import Session
from kiosk.station import utc_now

ACTIONS = {
    "TD0.2": (b"TEST_EXST",),
    "TD0.3": (b"setAuthorization",),
    "TD0.4": (b"patientList",),
    "TD0.5": (b"PRPA_IN201305UV02",),
    "TD1.1": (b"CREA_RD",),
    "TD1.2": (b'"REAC"',),
    "TD1.3a": (b"CNSLT_DATA",),
    "TD1.3b": (b"MODIF_DATA",),
    "TD1.4": (b'"FERM"',),
    "TD1.5b": (b"patientOTPUpdate",),
    "TD1.6": (b"listAuthorizationByPatient",),
    "TD3.1": (b"RegistryStoredQuery",),
    "TD3.2": (b"RetrieveDocumentSet",),
    "TD2.1": (b"ProvideAndRegisterDocumentSet-b",),
    "TD3.3": (b"UpdateDocumentSet",),
}
"""What tells the requests of a transaction apart."""

NEVER_IDLE = IdleLimits(lock=1e9, end=1e9)
"""Time passes in most stories for another reason than that nobody is there."""

Story = Callable[["Desk"], Awaitable[None]]


class Desk:
    """One user before one kiosk, and everything around it that a test may look at or disturb."""

    def __init__(self, box: Box, user: Player, journal: Journal) -> None:
        self.box, self.user, self.journal = box, user, journal
        self.ticks = 1000.0

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

    async def choose(self, label: str) -> None:
        """Take the menu's line that begins so, once it is there: by its digit, from the tenth on by arrows."""
        screen = await self.user.see(label)
        here = next((n for n, line in enumerate(screen.splitlines()) if line.lstrip().startswith("> ")), 0)
        for row, line in enumerate(screen.splitlines()):
            number, _, text = line.lstrip("> ").strip().partition("  ")
            if text.strip().startswith(label):
                far = len(number) > 1
                await self.user.press(*(["down"] * (row - here) + ["enter"] if far else [number]))
                return
        raise AssertionError(f"{label} is no line of a menu\n{screen}")

    async def dmp(self, **request: Any) -> dict[str, Any]:
        """Say something to the training server's control socket."""
        return await asyncio.to_thread(_ask, self.box.directory / "dmp.sock", request)

    async def printer(self, **request: Any) -> dict[str, Any]:
        return await asyncio.to_thread(_ask, self.box.directory / "printer.sock", request)

    async def transactions(self) -> list[str]:
        """Names of the transactions the server saw, in order."""
        answer = await self.dmp(do="log")
        return [row["transaction"] for row in answer["log"]]

    async def arrived(self, transaction: str, times: int) -> None:
        """Wait until the server saw the transaction so many times."""
        async with asyncio.timeout(15):
            while (await self.transactions()).count(transaction) < times:
                pass  # the server's answer is the pace

    async def last_request(self) -> bytes:
        """The last SOAP request as it came over the wire."""
        answer = await self.dmp(do="requests")
        return base64.b64decode(answer["requests"][-1])

    async def requests(self, transaction: str) -> list[bytes]:
        """The kept requests of one transaction as they came over the wire, the oldest first."""
        answer = await self.dmp(do="requests")
        actions = ACTIONS[transaction]
        return [each for each in decoded(answer["requests"]) if any(action in each for action in actions)]

    @property
    def session(self) -> Session:
        """What the screens work on."""
        assert self.user.app.session is not None
        return self.user.app.session

    def pass_time(self, seconds: float) -> None:
        """Move the clock that nobody sets; the clock of the day stands."""
        self.ticks += seconds

    def sheets(self) -> list[Path]:
        return sorted(self.box.sheets.glob("*.pdf"))


def play(
    story: Story,
    tmp_path: Path,
    *cards: str,
    readers: int = 2,
    production: bool = False,
    clock: Callable[[], datetime] = utc_now,
    post: str = "accueil",
    idle: IdleLimits = NEVER_IDLE,
) -> None:
    """Run one story on a box of its own; ends the session afterwards if the story did not.

    What the kiosk remembers lies in `tmp_path`: a second story there is the same workstation, later. With
    `production` it believes itself connected to the real service.
    """

    desk: list[Desk] = []

    async def run(box: Box) -> None:
        tmp_path.mkdir(exist_ok=True)
        with closing(Journal(tmp_path / "journal.sqlite")) as journal:
            await sit_down(box, journal)

    async def sit_down(box: Box, journal: Journal) -> None:
        station = replace(
            training_station(box, DirectJournal(journal), drawers=readers),
            production=production,
            clock=clock,
            memory=memory_in(tmp_path, bytes(32), clock),
            scan_folder=tmp_path / "scans",
            post=post,
            idle=idle,
            ticks=lambda: desk[0].ticks if desk else 1000.0,
        )
        async with played(station) as user:
            desk.append(Desk(box, user, journal))
            await story(desk[0])
            for deposit in await desk[0].requests("TD2.1"):
                for document in documents_of(deposit):
                    assert cda_complaints(document) == []

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

"""What a rehearsed path plays on: one box, one kiosk, hands for its cards, and a clock that can be moved."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from kiosk.box import Box
from kiosk.card import tray
from kiosk.idle import IdleLimits
from kiosk.journal import Journal, describe
from kiosk.launch import training_station
from kiosk.memory import memory_in
from kiosk.player import NotSeen, Player, played
from kiosk.rehearsal import DirectJournal, Rehearsal
from kiosk.station import utc_now

PIN = "1234"


@dataclass
class Stage:
    """A fresh box and journal; `user` is there inside `kiosk`."""

    rehearsal: Rehearsal
    box: Box
    journal: Journal
    scratch: Path
    user: Player = field(init=False)
    _passed: float = 0.0

    @asynccontextmanager
    async def kiosk(self, post: str) -> AsyncIterator[None]:
        """One card session at that post, from the attract screen to its end."""
        station = replace(
            training_station(self.box, DirectJournal(self.journal), post=post),
            memory=memory_in(self.scratch, bytes(32), utc_now),
            ticks=lambda: self._passed,
            idle=IdleLimits(lock=1e9, end=1e9),
        )
        async with played(station) as user:
            self.user = user
            yield

    async def step(self, name: str, *texts: str, keys: tuple[str, ...] = (), typed: str = "") -> None:
        """Press, type, and wait until every text is on the screen."""

        async def act() -> None:
            await self.user.press(*keys)
            await self.user.type(typed)
            await self.user.see(*texts, within=25)

        await self.rehearsal.step(name, act())

    async def check(self, name: str, *, true: bool, otherwise: str = "") -> None:
        """A step that holds or does not."""

        async def act() -> None:
            if not true:
                raise NotSeen(otherwise)

        await self.rehearsal.step(name, act())

    async def insert(self, card: str) -> None:
        await asyncio.to_thread(tray.insert, self.box.directory, card)

    async def remove(self, card: str) -> None:
        await asyncio.to_thread(lambda: tray.remove(self.box.directory, card_id=card))

    async def log_in(self, card: str, *texts: str) -> None:
        """Card, PIN, home."""
        await self.insert(card)
        await self.step("Carte insérée : nom et essais restants", "Essais restants : 3 sur 3", *texts)
        await self.step("Code porteur : accueil du titulaire", "Mode d'accès : NORMAL", keys=(*PIN, "enter"))

    async def swap(self, before: str, after: str) -> None:
        """The next patient's card in the place of the last one's."""
        await self.remove(before)
        await self.insert(after)

    async def choose(self, name: str, label: str, *texts: str) -> None:
        """The line of a menu that begins so, by its digit."""
        screen = await self.user.see(label)
        numbered = (line.lstrip("> ").strip().partition("  ") for line in screen.splitlines())
        digit = next((number for number, _, text in numbered if text.strip().startswith(label)), "")
        await self.step(name, *texts, keys=(digit,) if digit else ())

    def pass_time(self, seconds: float) -> None:
        """Later."""
        self._passed += seconds

    async def card_out(self, card: str) -> None:
        """The session ends with its card."""
        await self.remove(card)
        await self.rehearsal.step("Carte retirée : la session est finie", self.user.gone())

    async def end(self, *words: str) -> None:
        """The journal is whole, and tells these things in words."""
        verdict = await asyncio.to_thread(self.journal.verify)
        await self.check("Le journal est entier", true=verdict.intact, otherwise=verdict.sentence)
        told = "\n".join(await asyncio.to_thread(lambda: [describe(row) for row in self.journal.rows()]))
        missing = [word for word in words if word not in told]
        await self.check("Le journal raconte le parcours", true=not missing, otherwise=", ".join(missing))

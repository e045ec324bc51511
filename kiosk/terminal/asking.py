"""Puts questions to the terminal and waits, boundedly, for what the reader thread hears."""

import asyncio
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final

from kiosk.terminal.question import FIRST, HERE, PATIENCE, Inquiry, Means

_STRAGGLING: Final = 10.0
"""Seconds after a question in which an answer may still come, in pieces too."""
_HERE: Final = "here"

Lengths = tuple[int, int]
Measure = Callable[[], tuple[Lengths, Lengths]]
"""Width and height of the screen: in cells, in pixels."""


class Asker:
    """One terminal's. `heard` is called from the reader thread, everything else from the application's loop."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, send: Callable[[str], None], measure: Measure
    ) -> None:
        self._loop, self._send, self._measure = loop, send, measure
        self._inquiry = Inquiry()
        self._answer: asyncio.Task[Means | None] | None = None
        self._awaited: dict[str, asyncio.Future[None]] = {}
        """By the name of the answer."""
        self._until = 0.0

    @property
    def listening(self) -> bool:
        """Whether an answer may be on its way."""
        return time.monotonic() < self._until

    async def means(self) -> Means | None:
        """Asked once; who gives up waiting does not stop the others."""
        if self._answer is None:
            self._answer = self._loop.create_task(self._inquire())
        return await asyncio.shield(self._answer)

    def resized(self) -> None:
        """Cells may have another size: a terminal that draws pictures is asked again."""
        if self._answer is not None and self._answer.done() and self._answer.result() is not None:
            self._answer = None

    def arrival(self) -> asyncio.Future[None]:
        """Done when the terminal answers `ARRIVED`, which the caller sends."""
        return self._await(_HERE)

    def heard(self, answer: str) -> None:
        """An answer nobody waits for ends here."""
        if self.listening:
            with suppress(RuntimeError):  # the loop may have ended already
                self._loop.call_soon_threadsafe(self._take, answer)

    async def _inquire(self) -> Means | None:
        self._inquiry = inquiry = Inquiry()
        with suppress(TimeoutError):
            async with asyncio.timeout(PATIENCE):
                await self._ask(FIRST, "class")
                second = inquiry.second()
                if second:
                    await self._ask(second, "model")
                    return inquiry.means(*self._measure())
        return None

    async def _ask(self, questions: str, last: str) -> None:
        """Until the answer named `last`, which closes the round."""
        answered = self._await(last)
        self._send(questions)
        await answered

    def _await(self, name: str) -> asyncio.Future[None]:
        self._until = time.monotonic() + _STRAGGLING
        self._awaited[name] = future = self._loop.create_future()
        return future

    def _take(self, answer: str) -> None:
        awaited = self._awaited.pop(_HERE if answer == HERE else self._inquiry.hear(answer), None)
        if awaited is not None and not awaited.done():
            awaited.set_result(None)

"""A screen that opens files of anybody: each in a process of its own, which Escape ends."""

from collections.abc import Callable
from functools import partial

from kiosk.deposit.child import Apart
from kiosk.record.draft import Chosen
from kiosk.screens.base import KioskScreen, Result


class OpeningScreen(KioskScreen[Result]):
    """Sub-classes open files by `open_apart` alone."""

    _apart: Apart | None = None

    async def open_apart(self, doing: str, act: Callable[[Apart], Chosen]) -> Chosen | None:
        """`attempt`, of what examines or converts a file; it ends when the screen is left."""
        self._apart = apart = Apart()
        try:
            return await self.attempt(doing, partial(act, apart))
        finally:
            self._apart = None
            apart.cancel()

    def cancel_work(self) -> None:
        super().cancel_work()
        if self._apart is not None:
            self._apart.cancel()

    def _way_out(self, seconds: int) -> str:
        return super()._way_out(seconds) if self._apart is None else "   Échap : abandonner"

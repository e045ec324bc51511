"""Plays the kiosk by key presses, headless: what a rehearsal and the tests look at is what a user would see."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.keys import _character_to_key
from textual.pilot import Pilot

from kiosk.app import Kiosk
from kiosk.station import Station

SIZE = (80, 24)


class NotSeen(AssertionError):
    """The screen did not show what was expected in time; the message is the screen itself."""


class Player:
    """Hands and eyes of one user."""

    def __init__(self, app: Kiosk, pilot: "Pilot[int]") -> None:
        self.app, self._pilot = app, pilot
        self.keys_pressed = 0

    def screen(self) -> str:
        """The 24 lines as they stand."""
        strips = self.app.screen._compositor.render_strips()
        return "\n".join(strip.text.rstrip() for strip in strips)

    async def press(self, *keys: str) -> None:
        """Press keys by Textual's names; counted."""
        self.keys_pressed += len(keys)
        await self._pilot.press(*keys)

    async def type(self, text: str) -> None:
        """Type text; not counted as keys. One wait for all of it: nothing but the field under the hands changes."""
        driver = self.app._driver
        assert driver is not None
        for character in text:
            key = character if character.isalnum() else _character_to_key(character)
            event = events.Key(key, character)
            event.set_sender(self.app)
            driver.send_message(event)
            await asyncio.sleep(0)
        await self._pilot.pause()

    async def see(self, *texts: str, within: float = 30.0) -> str:
        """Wait until every text is on the screen at once, wherever its lines break; returns the screen."""

        def shown() -> bool:
            flat = " ".join(self.screen().split())
            return all(text in flat for text in texts)

        await self.until(shown, within, what=" + ".join(texts))
        return self.screen()

    async def until(
        self, condition: Callable[[], bool], within: float = 30.0, *, what: str = "condition"
    ) -> None:
        """Let the app live until `condition` holds."""
        deadline = time.monotonic() + within
        while not condition():
            if time.monotonic() > deadline or self.app._exit:
                if condition():
                    return
                raise NotSeen(f"not seen: {what}\n{self.screen()}")
            await asyncio.sleep(0.005)

    async def gone(self, within: float = 5.0) -> None:
        """Wait until the session is over."""
        await self.until(lambda: self.app._exit, within, what="end of the session")


@asynccontextmanager
async def played(station: Station) -> AsyncIterator[Player]:
    """A kiosk on `station`, ready to be played."""
    app = Kiosk(station)
    try:
        async with app.run_test(size=SIZE) as pilot:
            yield Player(app, pilot)
    finally:  # the session's process does not end here, as it does on a workstation: what it held is let go
        if app.session is not None:
            app.session.close()
        station.readers.close()

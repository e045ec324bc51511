"""One key at a time: a key waits until the one before it has had its effect.

Textual gives a key to the focused widget; Tab travels from there up to the application, which moves the focus.
A letter typed right after it (a fast hand, a slow line that delivers both together, a bar code) is given to
the widget that still has the focus: the first letter of a name lands in the field before. So a mark follows
each key on its way up, widget by widget, and the next key is let in when the mark has arrived.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Any, Final

from textual.app import App
from textual.events import Key, Paste
from textual.message_pump import MessagePump

_PATIENCE: Final = 0.5
"""Seconds a key waits for the one before it: a widget busy for longer does not hold the others."""


Typed = Key | Paste


class KeyOrder:
    """The queue in front of one application."""

    def __init__(self, app: App[Any], deliver: Callable[[Typed], Awaitable[None]]) -> None:
        self._app = app
        self._deliver = deliver
        self._waiting: deque[Typed] = deque()
        self._number = 0
        self._under_way: asyncio.TimerHandle | None = None

    async def take(self, event: Typed) -> None:
        """A key or a paste has come."""
        self._waiting.append(event)
        if self._under_way is None:
            await self._next()

    async def _next(self) -> None:
        if not self._waiting:
            return
        event = self._waiting.popleft()
        target = self._app.focused or self._app.screen
        self._number += 1
        self._under_way = asyncio.get_running_loop().call_later(
            _PATIENCE, self._app.call_later, self._arrived, self._number
        )
        await self._deliver(event)
        self._climb(target, self._number)

    def _climb(self, node: MessagePump, number: int) -> None:
        """Go behind the key in `node`'s queue, then to its parent's, up to the application's."""
        if node is self._app or not node.call_later(self._leave, node, number):
            self._app.call_later(self._arrived, number)

    def _leave(self, node: MessagePump, number: int) -> None:
        self._climb(node._parent or self._app, number)

    async def _arrived(self, number: int) -> None:
        if number != self._number or self._under_way is None:
            return  # given up before: another key is under way
        self._under_way.cancel()
        self._under_way = None
        await self._next()

"""How long nobody has touched the keyboard, and what that means on a shared workstation."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum


class Presence(Enum):
    """From a hand on the keys to nobody there."""

    HERE = "here"
    WARNED = "warned"
    """The screen says that it will lock."""
    LOCKED = "locked"
    """Covered; the code brings everything back."""
    GONE = "gone"
    """The session ends."""


@dataclass(frozen=True)
class IdleLimits:
    """Seconds without a key; network traffic does not count."""

    lock: float = 120
    end: float = 300

    @property
    def warning(self) -> float:
        return 0.75 * self.lock


class Idle:
    """The clock is one that nobody sets."""

    def __init__(self, limits: IdleLimits, ticks: Callable[[], float] = time.monotonic) -> None:
        self._limits, self._ticks = limits, ticks
        self._since = ticks()

    def touch(self) -> None:
        """A key was pressed, or work ended that somebody waited for."""
        self._since = self._ticks()

    @property
    def presence(self) -> Presence:
        idle = self._ticks() - self._since
        if idle >= self._limits.end:
            return Presence.GONE
        if idle >= self._limits.lock:
            return Presence.LOCKED
        return Presence.WARNED if idle >= self._limits.warning else Presence.HERE

    @property
    def seconds_left(self) -> int:
        """Until the screen locks."""
        return max(0, round(self._limits.lock - (self._ticks() - self._since)))

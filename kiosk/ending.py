"""How a card session ends, and what is said of a crash: where and an id, never a value.

A traceback with locals shows a PIN; an exception's text may hold a name. Neither leaves the process: a crash
is named by the class of the error, the modules and lines it went through, and a short code made of these.
The same fault gives the same code on every kiosk of a version, which is what a help desk needs.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum
from types import TracebackType


class Ending(IntEnum):
    """Exit status of a session process."""

    NEXT = 0
    """The card left or the user finished: the next session may begin."""
    OPERATOR_STOP = 3
    """The kiosk itself is to stop."""
    TERMINAL_GONE = 4
    """Nobody can see the screen any more."""
    CRASHED = 70  # EX_SOFTWARE of sysexits.h


@dataclass(frozen=True)
class Crash:
    """A fault nothing handled."""

    kind: str
    """Class of the error, e.g. `ValueError`."""
    place: str
    """Last line of the kiosk's own code it went through: `kiosk.screens.home:42`."""
    trail: tuple[str, ...]
    """Every `module:line`, outermost first."""

    @property
    def code(self) -> str:
        """Six hexadecimal digits that stand for this fault in this version."""
        return hashlib.sha256("\n".join((self.kind, *self.trail)).encode()).hexdigest()[:6].upper()

    def __str__(self) -> str:
        return f"{self.code} {self.place}"


class SessionCrashed(Exception):
    """Raised by `LockedApp.run` in place of the fault itself, whose text and values stay behind."""

    def __init__(self, crash: Crash) -> None:
        self.crash = crash
        super().__init__(str(crash))


def crash_of(error: BaseException) -> Crash:
    """Name a fault without its text and without its values.

    Textual wraps what a worker raises (`WorkerFailed.error`): the fault is the wrapped one.
    """
    if isinstance(error, SessionCrashed):
        return error.crash
    wrapped = getattr(error, "error", None)
    if isinstance(wrapped, BaseException):
        error = wrapped
    trail = tuple(_trail(error.__traceback__))
    own = [step for step in trail if step.startswith("kiosk.")]
    return Crash(kind=type(error).__name__, place=(own or trail or ("?",))[-1], trail=trail)


def _trail(traceback: TracebackType | None) -> list[str]:
    steps = []
    while traceback is not None:
        steps.append(f"{traceback.tb_frame.f_globals.get('__name__', '?')}:{traceback.tb_lineno}")
        traceback = traceback.tb_next
    return steps

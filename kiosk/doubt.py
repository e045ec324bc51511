"""An act whose outcome nobody knows: the answer was lost, or the service failed on its way.

It is cleared up by asking what holds now, never by sending the same thing again.
"""

from collections.abc import Callable
from typing import Final, TypeVar

from kiosk.errors import (
    AnswerCut,
    AnswerUnreadable,
    Cancelled,
    DmpError,
    KioskError,
    ServerTooSlow,
    ServiceFailed,
)

Error = TypeVar("Error", bound=DmpError)

UNKNOWN: Final = (AnswerCut, AnswerUnreadable, ServerTooSlow, ServiceFailed)
"""The errors that leave it open whether the service did what was asked."""
SENT: Final = "sent"
"""`Cancelled.detail` when the request had left: its outcome is unknown too."""

_CHECKS_FIRST = "Recommencez : la borne vérifiera d'abord ce qui a été fait."


class Doubts:
    """The acts of one session that may have been carried out, by transaction and patient."""

    def __init__(self) -> None:
        self._open: set[tuple[str, str]] = set()

    def settle(
        self,
        act: str,
        patient: str,
        do: Callable[[], object],
        *,
        done: Callable[[], bool],
        undone: str,
    ) -> None:
        """`do`, unless `done` finds that an earlier try already did it; returns once it is done.

        `done` asks the service how things stand. When it says no after a doubt, the doubt's own error is raised with
        `undone` for what to do; when it cannot tell either, the next try asks it first. Raises `KioskError`.
        """
        key = act, patient
        if key in self._open and self._found(key, done):
            return
        try:
            do()
        except UNKNOWN as doubt:
            self._open.add(key)
            try:
                found = self._found(key, done)
            except KioskError:
                raise told(doubt, _CHECKS_FIRST) from None
            if not found:
                raise told(doubt, undone) from None
        except Cancelled as cancelled:
            if cancelled.detail == SENT:
                self._open.add(key)
            raise

    def _found(self, key: tuple[str, str], done: Callable[[], bool]) -> bool:
        found = done()
        self._open.discard(key)
        return found


def told(doubt: Error, todo: str) -> Error:
    """The same error with something else to do."""
    return type(doubt)(
        what=doubt.what,
        cause=doubt.cause,
        todo=todo,
        detail=doubt.detail,
        server_code=doubt.server_code,
        server_text=doubt.server_text,
    )

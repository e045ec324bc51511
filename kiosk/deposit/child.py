"""Opening a chosen file in a process of its own, which the file may kill without harm.

Each act is a `Child` of its own (`kiosk.deposit.worker`): what was made of a file is examined by another process
than the one that made it. The file travels through a pipe, and comes back only when it was changed.
"""

import signal
import threading
import time
from typing import Any, Final

from kiosk.confined import Child
from kiosk.deposit import wire
from kiosk.deposit.files import Examined, check_size
from kiosk.errors import Cancelled, FileNotOpened, FileUnfit, OpeningFault

EXAMINE_SECONDS: Final = 20.0
"""The start of the process included."""
CONVERT_SECONDS: Final = 300.0
_NOT_EXAMINED: Final = FileNotOpened.what
_NOT_CONVERTED: Final = "Ce fichier n'a pas pu être converti en PDF/A."


class Apart:
    """One file at a time. `examine` and `convert` block; `cancel` comes from any thread, and is for good.

    Both raise `FileUnfit`, `FileNotOpened`, or `Cancelled` after `cancel`.
    """

    def __init__(self, *, patience: float | None = None) -> None:
        """`patience`: seconds of each process, other than the usual ones."""
        self._patience = patience
        self._guard = threading.Lock()
        self._child: Child | None = None
        self._cancelled = False

    def examine(self, content: bytes) -> Examined:
        """What it is, and whether it may go out."""
        check_size(content)
        values, text = self._asked("examine", wire.message([], content), "examined", EXAMINE_SECONDS)
        try:
            return wire.examined(values, text, content)
        except wire.UnreadableAnswer:
            raise FileNotOpened(OpeningFault.CRASHED) from None

    def convert(self, examined: Examined, title: str) -> Examined:
        """PDF/A-1b made of it by its `conversion`; `title` is the only text of its metadata."""
        if examined.conversion is None:
            raise ValueError("nothing to convert")
        values, content = self._asked("convert", wire.to_convert(examined, title), "made", CONVERT_SECONDS)
        try:
            made = self.examine(wire.made(values, content))
        except wire.UnreadableAnswer:
            raise FileNotOpened(OpeningFault.CRASHED, what=_NOT_CONVERTED) from None
        if made.obstacle:
            raise FileUnfit(cause=made.obstacle, detail="conversion")
        return made

    def cancel(self) -> None:
        """Give up: what is under way, and anything asked later, raises `Cancelled`."""
        with self._guard:
            self._cancelled = True
            if self._child is not None:
                self._child.kill()

    def _asked(
        self, act: str, question: list[bytes], expected: str, seconds: float
    ) -> tuple[list[Any], bytes]:
        """The values and bytes of the answer."""
        what = _NOT_CONVERTED if act == "convert" else _NOT_EXAMINED
        limit = time.monotonic() + (seconds if self._patience is None else self._patience)
        child = self._started(act, what)
        answer = None
        try:
            if all(child.send(piece, limit) for piece in question):
                answer = child.answer(limit, wire.MAX_ANSWER)
        finally:
            status = child.end()
            with self._guard:
                self._child = None
        if self._cancelled:
            raise Cancelled(detail="file")
        if answer is None or status == -signal.SIGXCPU:
            raise FileNotOpened(OpeningFault.TOO_SLOW, what=what)
        return answered(answer, expected, what)

    def _started(self, act: str, what: str) -> Child:
        with self._guard:
            if self._cancelled:
                raise Cancelled(detail="file")
            try:
                self._child = Child("kiosk.deposit.worker", act)
            except OSError:
                raise FileNotOpened(OpeningFault.NOT_STARTED, what=what) from None
            return self._child


def answered(answer: bytes | bytearray, expected: str, what: str = _NOT_EXAMINED) -> tuple[list[Any], bytes]:
    """The values and bytes of an answer of the kind expected. Raises `FileUnfit`, `FileNotOpened`."""
    try:
        (kind, *values), content = wire.opened(answer)
        if kind == "unfit":
            raise wire.unfit(values)
        if kind == "trouble":
            raise FileNotOpened(wire.trouble(values), what=what)
        if kind != expected:
            raise wire.UnreadableAnswer
    except (wire.UnreadableAnswer, ValueError):
        raise FileNotOpened(OpeningFault.CRASHED, what=what) from None
    return values, content

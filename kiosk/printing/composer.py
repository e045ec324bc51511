"""Sheets composed in a confined process of their own (`kiosk.printing.worker`): 45 MiB that no session keeps.

It takes 0.3 s to be ready: start it before what there is to wait for.
"""

import time
from collections.abc import Iterable
from enum import Enum
from typing import Final, Self

from kiosk.confined import Child
from kiosk.errors import SheetNotComposed
from kiosk.printing.model import CreationReceipt, Mark, Picture, SecretsSheet, TextLine
from kiosk.printing.wire import Cut, answered, document_frame, picture_frame, sheet_frame

DEADLINE_SECONDS: Final = 20.0
"""For a sheet, its process's start included; for each page of a document."""
_MOST: Final = 256_000_000
"""Bytes of a PDF: a few hundred pages of pictures."""


class Work(Enum):
    """What a process is made ready for."""

    SHEET = "sheet"
    DOCUMENT = "document"


class Composer:
    """One process, for one PDF; a context, which ends it. Of the thread that made it."""

    def __init__(self, work: Work = Work.SHEET, *, deadline: float = DEADLINE_SECONDS) -> None:
        """Raises `SheetNotComposed` when no process can be started."""
        self._deadline = deadline
        try:
            self._child = Child("kiosk.printing.worker", work.value)
        except OSError:
            raise _stopped("not started") from None

    @property
    def pid(self) -> int:
        return self._child.pid

    def sheet(self, content: SecretsSheet | CreationReceipt) -> bytearray:
        """Its PDF, which the caller wipes. Raises `SheetNotComposed`."""
        limit = self._limit()
        self._send(sheet_frame(content), limit)
        return self._answer(limit)

    def document(
        self, mark: Mark, text: list[TextLine], pictures: Iterable[Picture] = (), pages: int = 0
    ) -> bytearray:
        """PDF of the text, then of the `pages` pictures, taken one by one; the caller wipes it.

        Raises `SheetNotComposed` and what `pictures` raises.
        """
        self._send(document_frame(mark, text, pages), self._limit())
        for picture in pictures:
            self._send(picture_frame(picture), self._limit())
        return self._answer(self._limit())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._child.kill()
        self._child.end()

    def _limit(self) -> float:
        return time.monotonic() + self._deadline

    def _send(self, pieces: list[bytes | bytearray], limit: float) -> None:
        for piece in pieces:
            if not self._child.send(piece, limit):
                raise _stopped("too slow")

    def _answer(self, limit: float) -> bytearray:
        answer = self._child.answer(limit, _MOST)
        if answer is None:
            raise _stopped("too slow")
        try:
            document, failure = answered(answer)
        except Cut:
            raise _stopped("crashed") from None
        if failure:
            raise SheetNotComposed(detail=failure)
        return document


def _stopped(why: str) -> SheetNotComposed:
    return SheetNotComposed(
        cause="Le programme qui met en page s'est arrêté.",
        todo="Recommencez ; si l'erreur revient, donnez ce code à l'assistance.",
        detail=f"sheet: {why}",
    )

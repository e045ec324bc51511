"""Reading a document in a process of its own, which a document may kill without harm.

Each act is a `Child` of its own (`kiosk.rendering.worker`). The document travels through a pipe, never a file.
"""

import json
import signal
import threading
import time
from contextlib import suppress
from typing import Any, Final

from kiosk.confined import Child
from kiosk.errors import Cancelled, DocumentFault, DocumentNotShown
from kiosk.rendering.page import PagePicture, Rendered
from kiosk.rendering.wire import MAX_ANSWER, MAX_DOCUMENT, UnreadableAnswer, page_picture, rendered, unframed

DEADLINE_SECONDS: Final = 20.0
"""For one act, the start of the child included."""


class Rendering:
    """One document. `read` and `picture` block, one at a time; `cancel` comes from any thread.

    All raise `DocumentNotShown`, or `Cancelled` after `cancel`. `close` forgets the document.
    """

    def __init__(self, document: bytes, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._document, self._deadline = document, deadline
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._process: Child | None = None
        self._cancelled = False

    def read(self) -> Rendered:
        """What the document says."""
        message, _ = self._asked({"act": "read"}, "read")
        try:
            return rendered(message)
        except UnreadableAnswer:
            raise DocumentNotShown(DocumentFault.CRASHED) from None

    def picture(self, page: int, width: int, height: int) -> PagePicture:
        """One of `Rendered.pages`, as large as holds in `width` × `height` pixels."""
        request = {"act": "picture", "page": max(page, 0), "width": max(width, 1), "height": max(height, 1)}
        message, rgb = self._asked(request, "picture")
        try:
            return page_picture(message, rgb)
        except UnreadableAnswer:
            raise DocumentNotShown(DocumentFault.CRASHED) from None

    def cancel(self) -> None:
        """Give up: what is under way, and anything asked later, raises `Cancelled`."""
        with self._guard:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def close(self) -> None:
        self.cancel()
        self._document = b""

    def _asked(self, request: dict[str, Any], expected: str) -> tuple[Any, bytes]:
        """The child's message and bytes for a request."""
        if len(self._document) > MAX_DOCUMENT:
            raise DocumentNotShown(DocumentFault.TOO_LARGE)
        with self._turn:
            process = self._started()
            limit = time.monotonic() + self._deadline
            answer = None
            try:
                if process.send(json.dumps(request).encode() + b"\n", limit) and process.send(
                    self._document, limit
                ):
                    answer = process.answer(limit, MAX_ANSWER)
            finally:
                status = process.end()
                with self._guard:
                    self._process = None
        if self._cancelled:
            raise Cancelled(detail="document")
        with suppress(UnreadableAnswer, ValueError, TypeError):
            (what, message), blob = unframed(bytes(answer or b""))
            if what == expected:
                return message, blob
            if what == "fault":
                raise DocumentNotShown(DocumentFault(message))
        late = answer is None or status == -signal.SIGXCPU
        raise DocumentNotShown(DocumentFault.TOO_SLOW if late else DocumentFault.CRASHED)

    def _started(self) -> Child:
        with self._guard:
            if self._cancelled:
                raise Cancelled(detail="document")
            try:
                self._process = Child("kiosk.rendering.worker")
            except OSError:
                raise DocumentNotShown(DocumentFault.NOT_STARTED) from None
            return self._process

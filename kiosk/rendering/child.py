"""Reading a document in a process of its own, which a document may kill without harm.

Each act starts a fresh interpreter (`kiosk.rendering.worker`): the session has threads, so it cannot fork, and what
the libraries took goes back to the system when the child ends. The document travels through a pipe, never a file.
"""

import json
import os
import selectors
import signal
import subprocess
import sys
import threading
import time
from contextlib import suppress
from typing import Any, Final

from kiosk.errors import Cancelled, DocumentFault, DocumentNotShown
from kiosk.rendering.page import PagePicture, Rendered
from kiosk.rendering.reader import MAX_BYTES
from kiosk.rendering.wire import MAX_ANSWER, UnreadableAnswer, page_picture, rendered, unframed

DEADLINE_SECONDS: Final = 20.0
"""For one act, the start of the child included."""
_PIECE: Final = 1 << 20
_LAST_SECONDS: Final = 2.0
"""To reap a child that was killed."""


class Rendering:
    """One document. `read` and `picture` block, one at a time; `cancel` comes from any thread.

    All raise `DocumentNotShown`, or `Cancelled` after `cancel`. `close` forgets the document.
    """

    def __init__(self, document: bytes, *, deadline: float = DEADLINE_SECONDS) -> None:
        self._document, self._deadline = document, deadline
        self._turn = threading.Lock()
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
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
        if len(self._document) > MAX_BYTES:
            raise DocumentNotShown(DocumentFault.TOO_LARGE)
        with self._turn:
            process = self._started()
            try:
                answer = _exchanged(
                    process, json.dumps(request).encode() + b"\n", self._document, self._deadline
                )
                late = answer is None
            finally:
                status = _ended(process)
                with self._guard:
                    self._process = None
        if self._cancelled:
            raise Cancelled(detail="document")
        with suppress(UnreadableAnswer, ValueError, TypeError):
            (what, message), blob = unframed(answer or b"")
            if what == expected:
                return message, blob
            if what == "fault":
                raise DocumentNotShown(DocumentFault(message))
        raise DocumentNotShown(
            DocumentFault.TOO_SLOW if late or status == -signal.SIGXCPU else DocumentFault.CRASHED
        )

    def _started(self) -> "subprocess.Popen[bytes]":
        with self._guard:
            if self._cancelled:
                raise Cancelled(detail="document")
            try:
                self._process = subprocess.Popen(
                    [sys.executable, "-I", "-B", "-m", "kiosk.rendering.worker", str(os.getpid())],
                    stdin=subprocess.PIPE,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                    bufsize=0,
                    cwd="/",
                    env={},
                )
            except OSError:
                raise DocumentNotShown(DocumentFault.NOT_STARTED) from None
            return self._process


def _exchanged(
    process: "subprocess.Popen[bytes]", head: bytes, document: bytes, deadline: float
) -> bytes | None:
    """Write both, read until the end; None when the deadline passes. A child that closes its input is still heard."""
    assert process.stdin is not None
    assert process.stdout is not None
    limit = time.monotonic() + deadline
    answer = bytearray()
    pieces = [memoryview(head), memoryview(document)]
    with selectors.DefaultSelector() as selector:
        os.set_blocking(process.stdin.fileno(), False)
        selector.register(process.stdin, selectors.EVENT_WRITE)
        selector.register(process.stdout, selectors.EVENT_READ)
        while True:
            ready = selector.select(max(limit - time.monotonic(), 0))
            if not ready:
                return None
            for key, _ in ready:
                if key.fileobj is process.stdin:
                    if not _written(process.stdin.fileno(), pieces):
                        selector.unregister(process.stdin)
                        process.stdin.close()
                    continue
                piece = os.read(process.stdout.fileno(), _PIECE)
                if not piece or len(answer) + len(piece) > MAX_ANSWER:
                    return bytes(answer)
                answer += piece


def _written(descriptor: int, pieces: list[memoryview]) -> bool:
    """Write what the pipe takes now; whether something is left."""
    try:
        pieces[0] = pieces[0][os.write(descriptor, pieces[0][:_PIECE]) :]
    except BlockingIOError:
        return True
    except BrokenPipeError:
        return False
    while pieces and not pieces[0]:
        pieces.pop(0)
    return bool(pieces)


def _ended(process: "subprocess.Popen[bytes]") -> int | None:
    """Its status, killed if it is still there; None when the kernel holds on to it."""
    for stream in (process.stdin, process.stdout):
        if stream is not None:
            with suppress(OSError):
                stream.close()
    try:
        return process.wait(0.05)
    except subprocess.TimeoutExpired:
        process.kill()
    try:
        process.wait(_LAST_SECONDS)
    except subprocess.TimeoutExpired:
        return None
    return -signal.SIGKILL

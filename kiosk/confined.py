"""One act in a process of its own: a fresh interpreter, the question through one pipe, the answer through another.

The session has threads, so it cannot fork; what the act took, and what it knew, goes back to the system when the
child ends. Nothing travels in arguments, environment or files. The module that is run confines itself
(`kiosk.rendering.confinement`).
"""

import os
import select
import signal
import subprocess
import sys
import time
from contextlib import suppress
from typing import Final

_PIECE: Final = 1 << 20
_FIRST_ROOM: Final = 1 << 17
_LAST_SECONDS: Final = 2.0
"""To reap a child that was killed."""


class Child:
    """`python -m MODULE PARENT *WORDS`. It ends with the thread that started it; `kill` comes from any thread.

    Moments (`limit`) are of `time.monotonic`.
    """

    def __init__(self, module: str, *words: str) -> None:
        """Raises `OSError`. `words` are seen by everybody on the machine."""
        self._process = subprocess.Popen(
            [sys.executable, "-I", "-B", "-m", module, str(os.getpid()), *words],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            bufsize=0,
            cwd="/",
            env={},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._input, self._output = self._process.stdin, self._process.stdout
        os.set_blocking(self._input.fileno(), False)

    @property
    def pid(self) -> int:
        return self._process.pid

    def send(self, data: bytes | bytearray, limit: float) -> bool:
        """Write it all; no copy is made. False when `limit` passes. A child that closes its input is still heard."""
        written = 0
        with memoryview(data) as view:
            while written < len(view):
                if not _ready(self._input.fileno(), select.POLLOUT, limit):
                    return False
                try:
                    written += os.write(self._input.fileno(), view[written : written + _PIECE])
                except BlockingIOError:
                    continue
                except BrokenPipeError:
                    break
        return True

    def answer(self, limit: float, most: int) -> bytearray | None:
        """Close its input, read until the end or a little over `most` bytes; None when `limit` passes.

        The caller wipes it; what was used on the way is wiped here.
        """
        self._input.close()
        room, size = bytearray(_FIRST_ROOM), 0
        try:
            while size <= most:
                if not _ready(self._output.fileno(), select.POLLIN, limit):
                    return None
                if size == len(room):
                    room = _doubled(room)
                with memoryview(room) as view:
                    count = os.readv(self._output.fileno(), [view[size : size + _PIECE]])
                if not count:
                    break
                size += count
            with memoryview(room) as view:
                return bytearray(view[:size])
        finally:
            _wipe(room)

    def kill(self) -> None:
        self._process.kill()

    def end(self) -> int | None:
        """Its status, killed if it is still there; None when the kernel holds on to it."""
        for stream in (self._input, self._output):
            with suppress(OSError):
                stream.close()
        try:
            return self._process.wait(0.05)
        except subprocess.TimeoutExpired:
            self._process.kill()
        try:
            self._process.wait(_LAST_SECONDS)
        except subprocess.TimeoutExpired:
            return None
        return -signal.SIGKILL


def _ready(descriptor: int, event: int, limit: float) -> bool:
    """A pipe closed at its other end is ready as well: the call that follows tells."""
    watched = select.poll()
    watched.register(descriptor, event)
    return bool(watched.poll(max(limit - time.monotonic(), 0) * 1000))


def _doubled(room: bytearray) -> bytearray:
    """By hand: a buffer that grows on its own leaves what it held behind."""
    larger = bytearray(2 * len(room))
    larger[: len(room)] = room
    _wipe(room)
    return larger


def _wipe(room: bytearray) -> None:
    room[:] = bytes(len(room))

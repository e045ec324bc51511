"""Ends a blocking call from outside: at its deadline, or when the user gives up."""

import contextlib
import socket
import threading
from collections.abc import Callable
from enum import Enum
from types import TracebackType


class Ending(Enum):
    """Why a call was ended from outside."""

    DEADLINE = "deadline"
    CANCEL = "cancel"


class Watch:
    """One call's watch, from `with` to its end. `end` may be called from any thread.

    Time-outs of the socket module count from one read to the next: a server that drips a byte now and then
    outlives them. A timer that shuts the socket down does not.
    """

    def __init__(self, seconds: float) -> None:
        self.ending: Ending | None = None
        self._wake: Callable[[], object] = lambda: None
        self._lock = threading.Lock()
        self._timer = threading.Timer(seconds, self.end, (Ending.DEADLINE,))
        self._timer.daemon = True

    def __enter__(self) -> "Watch":
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._timer.cancel()
        self.wake_with(lambda: None)

    def wake_with(self, wake: Callable[[], object]) -> None:
        """What unblocks the calling thread from now on; done at once when the call has ended already."""
        with self._lock:
            self._wake = wake
            if self.ending is not None:
                wake()

    def wake_by_shutdown(self, sock: socket.socket) -> None:
        """From now on, the calling thread waits on this socket, or on another handle to the same connection."""
        self.wake_with(lambda: _shut_down(sock))

    def end(self, ending: Ending) -> None:
        """End the call; the first ending counts."""
        with self._lock:
            if self.ending is None:
                self.ending = ending
                self._wake()


def _shut_down(sock: socket.socket) -> None:
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)

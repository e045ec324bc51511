"""Plays the terminal a program runs on: a pseudo-terminal, its screen kept by pyte, a clock at every read."""

import codecs
import fcntl
import os
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from types import TracebackType

import pyte

DEADLINE = 30.0
"""Seconds after which something that should have been on the screen is not coming any more."""
_SIZE = (80, 24)


class NotSeenError(Exception):
    """The message is what was waited for, and the screen."""


class Terminal:
    """One program on its own terminal of 80×24. Leaving the `with` block kills it if it still runs."""

    def __init__(self, argv: Sequence[str], environ: Mapping[str, str]) -> None:
        self._screen = pyte.Screen(*_SIZE)
        self._stream = pyte.Stream(self._screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        self.keys_pressed = 0
        self._master, slave = os.openpty()
        fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", _SIZE[1], _SIZE[0], 0, 0))
        self.started = self.now()
        self.pid = os.fork()
        if self.pid == 0:
            try:
                os.login_tty(slave)
                os.closerange(3, 64)
                os.execvpe(argv[0], list(argv), dict(environ))
            finally:
                os._exit(127)  # the copy of this process must not clean up what is ours
        os.close(slave)
        self._ended = False

    def __enter__(self) -> "Terminal":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if not self._ended:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        os.close(self._master)

    @staticmethod
    def now() -> float:
        """The clock of every moment told here, in seconds."""
        return time.perf_counter()

    def press(self, key: str) -> float:
        """Press one key; counted. The moment it was pressed."""
        self.keys_pressed += 1
        return self.type(key)

    def type(self, text: str) -> float:
        """Type text; not counted as keys."""
        now = self.now()
        os.write(self._master, text.encode())
        return now

    def wait_after(self, key: str, text: str) -> float:
        """Press one key: the seconds until `text` is on the screen. Raises `NotSeenError`."""
        pressed = self.press(key)
        return self.see(text) - pressed

    def see(self, *texts: str) -> float:
        """Wait until every text is on the screen at once, wherever its lines break.

        The moment the bytes that completed it arrived. Raises `NotSeenError`.
        """

        def shown() -> bool:
            flat = " ".join(self.text().split())
            return all(text in flat for text in texts)

        return self._until(shown, " + ".join(texts))

    def see_other_than(self, text: str) -> float:
        """Wait until the screen is not `text` any more. Raises `NotSeenError`."""
        return self._until(lambda: self.text() != text, "another screen")

    def see_nothing(self) -> float:
        """Wait until the screen is empty. Raises `NotSeenError`."""
        return self._until(lambda: not self.text().strip(), "an empty screen")

    def end(self) -> None:
        """Read until the program has ended. Raises `NotSeenError` when it does not."""
        limit = self.now() + DEADLINE
        while not os.waitpid(self.pid, os.WNOHANG)[0]:
            if self.now() > limit:
                raise NotSeenError(f"the end of the program\n{self.text()}")
            self._read(0.02)
        self._ended = True

    def text(self) -> str:
        """The 24 lines as they stand."""
        return "\n".join(line.rstrip() for line in self._screen.display)

    def _until(self, condition: Callable[[], bool], what: str) -> float:
        stamp = self.now()
        limit = stamp + DEADLINE
        while not condition():
            came = self._read(0.5)
            stamp = came or stamp
            if self.now() > limit:
                raise NotSeenError(f"{what}\n{self.text()}")
        return stamp

    def _read(self, timeout: float) -> float | None:
        """Take what the program wrote: the moment it came, None when nothing did."""
        if not select.select([self._master], [], [], timeout)[0]:
            return None
        stamp = self.now()
        try:
            data = os.read(self._master, 65536)
        except OSError:  # the program has hung up
            return None
        self._stream.feed(self._decode(data))
        return stamp

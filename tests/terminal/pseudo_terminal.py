"""A person in front of a terminal: a program on a real pseudo-terminal, its screen kept by pyte."""

import codecs
import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
import unicodedata
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple

import pyte

DEADLINE = 20.0
"""Seconds after which something that should have happened did not."""
PROGRAMS = Path(__file__).parent / "programs"
ROOT = Path(__file__).parents[2]


class Look(NamedTuple):
    """What one cell shows to an eye: the ink of a blank is not seen."""

    text: str
    ink: tuple[object, ...]
    paper: str


class Seat:
    """The terminal and the program on it. Leaving the `with` block ends the program."""

    def __init__(
        self,
        argv: Sequence[str],
        *,
        term: str = "xterm-256color",
        size: tuple[int, int] = (80, 24),
        env: dict[str, str] | None = None,
        hangs_up: bool = True,
    ) -> None:
        """`hangs_up=False`: the terminal is not the controlling one, its end sends no SIGHUP."""
        self.received = bytearray()
        self.gulp = 65536
        """Bytes taken at one go: few of them leave the rest waiting on the line."""
        self.screen = pyte.Screen(*size)
        self._stream = pyte.Stream(self.screen)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode
        environ = {
            "PATH": os.environ["PATH"],
            "HOME": os.environ.get("HOME", "/"),
            "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT),
            "TERM": term,
            **(env or {}),
        }
        self.master, terminal = pty.openpty()
        fcntl.ioctl(terminal, termios.TIOCSWINSZ, struct.pack("HHHH", size[1], size[0], 0, 0))
        self.pid = os.fork()
        if self.pid == 0:
            os.close(self.master)
            os.setsid()
            if hangs_up:
                fcntl.ioctl(terminal, termios.TIOCSCTTY, 0)
            for descriptor in (0, 1, 2):
                os.dup2(terminal, descriptor)
            os.closerange(3, 64)
            os.execvpe(argv[0], list(argv), environ)
        os.close(terminal)
        self.status: int | None = None

    def __enter__(self) -> "Seat":
        return self

    def __exit__(self, *_: object) -> None:
        if self.status is None:
            os.kill(self.pid, signal.SIGKILL)
            os.waitpid(self.pid, 0)
        if self.master >= 0:
            os.close(self.master)

    @staticmethod
    def replay(stream: bytes, size: tuple[int, int] = (80, 24)) -> pyte.Screen:
        """What a terminal shows after exactly these bytes."""
        screen = pyte.Screen(*size)
        pyte.Stream(screen).feed(stream.decode("utf-8", "replace"))
        return screen

    def read(self, timeout: float) -> bool:
        """Take what the program wrote. `False` when nothing came in time, or when it has hung up."""
        if not select.select([self.master], [], [], timeout)[0]:
            return False
        try:
            data = os.read(self.master, self.gulp)
        except OSError:
            return False
        self.received += data
        self._stream.feed(self._decode(data))
        return bool(data)

    def until(self, condition: Callable[["Seat"], object], what: str = "") -> None:
        """Read until `condition(self)`; fail with the screen when it does not come true."""
        end = time.monotonic() + DEADLINE
        while not condition(self):
            left = end - time.monotonic()
            if left <= 0 or (not self.read(min(left, 1.0)) and self.ended()):
                if condition(self):
                    return
                raise AssertionError(f"never saw {what or condition}; screen:\n" + self.text())

    def shows(self, text: str) -> None:
        """Read until `text` is on the screen."""
        self.until(lambda seat: text in seat.text(), repr(text))

    def quiet(self) -> None:
        """Read until nothing came for a while: a burst of drawing is over."""
        while self.read(0.3):
            pass

    def scribble(self) -> None:
        """Another program writes on the same terminal."""
        self._stream.feed("\x1b[5;5Hsegmentation fault (core dumped)")

    def press(self, keys: str | bytes) -> None:
        os.write(self.master, keys.encode() if isinstance(keys, str) else keys)

    def resize(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))
        self.screen.resize(rows, columns)

    def hang_up(self) -> None:
        """The terminal disappears."""
        os.close(self.master)
        self.master = -1

    def ended(self) -> bool:
        if self.status is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self.status = status
        return self.status is not None

    def exit_status(self) -> int:
        """Read until the program ends; its exit status, negative for a signal."""
        end = time.monotonic() + DEADLINE
        while not self.ended():
            if time.monotonic() > end:
                raise AssertionError("still running; screen:\n" + self.text())
            if self.master >= 0:
                self.read(0.05)
            else:
                select.select([], [], [], 0.02)
        while self.master >= 0 and self.read(0):
            pass
        assert self.status is not None
        return os.waitstatus_to_exitcode(self.status)

    def text(self) -> str:
        return "\n".join(
            "".join(self.screen.buffer[y][x].data for x in range(self.screen.columns))
            for y in range(self.screen.lines)
        )

    def looks(self) -> list[list[Look]]:
        """Every cell as it is seen."""
        return [
            [_look(self.screen.buffer[y][x]) for x in range(self.screen.columns)]
            for y in range(self.screen.lines)
        ]


def program(name: str) -> list[str]:
    """Command line of one of the programs of `programs/`."""
    return [sys.executable, str(PROGRAMS / f"{name}.py")]


def _look(cell: pyte.screens.Char) -> Look:
    drawn = cell.underscore or cell.reverse or cell.strikethrough
    if cell.data == " " and not drawn:
        return Look(" ", (), cell.bg)
    ink = (cell.fg, cell.bold, cell.italics, cell.underscore, cell.strikethrough, cell.reverse, cell.blink)
    return Look(unicodedata.normalize("NFC", cell.data), ink, cell.bg)

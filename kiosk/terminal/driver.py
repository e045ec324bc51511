"""The kiosk's Textual driver: a grid between the application and the line, a reader nothing kills.

It sends modes that change nothing for the user (alternate screen, bracketed paste, no wrap) and none of the
stock driver's others: no mouse, no focus, no kitty keys, no synchronised output, no in-band resize, and no
question, until a first page is to be drawn as a picture (`kiosk.terminal.question`). The hardware cursor stays
visible where Textual puts it: braille displays follow it.

It stands on `textual.driver.Driver`, which is public, and on `XTermParser`, which is not.
"""

import asyncio
import curses
import fcntl
import os
import select
import signal
import struct
import sys
import termios
from contextlib import suppress
from threading import Thread
from typing import Any, Final

from textual import events
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.driver import Driver
from textual.geometry import Size

from kiosk.ending import Ending
from kiosk.terminal.asking import Asker
from kiosk.terminal.keys import Keyboard
from kiosk.terminal.output import Output
from kiosk.terminal.picture import Picture
from kiosk.terminal.question import ARRIVED, Means
from kiosk.tty import Attributes, quiet, restore

_ENTER: Final = "\x1b[?1049h\x1b[?2004h\x1b[?7l\x1b[H\x1b[2J"
_LEAVE: Final = "\x1b[m\x1b[?2004l\x1b[?7h\x1b[H\x1b[2J\x1b[?1049l"
"""The screen is emptied before it is left: the Linux console has no alternate one."""
_SETTLE: Final = 0.05
"""Seconds without a byte after which an Escape is the key and not the beginning of a sequence."""
_SIZE: Final = (80, 24)


class KioskDriver(Driver):
    """Reads standard input, writes standard output; standard error is left to the log."""

    def __init__(
        self,
        app: App[Any],
        *,
        debug: bool = False,
        mouse: bool = False,
        size: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(app, debug=False, mouse=False, size=size)
        assert sys.__stdin__ is not None
        assert sys.__stdout__ is not None
        self._in = sys.__stdin__.fileno()
        self._out = sys.__stdout__.fileno()
        self._encoding = sys.__stdout__.encoding
        self._before: Attributes | None = None
        self._output: Output | None = None
        self._reader: Thread | None = None
        self._wake: tuple[int, int] | None = None
        self._asker = Asker(self._loop, self._send, self._measure)

    # --- output -----------------------------------------------------------------------------------------

    def write(self, data: str) -> None:
        if self._output is not None:
            self._output.draw(data)

    def repaint(self) -> None:
        """Send the whole screen again."""
        if self._output is not None:
            self._output.repaint()

    def _terminal_size(self) -> tuple[int, int]:
        try:
            columns, rows = os.get_terminal_size(self._out)
        except OSError:
            return _SIZE
        return columns or _SIZE[0], rows or _SIZE[1]

    def _resized(self) -> None:
        size = Size(*self._terminal_size())
        self._asker.resized()
        if self._output is not None:
            self._output.resize(size)
        self.send_message(events.Resize(size, size))

    # --- pictures ---------------------------------------------------------------------------------------

    async def picture_means(self) -> Means | None:
        """What the terminal answers, asked when it is first needed. None when it draws no pictures."""
        return await self._asker.means()

    def show_picture(self, picture: Picture) -> asyncio.Future[None] | None:
        """Done when the terminal has the whole picture; None where its place is not kept."""
        arrived = self._asker.arrival()
        return arrived if self._output is not None and self._output.show(picture, ARRIVED) else None

    def hide_picture(self) -> None:
        """Take it away, whether or not it was shown."""
        if self._output is not None:
            self._output.hide()

    def _measure(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The screen in cells, and in pixels as the terminal's line knows them: zeros when it does not."""
        try:
            found = fcntl.ioctl(self._out, termios.TIOCGWINSZ, bytes(8))
        except OSError:
            found = bytes(8)
        _, _, width, height = struct.unpack("HHHH", found)
        return self._terminal_size(), (width, height)

    def _send(self, sequence: str) -> None:
        if self._output is not None:
            self._output.send(sequence)

    # --- start and end ----------------------------------------------------------------------------------

    def start_application_mode(self) -> None:
        self._output = Output(
            self._out,
            self._terminal_size(),
            encoding=self._encoding,
            erases_in_colour=erases_in_colour(os.environ.get("TERM", "")),
            lost=self._lost,
        )
        self._before = quiet(self._in)
        self._output.send(_ENTER)
        self._output.start()
        self._loop.add_signal_handler(signal.SIGWINCH, self._resized)
        self._resized()
        self._wake = os.pipe()
        self._reader = Thread(target=self._read, name="kiosk-keyboard", daemon=True)
        self._reader.start()

    def disable_input(self) -> None:
        if self._reader is None or self._wake is None:
            return
        self._loop.remove_signal_handler(signal.SIGWINCH)
        os.write(self._wake[1], b"\0")
        self._reader.join()
        self._reader = None
        for descriptor in self._wake:
            os.close(descriptor)
        self._wake = None

    def stop_application_mode(self) -> None:
        self.disable_input()
        if self._output is None:
            return
        output, self._output = self._output, None
        output.stop(_LEAVE)
        restore(self._in, self._before)

    # --- input ------------------------------------------------------------------------------------------

    def _read(self) -> None:
        """The reader thread. A fault of the parser ends the application as any other fault does."""
        try:
            self._read_keys()
        except Exception as error:
            self._loop.call_soon_threadsafe(self._app._handle_exception, error)

    def _read_keys(self) -> None:
        assert self._wake is not None
        wake = self._wake[0]
        keyboard, parser = Keyboard(self._asker.heard), XTermParser(debug=False)
        while True:
            ready, _, _ = select.select([self._in, wake], [], [], _SETTLE if keyboard.waiting else None)
            if wake in ready:
                return
            if not ready:
                self._type(parser, keyboard.settle(expecting=self._asker.listening), final=True)
                continue
            try:
                data = os.read(self._in, 4096)
            except OSError:
                data = b""
            if not data:
                self._lost()
                return
            self._type(parser, keyboard.feed(data), final=False)

    def _type(self, parser: XTermParser, text: str, *, final: bool) -> None:
        if text:
            for message in parser.feed(text):
                self.process_message(message)
        if final:
            # The parser waits another ESCDELAY for what `Keyboard` already waited for.
            parser._timeout_time = None if parser._timeout_time is None else 0.0
            for message in parser.tick():
                self.process_message(message)

    def _lost(self) -> None:
        """The terminal is gone, with or without SIGHUP: nobody is there, leave."""
        with suppress(RuntimeError):  # the loop may have ended already
            self._loop.call_soon_threadsafe(self._app.exit, None, Ending.TERMINAL_GONE)


def erases_in_colour(term: str) -> bool:
    """Terminfo's `bce` for this TERM; `False`, which is always safe, when terminfo does not know it."""
    try:
        curses.setupterm(term, sys.__stdout__.fileno() if sys.__stdout__ else 1)
        return curses.tigetflag("bce") > 0
    except curses.error:
        return False

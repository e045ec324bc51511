"""The thread that sends the screen.

Textual draws into the grid from its event loop and never waits for the line. This thread sends frames: it
lets a burst of drawing settle, and while a slow line carries one frame the next ones melt into one.
"""

import os
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

from kiosk.terminal.grid import Grid
from kiosk.terminal.paint import Painter

LINGER: Final = 0.004
"""Seconds a frame waits for the rest of its burst: Textual paints a new screen in several writes."""
_PATIENCE: Final = 1.0
"""Seconds given to the last frame at the end; a line that is stuck is then left behind."""


class Output:
    """A grid, its painter and the terminal's file descriptor.

    `lost` is called once, from this thread, when the terminal is gone (EIO after a hang-up).
    """

    def __init__(
        self,
        descriptor: int,
        size: tuple[int, int],
        *,
        encoding: str,
        erases_in_colour: bool,
        lost: Callable[[], None],
    ) -> None:
        self._descriptor = descriptor
        self._encoding = encoding
        self._lost = lost
        self._grid = Grid(*size)
        self._painter = Painter(erases_in_colour=erases_in_colour)
        self._asides: list[str] = []
        self._work = Condition()
        self._dirty = self._stopping = False
        self._thread = Thread(target=self._run, name="kiosk-output", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def draw(self, data: str) -> None:
        """What Textual writes; shown with the next frame. BEL alone goes through as it is."""
        with self._work:
            if data == "\a":
                self._asides.append(data)
            else:
                self._grid.draw(data)
            self._wake()

    def resize(self, size: tuple[int, int]) -> None:
        with self._work:
            self._grid.resize(*size)
            self._painter.forget()

    def repaint(self) -> None:
        """Send every cell again: something else wrote on the terminal."""
        with self._work:
            self._painter.forget()
            self._wake()

    def send(self, sequence: str) -> None:
        """A sequence of the driver's own (modes), sent before the next frame."""
        with self._work:
            self._asides.append(sequence)
            self._wake()

    def stop(self, farewell: str) -> None:
        """Send `farewell` instead of the next frame, then end. A stuck line is left to the process's end."""
        with self._work:
            self._stopping = True
            self._asides.append(farewell)
            self._wake()
        self._thread.join(_PATIENCE)

    def _wake(self) -> None:
        self._dirty = True
        self._work.notify()

    def _run(self) -> None:
        while True:
            with self._work:
                self._work.wait_for(lambda: self._dirty)
                self._work.wait_for(lambda: self._stopping, LINGER)
                last = self._stopping
                data = "".join(self._asides) + ("" if last else self._painter.frame(self._grid))
                self._asides.clear()
                self._dirty = False
            if not self._carry(data.encode(self._encoding, "replace")) or last:
                return

    def _carry(self, data: bytes) -> bool:
        """Write everything. `False` when the terminal is gone."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except OSError:
                self._lost()
                return False
        return True

"""The thread that sends the screen.

Textual draws into the grid from its event loop and never waits for the line. This thread sends frames: it
lets a burst of drawing settle, and while a slow line carries one frame the next ones melt into one.

A picture is sent once, over cells the grid keeps for it, and is taken away before the frame that draws anything else
on one of them: no screen needs to remember it.
"""

import os
from collections.abc import Callable
from threading import Condition, Thread
from typing import Final

from kiosk.terminal.grid import Grid
from kiosk.terminal.paint import Painter
from kiosk.terminal.picture import Picture

LINGER: Final = 0.004
"""Seconds a frame waits for the rest of its burst: Textual paints a new screen in several writes."""
_PATIENCE: Final = 1.0
"""Seconds given to the last frame at the end; a line that is stuck is then left behind."""
_PIECE: Final = 4096
"""Bytes of a picture sent before looking whether it is still wanted."""


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
        self._wanted: Picture | None = None
        self._epilogue = ""
        self._again = False
        self._shown: Picture | None = None
        """Whole or in part. With `_cut` and `_last`, the output thread's alone."""
        self._last: Picture | None = None
        self._resized = False
        self._cut = False
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
                if self._grid.torn:
                    self._wanted = None
            self._wake()

    def show(self, picture: Picture, epilogue: str) -> bool:
        """Draw `picture` once, then send `epilogue`. `False` where the grid does not keep its very cells for it.

        It stays until something is drawn on one of them, the terminal is resized, or `hide`.
        """
        with self._work:
            # Sixels below the last row but one may scroll the screen.
            if picture.y + picture.rows >= self._grid.rows or not picture.cells <= self._grid.kept:
                return False
            self._wanted, self._epilogue = picture, epilogue
            self._grid.torn = False
            self._wake()
        return True

    def hide(self) -> None:
        """Take the picture away, even in the middle of its way."""
        with self._work:
            self._wanted = None
            self._wake()

    def resize(self, size: tuple[int, int]) -> None:
        with self._work:
            self._grid.resize(*size)
            self._painter.forget()
            self._wanted = None
            self._resized = True
            self._wake()

    def repaint(self) -> None:
        """Send every cell and the picture again: something else wrote on the terminal."""
        with self._work:
            self._painter.forget()
            self._again = True
            self._wake()

    def send(self, sequence: str) -> None:
        """A sequence of the driver's own (modes, questions), sent before the next frame."""
        with self._work:
            self._asides.append(sequence)
            self._wake()

    def stop(self, farewell: str) -> None:
        """Send `farewell` instead of the next frame, then end. A stuck line is left to the process's end."""
        with self._work:
            self._stopping = True
            self._wanted = None
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
                removal = self._removal()
                text = "".join(self._asides) + ("" if last else self._painter.frame(self._grid))
                picture = self._wanted if self._wanted is not self._shown else None
                around = self._around(picture) if picture is not None else ("", "")
                self._asides.clear()
                self._dirty = False
            if not self._carry(removal + text.encode(self._encoding, "replace")):
                return
            if picture is not None and not self._carry_picture(picture, *around):
                return
            if last:
                return

    def _removal(self) -> bytes:
        """What takes the shown picture away, unless it is still the right one or the next one hides it."""
        shown, again, self._again = self._shown, self._again, False
        resized, self._resized = self._resized, False
        if resized and shown is None:
            shown = self._last  # what a smaller screen hid may come back with a larger one
        if shown is None or (self._wanted is shown and not again):
            return b""
        if self._wanted is not None and self._wanted.hides(shown) and not (again or self._cut):
            return b""
        self._shown = None
        self._painter.forget()
        return shown.removal

    def _around(self, picture: Picture) -> tuple[str, str]:
        """What is sent before it and after it: the cursor's two ways, and the epilogue."""
        self._painter.unplaced()
        back = self._painter.frame(self._grid)
        return f"\x1b[{picture.y + 1};{picture.x + 1}H", self._epilogue + back

    def _carry_picture(self, picture: Picture, before: str, after: str) -> bool:
        """Piece by piece, given up as soon as it is not wanted any more; its removal ends what was cut."""
        self._shown, self._last, self._cut = picture, picture, True
        data = before.encode() + picture.data
        for start in range(0, len(data), _PIECE):
            if self._wanted is not picture:
                return True
            if not self._carry(data[start : start + _PIECE]):
                return False
        self._cut = False
        return self._carry(after.encode())

    def _carry(self, data: bytes) -> bool:
        """Write everything. `False` when the terminal is gone."""
        while data:
            try:
                data = data[os.write(self._descriptor, data) :]
            except OSError:
                self._lost()
                return False
        return True

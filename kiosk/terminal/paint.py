"""The fewest bytes that turn what the terminal shows into what it should show.

Only changed cells are sent, the pen is kept from one frame to the next, the cursor takes the shortest way,
and blank tails go as one EL. No scrolling region, no repeat: sequences every terminal since the VT100 knows.
"""

from collections.abc import Iterable
from typing import Final

from kiosk.terminal.grid import INKED_BLANKS, PLAIN, Cell, Grid, Pen

_UNKNOWN: Final = Cell("\0", PLAIN)
"""A cell nothing equals: the terminal may show anything there."""
_GAP: Final = 4
"""Unchanged cells rewritten rather than jumped over: a jump costs at least four bytes."""
_TAIL: Final = 4
"""Blank cells sent as EL (three bytes) rather than as spaces."""


class Painter:
    """What one terminal shows, as far as we know, and how to change it.

    `erases_in_colour` is terminfo's `bce`: EL paints the current background (xterm, linux, rxvt do; screen,
    tmux and the VT series do not: there only default-coloured tails are erased).
    """

    def __init__(self, *, erases_in_colour: bool) -> None:
        self._erases_in_colour = erases_in_colour
        self._shown: list[list[Cell]] = []
        self._pen: Pen | None = None
        self._x = self._y = -1

    def forget(self) -> None:
        """Know nothing any more: the next frame is sent whole (first frame, resize, Ctrl+L)."""
        self._shown = []
        self._pen = None
        self._x = self._y = -1

    def unplaced(self) -> None:
        """The cursor may be anywhere: a picture was drawn."""
        self._x = self._y = -1

    def frame(self, grid: Grid) -> str:
        """The bytes, as text, that make the terminal show `grid`; its touched rows become untouched."""
        if len(self._shown) != grid.rows or (grid.rows and len(self._shown[0]) != grid.columns):
            self.forget()
            self._shown = [[_UNKNOWN] * grid.columns for _ in range(grid.rows)]
            grid.touched.update(range(grid.rows))
        out: list[str] = []
        for y in sorted(grid.touched):
            if grid.cells[y] != self._shown[y]:
                out.extend(self._row(y, grid.cells[y], self._shown[y]))
                self._shown[y] = grid.cells[y].copy()
        grid.touched.clear()
        out.append(self._go(min(grid.x, grid.columns - 1), min(grid.y, grid.rows - 1)))
        return "".join(out)

    def _row(self, y: int, cells: list[Cell], shown: list[Cell]) -> Iterable[str]:
        tail = self._tail(cells)
        changed_tail = any(new != old for new, old in zip(cells[tail:], shown[tail:], strict=True))
        erase = changed_tail and len(cells) - tail > _TAIL
        end = tail if erase else len(cells)
        x = 0
        while x < end:
            if cells[x] == shown[x]:
                x += 1
                continue
            if cells[x].text == "":  # a half is never sent alone
                x -= 1
            if self._y == y and 0 < x - self._x <= _GAP and self._cheap(cells[self._x : x]):
                x = self._x
            yield self._go(x, y)
            yield self._ink(cells[x]) + cells[x].text
            wide = x + 1 < len(cells) and cells[x + 1].text == ""
            x += 2 if wide else 1
            # The terminal may measure another width than ours, and the last column does not advance.
            certain = cells[x - 1].text.isascii() or (not wide and len(cells[x - 1].text) == 1)
            self._x, self._y = (x, y) if x < len(cells) and certain and not wide else (-1, -1)
        if erase:
            yield self._go(tail, y) + self._ink(cells[tail]) + "\x1b[K"

    def _tail(self, cells: list[Cell]) -> int:
        """Column from which the row is blank in one erasable pen; the row's length when there is none."""
        last = cells[-1]
        if last.text != " " or INKED_BLANKS.intersection(last.pen.attributes):
            return len(cells)
        if last.pen.background and not self._erases_in_colour:
            return len(cells)
        tail = len(cells)
        while tail and cells[tail - 1] == last:
            tail -= 1
        return tail

    def _cheap(self, cells: list[Cell]) -> bool:
        return all(cell.text and cell.text.isascii() and self._serves(cell) for cell in cells)

    def _serves(self, cell: Cell) -> bool:
        """Whether the terminal's pen draws this cell as it should look: a blank has no ink of its own."""
        if self._pen is None or cell.pen == self._pen:
            return self._pen is not None
        return self._inkless(cell) and cell.pen.background == self._pen.background

    def _inkless(self, cell: Cell) -> bool:
        """Whether the cell is a blank whose look does not depend on the ink in the terminal's pen."""
        return (
            cell.text == " "
            and cell.pen == Pen("", cell.pen.background)
            and self._pen is not None
            and not INKED_BLANKS.intersection(self._pen.attributes)
        )

    def _ink(self, cell: Cell) -> str:
        """SGR from the terminal's pen to the cell's: additions alone where nothing must be switched off."""
        if self._serves(cell):
            return ""
        old, pen = self._pen, cell.pen
        if old is not None and pen.background and self._inkless(cell):
            pen = old._replace(background=pen.background)
        self._pen = pen
        codes: list[str] = []
        if (
            old is None
            or not set(old.attributes) <= set(pen.attributes)
            or (old.foreground and not pen.foreground)
            or (old.background and not pen.background)
        ):
            codes.append("")
            old = PLAIN
        codes += [code for code in pen.attributes if code not in old.attributes]
        if pen.foreground != old.foreground:
            codes.append(pen.foreground)
        if pen.background != old.background:
            codes.append(pen.background)
        return f"\x1b[{';'.join(codes)}m"

    def _go(self, x: int, y: int) -> str:
        """The shortest move of the cursor to column `x`, row `y` (from 0)."""
        from_x, from_y, self._x, self._y = self._x, self._y, x, y
        if (from_x, from_y) == (x, y):
            return ""
        if from_y == y and from_x >= 0:
            if x == 0:
                return "\r"
            if x == from_x - 1:
                return "\b"
            distance = abs(x - from_x)
            return f"\x1b[{distance if distance > 1 else ''}{'C' if x > from_x else 'D'}"
        if x == 0 and from_y >= 0 and y == from_y + 1:
            return "\r\n"
        return f"\x1b[{y + 1 if y else ''}H" if x == 0 else f"\x1b[{y + 1};{x + 1}H"

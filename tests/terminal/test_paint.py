"""The grid and the painter: the same cells as the bytes they replace, and never more than cells."""

import re
import unicodedata

import pyte
from hypothesis import example, given
from hypothesis import strategies as st

from kiosk.terminal.grid import Grid
from kiosk.terminal.paint import Painter

COLUMNS, ROWS = 20, 5
SGR = [
    "0",
    "1",
    "3",
    "4",
    "7",
    "9",
    "31",
    "38;5;200",
    "38;2;1;2;3",
    "44",
    "48;5;17",
    "1;31;44",
    "22",
    "24",
    "27",
    "39",
    "49",
]

moves = st.builds("\x1b[{};{}H".format, st.integers(1, ROWS), st.integers(1, COLUMNS))
pens = st.sampled_from(SGR).map("\x1b[{}m".format)
narrow = st.text("abÉœ· ", max_size=COLUMNS)
blanks = st.integers(0, COLUMNS).map(lambda n: " " * n)
drawings = st.lists(st.one_of(moves, pens, narrow, blanks), max_size=25).map("".join)
wide = st.lists(st.one_of(moves, pens, st.text("a漢 字e\u0301", max_size=8)), max_size=25).map("".join)


UNDERSTOOD = re.compile(r"\x1b\[[0-9;]*[mHCDK]|\r\n|\r|\x08")


class Glass:
    """A terminal as pyte plays it, wrapping switched off as the driver does."""

    def __init__(self) -> None:
        self.screen = pyte.Screen(COLUMNS, ROWS)
        self.stream = pyte.Stream(self.screen)
        self.stream.feed("\x1b[?7l")

    def seen(self) -> list[list[tuple[object, ...]]]:
        return [[_seen(self.screen.buffer[y][x]) for x in range(COLUMNS)] for y in range(ROWS)]


def _seen(cell: pyte.screens.Char) -> tuple[object, ...]:
    if cell.data == " " and not (cell.underscore or cell.reverse or cell.strikethrough):
        return (" ", cell.bg)
    return cell


def settled(drawing: str) -> str:
    """A drawing that leaves neither pen nor cursor behind, as each of Textual's writes does."""
    return drawing + "\x1b[0m\x1b[H"


@given(st.lists(drawings, min_size=1, max_size=4))
@example(["\x1b[1;1H\x1b[44m" + " " * 20, "\x1b[1;5H\x1b[0m" + " " * 16])
@example(["\x1b[2;20Hab", "\x1b[2;19Hc"])
def test_frames_leave_the_cells_the_drawings_would_have_left(writes: list[str]) -> None:
    direct, painted = Glass(), Glass()
    for colour in (True, False):
        direct, painted = Glass(), Glass()
        grid, painter = Grid(COLUMNS, ROWS), Painter(erases_in_colour=colour)
        for write in map(settled, writes):
            direct.stream.feed(write)
            grid.draw(write)
            painted.stream.feed(painter.frame(grid))
            assert painted.seen() == direct.seen()
            assert (painted.screen.cursor.x, painted.screen.cursor.y) == (0, 0)


@given(st.lists(wide, min_size=1, max_size=4))
def test_a_screen_changed_step_by_step_is_the_one_painted_at_once(writes: list[str]) -> None:
    """Wide and combining characters, halves cut: what was sent in pieces equals what Ctrl+L would send."""
    grid, painter, stepped, whole = Grid(COLUMNS, ROWS), Painter(erases_in_colour=True), Glass(), Glass()
    for write in map(settled, writes):
        grid.draw(write)
        stepped.stream.feed(painter.frame(grid))
    painter.forget()
    whole.stream.feed(painter.frame(grid))
    assert stepped.seen() == whole.seen()


@given(st.text())
@example("\x1b]52;c;MTIzNA==\x07")
@example("\x9d0;titre\x9c")
@example("\x1b[6n\x1b[c\x1b[?1049l\x1b[?2026$p")
@example("\x1bPq#0\x1b\\\x1b_Ga=d\x1b\\")
@example("a\u202eb\u200bc\u2066")
@example("\x1b[99999999999999999999;9H\x1b[38;2m\x1b[;;;m")
def test_nothing_but_cells_colours_and_moves_ever_leaves(data: str) -> None:
    grid, painter = Grid(COLUMNS, ROWS), Painter(erases_in_colour=True)
    grid.draw(data)
    sent = painter.frame(grid)
    left = UNDERSTOOD.sub("", sent)
    assert all(c.isprintable() or unicodedata.category(c) == "Zs" for c in left), ascii(left)
    assert len(grid.cells) == ROWS
    assert all(len(row) == COLUMNS for row in grid.cells)


def test_nothing_changed_costs_nothing() -> None:
    grid, painter = Grid(COLUMNS, ROWS), Painter(erases_in_colour=True)
    grid.draw(settled("\x1b[2;3Hbonjour"))
    painter.frame(grid)
    grid.draw(settled("\x1b[2;3Hbonjour"))
    assert painter.frame(grid) == ""


def test_one_letter_costs_one_letter_where_the_cursor_stands() -> None:
    grid, painter = Grid(COLUMNS, ROWS), Painter(erases_in_colour=True)
    grid.draw("\x1b[2;3H")
    painter.frame(grid)
    grid.draw("a")
    assert painter.frame(grid) == "a"


def test_a_coloured_tail_is_not_erased_where_the_terminal_would_lose_its_colour() -> None:
    drawing = "\x1b[1;1H\x1b[44m" + " " * COLUMNS
    for colour, erases in ((True, True), (False, False)):
        grid, painter = Grid(COLUMNS, ROWS), Painter(erases_in_colour=colour)
        grid.draw(drawing)
        assert bool(re.search(r"44m\x1b\[K", painter.frame(grid))) is erases

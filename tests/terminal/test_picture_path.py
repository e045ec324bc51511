"""The one way beside the grid: only a picture takes it, only over its own cells, and it can be called back."""

import fcntl
import os
import re
import select
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from picture_terminal import Watcher
from rich.style import Style

from kiosk.rendering import graphics
from kiosk.rendering.page import PagePicture
from kiosk.terminal.grid import Grid
from kiosk.terminal.output import Output
from kiosk.terminal.picture import KEPT, MOST_BYTES, Picture
from kiosk.tty import PICTURE_ID

COLUMNS, ROWS = 20, 8
CELLS = (4, 3)
ARRIVED = "\x1b[5n"


def page(width: int, height: int) -> PagePicture:
    """Pixels that nothing compresses well: the rows' own checksums."""
    rgb = b"".join(zlib.crc32(at.to_bytes(4, "big")).to_bytes(4, "big")[:3] for at in range(width * height))
    return PagePicture(width, height, rgb, 0, 1)


SIXEL = graphics.sixel(page(40, 60))
KITTY = graphics.kitty(page(40, 60), CELLS, PICTURE_ID)
HEAVY_SIXEL = graphics.sixel(page(100, 100))
HEAVY = graphics.kitty(page(240, 300), CELLS, PICTURE_ID)


def kept(x: int, y: int, columns: int, rows: int) -> str:
    """What Textual sends for a widget that keeps these cells."""
    blank = KEPT.render(" " * columns)
    return "".join(f"\x1b[{y + row + 1};{x + 1}H{blank}" for row in range(rows))


# --- only a picture -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("data", [SIXEL, KITTY, HEAVY], ids=["sixel", "kitty", "kitty in pieces"])
def test_what_the_encoders_make_may_be_sent(data: bytes) -> None:
    assert Picture(2, 1, *CELLS, data).data == data


@given(st.binary())
@example(b"")
@example(b"\x1b[c")
@example(SIXEL + b"\x1b[6n")
@example(b"\x1b]52;c;MTIz\x07" + SIXEL)
@example(SIXEL + SIXEL)
@example(KITTY + SIXEL)
@example(KITTY.replace(b"a=T", b"a=q"))
@example(KITTY.replace(b"f=100", b"t=f,f=100"))
@example(KITTY.replace(b"q=2", b"q=0"))
@example(b"\x1b_Ga=d,d=A\x1b\\")
@example(b"\x1bPtmux;\x1b\x1b[c\x1b\\")
def test_nothing_else_may(data: bytes) -> None:
    with pytest.raises(ValueError, match="not a picture"):
        Picture(2, 1, *CELLS, data)


@given(st.sampled_from([SIXEL, KITTY]), st.data())
def test_no_byte_in_it_can_begin_another_sequence(picture: bytes, data: st.DataObject) -> None:
    """Control characters, C1 and everything outside ASCII are refused wherever they stand."""
    at = data.draw(st.integers(1, len(picture) - 2))
    foreign = data.draw(st.integers(0, 255).filter(lambda byte: byte < 0x20 or byte > 0x7E))
    for changed in (
        picture[:at] + bytes([foreign]) + picture[at:],
        picture[:at] + bytes([foreign]) + picture[at + 1 :],
    ):
        if changed != picture:
            with pytest.raises(ValueError, match="not a picture"):
                Picture(2, 1, *CELLS, changed)


def test_nor_one_too_heavy_for_a_line() -> None:
    with pytest.raises(ValueError, match="not a picture"):
        Picture(2, 1, *CELLS, SIXEL.replace(b"\x1b\\", b"?" * MOST_BYTES + b"\x1b\\"))


# --- only over its own cells --------------------------------------------------------------------------------


def test_kept_cells_are_blank_whatever_is_drawn_on_them() -> None:
    grid = Grid(COLUMNS, ROWS)
    grid.draw("\x1b[2;1HNOM PATIENT" + f"\x1b[2;3H{Style(frame=True).render('secret')}")
    assert "".join(cell.text for cell in grid.cells[1]).rstrip() == "NO      ENT"
    assert grid.kept == {(x, 1) for x in range(2, 8)}


@given(st.text(min_size=1, max_size=4), st.integers(0, COLUMNS - 1), st.integers(0, ROWS - 1))
@example("\u0301", 7, 2)
@example("漢", 1, 1)
def test_anything_seen_over_them_tears_the_place(text: str, x: int, y: int) -> None:
    """At once, even when the same cells are kept again before anybody looks."""
    grid = Grid(COLUMNS, ROWS)
    grid.draw(kept(2, 1, *CELLS))
    grid.torn = False
    before = [row.copy() for row in grid.cells]
    grid.draw(f"\x1b[{y + 1};{x + 1}H{text}")
    over = {
        (column, row)
        for row in range(1, 1 + CELLS[1])
        for column in range(2, 2 + CELLS[0])
        if grid.cells[row][column] != before[row][column]
    }
    assert grid.torn or not over
    torn = grid.torn
    grid.draw(kept(2, 1, *CELLS))
    assert grid.torn is torn


class Line:
    """The far end of a terminal's line: what came through it, taken when it is asked for."""

    def __init__(self) -> None:
        self.reader, writer = os.pipe()
        fcntl.fcntl(writer, 1031, 4096)  # F_SETPIPE_SZ: more than that waits
        self.writer = writer
        self.came = b""

    def until(self, words: bytes) -> bytes:
        """Everything from the last look to `words`."""
        begin = len(self.came)
        while words not in self.came[begin:]:
            assert select.select([self.reader], [], [], 20)[0], (words, self.came[begin:][-200:])
            self.came += os.read(self.reader, 1024)
        return self.came[begin:]


@contextmanager
def output() -> Iterator[tuple[Output, Line]]:
    """Leaving the block closes the line after its last byte."""
    line = Line()
    out = Output(line.writer, (COLUMNS, ROWS), encoding="utf-8", erases_in_colour=True, lost=lambda: None)
    out.start()
    try:
        yield out, line
    finally:
        ended = threading.Thread(target=out.stop, args=("fin",))
        ended.start()
        line.until(b"fin")
        ended.join()
        os.close(line.writer)
        os.close(line.reader)


def shown(out: Output, line: Line, data: bytes = SIXEL) -> Picture:
    picture = Picture(2, 1, *CELLS, data)
    out.draw(kept(2, 1, *CELLS))
    assert out.show(picture, ARRIVED)
    line.until(ARRIVED.encode())
    return picture


def test_a_picture_is_refused_where_its_cells_are_not_kept() -> None:
    with output() as (out, _):
        assert not out.show(Picture(2, 1, *CELLS, SIXEL), ARRIVED)
        out.draw(kept(2, 1, *CELLS))
        assert not out.show(Picture(3, 1, *CELLS, SIXEL), ARRIVED)
        assert not out.show(Picture(2, 1, 5, 3, SIXEL), ARRIVED)
        out.draw("\x1b[2;3Hx")
        assert not out.show(Picture(2, 1, *CELLS, SIXEL), ARRIVED)


def test_nor_on_the_last_line_where_sixels_would_scroll_the_screen() -> None:
    with output() as (out, _):
        out.draw(kept(2, ROWS - 3, *CELLS))
        assert not out.show(Picture(2, ROWS - 3, *CELLS, SIXEL), ARRIVED)


def test_it_is_sent_once() -> None:
    with output() as (out, line):
        shown(out, line)
        for number in range(3):
            out.draw(f"\x1b[8;1Hligne {number}")
            line.until(str(number).encode())
        out.draw(kept(2, 1, *CELLS) + "\x1b[8;1Hfini")
        line.until(b"fi")
        assert line.came.count(SIXEL) == 1


@pytest.mark.parametrize("data", [SIXEL, KITTY], ids=["sixel", "kitty"])
def test_its_removal_comes_before_what_is_drawn_over_it(data: bytes) -> None:
    with output() as (out, line):
        out.draw("\x1b[1;1Hen-tete")
        picture = shown(out, line, data)
        out.draw("\x1b[3;4HCODE")
        sent = line.until(b"CODE")
        assert sent.index(picture.removal) < sent.index(b"en-tete") < sent.index(b"CODE"), (
            "all is drawn again"
        )
        assert data not in sent


def test_covered_and_uncovered_before_anything_was_sent_it_is_gone_all_the_same() -> None:
    with output() as (out, line):
        picture = shown(out, line)
        out.draw("\x1b[3;4HCODE" + kept(2, 1, *CELLS) + "\x1b[8;1Hfini")
        sent = line.until(b"fini")
        assert picture.removal in sent
        assert b"CODE" not in sent


@pytest.mark.parametrize("data", [HEAVY_SIXEL, HEAVY], ids=["sixel", "kitty"])
def test_called_back_half_way_the_rest_stays_here(data: bytes) -> None:
    with output() as (out, line):
        picture = Picture(2, 1, *CELLS, data)
        out.draw(kept(2, 1, *CELLS))
        assert out.show(picture, ARRIVED)
        line.until(data[:20])
        out.hide()
        out.draw("\x1b[8;1Hfini")
        line.until(b"fini")
        assert picture.removal in line.came
        assert len(line.came) < len(data) / 2
        assert ARRIVED.encode() not in line.came
        watcher = Watcher((COLUMNS, ROWS), (10, 20))
        watcher.feed(line.came)
        assert not watcher.pictures
        assert watcher.text().strip() == "fini"


def test_another_picture_in_the_very_place_needs_no_empty_screen_between() -> None:
    with output() as (out, line):
        shown(out, line, KITTY)
        begin = len(line.came)
        other = graphics.kitty(page(30, 60), CELLS, PICTURE_ID)
        shown(out, line, other)
        sent = line.came[begin:]
        assert other in sent
        assert b"\x1b[2J" not in sent


def test_a_place_that_changed_does() -> None:
    with output() as (out, line):
        first = shown(out, line)
        begin = len(line.came)
        out.draw("\x1b[4;3H    ")
        smaller = Picture(2, 1, 4, 2, SIXEL)
        assert out.show(smaller, ARRIVED)
        line.until(ARRIVED.encode())
        sent = line.came[begin:]
        assert sent.index(first.removal) < sent.index(SIXEL)


@pytest.mark.parametrize("data", [SIXEL, KITTY], ids=["sixel", "kitty"])
def test_the_last_thing_sent_takes_it_away(data: bytes) -> None:
    with output() as (out, line):
        picture = shown(out, line, data)
        begin = len(line.came)
    assert line.came[begin:].endswith(picture.removal + b"fin")


def test_without_a_picture_nothing_is_sent_for_one() -> None:
    with output() as (out, line):
        out.hide()
        out.resize((COLUMNS, ROWS))
        out.repaint()
        out.draw("\x1b[8;1Hfini")
        line.until(b"fini")
    assert not re.search(rb"\x18|\x1b[_P]|\x1b\[2J", line.came)

"""A picture on a terminal: half blocks everywhere, sixel and kitty where they are allowed."""

import base64
import re

from hypothesis import given
from hypothesis import strategies as st

from kiosk.rendering import graphics, halves
from kiosk.rendering.layout import text_of
from kiosk.rendering.page import PagePicture

RED, WHITE, BLACK = (255, 0, 0), (255, 255, 255), (0, 0, 0)


def picture(*rows: list[tuple[int, int, int]]) -> PagePicture:
    rgb = b"".join(bytes(colour) for row in rows for colour in row)
    return PagePicture(len(rows[0]), len(rows), rgb, 0, 1)


def test_two_pixels_make_a_cell() -> None:
    (line,) = halves.coloured(picture([RED, RED, BLACK], [WHITE, WHITE, BLACK]))
    assert [(run.text, run.ink, run.paper) for run in line] == [("▀▀", RED, WHITE), ("▀", BLACK, BLACK)]


def test_a_last_odd_row_stands_over_white() -> None:
    assert [run.paper for line in halves.coloured(picture([RED])) for run in line] == [WHITE]


def test_without_colours_ink_and_paper_remain() -> None:
    shown = halves.plain(picture([BLACK, WHITE, BLACK, WHITE], [WHITE, BLACK, BLACK, WHITE]))
    assert [text_of(line) for line in shown] == ["▀▄█"]


def test_the_size_to_ask_fills_the_cells() -> None:
    columns, rows = halves.pixels_for(80, 24)
    assert len(halves.coloured(PagePicture(columns, rows, bytes(3 * columns * rows), 0, 1))) == 24


def decoded_sixel(text: str) -> list[list[tuple[int, int, int]]]:
    """A reader of the little of DEC's sixel that is written: raster attributes, colours, repeats, $ and -."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', text, re.DOTALL)
    assert body is not None
    width, height = int(body[1]), int(body[2])
    rows = [[(-1, -1, -1)] * width for _ in range(height)]
    palette: dict[int, tuple[int, int, int]] = {}
    colour, across, down = (0, 0, 0), 0, 0
    token = re.compile(r"#(\d+);2;(\d+);(\d+);(\d+)|#(\d+)|!(\d+)(.)|([?-~])|([$-])")
    for found in token.finditer(body[3]):
        if found[1]:
            palette[int(found[1])] = tuple(round(int(each) * 255 / 100) for each in found.group(2, 3, 4))  # type: ignore[assignment]
        elif found[5]:
            colour = palette[int(found[5])]
        elif found[9]:
            across, down = 0, down + (6 if found[9] == "-" else 0)
        else:
            character, times = (found[7], int(found[6])) if found[6] else (found[8], 1)
            for bit in range(6):
                if (ord(character) - 63) >> bit & 1:
                    rows[down + bit][across : across + times] = [colour] * times
            across += times
    return rows


@given(st.integers(1, 40), st.integers(1, 20), st.data())
def test_a_sixel_reader_finds_every_pixel_near_its_colour(
    width: int, height: int, data: st.DataObject
) -> None:
    rgb = data.draw(st.binary(min_size=3 * width * height, max_size=3 * width * height))
    rows = decoded_sixel(graphics.sixel(PagePicture(width, height, rgb, 0, 1)))
    assert len(rows) == height
    for place in range(width * height):
        shown = rows[place // width][place % width]
        for channel in range(3):
            assert abs(shown[channel] - rgb[3 * place + channel]) <= 26


@given(st.integers(1, 60), st.integers(1, 60))
def test_kitty_carries_every_byte_in_pieces(width: int, height: int) -> None:
    rgb = bytes(index % 251 for index in range(3 * width * height))
    pieces = re.findall(
        r"\x1b_G([^;]*);([^\x1b]*)\x1b\\", graphics.kitty(PagePicture(width, height, rgb, 0, 1))
    )
    assert base64.b64decode("".join(data for _, data in pieces)) == rgb
    assert f"s={width},v={height}" in pieces[0][0]
    assert all(len(data) <= 4096 for _, data in pieces)
    assert [head.rpartition("m=")[2] for head, _ in pieces] == ["1"] * (len(pieces) - 1) + ["0"]

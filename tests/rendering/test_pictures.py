"""A picture on a terminal: half blocks everywhere, sixel and kitty where they are allowed."""

import base64
import io
import random
import re
from typing import Literal

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

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


def test_pale_writing_is_ink_all_the_same_and_a_plain_sheet_is_none() -> None:
    pale, nearly = (200, 200, 200), (250, 250, 250)
    shown = halves.plain(picture([pale, WHITE, nearly], [WHITE, pale, WHITE]))
    assert [text_of(line) for line in shown] == ["▀▄"]
    assert [text_of(line) for line in halves.plain(picture([WHITE, nearly]))] == [""]


def test_the_size_to_ask_fills_the_cells() -> None:
    columns, rows = halves.pixels_for(80, 24)
    assert len(halves.coloured(PagePicture(columns, rows, bytes(3 * columns * rows), 0, 1))) == 24


def decoded_sixel(data: bytes) -> list[list[tuple[int, int, int]]]:
    """A reader of the little of DEC's sixel that is written: raster attributes, colours, repeats, $ and -."""
    body = re.fullmatch(r'\x1bP0;1;0q"1;1;(\d+);(\d+)(.*)\x1b\\', data.decode("ascii"), re.DOTALL)
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


pixels = st.tuples(st.integers(1, 40), st.integers(1, 20)).flatmap(
    lambda size: st.builds(
        lambda rgb: PagePicture(*size, rgb, 0, 1),
        st.binary(min_size=3 * size[0] * size[1], max_size=3 * size[0] * size[1]),
    )
)


@given(pixels, st.sampled_from(graphics.LEVELS))
def test_a_sixel_reader_finds_every_pixel_near_its_colour(drawn: PagePicture, levels: int) -> None:
    rows = decoded_sixel(graphics.sixel(drawn, levels))
    assert len(rows) == drawn.height
    for place in range(drawn.width * drawn.height):
        shown = rows[place // drawn.width][place % drawn.width]
        for channel in range(3):
            assert abs(shown[channel] - drawn.rgb[3 * place + channel]) <= 128 / (levels - 1) + 2


@given(pixels, st.sampled_from(graphics.LEVELS))
def test_kitty_carries_a_picture_that_pillow_reads(drawn: PagePicture, levels: int) -> None:
    pieces = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", graphics.kitty(drawn, (7, 3), 41, levels))
    assert b"i=41,p=1,c=7,r=3" in pieces[0][0]
    assert all(b"q=2" in head for head, _ in pieces)
    image = Image.open(io.BytesIO(base64.b64decode(b"".join(data for _, data in pieces)))).convert("RGB")
    assert image.size == (drawn.width, drawn.height)
    for shown, wanted in zip(image.tobytes(), drawn.rgb, strict=True):
        assert abs(shown - wanted) <= 128 / (levels - 1) + 1


def noise(width: int, height: int) -> PagePicture:
    return PagePicture(width, height, random.Random(7).randbytes(3 * width * height), 0, 1)


def test_a_large_picture_comes_in_pieces_the_last_one_marked() -> None:
    pieces = re.findall(rb"\x1b_G([^;]*);([^\x1b]*)\x1b\\", graphics.kitty(noise(200, 100), (20, 5), 41))
    assert len(pieces) > 2
    assert all(len(data) <= 4096 and len(data) % 4 == 0 for _, data in pieces)
    assert [head.rpartition(b"m=")[2] for head, _ in pieces] == [b"1"] * (len(pieces) - 1) + [b"0"]


@pytest.mark.parametrize("kind", ["sixel", "kitty"])
def test_the_finest_palette_that_is_light_enough_is_chosen(kind: Literal["sixel", "kitty"]) -> None:
    drawn = noise(120, 80)
    sizes = []
    for most in (100_000, 15_000, 10_000, 9_000, 100):
        made = graphics.encoded(drawn, kind, (12, 4), identifier=41, colours=256, most=most)
        assert made is None or len(made) <= most
        sizes.append(len(made or b""))
    assert sizes == sorted(sizes, reverse=True)
    assert sizes[0] > sizes[-1] == 0


def test_a_terminal_of_few_colours_gets_no_more() -> None:
    drawn = noise(60, 60)
    for colours, most in ((256, 216), (215, 64), (27, 27), (16, 8)):
        made = graphics.encoded(drawn, "sixel", (6, 3), identifier=41, colours=colours, most=10**6)
        assert made is not None
        assert len(set(re.findall(rb"#(\d+);2;", made))) <= most
    assert graphics.encoded(drawn, "sixel", (6, 3), identifier=41, colours=4, most=10**6) is None

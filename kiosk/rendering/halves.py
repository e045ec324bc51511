"""A picture in half blocks: each cell shows two pixels, the upper one as ink of « ▀ », the lower one as paper."""

from dataclasses import dataclass
from itertools import groupby

from kiosk.rendering.layout import Line
from kiosk.rendering.page import PagePicture, Span

Colour = tuple[int, int, int]

_MIDDLE = 128 * 3
"""Sum of the three channels from which a pixel counts as paper, unless the picture is pale: a page seen whole is."""
_LEAST_CONTRAST = 16 * 3
"""Between the darkest and the lightest pixel; with less, the picture is a plain sheet."""


@dataclass(frozen=True)
class Run:
    """Neighbouring cells of the same two colours."""

    text: str
    ink: Colour
    paper: Colour


def pixels_for(columns: int, rows: int) -> tuple[int, int]:
    """The size to ask a picture in, so that it fills that many cells."""
    return columns, 2 * rows


def coloured(picture: PagePicture) -> list[tuple[Run, ...]]:
    """Lines of runs for terminals with true colours or 256 of them."""
    laid = []
    for upper, lower in _pairs(picture):
        pairs = zip(_colours(upper), _colours(lower), strict=True)
        laid.append(tuple(Run("▀" * len(list(same)), ink, paper) for (ink, paper), same in groupby(pairs)))
    return laid


def plain(picture: PagePicture) -> list[Line]:
    """Black on white without a single colour: paper is a space, ink a block, for any terminal."""
    laid: list[Line] = []
    paper = _paper(picture)
    for upper, lower in _pairs(picture):
        dark = zip(
            *([sum(colour) < paper for colour in _colours(row)] for row in (upper, lower)), strict=True
        )
        laid.append((Span("".join(_BLOCKS[each] for each in dark).rstrip()),))
    return laid


_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


def _pairs(picture: PagePicture) -> list[tuple[bytes, bytes]]:
    """Rows two by two; a last odd one over white."""
    row = 3 * picture.width
    rows = [picture.rgb[start : start + row] for start in range(0, row * picture.height, row)]
    if len(rows) % 2:
        rows.append(b"\xff" * row)
    return list(zip(rows[::2], rows[1::2], strict=True))


def _colours(row: bytes) -> list[Colour]:
    return list(zip(row[::3], row[1::3], row[2::3], strict=True))


def _paper(picture: PagePicture) -> float:
    """The sum from which a pixel is paper: half way from the darkest to the lightest, never darker than `_MIDDLE`."""
    sums = [sum(colour) for colour in _colours(picture.rgb)] or [0]
    darkest, lightest = min(sums), max(sums)
    return max(_MIDDLE, (darkest + lightest) / 2) if lightest - darkest >= _LEAST_CONTRAST else _MIDDLE

"""A picture in a terminal's own graphics: sixel or kitty. Only where the site allows it and the terminal has it.

These are the only control sequences this package makes, out of numbers alone. The screen that sends them clears
them: a kitty image stays in the terminal's memory until it is told to forget it.
"""

import base64
import re
from typing import Final

from kiosk.rendering.page import PagePicture

KITTY_FORGET: Final = "\x1b_Ga=d,d=A,q=2\x1b\\"
"""Deletes every image, and frees what the terminal kept of them."""

_KITTY_PIECE: Final = 4096
_LEVELS: Final = 6
"""Of each channel: a palette of 216 colours, which every sixel terminal holds."""
_BAND: Final = 6
"""Pixel rows of one sixel row."""
_TO_LEVEL: Final = bytes(round(value * (_LEVELS - 1) / 255) for value in range(256))
_REPEATED: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)


def kitty(picture: PagePicture) -> str:
    """The kitty graphics protocol, drawn at the cursor, without an answer from the terminal (`q=2`)."""
    data = base64.b64encode(picture.rgb).decode("ascii")
    pieces = [data[start : start + _KITTY_PIECE] for start in range(0, len(data), _KITTY_PIECE)] or [""]
    head = f"a=T,f=24,s={picture.width},v={picture.height},q=2,C=1,"
    return "".join(
        f"\x1b_G{head if place == 0 else ''}m={int(place < len(pieces) - 1)};{piece}\x1b\\"
        for place, piece in enumerate(pieces)
    )


def sixel(picture: PagePicture) -> str:
    """Sixels, each colour rounded to a palette of 216."""
    size = picture.width * picture.height
    levels = [int.from_bytes(picture.rgb[channel::3].translate(_TO_LEVEL), "big") for channel in range(3)]
    # One addition over the whole picture: no level is large enough to carry into its neighbour.
    indexes = (levels[0] * _LEVELS * _LEVELS + levels[1] * _LEVELS + levels[2]).to_bytes(size, "big")
    rows = [indexes[start : start + picture.width] for start in range(0, size, max(picture.width, 1))]
    parts = [f'\x1bP0;1;0q"1;1;{picture.width};{picture.height}'.encode()]
    parts += [_definition(index) for index in sorted(set(indexes))]
    for start in range(0, len(rows), _BAND):
        band = rows[start : start + _BAND]
        parts.append(b"$".join(_of_colour(band, index) for index in sorted(set(b"".join(band)))) + b"-")
    return b"".join([*parts, b"\x1b\\"]).decode("ascii")


def _definition(index: int) -> bytes:
    """A colour of the palette, in percent."""
    red, green, blue = index // _LEVELS**2, index // _LEVELS % _LEVELS, index % _LEVELS
    return b"#%d;2;%d;%d;%d" % (index, *(round(each * 100 / (_LEVELS - 1)) for each in (red, green, blue)))


def _of_colour(band: list[bytes], index: int) -> bytes:
    """Where one colour is in a band: a character for each column, repeats counted."""
    bits = 0
    for place, row in enumerate(band):
        bits |= int.from_bytes(row.translate(_only(index, 1 << place)), "big")
    columns = bits.to_bytes(len(band[0]), "big").translate(_TO_CHARACTER).rstrip(b"?")
    return b"#%d" % index + _REPEATED.sub(lambda found: b"!%d%s" % (len(found[0]), found[1]), columns)


def _only(index: int, bit: int) -> bytes:
    table = bytearray(256)
    table[index] = bit
    return bytes(table)


_TO_CHARACTER: Final = bytes(min(value + 63, 255) for value in range(256))

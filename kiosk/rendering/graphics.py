"""A picture in a terminal's own graphics: sixel or kitty. Only where the site allows it and the terminal has it.

Made out of numbers alone; `kiosk.terminal.picture` checks every byte again before it is sent, and takes it away.

Bytes for a page of text at 80×24 cells of 10×20 pixels, whole and as wide as the screen: 26 and 57 KB of sixel, 3 and
20 KB of kitty; half blocks of the same page, 12 and 22 KB.
"""

import base64
import re
import struct
import zlib
from typing import Final, Literal

from kiosk.rendering.page import PagePicture

LEVELS: Final = (6, 4, 3, 2)
"""Of each channel, from the finest palette (216 colours) to the lightest (8)."""
_KITTY_PIECE: Final = 4096
_BAND: Final = 6
"""Pixel rows of one sixel row."""
_REPEATED: Final = re.compile(rb"(.)\1{3,}", re.DOTALL)


def encoded(
    picture: PagePicture,
    kind: Literal["sixel", "kitty"],
    cells: tuple[int, int],
    *,
    identifier: int,
    colours: int,
    most: int,
) -> bytes | None:
    """The picture over `cells` (columns, rows) in the finest palette of at most `colours` that takes at most `most`
    bytes; None when none is light enough. `identifier` is kitty's.
    """
    for levels in LEVELS:
        if levels**3 <= colours:
            made = kitty(picture, cells, identifier, levels) if kind == "kitty" else sixel(picture, levels)
            if len(made) <= most:
                return made
    return None


def part(picture: PagePicture, left: int, top: int, size: tuple[int, int]) -> PagePicture:
    """`size` pixels of it from column `left`, row `top`, white where it ends before."""
    width, height = size
    row, kept = 3 * max(picture.width, 1), 3 * max(0, min(width, picture.width - left))
    starts = range(top * row + 3 * left, min(top + height, picture.height) * row, row)
    rgb = b"".join(picture.rgb[start : start + kept].ljust(3 * width, b"\xff") for start in starts)
    return PagePicture(width, height, rgb.ljust(3 * width * height, b"\xff"), picture.page, picture.pages)


def kitty(picture: PagePicture, cells: tuple[int, int], identifier: int, levels: int = LEVELS[0]) -> bytes:
    """The kitty graphics protocol: a PNG drawn over `cells` from the cursor, without an answer (`q=2`).

    It takes the place of the one before with that identifier, in the terminal's memory too.
    """
    data = base64.b64encode(_png(picture, levels))
    pieces = [data[start : start + _KITTY_PIECE] for start in range(0, len(data), _KITTY_PIECE)]
    head = b"a=T,f=100,i=%d,p=1,c=%d,r=%d,C=1," % (identifier, *cells)
    return b"".join(
        b"\x1b_G%sq=2,m=%d;%s\x1b\\" % (head if place == 0 else b"", place < len(pieces) - 1, piece)
        for place, piece in enumerate(pieces)
    )


def sixel(picture: PagePicture, levels: int = LEVELS[0]) -> bytes:
    """Sixels (DEC STD 070, VT330/340 Programmer Reference Manual, chapter 14), every pixel drawn."""
    indexes = _indexes(picture, levels)
    rows = [indexes[start : start + picture.width] for start in range(0, len(indexes), max(picture.width, 1))]
    parts = [b'\x1bP0;1;0q"1;1;%d;%d' % (picture.width, picture.height)]
    parts += [_definition(index, levels) for index in sorted(set(indexes))]
    for start in range(0, len(rows), _BAND):
        band = rows[start : start + _BAND]
        parts.append(b"$".join(_of_colour(band, index) for index in sorted(set(b"".join(band)))) + b"-")
    return b"".join([*parts, b"\x1b\\"])


def _indexes(picture: PagePicture, levels: int) -> bytes:
    """The nearest colour of the palette, a byte for each pixel."""
    size = picture.width * picture.height
    nearest = bytes(round(value * (levels - 1) / 255) for value in range(256))
    red, green, blue = (
        int.from_bytes(picture.rgb[channel::3].translate(nearest), "big") for channel in range(3)
    )
    # One addition over the whole picture: no level is large enough to carry into its neighbour.
    return ((red * levels + green) * levels + blue).to_bytes(size, "big")


def _png(picture: PagePicture, levels: int) -> bytes:
    """An indexed PNG (ISO/IEC 15948), eight bits a pixel, no filter."""
    indexes, width = _indexes(picture, levels), picture.width
    shades = [round(level * 255 / (levels - 1)) for level in range(levels)]
    palette = bytes(
        each for red in shades for green in shades for blue in shades for each in (red, green, blue)
    )
    rows = b"".join(b"\0" + indexes[start : start + width] for start in range(0, len(indexes), max(width, 1)))
    header = struct.pack(">IIBBBBB", width, picture.height, 8, 3, 0, 0, 0)
    chunks = ((b"IHDR", header), (b"PLTE", palette), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def _definition(index: int, levels: int) -> bytes:
    """A colour of the palette, in percent."""
    red, green, blue = index // levels**2, index // levels % levels, index % levels
    return b"#%d;2;%d;%d;%d" % (index, *(round(each * 100 / (levels - 1)) for each in (red, green, blue)))


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

"""Whether the fonts of a PDF are inside it and agree with their dictionaries (ISO 19005-1, 6.3).

Every font of the file is looked at, and every width it declares; which glyphs the pages draw is not. Type 1
programs (PDF/A-1 made since 2005 has the compact form) and CMaps other than Identity are not read: such a file
counts as none.
"""

import io
import logging
import re
from collections.abc import Callable, Iterable
from importlib import import_module
from typing import Any, Final

from kiosk.deposit.pdfa.file import PdfFile, Stream, nested
from kiosk.deposit.pdfa.values import Malformed, Name, Value

_SUBSET = re.compile(r"[A-Z]{6}\+")
_SYMBOLIC: Final = 4
_CODECS: Final = {"WinAnsiEncoding": "cp1252", "MacRomanEncoding": "mac_roman"}
_GLYPH_WIDTH = re.compile(rb"\s*([+-]?[\d.]+)\s")
_READERS: Final = (
    "encodings.cp1252",
    "encodings.mac_roman",
    "fontTools.agl",
    "fontTools.cffLib",
    "fontTools.encodings.StandardEncoding",
    "fontTools.encodings.codecs",
    "fontTools.pens.basePen",
    "fontTools.ttLib.standardGlyphOrder",
    *(
        f"fontTools.ttLib.tables._{name}"
        for name in ("c_m_a_p", "h_e_a_d", "h_h_e_a", "h_m_t_x", "m_a_x_p", "p_o_s_t")
    ),
    "fontTools.unicode",
)
"""What fontTools and Python import only while they read a font."""

logging.getLogger("fontTools").addHandler(logging.NullHandler())  # else it warns on the terminal

_Font = dict[str, Value]
_Widths = Callable[[Any], float | None]
"""Of a glyph, in thousandths of its size; None for one the program does not have."""


def load_readers() -> None:
    """For a process that can open no file later."""
    for module in _READERS:
        import_module(module)


def fonts_fit(file: PdfFile) -> bool:
    """Raises `Malformed` for what cannot be read."""
    for value in file.objects.values():
        for one in nested(value):
            if not isinstance(one, dict):
                continue
            if any(file.entries(font).get("Type") != "Font" for font in _resources(file, one)):
                return False
            if one.get("Type") == "Font" and not _fits(file, one):
                return False
    return True


def _resources(file: PdfFile, entries: dict[str, Value]) -> Iterable[Value]:
    fonts = file.value(entries.get("Font"))
    return fonts.values() if isinstance(fonts, dict) else ()


def _fits(file: PdfFile, font: _Font) -> bool:
    kind = font.get("Subtype")
    if kind != "Type3" and not isinstance(file.value(font.get("BaseFont")), Name):
        return False
    if kind == "Type0":
        descendants = file.items(font.get("DescendantFonts"))
        known = [one for one in descendants if file.entries(one).get("Type") == "Font"]
        return len(known) == 1 and file.value(font.get("Encoding")) in ("Identity-H", "Identity-V")
    if kind in ("CIDFontType0", "CIDFontType2"):
        return _composite_fits(file, font)
    first, last = file.value(font.get("FirstChar")), file.value(font.get("LastChar"))
    widths = file.items(font.get("Widths"))
    if not isinstance(first, int) or not isinstance(last, int) or len(widths) != last - first + 1:
        return False
    declared = {first + index: width for index, width in enumerate(widths)}
    match kind:
        case "Type3":
            return _drawn_fits(file, font, declared)
        case "TrueType":
            return _truetype_fits(file, font, declared)
        case "Type1" | "MMType1":
            return _compact_fits(file, font, declared)
    return False


def _drawn_fits(file: PdfFile, font: _Font, declared: dict[int, float]) -> bool:
    """Glyphs that are drawings say their width themselves."""
    names = _differences(file, font)
    for name, glyph in file.entries(font.get("CharProcs")).items():
        stream = file.value(glyph)
        said = _GLYPH_WIDTH.match(file.decoded(stream)) if isinstance(stream, Stream) else None
        if said is None:
            return False
        if any(abs(declared.get(code, 0) - float(said[1])) > 1 for code in names if names[code] == name):
            return False
    return True


def _truetype_fits(file: PdfFile, font: _Font, declared: dict[int, float]) -> bool:
    descriptor = file.entries(font.get("FontDescriptor"))
    program, widths = _truetype(file, descriptor)
    encoding = file.value(font.get("Encoding"))
    if descriptor.get("Flags", 0) & _SYMBOLIC:
        if encoding is not None or "cmap" not in program or len(program["cmap"].tables) != 1:
            return False
        glyphs = program["cmap"].tables[0].cmap
        found = {code: glyphs.get(code, glyphs.get(0xF000 + code)) for code in declared}
    else:
        if isinstance(encoding, dict) and "Differences" not in encoding:
            encoding = file.value(encoding.get("BaseEncoding"))
        codec = _CODECS.get(encoding) if isinstance(encoding, Name) else None
        if codec is None or "cmap" not in program:
            return False
        unicode, mac = program["cmap"].getcmap(3, 1), program["cmap"].getcmap(1, 0)
        if unicode is not None:
            found = {code: unicode.cmap.get(ord(_letter(code, codec))) for code in declared}
        elif mac is not None:
            found = {code: mac.cmap.get(_mac_code(_letter(code, codec))) for code in declared}
        else:
            return False
    return _agree((declared[code], widths(found[code])) for code in declared if found[code])


def _compact_fits(file: PdfFile, font: _Font, declared: dict[int, float]) -> bool:
    from fontTools.agl import UV2AGL
    from fontTools.encodings.StandardEncoding import StandardEncoding

    descriptor = file.entries(font.get("FontDescriptor"))
    program, widths = _compact(file, descriptor, "Type1C")
    encoding = file.value(font.get("Encoding"))
    base = file.value(encoding.get("BaseEncoding")) if isinstance(encoding, dict) else encoding
    if base in _CODECS:
        names = {code: UV2AGL.get(ord(_letter(code, _CODECS[base]))) for code in declared}
    else:
        own = StandardEncoding if isinstance(program.Encoding, str) else program.Encoding
        names = dict(enumerate(own))
    names |= _differences(file, font)
    if _SUBSET.match(file.value(font.get("BaseFont"))):
        listed = set(file.value(descriptor.get("CharSet")).decode("latin-1").split("/"))
        if listed - {"", ".notdef"} != set(program.charset) - {".notdef"}:
            return False
        if any(declared[code] and names.get(code) not in listed for code in declared):
            return False
    return _agree((declared[code], widths(names.get(code))) for code in declared)


def _composite_fits(file: PdfFile, font: _Font) -> bool:
    descriptor = file.entries(font.get("FontDescriptor"))
    truetype = font.get("Subtype") == "CIDFontType2"
    program, by_name = (
        _truetype(file, descriptor) if truetype else _compact(file, descriptor, "CIDFontType0C")
    )
    names = _glyph_names(file, font, program) if truetype else _compact_names(program)
    declared = _composite_widths(file, font)
    if _SUBSET.match(file.value(font.get("BaseFont"))):
        bits = file.decoded(file.value(descriptor.get("CIDSet")))
        present = {cid for cid in range(8 * len(bits)) if bits[cid >> 3] >> (7 - (cid & 7)) & 1}
        if any(cid not in present for cid in declared if by_name(names(cid)) is not None):
            return False
        if not declared:
            default: float = file.value(font.get("DW", 1000))
            declared = dict.fromkeys(present, default)
    return _agree((width, by_name(names(cid))) for cid, width in declared.items())


def _glyph_names(file: PdfFile, font: _Font, program: Any) -> Callable[[int], str]:
    """Of each character; none for the glyph that stands for what is missing."""
    order = program.getGlyphOrder()
    told = file.value(font.get("CIDToGIDMap"))
    if told == "Identity":
        return lambda cid: order[cid] if 0 < cid < len(order) else ""
    pairs = file.decoded(told)

    def name(cid: int) -> str:
        glyph = int.from_bytes(pairs[2 * cid : 2 * cid + 2])
        return order[glyph] if 0 < glyph < len(order) else ""

    return name


def _compact_names(program: Any) -> Callable[[int], str]:
    if hasattr(program, "ROS"):
        return lambda cid: f"cid{cid:05}" if cid else ""
    return lambda cid: program.charset[cid] if 0 < cid < len(program.charset) else ""


def _composite_widths(file: PdfFile, font: _Font) -> dict[int, float]:
    """PDF Reference 1.4, 5.6.3: `first [width ...]` or `first last width`, again and again."""
    declared: dict[int, float] = {}
    left = 2**16
    values = iter(file.items(font.get("W")))
    for first in values:
        second = next(values, None)
        if isinstance(second, list):
            declared |= {first + index: file.value(width) for index, width in enumerate(second)}
        elif isinstance(second, int) and isinstance(first, int) and (left := left + first - second) > 0:
            width: float = next(values)
            declared |= dict.fromkeys(range(first, second + 1), width)
        else:
            raise Malformed("widths")
    return declared


def _agree(pairs: Iterable[tuple[float, float | None]]) -> bool:
    """Declared and real widths. A code that nobody uses is often declared 0 wide, or has no glyph."""
    return all(real is None or not said or abs(said - real) <= 1 for said, real in pairs)


def _differences(file: PdfFile, font: _Font) -> dict[int, str]:
    """PDF Reference 1.4, 5.5.5: a code, then the names from there on."""
    names: dict[int, str] = {}
    code = 0
    for one in file.items(file.entries(font.get("Encoding")).get("Differences")):
        if isinstance(one, int):
            code = one
        else:
            names[code] = str(one)
            code += 1
    return names


def _letter(code: int, codec: str) -> str:
    return bytes([code & 255]).decode(codec, "replace")


def _mac_code(letter: str) -> int | None:
    encoded = letter.encode("mac_roman", "ignore")
    return encoded[0] if encoded else None


def _embedded(file: PdfFile, descriptor: _Font, key: str, kind: str | None = None) -> bytes:
    stream = file.value(descriptor.get(key))
    if not isinstance(stream, Stream) or stream.entries.get("Subtype") != kind:
        raise Malformed("font program")
    return file.decoded(stream)


def _truetype(file: PdfFile, descriptor: _Font) -> tuple[Any, _Widths]:
    """A program, and the widths of its glyphs by name."""
    from fontTools.ttLib import TTFont

    program = TTFont(io.BytesIO(_embedded(file, descriptor, "FontFile2")), lazy=True)
    scale = 1000 / program["head"].unitsPerEm
    metrics = program["hmtx"].metrics
    return program, lambda name: metrics[name][0] * scale if name in metrics else None


def _compact(file: PdfFile, descriptor: _Font, kind: str) -> tuple[Any, _Widths]:
    from fontTools.cffLib import CFFFontSet
    from fontTools.pens.basePen import NullPen

    fonts = CFFFontSet()
    fonts.decompile(io.BytesIO(_embedded(file, descriptor, "FontFile3", kind)), None)
    program = fonts[0]
    scale = program.FontMatrix[0] * 1000
    drawings = program.CharStrings

    def widths(name: str) -> float | None:
        if name not in drawings:
            return None
        drawing = drawings[name]
        drawing.draw(NullPen())
        return float(drawing.width * scale)

    return program, widths

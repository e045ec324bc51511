"""PDF/A-1 files that draw « AB », the font embedded in each way that programs write."""

import io

from deposit_files import pdfa
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.t2CharStringPen import T2CharStringPen
from fontTools.pens.ttGlyphPen import TTGlyphPen
from pdf_objects import put_together, taken_apart

_GLYPHS = {".notdef": 500, "A": 600, "B": 700}


def compact() -> bytes:
    """Type1C, under WinAnsiEncoding."""
    fonts = FontBuilder(1000, isTTF=False)
    fonts.setupGlyphOrder(list(_GLYPHS))
    fonts.setupCFF(
        "Fictive", {}, {name: _box(T2CharStringPen(width, None)) for name, width in _GLYPHS.items()}, {}
    )
    program = io.BytesIO()
    table = fonts.font["CFF "]
    program.write(table.compile(fonts.font))
    return _drawn(b"/Type1", b"/FontFile3", program.getvalue(), b"/Subtype /Type1C")


def truetype() -> bytes:
    """A whole TrueType, under WinAnsiEncoding."""
    fonts = FontBuilder(1000)
    fonts.setupGlyphOrder(list(_GLYPHS))
    fonts.setupCharacterMap({65: "A", 66: "B"})
    fonts.setupGlyf({name: _box(TTGlyphPen(None)) for name in _GLYPHS})
    fonts.setupHorizontalMetrics({name: (width, 100) for name, width in _GLYPHS.items()})
    fonts.setupHorizontalHeader(ascent=800, descent=-200)
    fonts.setupOS2()
    fonts.setupPost()
    program = io.BytesIO()
    fonts.save(program)
    return _drawn(b"/TrueType", b"/FontFile2", program.getvalue(), b"/Length1 %d" % len(program.getvalue()))


def _box(pen: object) -> object:
    for act, *points in (
        ("moveTo", (100, 0)),
        ("lineTo", (100, 500)),
        ("lineTo", (400, 500)),
        ("lineTo", (400, 0)),
    ):
        getattr(pen, act)(*points)
    pen.closePath()  # type: ignore[attr-defined]
    return pen.getCharString() if isinstance(pen, T2CharStringPen) else pen.glyph()  # type: ignore[attr-defined]


def _drawn(kind: bytes, key: bytes, program: bytes, entries: bytes) -> bytes:
    objects = taken_apart(pdfa("AB"))
    number = {
        mark: next(n for n, one in objects.items() if mark in one.partition(b"stream\n")[0])
        for mark in (b"/Type0", b"/Contents")
    }
    font, page, descriptor, last = number[b"/Type0"], number[b"/Contents"], max(objects) + 1, max(objects) + 3
    objects[font] = (
        b"<< /Type /Font /Subtype %s /BaseFont /Fictive /Encoding /WinAnsiEncoding /FirstChar 65 /LastChar 66 "
        b"/Widths [600 700] /FontDescriptor %d 0 R >>" % (kind, descriptor)
    )
    objects[descriptor] = (
        b"<< /Type /FontDescriptor /FontName /Fictive /Flags 32 /FontBBox [0 0 700 500] /ItalicAngle 0 /Ascent 800 "
        b"/Descent -200 /CapHeight 500 /StemV 80 %s %d 0 R >>" % (key, last)
    )
    objects[last] = b"<< %s /Length %d >>\nstream\n%s\nendstream" % (entries, len(program), program)
    text = b"BT /F1 20 Tf 50 700 Td (AB) Tj ET"
    objects[last - 1] = b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text)
    objects[page] = objects[page].replace(b"/Contents", b"/Contents %d 0 R /Zz" % (last - 1))
    return put_together(objects)

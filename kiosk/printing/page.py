"""One A4 page that becomes PDF/A-1b in memory, with embedded fonts and nothing but what was drawn.

No /Info, no date, no producer: ISO 19005-1 asks for XMP only, and the XMP here says the title. fpdf2's own
XMP writes properties as attributes, which not every validator takes: `_XMP` writes them as elements.

Lengths are millimetres from the top left corner, `y` of a text is its baseline, sizes are points.
"""

import hashlib
from typing import Self
from xml.sax.saxutils import escape

import segno
from fpdf import FPDF
from fpdf.enums import OutputIntentSubType
from fpdf.fonts import TTFFont
from fpdf.output import PDFICCProfile
from fpdf.util import builtin_srgb2014_bytes

from kiosk.printing.code128 import modules
from kiosk.printing.faces import add_faces
from kiosk.text import REPLACEMENT

_FACES = (
    ("sans", "", "DejaVuSans.ttf"),
    ("sans", "B", "DejaVuSans-Bold.ttf"),
    ("mono", "", "DejaVuSansMono-Bold.ttf"),  # its zero is dotted
)
_XMP = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>"""
_LINE = 0.3528 * 1.35
"""Millimetres of leading for one point of size."""
_SMALLEST = 7.0
_MONO_ADVANCE = 0.602 * 0.3528
"""Width of one monospaced character, in millimetres for one point."""


class Page:
    """A sheet being drawn; a context, which wipes on leaving what can be wiped and closes the font files.

    A new one is blank; every file it needs is open or read (0.1 s), so it may be drawn where none can be opened.
    """

    def __init__(self) -> None:
        self._pdf = _Document()
        add_faces(self._pdf, _FACES)
        self._pdf.add_page()
        self._drawn = self._pdf.pages[1].contents

    def name(self, title: str, number: str) -> None:
        """`title` is the only text of the metadata; `number` gives the file identifier PDF/A asks for."""
        self._pdf.set_xmp_metadata(_XMP.format(title=escape(title)))
        self._pdf.number = number

    def text(
        self, x: float, y: float, text: str, size: float, *, bold: bool = False, mono: bool = False
    ) -> None:
        """One line as it is. A character the font lacks is printed as a replacement mark."""
        self._face(size, bold=bold, mono=mono)
        self._pdf.text(x, y, self._known(text))

    def fitted(
        self, x: float, y: float, text: str, size: float, width: float, *, bold: bool = False
    ) -> float:
        """Text broken between words, made smaller until it holds in two lines; the `y` of what may follow.

        Below the smallest readable size words are cut rather than letters lost.
        """
        self._face(size, bold=bold)
        shown = self._known(text)
        while True:
            self._face(size, bold=bold)
            broken = self._broken(shown, width, cut=size <= _SMALLEST)
            if broken is not None and (len(broken) <= 2 or size <= _SMALLEST):
                break
            size = max(size - 0.5, _SMALLEST)
        for line in broken:
            self._pdf.text(x, y, line)
            y += size * _LINE
        return y

    def code(self, x: float, y: float, code: str, size: float, width: float) -> None:
        """A code in groups of four. The gap is empty paper, not a space that somebody would type.

        Raises `ValueError` for a character the font lacks: a replacement mark would be a wrong code.
        """
        columns = len(code) + 0.7 * ((len(code) - 1) // 4)
        size = min(size, width / (columns * _MONO_ADVANCE))
        self._face(size, mono=True)
        if self._known(code) != code:
            raise ValueError("a character the font lacks")
        advance = size * _MONO_ADVANCE
        for start in range(0, len(code), 4):
            self.text(x, y, code[start : start + 4], size, mono=True)
            x += 4.7 * advance

    def frame(self, x: float, y: float, width: float, height: float) -> None:
        self._pdf.set_line_width(0.4)
        self._pdf.rect(x, y, width, height)

    def cut(self, y: float) -> None:
        """A dashed line across the sheet."""
        self._pdf.set_line_width(0.3)
        self._pdf.set_dash_pattern(3, 2)
        self._pdf.line(5, y, 205, y)
        self._pdf.set_dash_pattern()

    def across(self, y: float, text: str) -> None:
        """Large pale letters aslant, centred on `y`; draw them before what must stay readable."""
        self._face(58, bold=True)
        self._pdf.set_text_color(222)
        half = self._pdf.get_string_width(text) / 2
        with self._pdf.rotation(18, 105, y):
            self._pdf.text(105 - half, y + 7, text)
        self._pdf.set_text_color(0)

    def bar_code(self, x: float, y: float, digits: str, height: float) -> None:
        """Code 128 of an identifier. Modules of 0.33 mm: any desk reader."""
        self._black(modules(digits), x, y, 0.33, height)

    def qr_code(self, x: float, y: float, text: str, side: float) -> None:
        """For a public address only: whoever photographs the sheet reads it."""
        rows = list(segno.make(text, error="m", micro=False).matrix)
        module = side / len(rows)
        for i, row in enumerate(rows):
            self._black("".join("1" if dark else "0" for dark in row), x, y + i * module, module, module)

    def finish(self) -> bytearray:
        """The PDF. The caller wipes it."""
        document = self._pdf.output()
        self._pdf.buffer = None
        return document

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: object) -> None:
        if isinstance(self._drawn, bytearray):
            self._drawn[:] = bytes(len(self._drawn))
        for font in self._pdf.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def _face(self, size: float, *, bold: bool = False, mono: bool = False) -> None:
        self._pdf.set_font("mono" if mono else "sans", "B" if bold and not mono else "", size)

    def _known(self, text: str) -> str:
        """fpdf2 would draw an empty box and write the missing character to its log."""
        font = self._pdf.current_font
        assert isinstance(font, TTFFont)
        return "".join(character if ord(character) in font.cmap else REPLACEMENT for character in text)

    def _broken(self, text: str, width: float, *, cut: bool) -> list[str] | None:
        """Lines no wider than `width`; `None` when a word alone is too wide and may not be `cut`."""
        lines: list[str] = []
        for word in text.split(" "):
            if lines and self._pdf.get_string_width(f"{lines[-1]} {word}") <= width:
                lines[-1] += f" {word}"
                continue
            while self._pdf.get_string_width(word) > width:
                if not cut:
                    return None
                end = next(
                    n for n in range(len(word) - 1, 0, -1) if self._pdf.get_string_width(word[:n]) <= width
                )
                lines.append(word[:end])
                word = word[end:]
            lines.append(word)
        return lines

    def _black(self, row: str, x: float, y: float, module: float, height: float) -> None:
        start = 0
        while (start := row.find("1", start)) >= 0:
            end = row.find("0", start)
            end = len(row) if end < 0 else end
            self._pdf.rect(x + start * module, y, (end - start) * module, height, style="F")
            start = end


class _Document(FPDF):
    number = ""

    def __init__(self) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-1B")
        self.set_lang("fr-FR")
        self.set_auto_page_break(False)
        self.set_fill_color(0)
        # As fpdf2 itself does, but only when it writes: it reads the profile from a file.
        self.add_output_intent(
            OutputIntentSubType.PDFA,
            output_condition_identifier="sRGB",
            output_condition="IEC 61966-2-1:1999",
            registry_name="http://www.color.org",
            dest_output_profile=PDFICCProfile(builtin_srgb2014_bytes(), n=3, alternate="DeviceRGB"),
            info="sRGB2014 (v2)",
        )

    def file_id(self) -> str:
        """fpdf2 would take a hash of the whole page, secrets included."""
        digest = hashlib.sha256(self.number.encode()).hexdigest()[:32].upper()
        return f"<{digest}><{digest}>"

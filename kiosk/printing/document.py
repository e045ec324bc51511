"""A document of the DMP on A4 sheets: its text set in columns, its pages as pictures, every sheet marked.

The file itself never goes to the printer: its text and pictures come from the confined reader. Each sheet says where
it comes from, when and for whom it was printed (J10). Importing this module costs about 0.3 s (fpdf2).
"""

import io
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fpdf import FPDF
from fpdf.fonts import TTFFont
from PIL import Image

from kiosk.errors import PrinterError
from kiosk.text import REPLACEMENT

_FONTS = Path(__file__).parent / "fonts"
COLUMNS = 94
"""Characters of one line of text."""
_SIZE = 8.5
_LEADING = 3.9
_LEFT, _TOP, _BOTTOM = 15.0, 24.0, 278.0
_WIDTH, _HEIGHT = 180.0, _BOTTOM - _TOP
_LINES = int(_HEIGHT / _LEADING)
PIXELS = (1240, 1754)
"""Size in which a page is asked for: 150 dots an inch."""
_QUALITY = 80


@dataclass(frozen=True, repr=False)
class Mark:
    """What every sheet says of itself."""

    patient: str
    title: str
    printed: str
    """By whom, where and when, in words."""
    simulation: bool


@dataclass(frozen=True, repr=False)
class Picture:
    """One page, `width` × `height` pixels of three bytes."""

    width: int
    height: int
    rgb: bytes


TextLine = Sequence[tuple[str, bool]]
"""Pieces of one line: the text, and whether it is set in bold."""


def document_sheets(
    mark: Mark, text: Sequence[TextLine], pictures: Iterable[Picture] = (), pages: int = 0
) -> bytearray:
    """The sheets as PDF, the text then the `pages` pictures; the caller wipes them.

    Raises `PrinterError`, which quotes nothing, and what `pictures` raises.
    """
    # The exceptions of the PDF and font libraries quote the text they could not draw.
    try:
        return _drawn(mark, text, pictures, pages)
    except (ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        failure = type(error).__name__
    raise PrinterError(
        what="Le document n'a pas pu être mis en page.",
        cause="Son texte contient ce que la borne ne sait pas imprimer.",
        todo="Lisez-le à l'écran ; si l'erreur revient, donnez ce code à l'assistance.",
        detail=f"document: {failure}",
    )


def _drawn(mark: Mark, text: Sequence[TextLine], pictures: Iterable[Picture], pages: int) -> bytearray:
    texts = list(_paged(text))
    pdf = _Sheets(mark, len(texts) + pages)
    for lines in texts:
        pdf.add_page()
        pdf.write_lines(lines)
    for picture in pictures:
        pdf.add_page()
        pdf.put(picture)
    document: bytearray = pdf.output()
    pdf.buffer = None
    for font in pdf.fonts.values():
        if isinstance(font, TTFFont):
            font.ttfont.close()
    return document


def _paged(text: Sequence[TextLine]) -> Iterator[Sequence[TextLine]]:
    for start in range(0, len(text), _LINES):
        yield text[start : start + _LINES]


class _Sheets(FPDF):
    """A4 sheets with the mark at the top and at the bottom."""

    def __init__(self, mark: Mark, count: int) -> None:
        super().__init__(format="A4")
        self._mark, self._count = mark, count
        self.set_lang("fr-FR")
        self.set_auto_page_break(False)
        self.add_font("sans", "", _FONTS / "DejaVuSans.ttf")
        self.add_font("sans", "B", _FONTS / "DejaVuSans-Bold.ttf")
        self.add_font("mono", "B", _FONTS / "DejaVuSansMono-Bold.ttf")

    def header(self) -> None:
        mark = self._mark
        if mark.simulation:
            self._across("SIMULATION")
        self._put_line(10, "Copie d'un document du DMP · Mon espace santé", 9, "B")
        self._put_line(14.5, f"Patient : {mark.patient} · {mark.title}", 8, "")
        self.set_line_width(0.2)
        self.line(_LEFT, 18, _LEFT + _WIDTH, 18)

    def footer(self) -> None:
        self.set_line_width(0.2)
        self.line(_LEFT, 283, _LEFT + _WIDTH, 283)
        self._put_line(287, self._mark.printed, 7.5, "")
        self._put_line(291, f"À détruire après usage · page {self.page_no()} sur {self._count}", 7.5, "")

    def write_lines(self, lines: Sequence[TextLine]) -> None:
        """Set on a grid, so that the columns of a table stay under one another."""
        advance = _WIDTH / COLUMNS
        for row, line in enumerate(lines):
            column = 0
            for text, bold in line:
                self.set_text_color(0 if bold else 70)
                self.set_font("mono", "B", _SIZE)
                self.text(_LEFT + column * advance, _TOP + (row + 1) * _LEADING, self._known(text))
                column += len(text)
        self.set_text_color(0)

    def put(self, picture: Picture) -> None:
        """As large as it holds, its shape kept."""
        image = Image.frombytes("RGB", (picture.width, picture.height), picture.rgb)
        file = io.BytesIO()
        image.save(file, "JPEG", quality=_QUALITY)
        scale = min(_WIDTH / picture.width, _HEIGHT / picture.height)
        width, height = picture.width * scale, picture.height * scale
        self.image(file, _LEFT + (_WIDTH - width) / 2, _TOP, width, height)

    def _across(self, word: str) -> None:
        self.set_font("sans", "B", 58)
        self.set_text_color(225)
        half = self.get_string_width(word) / 2
        with self.rotation(30, 105, 150):
            self.text(105 - half, 157, word)
        self.set_text_color(0)

    def _put_line(self, y: float, text: str, size: float, style: str) -> None:
        self.set_font("sans", style, size)
        shown = self._known(text)
        while shown and self.get_string_width(shown) > _WIDTH:
            shown = shown[:-2] + "…"
        self.text(_LEFT, y, shown)

    def _known(self, text: str) -> str:
        """fpdf2 would draw an empty box and write the missing character to its log."""
        font = self.current_font
        assert isinstance(font, TTFFont)
        return "".join(each if ord(each) in font.cmap else REPLACEMENT for each in text)

"""A document of the DMP on A4 sheets: its text set in columns, its pages as pictures, every sheet marked.

The file itself never goes to the printer: its text and pictures come from the confined reader. Each sheet says where
it comes from, when and for whom it was printed (J10). Importing this module costs about 0.3 s (fpdf2): a session
has its sheets composed elsewhere (`kiosk.printing.composer`).
"""

import io
from collections.abc import Iterable, Iterator, Sequence

from fpdf import FPDF
from fpdf.fonts import TTFFont
from PIL import Image

from kiosk.errors import SheetNotComposed
from kiosk.printing.faces import add_faces
from kiosk.printing.model import DOCUMENT_COLUMNS, Mark, Picture, TextLine
from kiosk.text import REPLACEMENT

_FACES = (
    ("sans", "", "DejaVuSans.ttf"),
    ("sans", "B", "DejaVuSans-Bold.ttf"),
    ("mono", "B", "DejaVuSansMono-Bold.ttf"),
)
_SIZE = 8.5
_LEADING = 3.9
_LEFT, _TOP, _BOTTOM = 15.0, 24.0, 278.0
_WIDTH, _HEIGHT = 180.0, _BOTTOM - _TOP
_LINES = int(_HEIGHT / _LEADING)
_QUALITY = 80


def document_sheets(
    mark: Mark,
    text: Sequence[TextLine],
    pictures: Iterable[Picture] = (),
    pages: int = 0,
    blank: "Blank | None" = None,
) -> bytearray:
    """The sheets as PDF, the text then the `pages` pictures; the caller wipes them.

    `blank`: sheets that are ready. Raises `SheetNotComposed`, which quotes nothing, and what `pictures` raises.
    """
    # The exceptions of the PDF and font libraries quote the text they could not draw.
    try:
        return _drawn(blank or Blank(), mark, text, pictures, pages)
    except (ValueError, TypeError, KeyError, RuntimeError, OSError) as error:
        failure = type(error).__name__
    raise SheetNotComposed(detail=f"document: {failure}")


def _drawn(
    pdf: "Blank", mark: Mark, text: Sequence[TextLine], pictures: Iterable[Picture], pages: int
) -> bytearray:
    texts = list(_paged(text))
    pdf.mark, pdf.count = mark, len(texts) + pages
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


class Blank(FPDF):
    """A4 sheets with the mark at the top and at the bottom, as yet without any.

    Every file it needs is open or read, so it may be drawn where none can be opened.
    """

    mark: Mark
    count: int

    def __init__(self) -> None:
        super().__init__(format="A4")
        self.set_lang("fr-FR")
        self.set_auto_page_break(False)
        add_faces(self, _FACES)
        Image.preinit()  # the picture formats: otherwise loaded with the first picture

    def header(self) -> None:
        mark = self.mark
        if mark.simulation:
            self._across("SIMULATION")
        self._put_line(10, "Copie d'un document du DMP · Mon espace santé", 9, "B")
        self._put_line(14.5, f"Patient : {mark.patient} · {mark.title}", 8, "")
        self.set_line_width(0.2)
        self.line(_LEFT, 18, _LEFT + _WIDTH, 18)

    def footer(self) -> None:
        self.set_line_width(0.2)
        self.line(_LEFT, 283, _LEFT + _WIDTH, 283)
        self._put_line(287, self.mark.printed, 7.5, "")
        self._put_line(291, f"À détruire après usage · page {self.page_no()} sur {self.count}", 7.5, "")

    def write_lines(self, lines: Sequence[TextLine]) -> None:
        """Set on a grid, so that the columns of a table stay under one another."""
        advance = _WIDTH / DOCUMENT_COLUMNS
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

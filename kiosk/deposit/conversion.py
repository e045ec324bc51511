"""Makes a PDF/A-1b of a text, of pictures, or of the pages of a PDF that is none; asked for, never by itself.

From a real PDF only pictures of its pages can be made: nobody here rewrites fonts and colours. What is made is
shown to the user before it is signed. Runs in the confined process, and in tests: importing it costs 0.3 s (fpdf2).
"""

import hashlib
import io
from collections.abc import Iterator
from typing import Any, Final, Self
from xml.sax.saxutils import escape

from fpdf import FPDF
from fpdf.enums import OutputIntentSubType
from fpdf.fonts import TTFFont
from fpdf.output import PDFICCProfile
from fpdf.util import builtin_srgb2014_bytes
from PIL import ExifTags, Image, ImageOps

from kiosk.deposit import examination
from kiosk.deposit.files import MAX_BYTES, MAX_PAGES, Conversion, Examined
from kiosk.errors import FileFault, FileUnfit
from kiosk.printing.faces import add_faces
from kiosk.text import REPLACEMENT, clean, clean_lines

_DPI: Final = 150
_QUALITY: Final = 85
_MARGIN: Final = 15.0
_SIZE: Final = 10.0
_CHARACTERS: Final = 12_000
"""More than a page of text holds, of the narrowest ones."""
_A4: Final = (210.0, 297.0)
_POINT: Final = 25.4 / 72
_MAX_SIDE: Final = 1600.0
"""Points: larger pages are drawings, reduced to that."""


def warm_up(conversion: Conversion | None) -> "Blank":
    """Load all that it takes, and open the font: afterwards nothing can be opened."""
    examination.load_pictures()
    if conversion is Conversion.PAGES:
        import pypdfium2

        with pypdfium2.PdfDocument.new() as document:
            document.new_page(1, 1).render().to_pil()
    return Blank()


def to_pdfa(examined: Examined, title: str, blank: "Blank | None" = None) -> bytes:
    """PDF/A-1b of an examined file, by its `conversion`. Raises `FileUnfit` when it cannot be drawn.

    `title` is the only text of the metadata; `blank` a document that is ready.
    """
    if examined.conversion is None:
        raise ValueError("nothing to convert")
    with blank or Blank() as document:
        document.title_it(title)
        match examined.conversion:
            case Conversion.TEXT:
                _write(document, examined.content.decode())
            case Conversion.PICTURE:
                _draw(document, _frames(examined.content))
            case Conversion.PAGES:
                _draw(document, _pages(examined.content))
        return bytes(document.output())


def _write(document: "Blank", text: str) -> None:
    if len(text) > MAX_PAGES * _CHARACTERS:
        raise FileUnfit(FileFault.TOO_LONG_CONVERTED, MAX_PAGES)
    document.identify(text.encode())
    document.set_margins(_MARGIN, _MARGIN)
    document.set_auto_page_break(True, _MARGIN)
    document.add_page()
    for line in clean_lines(text, limit=len(text)).split("\n"):
        document.multi_cell(
            0, _SIZE * _POINT * 1.35, document.known(line), new_x="LMARGIN", new_y="NEXT", align="L"
        )


def _draw(document: "Blank", pictures: Iterator[tuple[Any, float, float]]) -> None:
    """One page a picture, each of the size given in millimetres."""
    weight = 0
    for picture, width, height in pictures:
        data = _jpeg(picture)
        weight += len(data)
        if weight > MAX_BYTES:
            raise FileUnfit(FileFault.TOO_LARGE_CONVERTED, MAX_BYTES // 1_000_000)
        document.identify(data)
        document.add_page(format=(width, height))
        document.image(io.BytesIO(data), x=0, y=0, w=width, h=height)


def _jpeg(picture: Any) -> bytes:
    """Without metadata: a camera's own (place, owner) would stay in the file, and so would a comment."""
    picture.info.clear()
    written = io.BytesIO()
    picture.save(written, "JPEG", quality=_QUALITY)
    return written.getvalue()


def _flat(picture: Any) -> Any:
    """Grey or RGB, on white paper, with as few copies as can be: 50 million points take 200 MB each time."""
    if picture.mode in ("L", "RGB"):
        return picture.copy()  # of a file: one that was opened asks where it lies when it is saved
    if picture.mode == "PA" or (picture.mode == "P" and "transparency" in picture.info):
        picture = picture.convert("RGBA")
    if picture.mode in ("RGBA", "LA"):
        paper = Image.new("RGB", picture.size, "white")
        paper.paste(picture, mask=picture.getchannel("A"))
        return paper
    if picture.mode.startswith(("I", "F")):
        return _shallow(picture)
    return picture.convert("L" if picture.mode == "1" else "RGB")


def _shallow(deep: Any) -> Any:
    """Grey of more than 8 bits a point: the lightest one becomes white. Pillow would make white of all but black."""
    points = deep if deep.mode in ("I", "F") else deep.convert("F")
    lightest = points.getextrema()[1]
    white = max(lightest, 255) if lightest > 1 else 1
    return points.point(lambda value: value * (255 / white) + 0).convert("L")


def _frames(content: bytes) -> Iterator[tuple[Any, float, float]]:
    """Every picture of a JPEG or TIFF, upright, fitted to A4 the way it lies."""
    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "TIFF"]) as picture:
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                picture.load()  # which turns a TIFF
                upright = _flat(picture)
                if picture.getexif().get(ExifTags.Base.Orientation, 1) != 1:
                    upright = ImageOps.exif_transpose(upright)
                yield upright, *_fitted(upright.width, upright.height)
    except (OSError, ValueError, SyntaxError):
        raise FileUnfit(FileFault.FRAME_NOT_READ) from None


def _fitted(width: int, height: int) -> tuple[float, float]:
    """Size in millimetres of a page that holds the picture and no more, within A4 the same way round."""
    long, short = _A4[1], _A4[0]
    across, down = (long, short) if width > height else (short, long)
    scale = min(across / width, down / height)
    return width * scale, height * scale


def _pages(content: bytes) -> Iterator[tuple[Any, float, float]]:
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(content) as document:
            document.init_forms()
            for number in range(len(document)):
                page = document[number]
                width, height = page.get_size()
                shrink = min(1.0, _MAX_SIDE / max(width, height))
                picture = page.render(scale=_DPI / 72 * shrink).to_pil()
                page.close()
                yield _flat(picture), width * shrink * _POINT, height * shrink * _POINT
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError):
        raise FileUnfit(FileFault.PAGE_NOT_DRAWN) from None


_XMP: Final = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>"""


class Blank(FPDF):
    """An empty PDF/A-1b in the kiosk's font; a context, which closes it. Every file it needs is open or read."""

    def __init__(self) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-1B")
        self._seed = b""
        self.set_lang("fr-FR")
        self.set_margin(0)
        self.set_auto_page_break(False)
        # As fpdf2 itself does, but only when it writes: it reads the profile from a file.
        self.add_output_intent(
            OutputIntentSubType.PDFA,
            output_condition_identifier="sRGB",
            output_condition="IEC 61966-2-1:1999",
            registry_name="http://www.color.org",
            dest_output_profile=PDFICCProfile(builtin_srgb2014_bytes(), n=3, alternate="DeviceRGB"),
            info="sRGB2014 (v2)",
        )
        add_faces(self, (("sans", "", "DejaVuSans.ttf"),))
        self.set_font("sans", "", _SIZE)

    def title_it(self, title: str) -> None:
        self.set_xmp_metadata(_XMP.format(title=escape(clean(title))))

    def identify(self, content: bytes) -> None:
        """By the first thing that is drawn: fpdf2 would take the moment as well."""
        self._seed = self._seed or content

    def file_id(self) -> str:
        digest = hashlib.sha256(self._seed).hexdigest()[:32].upper()
        return f"<{digest}><{digest}>"

    def add_page(self, *arguments: Any, **options: Any) -> None:
        if self.page >= MAX_PAGES:
            raise FileUnfit(FileFault.TOO_LONG_CONVERTED, MAX_PAGES)
        super().add_page(*arguments, **options)

    def known(self, text: str) -> str:
        """fpdf2 would draw an empty box and write the missing character to its log."""
        font = self.current_font
        assert isinstance(font, TTFFont)
        return "".join(character if ord(character) in font.cmap else REPLACEMENT for character in text)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

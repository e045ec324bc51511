"""Makes a PDF/A-1b of a text, of pictures, or of the pages of a PDF that is none; asked for, never by itself.

From a real PDF only pictures of its pages can be made: nobody here rewrites fonts and colours. What is made is
shown to the user before it is signed.
"""

import hashlib
import io
from collections.abc import Iterator
from typing import Any, Final
from xml.sax.saxutils import escape

from kiosk.deposit.files import Conversion, Examined
from kiosk.errors import FileUnfit
from kiosk.text import REPLACEMENT, clean, clean_lines

_DPI: Final = 150
_QUALITY: Final = 85
_MARGIN: Final = 15.0
_SIZE: Final = 10.0
_A4: Final = (210.0, 297.0)
_POINT: Final = 25.4 / 72
_MAX_SIDE: Final = 1600.0
"""Points: larger pages are drawings, reduced to that."""


def to_pdfa(examined: Examined, title: str) -> bytes:
    """PDF/A-1b of an examined file, by its `conversion`. Raises `FileUnfit` when it cannot be drawn.

    `title` is the only text of the metadata.
    """
    match examined.conversion:
        case Conversion.TEXT:
            return _text(examined.content.decode(), title)
        case Conversion.PICTURE:
            return _pictures(_frames(examined.content), title)
        case Conversion.PAGES:
            return _pictures(_pages(examined.content), title)
        case None:
            raise ValueError("nothing to convert")


def _text(text: str, title: str) -> bytes:
    document = _document(title, text.encode())
    document.set_margins(_MARGIN, _MARGIN)
    document.set_auto_page_break(True, _MARGIN)
    document.add_page()
    known = document.fonts["sans"].cmap
    lines = clean_lines(text, limit=len(text)).split("\n")
    for line in lines:
        shown = "".join(c if ord(c) in known else REPLACEMENT for c in line)
        document.multi_cell(0, _SIZE * _POINT * 1.35, shown, new_x="LMARGIN", new_y="NEXT", align="L")
    return _finished(document)


def _pictures(pictures: Iterator[tuple[Any, float, float]], title: str) -> bytes:
    """One page a picture, each of the size given in millimetres."""
    document: Any = None
    for picture, width, height in pictures:
        data = _jpeg(picture)
        if document is None:
            document = _document(title, data)
            document.set_margin(0)
            document.set_auto_page_break(False)
        document.add_page(format=(width, height))
        document.image(io.BytesIO(data), x=0, y=0, w=width, h=height)
    return _finished(document)


def _jpeg(picture: Any) -> bytes:
    """Grey or RGB, upright, without metadata: a camera's own (place, owner) would stay in the file."""
    from PIL import Image, ImageOps

    upright = ImageOps.exif_transpose(picture) or picture
    if upright.mode in ("RGBA", "LA", "PA", "P"):
        coloured = upright.convert("RGBA")
        paper = Image.new("RGBA", coloured.size, "white")
        upright = Image.alpha_composite(paper, coloured)
    elif upright.mode.startswith(("I", "F")):
        upright = _shallow(upright)
    flat = upright.convert("L" if upright.mode in ("1", "L") else "RGB")
    written = io.BytesIO()
    flat.save(written, "JPEG", quality=_QUALITY, exif=b"")
    return written.getvalue()


def _shallow(deep: Any) -> Any:
    """Grey of more than 8 bits a point: the lightest one becomes white. Pillow would make white of all but black."""
    points = deep.convert("F")
    lightest = points.getextrema()[1]
    white = max(lightest, 255) if lightest > 1 else 1
    return points.point(lambda value: value * (255 / white) + 0).convert("L")


def _frames(content: bytes) -> Iterator[tuple[Any, float, float]]:
    """Every picture of a JPEG or TIFF, fitted to A4 the way it lies."""
    from PIL import Image, ImageOps

    try:
        with Image.open(io.BytesIO(content), formats=["JPEG", "TIFF"]) as picture:
            for number in range(getattr(picture, "n_frames", 1)):
                picture.seek(number)
                upright = ImageOps.exif_transpose(picture) or picture
                yield upright, *_fitted(upright.width, upright.height)
    except (OSError, ValueError, SyntaxError) as error:
        raise FileUnfit(
            cause="Une page de cette image est abîmée.",
            todo="Numérisez-la de nouveau.",
            detail=type(error).__name__,
        ) from None


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
                yield picture, width * shrink * _POINT, height * shrink * _POINT
    except (pypdfium2.PdfiumError, ValueError, ZeroDivisionError) as error:
        raise FileUnfit(
            cause="Une page de ce PDF ne s'affiche pas.",
            todo="Exportez-le en PDF/A-1 depuis le logiciel qui l'a fait.",
            detail=type(error).__name__,
        ) from None


def _finished(document: Any) -> bytes:
    made = bytes(document.output())
    document.fonts["sans"].ttfont.close()
    return made


_XMP: Final = """<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">
<rdf:Description rdf:about="" xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">
<pdfaid:part>1</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance></rdf:Description>
<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"><dc:title><rdf:Alt>
<rdf:li xml:lang="x-default">{title}</rdf:li></rdf:Alt></dc:title></rdf:Description>
</rdf:RDF></x:xmpmeta>"""


def _document(title: str, seed: bytes) -> Any:
    """An empty PDF/A-1b in the kiosk's font. fpdf2 is imported here: heavy, and needed by a conversion alone."""
    from importlib.resources import as_file, files

    from fpdf import FPDF

    class Document(FPDF):
        def file_id(self) -> str:
            digest = hashlib.sha256(seed).hexdigest()[:32].upper()
            return f"<{digest}><{digest}>"

    document = Document(format="A4", enforce_compliance="PDF/A-1B")
    document.set_lang("fr-FR")
    document.set_xmp_metadata(_XMP.format(title=escape(clean(title))))
    with as_file(files("kiosk.printing") / "fonts" / "DejaVuSans.ttf") as font:
        document.add_font("sans", "", font)
    document.set_font("sans", "", _SIZE)
    return document

"""PDF through pdfium: the text first, any page as a picture on demand. No script of the document ever runs."""

import codecs
from typing import Any, Final

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering.page import (
    Block,
    Field,
    Heading,
    Illustration,
    Kind,
    PagePicture,
    Paragraph,
    Rendered,
    Span,
)
from kiosk.text import clean, clean_lines

MAX_PAGES: Final = 500
MAX_TEXT: Final = 2_000_000
"""Characters of the whole document."""
_MAX_SIDE: Final = 4000
"""Pixels of a drawn page, whatever is asked."""


def warm_up() -> None:
    """Load everything pdfium needs: afterwards nothing can be opened."""
    import pypdfium2

    document = pypdfium2.PdfDocument.new()
    page = document.new_page(10, 10)
    page.get_textpage().get_text_range()
    codecs.lookup("utf-16-le")  # which Python would load from a file
    _rgb(page.render(scale=1))
    document.close()


def read(data: bytes) -> Rendered:
    """The text of every page; a page without text says so. Raises `DocumentNotShown`."""
    document = _opened(data)
    count = len(document)
    shown = min(count, MAX_PAGES)
    blocks: list[Block] = []
    room = MAX_TEXT
    for number in range(shown):
        if count > 1:
            blocks.append(Heading(f"Page {number + 1} sur {count}", level=2))
        paragraphs = _paragraphs(_text(document, number, room))
        room -= sum(len(each.spans[0].text) for each in paragraphs)
        blocks += paragraphs or [Illustration(number, f"Page {number + 1} : image sans texte")]
    warnings = []
    if not any(isinstance(block, Paragraph) for block in blocks):
        warnings.append("ce PDF est une image : il n'a pas de texte à lire ni à rechercher.")
    if count > shown:
        warnings.append(f"ce document a {count} pages, les {shown} premières sont affichées.")
    if room <= 0:
        warnings.append("le texte de ce document est trop long, sa fin n'est pas affichée.")
    title = clean(document.get_metadata_dict().get("Title", ""))
    header = (Field("Format", f"PDF, {count} page{'s' if count > 1 else ''}"),)
    pages = tuple(f"Page {number + 1}" for number in range(shown))
    return Rendered(Kind.PDF, title, header, tuple(blocks), pages, tuple(warnings))


def page_count(data: bytes) -> int:
    return min(len(_opened(data)), MAX_PAGES)


def picture(data: bytes, page: int, width: int, height: int) -> PagePicture:
    """A page that fits in `width` × `height` pixels. Raises `DocumentNotShown`."""
    import pypdfium2

    document = _opened(data)
    try:
        drawn = document[page]
        across, down = drawn.get_size()
        scale = min(min(width, _MAX_SIDE) / max(across, 1), min(height, _MAX_SIDE) / max(down, 1))
        bitmap = drawn.render(scale=scale, rev_byteorder=True, maybe_alpha=False, prefer_bgrx=False)
    except (pypdfium2.PdfiumError, IndexError):
        raise DocumentNotShown(DocumentFault.DAMAGED) from None
    return PagePicture(bitmap.width, bitmap.height, _rgb(bitmap), page, min(len(document), MAX_PAGES))


def _rgb(bitmap: Any) -> bytes:
    """Rows without the padding at their end, three bytes a pixel."""
    rows, row = memoryview(bitmap.buffer).cast("B"), bitmap.width * bitmap.n_channels
    packed = b"".join(
        rows[start : start + row] for start in range(0, bitmap.height * bitmap.stride, bitmap.stride)
    )
    if bitmap.n_channels == 3:
        return packed
    channels = [packed[place :: bitmap.n_channels] for place in range(min(bitmap.n_channels, 3))]
    rgb = bytearray(3 * bitmap.width * bitmap.height)
    for place in range(3):
        rgb[place::3] = channels[place if len(channels) == 3 else 0]
    return bytes(rgb)


def _opened(data: bytes) -> Any:
    import pypdfium2
    from pypdfium2.raw import FPDF_ERR_PASSWORD

    try:
        document = pypdfium2.PdfDocument(data)
    except pypdfium2.PdfiumError as error:
        protected = getattr(error, "err_code", None) == FPDF_ERR_PASSWORD
        raise DocumentNotShown(DocumentFault.PROTECTED if protected else DocumentFault.DAMAGED) from None
    if len(document) == 0:
        raise DocumentNotShown(DocumentFault.DAMAGED)
    return document


def _text(document: Any, number: int, room: int) -> str:
    """One unreadable page does not hide the others."""
    import pypdfium2

    if room <= 0:
        return ""
    try:
        found = document[number].get_textpage().get_text_range()
    except pypdfium2.PdfiumError:
        return ""
    return clean_lines(found.replace("\x02", "-").replace("\xad", ""), limit=room)


def _paragraphs(text: str) -> list[Paragraph]:
    """Cut at empty lines."""
    parts: list[list[str]] = [[]]
    for line in text.split("\n"):
        if line.strip():
            parts[-1].append(line.rstrip())
        elif parts[-1]:
            parts.append([])
    return [Paragraph((Span("\n".join(part)),)) for part in parts if part]

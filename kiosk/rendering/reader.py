"""Any document of the DMP, read by its content. Runs in the confined child, and in tests."""

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering import dicom, pdf, plain, rtf
from kiosk.rendering import picture as pictures
from kiosk.rendering.page import PagePicture, Rendered
from kiosk.rendering.sniff import Format, sniff
from kiosk.rendering.wire import MAX_DOCUMENT


def warm_up(formats: set[Format]) -> None:
    """Load the libraries that these formats need, once and for all."""
    plain.warm_up()
    if Format.PDF in formats:
        pdf.warm_up()
    if Format.PICTURE in formats:
        pictures.warm_up()
    if Format.RTF in formats:
        rtf.warm_up()
    if Format.XML in formats:
        from kiosk.rendering import cda  # noqa: F401


def read(document: bytes) -> Rendered:
    """What it says. Raises `DocumentNotShown`."""
    _check(document)
    if sniff(document) is Format.XML:
        from kiosk.rendering import cda

        try:
            return cda.read(document, _read_plain, _count_pages)
        except RecursionError:
            raise DocumentNotShown(DocumentFault.DAMAGED) from None
    return _read_plain(document)


def picture(document: bytes, page: int, width: int, height: int) -> PagePicture:
    """One of `Rendered.pages`, fitting in `width` × `height` pixels. Raises `DocumentNotShown`."""
    _check(document)
    files = [document]
    if sniff(document) is Format.XML:
        from kiosk.rendering import cda

        files = cda.carried(document)
    first = 0
    for file in files:
        count = _count_pages(file)
        if page < first + count:
            return _drawn(file, page - first, width, height)
        first += count
    raise DocumentNotShown(DocumentFault.DAMAGED)


def _check(document: bytes) -> None:
    if not document.strip():
        raise DocumentNotShown(DocumentFault.EMPTY)
    if len(document) > MAX_DOCUMENT:
        raise DocumentNotShown(DocumentFault.TOO_LARGE)


def _read_plain(document: bytes) -> Rendered:
    """Anything but XML: what a CDA carries is never another CDA."""
    _check(document)
    match sniff(document):
        case Format.PDF:
            return pdf.read(document)
        case Format.PICTURE:
            return pictures.read(document)
        case Format.RTF:
            return rtf.read(document)
        case Format.DICOM:
            return dicom.read(document)
        case Format.TEXT:
            return plain.read(document)
    raise DocumentNotShown(DocumentFault.UNKNOWN_FORMAT)


def _count_pages(file: bytes) -> int:
    """How many can be drawn; none for a file that cannot be read."""
    try:
        match sniff(file):
            case Format.PDF:
                return pdf.page_count(file)
            case Format.PICTURE:
                return pictures.page_count(file)
    except DocumentNotShown:
        pass
    return 0


def _drawn(file: bytes, page: int, width: int, height: int) -> PagePicture:
    draw = pdf.picture if sniff(file) is Format.PDF else pictures.picture
    return draw(file, page, width, height)

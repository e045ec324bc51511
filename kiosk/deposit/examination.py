"""What a chosen file really is, and whether it may go out as it is. Runs in the confined process, and in tests.

`FileUnfit` says why not and what to do. Nothing is written anywhere.
"""

import codecs
import io
import re
import warnings
from itertools import accumulate
from typing import Final

from kiosk.deposit import pdfa
from kiosk.deposit.files import MAX_PAGES, MAX_PIXELS, TEXT_CONTROLS, Examined, check_size, told
from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import FileFault, FileUnfit

_CDA_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument[\s/>]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_ENCODINGS: Final = ("utf-8", "cp1252")
_NO_BRACE: Final = bytes(set(range(256)) - set(b"{}"))
_STEPS: Final = bytes.maketrans(b"{}", b"\x01\xff")
"""One down, one up, once read as signed bytes."""


def warm_up(body_format: BodyFormat | None) -> None:
    """Load all that a file of this format needs: afterwards nothing can be opened."""
    match body_format:
        case BodyFormat.PDF:
            pdfa.warm_up()
        case BodyFormat.JPEG | BodyFormat.TIFF:
            load_pictures()
        case BodyFormat.TEXT:
            for encoding in (*(name for _, name in _BOMS), *_ENCODINGS):
                codecs.lookup(encoding)


def load_pictures() -> None:
    """Pillow loads its formats when a file needs them."""
    from PIL import Image, MpoImagePlugin, TiffImagePlugin  # noqa: F401

    Image.preinit()


def examine(content: bytes) -> Examined:
    """Raises `FileUnfit` for an empty, too large, damaged, protected or unknown file."""
    check_size(content)
    match told(content):
        case BodyFormat.PDF:
            return _pdf(content)
        case BodyFormat.JPEG:
            return _picture(content, BodyFormat.JPEG, "JPEG", FileFault.DAMAGED_JPEG)
        case BodyFormat.TIFF:
            return _picture(content, BodyFormat.TIFF, "TIFF", FileFault.DAMAGED_TIFF)
        case BodyFormat.RTF:
            return _rtf(content)
        case None:
            return _xml(content)
    return _text(content)


def _pdf(content: bytes) -> Examined:
    report = pdfa.examine(content)
    if report.protected:
        raise FileUnfit(FileFault.PROTECTED)
    if not report.pages:
        raise FileUnfit(FileFault.DAMAGED_PDF)
    _check_pages(report.pages)
    return Examined(content, BodyFormat.PDF, report.pages, report.faults)


def _picture(content: bytes, body_format: BodyFormat, expected: str, damaged: FileFault) -> Examined:
    from PIL import Image

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            with Image.open(io.BytesIO(content), formats=[expected]) as picture:
                pages = getattr(picture, "n_frames", 1)
                if picture.width * picture.height > MAX_PIXELS:
                    raise Image.DecompressionBombError
                _check_pages(pages)
                picture.load()
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise FileUnfit(FileFault.TOO_MANY_PIXELS) from None
    except (FileUnfit, MemoryError):
        raise
    except Exception:  # decoders raise about anything on a damaged file
        raise FileUnfit(damaged) from None
    return Examined(content, body_format, pages)


def _rtf(whole: bytes) -> Examined:
    """Its groups must close: a file cut in a copy would show half a letter."""
    content = whole
    for escaped in (b"\\\\", b"\\{", b"\\}"):
        content = content.replace(escaped, b" ")
    braces = content.translate(_STEPS, _NO_BRACE)
    depth = lowest = 0
    for depth in accumulate(memoryview(braces).cast("b")):
        lowest = min(lowest, depth)
    if depth or lowest:
        raise FileUnfit(FileFault.CUT_RTF)
    return Examined(whole, BodyFormat.RTF)


def _xml(content: bytes) -> Examined:
    """A CDA is read in full by `kiosk.dmp.cda_check`; here, only told from any other XML or HTML."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not _CDA_ROOT.search(content.replace(b"\0", b"") if wide else content):
        raise FileUnfit(FileFault.NO_CDA)
    return Examined(content, None)


def _text(content: bytes) -> Examined:
    """UTF-8, UTF-16 with its mark, or Windows-1252; sent as UTF-8."""
    for encoding in [name for mark, name in _BOMS if content.startswith(mark)] or _ENCODINGS:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not TEXT_CONTROLS.search(text):
            return Examined(text.encode(), BodyFormat.TEXT)
        break
    raise FileUnfit(FileFault.UNKNOWN_FORMAT)


def _check_pages(pages: int) -> None:
    if pages > MAX_PAGES:
        raise FileUnfit(FileFault.TOO_MANY_PAGES, pages, MAX_PAGES)

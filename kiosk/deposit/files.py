"""What a chosen file really is, by its content and never by its name, and whether it may go out as it is.

`FileUnfit` says why not and what to do. Nothing is written anywhere.
"""

import io
import re
import warnings
from dataclasses import dataclass
from enum import Enum
from typing import Final

from kiosk.deposit import pdfa
from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import FileUnfit

MAX_BYTES: Final = 50_000_000
MAX_PIXELS: Final = 50_000_000
MAX_PAGES: Final = 500

_CDA_ROOT = re.compile(rb"<(?:[A-Za-z_][\w.-]*:)?ClinicalDocument[\s/>]")
_BOMS = ((b"\xef\xbb\xbf", "utf-8-sig"), (b"\xff\xfe", "utf-16"), (b"\xfe\xff", "utf-16"))
_TEXT_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")


class Conversion(Enum):
    """What the kiosk offers to make of a file."""

    TEXT = "text"
    """PDF/A-1b that keeps the words as words."""
    PICTURE = "picture"
    """PDF/A-1b of one picture a page."""
    PAGES = "pages"
    """A PDF that is no PDF/A-1: its pages as pictures. Words can no longer be searched or copied."""


@dataclass(frozen=True, repr=False)
class Examined:
    """A file that may go out, as it is or converted."""

    content: bytes
    """A text is UTF-8 here, whatever it was."""
    format: BodyFormat | None
    """None for a CDA, which goes out by itself (`kiosk.dmp.cda_check`)."""
    pages: int
    """1 where pages mean nothing."""
    conversion: Conversion | None
    """What may be made of it; None when it is a PDF/A or a CDA."""
    obstacle: str = ""
    """Why it cannot go out as it is, in French; empty when it can."""

    @property
    def is_cda(self) -> bool:
        return self.format is None


def examine(content: bytes) -> Examined:
    """Raises `FileUnfit` for an empty, too large, damaged, protected or unknown file."""
    if not content.strip():
        raise FileUnfit(
            cause="Le fichier est vide.",
            todo="Choisissez le bon fichier, ou numérisez de nouveau.",
            detail="empty",
        )
    if len(content) > MAX_BYTES:
        raise FileUnfit(
            cause=f"Le fichier fait {len(content) // 1_000_000} Mo ; la borne en admet {MAX_BYTES // 1_000_000}.",
            todo="Numérisez avec une résolution plus basse, ou partagez-le en plusieurs documents.",
            detail="too large",
        )
    if b"%PDF-" in content[:1024]:
        return _pdf(content)
    if content.startswith(b"\xff\xd8\xff"):
        return _picture(content, BodyFormat.JPEG, "JPEG")
    if content.startswith((b"II*\0", b"MM\0*")):
        return _picture(content, BodyFormat.TIFF, "TIFF")
    if content.lstrip().startswith(b"{\\rtf"):
        return _rtf(content)
    if _looks_like_xml(content):
        return _xml(content)
    return _text(content)


def _pdf(content: bytes) -> Examined:
    report = pdfa.examine(content)
    if report.protected:
        raise FileUnfit(
            cause="Ce PDF est protégé par un mot de passe.",
            todo="Demandez à son auteur un PDF sans protection.",
            detail="encrypted",
        )
    if not report.pages:
        raise FileUnfit(
            cause="Ce PDF est abîmé ou n'en est pas un : il ne s'ouvre pas.",
            todo="Exportez-le de nouveau depuis le logiciel qui l'a fait.",
            detail="damaged pdf",
        )
    _check_pages(report.pages)
    if not report.faults:
        return Examined(content, BodyFormat.PDF, report.pages, None)
    return Examined(content, BodyFormat.PDF, report.pages, Conversion.PAGES, " ".join(report.faults))


def _picture(content: bytes, body_format: BodyFormat, expected: str) -> Examined:
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
        raise FileUnfit(
            cause="Cette image a trop de points.",
            todo="Numérisez avec une résolution plus basse.",
            detail="too many pixels",
        ) from None
    except FileUnfit:
        raise
    except Exception as error:  # decoders raise about anything on a damaged file
        raise FileUnfit(
            cause=f"Cette image {expected} est abîmée : elle ne se lit pas.",
            todo="Numérisez ou exportez-la de nouveau.",
            detail=type(error).__name__,
        ) from None
    return Examined(content, body_format, pages, Conversion.PICTURE)


def _rtf(content: bytes) -> Examined:
    """Its groups must close: a file cut in a copy would show half a letter."""
    depth, lowest, escaped = 0, 0, False
    for byte in content:
        if escaped:
            escaped = False
        elif byte == 0x5C:
            escaped = True
        elif byte == 0x7B:
            depth += 1
        elif byte == 0x7D:
            depth -= 1
            lowest = min(lowest, depth)
    if depth or lowest:
        raise FileUnfit(
            cause="Ce RTF est incomplet.",
            todo="Exportez-le de nouveau depuis son logiciel.",
            detail="cut rtf",
        )
    return Examined(content, BodyFormat.RTF, 1, None)


def _looks_like_xml(content: bytes) -> bool:
    head = content[:64]
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")


def _xml(content: bytes) -> Examined:
    """A CDA is read in full by `kiosk.dmp.cda_check`; here, only told from any other XML or HTML."""
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    if not _CDA_ROOT.search(content.replace(b"\0", b"") if wide else content):
        raise FileUnfit(
            cause="C'est une page web ou un fichier XML, pas un document CDA.",
            todo="Exportez-le en PDF/A-1 ou en CDA depuis son logiciel.",
            detail="xml, not a CDA",
        )
    return Examined(content, None, 1, None)


def _text(content: bytes) -> Examined:
    """UTF-8, UTF-16 with its mark, or Windows-1252; sent as UTF-8."""
    encodings = [name for mark, name in _BOMS if content.startswith(mark)] or ["utf-8", "cp1252"]
    for encoding in encodings:
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if not _TEXT_CONTROLS.search(text):
            return Examined(text.encode(), BodyFormat.TEXT, 1, Conversion.TEXT)
        break
    raise FileUnfit(
        cause="Ce fichier n'est ni un PDF, ni une image JPEG ou TIFF, ni un texte, ni un RTF, ni un CDA.",
        todo="Exportez-le en PDF/A-1 depuis le logiciel qui l'a fait.",
        detail="unknown format",
    )


def _check_pages(pages: int) -> None:
    if pages > MAX_PAGES:
        raise FileUnfit(
            cause=f"Ce document a {pages} pages ; la borne en admet {MAX_PAGES}.",
            todo="Partagez-le en plusieurs documents.",
            detail="too many pages",
        )

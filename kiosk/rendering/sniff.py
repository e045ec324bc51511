"""What a document is, by its first bytes: the name and the media type it travels under may be wrong."""

import codecs
from enum import Enum
from typing import Final

_XML_STARTS: Final = (b"<", b"\xef\xbb\xbf<", b"\xff\xfe<\x00", b"\xfe\xff\x00<", b"<\x00", b"\x00<")
_PDF_WITHIN: Final = 1024
"""ISO 32000 readers accept other bytes before `%PDF-`, this far."""
_DICOM_PREAMBLE: Final = 128
_TEXT_SAMPLE: Final = 65_536


class Format(Enum):
    PDF = "pdf"
    PICTURE = "picture"
    RTF = "rtf"
    XML = "xml"
    DICOM = "dicom"
    TEXT = "text"
    UNKNOWN = "unknown"


def sniff(document: bytes) -> Format:
    """Never raises. Text is what has no control character in its first 64 KiB."""
    if document.startswith(
        (b"\xff\xd8\xff", b"II*\x00", b"MM\x00*", b"II+\x00", b"MM\x00+", b"\x89PNG\r\n\x1a\n")
    ):
        return Format.PICTURE
    if document[_DICOM_PREAMBLE : _DICOM_PREAMBLE + 4] == b"DICM":
        return Format.DICOM
    start = document[:_PDF_WITHIN].lstrip(b" \t\r\n")
    if start.startswith(b"{\\rtf"):
        return Format.RTF
    if start.startswith(_XML_STARTS):
        return Format.XML
    if b"%PDF-" in document[: _PDF_WITHIN + 5]:
        return Format.PDF
    return Format.TEXT if _is_text(document[:_TEXT_SAMPLE]) else Format.UNKNOWN


def _is_text(sample: bytes) -> bool:
    if sample.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return True
    return bool(sample) and not any(byte < 32 and byte not in b"\t\n\r\f\x1b" for byte in sample)


_WITHIN_BASE64: Final = {
    b"JVBERi": Format.PDF,
    b"/9j/": Format.PICTURE,
    b"SUkq": Format.PICTURE,
    b"TU0AK": Format.PICTURE,
    b"iVBORw": Format.PICTURE,
    b"e1xydG": Format.RTF,
}
"""How the first bytes of each format look in base64."""


def formats_within(document: bytes) -> set[Format]:
    """The formats whose libraries the document may call for, itself and what a CDA carries. Too many is harmless."""
    outer = sniff(document)
    if outer is not Format.XML:
        return {outer}
    found = {each for mark, each in _WITHIN_BASE64.items() if mark in document}
    plain = not document[:4].count(0)
    if plain and (found or b"nonXMLBody" not in document):
        return {outer, *found}
    return {outer, Format.PDF, Format.PICTURE, Format.RTF}

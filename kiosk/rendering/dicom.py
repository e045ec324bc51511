"""A DICOM object in the DMP is a reference to images (KOS): what it refers to, and where images are seen.

Only the few elements below are read, in explicit or implicit little endian; anything else is passed over.
"""

import struct
from typing import Final

from kiosk.rendering.hl7_time import readable
from kiosk.rendering.page import Field, Kind, Paragraph, Rendered, Span
from kiosk.text import clean

_START: Final = 132
_IMPLICIT: Final = b"1.2.840.10008.1.2"
_LONG: Final = frozenset({b"OB", b"OD", b"OF", b"OL", b"OW", b"SQ", b"UC", b"UN", b"UR", b"UT"})
_MAX_ELEMENTS: Final = 2000

_TRANSFER_SYNTAX: Final = (0x0002, 0x0010)
_FIELDS: Final = {
    (0x0008, 0x0020): "Date de l'examen",
    (0x0008, 0x0060): "Modalité",
    (0x0008, 0x0080): "Établissement",
    (0x0008, 0x1030): "Examen",
    (0x0010, 0x0010): "Patient",
    (0x0008, 0x0050): "Numéro d'examen",
}
_CHARACTER_SET: Final = (0x0008, 0x0005)
_EXPLANATION: Final = (
    "Ce document est une référence d'imagerie (DICOM) : il dit où sont les images d'un examen, il ne les contient pas.",
    "Les images se consultent avec une visionneuse DICOM reliée au service d'imagerie de l'établissement qui les a"
    " produites. Le compte rendu de l'examen, s'il a été déposé, est un autre document de ce dossier.",
)


def read(data: bytes) -> Rendered:
    """Never raises: what cannot be read is left out."""
    found = _elements(data)
    encoding = "utf-8" if b"192" in found.get(_CHARACTER_SET, b"") else "latin-1"
    fields = [Field("Format", "DICOM")]
    for tag, name in _FIELDS.items():
        value = clean(
            found.get(tag, b"")
            .strip(b"\0 ")
            .decode(encoding, "replace")
            .replace("^", " ")
            .replace("\\", " · ")
        )
        if value:
            fields.append(Field(name, readable(value)))
    blocks = tuple(Paragraph((Span(sentence),)) for sentence in _EXPLANATION)
    return Rendered(Kind.DICOM, "Référence d'imagerie", tuple(fields), blocks)


def _elements(data: bytes) -> dict[tuple[int, int], bytes]:
    """The elements of the outermost level, until one that cannot be passed over."""
    found: dict[tuple[int, int], bytes] = {}
    place, explicit = _START, True
    try:
        for _ in range(_MAX_ELEMENTS):
            tag = struct.unpack_from("<HH", data, place)
            if tag[0] > 0x0002 and found.get(_TRANSFER_SYNTAX, b"").strip(b"\0 ") == _IMPLICIT:
                explicit = False
            if explicit and data[place + 4 : place + 6] not in _LONG:
                (length,) = struct.unpack_from("<H", data, place + 6)
                place += 8
            elif explicit:
                (length,) = struct.unpack_from("<I", data, place + 8)
                place += 12
            else:
                (length,) = struct.unpack_from("<I", data, place + 4)
                place += 8
            if length > len(data) - place:
                break  # also the undefined length of a sequence
            found[tag[0], tag[1]] = data[place : place + length]
            place += length
    except struct.error:
        pass
    return found

"""BER-TLV as cards write it (ISO 7816-4 annex, X.690), read strictly: a card is an untrusted peer.

Definite lengths only, tags of at most three bytes, depth and size bounded. Whatever the bytes are, the only
error is `CardAnswerInvalid`.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.errors import CardAnswerInvalid

MAX_SIZE = 65_535
"""Bytes. A card file is read with 15-bit offsets: nothing longer is honest."""
MAX_DEPTH = 16

_CONSTRUCTED = 0x20
_MORE_TAG = 0x1F


@dataclass(frozen=True)
class Tlv:
    """One data object."""

    tag: int
    """The tag's bytes as one number: `0x9B`, `0x7F21`, `0xBF8101`."""
    value: bytes = field(repr=False)
    children: tuple["Tlv", ...] = ()
    """Objects inside, when the tag says constructed."""

    def find(self, tag: int) -> "Tlv | None":
        """The first child with that tag."""
        return find(self.children, tag)

    def child(self, tag: int) -> "Tlv":
        """The same, but its absence is an invalid answer."""
        return require(self.children, tag)


def parse(data: bytes, *, padded: bool = False) -> tuple[Tlv, ...]:
    """All objects of `data`, end to end.

    `padded`: the data is a whole file, which may be longer than its content; a 00 or FF where a tag should be
    ends it (neither is a tag a card uses).
    """
    if len(data) > MAX_SIZE:
        raise CardAnswerInvalid(detail="tlv: too long")
    return tuple(_objects(data, padded, MAX_DEPTH))


def first_raw(data: bytes) -> bytes:
    """The first object with its tag and length: a certificate out of a file that may be padded."""
    _, _, at = _tag(data, 0) if data else (0, False, 0)
    length, at = _length(data, at)
    if at + length > len(data):
        raise CardAnswerInvalid(detail="tlv: cut")
    return data[: at + length]


def find(objects: tuple[Tlv, ...], tag: int) -> Tlv | None:
    return next((item for item in objects if item.tag == tag), None)


def require(objects: tuple[Tlv, ...], tag: int) -> Tlv:
    found = find(objects, tag)
    if found is None:
        raise CardAnswerInvalid(detail=f"tlv: no {tag:X}")
    return found


def search(objects: tuple[Tlv, ...], tag: int) -> Tlv | None:
    """Depth first, for answers whose outer templates vary between card generations."""
    for item in objects:
        if item.tag == tag:
            return item
        inner = search(item.children, tag)
        if inner is not None:
            return inner
    return None


def unsigned(value: bytes) -> int:
    """A small non-negative INTEGER. Negative or longer than four bytes is an invalid answer."""
    if not 1 <= len(value) <= 4 or value[0] & 0x80:
        raise CardAnswerInvalid(detail="tlv: integer")
    return int.from_bytes(value, "big")


def bits(value: bytes) -> frozenset[int]:
    """Positions set in a BIT STRING, bit 0 first (X.690: first byte counts the unused bits)."""
    if not value or value[0] > 7 or (len(value) == 1 and value[0]):
        raise CardAnswerInvalid(detail="tlv: bit string")
    return frozenset(
        index
        for index in range(8 * (len(value) - 1) - value[0])
        if value[1 + index // 8] & (0x80 >> index % 8)
    )


def _objects(data: bytes, padded: bool, depth: int) -> Iterator[Tlv]:
    if depth == 0:
        raise CardAnswerInvalid(detail="tlv: too deep")
    at = 0
    while at < len(data):
        if padded and data[at] in (0x00, 0xFF):
            return
        tag, constructed, at = _tag(data, at)
        length, at = _length(data, at)
        value = data[at : at + length]
        if len(value) < length:
            raise CardAnswerInvalid(detail="tlv: cut")
        at += length
        yield Tlv(tag, value, tuple(_objects(value, False, depth - 1)) if constructed else ())


def _tag(data: bytes, at: int) -> tuple[int, bool, int]:
    first = data[at]
    tag, at = first, at + 1
    if first & _MORE_TAG == _MORE_TAG:
        for _ in range(2):
            tag, at = tag << 8 | _byte(data, at), at + 1
            if not tag & 0x80:
                break
        else:
            raise CardAnswerInvalid(detail="tlv: tag")
    return tag, bool(first & _CONSTRUCTED), at


def _length(data: bytes, at: int) -> tuple[int, int]:
    first = _byte(data, at)
    at += 1
    if first < 0x80:
        return first, at
    size = first & 0x7F
    if not 1 <= size <= 3 or at + size > len(data):
        raise CardAnswerInvalid(detail="tlv: length")
    return int.from_bytes(data[at : at + size], "big"), at + size


def _byte(data: bytes, at: int) -> int:
    if at >= len(data):
        raise CardAnswerInvalid(detail="tlv: cut")
    return data[at]

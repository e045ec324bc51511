"""The printer's side of IPP on the wire, written from RFC 8010 alone: requests read, answers built.

Values stay as the bytes that came; who needs a number or a text says so. Collections are read over.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

_END = 0x03
_COLLECTION, _COLLECTION_END = 0x34, 0x37
NO_VALUE = 0x13
INTEGER, BOOLEAN, ENUM, RANGE = 0x21, 0x22, 0x23, 0x33
TEXT, NAME, KEYWORD, URI, URI_SCHEME, CHARSET, LANGUAGE, MIME = 0x41, 0x42, 0x44, 0x45, 0x46, 0x47, 0x48, 0x49
OPERATION_GROUP, JOB_GROUP, PRINTER_GROUP = 0x01, 0x02, 0x04

Item = tuple[str, int, Sequence[bytes]]
"""Name, value tag, values."""


@dataclass(frozen=True)
class IppRequest:
    version: bytes
    operation: int
    request_id: int
    attributes: dict[str, list[bytes]]
    """Operation and job attributes together, in the order they came."""
    document: bytes

    def texts(self, name: str) -> list[str]:
        return [value.decode("utf-8", "replace") for value in self.attributes.get(name, [])]

    def text(self, name: str, default: str = "") -> str:
        return next(iter(self.texts(name)), default)

    def number(self, name: str, default: int = 0) -> int:
        values = self.attributes.get(name)
        return int.from_bytes(values[0], "big", signed=True) if values else default


def read_request(data: bytes) -> IppRequest:
    """Raises `ValueError` for what is not an IPP request, or breaks the order RFC 8011 4.1.4 asks for."""
    if len(data) < 9:
        raise ValueError("an IPP request has at least nine bytes")
    attributes: dict[str, list[bytes]] = {}
    name, nested, document = "", 0, b""
    for tag, label, value, end in _tokens(data):
        if tag < 0x10:
            name, document = "", data[end:]
        elif tag == _COLLECTION or nested:
            nested += (tag == _COLLECTION) - (tag == _COLLECTION_END)
        else:
            name = label or name
            attributes.setdefault(name, []).append(value)
    if list(attributes)[:2] != ["attributes-charset", "attributes-natural-language"]:
        raise ValueError("attributes-charset and attributes-natural-language come first")
    request_id = int.from_bytes(data[4:8], "big", signed=True)
    if request_id <= 0:
        raise ValueError("request-id is 1 or more")
    return IppRequest(data[:2], int.from_bytes(data[2:4], "big"), request_id, attributes, document)


def _tokens(data: bytes) -> Iterator[tuple[int, str, bytes, int]]:
    """Each delimiter and each value: tag, name, value, where the next one begins."""
    at = 8
    while at < len(data):
        tag = data[at]
        at += 1
        if tag < 0x10:
            yield tag, "", b"", at
            if tag == _END:
                return
            continue
        fields = []
        for _ in range(2):
            size = int.from_bytes(data[at : at + 2], "big")
            at += 2 + size
            if at > len(data):
                raise ValueError("a length goes past the end")
            fields.append(data[at - size : at])
        yield tag, fields[0].decode("ascii"), fields[1], at
    raise ValueError("no end of attributes")


def build_answer(
    version: bytes, status: int, request_id: int, groups: Iterable[tuple[int, Iterable[Item]]] = ()
) -> bytes:
    opening: list[Item] = [
        ("attributes-charset", CHARSET, (b"utf-8",)),
        ("attributes-natural-language", LANGUAGE, (b"fr",)),
    ]
    parts = [version, status.to_bytes(2, "big"), request_id.to_bytes(4, "big")]
    for group, items in ((OPERATION_GROUP, opening), *groups):
        parts.append(bytes([group]))
        for name, tag, values in items:
            for i, value in enumerate(values):
                label = b"" if i else name.encode()
                parts += [
                    bytes([tag]),
                    len(label).to_bytes(2, "big"),
                    label,
                    len(value).to_bytes(2, "big"),
                    value,
                ]
    parts.append(bytes([_END]))
    return b"".join(parts)


def number(name: str, value: int, tag: int = INTEGER) -> Item:
    return name, tag, (value.to_bytes(4, "big", signed=True),)


def words(name: str, tag: int, *values: str) -> Item:
    return name, tag, tuple(value.encode() for value in values)


def flag(name: str, value: bool) -> Item:
    return name, BOOLEAN, (bytes([value]),)

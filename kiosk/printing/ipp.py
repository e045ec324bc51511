"""IPP messages on the wire: RFC 8010 (encoding), RFC 8011 (operations, attributes).

Only what a kiosk asks a printer: nothing is written to disk, and a printer's answer, whatever it holds, gives
a `Message` or `PrinterError`. Collections are skipped: no attribute asked for here is one.
"""

import struct
from collections.abc import Sequence
from dataclasses import dataclass
from enum import IntEnum

from kiosk.errors import PrinterError
from kiosk.text import clean

Value = int | bool | str | bytes


class Operation(IntEnum):
    """RFC 8011 5.4.15."""

    PRINT_JOB = 0x0002
    CANCEL_JOB = 0x0008
    GET_JOB_ATTRIBUTES = 0x0009
    GET_JOBS = 0x000A
    GET_PRINTER_ATTRIBUTES = 0x000B


class Tag(IntEnum):
    """Delimiter tags below 0x10, value tags from there (RFC 8010 3.5)."""

    OPERATION = 0x01
    JOB = 0x02
    END = 0x03
    PRINTER = 0x04
    INTEGER = 0x21
    BOOLEAN = 0x22
    ENUM = 0x23
    BEGIN_COLLECTION = 0x34
    TEXT_WITH_LANGUAGE = 0x35
    NAME_WITH_LANGUAGE = 0x36
    END_COLLECTION = 0x37
    TEXT = 0x41
    NAME = 0x42
    KEYWORD = 0x44
    URI = 0x45
    CHARSET = 0x47
    LANGUAGE = 0x48
    MIME_TYPE = 0x49


Attribute = tuple[str, Tag, Sequence[Value]]


@dataclass(frozen=True)
class Group:
    """One attribute group."""

    tag: int
    attributes: dict[str, tuple[Value, ...]]

    def integers(self, name: str) -> tuple[int, ...]:
        return tuple(
            v for v in self.attributes.get(name, ()) if isinstance(v, int) and not isinstance(v, bool)
        )

    def texts(self, name: str) -> tuple[str, ...]:
        return tuple(v for v in self.attributes.get(name, ()) if isinstance(v, str))

    def flag(self, name: str) -> bool | None:
        return next((v for v in self.attributes.get(name, ()) if isinstance(v, bool)), None)


@dataclass(frozen=True)
class Message:
    """`code` is the operation of a request, the status of an answer."""

    code: int
    request_id: int
    groups: tuple[Group, ...]

    def of(self, tag: Tag) -> tuple[Group, ...]:
        return tuple(group for group in self.groups if group.tag == tag)


def encode(operation: Operation, request_id: int, groups: Sequence[tuple[Tag, Sequence[Attribute]]]) -> bytes:
    """A request up to its end-of-attributes tag; the document follows it on the wire."""
    message = bytearray(struct.pack(">BBHI", 2, 0, operation, request_id))
    for tag, attributes in groups:
        message.append(tag)
        for name, kind, values in attributes:
            for i, value in enumerate(values):
                label = name.encode() if i == 0 else b""
                content = _content(kind, value)
                message += struct.pack(">BH", kind, len(label)) + label
                message += struct.pack(">H", len(content)) + content
    message.append(Tag.END)
    return bytes(message)


def _content(kind: Tag, value: Value) -> bytes:
    if kind == Tag.BOOLEAN:
        return b"\x01" if value else b"\x00"
    if isinstance(value, int):
        return struct.pack(">i", value)
    return value.encode() if isinstance(value, str) else value


def decode(data: bytes) -> Message:
    """The answer of a printer; text in it is cleaned. Raises `PrinterError` for anything else."""
    try:
        return _decode(data)
    except (struct.error, IndexError, ValueError) as error:
        failure = type(error).__name__
    raise PrinterError(cause="L'imprimante a donné une réponse illisible.", detail=f"ipp: {failure}")


def _decode(data: bytes) -> Message:
    major, _, code, request_id = struct.unpack_from(">BBHI", data)
    if major not in (1, 2):
        raise ValueError("version")
    groups: list[tuple[int, dict[str, list[Value]]]] = []
    name, depth, at = "", 0, 8
    while (tag := data[at]) != Tag.END or depth:
        at += 1
        if tag < 0x10:
            if depth:
                raise ValueError("delimiter inside a collection")
            groups.append((tag, {}))
            name = ""
            continue
        label, at = _field(data, at)
        content, at = _field(data, at)
        if tag == Tag.BEGIN_COLLECTION:
            name, depth = "", depth + 1
        elif tag == Tag.END_COLLECTION:
            depth -= 1
        elif depth == 0:
            name = label.decode("ascii") or name  # no label: one more value of the same attribute
            if not name:
                raise ValueError("value of no attribute")
            groups[-1][1].setdefault(name, []).extend(_values(tag, content))
    return Message(
        code, request_id, tuple(Group(tag, {n: tuple(v) for n, v in a.items()}) for tag, a in groups)
    )


def _field(data: bytes, at: int) -> tuple[bytes, int]:
    """Two bytes of length, then that many bytes; and where it ends."""
    (length,) = struct.unpack_from(">H", data, at)
    end = at + 2 + length
    if end > len(data):
        raise ValueError("length")
    return data[at + 2 : end], end


def _values(tag: int, content: bytes) -> list[Value]:
    """One value, or none for the out-of-band tags (unknown, no-value, unsupported)."""
    if tag < 0x20:
        return []
    if tag in (Tag.INTEGER, Tag.ENUM):
        return [int(struct.unpack(">i", content)[0])]
    if tag == Tag.BOOLEAN:
        return [struct.unpack(">?", content)[0] is True]
    if tag in (Tag.TEXT_WITH_LANGUAGE, Tag.NAME_WITH_LANGUAGE):
        _, at = _field(content, 0)
        content, _ = _field(content, at)
        return [clean(content.decode("utf-8", "replace"), 1023)]
    if Tag.TEXT <= tag <= Tag.MIME_TYPE:
        return [clean(content.decode("utf-8", "replace"), 1023)]
    return [content]

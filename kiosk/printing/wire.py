"""What is to be printed, from the session to the process that composes it, and its answer.

A frame is JSON and the bytes after it, each of a length told before. Codes and pixels are bytes: the session writes
them from the buffers it can wipe, and makes no text of them.
"""

import json
import struct
from collections.abc import Iterator
from dataclasses import asdict, fields
from datetime import datetime
from typing import Any, BinaryIO, Final

from kiosk.printing.model import CreationReceipt, Issuer, Mark, Picture, SecretsSheet, SheetPatient, TextLine
from kiosk.secret import Secret

_FRAME: Final = struct.Struct(">II")
_ANSWER: Final = struct.Struct(">cI")
_DOCUMENT, _FAILURE = b"D", b"F"
_LONGEST_FAILURE = 60


class Cut(Exception):
    """What was sent stops before its end."""


def sheet_frame(content: SecretsSheet | CreationReceipt) -> list[bytes | bytearray]:
    """Pieces to write one after the other; the codes are the secrets' own buffers."""
    secrets = [content.login, content.password] if isinstance(content, SecretsSheet) else []
    plain = {
        each.name: getattr(content, each.name)
        for each in fields(content)
        if each.name not in ("patient", "issuer", "issued_at", "login", "password")
    }
    message = {
        "plain": plain,
        "patient": asdict(content.patient),
        "issuer": asdict(content.issuer),
        "issued_at": content.issued_at.isoformat(),
        "secrets": [len(each) for each in secrets],
    }
    return _framed(message, *(each.buffer for each in secrets))


def sheet_of(message: Any, blob: bytes) -> SecretsSheet | CreationReceipt:
    """What `sheet_frame` was given."""
    common = {
        **message["plain"],
        "patient": SheetPatient(**message["patient"]),
        "issuer": Issuer(**message["issuer"]),
        "issued_at": datetime.fromisoformat(message["issued_at"]),
    }
    if not message["secrets"]:
        return CreationReceipt(**common)
    login, _ = message["secrets"]
    return SecretsSheet(**common, login=Secret(blob[:login]), password=Secret(blob[login:]))


def document_frame(mark: Mark, text: list[TextLine], pages: int) -> list[bytes | bytearray]:
    return _framed({"mark": asdict(mark), "text": text, "pages": pages})


def document_of(message: Any) -> tuple[Mark, list[TextLine], int]:
    """What `document_frame` was given."""
    return Mark(**message["mark"]), message["text"], message["pages"]


def picture_frame(picture: Picture) -> list[bytes | bytearray]:
    return _framed([picture.width, picture.height], picture.rgb)


def picture_of(message: Any, blob: bytes) -> Picture:
    """What `picture_frame` was given."""
    width, height = message
    return Picture(width, height, blob)


def frames(source: BinaryIO) -> Iterator[tuple[Any, bytes]]:
    """Every frame up to the end of the input. Raises `Cut`."""
    while head := source.read(_FRAME.size):
        if len(head) < _FRAME.size:
            raise Cut
        size, rest = _FRAME.unpack(head)
        message, blob = source.read(size), source.read(rest)
        if len(message) < size or len(blob) < rest:
            raise Cut
        yield json.loads(message), blob


def composed(document: bytes | bytearray) -> list[bytes | bytearray]:
    """The answer: a PDF."""
    return [_ANSWER.pack(_DOCUMENT, len(document)), document]


def failed(name: str) -> list[bytes | bytearray]:
    """The answer: one word."""
    word = name.encode("ascii", "replace")[:_LONGEST_FAILURE]
    return [_ANSWER.pack(_FAILURE, len(word)), word]


def answered(answer: bytearray) -> tuple[bytearray, str]:
    """The PDF, or the word that says why there is none. Raises `Cut`. `answer` is wiped."""
    try:
        kind, size = _ANSWER.unpack_from(answer)
        if len(answer) != _ANSWER.size + size or kind not in (_DOCUMENT, _FAILURE):
            raise Cut
        with memoryview(answer) as view:
            content = bytearray(view[_ANSWER.size :])
    except struct.error:
        raise Cut from None
    finally:
        answer[:] = bytes(len(answer))
    return (content, "") if kind == _DOCUMENT else (bytearray(), content.decode("ascii", "replace"))


def _framed(message: object, *blobs: bytes | bytearray) -> list[bytes | bytearray]:
    text = json.dumps(message, separators=(",", ":")).encode()
    return [_FRAME.pack(len(text), sum(map(len, blobs))), text, *blobs]

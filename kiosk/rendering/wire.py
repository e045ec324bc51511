"""`Rendered` and `PagePicture` between the child and the session: JSON, then bytes. Never pickle.

The child may have been taken over by a document: what it sends is checked as if an enemy wrote it. Every value
has the type its field declares, every text is clean, nothing else is accepted.
"""

import json
import struct
from dataclasses import fields, is_dataclass
from enum import Enum
from functools import cache
from types import NoneType, UnionType
from typing import Any, Final, get_args, get_origin, get_type_hints

from kiosk.rendering.page import PagePicture, Rendered
from kiosk.text import clean_lines

MAX_DOCUMENT: Final = 64_000_000
"""Bytes of a document: the DMP takes 5 MB, older ones weigh up to 50."""

MAX_ANSWER: Final = 64_000_000
"""Bytes of a whole answer: a page of 16 million pixels, or a text nobody would read to its end."""

_FRAME: Final = struct.Struct(">II")
"""Lengths of the JSON and of the bytes after it."""


class UnreadableAnswer(Exception):
    """Not what the child is meant to send."""


def frame(message: object, blob: bytes = b"") -> list[bytes]:
    """A message and its bytes, as pieces to write one after the other."""
    text = json.dumps(message, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode()
    return [_FRAME.pack(len(text), len(blob)), text, blob]


def unframed(data: bytes) -> tuple[Any, bytes]:
    """The message and its bytes. Raises `UnreadableAnswer`."""
    try:
        size, rest = _FRAME.unpack_from(data)
        if _FRAME.size + size + rest != len(data):
            raise ValueError
        message = json.loads(data[_FRAME.size : _FRAME.size + size], parse_constant=_refused)
    except (struct.error, ValueError, RecursionError):
        raise UnreadableAnswer from None
    return message, data[_FRAME.size + size :]


def packed(value: object) -> Any:
    """A dataclass of `kiosk.rendering.page` as JSON: its name, then its values in order."""
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, tuple):
        return [packed(each) for each in value]
    if is_dataclass(value):
        return [type(value).__name__, *(packed(getattr(value, each.name)) for each in fields(value))]
    return value


def rendered(message: object) -> Rendered:
    """Raises `UnreadableAnswer`."""
    found: Rendered = _checked(message, Rendered)
    return found


def page_picture(message: object, rgb: bytes) -> PagePicture:
    """`message` is width, height, page and pages. Raises `UnreadableAnswer`."""
    numbers: tuple[int, ...] = _checked(message, tuple[int, ...])
    if len(numbers) != 4 or min(numbers) < 0 or numbers[0] * numbers[1] * 3 != len(rgb):
        raise UnreadableAnswer
    return PagePicture(numbers[0], numbers[1], rgb, numbers[2], numbers[3])


def _checked(value: Any, hint: Any) -> Any:
    if hint is str:
        if not isinstance(value, str) or clean_lines(value, limit=len(value) + 1) != value:
            raise UnreadableAnswer
        return value
    if get_origin(hint) is tuple:
        if not isinstance(value, list):
            raise UnreadableAnswer
        return tuple(_checked(each, get_args(hint)[0]) for each in value)
    if get_origin(hint) is UnionType:
        return _one_of(value, get_args(hint))
    if is_dataclass(hint):
        return _built(value, hint)
    if isinstance(hint, type) and issubclass(hint, Enum):
        try:
            return hint(value)
        except ValueError:
            raise UnreadableAnswer from None
    if hint is float and type(value) is int:
        return float(value)
    if type(value) is not hint:
        raise UnreadableAnswer
    return value


def _one_of(value: Any, hints: tuple[Any, ...]) -> Any:
    """Dataclasses are told by their name; otherwise a value or nothing."""
    if NoneType in hints:
        return (
            None if value is None else _checked(value, next(each for each in hints if each is not NoneType))
        )
    name = value[0] if isinstance(value, list) and value else None
    for hint in hints:
        if hint.__name__ == name:
            return _built(value, hint)
    raise UnreadableAnswer


def _built(value: Any, kind: Any) -> Any:
    hints = _hints(kind)
    if not isinstance(value, list) or len(value) != len(hints) + 1 or value[0] != kind.__name__:
        raise UnreadableAnswer
    try:
        return kind(*(_checked(each, hint) for each, hint in zip(value[1:], hints, strict=True)))
    except ValueError:
        raise UnreadableAnswer from None


@cache
def _hints(kind: Any) -> tuple[Any, ...]:
    known = get_type_hints(kind)
    return tuple(known[each.name] for each in fields(kind))


def _refused(_: str) -> None:
    raise ValueError

"""What the session and the process that opens files say to each other: a line of JSON, then bytes up to the end.

A file may have taken the process over: what it answers is checked as if an enemy wrote it. It chooses among
sentences the session knows and gives numbers within limits; it has no words of its own but those of a text.
"""

import json
from enum import Enum
from typing import Any, Final, TypeVar

from kiosk.deposit.files import MAX_PAGES, TEXT_CONTROLS, Examined, Obstacle, told
from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import FileFault, FileUnfit, OpeningFault

MAX_ANSWER: Final = 200_000_000
"""Bytes of a whole answer: a text grows when it becomes UTF-8."""
_LONGEST_LINE: Final = 4_096
_LARGEST: Final = 10**9

_Choice = TypeVar("_Choice", bound=Enum)


class UnreadableAnswer(Exception):
    """Not what the process is meant to send."""


def message(values: list[object], content: bytes = b"") -> list[bytes]:
    """As pieces to write one after the other. The line begins with the length of what follows it."""
    return [json.dumps([len(content), *values]).encode() + b"\n", content]


def opened(answer: bytes | bytearray) -> tuple[list[Any], bytes]:
    """The values of a message, and its bytes. Raises `UnreadableAnswer`."""
    end = answer.find(b"\n", 0, _LONGEST_LINE)
    try:
        size, *values = json.loads(bytes(answer[: max(end, 0)]))
    except (ValueError, TypeError, RecursionError):
        raise UnreadableAnswer from None
    with memoryview(answer) as view:
        content = bytes(view[end + 1 :])
    if type(size) is not int or size != len(content):
        raise UnreadableAnswer
    return values, content


# --- what to make of a file -------------------------------------------------------------------------------


def to_convert(examined: Examined, title: str) -> list[bytes]:
    """The question."""
    assert examined.format is not None
    names = [one.name for one in examined.obstacles]
    return message([examined.format.name, examined.pages, names, title], examined.content)


def asked_to_convert(values: list[Any], content: bytes) -> tuple[Examined, str]:
    """What the session sent: it is not checked."""
    body, pages, names, title = values
    return Examined(content, BodyFormat[body], pages, tuple(Obstacle[name] for name in names)), title


# --- what was found of a file -----------------------------------------------------------------------------


def found(examined: Examined, asked: bytes) -> list[bytes]:
    """Its content only when it is not what was asked about."""
    names = [one.name for one in examined.obstacles]
    content = b"" if examined.content == asked else examined.content
    return message(["examined", examined.pages, names], content)


def examined(values: list[Any], content: bytes, asked: bytes) -> Examined:
    """The file that was asked about, as the answer says it is. Raises `UnreadableAnswer`."""
    kind = told(asked)
    pages, names = _both(values)
    if type(pages) is not int or not 1 <= pages <= MAX_PAGES or not isinstance(names, list):
        raise UnreadableAnswer
    obstacles = tuple(_named(Obstacle, name) for name in names)
    paged = kind in (BodyFormat.PDF, BodyFormat.JPEG, BodyFormat.TIFF)
    if (obstacles and kind is not BodyFormat.PDF) or (pages > 1 and not paged):
        raise UnreadableAnswer
    if content and (kind is not BodyFormat.TEXT or not _is_text(content)):
        raise UnreadableAnswer
    return Examined(content or asked, kind, pages, obstacles)


def made(values: list[Any], content: bytes) -> bytes:
    """A PDF that was made. Raises `UnreadableAnswer`."""
    if values or told(content) is not BodyFormat.PDF:
        raise UnreadableAnswer
    return content


# --- what went wrong --------------------------------------------------------------------------------------


def unfitted(unfit: FileUnfit) -> list[bytes]:
    assert unfit.fault is not None
    return message(["unfit", unfit.fault.value, list(unfit.numbers)])


def unfit(values: list[Any]) -> FileUnfit:
    """Raises `UnreadableAnswer`."""
    fault, numbers = _both(values)
    if not isinstance(numbers, list) or not all(type(one) is int and 0 <= one < _LARGEST for one in numbers):
        raise UnreadableAnswer
    try:
        return FileUnfit(_valued(FileFault, fault), *numbers)
    except IndexError:
        raise UnreadableAnswer from None


def trouble(values: list[Any]) -> OpeningFault:
    """Raises `UnreadableAnswer`."""
    if len(values) != 1:
        raise UnreadableAnswer
    return _valued(OpeningFault, values[0])


def _both(values: list[Any]) -> tuple[Any, Any]:
    if len(values) != 2:
        raise UnreadableAnswer
    return values[0], values[1]


def _valued(kind: type[_Choice], value: Any) -> _Choice:
    try:
        return kind(value)
    except ValueError:
        raise UnreadableAnswer from None


def _named(kind: type[_Choice], name: Any) -> _Choice:
    if not isinstance(name, str) or name not in kind.__members__:
        raise UnreadableAnswer
    return kind[name]


def _is_text(content: bytes) -> bool:
    try:
        return not TEXT_CONTROLS.search(content.decode())
    except UnicodeDecodeError:
        return False

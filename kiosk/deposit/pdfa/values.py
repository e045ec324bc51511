"""The values a PDF is written in (PDF Reference 1.4, 3.2), within the limits PDF/A-1 sets (ISO 19005-1, 6.1.12)."""

import re
from dataclasses import dataclass
from typing import Any, Final, TypeVar

_DEEPEST: Final = 60
_LONGEST_STRING: Final = 65_535
SPACE: Final = rb"[\0\t\n\f\r ]"

GAP = re.compile(rb"(?:%(?!%EOF)[^\r\n]*+|" + SPACE + rb"++)*+")
_TOKEN = re.compile(
    rb"(?:" + SPACE + rb"++|%[^\r\n]*+)*+(?:"
    rb"(?P<dictionary><<)|(?P<array>\[)|(?P<end>>>|\])|(?P<string>\()"
    rb"|<(?P<hexadecimal>[^<>]*)>"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<reference>\d{1,8}[\0\t\n\f\r ]+\d{1,5}[\0\t\n\f\r ]+R)(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|(?P<real>[+-]?(?:\d{1,99}\.\d{0,99}|\.\d{1,99}))(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|(?P<integer>[+-]?\d{1,20})(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|(?P<word>true|false|null)(?![^\0\t\n\f\r ()<>\[\]{}/%]))"
)
_IN_STRING = re.compile(rb"(?:[^()\\]++|\\.)*+", re.DOTALL)
_ESCAPE = re.compile(rb"\\([0-7]{1,3}|\r\n|.)|\r\n?", re.DOTALL)
_ESCAPED: Final = dict(zip((b"n", b"r", b"t", b"b", b"f"), (b"\n", b"\r", b"\t", b"\b", b"\f"), strict=True))
_CONTINUED: Final = (b"\r\n", b"\n", b"\r")
_WORDS: Final = {b"true": True, b"false": False, b"null": None}

Value = Any
"""None, bool, int, float, bytes (a string), `Name`, `Reference`, list, dict of values by name, or a
stream (`kiosk.deposit.pdfa.file`)."""
_Long = TypeVar("_Long", bytes, list[Any], dict[str, Any])
_Number = TypeVar("_Number", int, float)


class Malformed(Exception):
    """Not as PDF/A-1 lays it out, or beyond the limits of ISO 19005-1, 6.1.12."""


class Name(str):
    """`/Type` without its slash."""

    __slots__ = ()


@dataclass(frozen=True)
class Reference:
    """What an object of the file goes by."""

    number: int
    generation: int


class Scanner:
    """Reads on from where it is."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.at = 0

    def skip(self, pattern: re.Pattern[bytes]) -> re.Match[bytes] | None:
        match = pattern.match(self.content, self.at)
        if match:
            self.at = match.end()
        return match

    def expect(self, pattern: re.Pattern[bytes]) -> re.Match[bytes]:
        match = self.skip(pattern)
        if match is None:
            raise Malformed(f"byte {self.at}")
        return match

    def value(self, depth: int = 0) -> Value:
        token = self.expect(_TOKEN)
        kind = token.lastgroup
        text = token[kind or 0]
        if depth > _DEEPEST or kind == "end":
            raise Malformed("value")
        match kind:
            case "dictionary":
                return self._dictionary(depth)
            case "array":
                return self._array(depth)
            case "string":
                return _limited(self._string(), _LONGEST_STRING)
            case "hexadecimal":
                digits = text.translate(None, b"\0\t\n\f\r ")
                if len(digits) % 2 or not re.fullmatch(rb"[0-9A-Fa-f]*", digits):
                    raise Malformed("hexadecimal string")
                return _limited(bytes.fromhex(digits.decode()), _LONGEST_STRING)
            case "name":
                return _name(text)
            case "reference":
                number, generation, _ = text.replace(b"\0", b" ").split()
                return Reference(int(number), int(generation))
            case "real":
                return _within(float(text), 32_767)
            case "integer":
                return _within(int(text), 2**31 - 1)
            case _:
                return _WORDS[text]

    def _array(self, depth: int) -> list[Value]:
        values = []
        while not self._closed(b"]"):
            values.append(self.value(depth + 1))
        return _limited(values, 8_191)

    def _dictionary(self, depth: int) -> dict[str, Value]:
        entries: dict[str, Value] = {}
        while not self._closed(b">>"):
            key = self.value(depth + 1)
            if not isinstance(key, Name) or key in entries:
                raise Malformed("dictionary")
            entries[str(key)] = self.value(depth + 1)
        return _limited(entries, 4_095)

    def _closed(self, mark: bytes) -> bool:
        self.skip(GAP)
        closed = self.content.startswith(mark, self.at)
        self.at += len(mark) * closed
        return closed

    def _string(self) -> bytes:
        begin, depth = self.at, 1
        while depth:
            self.skip(_IN_STRING)
            mark = self.content[self.at : self.at + 1]
            if mark not in (b"(", b")") or self.at - begin > 4 * _LONGEST_STRING:
                raise Malformed("string")
            depth += 1 if mark == b"(" else -1
            self.at += 1
        return _ESCAPE.sub(_unescaped, self.content[begin : self.at - 1])


def _unescaped(match: re.Match[bytes]) -> bytes:
    escaped = match[1]
    if escaped is None:
        return b"\n"
    if escaped[0] in b"01234567":
        return bytes([int(escaped, 8) & 255])
    return b"" if escaped in _CONTINUED else _ESCAPED.get(escaped, escaped)


def _name(text: bytes) -> Name:
    plain = re.sub(rb"#([0-9A-Fa-f]{2})", lambda match: bytes.fromhex(match[1].decode()), text)
    return Name(_limited(plain, 127).decode("latin-1"))


def _limited(value: _Long, most: int) -> _Long:
    if len(value) > most:
        raise Malformed("too long")
    return value


def _within(number: _Number, most: int) -> _Number:
    if not -most - 1 <= number <= most:
        raise Malformed("number")
    return number

"""The objects of a PDF laid out as PDF/A-1 wants it (ISO 19005-1, 6.1), read one after the other; `Malformed` else.

Viewers repair what they read, each in its own way. Nothing is repaired here: every byte belongs to an object, a
cross-reference table, a trailer or white space between them, a stream is as long as it says, and every entry of a
table leads to the object it names. Object streams and encryption therefore never come this far.
"""

import base64
import re
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from kiosk.deposit.pdfa.values import GAP, SPACE, Malformed, Reference, Scanner, Value

_FURTHEST: Final = 60
"""References to references."""
_MOST_DECODED: Final = 64_000_000
_BREAK: Final = rb"(?:\r\n|\r|\n)"

_HEADER = re.compile(rb"%PDF-1\.\d\s*?" + _BREAK + rb"%[\x80-\xff]{4}")
_OBJECT = re.compile(rb"(\d{1,8})" + SPACE + rb"(\d{1,5})" + SPACE + rb"obj(?=[\r\n])")
_STREAM = re.compile(SPACE + rb"*stream\r?\n")
_END_STREAM = re.compile(_BREAK + rb"endstream" + SPACE + rb"*?[\r\n]endobj(?=[\r\n])")
_END_OBJECT = re.compile(SPACE + rb"*[\r\n]endobj(?=[\r\n])")
_NUMBER = re.compile(rb"[\r\n](\d{1,8}) 0 obj\s+(\d{1,10})\s+endobj")
_TABLE = re.compile(rb"xref" + _BREAK + rb"(?=\d)")
_SECTION = re.compile(rb"(\d{1,8}) (\d{1,8}) ?" + _BREAK)
_ENTRY = re.compile(rb"(\d{10}) (\d{5}) ([nf])(?: \r| \n|\r\n)")
_TRAILER = re.compile(SPACE + rb"*trailer(?=[\s<])")
_END = re.compile(rb"startxref" + SPACE + rb"+(\d{1,10})" + SPACE + rb"*[\r\n]%%EOF")


@dataclass(frozen=True, repr=False, eq=False)
class Stream:
    """A dictionary and its bytes, as they are in the file."""

    entries: dict[str, Value]
    raw: bytes


@dataclass(frozen=True, repr=False, eq=False)
class PdfFile:
    """What the tables of a file lead to."""

    objects: dict[Reference, Value]
    trailer: dict[str, Value]

    def value(self, value: Value) -> Value:
        """What a reference leads to, or the value itself."""
        for _ in range(_FURTHEST):
            if not isinstance(value, Reference):
                return value
            value = self.objects.get(value)
        raise Malformed("reference")

    def entries(self, value: Value) -> dict[str, Value]:
        """The dictionary, or that of the stream; empty for anything else."""
        found = self.value(value)
        if isinstance(found, Stream):
            return found.entries
        return found if isinstance(found, dict) else {}

    def items(self, value: Value) -> list[Value]:
        """What an array holds, references followed; a single value as one, nothing for null."""
        found = self.value(value)
        if found is None:
            return []
        return [self.value(one) for one in found] if isinstance(found, list) else [found]

    def decoded(self, stream: Stream) -> bytes:
        """Raises `Malformed` for a filter that is not of this file's business: pictures stay as they are."""
        data = stream.raw
        parameters = self.items(stream.entries.get("DecodeParms"))
        if any(self.entries(one).get("Predictor", 1) != 1 for one in parameters):
            raise Malformed("predictor")
        for name in self.items(stream.entries.get("Filter")):
            decode = _DECODERS.get(name)
            if decode is None:
                raise Malformed("filter")
            try:
                data = decode(data)
            except (zlib.error, ValueError) as error:
                raise Malformed("damaged stream") from error
        return data


def _inflated(data: bytes) -> bytes:
    inflater = zlib.decompressobj()
    plain = inflater.decompress(data, _MOST_DECODED)
    if inflater.unconsumed_tail or not inflater.eof:
        raise ValueError
    return plain


_DECODERS: Final[dict[object, Callable[[bytes], bytes]]] = {
    "FlateDecode": _inflated,
    "ASCII85Decode": lambda data: base64.a85decode(data.strip().removesuffix(b"~>")),
    "ASCIIHexDecode": lambda data: bytes.fromhex(data.partition(b">")[0].decode("ascii")),
}


def nested(value: Value) -> Iterator[Value]:
    """The value and all it holds, references not followed."""
    waiting = [value]
    while waiting:
        one = waiting.pop()
        yield one
        if isinstance(one, Stream):
            waiting.append(one.entries)
        elif isinstance(one, dict):
            waiting.extend(one.values())
        elif isinstance(one, list):
            waiting.extend(one)


def read(content: bytes) -> PdfFile:
    """Raises `Malformed`."""
    if not _HEADER.match(content):
        raise Malformed("header")
    return _Reader(content).file()


class _Reader(Scanner):
    def file(self) -> PdfFile:
        found: dict[int, tuple[Reference, Value]] = {}
        tables: dict[int, dict[Reference, int]] = {}
        trailers: list[dict[str, Value]] = []
        ended = start = 0
        while self.skip(GAP) and self.at < len(self.content):
            begin = self.at
            if heading := self.skip(_OBJECT):
                found[begin] = Reference(int(heading[1]), int(heading[2])), self._object()
                continue
            tables[begin] = self._table()
            trailers.append(self._trailer())
            self.skip(GAP)
            start, ended = int(self.expect(_END)[1]), self.at
        if self.content[ended:] not in (b"", b"\n", b"\r", b"\r\n") or start not in tables:
            raise Malformed("end of file")
        if not all(len(one.get("ID") or ()) == 2 for one in trailers):
            raise Malformed("no file identifier")
        objects = {}
        for table in tables.values():
            for reference, offset in table.items():
                if found.get(offset, (None,))[0] != reference:
                    raise Malformed("cross-reference")
                objects[reference] = found[offset][1]
        file = PdfFile(objects, {key: one[key] for one in trailers for key in one})
        for _, value in found.values():
            if isinstance(value, Stream) and file.value(value.entries.get("Length")) != len(value.raw):
                raise Malformed("length")
        return file

    def _object(self) -> Value:
        value = self.value()
        if isinstance(value, dict) and self.skip(_STREAM):
            begin = self.at
            self.at += self._length(value.get("Length"))
            value = Stream(value, self.content[begin : self.at])
            self.expect(_END_STREAM)
        else:
            self.expect(_END_OBJECT)
        return value

    def _length(self, value: Value) -> int:
        """An indirect length may come later in the file; once all is read, it is compared with what was taken here."""
        if isinstance(value, Reference):
            value = self._numbers.get(value.number)
        if not isinstance(value, int) or value < 0:
            raise Malformed("length")
        return value

    @cached_property
    def _numbers(self) -> dict[int, int]:
        """What looks like an object that is but a number."""
        return {int(found[1]): int(found[2]) for found in _NUMBER.finditer(self.content)}

    def _table(self) -> dict[Reference, int]:
        """Where each object in use is."""
        self.expect(_TABLE)
        table = {}
        while section := self.skip(_SECTION):
            for number in range(int(section[1]), int(section[1]) + int(section[2])):
                entry = self.expect(_ENTRY)
                if entry[3] == b"n":
                    table[Reference(number, int(entry[2]))] = int(entry[1])
        return table

    def _trailer(self) -> dict[str, Value]:
        self.expect(_TRAILER)
        value = self.value()
        if not isinstance(value, dict) or "Encrypt" in value or "XRefStm" in value:
            raise Malformed("trailer")
        return value

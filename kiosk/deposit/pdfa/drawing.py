"""What the instructions of a PDF draw with: known operators, colours a PDF/A-1 defines (ISO 19005-1, 6.2 and 6.1.12).

A colour of a device is allowed where the output intent says what it looks like: grey always, RGB or CMYK when the
intent is of that kind. What `DefaultRGB` and the like would allow beyond that is left out: hardly anybody uses them.
"""

import re
from collections.abc import Iterator
from typing import Final

from kiosk.deposit.pdfa.file import PdfFile, Stream, nested
from kiosk.deposit.pdfa.values import Malformed, Name, Value

INTENTS: Final = ("RelativeColorimetric", "AbsoluteColorimetric", "Perceptual", "Saturation")
_KINDS: Final = {b"GRAY": 1, b"RGB ": 3, b"Lab ": 3, b"CMYK": 4}
_OUTPUTS: Final = (b"prtr", b"mntr")
_SOURCES: Final = (*_OUTPUTS, b"scnr", b"spac")
_ALLOWED: Final = {
    b"": frozenset[str](),
    b"GRAY": frozenset({"DeviceGray"}),
    b"RGB ": frozenset({"DeviceGray", "DeviceRGB"}),
    b"CMYK": frozenset({"DeviceGray", "DeviceCMYK"}),
}
_SPACES: Final = {
    **dict.fromkeys((b"DeviceGray", b"G"), "DeviceGray"),
    **dict.fromkeys((b"DeviceRGB", b"RGB"), "DeviceRGB"),
    **dict.fromkeys((b"DeviceCMYK", b"CMYK"), "DeviceCMYK"),
}
_COLOURS: Final = {
    **dict.fromkeys((b"g", b"G"), "DeviceGray"),
    **dict.fromkeys((b"rg", b"RG"), "DeviceRGB"),
    **dict.fromkeys((b"k", b"K"), "DeviceCMYK"),
}
_DEVICES: Final = frozenset(_COLOURS.values())
_OPERATORS: Final = frozenset(
    b"b B b* B* BDC BMC BT BX c cm CS cs d d0 d1 Do DP EMC ET EX f F f* G g gs h i j J K k l m M MP n "
    b"q Q re RG rg ri s S SC sc SCN scn sh T* Tc Td TD Tf Tj TJ TL Tm Tr Ts Tw Tz v w W W* y ' \" "
    b"true false null".split()
)
_DEEPEST: Final = 28

_LONGEST: Final = 10_000_000
"""Bytes of all instructions together: more would keep the user waiting."""

_PART = re.compile(
    rb"\((?:[^()\\]|\\.|\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*+\))*+\))*+\)"  # nested twice at most
    rb"|%[^\r\n]*|<<|>>|<(?P<digits>[^<>]*)>"
    rb"|/(?P<name>[^\0\t\n\f\r ()<>\[\]{}/%]*)"
    rb"|(?P<number>[+-]?(?:\d+\.?\d*|\.\d+))(?![^\0\t\n\f\r ()<>\[\]{}/%])"
    rb"|BI(?=[\s/])(?P<inline>(?:(?!\sID\s)[^()])*+)\sID\s.*?\sEI(?!\S)"
    rb"|(?P<operator>[^\0\t\n\f\r ()<>\[\]{}/%]+)"
    rb"|(?P<rest>[(){}<>])",
    re.DOTALL,
)


def colours_fit(file: PdfFile) -> bool:
    """Whether every colour is defined. Raises `Malformed` for instructions that cannot be read."""
    intents = file.items(file.entries(file.trailer.get("Root")).get("OutputIntents"))
    meant = [one for one in map(file.entries, intents) if one.get("DestOutputProfile") is not None]
    if any(one["DestOutputProfile"] != meant[0]["DestOutputProfile"] for one in meant):
        return False
    profiles = [one["DestOutputProfile"] for one in meant if one.get("S") == "GTS_PDFA1"]
    kind = _profile(file, profiles[0], _OUTPUTS) if profiles else b""
    if kind not in _ALLOWED:
        return False
    used = set[str]()
    for value in file.objects.values():
        for one in nested(value):
            if isinstance(one, list) and one[:1] == ["ICCBased"] and not _profile(file, one[1], _SOURCES):
                return False
            used |= _named(one)
    left = _LONGEST
    for program in _programs(file):
        left -= len(program)
        if left < 0:
            raise Malformed("too long")
        used |= _used(program)
    return used <= _ALLOWED[kind]


def _profile(file: PdfFile, value: Value, classes: tuple[bytes, ...]) -> bytes | None:
    """The colour space of an ICC profile of version 2 (ICC.1, 7.2); None when it is none, or of another kind."""
    stream = file.value(value)
    if not isinstance(stream, Stream):
        return None
    head = file.decoded(stream)[:128]
    space = head[16:20]
    fits = (
        head[36:40] == b"acsp"
        and head[8] < 3
        and head[12:16] in classes
        and _KINDS.get(space) == file.value(stream.entries.get("N"))
    )
    return space if fits else None


def _named(value: Value) -> set[str]:
    """Device colour spaces named by a dictionary or an array; an alternate of a profile is never used."""
    values: list[Value] = value if isinstance(value, list) else []
    if isinstance(value, dict):
        values = [one for key, one in value.items() if key != "Alternate"]
    return {str(one) for one in values if isinstance(one, Name)} & _DEVICES


def _programs(file: PdfFile) -> Iterator[bytes]:
    """Every sequence of instructions: pages, forms, patterns, glyphs drawn by hand."""
    for value in file.objects.values():
        entries = file.entries(value)
        if isinstance(value, Stream):
            if entries.get("Subtype") == "Form" or entries.get("PatternType") == 1:
                yield file.decoded(value)
        elif entries.get("Type") == "Page":
            parts = file.items(entries.get("Contents"))
            yield b"\n".join(file.decoded(one) for one in parts if isinstance(one, Stream))
        elif entries.get("Subtype") == "Type3":
            glyphs = file.entries(entries.get("CharProcs")).values()
            yield from (file.decoded(one) for one in map(file.value, glyphs) if isinstance(one, Stream))


def _used(program: bytes) -> set[str]:
    """Device colour spaces instructions draw with. Raises `Malformed`."""
    used = set[str]()
    depth, name = 0, b""
    for part in _PART.finditer(program):
        text = part[0]
        match part.lastgroup:
            case "operator":
                if text not in _OPERATORS:
                    raise Malformed("operator")
                depth += (text == b"q") - (text == b"Q")
                if depth > _DEEPEST or (text == b"ri" and name.decode("latin-1") not in INTENTS):
                    raise Malformed("operator")
                if text in _COLOURS:
                    used.add(_COLOURS[text])
                elif text in (b"cs", b"CS") and name in _SPACES:
                    used.add(_SPACES[name])
            case "name":
                name = part["name"]
            case "number":
                if abs(float(text)) > (32_767 if b"." in text else 2**31 - 1):
                    raise Malformed("number")
            case "digits":
                if len(part["digits"].translate(None, b"\0\t\n\f\r ")) % 2:
                    raise Malformed("hexadecimal string")
            case "inline":
                names = set(re.findall(rb"/(\w+)", part["inline"]))
                if names & {b"LZW", b"LZWDecode"} or re.search(rb"/I(?:nterpolate)?\s+true", part["inline"]):
                    raise Malformed("inline picture")
                used |= {_SPACES[one] for one in names if one in _SPACES}
            case "rest":
                raise Malformed("instructions")
    return used

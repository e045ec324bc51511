"""XML in and out: what a server sends, parsed with distrust; what the kiosk sends, built one way."""

import re
from typing import Final

from lxml import etree

from kiosk.errors import AnswerUnreadable
from kiosk.markup import UnreadableMarkup, parse_untrusted

HL7: Final = "urn:hl7-org:v3"
XSI: Final = "http://www.w3.org/2001/XMLSchema-instance"

MAX_BYTES: Final = 50_000_000

_ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def parse(data: bytes) -> etree._Element:
    """The root of a server's answer. Raises `AnswerUnreadable` for anything but plain, well-formed XML."""
    try:
        return parse_untrusted(data, limit=MAX_BYTES)
    except UnreadableMarkup as error:
        raise AnswerUnreadable(detail=str(error)) from None


def legal(value: str) -> str:
    """The text with the characters XML 1.0 cannot carry shown as U+FFFD; nothing else changes."""
    return _ILLEGAL.sub("\N{REPLACEMENT CHARACTER}", value)


def node(
    name: str,
    *content: etree._Element | str | None,
    xsi_type: str = "",
    **attributes: str,
) -> etree._Element:
    """An HL7 v3 element. An empty attribute and a `None` child are left out."""
    prefixes: dict[str | None, str] = {None: HL7, "xsi": XSI}
    made = etree.Element(f"{{{HL7}}}{name}", nsmap=prefixes)  # type: ignore[arg-type]
    if xsi_type:
        made.set(f"{{{XSI}}}type", xsi_type)
    for key, value in attributes.items():
        if value:
            made.set(key, legal(value))
    for part in content:
        if isinstance(part, str):
            made.text = legal(part)
        elif part is not None:
            made.append(part)
    return made


def text_node(name: str, text: str, **attributes: str) -> etree._Element | None:
    """An element that holds a text, or nothing at all when the text is empty."""
    return node(name, text, **attributes) if text else None


def group(name: str, *content: etree._Element | None, **attributes: str) -> etree._Element | None:
    """An element that only exists through its children: nothing at all when they are all absent."""
    present = [part for part in content if part is not None]
    return node(name, *present, **attributes) if present else None


def serialize(root: etree._Element) -> bytes:
    """UTF-8 without declaration, ready to be spliced into an envelope."""
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    return data

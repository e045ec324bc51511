"""The XMP packet of a PDF/A-1, and its agreement with the document information (ISO 19005-1, 6.7).

Known properties are those of the XMP Specification of 2004 that writers of documents use. Any other one counts as a
fault unless the packet describes it (6.7.8), with a simple type.
"""

import re
from datetime import UTC, datetime, timedelta, timezone
from enum import Enum
from typing import Any, Final

from lxml import etree

_RDF: Final = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
_DC: Final = "{http://purl.org/dc/elements/1.1/}"
_XMP: Final = "{http://ns.adobe.com/xap/1.0/}"
_MM: Final = "{http://ns.adobe.com/xap/1.0/mm/}"
_EVENT: Final = "{http://ns.adobe.com/xap/1.0/sType/ResourceEvent#}"
_RIGHTS: Final = "{http://ns.adobe.com/xap/1.0/rights/}"
_PAGED: Final = "{http://ns.adobe.com/xap/1.0/t/pg/}"
_PDF: Final = "{http://ns.adobe.com/pdf/1.3/}"
_ID: Final = "{http://www.aiim.org/pdfa/ns/id/}"
_SCHEMAS: Final = "{http://www.aiim.org/pdfa/ns/extension/}schemas"
_SCHEMA: Final = "{http://www.aiim.org/pdfa/ns/schema#}"
_PROPERTY: Final = "{http://www.aiim.org/pdfa/ns/property#}"
_LANGUAGE: Final = "{http://www.w3.org/XML/1998/namespace}lang"


class _Kind(Enum):
    """Of a value: a text of some form, or the RDF element that holds it."""

    TEXT = "text"
    DATE = "date"
    BOOLEAN = "boolean"
    FORMAT = "format"
    BAG = "Bag"
    SEQ = "Seq"
    ALT = "Alt"
    EVENTS = "events"


_KNOWN: Final = {
    space + name: kind
    for space, kind, *names in (
        (_DC, _Kind.TEXT, "coverage", "identifier", "source"),
        (_DC, _Kind.FORMAT, "format"),
        (_DC, _Kind.BAG, "contributor", "language", "publisher", "relation", "subject", "type"),
        (_DC, _Kind.SEQ, "creator", "date"),
        (_DC, _Kind.ALT, "description", "rights", "title"),
        (_XMP, _Kind.TEXT, "BaseURL", "CreatorTool", "Nickname"),
        (_XMP, _Kind.DATE, "CreateDate", "MetadataDate", "ModifyDate"),
        (_MM, _Kind.TEXT, "DocumentID", "VersionID", "RenditionClass"),
        (_MM, _Kind.EVENTS, "History"),
        (_RIGHTS, _Kind.BOOLEAN, "Marked"),
        (_RIGHTS, _Kind.TEXT, "WebStatement"),
        (_RIGHTS, _Kind.ALT, "UsageTerms"),
        (_PAGED, _Kind.TEXT, "NPages"),
        (_PDF, _Kind.TEXT, "Keywords", "PDFVersion", "Producer"),
        (_ID, _Kind.TEXT, "part", "conformance", "amd"),
    )
    for name in names
}
_DESCRIBED: Final = {
    **dict.fromkeys(("text", "uri", "url", "agentname", "propername", "mimetype", "integer"), _Kind.TEXT),
    "date": _Kind.DATE,
    "boolean": _Kind.BOOLEAN,
    "bag text": _Kind.BAG,
    "seq text": _Kind.SEQ,
    "lang alt": _Kind.ALT,
}
_IN_EVENT: Final = tuple(
    _EVENT + name for name in ("action", "instanceID", "parameters", "softwareAgent", "when")
)
_SAME: Final = {
    "Title": _DC + "title",
    "Author": _DC + "creator",
    "Subject": _DC + "description",
    "Keywords": _PDF + "Keywords",
    "Creator": _XMP + "CreatorTool",
    "Producer": _PDF + "Producer",
    "CreationDate": _XMP + "CreateDate",
    "ModDate": _XMP + "ModifyDate",
}

_PACKET = re.compile(rb"<\?xpacket\s+begin=[^>]*\?>")
_XMP_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d)(?::(\d\d)(?:\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d))")
_INFO_DATE = re.compile(
    r"D:(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)(?:Z(?:00)?'?(?:00)?'?|([+-])(\d\d)'(\d\d)'?)"
)
_DOC_ENCODING: Final = dict(zip(range(0x80, 0xA1), "•†‡…—–ƒ⁄‹›−‰„“”‘’‚™ﬁﬂŁŒŠŸŽıłœšž\ufffd€", strict=True))


def metadata_fits(packet: bytes, information: dict[str, Any]) -> bool:
    """`information`: values of the document information, references followed."""
    head = _PACKET.search(packet)
    if head and re.search(rb"\s(?:bytes|encoding)\s*=", head[0]):
        return False
    try:
        found = _properties(packet)
    except (etree.XMLSyntaxError, ValueError, KeyError, IndexError, AttributeError):
        return False
    if found.get(_ID + "part") != "1" or found.get(_ID + "conformance") not in ("A", "B"):
        return False
    said = {key: information[key] for key in _SAME if information.get(key) is not None}
    return all(
        isinstance(value, bytes) and _same(key, _text(value), found.get(_SAME[key]))
        for key, value in said.items()
    )


def _same(key: str, text: str, told: Any) -> bool:
    if told is None:
        return False
    match key:
        case "CreationDate" | "ModDate":
            moment = _moment(_INFO_DATE, text)
            return moment is not None and moment == _moment(_XMP_DATE, told)
        case "Title" | "Subject":
            return bool(told.get("x-default") == text)
        case "Author":
            return bool(told == [text])
    return bool(told == text)


def _text(value: bytes) -> str:
    """A text string (PDF Reference 1.4, 3.8.1)."""
    if value.startswith(b"\xfe\xff"):
        return value[2:].decode("utf-16-be", "replace")
    return value.decode("latin-1").translate(_DOC_ENCODING)


def _moment(pattern: re.Pattern[str], text: str) -> datetime | None:
    match = pattern.fullmatch(text)
    if match is None:
        return None
    *numbers, sign, hours, minutes = match.groups()
    year, month, day, hour, minute, second = (int(one or 0) for one in numbers)
    away = timedelta(hours=int(hours or 0), minutes=int(minutes or 0)) * (-1 if sign == "-" else 1)
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=timezone(away)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def _properties(packet: bytes) -> dict[str, Any]:
    """Every property: a text, a list, or texts by language. Raises about anything on what is no such packet."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, remove_comments=True)
    root: Any = etree.fromstring(packet.strip(b"\0 \t\r\n"), parser)
    _need(not any((one.tail or "").strip() or (len(one) and (one.text or "").strip()) for one in root.iter()))
    rdf = root if root.tag == _RDF + "RDF" else root.find(_RDF + "RDF")
    raw: dict[str, Any] = {}
    for description in rdf:
        _need(description.tag == _RDF + "Description")
        pairs = [(key, text) for key, text in description.attrib.items() if key != _RDF + "about"]
        for name, value in (*pairs, *((child.tag, child) for child in description)):
            _need(name not in raw)
            raw[name] = value
    schemas = raw.pop(_SCHEMAS, None)
    kinds = _KNOWN if schemas is None else _KNOWN | _described(schemas)
    _need(not root.getroottree().docinfo.doctype)
    return {name: _value(value, kinds[name]) for name, value in raw.items() if name != _LANGUAGE}


def _value(value: Any, kind: _Kind) -> Any:
    """Raises `ValueError` for what is not of the kind."""
    if kind is _Kind.EVENTS:
        _need(all(one.tag in _IN_EVENT and not len(one) for one in value.iterfind(f"{_RDF}Seq/{_RDF}li/*")))
        return None
    if kind in (_Kind.BAG, _Kind.SEQ, _Kind.ALT):
        (holder,) = value
        _need(holder.tag == _RDF + kind.value and not value.attrib)
        _need(all(one.tag == _RDF + "li" and not len(one) for one in holder))
        if kind is _Kind.ALT:
            return {one.attrib[_LANGUAGE]: one.text or "" for one in holder}
        return [one.text or "" for one in holder]
    if not isinstance(value, str):
        _need(not len(value) and not value.attrib)
        value = value.text or ""
    _need(kind is not _Kind.DATE or _moment(_XMP_DATE, value) is not None)
    _need(kind is not _Kind.FORMAT or re.fullmatch(r"[\w.+-]+/[\w.+-]+", value) is not None)
    _need(kind is not _Kind.BOOLEAN or value in ("True", "False"))
    return value


def _described(schemas: Any) -> dict[str, _Kind]:
    """The properties that extension schemas describe, each as 6.7.8 wants it."""
    kinds = {}
    (bag,) = schemas
    _need(bag.tag == _RDF + "Bag")
    for schema in bag:
        parts = {part.tag: part for part in schema}
        _need(parts.keys() == {_SCHEMA + name for name in ("schema", "namespaceURI", "prefix", "property")})
        (properties,) = parts[_SCHEMA + "property"]
        for one in properties:
            told = {part.tag: part.text or "" for part in one}
            _need(
                told.keys() == {_PROPERTY + name for name in ("name", "valueType", "category", "description")}
            )
            _need(told[_PROPERTY + "category"] in ("internal", "external"))
            name = f"{{{parts[_SCHEMA + 'namespaceURI'].text}}}{told[_PROPERTY + 'name']}"
            kinds[name] = _DESCRIBED[told[_PROPERTY + "valueType"].lower()]
    return kinds


def _need(condition: bool) -> None:
    if not condition:
        raise ValueError

"""Reads one ExtrinsicObject of the registry into a `DocumentEntry`. Nothing in it is taken for granted."""

import itertools
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import xds
from kiosk.dmp.document import Author, DocumentEntry, DocumentStatus, Institution, Visibility
from kiosk.dmp.nomenclature import CodeSet, labelled
from kiosk.text import clean

_SLOT = f"{{{xds.RIM}}}Slot"
_CLASSIFICATION = f"{{{xds.RIM}}}Classification"
_EXTERNAL_IDENTIFIER = f"{{{xds.RIM}}}ExternalIdentifier"
_NAME = f"{{{xds.RIM}}}Name"
_DESCRIPTION = f"{{{xds.RIM}}}Description"
_LOCALIZED = f"{{{xds.RIM}}}LocalizedString"
_VALUE = f"{{{xds.RIM}}}Value"
_VERSION = f"{{{xds.RIM}}}VersionInfo"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"

_MOST: Final = 50
"""Authors, codes or values kept of one list: what a screen can still show."""

_STATUSES = {status.value: status for status in DocumentStatus if status.value}
_TIME = re.compile(r"(\d{4})(\d\d)?(\d\d)?(\d\d)?(\d\d)?(\d\d)?(?:\.\d+)?(Z|[+-]\d{4})?")
_SEPARATORS: Final = {"E": "\\", "F": "|", "R": "~", "S": "^", "T": "&"}
_ESCAPE: Final = re.compile(r"\\([EFRST])\\")
_PATIENT_IDS = frozenset({"1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.9"})
"""INS-C, NIR, NIA: never kept as an author's identifier. Test numbers (.10, .11) are no one's."""

_SETS = {
    xds.CLASS: CodeSet.CLASS,
    xds.TYPE: CodeSet.TYPE,
    xds.FORMAT: CodeSet.FORMAT,
    xds.CONFIDENTIALITY: CodeSet.CONFIDENTIALITY,
    xds.PRACTICE: CodeSet.PRACTICE,
    xds.FACILITY: CodeSet.FACILITY,
}
_ABSENT = Code("", "", "")
_CODING_SCHEME = f"{{{xds.RIM}}}Slot[@name='codingScheme']/{{{xds.RIM}}}ValueList/{_VALUE}"
_AUTHOR_SLOTS = frozenset({"authorPerson", "authorInstitution", "authorSpecialty", "authorRole"})
_ENTRY_SLOTS = frozenset(
    {"creationTime", "serviceStartTime", "serviceStopTime", "repositoryUniqueId", "hash", "size"}
    | {"languageCode", xds.REFERENCE_IDS}
)
"""What is said of the patient (`sourcePatientInfo`) is not even read."""


def read_entry(element: etree._Element) -> DocumentEntry | None:
    """The entry; `None` when it has no unique identifier, without which nothing can be done with it.

    Never raises: what is missing is empty, what is unknown is kept as it came.
    """
    unique_id = external_identifier(element, xds.DOCUMENT_UNIQUE_ID)
    if not unique_id:
        return None
    slots = _slots(element, _ENTRY_SLOTS)
    coded = _classifications(element)
    confidentialities = tuple(coded.get(xds.CONFIDENTIALITY, ()))[:_MOST]
    raw_status = clean(element.get("status"), 200)
    start, precision = _time(_first(slots, "serviceStartTime"))
    version = element.find(_VERSION)

    def code(scheme: str) -> Code:
        return next(iter(coded.get(scheme, ())), _ABSENT)

    return DocumentEntry(
        entry_uuid=clean(element.get("id"), 200),
        unique_id=unique_id,
        repository_id=_first(slots, "repositoryUniqueId"),
        home=clean(element.get("home"), 200),
        title=localized(element.find(_NAME)),
        description=localized(element.find(_DESCRIPTION), 4000),
        class_code=code(xds.CLASS),
        type_code=code(xds.TYPE),
        format_code=code(xds.FORMAT),
        mime_type=clean(element.get("mimeType"), 100).lower(),
        created=read_time(_first(slots, "creationTime")),
        service_start=start,
        service_stop=read_time(_first(slots, "serviceStopTime")),
        service_precision=precision,
        submitted=None,
        authors=tuple(read_author(e) for e in _of_scheme(element, xds.AUTHOR)[:_MOST]),
        status=_STATUSES.get(raw_status, DocumentStatus.UNKNOWN),
        raw_status=raw_status,
        visibility=visibility(confidentialities),
        confidentialities=confidentialities,
        size=_size(_first(slots, "size")),
        hash=_first(slots, "hash").lower(),
        language=_first(slots, "languageCode"),
        version="" if version is None else clean(version.get("versionName"), 50),
        logical_id=clean(element.get("lid"), 200),
        reference_ids=tuple(slots.get(xds.REFERENCE_IDS, ())),
        practice_setting=code(xds.PRACTICE),
        facility_type=code(xds.FACILITY),
        events=tuple(coded.get(xds.EVENT, ()))[:_MOST],
    )


def external_identifier(element: etree._Element, scheme: str) -> str:
    """The value of one external identifier; empty when there is none."""
    found = (e for e in element.iterchildren(_EXTERNAL_IDENTIFIER) if e.get("identificationScheme") == scheme)
    return next((clean(e.get("value"), 256) for e in found), "")


def visibility(confidentialities: tuple[Code, ...]) -> Visibility:
    """What the restrictions of a confidentialityCode list add up to."""
    given = {code.code for code in confidentialities}
    return Visibility(
        hidden_from_professionals=xds.HIDDEN in given,
        invisible_to_patient=xds.INVISIBLE_PATIENT in given,
        invisible_to_representatives=xds.INVISIBLE_REPRESENTATIVES in given,
    )


def read_author(element: etree._Element) -> Author:
    """One author classification, of a document or of a submission set. Several persons in one: the first."""
    slots = _slots(element, _AUTHOR_SLOTS)
    family, given, identifier = _person(_first(slots, "authorPerson"))
    return Author(
        family_name=family,
        given_name=given,
        national_id=identifier,
        specialities=tuple(_speciality(value) for value in slots.get("authorSpecialty", ())),
        institutions=tuple(_institution(value) for value in slots.get("authorInstitution", ())),
        roles=tuple(value.partition("^")[0] for value in slots.get("authorRole", ())),
    )


def read_time(value: str) -> datetime | None:
    """An XDS time (DTM, 4 to 14 digits, UTC unless it says otherwise); `None` when it is none."""
    return _time(value)[0]


def localized(element: etree._Element | None, limit: int = 500) -> str:
    """The French text of a Name or Description, else the first one that says something."""
    return clean(_raw_localized(element), limit)


def _raw_localized(element: etree._Element | None) -> str:
    if element is None:
        return ""
    first = ""
    for one in element.iterchildren(_LOCALIZED):
        text = one.get("value", "")
        if not text.strip():
            continue
        if (one.get(_LANG) or "")[:2].lower() == "fr":
            return text
        first = first or text
    return first


def _time(value: str) -> tuple[datetime | None, int]:
    """The moment, and how many digits of it were given."""
    match = _TIME.fullmatch(value)
    if match is None:
        return None, 0
    *parts, zone = match.groups()
    numbers = [int(part) for part in parts if part is not None]
    precision = sum(len(part) for part in parts if part is not None)
    year, month, day, hour, minute, second = (*numbers, *(0, 1, 1, 0, 0, 0)[len(numbers) :])
    try:
        moment = datetime(year, month, day, hour, minute, min(second, 59), tzinfo=UTC)
        if zone is not None and zone != "Z":
            offset = timedelta(hours=int(zone[1:3]), minutes=int(zone[3:]))
            moment += offset if zone[0] == "-" else -offset
    except (ValueError, OverflowError):
        return None, 0
    return moment, precision


def _slots(element: etree._Element, names: frozenset[str]) -> dict[str, list[str]]:
    """The values of those slots, cleaned; empty ones are left out."""
    found: dict[str, list[str]] = {}
    for child in element.iterchildren(_SLOT):
        name = child.get("name", "")
        if name in names:
            values = (clean(e.text) for e in child.iter(_VALUE))
            found.setdefault(name, []).extend(itertools.islice(filter(None, values), _MOST))
    return found


def _first(slots: dict[str, list[str]], name: str) -> str:
    return next(iter(slots.get(name, ())), "")


def _of_scheme(element: etree._Element, scheme: str) -> list[etree._Element]:
    return [e for e in element.iterchildren(_CLASSIFICATION) if e.get("classificationScheme") == scheme]


def _classifications(element: etree._Element) -> dict[str, list[Code]]:
    """The codes of every classification that has one, by scheme."""
    found: dict[str, list[Code]] = {}
    for child in element.iterchildren(_CLASSIFICATION):
        scheme = child.get("classificationScheme", "")
        if scheme != xds.AUTHOR:
            systems = (e.text or "" for e in child.iterfind(_CODING_SCHEME))
            label = _raw_localized(child.find(_NAME))
            code = _code(scheme, child.get("nodeRepresentation", ""), next(systems, ""), label)
            if code.code:
                found.setdefault(scheme, []).append(code)
    return found


@lru_cache(maxsize=1024)  # ten thousand entries share a few hundred codes
def _code(scheme: str, raw_code: str, raw_system: str, raw_label: str) -> Code:
    code, system, label = clean(raw_code, 200), clean(raw_system, 200), clean(raw_label)
    which = _SETS.get(scheme)
    return Code(code, system, label or code) if which is None else labelled(which, code, system, label)


def _person(xcn: str) -> tuple[str, str, str]:
    """Family name, given name and identifier of an XCN: `id^NOM^PRENOM^^^^^^&oid&ISO^D^^^IDNPS`."""
    parts = xcn.split("^")
    get = _getter(parts)
    authority = get(8).split("&")
    root = authority[1] if len(authority) > 1 else authority[0]
    return get(1), get(2), "" if root in _PATIENT_IDS else get(0)


def _institution(xon: str) -> Institution:
    """`name^^^^^&oid&ISO^IDNST^^^id`; the older form carries the identifier as `name^^^^^^^^^id` or not at all."""
    get = _getter(xon.split("^"))
    return Institution(get(0), get(9))


def _speciality(value: str) -> Code:
    """`G15_10/SM26^label^oid`, or a text alone."""
    get = _getter(value.split("^"))
    return _code("", get(0), get(2), get(1))


def _getter(parts: list[str]) -> Callable[[int], str]:
    return lambda index: _unescaped(parts[index].strip()) if index < len(parts) else ""


def _unescaped(text: str) -> str:
    """HL7 v2 escapes of the separators undone: `R\\T\\D` → `R&D`."""
    return _ESCAPE.sub(lambda match: _SEPARATORS[match[1]], text) if "\\" in text else text


def _size(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 12 else None

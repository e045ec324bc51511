"""TD3.1: stored queries of the registry (ITI-18), built and read (§4.6 of the interface)."""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import faults, xds, xml
from kiosk.dmp.document import DocumentQuery, DocumentStatus, ServerNote
from kiosk.dmp.metadata import read_time
from kiosk.errors import AnswerUnreadable, DmpError
from kiosk.text import clean

PATH: Final = "/registry"
ACTION: Final = "urn:ihe:iti:2007:RegistryStoredQuery"
TRANSACTION: Final = "TD3.1"

MOST_UNIQUE_IDS: Final = 20
"""Of one GetDocuments; the service refuses more (3.1-010)."""
MOST_ENTRIES: Final = 88
MOST_SETS: Final = 1000

EXTRINSIC_OBJECT: Final = f"{{{xds.RIM}}}ExtrinsicObject"
REGISTRY_PACKAGE: Final = f"{{{xds.RIM}}}RegistryPackage"

_FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
_FIND_BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
_FIND_SUBMISSION_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
_GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
_GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
_GET_RELATED = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"

_APPROVED = DocumentStatus.CURRENT.value
_OBJECT_REF = "ObjectRef"
_LEAF_CLASS = "LeafClass"
_ANSWERS = frozenset({f"{{{xds.QUERY}}}AdhocQueryResponse", f"{{{xds.RS}}}RegistryResponse"})
_WARNING = "Warning"
_MOST_NOTES: Final = 20

_SQL_WILDCARDS = re.compile("[%_]")
_LONGEST_VALUE: Final = 256
"""Of one `Value` (`LongName` of ebRIM 3.0): a longer list goes on in the next (ITI TF-2 3.18.4.1.2.3)."""
_Values = tuple[str, ...]


@dataclass(frozen=True)
class Outcome:
    """What the registry says of an answer it gave."""

    partial: bool
    notes: tuple[ServerNote, ...]


@dataclass(frozen=True)
class Link:
    """An association."""

    kind: str
    source: str
    target: str


# --- requests ---------------------------------------------------------------------------------------------


def find_documents(patient: str, query: DocumentQuery) -> bytes:
    """FindDocuments, or FindDocumentsByReferenceId when the query holds references. `patient` in CX form."""
    lists = {
        "ClassCode": query.classes,
        "TypeCode": query.types,
        "PracticeSettingCode": query.practice_settings,
        "HealthcareFacilityTypeCode": query.facility_types,
        "EventCodeList": query.events,
        "ConfidentialityCode": query.confidentialities,
        "FormatCode": query.formats,
    }
    bounds = {
        "CreationTimeFrom": query.created_from,
        "CreationTimeTo": query.created_to,
        "ServiceStartTimeFrom": query.service_from,
        "ServiceStartTimeTo": query.service_to,
        "ServiceStopTimeFrom": query.service_stop_from,
        "ServiceStopTimeTo": query.service_stop_to,
    }
    slots: dict[str, _Values] = {"PatientId": (_quoted(patient),)}
    slots |= {name: _listed(map(_coded, codes)) for name, codes in lists.items() if codes}
    slots |= {name: (_instant(moment),) for name, moment in bounds.items() if moment is not None}
    if query.author:
        slots["AuthorPerson"] = _listed([f"%{_SQL_WILDCARDS.sub('', query.author)}%"])
    if query.reference_ids:
        slots["ReferenceIdList"] = _listed(query.reference_ids)
    slots["Status"] = _listed(status.value for status in query.statuses)
    which = _FIND_BY_REFERENCE if query.reference_ids else _FIND_DOCUMENTS
    return _query(which, {f"$XDSDocumentEntry{name}": value for name, value in slots.items()})


def find_submission_sets(patient: str, since: datetime) -> bytes:
    """FindSubmissionSets from a moment on: no query of documents knows when they were sent."""
    slots = {
        "$XDSSubmissionSetPatientId": (_quoted(patient),),
        "$XDSSubmissionSetSubmissionTimeFrom": (_instant(since),),
        "$XDSSubmissionSetStatus": _listed([_APPROVED]),
    }
    return _query(_FIND_SUBMISSION_SETS, slots)


def get_associations(uuids: Iterable[str]) -> bytes:
    """GetAssociations of submission sets or documents, at most `MOST_SETS`."""
    return _query(_GET_ASSOCIATIONS, {"$uuid": _listed(uuids)})


def get_documents(entry_uuids: Iterable[str]) -> bytes:
    """GetDocuments by entryUUID, at most `MOST_ENTRIES`."""
    return _query(_GET_DOCUMENTS, {"$XDSDocumentEntryEntryUUID": _listed(entry_uuids)})


def get_documents_by_unique_id(unique_ids: Iterable[str], *, references_only: bool = False) -> bytes:
    """GetDocuments by uniqueId, at most `MOST_UNIQUE_IDS`.

    References only (TD3.1b) is the form that needs no right to consult (RG_3130).
    """
    slots = {"$XDSDocumentEntryUniqueId": _listed(unique_ids)}
    return _query(_GET_DOCUMENTS, slots, _OBJECT_REF if references_only else _LEAF_CLASS)


def get_versions(unique_id: str) -> bytes:
    """GetRelatedDocuments along replacements: the document, what it replaced and what replaced it."""
    slots = {
        "$XDSDocumentEntryUniqueId": (_quoted(unique_id),),
        "$AssociationTypes": _listed([xds.REPLACES]),
    }
    return _query(_GET_RELATED, slots)


def _query(which: str, slots: dict[str, _Values], return_type: str = _LEAF_CLASS) -> bytes:
    request = etree.Element(f"{{{xds.QUERY}}}AdhocQueryRequest", nsmap={"query": xds.QUERY})
    etree.SubElement(
        request, f"{{{xds.QUERY}}}ResponseOption", returnComposedObjects="true", returnType=return_type
    )
    adhoc = xds.rim("AdhocQuery", *(xds.slot(name, *values) for name, values in slots.items()), id=which)
    request.append(adhoc)
    return xml.serialize(request)


def _quoted(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _listed(values: Iterable[str]) -> _Values:
    """`('a','b')`, in as many values as its length takes."""
    pieces: list[str] = []
    for quoted in map(_quoted, values):
        if pieces and len(pieces[-1]) + len(quoted) + len("(,)") <= _LONGEST_VALUE:
            pieces[-1] += f",{quoted}"
        else:
            pieces.append(quoted)
    return tuple(f"({piece})" for piece in pieces)


def _coded(code: Code) -> str:
    return f"{code.code}^^{code.system}"


def _instant(moment: datetime) -> str:
    """UTC, 14 digits, bare."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")


# --- answers ----------------------------------------------------------------------------------------------


def outcome(payload: etree._Element) -> Outcome:
    """What an answer adds to its objects. Raises `Refused` for a failure, `AnswerUnreadable` for no answer."""
    if payload.tag not in _ANSWERS:
        raise AnswerUnreadable(detail="no registry response")
    return read_outcome(payload)


def read_outcome(response: etree._Element) -> Outcome:
    """Status and errors of a RegistryResponse, under whatever name it stands. Raises `Refused`."""
    status = clean(response.get("status"), 200).rpartition(":")[2]
    errors = response.findall("rs:RegistryErrorList/rs:RegistryError", xds.NAMES)
    grave = [error for error in errors if not (error.get("severity") or "").endswith(_WARNING)]
    if status == "Failure" or (status not in ("Success", "PartialSuccess") and grave):
        raise _refusal(grave or errors)
    notes = [ServerNote(_code(error), clean(error.get("codeContext"))) for error in errors[:_MOST_NOTES]]
    return Outcome(partial=status == "PartialSuccess" or bool(grave), notes=tuple(notes))


def object_refs(payload: etree._Element) -> tuple[str, ...]:
    """The entryUUIDs of an answer, whether it holds references or whole objects."""
    found = payload.iterfind("rim:RegistryObjectList/*", xds.NAMES)
    wanted = (f"{{{xds.RIM}}}ObjectRef", EXTRINSIC_OBJECT)
    return tuple(dict.fromkeys(clean(e.get("id"), 200) for e in found if e.tag in wanted and e.get("id")))


def submission_times(payload: etree._Element) -> dict[str, datetime | None]:
    """When each submission set of an answer was sent (UTC), by its id."""
    times: dict[str, datetime | None] = {}
    for package in payload.iterfind("rim:RegistryObjectList/rim:RegistryPackage", xds.NAMES):
        value = package.findtext("rim:Slot[@name='submissionTime']/rim:ValueList/rim:Value", "", xds.NAMES)
        if package.get("id"):
            times[clean(package.get("id"), 200)] = read_time(clean(value, 50))
    return times


def links(payload: etree._Element) -> tuple[Link, ...]:
    """The associations of an answer."""
    found = payload.iterfind("rim:RegistryObjectList/rim:Association", xds.NAMES)
    ends = ("associationType", "sourceObject", "targetObject")
    return tuple(Link(*(clean(e.get(name), 200) for name in ends)) for e in found)


def _refusal(errors: list[etree._Element]) -> DmpError:
    """The DMP's own code says more than a standard one that goes along."""
    first = next((e for e in errors if _code(e).startswith("DMP")), errors[0] if errors else None)
    if first is None:
        return faults.refusal("", "")
    return faults.refusal(_code(first), first.get("codeContext") or "")


def _code(error: etree._Element) -> str:
    return clean(error.get("errorCode"), 200).rpartition(":")[2]

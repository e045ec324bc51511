"""The ebRIM side of a deposit: submission set, document entries, associations (ITI-41 request, without documents).

Class constants are those of IHE XDS.b; the forms of the values, those of the French metadata profile.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp import hl7_v2, xds
from kiosk.dmp.deposit import DepositPatient, LocalId, Writer, confidentialities
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.dmp.vihf import resource_id
from kiosk.dmp.xml import serialize

_OBJECT_TYPE: Final = "urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:"


@dataclass(frozen=True, repr=False)
class Entry:
    """Metadata of one document, the signature among them."""

    object_id: str
    """`urn:uuid:…`, of this request only."""
    content_id: str
    unique_id: str
    mime_type: str
    language: str
    title: str
    description: str
    class_code: Code
    type_code: Code
    format_code: Code
    visibility: Visibility
    facility: Code
    practice_setting: Code
    events: tuple[Code, ...]
    created: datetime
    service_start: datetime
    service_stop: datetime | None
    authors: tuple[Writer, ...]
    legal_authenticator: Writer
    local_id: LocalId | None
    """The patient in the register of its maker, who may be another program."""
    sha1: str
    """Hexadecimal, of the content."""
    size: int
    replaced_entry: str = ""
    """entryUUID of the version it takes the place of."""


@dataclass(frozen=True, repr=False)
class SubmissionSet:
    """Metadata of the whole."""

    object_id: str
    unique_id: str
    source_id: str
    """Root OID of this installation."""
    title: str
    content_type: Code
    author: Writer
    sent_at: datetime


def provide_and_register(
    submission: SubmissionSet, patient: DepositPatient, entries: Iterable[Entry], signature: Entry
) -> bytes:
    """`ProvideAndRegisterDocumentSetRequest`, each document standing elsewhere under its content id."""
    entries = (*entries, signature)
    root = etree.Element(f"{{{xds.XDSB}}}ProvideAndRegisterDocumentSetRequest", nsmap={"xdsb": xds.XDSB})
    submit = etree.SubElement(root, f"{{{xds.LCM}}}SubmitObjectsRequest", nsmap={"lcm": xds.LCM})
    submit.append(objects := xds.rim("RegistryObjectList"))
    objects.extend(opening(submission, patient.patient))
    objects.extend(_extrinsic(entry, patient) for entry in entries)
    objects.extend(_associations(submission, entries, signature))
    for entry in entries:
        document = etree.SubElement(root, f"{{{xds.XDSB}}}Document", id=entry.object_id)
        etree.SubElement(
            document, f"{{{xds.XOP}}}Include", nsmap={"xop": xds.XOP}, href=f"cid:{entry.content_id}"
        )
    return serialize(root)


def opening(submission: SubmissionSet, patient: PatientId) -> tuple[etree._Element, etree._Element]:
    """What any submission begins with, a change of status too: its package, and what makes it a submission set."""
    own = submission.object_id
    package = xds.rim(
        "RegistryPackage",
        xds.slot("submissionTime", _time(submission.sent_at)),
        _localized("Name", submission.title),
        *_numbered(
            own,
            [
                _author(own, xds.SUBMISSION_AUTHOR, submission.author),
                coded(own, xds.SUBMISSION_CONTENT_TYPE, submission.content_type),
                _identifier(
                    own,
                    xds.SUBMISSION_PATIENT,
                    "XDSSubmissionSet.patientId",
                    resource_id(patient),
                ),
                _identifier(own, xds.SUBMISSION_SOURCE, "XDSSubmissionSet.sourceId", submission.source_id),
                _identifier(own, xds.SUBMISSION_UNIQUE_ID, "XDSSubmissionSet.uniqueId", submission.unique_id),
            ],
        ),
        id=own,
        objectType=_OBJECT_TYPE + "RegistryPackage",
    )
    is_a_set = xds.rim(
        "Classification",
        id=f"{own}.0",
        classifiedObject=own,
        classificationNode=xds.SUBMISSION_SET,
    )
    return package, is_a_set


def _extrinsic(entry: Entry, patient: DepositPatient) -> etree._Element:
    own, local = entry.object_id, entry.local_id
    single = {
        xds.CLASS: entry.class_code,
        xds.TYPE: entry.type_code,
        xds.FORMAT: entry.format_code,
        xds.FACILITY: entry.facility,
        xds.PRACTICE: entry.practice_setting,
    }
    return xds.rim(
        "ExtrinsicObject",
        xds.slot("creationTime", _time(entry.created)),
        xds.slot("hash", entry.sha1),
        xds.slot("languageCode", entry.language),
        xds.slot("legalAuthenticator", hl7_v2.person(entry.legal_authenticator)),
        xds.slot("serviceStartTime", _time(entry.service_start)),
        xds.slot("serviceStopTime", _time(entry.service_stop)) if entry.service_stop else None,
        xds.slot("size", str(entry.size)),
        xds.slot("sourcePatientId", hl7_v2.local_patient(local) if local else resource_id(patient.patient)),
        xds.slot("sourcePatientInfo", *hl7_v2.source_patient_info(patient)),
        _localized("Name", entry.title),
        _localized("Description", entry.description),
        *_numbered(
            own,
            [
                *(_author(own, xds.AUTHOR, writer) for writer in entry.authors),
                *(coded(own, scheme, code) for scheme, code in single.items()),
                *(coded(own, xds.CONFIDENTIALITY, code) for code in confidentialities(entry.visibility)),
                *(coded(own, xds.EVENT, code) for code in entry.events),
                _identifier(
                    own, xds.DOCUMENT_PATIENT, "XDSDocumentEntry.patientId", resource_id(patient.patient)
                ),
                _identifier(own, xds.DOCUMENT_UNIQUE_ID, "XDSDocumentEntry.uniqueId", entry.unique_id),
            ],
        ),
        id=own,
        mimeType=entry.mime_type,
        objectType=xds.DOCUMENT,
    )


def _associations(
    submission: SubmissionSet, entries: tuple[Entry, ...], signature: Entry
) -> Iterator[etree._Element]:
    links = [(xds.HAS_MEMBER, submission.object_id, entry.object_id) for entry in entries]
    links.append((xds.SIGNS, signature.object_id, submission.object_id))
    links += [
        (xds.REPLACES, entry.object_id, entry.replaced_entry) for entry in entries if entry.replaced_entry
    ]
    for number, (kind, source, target) in enumerate(links, start=1):
        original = xds.slot("SubmissionSetStatus", "Original") if kind == xds.HAS_MEMBER else None
        yield xds.rim(
            "Association",
            original,
            id=f"{submission.object_id}.a{number}",
            associationType=kind,
            sourceObject=source,
            targetObject=target,
            objectType=xds.ASSOCIATION,
        )


def _author(owner: str, scheme: str, writer: Writer) -> etree._Element:
    return xds.rim(
        "Classification",
        xds.slot("authorInstitution", hl7_v2.structure(writer)),
        xds.slot("authorPerson", hl7_v2.person(writer)),
        xds.slot("authorRole", writer.role),
        xds.slot("authorSpecialty", hl7_v2.speciality(writer)),
        classificationScheme=scheme,
        classifiedObject=owner,
        nodeRepresentation="",
        objectType=_OBJECT_TYPE + "Classification",
    )


def coded(owner: str, scheme: str, code: Code) -> etree._Element:
    """A code of an entry or a submission set."""
    return xds.rim(
        "Classification",
        xds.slot("codingScheme", code.system),
        _localized("Name", code.label),
        classificationScheme=scheme,
        classifiedObject=owner,
        nodeRepresentation=code.code,
        objectType=_OBJECT_TYPE + "Classification",
    )


def _identifier(owner: str, scheme: str, name: str, value: str) -> etree._Element:
    return xds.rim(
        "ExternalIdentifier",
        _localized("Name", name),
        identificationScheme=scheme,
        registryObject=owner,
        value=value,
        objectType=_OBJECT_TYPE + "ExternalIdentifier",
    )


def _numbered(owner: str, parts: list[etree._Element]) -> list[etree._Element]:
    """The same objects, each with an `id` of its own, which the schema asks for."""
    for number, part in enumerate(parts, start=1):
        part.set("id", f"{owner}.{number}")
    return parts


def _localized(name: str, text: str) -> etree._Element | None:
    if not text:
        return None
    value = xds.rim("LocalizedString", charset="UTF-8", value=text)
    value.set("{http://www.w3.org/XML/1998/namespace}lang", "FR")
    return xds.rim(name, value)


def _time(moment: datetime) -> str:
    """UTC, `YYYYMMDDhhmmss`."""
    return moment.astimezone(UTC).strftime("%Y%m%d%H%M%S")

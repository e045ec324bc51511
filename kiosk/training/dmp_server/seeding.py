"""Synthetic documents put on the shelf, described as the registry describes any other."""

import hashlib
import uuid
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from kiosk.training.dmp_server import rim
from kiosk.training.dmp_server.document_entries import Entry, SubmissionSet
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.names import INS_C, PROFESSIONALS, STRUCTURES
from kiosk.training.dmp_server.registry_names import (
    APPENDS,
    APPROVED,
    ARCHIVED,
    AUTHOR,
    CLASS,
    CLASSES_SYSTEM,
    CONFIDENTIALITY,
    DEPRECATED,
    FACILITIES_SYSTEM,
    FACILITY,
    FORMAT,
    FORMATS_SYSTEM,
    HAS_MEMBER,
    HL7_CONFIDENTIALITY,
    PATIENT,
    PRACTICE,
    PRACTICES_SYSTEM,
    REFERENCES,
    REPLACES,
    REPOSITORY,
    RESTRICTIONS_SYSTEM,
    SET_AUTHOR,
    SET_CONTENT,
    SET_PATIENT,
    SET_SOURCE,
    SET_UNIQUE,
    SUBMISSION_SET,
    TRANSFORMS,
    TYPE,
    UNIQUE,
    VACCINATION_HISTORY,
    VACCINATIONS_REPOSITORY,
)
from kiosk.training.dmp_server.rim import Association, Classification, RegistryObject
from kiosk.training.documents import catalogue
from kiosk.training.documents.draft import Author, Draft, Patient, oid, patient_of
from kiosk.training.people import Insured

_STATUSES = {"approved": APPROVED, "deprecated": DEPRECATED, "archived": ARCHIVED}
_OWN = "1.2.250.1.213.1.1.4.6"
_SOURCE = "1.2.250.1.999.1"
_CONTENT = "04"
_CONTENTS = "1.2.250.1.213.2.2"
_SPACE = uuid.UUID("0d0e8f5a-9f0e-4d6e-8a52-6d1b1f6f7c33")
_LATE = timedelta(hours=1)
"""A document reaches the DMP this long after it was written."""
_OF_THE_FUTURE = datetime(2021, 1, 4, 9, tzinfo=UTC)
"""When one reached it that says it is written in the future: else it would be new at every visit."""


def seed(store: DocumentStore, ins_c: str, insured: Insured) -> None:
    """The documents of a member of the cast."""
    _put(store, patient_of(ins_c, insured), catalogue.documents_of(ins_c, insured))


def seed_bulk(store: DocumentStore, ins_c: str, insured: Insured, count: int) -> None:
    """`count` entries more."""
    patient = patient_of(ins_c, insured)
    _put(store, patient, catalogue.bulk(patient, store.count(ins_c), count))


def _put(store: DocumentStore, patient: Patient, drafts: Iterable[Draft]) -> None:
    sets: dict[str, str] = {}
    with store.transaction():
        for draft in drafts:
            entry = _entry(patient, draft)
            store.add_entry(entry, draft.content)
            batch = draft.batch or draft.unique_id
            if batch not in sets:
                sets[batch] = _uuid("set", patient.ins_c, batch)
                store.add_set(_set(patient, draft, sets[batch], batch))
            slots = (("SubmissionSetStatus", ("Original",)),)
            store.associate(
                Association(_uuid("member", entry.uuid), HAS_MEMBER, sets[batch], entry.uuid, slots)
            )
            for name, kind, other in (
                ("replaces", REPLACES, draft.replaces),
                ("appends", APPENDS, draft.appends),
                ("transforms", TRANSFORMS, draft.transforms),
            ):
                if other:
                    store.associate(
                        Association(_uuid(name, entry.uuid), kind, entry.uuid, _uuid("entry", other))
                    )


def _entry(patient: Patient, draft: Draft) -> Entry:
    described = _described(patient, draft)
    identifier = _uuid("entry", draft.unique_id)
    return Entry(
        identifier,
        identifier,
        1,
        patient.ins_c,
        draft.unique_id,
        _STATUSES[draft.status],
        draft.mime_type,
        facts_of(described),
        (rim.head(described), rim.tail(described)),
    )


def _described(patient: Patient, draft: Draft) -> RegistryObject:
    """The metadata a professional would have sent."""
    written, author, kind = draft.written.strftime("%Y%m%d%H%M%S"), draft.author, draft.kind
    setting = PRACTICES_SYSTEM if author.structure_id else _OWN
    facility = FACILITIES_SYSTEM if author.structure_id else _OWN
    digest = draft.content_hash or hashlib.sha1(draft.content, usedforsecurity=False).hexdigest()
    repository = VACCINATIONS_REPOSITORY if kind.type_code == VACCINATION_HISTORY else REPOSITORY
    return RegistryObject(
        id="",
        lid="",
        mime_type=draft.mime_type,
        object_type="",
        title=draft.title,
        comments=draft.comments,
        slots=(
            ("creationTime", (written,)),
            ("languageCode", ("fr-FR",)),
            ("legalAuthenticator", (_person(author),)),
            ("serviceStartTime", (written,)),
            ("sourcePatientId", (_patient(patient),)),
            ("sourcePatientInfo", _patient_info(patient)),
            ("hash", (digest,)),
            ("size", (str(len(draft.content)),)),
            ("repositoryUniqueId", (repository,)),
            *(((REFERENCES, draft.references),) if draft.references else ()),
        ),
        classifications=(
            _author(AUTHOR, author),
            _coded(CLASS, kind.class_code, kind.class_label, CLASSES_SYSTEM),
            _coded(CONFIDENTIALITY, "N", "Normal", HL7_CONFIDENTIALITY),
            *(_coded(CONFIDENTIALITY, one, one, RESTRICTIONS_SYSTEM) for one in draft.restrictions),
            _coded(FORMAT, draft.format_code, draft.format_code, FORMATS_SYSTEM),
            _coded(FACILITY, author.sector, author.sector, facility),
            _coded(PRACTICE, author.setting, author.setting, setting),
            _coded(TYPE, kind.type_code, kind.type_label, kind.type_system),
        ),
        identifiers=((PATIENT, _patient(patient)), (UNIQUE, draft.unique_id)),
    )


def _set(patient: Patient, draft: Draft, identifier: str, batch: str) -> SubmissionSet:
    reached = draft.written + _LATE
    submitted = f"{reached if reached < datetime.now(UTC) else _OF_THE_FUTURE:%Y%m%d%H%M%S}"
    unique_id = oid(patient.ins_c, batch, "submission")
    described = RegistryObject(
        id="",
        lid="",
        mime_type="",
        object_type="",
        title="",
        comments="",
        slots=(("submissionTime", (submitted,)),),
        classifications=(
            Classification("", SUBMISSION_SET, "", "", ()),
            _author(SET_AUTHOR, draft.author),
            _coded(SET_CONTENT, _CONTENT, "Hospitalisation de jour", _CONTENTS),
        ),
        identifiers=((SET_PATIENT, _patient(patient)), (SET_SOURCE, _SOURCE), (SET_UNIQUE, unique_id)),
    )
    return SubmissionSet(
        identifier,
        unique_id,
        patient.ins_c,
        submitted,
        facts_of(described),
        (rim.head(described), rim.tail(described)),
    )


def _author(scheme: str, author: Author) -> Classification:
    slots: list[tuple[str, tuple[str, ...]]] = [("authorPerson", (_person(author),))]
    if author.structure_id:
        slots += [
            (
                "authorInstitution",
                (f"{author.structure_name}^^^^^&{STRUCTURES}&ISO^IDNST^^^{author.structure_id}",),
            ),
            ("authorSpecialty", (f"{author.specialty}^{author.specialty_label}^1.2.250.1.213.1.1.4.5",)),
        ]
    else:
        slots.append(("authorRole", ("PATIENT",)))
    return Classification(scheme, "", "", "", tuple(slots))


def _person(author: Author) -> str:
    if author.structure_id:
        return f"{author.national_id}^{author.family}^{author.given}^^^^^^&{PROFESSIONALS}&ISO^D^^^IDNPS"
    return f"{author.national_id}^{author.family}^{author.given}^^^^^^&{INS_C}&ISO^D^^^INS-C"


def _patient(patient: Patient) -> str:
    return f"{patient.ins_c}^^^&{INS_C}&ISO^INS-C"


def _patient_info(patient: Patient) -> tuple[str, ...]:
    first = patient.given_name.partition(" ")[0]
    values = [
        f"PID-5|{patient.birth_name}^{first}^{patient.given_name}^^^^L",
        f"PID-5|{patient.usual_name}^{first}^^^^^D",
        f"PID-7|{patient.birth_date}",
        f"PID-8|{patient.sex}",
    ]
    return tuple(value for value in values if not value.endswith("|"))


def _coded(scheme: str, code: str, name: str, system: str) -> Classification:
    return Classification(scheme, "", code, name, (("codingScheme", (system,)),))


def _uuid(*names: str) -> str:
    return f"urn:uuid:{uuid.uuid5(_SPACE, '/'.join(names))}"

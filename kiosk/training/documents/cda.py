"""CDA R2 documents as a DMP holds them: header, then a wrapped file (level 1) or sections (level 3).

Order and obligatory parts as the official checker wants them for a level 1 document.
"""

import base64
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape, quoteattr

from kiosk.training.documents.draft import Author, Kind, Patient

_INS_C = "1.2.250.1.213.1.4.2"
_PROFESSIONALS = "1.2.250.1.71.4.2.1"
_STRUCTURES = "1.2.250.1.71.4.2.2"
_SPECIALTIES = "1.2.250.1.213.1.1.4.5"
_DMP = "1.2.250.1.213.4.1.1.1"
_LOINC = "2.16.840.1.113883.6.1"
_SCANNED = "1.3.6.1.4.1.19376.1.2.20"
_SETTINGS = "1.2.250.1.213.1.1.4.9"
_SECTORS = "1.2.250.1.71.4.2.4"
_OWN = "1.2.250.1.213.1.1.4.6"
"""System of codes that name the patient as author or place."""


@dataclass(frozen=True, repr=False)
class Cover:
    """What the header says."""

    unique_id: str
    kind: Kind
    title: str
    written: datetime
    author: Author
    patient: Patient
    version: int = 1
    replaces: str = ""
    """unique id of the version before."""
    first: str = ""
    """unique id of the first of more than two versions: what they share."""
    appends: str = ""
    transforms: str = ""
    template: str = _SCANNED


@dataclass(frozen=True, repr=False)
class Section:
    """A section; `text` and `entries` are XML."""

    code: str
    """LOINC; empty for none."""
    title: str
    text: str
    entries: str = ""


def wrap(cover: Cover, media_type: str, content: bytes) -> bytes:
    """Level 1: the file in base64."""
    encoded = base64.b64encode(content).decode()
    body = (
        f'<component><nonXMLBody><text mediaType="{media_type}" representation="B64">{encoded}</text>'
        "</nonXMLBody></component>"
    )
    return _document(cover, body)


def structure(cover: Cover, sections: list[Section]) -> bytes:
    """Level 3: sections of narrative and coded entries."""
    inside = "".join(
        "<component><section>"
        + (f'<code code="{one.code}" codeSystem="{_LOINC}"/>' if one.code else "")
        + f"<title>{escape(one.title)}</title><text>{one.text}</text>{one.entries}</section></component>"
        for one in sections
    )
    return _document(cover, f"<component><structuredBody>{inside}</structuredBody></component>")


def without_body(cover: Cover) -> bytes:
    """A header alone: not allowed, seen all the same."""
    return _document(cover, "")


def table(heads: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A narrative table."""
    head = "".join(f"<th>{escape(one)}</th>" for one in heads)
    body = "".join("<tr>" + "".join(f"<td>{escape(one)}</td>" for one in row) + "</tr>" for row in rows)
    return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def paragraphs(*lines: str) -> str:
    return "".join(f"<paragraph>{escape(line)}</paragraph>" for line in lines)


def stamp(moment: datetime) -> str:
    """A UTC moment as CDA writes it."""
    return moment.strftime("%Y%m%d%H%M%S+0000")


def _document(cover: Cover, body: str) -> bytes:
    at = stamp(cover.written)
    parents = {"RPLC": cover.replaces, "APND": cover.appends, "XFRM": cover.transforms}
    related = "".join(
        f'<relatedDocument typeCode="{how}"><parentDocument><id root="{parent}"/></parentDocument></relatedDocument>'
        for how, parent in parents.items()
        if parent
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<ClinicalDocument xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
        '<templateId root="2.16.840.1.113883.2.8.2.1"/><templateId root="1.2.250.1.213.1.1.1.1"/>'
        f'<templateId root="{cover.template}"/><id root="{cover.unique_id}"/>'
        f"<code code={quoteattr(cover.kind.type_code)} codeSystem={quoteattr(cover.kind.type_system)} "
        f"displayName={quoteattr(cover.kind.type_label)}/>"
        f'<title>{escape(cover.title)}</title><effectiveTime value="{at}"/>'
        '<confidentialityCode code="N" codeSystem="2.16.840.1.113883.5.25" displayName="Normal"/>'
        f'<languageCode code="fr-FR"/><setId root="{cover.first or cover.replaces or cover.unique_id}"/>'
        f'<versionNumber value="{cover.version}"/>{_record_target(cover.patient)}'
        f'<author><time value="{at}"/>{_assigned("assignedAuthor", cover.author)}</author>'
        "<custodian><assignedCustodian><representedCustodianOrganization>"
        f'<id root="{_DMP}"/><name>Dossier Médical Partagé</name>'
        '<telecom nullFlavor="NASK"/><addr nullFlavor="NASK"/>'
        "</representedCustodianOrganization></assignedCustodian></custodian>"
        f'<legalAuthenticator><time value="{at}"/><signatureCode code="S"/>'
        f"{_assigned('assignedEntity', cover.author)}</legalAuthenticator>"
        f'<documentationOf><serviceEvent><effectiveTime><low value="{at}"/></effectiveTime>'
        f'<performer typeCode="PRF">{_assigned("assignedEntity", cover.author, setting=True)}</performer>'
        f"</serviceEvent></documentationOf>{related}"
        f'<componentOf><encompassingEncounter><effectiveTime><low value="{at}"/></effectiveTime><location>'
        f"<healthCareFacility><code code={quoteattr(cover.author.sector)} "
        f'codeSystem="{_OWN if cover.author.sector == "EXP_PATIENT" else _SECTORS}"/></healthCareFacility>'
        f"</location></encompassingEncounter></componentOf>{body}</ClinicalDocument>"
    ).encode()


def _record_target(patient: Patient) -> str:
    birth = (
        f'<birthTime value="{patient.birth_date}"/>'
        if patient.birth_date
        else '<birthTime nullFlavor="UNK"/>'
    )
    gender = {"M": "M", "F": "F"}.get(patient.sex, "UN")
    used = (
        f'<family qualifier="CL">{escape(patient.usual_name)}</family>'
        if patient.usual_name != patient.birth_name
        else ""
    )
    return (
        f'<recordTarget><patientRole><id root="{_INS_C}" extension="{patient.ins_c}"/>'
        '<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><patient classCode="PSN"><name>'
        f'<family qualifier="BR">{escape(patient.birth_name)}</family>{used}'
        f"<given>{escape(patient.given_name)}</given>"
        f'<given qualifier="BR">{escape(patient.given_name.partition(" ")[0])}</given></name>'
        f'<administrativeGenderCode code="{gender}" codeSystem="2.16.840.1.113883.5.1"/>{birth}'
        "</patient></patientRole></recordTarget>"
    )


def _assigned(tag: str, author: Author, *, setting: bool = False) -> str:
    if not author.structure_id:
        return (
            f'<{tag}><id root="{_INS_C}" extension="{author.national_id}"/>'
            f'<code code="PATIENT" codeSystem="{_OWN}" displayName="Patient"/>'
            f'<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><assignedPerson><name>'
            f"<given>{escape(author.given)}</given><family>{escape(author.family)}</family></name>"
            f"</assignedPerson></{tag}>"
        )
    prefix = f"<prefix>{author.title}</prefix>" if author.title else ""
    industry = (
        f'<standardIndustryClassCode code="{author.setting}" codeSystem="{_SETTINGS}"/>' if setting else ""
    )
    organization = "representedOrganization"
    return (
        f'<{tag}><id root="{_PROFESSIONALS}" extension="{author.national_id}"/>'
        f'<code code={quoteattr(author.specialty)} codeSystem="{_SPECIALTIES}" '
        f"displayName={quoteattr(author.specialty_label)}/>"
        f'<addr nullFlavor="NASK"/><telecom nullFlavor="NASK"/><assignedPerson><name>{prefix}'
        f"<given>{escape(author.given)}</given><family>{escape(author.family)}</family></name></assignedPerson>"
        f'<{organization}><id root="{_STRUCTURES}" extension={quoteattr(author.structure_id)}/>'
        f'<name>{escape(author.structure_name)}</name><telecom nullFlavor="NASK"/><addr nullFlavor="NASK"/>'
        f"{industry}</{organization}></{tag}>"
    )

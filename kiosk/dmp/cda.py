"""A file wrapped in a level 1 CDA R2 (CI-SIS « structuration minimale »).

The elements come in the one order the schema takes, and no attribute is empty: the ANS checker refuses both.
What is made here is its own canonical form (inclusive C14N), so that its digest needs no second pass.
"""

from base64 import b64encode
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from kiosk.code import Code
from kiosk.dmp.deposit import DepositPatient, NewDocument, Writer
from kiosk.dmp.hl7 import STRUCTURES
from kiosk.dmp.model import Address
from kiosk.dmp.nomenclature import CodeSet, labelled
from kiosk.dmp.xml import group, node, text_node
from kiosk.text import clean

_TEMPLATES: Final = (
    "2.16.840.1.113883.2.8.2.1",
    "1.2.250.1.213.1.1.1.1",
    "1.3.6.1.4.1.19376.1.2.20",  # XDS-SD, the one StrucMin and ASS_A11 name; a trace shows .24
)
_GENDERS: Final = "2.16.840.1.113883.5.1"
_SEXES: Final = {"M": ("M", "Masculin"), "F": ("F", "Féminin")}
_UNKNOWN_SEX: Final = ("UN", "Inconnu")
_MAX_LINES: Final = 7
_MARK: Final = "{content}"


@dataclass(frozen=True)
class CdaIds:
    """Identifiers fixed before the document is made."""

    document: str
    """OID: `uniqueId` of the entry."""
    set_id: str
    """OID that all versions share."""
    version: int


def wrap(
    document: NewDocument, patient: DepositPatient, sector: Code, ids: CdaIds, sent_at: datetime
) -> tuple[bytes, ...]:
    """The CDA in three pieces, the middle one being the file in base64: nothing large is copied twice."""
    root = node(
        "ClinicalDocument",
        node("realmCode", code="FR"),
        node("typeId", root="2.16.840.1.113883.1.3", extension="POCD_HD000040"),
        *(node("templateId", root=template) for template in _TEMPLATES),
        node("id", root=ids.document),
        _coded("code", document.type_code),
        node("title", clean(document.title)),
        node("effectiveTime", value=_time(document.created)),
        _coded("confidentialityCode", labelled(CodeSet.CONFIDENTIALITY, "N", "", "")),
        node("languageCode", code="fr-FR"),
        node("setId", root=ids.set_id),
        node("versionNumber", value=str(ids.version)),
        node("recordTarget", _patient(patient)),
        *(
            node("author", node("time", value=_time(document.created)), _assigned("assignedAuthor", writer))
            for writer in document.authors
        ),
        _custodian(document.legal_authenticator),
        node(
            "legalAuthenticator",
            node("time", value=_time(sent_at)),
            node("signatureCode", code="S"),
            _assigned("assignedEntity", document.legal_authenticator),
        ),
        _service(document),
        _replaced(document),
        _encounter(document, sector),
        node("component", _body(document)),
    )
    head, _, tail = etree.tostring(root, method="c14n", with_comments=True).rpartition(_MARK.encode())
    return head, b64encode(document.content), tail


def _coded(name: str, code: Code) -> etree._Element:
    """All three attributes, which the checker asks for: a code nobody named is its own name."""
    return node(name, code=code.code, codeSystem=code.system, displayName=code.label or code.code)


def _time(moment: datetime) -> str:
    """In the local time of the workstation with its zone, as the checker wants it: the act keeps its day."""
    return moment.astimezone().strftime("%Y%m%d%H%M%S%z")


def _patient(patient: DepositPatient) -> etree._Element:
    code, label = _SEXES.get(patient.sex, _UNKNOWN_SEX)
    place = node("place", node("addr", node("county", patient.birth_place)))
    person = node(
        "patient",
        _patient_name(patient),
        node("administrativeGenderCode", code=code, codeSystem=_GENDERS, displayName=label),
        node("birthTime", value=patient.birth_date),
        node("birthplace", place) if patient.birth_place else None,
        classCode="PSN",
    )
    local = patient.local_id
    return node(
        "patientRole",
        node("id", root=patient.patient.root, extension=patient.patient.extension),
        node("id", root=local.root, extension=local.extension) if local else None,
        _address(patient.address),
        _telecom(patient.phone, use="HP"),
        person,
        classCode="PAT",
    )


def _patient_name(patient: DepositPatient) -> etree._Element:
    """Birth names first, then the used ones when they differ."""
    used_family = patient.usual_name if patient.usual_name != patient.birth_name else ""
    used_given = patient.used_first_name if patient.used_first_name != patient.first_name else ""
    return node(
        "name",
        text_node("family", patient.birth_name, qualifier="BR"),
        text_node("family", used_family, qualifier="CL"),
        text_node("given", patient.given_names),
        text_node("given", patient.first_name, qualifier="BR"),
        text_node("given", used_given, qualifier="CL"),
    )


def _address(address: Address) -> etree._Element:
    """As on an envelope, `_MAX_LINES` at most: lines go with no other part of an address."""
    town = f"{address.postal_code} {address.city}".strip()
    lines = [
        line for line in (*address.lines.splitlines(), address.complement, town, address.country) if line
    ]
    if len(lines) > _MAX_LINES:
        lines[_MAX_LINES - 1 :] = [" ".join(lines[_MAX_LINES - 1 :])]
    given = group("addr", *(text_node("streetAddressLine", line) for line in lines))
    return node("addr", nullFlavor="NASK") if given is None else given


def _telecom(number: str = "", use: str = "") -> etree._Element:
    if not number:
        return node("telecom", nullFlavor="NASK")
    return node("telecom", value="tel:" + "".join(number.split()), use=use)


def _assigned(name: str, writer: Writer, setting: Code | None = None) -> etree._Element:
    """A person in a structure: the same fields in the same order wherever one stands."""
    person = node(
        "name",
        text_node("prefix", writer.prefix),
        text_node("given", writer.given_name),
        text_node("family", writer.family_name),
        text_node("suffix", writer.suffix),
    )
    return node(
        name,
        node("id", root=writer.id_root, extension=writer.national_id),
        _coded("code", writer.speciality),
        _address(Address()),
        _telecom(),
        node("assignedPerson", person),
        node("representedOrganization", *_structure(writer), _coded_or_none(setting)),
    )


def _coded_or_none(setting: Code | None) -> etree._Element | None:
    return None if setting is None else _coded("standardIndustryClassCode", setting)


def _structure(writer: Writer) -> list[etree._Element | None]:
    return [
        node("id", root=STRUCTURES, extension=writer.structure_id),
        text_node("name", writer.structure_name),
        _telecom(),
        _address(Address()),
    ]


def _custodian(writer: Writer) -> etree._Element:
    organization = node("representedCustodianOrganization", *_structure(writer))
    return node("custodian", node("assignedCustodian", organization))


def _service(document: NewDocument) -> etree._Element:
    stop = document.service_stop
    event = node(
        "serviceEvent",
        _coded("code", document.events[0]) if document.events else None,
        node(
            "effectiveTime",
            node("low", value=_time(document.service_start)),
            node("high", value=_time(stop)) if stop else None,
        ),
        node(
            "performer",
            _assigned("assignedEntity", document.legal_authenticator, document.practice_setting),
            typeCode="PRF",
        ),
    )
    return node("documentationOf", event)


def _replaced(document: NewDocument) -> etree._Element | None:
    if document.replaces is None:
        return None
    parent = node("parentDocument", node("id", root=document.replaces.unique_id))
    return node("relatedDocument", parent, typeCode="RPLC")


def _encounter(document: NewDocument, sector: Code) -> etree._Element:
    facility = node("healthCareFacility", _coded("code", sector))
    encounter = node(
        "encompassingEncounter",
        node("effectiveTime", node("low", value=_time(document.service_start))),
        node("location", facility),
    )
    return node("componentOf", encounter)


def _body(document: NewDocument) -> etree._Element:
    text = node("text", _MARK, mediaType=document.format.media_type, representation="B64")
    return node("nonXMLBody", text)

"""The header of a CDA as fields: patient, document, author, establishment, who answers for it (EX_3.2-1030)."""

from typing import Final

from lxml import etree

from kiosk.rendering.hl7_time import readable
from kiosk.rendering.page import Field, Style
from kiosk.rendering.xml import attribute, child, children, label, text
from kiosk.text import grouped

_INS: Final = {
    "1.2.250.1.213.1.4.8": "INS (NIR)",
    "1.2.250.1.213.1.4.9": "INS (NIA)",
    "1.2.250.1.213.1.4.10": "INS de test",
    "1.2.250.1.213.1.4.11": "INS de démonstration",
    "1.2.250.1.213.1.4.2": "INS-C",
}
_SEXES: Final = {"F": "Féminin", "M": "Masculin", "UN": "Indéterminé"}
_CONFIDENTIALITY: Final = {"N": "Normal", "R": "Restreint", "V": "Très restreint"}
_BY_PATIENT: Final = "EXP_PATIENT"
"""Author specialty (J01) of what patients express themselves."""
_PATIENT_TYPES: Final = "DOCPAT"
"""How the types of documents deposited by patients begin (J07)."""


def header(document: etree._Element) -> tuple[Field, ...]:
    """What was said, in reading order; a field that the document leaves out is left out."""
    fields = [*_patient(document), *_document(document)]
    for author in children(document, "author"):
        fields += _author(author)
    custodian = child(document, "custodian", "assignedCustodian", "representedCustodianOrganization")
    fields.append(Field("Conservé par", text(child(custodian, "name"))))
    legal = child(document, "legalAuthenticator")
    fields.append(Field("Responsable", person(child(legal, "assignedEntity", "assignedPerson"))))
    for event in children(document, "documentationOf", "serviceEvent"):
        period = _period(child(event, "effectiveTime"))
        fields.append(Field("Acte", " · ".join(filter(None, (label(child(event, "code")), period)))))
    encounter = child(document, "componentOf", "encompassingEncounter")
    place = child(encounter, "location", "healthCareFacility")
    fields.append(Field("Prise en charge", label(child(encounter, "code"))))
    fields.append(Field("Lieu", text(child(place, "location", "name")) or label(child(place, "code"))))
    for participant in children(document, "participant"):
        fields.append(_participant(participant))
    return tuple(field for field in fields if field.value)


def written_by_patient(document: etree._Element) -> bool:
    """An author who is the patient, by specialty or by identifier, or a type of document that is the patient's."""
    if attribute(child(document, "code"), "code").startswith(_PATIENT_TYPES):
        return True
    own = {_identifier(each) for each in children(document, "recordTarget", "patientRole", "id")}
    for author in children(document, "author", "assignedAuthor"):
        if attribute(child(author, "code"), "code") == _BY_PATIENT:
            return True
        if own & {_identifier(each) for each in children(author, "id")}:
            return True
    return False


def person(holder: etree._Element | None) -> str:
    """`'DR Marie SPECIMEN'` from an element that has a `name`."""
    name = child(holder, "name")
    if name is None:
        return ""
    parts = [*children(name, "suffix"), *children(name, "given"), *_families(name)]
    if not parts:
        return text(name)
    return " ".join(filter(None, map(text, parts)))


def _families(name: etree._Element) -> list[etree._Element]:
    """The name of use when it is told apart, else every name."""
    used = [each for each in children(name, "family") if each.get("qualifier") in ("CL", "SP")]
    return used[:1] or list(children(name, "family"))


def _patient(document: etree._Element) -> list[Field]:
    role = child(document, "recordTarget", "patientRole")
    patient = child(role, "patient")
    name = child(patient, "name")
    birth = [each for each in children(name, "family") if each.get("qualifier") == "BR"]
    used = [each for each in children(name, "family") if each.get("qualifier") in ("CL", "SP")]
    family = text(next(iter(birth or list(children(name, "family"))), None))
    called = text(used[0]) if used else ""
    first = [each for each in children(name, "given") if each.get("qualifier") != "BR"]
    given = " ".join(filter(None, map(text, first or list(children(name, "given")))))
    shown = f"{family} {given}".strip() or text(name)
    if called and called != family:
        shown += f" (nom utilisé : {called})"
    sex = child(patient, "administrativeGenderCode")
    birthplace = child(patient, "birthplace", "place", "addr")
    fields = [
        Field("Patient", shown, Style.STRONG),
        Field("Né(e) le", readable(attribute(child(patient, "birthTime"), "value"))),
        Field("À", text(child(birthplace, "city")) or text(child(birthplace, "county"))),
        Field("Sexe", _SEXES.get(attribute(sex, "code"), label(sex))),
    ]
    for each in children(role, "id"):
        if each.get("root") in _INS:
            fields.append(Field(_INS[each.get("root", "")], grouped(attribute(each, "extension"))))
    return fields


def _document(document: etree._Element) -> list[Field]:
    code, level = child(document, "code"), child(document, "confidentialityCode")
    moment = readable(attribute(child(document, "effectiveTime"), "value"))
    return [
        Field("Document", text(child(document, "title")), Style.STRONG),
        Field("Type", _with_code(label(code), attribute(code, "code"))),
        Field("Date", f"{moment} (heure locale du producteur)" if moment else ""),
        Field("Confidentialité", _CONFIDENTIALITY.get(attribute(level, "code"), label(level))),
        Field("Version", attribute(child(document, "versionNumber"), "value")),
        Field(
            "Remplace",
            "une version précédente"
            if any(each.get("typeCode") == "RPLC" for each in children(document, "relatedDocument"))
            else "",
        ),
        Field("Langue", attribute(child(document, "languageCode"), "code")),
    ]


def _with_code(words: str, code: str) -> str:
    return f"{words} ({code})" if code and words != code else words


def _author(author: etree._Element) -> list[Field]:
    assigned = child(author, "assignedAuthor")
    device = child(assigned, "assignedAuthoringDevice")
    who = person(child(assigned, "assignedPerson"))
    if not who:
        who = text(child(device, "manufacturerModelName")) or text(child(device, "softwareName"))
    profession = label(child(assigned, "code"))
    return [
        Field("Auteur", f"{who} ({profession})" if who and profession else who or profession),
        Field("Établissement", text(child(assigned, "representedOrganization", "name"))),
    ]


_ROLES: Final = {"REF": "Demandé par", "INF": "Informateur", "PRF": "Exécutant"}


def _participant(participant: etree._Element) -> Field:
    entity = child(participant, "associatedEntity")
    role = label(child(participant, "functionCode")) or _ROLES.get(
        attribute(participant, "typeCode"), "Participant"
    )
    who = person(child(entity, "associatedPerson")) or text(child(entity, "scopingOrganization", "name"))
    profession = label(child(entity, "code"))
    return Field(role, f"{who} ({profession})" if who and profession else who)


def _period(time: etree._Element | None) -> str:
    low = readable(attribute(child(time, "low"), "value")) or readable(attribute(time, "value"))
    high = readable(attribute(child(time, "high"), "value"))
    if low and high and low != high:
        return f"du {low} au {high}"
    return low or high


def _identifier(element: etree._Element) -> tuple[str, str]:
    return attribute(element, "root"), attribute(element, "extension")

"""TD1.2 reactivation, TD1.3b update, TD1.4 closing: three reasons for one interaction (PRPA_IN201314UV02)."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7, person, registration
from kiosk.dmp.management import AdministrativeData, Closing, Reactivation
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.xml import node, text_node

REACTIVATION: Final = "TD1.2"
UPDATE: Final = "TD1.3b"
CLOSING: Final = "TD1.4"
PATH: Final = "/patients"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201314UV02"

_CLOSING_REASONS = "1.2.250.1.213.4.1.2.4"


def reactivation(form: Reactivation, actor: Actor, frame: hl7.Frame) -> bytes:
    """TD1.2: the body that opens a closed record again."""
    patient = registration.patient(
        form.patient,
        _named(form),
        registration.observation("CONSENTEMENT_REACTIVATION_DMP", True, form.consent_at),
        *registration.oppositions(form.opposed_to_break_glass, form.opposed_to_regulation),
    )
    return hl7.message(
        registration.REVISION.request,
        hl7.reason("REAC", "Réactivation de dossier"),
        registration.subject(patient, actor),
        frame=frame,
    )


def update(patient: PatientId, data: AdministrativeData, actor: Actor, frame: hl7.Frame) -> bytes:
    """TD1.3b: the body that writes the administrative data back whole."""
    written = registration.person(
        person.name(data.civility, person.families(data.usual_name, data.birth_name), data.given_name),
        *person.telecoms(data.phone, data.mobile, data.email),
        node("administrativeGenderCode", code=data.sex) if data.sex else None,
        node("birthTime", value=data.birth_date) if data.birth_date else None,
        person.address(data.address),
        person.representative(data.representative),
        person.birth_place(data.birth_country),
    )
    oppositions = registration.oppositions(data.opposed_to_break_glass, data.opposed_to_regulation)
    return hl7.message(
        registration.REVISION.request,
        hl7.reason("MODIF_DATA", "Modification des données de gestion de dossier"),
        registration.subject(registration.patient(patient, written, *oppositions), actor),
        frame=frame,
    )


def closing(form: Closing, actor: Actor, frame: hl7.Frame) -> bytes:
    """TD1.4: the body that closes a record, at the patient's request."""
    why = node(
        "detectedIssueEvent",
        node("code", code="FERMETURE_DEMANDE_PATIENT", codeSystem=_CLOSING_REASONS),
        text_node("text", form.reason),
        classCode="ALRT",
        moodCode="EVN",
    )
    return hl7.message(
        registration.REVISION.request,
        hl7.reason("FERM", "Fermeture de dossier"),
        registration.subject(registration.patient(form.patient, _named(form), status="terminated"), actor),
        node("reasonOf", why, typeCode="RSON"),
        frame=frame,
    )


def check_done(answer: etree._Element, frame: hl7.Frame) -> None:
    """Return when it was done. Raises `Refused` (`DMPFound`: active already, `DMPClosed`: closed already…), or
    `AnswerUnreadable`."""
    registration.check_done(answer, registration.REVISION, frame)


def _named(form: Reactivation | Closing) -> etree._Element:
    names = person.families(form.usual_name, form.birth_name)
    return registration.person(person.name(form.civility, names, form.given_name))

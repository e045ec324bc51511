"""TD1.1, creation of a record (PRPA_IN201311UV02). Withdrawn from today's service; the profile decides."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7, person, registration
from kiosk.dmp.model import Actor, CardTraits, Creation
from kiosk.dmp.xml import node

TRANSACTION: Final = "TD1.1"
PATH: Final = "/patients"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201311UV02"

_CARD_PARTY = "1.2.250.1.213.4.1.2.5"


def request(creation: Creation, actor: Actor, frame: hl7.Frame) -> bytes:
    """The body of the request. The card's own traits go out as they were read (EX_GEN-1265)."""
    patient = registration.patient(
        creation.patient,
        _person(creation),
        registration.observation("CONSENTEMENT_OUVERTURE_DMP", True, creation.consent_at),
        *registration.oppositions(creation.opposed_to_break_glass, creation.opposed_to_regulation),
    )
    return hl7.message(
        registration.CREATION.request,
        hl7.reason("CREA_RD", "Création de dossier"),
        registration.subject(patient, actor),
        frame=frame,
    )


def check_created(answer: etree._Element, frame: hl7.Frame) -> None:
    """Return when the record was created. Raises `Refused` with the DMP's code (`DMPFound`: it exists), or
    `AnswerUnreadable`."""
    registration.check_done(answer, registration.CREATION, frame)


def _person(creation: Creation) -> etree._Element:
    # A person with one name has borne it from birth. Whether the service takes none is [unknown].
    names = person.families(creation.usual_name, creation.birth_name or creation.usual_name)
    return registration.person(
        person.name(creation.civility, names, creation.given_name),
        *person.telecoms(creation.phone, creation.mobile, creation.email),
        node("administrativeGenderCode", code=creation.sex) if creation.sex else None,
        node("birthTime", value=creation.birth_date) if creation.birth_date else None,
        person.address(creation.address),
        _card_party(creation.card),
        person.representative(creation.representative),
        person.birth_place(creation.birth_country),
    )


def _card_party(card: CardTraits) -> etree._Element:
    """The holder as the Vitale card names him. The schema wants a telecom, which no card has."""
    holder = node(
        "contactPerson",
        person.name("", person.families(card.usual_name, card.birth_name), card.given_name),
        node("birthTime", value=card.birth_date) if card.birth_date else None,
        classCode="PSN",
        determinerCode="INSTANCE",
    )
    return node(
        "contactParty",
        node("code", code="CARTE_SESAM_VITALE", codeSystem=_CARD_PARTY),
        node("telecom", nullFlavor="NI"),
        holder,
        classCode="CON",
    )

"""TD1.1, creation of a record (PRPA_IN201311UV02). Withdrawn from today's service; the profile decides.

The order of the elements is that of the official schema of the interaction, which rejects any other.
"""

import re
from datetime import datetime
from typing import Final
from uuid import UUID

from lxml import etree

from kiosk.dmp import hl7
from kiosk.dmp.model import Actor, Address, CardTraits, Creation
from kiosk.dmp.profile import Software
from kiosk.dmp.xml import HL7, group, node, text_node
from kiosk.errors import AnswerUnreadable

TRANSACTION: Final = "TD1.1"
PATH: Final = "/patients"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201311UV02"

_REQUEST = "PRPA_IN201311UV02"
_WRAPPER = "{asip:ci-sis:gdp:2010}PRPA_IN201311UV02_Response"
_ACCEPTED = f"{{{HL7}}}PRPA_IN201312UV02"
_REFUSED = f"{{{HL7}}}PRPA_IN201313UV02"

_CARD_PARTY = "1.2.250.1.213.4.1.2.5"
_PROFESSIONS = {"1.2.250.1.71.1.2.7": "G15", "1.2.250.1.71.1.2.8": "G16"}
"""Of professionals of health and, in training, of those who become one."""
_TELEPHONE_NOISE = re.compile(r"[\s.\-]")


def request(
    creation: Creation, *, actor: Actor, software: Software, message_id: UUID, created: datetime
) -> bytes:
    """The body of the request. The card's own traits go out as they were read (EX_GEN-1265)."""
    registration = node(
        "registrationRequest",
        node("statusCode", code="active"),
        node("subject1", _patient(creation), typeCode="SBJ"),
        node("author", _author(actor), typeCode="AUT"),
        classCode="REG",
        moodCode="RQO",
    )
    return hl7.message(
        _REQUEST,
        hl7.reason("CREA_RD", "Création de dossier"),
        node("subject", registration, typeCode="SUBJ", contextConductionInd="false"),
        software=software,
        message_id=message_id,
        created=created,
    )


def check_created(answer: etree._Element, *, software: Software, message_id: UUID) -> None:
    """Return when the record was created. Raises `Refused` with the DMP's code (`DMPFound`: it exists), or
    `AnswerUnreadable`. The message may come bare or in the wrapper of the GDP service."""
    if answer.tag == _WRAPPER and len(answer) == 1:
        answer = answer[0]
    if answer.tag not in {_ACCEPTED, _REFUSED}:
        raise AnswerUnreadable(detail="not the answer to a creation")
    hl7.check_correlation(answer, software, message_id)
    hl7.check_acknowledged(answer)
    if answer.tag == _REFUSED:
        raise AnswerUnreadable(detail="a refusal that says it accepts")


def _patient(creation: Creation) -> etree._Element:
    return node(
        "patient",
        node("id", root=creation.patient.root, extension=creation.patient.extension),
        node("statusCode", code="active"),
        _person(creation),
        node(
            "providerOrganization",
            node("id", nullFlavor="NI"),
            node("contactParty", classCode="CON"),
            classCode="ORG",
            determinerCode="INSTANCE",
        ),
        _observation("CONSENTEMENT_OUVERTURE_DMP", True, creation.consent_at),
        _observation("OPPOSITION_BRIS_DE_GLACE", creation.opposed_to_break_glass),
        _observation("OPPOSITION_ACCES_URGENCE", creation.opposed_to_regulation),
        classCode="PAT",
    )


def _person(creation: Creation) -> etree._Element:
    # A person with one name has borne it from birth. Whether the service takes none is [unknown].
    birth_name = creation.birth_name or creation.usual_name
    return node(
        "patientPerson",
        node(
            "name",
            text_node("prefix", creation.civility),
            *_families(creation.usual_name, birth_name),
            text_node("given", creation.given_name),
        ),
        _telecom("tel:", _TELEPHONE_NOISE.sub("", creation.phone), use="HP"),
        _telecom("tel:", _TELEPHONE_NOISE.sub("", creation.mobile), use="MC"),
        _telecom("mailto:", creation.email),
        node("administrativeGenderCode", code=creation.sex) if creation.sex else None,
        node("birthTime", value=creation.birth_date) if creation.birth_date else None,
        _address(creation.address),
        _card_party(creation.card),
        group("birthPlace", _address(Address(country=creation.birth_country)), classCode="BIRTHPL"),
        classCode="PSN",
        determinerCode="INSTANCE",
    )


def _families(usual: str, birth: str) -> list[etree._Element | None]:
    return [text_node("family", usual, qualifier="SP"), text_node("family", birth, qualifier="BR")]


def _telecom(scheme: str, value: str, use: str = "") -> etree._Element | None:
    return node("telecom", use=use, value=scheme + value) if value else None


def _address(address: Address) -> etree._Element | None:
    return group(
        "addr",
        *(text_node("streetAddressLine", line) for line in address.lines.splitlines()),
        text_node("additionalLocator", address.complement),
        text_node("postalCode", address.postal_code),
        text_node("city", address.city),
        text_node("country", address.country),
    )


def _card_party(card: CardTraits) -> etree._Element:
    """The holder as the Vitale card names him. The schema wants a telecom, which no card has."""
    person = node(
        "contactPerson",
        node("name", *_families(card.usual_name, card.birth_name), text_node("given", card.given_name)),
        node("birthTime", value=card.birth_date) if card.birth_date else None,
        classCode="PSN",
        determinerCode="INSTANCE",
    )
    return node(
        "contactParty",
        node("code", code="CARTE_SESAM_VITALE", codeSystem=_CARD_PARTY),
        node("telecom", nullFlavor="NI"),
        person,
        classCode="CON",
    )


def _observation(code: str, value: bool, since: datetime | None = None) -> etree._Element:
    observation = node(
        "administrativeObservation",
        node("code", code=code, codeSystem=hl7.OBSERVATIONS),
        node("effectiveTime", value=hl7.timestamp(since)) if since else None,
        node("value", xsi_type="BL", value="true" if value else "false"),
        classCode="OBS",
        moodCode="EVN",
    )
    return node("subjectOf", observation, typeCode="SBJ")


def _author(actor: Actor) -> etree._Element:
    instance = {"determinerCode": "INSTANCE"}
    name = node(
        "name",
        text_node("family", actor.family_name),
        text_node("given", actor.given_name),
        xsi_type="PN",
    )
    organization = node(
        "representedOrganization",
        node("id", root=hl7.STRUCTURES, extension=actor.structure_id),
        text_node("name", actor.structure_name),
        node("contactParty", classCode="CON"),
        classCode="ORG",
        **instance,
    )
    return node(
        "assignedEntity",
        node("id", root=hl7.PROFESSIONALS, extension=actor.national_id),
        _author_code(actor),
        node("assignedPerson", name, classCode="PSN", **instance),
        organization,
        classCode="ASSIGNED",
    )


def _author_code(actor: Actor) -> etree._Element:
    """`G15_10/SM26` for a professional of health, the role itself for others (value set J01).

    In training it is `G16_10`: that value set joins no speciality to it.
    """
    profession, speciality = actor.profession, actor.speciality
    dictionary = _PROFESSIONS.get(profession.system)
    if dictionary is None:
        return node("code", code=profession.code, codeSystem=profession.system, displayName=profession.label)
    if dictionary == "G16":
        speciality = None
    codes = [f"{dictionary}_{profession.code}", speciality.code if speciality else ""]
    labels = [profession.label, speciality.label if speciality else ""]
    return node(
        "code",
        code="/".join(part for part in codes if part),
        codeSystem=hl7.AUTHOR_SPECIALITIES,  # [likely]: official samples write 1.2.250.1.71.4.2.5
        displayName=" - ".join(part for part in labels if part),
    )

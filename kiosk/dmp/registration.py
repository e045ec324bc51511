"""What the messages that write a record share (TD1.1, TD1.2, TD1.3b, TD1.4): request around a patient, answer.

The order of the elements is that of the official schema of the interactions, which rejects any other.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from lxml import etree

from kiosk.dmp import hl7
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.xml import HL7, node, text_node
from kiosk.errors import AnswerUnreadable

_WRAPPERS = "asip:ci-sis:gdp:2010"
_PROFESSIONS = {"1.2.250.1.71.1.2.7": "G15", "1.2.250.1.71.1.2.8": "G16"}
"""Of professionals of health and, in training, of those who become one."""


def patient(
    identifier: PatientId,
    person: etree._Element,
    *observations: etree._Element | None,
    status: str = "active",
) -> etree._Element:
    """The record's subject. The schema wants an organisation with a contact, which nobody fills."""
    return node(
        "patient",
        node("id", root=identifier.root, extension=identifier.extension),
        node("statusCode", code=status),
        person,
        node(
            "providerOrganization",
            node("id", nullFlavor="NI"),
            node("contactParty", classCode="CON"),
            classCode="ORG",
            determinerCode="INSTANCE",
        ),
        *observations,
        classCode="PAT",
    )


def person(*content: etree._Element | None) -> etree._Element:
    return node("patientPerson", *content, classCode="PSN", determinerCode="INSTANCE")


def observation(code: str, value: bool | None, since: datetime | None = None) -> etree._Element | None:
    """A consent or an opposition; nothing at all when it is not known."""
    if value is None:
        return None
    made = node(
        "administrativeObservation",
        node("code", code=code, codeSystem=hl7.OBSERVATIONS),
        node("effectiveTime", value=hl7.timestamp(since)) if since else None,
        node("value", xsi_type="BL", value="true" if value else "false"),
        classCode="OBS",
        moodCode="EVN",
    )
    return node("subjectOf", made, typeCode="SBJ")


def oppositions(break_glass: bool | None, regulation: bool | None) -> list[etree._Element | None]:
    """True = the patient is opposed."""
    return [
        observation("OPPOSITION_BRIS_DE_GLACE", break_glass),
        observation("OPPOSITION_ACCES_URGENCE", regulation),
    ]


def subject(patient: etree._Element, actor: Actor) -> etree._Element:
    """The control act's content: what is asked, of whom, by whom."""
    registration = node(
        "registrationRequest",
        node("statusCode", code="active"),
        node("subject1", patient, typeCode="SBJ"),
        node("author", _author(actor), typeCode="AUT"),
        classCode="REG",
        moodCode="RQO",
    )
    return node("subject", registration, typeCode="SUBJ", contextConductionInd="false")


@dataclass(frozen=True)
class Exchange:
    """The names of the three interactions of one kind of request."""

    request: str
    accepted: str
    refused: str


CREATION: Final = Exchange("PRPA_IN201311UV02", "PRPA_IN201312UV02", "PRPA_IN201313UV02")
REVISION: Final = Exchange("PRPA_IN201314UV02", "PRPA_IN201315UV02", "PRPA_IN201316UV02")


def check_done(answer: etree._Element, exchange: Exchange, frame: hl7.Frame) -> None:
    """Return when the answer says that it was done. It may come bare or in the wrapper of the GDP service.

    Raises the server's refusal, whichever of the two interactions carries it, or `AnswerUnreadable`.
    """
    if answer.tag == f"{{{_WRAPPERS}}}{exchange.request}_Response" and len(answer) == 1:
        answer = answer[0]
    if answer.tag not in {f"{{{HL7}}}{exchange.accepted}", f"{{{HL7}}}{exchange.refused}"}:
        raise AnswerUnreadable(detail=f"not the answer to {exchange.request}")
    hl7.check_correlation(answer, frame)
    hl7.check_acknowledged(answer)
    if answer.tag == f"{{{HL7}}}{exchange.refused}":
        raise AnswerUnreadable(detail="a refusal that says it accepts")


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

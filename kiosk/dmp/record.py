"""The query about one record (PRPA_IN201307UV02) that TD0.2 and TD1.3a share, and what both answers hold."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7
from kiosk.dmp.model import PatientId
from kiosk.dmp.xml import HL7, node
from kiosk.errors import AnswerUnreadable

PATH: Final = "/patients"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201307UV02"

_QUERY = "PRPA_IN201307UV02"
_ANSWER = f"{{{HL7}}}PRPA_IN201308UV02"
_EVENT = "h:controlActProcess/h:subject/h:registrationEvent"


def request(reason: etree._Element, patient: PatientId, frame: hl7.Frame) -> bytes:
    """The body of the request."""
    identifier = node(
        "patientIdentifier",
        node("value", root=patient.root, extension=patient.extension),
        node("semanticsText", "Patient.id"),
    )
    return hl7.message(_QUERY, reason, hl7.query(frame, identifier), frame=frame)


def event(answer: etree._Element, patient: PatientId, frame: hl7.Frame) -> etree._Element | None:
    """The one record of the answer, about the patient asked; `None` when he has no record (NF).

    Raises `Refused` (ack AE) or `AnswerUnreadable`.
    """
    if answer.tag != _ANSWER:
        raise AnswerUnreadable(detail="not the answer to a query about a record")
    hl7.check_correlation(answer, frame)
    hl7.check_acknowledged(answer)
    response = hl7.query_response(answer)
    if response == "NF":
        return None
    events = hl7.find(answer, _EVENT)
    if response != "OK" or len(events) != 1:
        raise AnswerUnreadable(detail=f"{len(events)} records in the answer")
    _check_same_patient(subject(events[0]), patient)
    return events[0]


def subject(event: etree._Element) -> etree._Element:
    """The one patient of a record. Raises `AnswerUnreadable`."""
    patients = hl7.find(event, "h:subject1/h:patient")
    if len(patients) != 1:
        raise AnswerUnreadable(detail=f"{len(patients)} patients in a record")
    return patients[0]


def observation(patient: etree._Element, code: str) -> bool | None:
    """A consent, an opposition or a link; `None` when the answer does not say."""
    return hl7.boolean(
        patient, f"h:subjectOf/h:administrativeObservation[h:code/@code='{code}']/h:value/@value"
    )


def _check_same_patient(answered: etree._Element, asked: PatientId) -> None:
    """The answer lists several identifiers (INS-C and NIR); under the root we asked, one must be ours."""
    same_root = [one.get("extension") for one in hl7.find(answered, "h:id") if one.get("root") == asked.root]
    if same_root and asked.extension not in same_root:
        raise AnswerUnreadable(detail="the answer is about another patient")

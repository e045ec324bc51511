"""TD0.2, existence test (PRPA_IN201307UV02): is there a record, may I open it, am I the treating doctor."""

from datetime import datetime
from typing import Final
from uuid import UUID

from lxml import etree

from kiosk.dmp import hl7
from kiosk.dmp.model import Authorization, DmpStatus, PatientId, PatientTraits, RecordState
from kiosk.dmp.profile import Software
from kiosk.dmp.xml import HL7, node
from kiosk.errors import AnswerUnreadable

TRANSACTION: Final = "TD0.2"
PATH: Final = "/patients"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201307UV02"

_QUERY = "PRPA_IN201307UV02"
_ANSWER = f"{{{HL7}}}PRPA_IN201308UV02"
_EVENT = "h:controlActProcess/h:subject/h:registrationEvent"
_CLOSING = "h:controlActProcess/h:reasonOf/h:detectedIssueEvent"
_CLOSING_REASONS = {"FERMETURE_DEMANDE_PATIENT": "À la demande du patient"}


def request(
    patient: PatientId, *, software: Software, message_id: UUID, query_id: UUID, created: datetime
) -> bytes:
    """The body of the request."""
    identifier = node(
        "patientIdentifier",
        node("value", root=patient.root, extension=patient.extension),
        node("semanticsText", "Patient.id"),
    )
    return hl7.message(
        _QUERY,
        hl7.reason("TEST_EXST", "Test d'existence de dossier"),
        node(
            "queryByParameter",
            hl7.query_id(software, query_id),
            node("statusCode", code="new"),
            node("parameterList", identifier),
        ),
        software=software,
        message_id=message_id,
        created=created,
    )


def status(
    answer: etree._Element, *, patient: PatientId, software: Software, message_id: UUID, query_id: UUID
) -> DmpStatus:
    """What the answer says. Raises `Refused` (ack AE) or `AnswerUnreadable`.

    A status, an authorisation or a closing reason this version does not know is kept as it came.
    """
    if answer.tag != _ANSWER:
        raise AnswerUnreadable(detail="not the answer to an existence test")
    hl7.check_correlation(answer, software, message_id, query_id)
    hl7.check_acknowledged(answer)
    response = hl7.value(answer, "h:controlActProcess/h:queryAck/h:queryResponseCode/@code")
    if response == "NF":
        return DmpStatus(RecordState.NONE)
    if response in {"AE", "QE"}:
        raise hl7.refusal(answer)
    events = hl7.find(answer, _EVENT)
    if response != "OK" or len(events) != 1:
        raise AnswerUnreadable(detail=f"{len(events)} records in the answer")
    return _record(answer, events[0], patient)


def _record(answer: etree._Element, event: etree._Element, patient: PatientId) -> DmpStatus:
    patients = hl7.find(event, "h:subject1/h:patient")
    raw_state = hl7.value(event, "h:subject1/h:patient/h:statusCode/@code")
    if len(patients) != 1 or not raw_state:
        raise AnswerUnreadable(detail="no status of the record")
    _check_same_patient(patients[0], patient)
    raw_authorization = hl7.value(answer, _attention("AUTORISATION", "@code"))
    state = _STATES.get(raw_state, RecordState.UNKNOWN)
    closed = state is RecordState.CLOSED
    return DmpStatus(
        state=state,
        authorization=_AUTHORIZATIONS.get(raw_authorization, Authorization.UNKNOWN),
        treating_doctor=hl7.boolean(answer, _attention("STATUT_MT", "@value")) is True,
        closed_at=hl7.moment(hl7.value(event, "h:effectiveTime/@value")) if closed else None,
        closing_reason=_closing_reason(answer) if closed else "",
        internet_account=_observation(patients[0], "COMPTE_INTERNET_OUVERT"),
        attached_to_mes=_observation(patients[0], "RATTACHEMENT_ENS"),
        traits=_traits(patients[0]),
        raw_state=raw_state,
        raw_authorization=raw_authorization,
    )


_STATES = {state.value: state for state in (RecordState.ACTIVE, RecordState.CLOSED)}
_AUTHORIZATIONS = {choice.value: choice for choice in Authorization if choice is not Authorization.UNKNOWN}


def _check_same_patient(answered: etree._Element, asked: PatientId) -> None:
    """The answer lists several identifiers (INS-C and NIR); under the root we asked, one must be ours."""
    same_root = [one.get("extension") for one in hl7.find(answered, "h:id") if one.get("root") == asked.root]
    if same_root and asked.extension not in same_root:
        raise AnswerUnreadable(detail="the answer is about another patient")


def _attention(keyword: str, attribute: str) -> str:
    return f"descendant::h:attentionLine[h:keyWordText/@code='{keyword}']/h:value/{attribute}"


def _observation(patient: etree._Element, code: str) -> bool | None:
    return hl7.boolean(
        patient, f"h:subjectOf/h:administrativeObservation[h:code/@code='{code}']/h:value/@value"
    )


def _closing_reason(answer: etree._Element) -> str:
    code = hl7.value(answer, f"{_CLOSING}/h:code/@code")
    said = [_CLOSING_REASONS.get(code, code), hl7.value(answer, f"{_CLOSING}/h:text")]
    return " : ".join(part for part in said if part)


def _traits(patient: etree._Element) -> PatientTraits | None:
    people = hl7.find(patient, "h:patientPerson")
    if not people:
        return None
    person = people[0]
    return PatientTraits(
        birth_name=hl7.value(person, "h:name/h:family[@qualifier='BR']"),
        usual_name=hl7.value(person, "h:name/h:family[@qualifier='SP' or not(@qualifier)]"),
        given_name=hl7.value(person, "h:name/h:given"),
        birth_date=hl7.value(person, "h:birthTime/@value")[:8],
        sex=hl7.value(person, "h:administrativeGenderCode/@code"),
    )

"""TD0.2, existence test: is there a record, may I open it, am I the treating doctor."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7, person, record
from kiosk.dmp.model import Authorization, DmpStatus, PatientId, RecordState
from kiosk.errors import AnswerUnreadable

TRANSACTION: Final = "TD0.2"

_CLOSING = "h:controlActProcess/h:reasonOf/h:detectedIssueEvent"
_CLOSING_REASONS = {"FERMETURE_DEMANDE_PATIENT": "À la demande du patient"}


def request(patient: PatientId, frame: hl7.Frame) -> bytes:
    """The body of the request."""
    reason = hl7.reason("TEST_EXST", "Test d'existence de dossier")
    return record.request(reason, patient, frame)


def status(answer: etree._Element, patient: PatientId, frame: hl7.Frame) -> DmpStatus:
    """What the answer says. Raises `Refused` (ack AE) or `AnswerUnreadable`.

    A status, an authorisation or a closing reason this version does not know is kept as it came.
    """
    event = record.event(answer, patient, frame)
    if event is None:
        return DmpStatus(RecordState.NONE)
    subject = record.subject(event)
    raw_state = hl7.value(subject, "h:statusCode/@code")
    if not raw_state:
        raise AnswerUnreadable(detail="no status of the record")
    raw_authorization = hl7.value(answer, _attention("AUTORISATION", "@code"))
    state = _STATES.get(raw_state, RecordState.UNKNOWN)
    closed = state is RecordState.CLOSED
    people = hl7.find(subject, "h:patientPerson")
    return DmpStatus(
        state=state,
        authorization=_AUTHORIZATIONS.get(raw_authorization, Authorization.UNKNOWN),
        treating_doctor=hl7.boolean(answer, _attention("STATUT_MT", "@value")) is True,
        closed_at=hl7.moment(hl7.value(event, "h:effectiveTime/@value")) if closed else None,
        closing_reason=_closing_reason(answer) if closed else "",
        internet_account=record.observation(subject, "COMPTE_INTERNET_OUVERT"),
        attached_to_mes=record.observation(subject, "RATTACHEMENT_ENS"),
        traits=person.read_traits(people[0]) if people else None,
        raw_state=raw_state,
        raw_authorization=raw_authorization,
    )


_STATES = {state.value: state for state in (RecordState.ACTIVE, RecordState.CLOSED)}
_AUTHORIZATIONS = {choice.value: choice for choice in Authorization if choice is not Authorization.UNKNOWN}


def _attention(keyword: str, attribute: str) -> str:
    return f"descendant::h:attentionLine[h:keyWordText/@code='{keyword}']/h:value/{attribute}"


def _closing_reason(answer: etree._Element) -> str:
    code = hl7.value(answer, f"{_CLOSING}/h:code/@code")
    said = [_CLOSING_REASONS.get(code, code), hl7.value(answer, f"{_CLOSING}/h:text")]
    return " : ".join(part for part in said if part)

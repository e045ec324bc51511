"""TD0.2: does this patient have a DMP, and may the caller open it?"""

from kiosk.training.dmp_server import hl7, names, patient_query, registration_event
from kiosk.training.dmp_server.access import authorisation_of, is_treating_doctor
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.patient_query import ANSWER
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element


def answer(call: Call) -> Element:
    """The state of the record; `NF` when there is none."""
    request = hl7.read(call.payload)
    query = patient_query.parameters(request)
    call.require_same_patient(patient_query.asked_patient(query))
    record = call.store.find(call.patient)
    if record is None:
        return hl7.answer(request, ANSWER, call.now, *patient_query.end(query, "NF"))
    return hl7.answer(
        request,
        ANSWER,
        call.now,
        _registration(record, call.store.has_account(record.ins_c)),
        _closing(record) if record.state == "terminated" else None,
        *patient_query.end(query, "OK"),
        attention=_attention(call),
    )


def _attention(call: Call) -> tuple[Element, Element]:
    """Authorisation and treating doctor: of the professional himself, of his structure for a CPE."""
    value = authorisation_of(call) or "NON_EXISTE"
    authorisation = h("value", type_="CV", code=value, codeSystem=names.AUTHORISATION_VALUES)
    treating = hl7.boolean(is_treating_doctor(call))
    return (
        _attention_line("AUTORISATION", names.AUTHORISATION_KEYWORDS, authorisation),
        _attention_line("STATUT_MT", names.TREATING_DOCTOR_KEYWORDS, treating),
    )


def _attention_line(keyword: str, system: str, value: Element) -> Element:
    return h("attentionLine", h("keyWordText", code=keyword, codeSystem=system), value)


def _registration(record: StoredRecord, has_account: bool) -> Element:
    return registration_event.subject(
        record,
        registration_event.person(record.person),
        *registration_event.account_and_attachment(record, has_account=has_account),
        moment=record.closed_at,
    )


def _closing(record: StoredRecord) -> Element:
    why = {"code": record.closing_reason, "codeSystem": names.CLOSING_REASONS}
    issue = h(
        "detectedIssueEvent",
        h("code", **(why if record.closing_reason else {"nullFlavor": "NI"})),
        h("text", "DMP fermé"),
        classCode="ALRT",
        moodCode="EVN",
    )
    return h("reasonOf", issue, typeCode="RSON")

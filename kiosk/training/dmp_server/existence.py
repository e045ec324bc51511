"""TD0.2: does this patient have a DMP, and may the caller open it? PRPA_IN201307UV02 → PRPA_IN201308UV02."""

import copy
from datetime import datetime

from kiosk.training.dmp_server import hl7, names
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import Refusal, invalid_message
from kiosk.training.dmp_server.records import Person, StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, text

REQUEST = "PRPA_IN201307UV02"
ANSWER = "PRPA_IN201308UV02"
_NOT_FILLED_IN = "NON_RENSEIGNE"


def answer(call: Call) -> Element:
    """The state of the record; `NF` when there is none."""
    request = hl7.read(call.payload)
    query = _query(request)
    call.require_same_patient(find(query, HL7, "parameterList/patientIdentifier/value"))
    record = call.store.find(call.patient)
    if record is None:
        return hl7.answer(request, ANSWER, call.now, *_query_end(query, "NF"))
    closing = _closing(record) if record.state == "terminated" else None
    return hl7.answer(
        request,
        ANSWER,
        call.now,
        _registration(record, call.store.has_account(record.ins_c)),
        closing,
        *_query_end(query, "OK"),
        attention=_attention(call, record),
    )


def refuse(payload: Element, refusal: Refusal, now: datetime) -> Element:
    """The same interaction, acknowledged `AE`."""
    request = hl7.read(payload)
    return hl7.answer(request, ANSWER, now, *_query_end(_query(request), "AE"), refusal=refusal)


def _query(request: hl7.Interaction) -> Element:
    query = find(request.act, HL7, "queryByParameter")
    if query is None:
        raise invalid_message("La requête ne porte pas de paramètres.")
    hl7.check_order(query)
    query_id = find(query, HL7, "queryId")
    asked = find_all(query, HL7, "parameterList/patientIdentifier")
    if (
        not (attribute(query_id, "root") and attribute(query_id, "extension"))
        or attribute(find(query, HL7, "statusCode"), "code") != "new"
        or len(asked) != 1
        or text(find(asked[0], HL7, "semanticsText")) != "Patient.id"
    ):
        raise invalid_message("Les paramètres de la requête ne sont pas conformes.")
    return query


def _query_end(query: Element, outcome: str) -> tuple[Element, Element]:
    query_id = copy.deepcopy(find(query, HL7, "queryId"))
    return h("queryAck", query_id, h("queryResponseCode", code=outcome)), copy.deepcopy(query)


def _attention(call: Call, record: StoredRecord) -> tuple[Element, Element]:
    """Authorisation and treating doctor: of the professional himself, of his structure for a CPE."""
    practitioner = call.caller.holder.national_id
    actor = call.caller.vihf.structure_id if call.caller.is_cpe else practitioner
    treating = call.store.is_treating_doctor(record.ins_c, practitioner)
    value = call.store.authorisation(record.ins_c, actor) or ("VALIDE" if treating else "NON_EXISTE")
    authorisation = h("value", type_="CV", code=value, codeSystem=names.AUTHORISATION_VALUES)
    return (
        _attention_line("AUTORISATION", names.AUTHORISATION_KEYWORDS, authorisation),
        _attention_line("STATUT_MT", names.TREATING_DOCTOR_KEYWORDS, hl7.boolean(treating)),
    )


def _attention_line(keyword: str, system: str, value: Element) -> Element:
    return h("attentionLine", h("keyWordText", code=keyword, codeSystem=system), value)


def _registration(record: StoredRecord, has_account: bool) -> Element:
    patient = h(
        "patient",
        h("id", root=names.INS_C, extension=record.ins_c),
        h("id", root=names.NIR_TEST, extension=record.nir) if record.nir else None,
        h("statusCode", code=record.state),
        _person(record.person),
        _observation("COMPTE_INTERNET_OUVERT", names.INTERNET_ACCOUNTS, has_account),
        _observation("RATTACHEMENT_ENS", names.OBSERVATIONS, record.attached_to_mes),
        classCode="PAT",
    )
    event = h(
        "registrationEvent",
        h("id", nullFlavor="NA"),
        h("statusCode", code=record.state),
        h("effectiveTime", value=record.closed_at) if record.closed_at else None,
        h("subject1", patient, typeCode="SBJ"),
        hl7.custodian(),
        classCode="REG",
        moodCode="EVN",
    )
    return h("subject", event, typeCode="SUBJ", contextConductionInd="false")


def _person(person: Person) -> Element:
    name = h(
        "name",
        h("prefix", person.civility) if person.civility else None,
        h("given", person.given_name or _NOT_FILLED_IN),
        h("family", person.birth_name or _NOT_FILLED_IN, qualifier="BR"),
        h("family", person.usual_name or _NOT_FILLED_IN, qualifier="SP"),
    )
    telecoms = [h("telecom", value=value, **({"use": use} if use else {})) for use, value in person.telecoms]
    return h(
        "patientPerson",
        name,
        *telecoms,
        h("administrativeGenderCode", code=person.sex, codeSystem=names.GENDERS),
        h("birthTime", value=person.birth_date),
        classCode="PSN",
        determinerCode="INSTANCE",
    )


def _observation(code: str, system: str, value: bool) -> Element:
    observation = h(
        "administrativeObservation",
        h("code", code=code, codeSystem=system),
        hl7.boolean(value),
        classCode="OBS",
        moodCode="EVN",
    )
    return h("subjectOf", observation, typeCode="SBJ")


def _closing(record: StoredRecord) -> Element:
    issue = h(
        "detectedIssueEvent",
        h("code", code=record.closing_reason, codeSystem=names.CLOSING_REASONS),
        h("text", "DMP fermé"),
        classCode="ALRT",
        moodCode="EVN",
    )
    return h("reasonOf", issue, typeCode="RSON")

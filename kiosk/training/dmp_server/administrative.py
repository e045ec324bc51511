"""TD1.3a: the administrative data of a record, and what its patient said of emergencies."""

from kiosk.training.dmp_server import hl7, names, patient_query, registration_event
from kiosk.training.dmp_server.access import open_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.patient_query import ANSWER
from kiosk.training.dmp_server.xml import Element


def answer(call: Call) -> Element:
    """Identity, contacts, representative, oppositions; `NF` when there is no record. Raises `Refusal`."""
    request = hl7.read(call.payload)
    query = patient_query.parameters(request)
    call.require_same_patient(patient_query.asked_patient(query))
    record = call.store.find(call.patient)
    if record is None:
        return hl7.answer(request, ANSWER, call.now, *patient_query.end(query, "NF"))
    open_record(call)
    subject = registration_event.subject(
        record,
        registration_event.person(record.person, in_full=True),
        *registration_event.account_and_attachment(record, has_account=call.store.has_account(record.ins_c)),
        hl7.observation("OPPOSITION_BRIS_DE_GLACE", names.OBSERVATIONS, record.opposed_to_break_glass),
        hl7.observation("OPPOSITION_ACCES_URGENCE", names.OBSERVATIONS, record.opposed_to_regulation),
    )
    return hl7.answer(request, ANSWER, call.now, subject, *patient_query.end(query, "OK"))

"""TD1.4: close a DMP at its patient's request, the only reason a professional's software may give."""

from dataclasses import replace

from kiosk.training.dmp_server import access, form, hl7, names, registration
from kiosk.training.dmp_server.authorisations import stamp
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import ATTACHED_TO_MES, Refusal
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, find

_REASON = "FERMETURE_DEMANDE_PATIENT"


def answer(call: Call) -> Element:
    """Raises `Refusal` when there is no open record, when it is attached, or when the form is incomplete."""
    return registration.answer(call, _close)


def _close(call: Call, request: hl7.Interaction, requested: Element) -> StoredRecord:
    record = access.managed_record(call)
    if record.attached_to_mes:
        raise Refusal(ATTACHED_TO_MES, "Ce DMP est rattaché à Mon espace santé.")
    patient = registration.patient_of(requested, "terminated")
    registration.check_names(registration.person_of(patient))
    code = find(request.act, HL7, "reasonOf/detectedIssueEvent/code")
    if (attribute(code, "code"), attribute(code, "codeSystem")) != (_REASON, names.CLOSING_REASONS):
        form.refuse("le motif de la fermeture")
    closed = replace(record, state="terminated", closed_at=stamp(call.now), closing_reason=_REASON)
    call.store.update(closed, call.now)
    return closed

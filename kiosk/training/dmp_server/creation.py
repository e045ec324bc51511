"""TD1.1: create a DMP. PRPA_IN201311UV02 → 201312 (accepted) or 201313 (refused), wrapped by the service.

Creation authorises nobody: the creator, like anyone, then declares himself authorised by an explicit act
(EX_0.3-1010). A record is created with an INS-C: the NIR came with the records of the second version.
"""

from datetime import datetime

from kiosk.training.dmp_server import creation_form, form, hl7, registration, registration_event
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.identifiers import is_ins_c
from kiosk.training.dmp_server.names import GDP, HL7
from kiosk.training.dmp_server.outcomes import RECORD_FOUND, Refusal
from kiosk.training.dmp_server.xml import Element, element, find

REQUEST = "PRPA_IN201311UV02"
_ACCEPTED = "PRPA_IN201312UV02"
_REFUSED = "PRPA_IN201313UV02"


def answer(call: Call) -> Element:
    """Create the record. Raises `Refusal` when it exists, may not be created, or the form is incomplete."""
    request = hl7.read(call.payload)
    requested = registration.requested(request)
    call.require_same_patient(find(requested, HL7, "subject1/patient/id"))
    registration.check_author(requested, call.caller)
    if not is_ins_c(call.patient):
        form.refuse("l'INS-C du patient")
    record = creation_form.read(requested, call.patient, call.now)
    trap = call.store.trap(call.patient)
    if trap:
        raise Refusal(trap, "La création de ce DMP est refusée par le service des droits.")
    if not call.store.create(record):
        raise Refusal(RECORD_FOUND, "Un DMP existe déjà pour ce patient.")
    subject = registration_event.subject(
        record,
        registration_event.person(record.person),
        status="completed",
        moment=f"{call.now:%Y%m%d%H%M%S}",
    )
    return _wrapped(hl7.answer(request, _ACCEPTED, call.now, subject))


def refuse(payload: Element, refusal: Refusal, now: datetime) -> Element:
    """The refused interaction, acknowledged `AE`."""
    return _wrapped(hl7.answer(hl7.read(payload), _REFUSED, now, refusal=refusal))


def _wrapped(interaction: Element) -> Element:
    return element(GDP, f"{REQUEST}_Response", interaction)

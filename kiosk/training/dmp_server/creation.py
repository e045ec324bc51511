"""TD1.1: create a DMP. PRPA_IN201311UV02 → 201312 (accepted) or 201313 (refused), wrapped by the service.

Creation authorises nobody: the creator, like anyone, then declares himself authorised by an explicit act
(EX_0.3-1010).
"""

from datetime import datetime

from kiosk.training.dmp_server import creation_form, hl7, names
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.names import GDP, HL7
from kiosk.training.dmp_server.outcomes import RECORD_FOUND, Refusal, invalid_message
from kiosk.training.dmp_server.xml import Element, attribute, element, find

REQUEST = "PRPA_IN201311UV02"
_ACCEPTED = "PRPA_IN201312UV02"
_REFUSED = "PRPA_IN201313UV02"


def answer(call: Call) -> Element:
    """Create the record. Raises `Refusal` when it exists, may not be created, or the form is incomplete."""
    request = hl7.read(call.payload)
    registration = _registration(request)
    call.require_same_patient(find(registration, HL7, "subject1/patient/id"))
    creation_form.check_author(registration, call.caller)
    record = creation_form.read(registration, call.patient, call.now)
    trap = call.store.trap(call.patient)
    if trap:
        raise Refusal(trap, "La création de ce DMP est refusée par le service des droits.")
    if not call.store.create(record):
        raise Refusal(RECORD_FOUND, "Un DMP existe déjà pour ce patient.")
    return _answer(hl7.answer(request, _ACCEPTED, call.now, _event(call.patient, call.now)))


def refuse(payload: Element, refusal: Refusal, now: datetime) -> Element:
    """The refused interaction, acknowledged `AE`."""
    return _answer(hl7.answer(hl7.read(payload), _REFUSED, now, refusal=refusal))


def _registration(request: hl7.Interaction) -> Element:
    registration = find(request.act, HL7, "subject/registrationRequest")
    if registration is None or attribute(find(registration, HL7, "statusCode"), "code") != "active":
        raise invalid_message("La demande de création n'est pas conforme.")
    hl7.check_order(registration)
    return registration


def _event(ins_c: str, now: datetime) -> Element:
    patient = h(
        "patient",
        h("id", root=names.INS_C, extension=ins_c),
        h("statusCode", code="active"),
        classCode="PAT",
    )
    event = h(
        "registrationEvent",
        h("id", nullFlavor="NA"),
        h("statusCode", code="completed"),
        h("effectiveTime", value=now.strftime("%Y%m%d%H%M%S")),
        h("subject1", patient, typeCode="SBJ"),
        hl7.custodian(),
        classCode="REG",
        moodCode="EVN",
    )
    return h("subject", event, typeCode="SUBJ", contextConductionInd="false")


def _answer(interaction: Element) -> Element:
    return element(GDP, f"{REQUEST}_Response", interaction)

"""TD1.2: open a closed DMP again, the patient consenting. Who was authorised before still is. [unknown]"""

from dataclasses import replace

from kiosk.training.dmp_server import access, form, hl7, registration
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import RECORD_FOUND, Refusal
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element

_CONSENT = "CONSENTEMENT_REACTIVATION_DMP"


def answer(call: Call) -> Element:
    """Raises `Refusal` when there is no record, when it is open, or when the form is incomplete."""
    return registration.answer(call, _reactivate)


def _reactivate(call: Call, _request: hl7.Interaction, requested: Element) -> StoredRecord:
    record = access.existing_record(call)
    if record.state == "active":
        raise Refusal(RECORD_FOUND, "Le DMP de ce patient est déjà actif.")
    patient = registration.patient_of(requested, "active")
    registration.check_names(registration.person_of(patient))
    found = registration.observations(patient)
    registration.consent(found.get(_CONSENT), "la réactivation de son DMP", call.now)
    opposed = record.opposed_to_break_glass, record.opposed_to_regulation
    reopened = replace(
        record,
        state="active",
        closed_at="",
        closing_reason="",
        opposed_to_break_glass=form.is_true(found.get(registration.BREAK_GLASS), absent=opposed[0]),
        opposed_to_regulation=form.is_true(found.get(registration.REGULATION), absent=opposed[1]),
    )
    call.store.update(reopened, call.now)
    return reopened

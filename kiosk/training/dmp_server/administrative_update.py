"""TD1.3b: change the administrative data of a record that is not attached to Mon espace santé.

The form replaces what it is about: contacts, address, representative. An opposition it does not mention stays, and
so does the birth name, which the form need not repeat.
"""

from dataclasses import replace

from kiosk.training.dmp_server import access, form, hl7, registration
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import ATTACHED_TO_MES, Refusal
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element


def answer(call: Call) -> Element:
    """Raises `Refusal` when there is no open record, when it is attached, or when the form is wrong."""
    return registration.answer(call, _update)


def _update(call: Call, _request: hl7.Interaction, requested: Element) -> StoredRecord:
    record = access.managed_record(call)
    if record.attached_to_mes:
        raise Refusal(ATTACHED_TO_MES, "Ce DMP est rattaché à Mon espace santé.")
    patient = registration.patient_of(requested, "active")
    sent = form.person(registration.person_of(patient), birth_name=record.person.birth_name)
    found = registration.observations(patient)
    opposed = record.opposed_to_break_glass, record.opposed_to_regulation
    changed = replace(
        record,
        person=replace(
            sent,
            deceased=record.person.deceased,
            birth_country=sent.birth_country or record.person.birth_country,
        ),
        opposed_to_break_glass=form.is_true(found.get(registration.BREAK_GLASS), absent=opposed[0]),
        opposed_to_regulation=form.is_true(found.get(registration.REGULATION), absent=opposed[1]),
    )
    call.store.update(changed, call.now)
    return changed

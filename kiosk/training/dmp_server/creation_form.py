"""The content of a creation request: what must be there, what may be there, and what is kept."""

import re
from datetime import datetime

from kiosk.training.dmp_server import form, hl7, names, registration
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all

_CONSENT = "CONSENTEMENT_OUVERTURE_DMP"


def read(requested: Element, ins_c: str, now: datetime) -> StoredRecord:
    """The record to create. Raises `Refusal` naming the first part that is missing or wrong."""
    patient = registration.patient_of(requested, "active")
    person = registration.person_of(patient)
    hl7.check_order(person)
    _check_vitale(person)
    found = registration.observations(patient)
    return StoredRecord(
        ins_c,
        form.person(person),
        consent_at=registration.consent(found.get(_CONSENT), "l'ouverture de son DMP", now),
        opposed_to_break_glass=form.is_true(found.get(registration.BREAK_GLASS)),
        opposed_to_regulation=form.is_true(found.get(registration.REGULATION)),
    )


def _check_vitale(person: Element) -> None:
    """The traits read on the Vitale card, never corrected: one contact party, with or without a telecom."""
    parties = [
        party
        for party in find_all(person, HL7, "contactParty")
        if attribute(find(party, HL7, "code"), "code") == "CARTE_SESAM_VITALE"
        and attribute(find(party, HL7, "code"), "codeSystem") == names.CONTACT_PARTIES
    ]
    if len(parties) != 1:
        form.refuse("les données de la carte Vitale")
    hl7.check_order(parties[0])
    card = find(parties[0], HL7, "contactPerson")
    if not re.fullmatch("[0-9]{6}", attribute(find(card, HL7, "birthTime"), "value")):
        form.refuse("la date de naissance lue sur la carte Vitale")
    if not hl7.name_part(find(card, HL7, "name"), "family"):
        form.refuse("le nom lu sur la carte Vitale")

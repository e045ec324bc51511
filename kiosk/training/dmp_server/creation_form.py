"""The content of a creation request: what must be there, what may be there, and what is kept."""

import re
from datetime import datetime, timedelta
from typing import NoReturn

from kiosk.training.dmp_server import hl7, names
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import INVALID_DATA, Refusal
from kiosk.training.dmp_server.records import Person, StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, is_a

_CONSENT = "CONSENTEMENT_OUVERTURE_DMP"
_BREAK_GLASS = "OPPOSITION_BRIS_DE_GLACE"
_REGULATION = "OPPOSITION_ACCES_URGENCE"
_RELATIONS = (
    *("FTH", "MTH", "STPFTH", "STPMTH", "GRFTH", "GRMTH", "GGRFTH", "GGRMTH"),
    *("AUNT", "UNCLE", "BRO", "SIS", "RESPRSN"),
)
_CIVILITY, _SURNAME, _GIVEN = 5, 80, 60
"""Longest values, in characters."""
# The kit's samples put the know-how system there, the guide the author speciality one: both are taken.
_AUTHOR_CODE_SYSTEMS = (names.AUTHOR_SPECIALTIES, names.AUTHOR_ROLES, names.KNOW_HOW)
_FUTURE = timedelta(minutes=5)


def read(registration: Element, ins_c: str, now: datetime) -> StoredRecord:
    """The record to create. Raises `Refusal` naming the first part that is missing or wrong."""
    patient = _required(find(registration, HL7, "subject1/patient"), "le patient")
    hl7.check_order(patient)
    if attribute(find(patient, HL7, "statusCode"), "code") != "active":
        _refuse("l'état demandé du dossier")
    person = _required(find(patient, HL7, "patientPerson"), "l'identité du patient")
    hl7.check_order(person)
    _check_vitale(person)
    _check_representative(person)
    observations = _observations(patient)
    return StoredRecord(
        ins_c,
        _person(person),
        consent_at=_consent(observations.get(_CONSENT), now),
        opposed_to_break_glass=_is_true(observations.get(_BREAK_GLASS)),
        opposed_to_regulation=_is_true(observations.get(_REGULATION)),
    )


def check_author(registration: Element, caller: Caller) -> None:
    """The author is the caller, in the structure of the VIHF, and has a name. Raises `Refusal`."""
    author = _required(find(registration, HL7, "author/assignedEntity"), "l'auteur")
    hl7.check_order(author)
    identifier = find(author, HL7, "id")
    organisation = find(author, HL7, "representedOrganization/id")
    name = find(author, HL7, "assignedPerson/name")
    code = find(author, HL7, "code")
    if (attribute(identifier, "root"), attribute(identifier, "extension")) != (
        names.PROFESSIONALS,
        caller.holder.national_id,
    ):
        _refuse("l'auteur : ce n'est pas l'utilisateur du VIHF")
    if (attribute(organisation, "root"), attribute(organisation, "extension")) != (
        names.STRUCTURES,
        caller.vihf.structure_id,
    ):
        _refuse("la structure de l'auteur : ce n'est pas celle du VIHF")
    if not hl7.name_part(name, "family") or not hl7.name_part(name, "given"):
        _refuse("le nom de l'auteur")
    if not attribute(code, "code") or attribute(code, "codeSystem") not in _AUTHOR_CODE_SYSTEMS:
        _refuse("la profession de l'auteur")


def _person(person: Element) -> Person:
    name = find(person, HL7, "name")
    sex = attribute(find(person, HL7, "administrativeGenderCode"), "code")
    birth_date = attribute(find(person, HL7, "birthTime"), "value")
    if sex not in ("M", "F", "U"):
        _refuse("le sexe du patient")
    if not re.fullmatch("[0-9]{8}", birth_date):
        _refuse("la date de naissance du patient")
    birth_name = _short(hl7.name_part(name, "family", "BR"), _SURNAME, "le nom de naissance du patient")
    given_name = _short(hl7.name_part(name, "given"), _GIVEN, "le prénom du patient")
    if not birth_name or not given_name:
        _refuse("les noms du patient")
    return Person(
        civility=_short(hl7.name_part(name, "prefix"), _CIVILITY, "la civilité du patient"),
        usual_name=_short(hl7.name_part(name, "family", "SP"), _SURNAME, "le nom d'usage du patient"),
        birth_name=birth_name,
        given_name=given_name,
        birth_date=birth_date,
        sex=sex,
        telecoms=_telecoms(person),
    )


def _telecoms(person: Element) -> tuple[tuple[str, str], ...]:
    found = [(attribute(one, "use"), attribute(one, "value")) for one in find_all(person, HL7, "telecom")]
    for _, value in found:
        if value and not value.startswith(("tel:", "mailto:")):
            _refuse("un moyen de contact du patient")
    return tuple(telecom for telecom in found if telecom[1])


def _check_vitale(person: Element) -> None:
    """The traits read on the Vitale card, never corrected: one contact party, with or without a telecom."""
    parties = [
        party
        for party in find_all(person, HL7, "contactParty")
        if attribute(find(party, HL7, "code"), "code") == "CARTE_SESAM_VITALE"
        and attribute(find(party, HL7, "code"), "codeSystem") == names.CONTACT_PARTIES
    ]
    if len(parties) != 1:
        _refuse("les données de la carte Vitale")
    hl7.check_order(parties[0])
    card = find(parties[0], HL7, "contactPerson")
    if not re.fullmatch("[0-9]{6}", attribute(find(card, HL7, "birthTime"), "value")):
        _refuse("la date de naissance lue sur la carte Vitale")
    if not hl7.name_part(find(card, HL7, "name"), "family"):
        _refuse("le nom lu sur la carte Vitale")


def _check_representative(person: Element) -> None:
    for relation in find_all(person, HL7, "personalRelationship"):
        code = find(relation, HL7, "code")
        name = find(relation, HL7, "relationshipHolder1/name")
        if (
            attribute(code, "codeSystem") != names.RELATIONSHIPS
            or attribute(code, "code") not in _RELATIONS
            or not hl7.name_part(name, "family")
        ):
            _refuse("le représentant légal")


def _observations(patient: Element) -> dict[str, Element]:
    found: dict[str, Element] = {}
    for observation in find_all(patient, HL7, "subjectOf/administrativeObservation"):
        hl7.check_order(observation)
        code = find(observation, HL7, "code")
        if attribute(code, "codeSystem") != names.OBSERVATIONS or attribute(code, "code") in found:
            _refuse("une observation administrative")
        found[attribute(code, "code")] = observation
    return found


def _consent(observation: Element | None, now: datetime) -> str:
    """When the patient consented: a creation without it, or with one of tomorrow, is refused."""
    given_at = attribute(find(observation, HL7, "effectiveTime"), "value")
    if not _is_true(observation):
        _refuse("le consentement du patient à l'ouverture de son DMP")
    try:
        moment = datetime.strptime(f"{given_at}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        _refuse("la date du consentement")
    if not hl7.TIMESTAMP.fullmatch(given_at) or moment > now + _FUTURE:
        _refuse("la date du consentement")
    return given_at


def _is_true(observation: Element | None) -> bool:
    """A `BL` observation; an absent one is false."""
    if observation is None:
        return False
    value = find(observation, HL7, "value")
    if value is None or not is_a(value, "BL") or attribute(value, "value") not in ("true", "false"):
        _refuse("la valeur d'une observation administrative")
    return attribute(value, "value") == "true"


def _short(value: str, limit: int, what: str) -> str:
    if len(value) > limit:
        _refuse(what)
    return value


def _required(part: Element | None, what: str) -> Element:
    if part is None:
        _refuse(what)
    return part


def _refuse(what: str) -> NoReturn:
    raise Refusal(INVALID_DATA, f"Donnée absente ou incorrecte : {what}.")

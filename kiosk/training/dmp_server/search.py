"""TD0.5: find a patient without his identifier, PRPA_IN201305UV02 → PRPA_IN201306UV02 (edition of 2008).

Closed records, those of patients opposed to regulation, and those without a usable NIR are never found. The
patient of the VIHF plays no part.
"""

import difflib
import re
import unicodedata
from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server import form, hl7, names, patient_query, registration_event
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.hl7 import hl7 as h
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import TOO_MANY_RESULTS, Refusal, invalid_message
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, text

REQUEST = "PRPA_IN201305UV02"
ANSWER = "PRPA_IN201306UV02"
_TRIGGER = "PRPA_TE201305UV02"
_MOST = 10  # [likely]
_SHORTEST_NAME = 2
_ALIKE = 0.75
"""How near an approximate word must come, as difflib measures."""
_SEMANTICS = {
    "livingSubjectAdministrativeGender": "LivingSubject.administrativeGender",
    "livingSubjectBirthTime": "LivingSubject.birthTime",
    "livingSubjectName": "LivingSubject.name",
    "patientAddress": "LivingSubject.addr",
}


@dataclass(frozen=True)
class Criteria:
    """What is looked for; what is empty is not asked. Words are plain capitals."""

    sex: str
    birth_date: str
    family_name: str
    given_name: str
    about: bool
    """Names may be approximate."""
    postal_code: str
    city: str
    about_city: bool


def answer(call: Call) -> Element:
    """At most ten candidates, the nearest first. Raises `Fault` or `Refusal`."""
    request = hl7.read(call.payload)
    query = patient_query.parameters(request)
    criteria = _criteria(query)
    found = [(score, record) for record in call.store.all_records() if (score := _score(criteria, record))]
    if len(found) > _MOST:
        raise Refusal(TOO_MANY_RESULTS, "La recherche ramène trop de patients : précisez-la.")
    found.sort(key=lambda pair: (-pair[0], pair[1].ins_c))
    totals = (
        h("resultTotalQuantity", value=str(len(found))),
        h("resultCurrentQuantity", value=str(len(found))),
        h("resultRemainingQuantity", value="0"),
    )
    return hl7.answer(
        request,
        ANSWER,
        call.now,
        _trigger(),
        *(_candidate(record, score) for score, record in found),
        *patient_query.end(query, "OK" if found else "NF", *totals),
        of_2008=True,
    )


def refuse(payload: Element, refusal: Refusal, now: datetime) -> Element:
    """The same interaction, acknowledged `AE`."""
    request = hl7.read(payload)
    end = patient_query.end(patient_query.parameters(request), "AE")
    return hl7.answer(request, ANSWER, now, _trigger(), *end, refusal=refusal, of_2008=True)


def _criteria(query: Element) -> Criteria:
    asked = find(query, HL7, "parameterList")
    if asked is None:
        raise invalid_message("La recherche ne porte pas de paramètres.")
    hl7.check_order(asked)
    values: dict[str, Element] = {}
    for tag, semantics in _SEMANTICS.items():
        found = find_all(asked, HL7, tag)
        if not found:
            continue
        value = find(found[0], HL7, "value")
        if len(found) > 1 or value is None or text(find(found[0], HL7, "semanticsText")) != semantics:
            raise invalid_message(f"Le paramètre {tag} de la recherche n'est pas conforme.")
        values[tag] = value
    name, place = values.get("livingSubjectName"), values.get("patientAddress")
    criteria = Criteria(
        attribute(values.get("livingSubjectAdministrativeGender"), "code"),
        attribute(values.get("livingSubjectBirthTime"), "value"),
        _plain(text(find(name, HL7, "family"))),
        _plain(text(find(name, HL7, "given"))),
        attribute(name, "use") == "SRCH",
        text(find(place, HL7, "postalCode")),
        _plain(text(find(place, HL7, "city"))),
        attribute(place, "use") == "SRCH",
    )
    if criteria.family_name and len(criteria.family_name) < _SHORTEST_NAME:
        form.refuse("le nom recherché, trop court")
    if not (criteria.family_name or criteria.given_name or criteria.birth_date or criteria.city):
        form.refuse("les critères de la recherche")
    return criteria


def _score(criteria: Criteria, record: StoredRecord) -> int:
    """Percentage of likeness, 0 when it does not fit or may not be found."""
    person = record.person
    if record.state != "active" or record.opposed_to_regulation or not record.nir:
        return 0
    exact = (
        (criteria.sex, person.sex),
        (criteria.birth_date, person.birth_date),
        (criteria.postal_code, person.address.postal_code),
    )
    if any(wanted and wanted != value for wanted, value in exact):
        return 0
    families = max(
        _likeness(criteria.family_name, person.usual_name, about=criteria.about),
        _likeness(criteria.family_name, person.birth_name, about=criteria.about),
    )
    parts = (
        families,
        _likeness(criteria.given_name, person.given_name, about=criteria.about),
        _likeness(criteria.city, person.address.city, about=criteria.about_city),
    )
    return round(100 * min(parts))


def _likeness(wanted: str, value: str, *, about: bool) -> float:
    """From 0 to 1; what is not asked for fits."""
    known = _plain(value)
    if not wanted or wanted == known:
        return 1
    if not about or not known:
        return 0
    if known.startswith(wanted):
        return 0.9
    ratio = difflib.SequenceMatcher(None, wanted, known).ratio()
    return ratio if ratio >= _ALIKE else 0


def _plain(words: str) -> str:
    """Capitals without accents, hyphens or apostrophes."""
    bare = unicodedata.normalize("NFD", words.replace("Œ", "OE").replace("œ", "oe").upper())
    return re.sub("[^A-Z0-9]+", " ", "".join(c for c in bare if not unicodedata.combining(c))).strip()


def _trigger() -> Element:
    return h("code", code=_TRIGGER, codeSystem=names.INTERACTIONS)


def _candidate(record: StoredRecord, score: int) -> Element:
    person = h(
        "patientPerson",
        registration_event.name(record.person),
        h("administrativeGenderCode", code=record.person.sex, codeSystem=names.GENDERS),
        h("birthTime", value=record.person.birth_date),
        registration_event.address(record.person.address),
        classCode="PSN",
        determinerCode="INSTANCE",
    )
    match = h(
        "subjectOf1",
        h(
            "queryMatchObservation",
            h("code", code="POURCENTAGE"),
            h("value", type_="INT", value=str(score)),
            classCode="OBS",
            moodCode="EVN",
        ),
    )
    opposition = hl7.observation("OPPOSITION_ACCES_URGENCE", names.OBSERVATIONS, record.opposed_to_regulation)
    opposition.tag = f"{{{HL7}}}subjectOf2"
    return registration_event.subject(record, person, match, opposition)

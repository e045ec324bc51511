"""TD0.5, search without identifier (PDQ, PRPA_IN201305UV02): for regulation centres alone."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7, person
from kiosk.dmp.listing import FoundPatient, RegulationSearch, SearchResult
from kiosk.dmp.model import PatientId
from kiosk.dmp.profile import ServiceProfile
from kiosk.dmp.xml import HL7, group, node, text_node
from kiosk.errors import AnswerUnreadable

TRANSACTION: Final = "TD0.5"
PATH: Final = "/patientsPDQ"
ACTION: Final = "urn:hl7-org:v3:PRPA_IN201305UV02"

_QUERY = "PRPA_IN201305UV02"
_ANSWER = f"{{{HL7}}}PRPA_IN201306UV02"
_ACT = "h:controlActProcess"


def request(search: RegulationSearch, frame: hl7.Frame) -> bytes:
    """The body of the request; the parameters in the order of the message, those left empty not at all."""
    name = group(
        "value",
        text_node("family", search.family_name),
        text_node("given", search.given_name),
        use="SRCH" if search.approximate_name else "",
    )
    address = group(
        "value",
        text_node("postalCode", search.postal_code),
        text_node("city", search.city),
        use="SRCH" if search.approximate_city else "",
    )
    parameters = (
        _parameter(
            "livingSubjectAdministrativeGender",
            node("value", code=search.sex) if search.sex else None,
            "LivingSubject.administrativeGender",
        ),
        _parameter(
            "livingSubjectBirthTime",
            node("value", value=search.birth_date) if search.birth_date else None,
            "LivingSubject.birthTime",
        ),
        _parameter("livingSubjectName", name, "LivingSubject.name"),
        _parameter("patientAddress", address, "LivingSubject.addr"),
    )
    return hl7.message(
        _QUERY,
        node("code", code="PRPA_TE201305UV02", codeSystem=hl7.INTERACTIONS),
        hl7.query(frame, *parameters),
        frame=frame,
    )


def result(answer: etree._Element, profile: ServiceProfile, frame: hl7.Frame) -> SearchResult:
    """The candidates that `profile` can open; none is no error.

    Raises `Refused` (`DMPTooManyResult`: refine) or `AnswerUnreadable`.
    """
    if answer.tag != _ANSWER:
        raise AnswerUnreadable(detail="not the answer to a search")
    hl7.check_correlation(answer, frame)
    hl7.check_acknowledged(answer)
    if hl7.query_response(answer) not in {"OK", "NF", ""}:
        raise AnswerUnreadable(detail="a search that neither found nor found nothing")
    candidates = (_candidate(subject, profile) for subject in hl7.find(answer, f"{_ACT}/h:subject"))
    remaining = hl7.value(answer, f"{_ACT}/h:queryAck/h:resultRemainingQuantity/@value")
    return SearchResult(
        patients=tuple(candidate for candidate in candidates if candidate is not None),
        remaining=_integer(remaining) or 0,
    )


def _parameter(name: str, value: etree._Element | None, semantics: str) -> etree._Element | None:
    return node(name, value, node("semanticsText", semantics)) if value is not None else None


def _candidate(subject: etree._Element, profile: ServiceProfile) -> FoundPatient | None:
    """One subject; `None` without an identifier of this service: such a record opens nowhere (0.5-510)."""
    patients = hl7.find(subject, "h:registrationEvent/h:subject1/h:patient")
    if len(patients) != 1:
        raise AnswerUnreadable(detail=f"{len(patients)} patients in a candidate")
    (patient,) = patients
    identifiers = [
        PatientId(root, extension)
        for one in hl7.find(patient, "h:id")
        if (extension := one.get("extension")) and profile.accepts(root := one.get("root") or "")
    ]
    if not identifiers:
        return None
    people = hl7.find(patient, "h:patientPerson")
    who = people[0] if people else node("patientPerson")
    traits, address = person.read_traits(who), person.read_address(who)
    likeness = "descendant::h:queryMatchObservation[h:code/@code='POURCENTAGE']/h:value/@value"
    return FoundPatient(
        patient=identifiers[0],
        usual_name=traits.usual_name,
        birth_name=traits.birth_name,
        given_name=traits.given_name,
        birth_date=traits.birth_date,
        sex=traits.sex,
        city=address.city,
        postal_code=address.postal_code,
        likeness=_integer(hl7.value(subject, likeness)),
    )


def _integer(value: str) -> int | None:
    """An HL7 INT of a reasonable size; `None` when it is none."""
    return int(value) if value.isascii() and value.isdigit() and len(value) <= 9 else None

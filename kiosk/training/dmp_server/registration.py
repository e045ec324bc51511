"""What every request about a registration shares: TD1.1, TD1.2, TD1.3b and TD1.4.

The last three are one interaction, PRPA_IN201314UV02 → 201315 (accepted) or 201316 (refused), told apart by the
reason of the control act; `answer` and `refuse` are theirs.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from kiosk.training.dmp_server import form, hl7, names, registration_event
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.names import GDP, HL7
from kiosk.training.dmp_server.outcomes import Refusal, invalid_message
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.xml import Element, attribute, element, find, find_all

REQUEST = "PRPA_IN201314UV02"
BREAK_GLASS = "OPPOSITION_BRIS_DE_GLACE"
REGULATION = "OPPOSITION_ACCES_URGENCE"
_ACCEPTED = "PRPA_IN201315UV02"
_REFUSED = "PRPA_IN201316UV02"
# The kit's samples put the know-how system there, the guide the author speciality one: both are taken.
_AUTHOR_CODE_SYSTEMS = (names.AUTHOR_SPECIALTIES, names.AUTHOR_ROLES, names.KNOW_HOW)
_FUTURE = timedelta(minutes=5)


def requested(request: hl7.Interaction) -> Element:
    """The `registrationRequest`. Raises `Fault`."""
    found = find(request.act, HL7, "subject/registrationRequest")
    if found is None or attribute(find(found, HL7, "statusCode"), "code") != "active":
        raise invalid_message("La demande d'enregistrement n'est pas conforme.")
    hl7.check_order(found)
    return found


def patient_of(registration: Element, state: str) -> Element:
    """The patient of a request, in the state wanted for his record. Raises `Fault` or `Refusal`."""
    patient = form.required(find(registration, HL7, "subject1/patient"), "le patient")
    hl7.check_order(patient)
    if attribute(find(patient, HL7, "statusCode"), "code") != state:
        form.refuse("l'état demandé du dossier")
    return patient


def person_of(patient: Element) -> Element:
    return form.required(find(patient, HL7, "patientPerson"), "l'identité du patient")


def check_names(person: Element) -> None:
    """A request that changes no identity names the patient all the same. Raises `Fault` or `Refusal`."""
    hl7.check_order(person)
    if not hl7.name_part(find(person, HL7, "name"), "family"):
        form.refuse("les noms du patient")


def check_author(registration: Element, caller: Caller) -> None:
    """The author is the caller, in the structure of the VIHF, and has a name. Raises `Fault` or `Refusal`."""
    author = form.required(find(registration, HL7, "author/assignedEntity"), "l'auteur")
    hl7.check_order(author)
    identifier = find(author, HL7, "id")
    organisation = find(author, HL7, "representedOrganization/id")
    name = find(author, HL7, "assignedPerson/name")
    code = find(author, HL7, "code")
    if (attribute(identifier, "root"), attribute(identifier, "extension")) != (
        names.PROFESSIONALS,
        caller.holder.national_id,
    ):
        form.refuse("l'auteur : ce n'est pas l'utilisateur du VIHF")
    if (attribute(organisation, "root"), attribute(organisation, "extension")) != (
        names.STRUCTURES,
        caller.vihf.structure_id,
    ):
        form.refuse("la structure de l'auteur : ce n'est pas celle du VIHF")
    if not hl7.name_part(name, "family") or not hl7.name_part(name, "given"):
        form.refuse("le nom de l'auteur")
    if not attribute(code, "code") or attribute(code, "codeSystem") not in _AUTHOR_CODE_SYSTEMS:
        form.refuse("la profession de l'auteur")


def observations(patient: Element) -> dict[str, Element]:
    """The administrative observations by their code, each at most once. Raises `Fault` or `Refusal`."""
    found: dict[str, Element] = {}
    for observation in find_all(patient, HL7, "subjectOf/administrativeObservation"):
        hl7.check_order(observation)
        code = find(observation, HL7, "code")
        if attribute(code, "codeSystem") != names.OBSERVATIONS or attribute(code, "code") in found:
            form.refuse("une observation administrative")
        found[attribute(code, "code")] = observation
    return found


def consent(observation: Element | None, what: str, now: datetime) -> str:
    """When the patient consented: a request without it, or with one of tomorrow, is refused. Raises `Refusal`."""
    given_at = attribute(find(observation, HL7, "effectiveTime"), "value")
    if not form.is_true(observation):
        form.refuse(f"le consentement du patient à {what}")
    try:
        moment = datetime.strptime(f"{given_at}+0000", "%Y%m%d%H%M%S%z")
    except ValueError:
        form.refuse("la date du consentement")
    if not hl7.TIMESTAMP.fullmatch(given_at) or moment > now + _FUTURE:
        form.refuse("la date du consentement")
    return given_at


def answer(call: Call, change: Callable[[Call, hl7.Interaction, Element], StoredRecord]) -> Element:
    """Carry out one request of the shared interaction: `change` keeps the new record and gives it back."""
    request = hl7.read(call.payload)
    registration = requested(request)
    call.require_same_patient(find(registration, HL7, "subject1/patient/id"))
    check_author(registration, call.caller)
    record = change(call, request, registration)
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

"""TD1.3a: the management data of a record. Today mainly for the two oppositions (EX_1.3-1020)."""

from typing import Final

from lxml import etree

from kiosk.dmp import faults, hl7, person, record
from kiosk.dmp.management import AdministrativeData
from kiosk.dmp.model import PatientId
from kiosk.errors import AnswerUnreadable

TRANSACTION: Final = "TD1.3a"


def request(patient: PatientId, frame: hl7.Frame) -> bytes:
    """The body of the request."""
    reason = hl7.reason("CNSLT_DATA", "Consultation des données de gestion de dossier")
    return record.request(reason, patient, frame)


def data(answer: etree._Element, patient: PatientId, frame: hl7.Frame) -> AdministrativeData:
    """What the answer says; what is missing is empty or `None`.

    Raises `Refused` (ack AE, or `NF`: no record) or `AnswerUnreadable`.
    """
    event = record.event(answer, patient, frame)
    if event is None:
        raise faults.refusal("NF", "")
    subject = record.subject(event)
    people = hl7.find(subject, "h:patientPerson")
    if len(people) != 1:
        raise AnswerUnreadable(detail=f"{len(people)} persons in a record")
    who = people[0]
    traits = person.read_traits(who)
    phone, mobile, email = person.read_telecoms(who)
    return AdministrativeData(
        civility=hl7.value(who, "h:name/h:prefix"),
        usual_name=traits.usual_name,
        birth_name=traits.birth_name,
        given_name=traits.given_name,
        birth_date=traits.birth_date,
        sex=traits.sex,
        birth_country=hl7.value(who, "h:birthPlace/h:addr/h:country"),
        address=person.read_address(who),
        email=email,
        phone=phone,
        mobile=mobile,
        representative=person.read_representative(who),
        opposed_to_break_glass=record.observation(subject, "OPPOSITION_BRIS_DE_GLACE"),
        opposed_to_regulation=record.observation(subject, "OPPOSITION_ACCES_URGENCE"),
        deceased=hl7.boolean(who, "h:deceasedInd/@value"),
        internet_account=record.observation(subject, "COMPTE_INTERNET_OUVERT"),
        attached_to_mes=record.observation(subject, "RATTACHEMENT_ENS"),
    )

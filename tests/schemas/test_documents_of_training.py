"""The documents users train on: every CDA but the one that is meant to be none."""

import pytest
from meeting import BY_NIR, patient
from schemas.official import cda_complaints

from kiosk.training.documents import catalogue
from kiosk.training.documents.draft import Draft, patient_of
from kiosk.training.people import VITALES, Insured

PEOPLE = [person for vitale in VITALES for person in vitale.people if person.nir13 in BY_NIR]
NO_XML = {
    "Bombe XML",
    "Entité externe",
    "Document vide",
    "Document tronqué",
    "Ceci n'est pas un CDA",
    "Page HTML",
}
WITHOUT_BODY = "CDA sans corps"


def documents(person: Insured) -> list[Draft]:
    made = catalogue.documents_of(patient(person.given_name).extension, person)
    return [one for one in made if one.title not in NO_XML and one.mime_type != "application/dicom"]


@pytest.mark.parametrize("person", PEOPLE, ids=lambda person: person.given_name)
def test_documents_of_each_member_of_the_cast(person: Insured) -> None:
    wrong = {one.title for one in documents(person) if cda_complaints(one.content)}
    assert wrong <= {WITHOUT_BODY}


def test_documents_in_bulk() -> None:
    insured = PEOPLE[0]
    made = list(catalogue.bulk(patient_of(patient(insured.given_name).extension, insured), 1, 50))
    assert len(made) == 50
    assert [one.title for one in made if cda_complaints(one.content)] == []


def test_the_document_without_a_body_is_what_the_schema_does_not_take() -> None:
    (one,) = [one for person in PEOPLE for one in documents(person) if one.title == WITHOUT_BODY]
    assert cda_complaints(one.content) != []

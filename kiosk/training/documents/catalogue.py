"""Who has which documents."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from kiosk.training.documents import followed, kinds, ordinary, rare, ugly
from kiosk.training.documents.authors import DA_COSTA, GIRAUD, LEFEVRE, NOVAK, O_BRIEN
from kiosk.training.documents.desk import Desk
from kiosk.training.documents.draft import Draft, Patient, patient_of
from kiosk.training.people import Insured

_BULK_KINDS = (kinds.CONSULTATION, kinds.PRESCRIPTION, kinds.IMAGING, kinds.NURSING, kinds.DISPENSATION)
_BULK_AUTHORS = (GIRAUD, O_BRIEN, DA_COSTA, LEFEVRE, NOVAK)
_BULK_BATCH = 20
_BULK_START = datetime(1995, 1, 2, 8, tzinfo=UTC)


def documents_of(ins_c: str, insured: Insured) -> Iterator[Draft]:
    """The documents of one member of the cast, in the order they were deposited."""
    desk = Desk(patient_of(ins_c, insured))
    if insured.nir13 != followed.NIR13:
        born = insured.birth_date
        yield from (one for one in ordinary.documents(desk) if f"{one.written:%Y%m%d}" > born)
        yield from rare.of_child(desk)
        if insured.nir13 == rare.HOSPITAL_NIR13:
            yield from rare.documents(desk)
        return
    yield from followed.documents(desk)
    yield from ugly.documents(desk)


def bulk(patient: Patient, first: int, count: int) -> Iterator[Draft]:
    """Many small documents, numbered from `first`, spread over thirty years."""
    desk = Desk(patient)
    for number in range(first, first + count):
        written = _BULK_START + timedelta(hours=26 * (number % 10_000))
        turn = number % len(_BULK_KINDS)
        letter = desk.letter(
            f"masse-{number}", f"Document {number:05d} : {_BULK_KINDS[turn].type_label.lower()}", _BULK_KINDS[turn],
            _BULK_AUTHORS[turn], written, ["Rien à signaler."],
        )  # fmt: skip
        yield replace(letter, batch=f"masse-{first}-{(number - first) // _BULK_BATCH}")

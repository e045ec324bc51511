"""What the DMP keeps of a patient."""

import json
from dataclasses import asdict, dataclass, replace

from kiosk.training.dmp_server import identifiers
from kiosk.training.people import NEIGHBOURS, VITALES, Insured, Record


@dataclass(frozen=True)
class Address:
    """Any part may be empty."""

    street: str = ""
    locator: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class Representative:
    """Who speaks for a minor or for an adult under guardianship."""

    relation: str
    """HL7 code: FTH, MTH, RESPRSN…"""
    civility: str
    family_name: str
    given_name: str
    telecoms: tuple[tuple[str, str], ...] = ()
    address: Address = Address()


@dataclass(frozen=True)
class Person:
    """Administrative identity, as the professional who created the record gave it."""

    civility: str
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD, lunar allowed."""
    sex: str
    """M, F or U."""
    telecoms: tuple[tuple[str, str], ...] = ()
    """(HL7 use, `tel:` or `mailto:` URL); the use may be empty."""
    address: Address = Address()
    birth_country: str = ""
    deceased: bool = False
    representative: Representative | None = None


@dataclass(frozen=True)
class StoredRecord:
    """One DMP."""

    ins_c: str
    person: Person
    nir: str = ""
    """Fifteen characters; empty when the record was created with the INS-C alone."""
    state: str = "active"
    """`active` or `terminated`."""
    closed_at: str = ""
    """UTC, YYYYMMDDhhmmss."""
    closing_reason: str = ""
    attached_to_mes: bool = False
    consent_at: str = ""
    """UTC, YYYYMMDDhhmmss; empty for the records of the cast."""
    opposed_to_break_glass: bool = False
    opposed_to_regulation: bool = False
    last_document_at: str = ""
    """UTC, YYYYMMDDhhmmss, when a document was last added."""
    updated_at: str = ""
    """The same, when anything of the record last changed."""


def to_json(record: StoredRecord) -> str:
    return json.dumps(asdict(record))


def from_json(text: str) -> StoredRecord:
    values = json.loads(text)
    person = values.pop("person")
    spokesman = person.pop("representative")
    if spokesman:
        spokesman = Representative(**spokesman | _contact(spokesman))
    return StoredRecord(**values, person=Person(**person | _contact(person), representative=spokesman))


def insured_with(nir13: str) -> Insured:
    """The member of the cast with that NIR. Raises `ValueError`."""
    for insured in (*(person for vitale in VITALES for person in vitale.people), *NEIGHBOURS):
        if nir13 and insured.nir13 == nir13:
            return insured
    raise ValueError("nobody of the cast has this nir13")


def ins_c_of(insured: Insured) -> str:
    """The INS-C the service knows a member of the cast by."""
    return identifiers.ins_c(insured.given_name, insured.birth_date[2:], insured.nir13)


def person_of(insured: Insured) -> Person:
    """The identity of a member of the cast; the first digit of a NIR is the sex."""
    sex = {"1": "M", "7": "M", "2": "F", "8": "F"}.get(insured.nir13[:1], "U")
    return Person(
        civility={"M": "M", "F": "Mme"}.get(sex, ""),
        usual_name=insured.usual_name,
        birth_name=insured.birth_name or insured.usual_name,
        given_name=insured.given_name,
        birth_date=insured.birth_date,
        sex=sex,
    )


def record_of(record: Record, insured: Insured) -> StoredRecord:
    """The record of a member of the cast at the start of the day. Raises `ValueError` for a wrong field."""
    try:
        street, postal_code, city = record.address or ("", "", "")
        relation, family_name, given_name = record.representative or ("", "", "")
        person = replace(person_of(insured), **dict(record.traits))  # type: ignore[arg-type]
    except TypeError:
        raise ValueError("traits are fields of a person") from None
    spokesman = Representative(relation, "", family_name, given_name) if relation else None
    address = Address(street, "", postal_code, city, "France") if city else Address()
    return StoredRecord(
        ins_c_of(insured),
        replace(
            person,
            telecoms=record.telecoms,
            address=address,
            deceased=record.deceased,
            representative=spokesman,
        ),
        nir="" if record.ins_c_only else record.nir13 + identifiers.nir_key(record.nir13),
        state=record.state,
        closed_at=record.closed_at,
        closing_reason=record.closing_reason,
        attached_to_mes=record.attached_to_mes,
        opposed_to_break_glass=record.opposed_to_break_glass,
        opposed_to_regulation=record.opposed_to_regulation,
        last_document_at=record.last_document,
        updated_at=record.last_document,
    )


def _contact(values: dict[str, object]) -> dict[str, object]:
    """Telecoms and address as they were before JSON."""
    telecoms, address = values["telecoms"], values["address"]
    assert isinstance(telecoms, list)
    assert isinstance(address, dict)
    return {"telecoms": tuple((use, value) for use, value in telecoms), "address": Address(**address)}

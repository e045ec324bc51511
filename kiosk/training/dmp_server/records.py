"""What the DMP keeps of a patient."""

from dataclasses import dataclass

from kiosk.training.dmp_server import identifiers
from kiosk.training.people import VITALES, Insured


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


def insured_with(nir13: str) -> Insured:
    """The member of the cast with that NIR. Raises `ValueError`."""
    for vitale in VITALES:
        for insured in vitale.people:
            if insured.nir13 == nir13:
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

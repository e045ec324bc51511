"""What a synthetic document is made of, before the registry describes it."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from kiosk.training.people import Insured

_SPACE = uuid.UUID("6f1d5f0e-5a43-4d47-9a57-3d8f1a6f2b10")


@dataclass(frozen=True, repr=False)
class Patient:
    ins_c: str
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD, lunar allowed, may be empty."""
    sex: str
    """M, F or U."""


@dataclass(frozen=True)
class Author:
    national_id: str
    family: str
    given: str
    title: str
    specialty: str
    """J01 code."""
    specialty_label: str
    structure_id: str
    structure_name: str
    sector: str
    """J02 code."""
    setting: str
    """J04 code."""


@dataclass(frozen=True)
class Kind:
    """Type of a document and what follows from it."""

    type_code: str
    type_label: str
    class_code: str
    class_label: str

    @property
    def type_system(self) -> str:
        """LOINC for codes like `11488-4`, the national table for the others."""
        return "2.16.840.1.113883.6.1" if self.type_code[:1].isdigit() else "1.2.250.1.213.1.1.4.12"


@dataclass(frozen=True, repr=False)
class Draft:
    """One document with what the registry needs to know of it."""

    unique_id: str
    title: str
    kind: Kind
    author: Author
    written: datetime
    """UTC."""
    format_code: str
    content: bytes
    mime_type: str = "text/xml"
    restrictions: tuple[str, ...] = ()
    status: str = "approved"
    """`approved`, `deprecated` or `archived`."""
    replaces: str = ""
    """unique id of the version before."""
    appends: str = ""
    """unique id of the document it completes, which stays in force."""
    transforms: str = ""
    """unique id of the document it says in another format."""
    references: tuple[str, ...] = ()
    """What it has in common with others, e.g. an accession number; in CX form."""
    comments: str = ""
    content_hash: str = ""
    """Announced instead of the true one."""
    batch: str = ""
    """Documents of one batch came in one submission."""


def patient_of(ins_c: str, insured: Insured) -> Patient:
    """The first digit of a NIR is the sex."""
    return Patient(
        ins_c=ins_c,
        usual_name=insured.usual_name,
        birth_name=insured.birth_name or insured.usual_name,
        given_name=insured.given_name,
        birth_date=insured.birth_date,
        sex={"1": "M", "7": "M", "2": "F", "8": "F"}.get(insured.nir13[:1], "U"),
    )


def oid(*names: str) -> str:
    """A unique id that always comes out the same for the same names."""
    return f"2.25.{uuid.uuid5(_SPACE, '/'.join(names)).int}"

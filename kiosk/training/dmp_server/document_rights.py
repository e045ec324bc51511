"""Who sees a document and who may change it, once the door of the record is open.

Three filters on top of one another: the type of document against the profession, the visibility codes, and the
authorship. Sources: protocol 4.5 and 6.5, the published matrix of professions and types, authorisations C-13 to C-20.
"""

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kiosk.training.dmp_server.access import AccessRight
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.document_entries import Entry
from kiosk.training.dmp_server.registry_names import (
    CLASS,
    CONFIDENTIALITY,
    HIDDEN,
    SIGNATURE_TYPE,
    TYPE,
)
from kiosk.training.dmp_server.rights import Kind
from kiosk.training.dmp_server.vihf import NORMAL

_TYPES = Path(__file__).with_name("document_types.csv")
_DOCTOR = "10"
_PHARMACIST, _BIOLOGIST = "21", "21-biologiste"
_BIOLOGISTS = ("G", "EG")
_SAME_COLUMN = {"69": "60", "94": "92", "95": "92", "96": "92"} | dict.fromkeys(
    ("81", "82", "83", "84", "85"), "26"
)
_PATIENT_CLASS = "90"
_PATIENT_TYPES = ("DOCPAT", "EXPPAT")


@dataclass(frozen=True)
class DocumentType:
    class_code: str
    """Empty when no published table gives it."""
    professions: frozenset[str]


@cache
def document_types() -> dict[str, DocumentType]:
    """Every type the service knows, by code."""
    with _TYPES.open(encoding="utf-8", newline="") as file:
        return {
            row["type"]: DocumentType(row["class"], frozenset(row["professions"].split()))
            for row in csv.DictReader(file)
        }


def sees(entry: Entry, right: AccessRight, caller: Caller) -> bool:
    """Whether a document exists for somebody who entered the record."""
    if is_author(entry, caller):
        return True  # [unknown] whether the matrix of types also binds an author
    if not _type_allowed(entry, caller):
        return False
    if HIDDEN in entry.facts.bare(CONFIDENTIALITY):
        # Emergency and regulation see what is hidden: those modes exist only where the patient allows them.
        return right.treating_doctor or right.mode != NORMAL
    return True


def is_author(entry: Entry, caller: Caller) -> bool:
    """A professional by his identifier, the holder of a CPE by the structure."""
    if caller.is_cpe:
        return caller.vihf.structure_id in entry.facts.institutions
    return caller.holder.national_id in entry.facts.owners


def by_patient(entry: Entry) -> bool:
    """Whether the patient deposited it."""
    return _PATIENT_CLASS in entry.facts.bare(CLASS) or any(
        code.startswith(_PATIENT_TYPES) for code in entry.facts.bare(TYPE)
    )


def is_signature(entry: Entry) -> bool:
    return SIGNATURE_TYPE in entry.facts.bare(TYPE)


def may_unhide(entry: Entry, right: AccessRight, caller: Caller) -> bool:
    """TD3.3a, to show again. Anybody who may hide may hide any document: `rights` says who."""
    return right.treating_doctor or is_author(entry, caller)


def may_archive(entry: Entry, right: AccessRight, caller: Caller) -> bool:
    """TD3.3d. The tables disagree on a doctor's right over other people's documents (C-19): the widest holds."""
    if by_patient(entry):
        return right.treating_doctor
    return right.treating_doctor or right.kind is Kind.DOCTOR or is_author(entry, caller)


def may_delete(entry: Entry, caller: Caller, *, treating_doctor: bool) -> bool:
    """TD3.3c: its author, in every mode; the treating doctor besides, in normal mode (C-20)."""
    if by_patient(entry):
        return treating_doctor and caller.vihf.purpose == NORMAL
    return is_author(entry, caller) or (treating_doctor and caller.vihf.purpose == NORMAL)


def _type_allowed(entry: Entry, caller: Caller) -> bool:
    column = _column(caller)
    known = document_types()
    # [unknown] who reads a type the matrix does not list: doctors, as for the least shared types.
    return all(
        column in known[code].professions if code in known else column == _DOCTOR
        for code in entry.facts.bare(TYPE)
    )


def _column(caller: Caller) -> str:
    profession = caller.holder.profession
    if profession == _PHARMACIST:
        roles = caller.vihf.roles
        speciality = roles[1].code if len(roles) > 1 else ""
        return _BIOLOGIST if speciality in _BIOLOGISTS else _PHARMACIST
    return _SAME_COLUMN.get(profession, profession)

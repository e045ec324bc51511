"""The nomenclatures of documents, kept as data in `kiosk/data` (EX_GEN-1360).

Source: NOS value sets J02, J04, J07, J08 and J60 of the ANS (`document_codes.csv`), J01 (`author_specialities.csv`).
A code that is not in them is kept and shown as it came.
"""

import csv
from enum import Enum
from functools import cache
from importlib.resources import files

from kiosk.code import Code


class CodeSet(Enum):
    """One list of the file."""

    CLASS = "class"
    TYPE = "type"
    FORMAT = "format"
    CONFIDENTIALITY = "confidentiality"
    PRACTICE = "practice"
    """Cadre d'exercice (practiceSettingCode)."""
    FACILITY = "facility"
    """Sector of activity of the structure (healthcareFacilityTypeCode)."""


def codes(which: CodeSet) -> tuple[Code, ...]:
    """Every code of a list, in the order of the nomenclature."""
    return tuple(_sets()[which].values())


def known(which: CodeSet, code: str) -> Code | None:
    """The code of that list, with its system and label."""
    return _sets()[which].get(code)


def labelled(which: CodeSet, code: str, system: str, label: str) -> Code:
    """A code as a server gave it: with the nomenclature's label, else the server's, else itself.

    `Code("", "", "")` when there is none.
    """
    own = known(which, code)
    if own is not None and system in ("", own.system):
        return own
    return Code(code, system, label or code)


def author_code(code: str, system: str) -> Code | None:
    """Who an author is, profession and speciality in one code: what value set J01 holds under it."""
    return _authors().get((code, system))


@cache
def rows(name: str) -> tuple[dict[str, str], ...]:
    """A file of `kiosk/data`, one mapping by row."""
    text = (files("kiosk") / "data" / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(text.splitlines(), delimiter=";"))


@cache
def _authors() -> dict[tuple[str, str], Code]:
    held = (Code(row["code"], row["system"], row["label"]) for row in rows("author_specialities.csv"))
    return {(code.code, code.system): code for code in held}


@cache
def _sets() -> dict[CodeSet, dict[str, Code]]:
    made: dict[CodeSet, dict[str, Code]] = {which: {} for which in CodeSet}
    for row in rows("document_codes.csv"):
        made[CodeSet(row["set"])][row["code"]] = Code(row["code"], row["system"], row["label"])
    return made

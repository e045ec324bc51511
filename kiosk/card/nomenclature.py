"""The nomenclatures a card's codes belong to, kept as data in `kiosk/data/*.csv` (code;system;label).

Professions G15, in training G16; sectors R02 (SAxx); specialities R01 (SMxx…) and the pharmacists' sections G05.
A code that is not in them is kept and shown as it came (REC_GEN-1370). Source: CI-SIS value sets of the ANS.
"""

import csv
import unicodedata
from functools import cache
from importlib.resources import files

from kiosk.code import Code

G15 = "1.2.250.1.71.1.2.7"
"""Professions of health."""
G16 = "1.2.250.1.71.1.2.8"
"""The same, in training: the holder of a CPF."""
R01 = "1.2.250.1.71.4.2.5"
"""Know-how: specialities of doctors, dentists and nurses."""
G05 = "1.2.250.1.71.4.2.6"
"""Sections of the order of pharmacists."""
R02 = "1.2.250.1.71.4.2.4"
"""Sectors of activity."""
A00 = "1.2.250.1.213.1.1.4.6"
"""Roles of people who are not professionals of health."""

DOCTOR = "10"
PHARMACIST = "21"
"""G15, and G16 for those in training."""


def profession(code: str, system: str = G15) -> Code:
    """A profession, or the role of a CPE holder, by its code."""
    return _known("professions.csv").get((system, code), Code(code, system, code))


def professions() -> tuple[Code, ...]:
    """Every profession of health, in the order of the nomenclature."""
    return tuple(code for code in _known("professions.csv").values() if code.system == G15)


def profession_of_title(title: str) -> Code | None:
    """The profession whose label is `title`, as certificates write it (accents and case do not count)."""
    return _professions_by_label().get(_folded(title))


def sector(code: str) -> Code:
    """A sector of activity (SAxx)."""
    return _known("sectors.csv").get((R02, code), Code(code, R02, code))


def sectors() -> tuple[Code, ...]:
    """Every sector of activity, in the order of the nomenclature."""
    return tuple(_known("sectors.csv").values())


def speciality(code: str, profession_code: str) -> Code:
    """A speciality of that profession."""
    system = G05 if profession_code == PHARMACIST else R01
    return _known("specialities.csv").get((system, code), Code(code, system, code))


def is_speciality(code: str, profession_code: str) -> bool:
    """Whether the nomenclature of that profession holds `code`."""
    return (G05 if profession_code == PHARMACIST else R01, code) in _known("specialities.csv")


def specialities(profession_code: str) -> tuple[Code, ...]:
    """What a doctor or a pharmacist may choose from: specialities (R01), or sections of the order (G05).

    R01 also lists diplomas and competences, which go along with a doctor's speciality (SM) and are none.
    """
    known = _known("specialities.csv").values()
    if profession_code == PHARMACIST:
        return tuple(code for code in known if code.system == G05)
    return tuple(code for code in known if code.system == R01 and code.code.startswith("SM"))


@cache
def _known(name: str) -> dict[tuple[str, str], Code]:
    text = (files("kiosk") / "data" / name).read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    codes = [Code(row["code"], row["system"], row["label"]) for row in rows]
    return {(code.system, code.code): code for code in codes}


@cache
def _professions_by_label() -> dict[str, Code]:
    return {_folded(code.label): code for code in _known("professions.csv").values()}


def _folded(label: str) -> str:
    letters = unicodedata.normalize("NFKD", label).casefold()
    return "".join(letter for letter in letters if letter.isalnum())

"""Who reads which type of document: the public matrix of habilitations, applied by the server.

The kiosk asks it offline, to explain a refusal and to answer « qui verra ce document ? »; it never refuses in
the server's place. Data: `habilitations.csv` (a type, its class, groups of readers) and `habilitation_groups.csv`.
"""

from dataclasses import dataclass
from functools import cache

from kiosk.code import Code
from kiosk.dmp.nomenclature import CodeSet, known, rows

_PHARMACIST = "21"
_BIOLOGIST = "21-bio"
_BIOLOGIST_SECTIONS = ("G", "EG")
"""Sections of the order of pharmacists: medical biologists, and the same overseas."""
_PROFESSION_SYSTEMS = ("1.2.250.1.71.1.2.7", "1.2.250.1.71.1.2.8")  # G15, and G16 in training


@dataclass(frozen=True)
class Readers:
    """Who may read a type of document, as the matrix groups people."""

    groups: tuple[str, ...]
    """In the words of the screens: `médecins`, `infirmiers`…"""
    others: tuple[str, ...]
    """The groups who may not."""


def may_read(document_type: Code, profession: Code, speciality: Code | None = None) -> bool | None:
    """Whether a profession may read a type; `None` when the matrix does not say (unknown type or profession)."""
    readers = _readers().get(document_type.code)
    group = _group(profession, speciality)
    return None if readers is None or group is None else group in readers


def readers_of(document_type: Code) -> Readers | None:
    """Answers « qui verra ce document ? »; `None` for a type that the matrix does not hold."""
    readers = _readers().get(document_type.code)
    if readers is None:
        return None
    labels = {row["group"]: row["label"] for row in rows("habilitation_groups.csv")}
    return Readers(
        groups=tuple(label for group, label in labels.items() if group in readers),
        others=tuple(label for group, label in labels.items() if group not in readers),
    )


def readable_types(profession: Code, speciality: Code | None = None) -> tuple[Code, ...] | None:
    """The types a profession may read, in the order of the matrix; `None` for a profession it does not hold."""
    group = _group(profession, speciality)
    if group is None:
        return None
    allowed = [known(CodeSet.TYPE, code) for code, readers in _readers().items() if group in readers]
    return tuple(code for code in allowed if code is not None)


def why_refused(document_type: Code, profession: Code, speciality: Code | None = None) -> str:
    """Why the server refuses a type to a profession; empty when the matrix gives no reason to."""
    if may_read(document_type, profession, speciality) is not False:
        return ""
    return (
        f"La matrice d'habilitation du DMP n'ouvre pas « {document_type.label} » "
        f"à votre profession ({profession.label})."
    )


def class_of(document_type: Code) -> Code | None:
    """The class that goes with a type: never asked of the user; `None` for an unknown type."""
    for row in rows("habilitations.csv"):
        if row["type"] == document_type.code:
            return known(CodeSet.CLASS, row["class"])
    return None


@cache
def _readers() -> dict[str, frozenset[str]]:
    return {row["type"]: frozenset(row["readers"].split()) for row in rows("habilitations.csv")}


def _group(profession: Code, speciality: Code | None) -> str | None:
    if profession.system not in _PROFESSION_SYSTEMS:
        return None
    if profession.code == _PHARMACIST and speciality is not None and speciality.code in _BIOLOGIST_SECTIONS:
        return _BIOLOGIST
    for row in rows("habilitation_groups.csv"):
        if row["group"] != _BIOLOGIST and profession.code in row["professions"].split():
            return row["group"]
    return None

"""The table of rights, cell by cell, against the published matrix written out here by hand."""

import dataclasses

import pytest
from raw_dmp import BY_CARD

from kiosk.training.dmp_server import rights
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.dispatch import TRANSACTIONS
from kiosk.training.dmp_server.outcomes import Fault
from kiosk.training.dmp_server.vihf import Vihf

YES, NO = True, False
COLUMNS = (
    ("cps-infirmier", "normal", False),
    ("cps-infirmier", "bris_de_glace", False),
    ("cps-medecin", "normal", False),
    ("cps-medecin", "bris_de_glace", False),
    ("cps-medecin", "centre_15", False),
    ("cps-medecin", "normal", True),
    ("cps-medecin", "bris_de_glace", True),
    ("cpe-accueil", "normal", False),
)
"""The eight columns of the matrix, in its order."""
ALL_BUT_CPE = (YES, YES, YES, YES, YES, YES, YES, NO)
MANAGEMENT = (YES, NO, YES, NO, NO, YES, NO, YES)
DOCUMENTS_MANAGEMENT = (YES, NO, YES, NO, NO, YES, NO, NO)
MATRIX = {
    "TD0.2": (YES,) * 8,
    "TD0.3 se déclarer autorisé": MANAGEMENT,
    "TD0.3 supprimer son autorisation": MANAGEMENT,  # the matrix says no and ?, test 0.3-080 asks for it
    "TD0.3 se déclarer MT": (NO, NO, YES, NO, NO, NO, NO, NO),
    "TD0.3 se supprimer MT": (NO, NO, NO, NO, NO, YES, NO, NO),
    "TD0.4": (YES,) * 8,  # CPE: the matrix says no, PDT-526 and test 0.4-015 yes
    "TD0.5": ALL_BUT_CPE,
    "TD1.1": MANAGEMENT,
    "TD1.2": MANAGEMENT,
    "TD1.3a": (YES,) * 8,
    "TD1.3b": MANAGEMENT,
    "TD1.4": DOCUMENTS_MANAGEMENT,
    "TD1.5a": MANAGEMENT,
    "TD1.5b": MANAGEMENT,
    "TD1.5d": MANAGEMENT,
    "TD1.6": DOCUMENTS_MANAGEMENT,
    "TD2.1": ALL_BUT_CPE,
    "TD2.2": (NO, NO, NO, NO, NO, NO, NO, YES),
    "TD3.1": ALL_BUT_CPE,
    "TD3.2": ALL_BUT_CPE,
    "TD3.3a": DOCUMENTS_MANAGEMENT,
    "TD3.3b": DOCUMENTS_MANAGEMENT,
    "TD3.3d": (YES, NO, YES, YES, YES, YES, YES, NO),  # some documents only: tested with the documents
    "TD3.3c": (YES, YES, YES, YES, YES, YES, YES, YES),  # the same
}
CELLS = [
    pytest.param(row, *column, allowed, id=f"{row}-{'-'.join(map(str, column))}")
    for row, cells in MATRIX.items()
    for column, allowed in zip(COLUMNS, cells, strict=True)
]


def caller(card: str, mode: str) -> Caller:
    holder = BY_CARD[card]
    return Caller(holder, Vihf("", "", "", "", (), mode, ""))


def allows(row: str, who: Caller, *, treating: bool = False) -> bool:
    try:
        rights.check(row, who, treating_doctor=treating)
    except Fault as refused:
        return refused.subcode != "DMPAccessDeniedByRightsService"
    return True


@pytest.mark.parametrize(("row", "card", "mode", "treating", "allowed"), CELLS)
def test_a_cell(row: str, card: str, mode: str, treating: bool, allowed: bool) -> None:
    assert allows(row, caller(card, mode), treating=treating) is allowed


@pytest.mark.parametrize("row", sorted(rights.RIGHTS))
@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
def test_a_cpe_has_the_normal_mode_alone(row: str, mode: str) -> None:
    assert not allows(row, caller("cpe-accueil", mode))


@pytest.mark.parametrize("card", ["cps-pharmacien", "cps-sage-femme", "cps-dentiste"])
@pytest.mark.parametrize("row", sorted(MATRIX))
def test_dentists_and_midwives_are_no_doctors(row: str, card: str) -> None:
    for mode in ("normal", "bris_de_glace"):
        assert allows(row, caller(card, mode)) is allows(row, caller("cps-infirmier", mode))


READ_AND_DEPOSITED = {
    *("TD0.2", "TD0.4", "TD0.5", "TD1.3a", "TD2.1", "TD3.1", "TD3.1b", "TD3.2", "TD3.3c"),
}
"""What the service's own rights sheet opens to non-doctors in a regulation centre, where the manual has no column."""


@pytest.mark.parametrize("row", sorted(rights.RIGHTS))
def test_in_a_regulation_centre_non_doctors_read_and_deposit_and_manage_nothing(row: str) -> None:
    assert allows(row, caller("cps-infirmier", "centre_15")) is (row in READ_AND_DEPOSITED)


def test_every_transaction_has_its_row() -> None:
    assert {transaction.code for transaction in TRANSACTIONS} <= set(rights.RIGHTS)


def test_an_unknown_mode_has_no_right() -> None:
    strange = caller("cps-medecin", "normal")
    strange = dataclasses.replace(strange, vihf=dataclasses.replace(strange.vihf, purpose="autre"))
    assert not any(allows(row, strange) for row in rights.RIGHTS)

"""INS-C against the published vectors, and every reason why there is none."""

import csv
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.insc import check, compute, from_jjmmaaaa, insc_of
from kiosk.card.model import Beneficiary
from kiosk.card.nir import nir_key, sex_of
from kiosk.errors import InscCause, InscImpossible, KioskError

VECTORS = list(
    csv.DictReader(
        (Path(__file__).parent.parent / "data" / "insc.csv").read_text(encoding="utf-8").splitlines()
    )
)


def person(
    nir13: str, birth_date: str, *, rank: int = 1, insured: bool = True, given: str = "SIMONE"
) -> Beneficiary:
    nir = nir13 + nir_key(nir13) if len(nir13) == 13 else nir13
    return Beneficiary(rank, "ŒUVRARD", "", given, birth_date, nir, insured)


def cause_of(beneficiary: Beneficiary, *family: Beneficiary) -> InscCause:
    with pytest.raises(InscImpossible) as caught:
        insc_of(beneficiary, family)
    return caught.value.cause_id


@pytest.mark.parametrize("row", VECTORS, ids=[row["insc"] for row in VECTORS])
def test_vector(row: dict[str, str]) -> None:
    insc = compute(row["first_name"], row["birth_yymmdd"], row["nir13"])
    assert (insc.digits, insc.key) == (row["insc"], row["insc_key"])
    assert check(str(insc))
    assert nir_key(row["nir13"]) == row["nir_key"]


def test_there_are_72_vectors() -> None:
    assert len(VECTORS) == 72


@pytest.mark.parametrize("row", VECTORS[::7], ids=[row["insc"] for row in VECTORS[::7]])
def test_vitale_with_full_date_gives_the_vector(row: dict[str, str]) -> None:
    nir = row["nir13"] + row["nir_key"]
    beneficiary = Beneficiary(1, "X", "", row["first_name"], "19" + row["birth_yymmdd"], nir, True)
    same = replace(beneficiary, birth_date=row["birth_yymmdd"])
    if row["nir13"][1:5] == row["birth_yymmdd"][:4]:
        assert str(insc_of(beneficiary)) == str(insc_of(same)) == row["insc"] + row["insc_key"]
    else:
        assert cause_of(beneficiary) is InscCause.CONTRADICTION


@pytest.mark.parametrize(
    "published", ["0290958325313554424193", "1640796040803969725459", "0803027695502382121519"]
)
def test_key_of_published_insc(published: str) -> None:
    assert check(published)


@given(st.integers(0, 21), st.integers(1, 9))
def test_one_wrong_digit_is_noticed(position: int, shift: int) -> None:
    right = "0290958325313554424193"
    wrong = str((int(right[position]) + shift) % 10)
    assert not check(right[:position] + wrong + right[position + 1 :])


@pytest.mark.parametrize("value", ["", "029095832531355442419", "02909583253135544241931", "029095832531355442419x",
                                   "٠290958325313554424193", "1844674407370955161700"])  # fmt: skip
def test_not_an_insc(value: str) -> None:
    assert not check(value)


@given(st.text(max_size=40))
def test_any_first_name_folds(name: str) -> None:
    assert check(str(compute(name, "500801", "1500815051040")))


@pytest.mark.parametrize(("birth", "nir"), [("50080", "1500815051040"), ("5008011", "1500815051040"),
                                            ("50080a", "1500815051040"), ("500801", "150081505104")])  # fmt: skip
def test_traits_of_another_form_are_a_mistake_of_the_caller(birth: str, nir: str) -> None:
    with pytest.raises(ValueError, match="form"):
        compute("ANNE", birth, nir)


@pytest.mark.parametrize(
    ("beneficiary", "cause"),
    [
        (person("", "19900101"), InscCause.NO_OWN_NIR),
        (person("   ", "19900101"), InscCause.NO_OWN_NIR),
        (person("190029999906200", "19900202"), InscCause.WRONG_KEY),
        (person("790039999906397", "19900303"), InscCause.PROVISIONAL),
        (person("390039999906397", "19900303"), InscCause.PROVISIONAL),
        (person("490039999906397", "19900303"), InscCause.PROVISIONAL),
        (person("890039999906397", "19900303"), InscCause.PROVISIONAL),
        (person("555555999906497", "19900404"), InscCause.AGRICULTURAL),
        (person("19006999X906697", "19900606"), InscCause.MALFORMED),
        (person("690069999906697", "19900606"), InscCause.MALFORMED),
        (person("12345", "19900606"), InscCause.MALFORMED),
        (person("1900599999065", ""), InscCause.NO_BIRTH_DATE),
        (person("1900599999065", "00000000"), InscCause.NO_BIRTH_DATE),
        (person("1900599999065", "1990"), InscCause.BAD_BIRTH_DATE),
        (person("1900599999065", "05/05/90"), InscCause.BAD_BIRTH_DATE),
        (person("1900799999067", "20120707"), InscCause.CONTRADICTION),
        (person("1900799999067", "19900807"), InscCause.CONTRADICTION),
    ],
)
def test_impossible(beneficiary: Beneficiary, cause: InscCause) -> None:
    assert cause_of(beneficiary) is cause


def test_every_cause_has_its_own_words_and_next_step() -> None:
    errors = [InscImpossible(cause) for cause in InscCause]
    assert len({error.cause for error in errors}) == len(errors) >= 7
    assert all(error.todo != KioskError.todo and error.code == "CARTE-060" for error in errors)


@pytest.mark.parametrize(
    ("nir13", "birth"),
    [
        ("262002A999041", "19620000"),  # month 00 on both, Corsica
        ("1623099999041", "19620000"),
        ("1622099999041", "19620315"),  # civil status incomplete when numbered, completed since
        ("1623599999041", "19620515"),
        ("1624299999041", "19621215"),
        ("1625099999041", "19620515"),
        ("1629999999041", "19620515"),
        ("1620599999041", "19620000"),  # numbered with a month the card does not know
        ("1620599999041", "19621500"),  # month past 12 on the card
        ("1620599999041", "19620500"),  # day unknown
    ],
)
def test_lunar_date_is_never_refused(nir13: str, birth: str) -> None:
    assert check(str(insc_of(person(nir13, birth))))


def test_lunar_date_enters_the_seed_as_it_is() -> None:
    assert insc_of(person("1625099999041", "19620000")) != insc_of(person("1625099999041", "19620101"))


def test_lunar_parent_and_child_are_not_confused() -> None:
    assert cause_of(person("1625099999041", "19920000")) is InscCause.CONTRADICTION


def test_spouse_born_the_same_month_does_not_get_the_insured_s_identifier() -> None:
    insured = person("1620599999041", "19620507")
    spouse = person("1620599999041", "19620521", rank=2, insured=False)
    assert cause_of(spouse, insured, spouse) is InscCause.SHARED
    assert check(str(insc_of(insured, (insured, spouse))))


def test_twins_with_their_own_numbers_are_both_served() -> None:
    one = person("1620599999041", "19620507")
    two = person("1620599999042", "19620507", rank=2, insured=False)
    assert insc_of(one, (one, two)) != insc_of(two, (one, two))


def test_date_of_the_approved_reading_api() -> None:
    assert from_jjmmaaaa("14021947") == "470214"


@pytest.mark.parametrize(("value", "cause"), [("", InscCause.NO_BIRTH_DATE), ("140247", InscCause.BAD_BIRTH_DATE),
                                              ("1402194x", InscCause.BAD_BIRTH_DATE)])  # fmt: skip
def test_date_of_the_approved_reading_api_refused(value: str, cause: InscCause) -> None:
    with pytest.raises(InscImpossible) as caught:
        from_jjmmaaaa(value)
    assert caught.value.cause_id is cause


def test_nothing_shows_in_repr_or_error() -> None:
    insc = compute("ANNE", "500801", "1500815051040")
    assert insc.digits not in repr(insc)
    beneficiary = person("190029999906200", "19900202")
    with pytest.raises(InscImpossible) as caught:
        insc_of(beneficiary)
    assert beneficiary.nir not in repr(beneficiary) + str(caught.value) + caught.value.cause


@pytest.mark.parametrize(("nir", "sex"), [("1", "M"), ("2", "F"), ("7", ""), ("", "")])
def test_sex(nir: str, sex: str) -> None:
    assert sex_of(nir) == sex

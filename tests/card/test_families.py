"""Families on one Vitale card, from the card's data to everybody's identifier: nobody gets somebody else's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from vitale_documents import certified, document, person

from kiosk.card.insc import compute
from kiosk.card.model import Beneficiary, VitaleCard
from kiosk.card.nir import nir_key
from kiosk.card.vitale_xml import beneficiaries
from kiosk.dmp.profile import CURRENT, HISTORICAL, ServiceProfile
from kiosk.errors import InscCause
from kiosk.patient import Member, identify

MOTHER = "2840399999011"


def members(
    people: tuple[Beneficiary, ...], profile: ServiceProfile = HISTORICAL, *, test_card: bool = True
) -> tuple[Member, ...]:
    found = identify(profile, VitaleCard("1", test_card, people)).members
    assert all((member.patient is None) != (member.obstacle is None) for member in found)
    return found


def api(*people: str, profile: ServiceProfile = HISTORICAL) -> tuple[Member, ...]:
    return members(beneficiaries(document(*people)), profile)


def direct(rank: int, given: str, birth: str, nir13: str, *, insured: bool = False) -> Beneficiary:
    nir = nir13 + nir_key(nir13) if nir13 else ""
    return Beneficiary(rank, "BERNARD", "", given, birth, nir, insured)


def identifiers(found: tuple[Member, ...]) -> list[str]:
    return [member.patient.extension if member.patient else "" for member in found]


def causes(found: tuple[Member, ...]) -> list[InscCause | None]:
    return [member.obstacle.cause_id if member.obstacle else None for member in found]


INSURED = person("ELODIE", date="12031984", insured_nir=certified(MOTHER), quality="0")


def dependant(given: str, date: str, nir13: str = "", **other: str) -> str:
    own = certified(nir13) if nir13 else ""
    return person(given, date=date, own_nir=own, insured_nir=certified(MOTHER), quality="6", **other)


# --- twins ------------------------------------------------------------------------------------------------


def test_twins_of_one_initial_are_two_people() -> None:
    found = api(
        INSURED,
        dependant("LEA", "29022008", "2080299999013", birth_rank="1"),
        dependant("LEO", "29022008", "1080299999014", birth_rank="2"),
    )
    assert identifiers(found) == [
        str(compute("ELODIE", "840312", MOTHER)),
        str(compute("LEA", "080229", "2080299999013")),
        str(compute("LEO", "080229", "1080299999014")),
    ]


def test_a_twin_without_number_is_refused_and_the_other_is_not() -> None:
    found = api(INSURED, dependant("LEA", "29022008", "2080299999013"), dependant("LEO", "29022008"))
    assert causes(found) == [None, None, InscCause.NO_OWN_NIR]


def test_twins_who_show_one_number_are_both_refused() -> None:
    found = api(
        INSURED,
        dependant("LEA", "29022008", "2080299999013"),
        dependant("LEO", "29022008", "2080299999013"),
    )
    assert causes(found) == [None, InscCause.SHARED, InscCause.SHARED]


def test_twins_with_the_first_ten_letters_in_common_differ_by_their_number() -> None:
    found = api(
        INSURED,
        dependant("MARIE CLAIRE ANNE", "29022008", "2080299999013"),
        dependant("MARIE CLAIRE ROSE", "29022008", "2080299999014"),
    )
    assert causes(found) == [None, None, None]
    assert len(set(identifiers(found))) == 3


# --- the same first name, the same birthday ---------------------------------------------------------------


def test_father_and_son_of_one_first_name() -> None:
    found = api(
        person("JEAN", date="25071982", insured_nir=certified("1820799999012"), quality="0"),
        dependant("JEAN", "25072009", "1090799999015"),
    )
    assert causes(found) == [None, None]
    assert len(set(identifiers(found))) == 2


def test_a_son_with_his_father_s_number_is_refused_by_the_dates() -> None:
    found = members(
        (
            direct(1, "JEAN", "19820725", "1820799999012", insured=True),
            direct(2, "JEAN", "20090725", "1820799999012"),
        )
    )
    assert causes(found) == [None, InscCause.CONTRADICTION]


def test_a_wife_born_in_the_same_month_with_her_husband_s_number_is_refused() -> None:
    found = members(
        (
            direct(1, "JEAN", "19820725", "1820799999012", insured=True),
            direct(2, "JEANNE", "19820703", "1820799999012"),
        )
    )
    assert causes(found) == [None, InscCause.SHARED]


@pytest.mark.parametrize("date", ["12032084", "12031984"])
def test_a_child_born_a_century_later_to_the_month_is_refused_the_insured_s_number(date: str) -> None:
    found = api(INSURED, dependant("ELODIE", date, MOTHER))
    assert causes(found) == [None, InscCause.SHARED]


# --- names ------------------------------------------------------------------------------------------------


def test_usual_and_birth_name_do_not_change_the_identifier() -> None:
    married = person(
        "ELODIE", usual="BERNARD", birth="LACÔTE", date="12031984", own_nir=certified(MOTHER), quality="0"
    )
    single = person(
        "ELODIE", usual="LACÔTE", birth="LACÔTE", date="12031984", own_nir=certified(MOTHER), quality="0"
    )
    (one,), (other,) = api(married), api(single)
    assert one.patient == other.patient
    assert (one.name, one.beneficiary.birth_name) == ("BERNARD ELODIE", "LACÔTE")
    assert (other.name, other.beneficiary.birth_name) == ("LACÔTE ELODIE", "")


@pytest.mark.parametrize(
    ("on_card", "folded"),
    [("Noël", "NOEL"), ("ANNE-SOPHIE", "ANNESOPHIE"), ("D'ARTAGNAN", "DARTAGNAN"), ("", "")],
)
def test_first_names_as_cards_write_them(on_card: str, folded: str) -> None:
    (found,) = api(person(on_card, date="12031984", own_nir=certified(MOTHER), quality="0"))
    assert identifiers((found,)) == [str(compute(folded, "840312", MOTHER))]


# --- dates ------------------------------------------------------------------------------------------------


def test_a_century_to_settle_does_not_prevent_the_identifier() -> None:
    great_grandmother = person("ROSE", on_card="250312", own_nir=certified("2250399999016"), quality="0")
    newborn = person("ROSE", on_card="250312", own_nir=certified("2250399999017"), quality="6")
    found = api(great_grandmother, newborn)
    assert identifiers(found) == [
        str(compute("ROSE", "250312", "2250399999016")),
        str(compute("ROSE", "250312", "2250399999017")),
    ]
    assert [member.beneficiary.birth_date for member in found] == ["250312", "250312"]


def test_the_century_once_known_changes_nothing_to_the_identifier() -> None:
    with_century = person("ROSE", date="12032025", own_nir=certified("2250399999017"), quality="0")
    without = person("ROSE", on_card="250312", own_nir=certified("2250399999017"), quality="0")
    assert identifiers(api(with_century)) == identifiers(api(without))


@pytest.mark.parametrize(
    ("nir13", "date", "on_card", "seed"),
    [
        ("262002A999041", "01011962", "620000", "620000"),
        ("2622099999042", "01011962", "622001", "622001"),
        ("2625099999043", "01011962", "621300", "621300"),
        ("2620699999044", "", "620600", "620600"),
    ],
)
def test_a_lunar_date_enters_the_identifier_as_it_is_on_the_card(
    nir13: str, date: str, on_card: str, seed: str
) -> None:
    (found,) = api(person("MARIA", date=date, on_card=on_card, own_nir=certified(nir13), quality="0"))
    assert identifiers((found,)) == [str(compute("MARIA", seed, nir13))]
    assert found.beneficiary.birth_date.endswith(seed)


@pytest.mark.parametrize(
    ("date", "on_card", "cause"),
    [("", "", InscCause.NO_BIRTH_DATE), ("12-03-1984", "", InscCause.BAD_BIRTH_DATE),
     ("", "12031984", InscCause.BAD_BIRTH_DATE)],
)  # fmt: skip
def test_a_date_that_is_none(date: str, on_card: str, cause: InscCause) -> None:
    assert causes(api(person(date=date, on_card=on_card, own_nir=certified(MOTHER), quality="0"))) == [cause]


# --- numbers ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("own", "cause"),
    [
        ("", InscCause.NO_OWN_NIR),
        ("7080299999013 11", InscCause.PROVISIONAL),
        ("3080299999013 11", InscCause.PROVISIONAL),
        ("5555559999013 11", InscCause.AGRICULTURAL),
        ("2080299999013 98", InscCause.WRONG_KEY),
        ("2080299999013", InscCause.MALFORMED),
        ("0000000000000 00", InscCause.MALFORMED),
        ("20802999X9013 11", InscCause.MALFORMED),
    ],
)
def test_one_child_in_trouble_leaves_the_others_alone(own: str, cause: InscCause) -> None:
    found = api(
        INSURED,
        person("HUGO", date="29022008", own_nir=own, insured_nir=certified(MOTHER), quality="6"),
        dependant("CHLOE", "29022008", "2080299999014"),
    )
    assert causes(found) == [None, cause, None]


@pytest.mark.parametrize("nir13", ["284032A999011", "284032B999011"])
def test_corsica_keeps_its_letter(nir13: str) -> None:
    (found,) = api(person(date="12031984", own_nir=certified(nir13), quality="0"))
    assert identifiers((found,)) == [str(compute("ELODIE", "840312", nir13))]


def test_an_insured_person_whose_own_number_is_wrong_does_not_fall_back_on_the_other() -> None:
    wrong = person(date="12031984", own_nir=f"{MOTHER} 98", insured_nir=certified(MOTHER), quality="0")
    assert causes(api(wrong)) == [InscCause.WRONG_KEY]


def test_today_s_service_takes_the_person_s_own_number() -> None:
    found = api(INSURED, dependant("HUGO", "15092015"), profile=CURRENT)
    assert identifiers(found) == [MOTHER + nir_key(MOTHER), ""]
    assert found[0].patient is not None
    assert found[0].patient.root == CURRENT.patient_roots["test"]
    assert [member.identifier_name for member in found] == ["INS", "INS"]
    assert MOTHER not in repr(found)


# --- any family -------------------------------------------------------------------------------------------

NUMBERS = ["", MOTHER, "1840399999012", "2080299999013", "2080299999014"]
DATES = ["12031984", "12032084", "29022008", ""]
PEOPLE = st.tuples(
    st.sampled_from(["LEA", "LEO"]),
    st.sampled_from(DATES),
    st.sampled_from(NUMBERS),
    st.sampled_from(["0", "6", ""]),
)


@given(st.lists(PEOPLE, min_size=1, max_size=6), st.sampled_from(NUMBERS))
def test_no_number_serves_two_people(family: list[tuple[str, str, str, str]], insured: str) -> None:
    insured_nir = certified(insured) if insured else ""
    found = api(
        *(
            person(
                given_name,
                date=date,
                own_nir=certified(own) if own else "",
                insured_nir=insured_nir,
                quality=quality,
            )
            for given_name, date, own, quality in family
        ),
        profile=CURRENT,
    )
    used = [identifier for identifier in identifiers(found) if identifier]
    assert len(used) == len(set(used))
    for (_, _, own, quality), identifier in zip(family, identifiers(found), strict=True):
        assert identifier[:13] in ("", own or (insured if quality == "0" else ""))

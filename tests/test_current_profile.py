"""The service of today before anything is sent: who a card's person is to it, and what the settings may choose."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_settings import GOOD, write

from kiosk.card.insc import insc_of, nir_of
from kiosk.card.model import Beneficiary, VitaleCard
from kiosk.card.nir import nir_key
from kiosk.cli import main
from kiosk.dmp.model import PatientId
from kiosk.dmp.profile import CURRENT, HISTORICAL, NIA
from kiosk.errors import InscCause, InscImpossible, InsImpossible, SettingsError
from kiosk.launch import service_profile
from kiosk.memory.consents import Consent, ConsentStore
from kiosk.patient import Member, identify, waiting_numbers
from kiosk.settings import load
from kiosk.station import utc_now

NIR_REAL, NIR_TEST = "1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10"
MOTHER = "2860699999161"
CHILD = "1160499999162"


def person(
    nir13: str, birth_date: str, *, rank: int = 1, insured: bool = True, key: str | None = None
) -> Beneficiary:
    nir = nir13 + (nir_key(nir13) if key is None else key) if nir13 else ""
    return Beneficiary(rank, "VALLON", "", "ANNE", birth_date, nir, insured)


def card(*people: Beneficiary, test_card: bool = True) -> VitaleCard:
    return VitaleCard("1000000000000000016", test_card, people)


def only(*people: Beneficiary, test_card: bool = True) -> Member:
    """The last person of a card, in the service of today."""
    return identify(CURRENT, card(*people, test_card=test_card)).members[-1]


# --- whose number -----------------------------------------------------------------------------------------


def test_the_number_is_the_person_s_own_with_its_key_under_the_oid_of_the_card() -> None:
    someone = person(MOTHER, "19860620")
    assert only(someone).patient == PatientId(NIR_TEST, MOTHER + nir_key(MOTHER))
    assert only(someone, test_card=False).patient == PatientId(NIR_REAL, MOTHER + nir_key(MOTHER))
    assert only(someone).identifier_name == "INS"


@pytest.mark.parametrize("birth_date", ["", "00000000", "2O160401", "20161320", "20160404"])
def test_a_date_the_ins_c_needs_does_not_stop_the_nir(birth_date: str) -> None:
    child = person(CHILD, birth_date, rank=2, insured=False)
    assert only(person(MOTHER, "19860620"), child).patient == PatientId(NIR_TEST, child.nir)


def test_the_insured_s_number_is_his_own_whatever_the_date_says() -> None:
    corrected = person(MOTHER, "19870620")
    assert only(corrected).patient is not None
    [by_ins_c] = identify(HISTORICAL, card(corrected)).members
    assert by_ins_c.obstacle is not None
    assert by_ins_c.obstacle.cause_id is InscCause.CONTRADICTION


@pytest.mark.parametrize(
    ("child", "cause"),
    [
        (person("", "20160404", rank=2, insured=False), InscCause.NO_OWN_NIR),
        (person(CHILD, "20160404", rank=2, insured=False, key="00"), InscCause.WRONG_KEY),
        (person("19006999X9066", "20160404", rank=2, insured=False, key="12"), InscCause.MALFORMED),
        (person("5555559999064", "20160404", rank=2, insured=False), InscCause.AGRICULTURAL),
        (person("7160499999162", "20160404", rank=2, insured=False), InscCause.PROVISIONAL),
        (person("2850499999162", "20160404", rank=2, insured=False), InscCause.CONTRADICTION),
        (person(MOTHER, "20160404", rank=2, insured=False), InscCause.CONTRADICTION),
        (person(MOTHER, "", rank=2, insured=False), InscCause.SHARED),
        (person(MOTHER, "19860601", rank=2, insured=False), InscCause.SHARED),
    ],
)
def test_a_number_that_may_be_another_person_s_opens_nothing(child: Beneficiary, cause: InscCause) -> None:
    refused = only(person(MOTHER, "19860620"), child)
    assert refused.patient is None
    assert isinstance(refused.obstacle, InsImpossible)
    assert refused.obstacle.cause_id is cause
    assert "INS-C" not in f"{refused.obstacle.what} {refused.obstacle.cause} {refused.obstacle.todo}"
    assert child.nir == "" or child.nir not in f"{refused!r} {refused.obstacle}"


def test_0_2_080_waiting_numbers_are_named_apart() -> None:
    waiting = person("7160499999162", "20160404", rank=2, insured=False)
    family = identify(CURRENT, card(person(MOTHER, "19860620"), waiting))
    assert waiting_numbers(family) == (PatientId(NIA, waiting.nir),)
    assert waiting_numbers(identify(HISTORICAL, card(waiting))) == ()
    assert not CURRENT.accepts(NIA)
    assert not HISTORICAL.accepts(NIA)


@given(
    st.text(alphabet="0123456789AB X", max_size=16),
    st.text(alphabet="0123456789 ", max_size=9),
    st.booleans(),
)
def test_who_has_an_ins_c_has_an_ins(nir: str, birth_date: str, insured: bool) -> None:
    """The guards of the number are never stricter without the date; whatever passes is a NIR with its right key."""
    someone = Beneficiary(2, "A", "", "B", birth_date, nir, insured)
    family = (person(MOTHER, "19860620"), someone)
    try:
        found = nir_of(someone, family)
    except InscImpossible:
        with pytest.raises(InscImpossible):
            insc_of(someone, family)
        return
    assert found.key == nir_key(found.number)
    assert found.number + found.key == nir.strip()


@given(st.integers(0, 99), st.integers(1, 12), st.integers(0, 999), st.integers(1, 999))
def test_any_nir_of_the_insured_is_his_ins(year: int, month: int, commune: int, order: int) -> None:
    nir13 = f"1{year:02}{month:02}99{commune:03}{order:03}"
    assert only(person(nir13, "")).patient == PatientId(NIR_TEST, nir13 + nir_key(nir13))


# --- what is chosen ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(("name", "own"), [("historical", HISTORICAL), ("current", CURRENT)])
def test_the_version_of_the_vihf_is_the_profile_s_unless_a_site_says_otherwise(
    name: str, own: object, tmp_path: Path
) -> None:
    text = GOOD.replace('"historical"', f'"{name}"')
    assert service_profile(load(write(tmp_path, text))) == own
    text = text.replace("[printer]", 'vihf_version = "4.0"\n[printer]')
    chosen = service_profile(load(write(tmp_path, text)))
    assert (chosen.name, chosen.vihf_version) == (name, "4.0")


def test_a_version_nobody_ever_asked_for_is_refused_with_its_line(tmp_path: Path) -> None:
    text = GOOD.replace("[printer]", 'vihf_version = "5.0"\n[printer]')
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, text))
    assert "ligne 13 : [dmp] vihf_version — valeurs possibles : 1.0, 2.0, 3.0, 4.0" in caught.value.what


def test_training_plays_a_generation_that_exists(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--training", "--profile", "future"])
    assert "historical" in capsys.readouterr().err


# --- a word given, and taken back -------------------------------------------------------------------------


def test_a_word_taken_back_is_remembered_until_it_is_given_again(tmp_path: Path) -> None:
    store = ConsentStore(tmp_path / "consents.sqlite", bytes(32))
    given = Consent(utc_now().replace(microsecond=0), "899700000021")
    store.record("12345", "10B0099991", given)
    assert store.of("12345", "10B0099991") == given
    assert store.withdrawn("12345", "10B0099991") is None
    store.withdraw("12345", "10B0099991", given.at)
    assert store.of("12345", "10B0099991") is None
    assert store.withdrawn("12345", "10B0099991") == given.at
    assert store.withdrawn("12345", "10B0099992") is None
    store.record("12345", "10B0099991", given)
    assert store.withdrawn("12345", "10B0099991") is None
    assert b"12345" not in (tmp_path / "consents.sqlite").read_bytes()

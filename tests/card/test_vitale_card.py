"""Vitale cards read directly: the emulated Vitale 2 of the training box, through its tray."""

from contextlib import AbstractContextManager, nullcontext

import pytest
from card_bench import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from scripted_card import FiledCard

from kiosk import errors
from kiosk.card import tray as drawers
from kiosk.card.insc import check, insc_of
from kiosk.card.nir import nir_key
from kiosk.card.readers import Apdu, CardLink
from kiosk.card.vitale import read_vitale
from kiosk.errors import InscCause
from kiosk.training.people import VITALES, Insured, Vitale


def nir_of(person: Insured) -> str | None:
    """What the card must show; None when the person's number is written wrongly on purpose."""
    if person.wrong_key or (
        person.nir13 and not person.nir13[1:].replace("A", "1").replace("B", "1").isdigit()
    ):
        return None
    return person.nir13 + nir_key(person.nir13) if person.nir13 else ""


@pytest.mark.parametrize("vitale", [pytest.param(vitale, id=vitale.card_id) for vitale in VITALES])
def test_everybody_on_the_card(vitale: Vitale, bench: Bench) -> None:
    read = read_vitale(bench.link(vitale.card_id))
    assert read.serial == vitale.serial
    assert read.test_card is (vitale.nature != "R")
    assert [b.rank for b in read.beneficiaries] == list(range(1, len(vitale.people) + 1))
    for beneficiary, person in zip(read.beneficiaries, vitale.people, strict=True):
        assert beneficiary.given_name == person.given_name
        assert beneficiary.birth_date == person.birth_date
        assert beneficiary.insured is person.insured
        assert beneficiary.nir[:13] == person.nir13
        assert nir_of(person) in (None, beneficiary.nir)
        for read_name, written in (
            (beneficiary.usual_name, person.usual_name),
            (beneficiary.birth_name, person.birth_name),
        ):
            assert read_name.replace("OE", "Œ") == written.replace("OE", "Œ")
    assert vitale.serial not in repr(read)


def test_every_reason_for_no_insc(bench: Bench) -> None:
    people = read_vitale(bench.link("vitale-anomalies")).beneficiaries
    causes = {}
    for person in people:
        with pytest.raises(errors.InscImpossible) as caught:
            insc_of(person, people)
        causes[person.given_name] = caught.value.cause_id
    assert causes == {
        "ABSENT": InscCause.NO_OWN_NIR,
        "CLEFAUSSE": InscCause.WRONG_KEY,
        "PROVISOIRE": InscCause.PROVISIONAL,
        "AGRICOLE": InscCause.AGRICULTURAL,
        "SANSDATE": InscCause.NO_BIRTH_DATE,
        "MALFORME": InscCause.MALFORMED,
        "DISCORDE": InscCause.CONTRADICTION,
    }


def test_family(bench: Bench) -> None:
    people = read_vitale(bench.link("vitale-famille")).beneficiaries
    identifiers = [str(insc_of(person, people)) for person in people[:3]]
    assert len(set(identifiers)) == 3
    assert all(map(check, identifiers))
    with pytest.raises(errors.InscImpossible):
        insc_of(people[3], people)


def test_corsican_with_a_lunar_date(bench: Bench) -> None:
    (person,) = read_vitale(bench.link("vitale-corse")).beneficiaries
    assert check(str(insc_of(person)))


def test_card_leaves(bench: Bench) -> None:
    link = bench.link("vitale-seule")
    drawers.remove(bench.directory, slot=0)
    with pytest.raises(errors.CardRemoved):
        read_vitale(link)


def test_a_professional_card_is_not_a_vitale(bench: Bench) -> None:
    with pytest.raises(errors.CardError):
        read_vitale(bench.link("cps-medecin"))


class Old:
    """A Vitale 1: recognised by its ATR, asked nothing."""

    atr = bytes.fromhex("3F65250022096A9000")

    def transmit(self, apdu: Apdu) -> bytes:
        raise AssertionError

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()

    def close(self) -> None:
        """Nothing to let go."""


def test_first_generation_is_not_tried() -> None:
    with pytest.raises(errors.CardUnknown, match="CARTE-022") as caught:
        read_vitale(Old())
    assert "ancien" in caught.value.what


def made_of(card: str, people: str, rights: str) -> FiledCard:
    """A Vitale with these files, in hexadecimal."""
    main = {1: bytes.fromhex(card), 2: bytes.fromhex(people)}
    return FiledCard({"": main, "D250000002564954414C45": {2: bytes.fromhex(rights)}})


CARD = "E1 06 5A 01 31 C0 01 52"
ONE, TWO = "65 03 81 01 41", "65 03 81 01 42"
OWN = "65 03 93 01 31"


def test_nature_and_insured_as_written() -> None:
    read = read_vitale(made_of(CARD, "65 06 81 01 41 C1 01 31" + "65 06 81 01 42 C1 01 30", OWN + "65 00"))
    assert not read.test_card
    assert [person.insured for person in read.beneficiaries] == [False, True]
    assert [person.nir for person in read.beneficiaries] == ["1", ""]


@pytest.mark.parametrize(
    "nature", ["E1 03 5A 01 31", "E1 06 5A 01 31 C0 01 54", "E1 06 5A 01 31 C0 01 44", "E1 05 5A 01 31 C0 00"]
)
def test_ex_gen_1430_what_does_not_say_real_counts_as_a_test(nature: str) -> None:
    assert read_vitale(made_of(nature, ONE, OWN)).test_card


def test_the_first_one_is_the_insured_when_the_card_does_not_say() -> None:
    read = read_vitale(made_of(CARD, ONE + TWO, OWN + OWN))
    assert [person.insured for person in read.beneficiaries] == [True, False]


@pytest.mark.parametrize(
    ("people", "rights"), [(ONE + TWO, OWN), (ONE, OWN + OWN), ("", ""), ("0000", "0000"), ("66 00", "66 00")]
)
def test_no_guess_which_number_is_whose(people: str, rights: str) -> None:
    with pytest.raises(errors.CardAnswerInvalid):
        read_vitale(made_of(CARD, people, rights))


def test_a_vitale_without_its_application() -> None:
    with pytest.raises(errors.CardAnswerInvalid):
        read_vitale(FiledCard({"": {1: bytes.fromhex(CARD), 2: bytes.fromhex(ONE)}}))


class Spoiling:
    """A link that spoils one answer."""

    def __init__(self, link: CardLink, position: int, where: int, how: str) -> None:
        self._link, self._left, self._where, self._how = link, position, where, how
        self.atr = link.atr

    def transmit(self, apdu: Apdu) -> bytes:
        answer = self._link.transmit(apdu)
        self._left -= 1
        if self._left or not answer:
            return answer
        at = self._where % len(answer)
        return (
            answer[:at] if self._how == "cut" else answer[:at] + bytes([answer[at] ^ 0x81]) + answer[at + 1 :]
        )

    def exclusive(self) -> AbstractContextManager[None]:
        return self._link.exclusive()

    def close(self) -> None:
        self._link.close()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.integers(1, 14), st.integers(0), st.sampled_from(["cut", "flip"]))
def test_any_spoilt_answer_is_a_card_error(bench: Bench, position: int, where: int, how: str) -> None:
    link = bench.link("vitale-famille")
    try:
        read = read_vitale(Spoiling(link, position, where, how))
        for person in read.beneficiaries:
            insc_of(person, read.beneficiaries)
    except errors.CardError:
        pass
    finally:
        link.close()

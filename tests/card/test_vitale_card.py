"""Vitale cards read directly: the emulated Vitale 2 of the training box, through its tray."""

from contextlib import AbstractContextManager, nullcontext

import pytest
from card_bench import Bench
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

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

"""Cards over PKCS#11 that the cast does not have: written into SoftHSM for one test."""

from collections.abc import Callable, Iterator
from contextlib import suppress
from itertools import count
from pathlib import Path

import pkcs11
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pkcs11 import Attribute
from pkcs11_bench import (
    BY_ID,
    SoftHsm,
    SoftHsmReader,
    Template,
    activity,
    certificate,
    data,
    digest_info,
    objects_of,
    pin,
)

from kiosk import errors
from kiosk.card.model import KeyUse
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.text import clean
from kiosk.training.pki import TrainingPki

pytest_plugins = ("pkcs11_fixtures",)

OpenOdd = Callable[[list[Template]], Pkcs11Card]

_SERIALS = count(9_000_000_001)


@pytest.fixture
def odd(store: SoftHsm, softhsm: SoftHsmReader) -> Iterator[OpenOdd]:
    """Opens a card holding these objects."""
    cards = []

    def open_card(objects: list[Template]) -> Pkcs11Card:
        label = f"CPS3v3-{next(_SERIALS):010}"
        store.write(label, *objects)
        softhsm.insert_token(label)
        cards.append(Pkcs11Card(softhsm.module))
        return cards[-1]

    yield open_card
    for card in cards:
        card.close()


@pytest.fixture
def objects(pki: TrainingPki) -> list[Template]:
    """Signature certificate, authentication certificate, their keys in the same order, then data."""
    return objects_of(BY_ID["cps-multi"], pki.card(BY_ID["cps-multi"]))


def signs_with_both(card: Pkcs11Card) -> bool:
    card.verify_pin(pin())
    return all(card.sign(use, digest_info(b"")) for use in KeyUse)


def test_identifiers_that_pair_nothing_leave_the_modulus(odd: OpenOdd, objects: list[Template]) -> None:
    for number, item in enumerate(objects[:4]):
        item[Attribute.ID] = bytes([number])
    assert signs_with_both(odd(objects))


def test_without_labels_key_usage_tells(odd: OpenOdd, objects: list[Template]) -> None:
    for item in objects[:4]:
        item[Attribute.LABEL] = ""
    card = odd(objects)
    assert card.professional().national_id == BY_ID["cps-multi"].national_id
    assert signs_with_both(card)


def test_labels_go_before_key_usage(odd: OpenOdd, objects: list[Template], pki: TrainingPki) -> None:
    other = pki.card(BY_ID["cps-pharmacien"]).authentication_certificate
    card = odd([certificate("Certificat Technique CPS", b"technique", other), *objects])
    assert card.professional().family_name == BY_ID["cps-multi"].family_name


@pytest.mark.parametrize("content", [b"\x30\x03abc", b"\x30\x7f", b"\x30"])
def test_a_certificate_of_no_use_is_passed_over(
    content: bytes, odd: OpenOdd, objects: list[Template]
) -> None:
    rubbish = objects[0] | {Attribute.LABEL: "Certificat de Signature CPS", Attribute.VALUE: content}
    assert signs_with_both(odd([rubbish, *objects]))


@pytest.mark.parametrize("missing", [0, 1])
def test_a_missing_certificate(missing: int, odd: OpenOdd, objects: list[Template]) -> None:
    del objects[missing]
    with pytest.raises(errors.CertificateUnusable):
        odd(objects).professional()


def test_a_missing_key(odd: OpenOdd, objects: list[Template]) -> None:
    del objects[2]
    card = odd(objects)
    card.verify_pin(pin())
    assert card.sign(KeyUse.AUTHENTICATION, digest_info(b""))
    with pytest.raises(errors.CertificateUnusable):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_a_key_under_another_s_identifier_is_noticed(odd: OpenOdd, objects: list[Template]) -> None:
    objects[2][Attribute.ID], objects[3][Attribute.ID] = objects[3][Attribute.ID], objects[2][Attribute.ID]
    card = odd(objects)
    card.verify_pin(pin())
    with pytest.raises(errors.CardAnswerInvalid):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_certificates_of_two_people(odd: OpenOdd, objects: list[Template], pki: TrainingPki) -> None:
    objects[0] = objects_of(BY_ID["cps-medecin"], pki.card(BY_ID["cps-medecin"]))[0]
    with pytest.raises(errors.CardAnswerInvalid):
        odd(objects).professional()


def test_blank_and_foreign_data_objects(odd: OpenOdd, objects: list[Template]) -> None:
    extra = [
        data("CPS_ACTIVITY_03_PS", bytes(60), private=True),
        data("CPS_ACTIVITY_16_PS", b"\xff" * 8, private=True),
        data("CPS_SIT_FACT", b"\x00\x01", private=True),
        data("CPS2TER_ACTIVITY_01_PS", b"\x00\x01", private=True),
    ]
    card = odd([item for item in objects if item.get(Attribute.LABEL) != "CPS_INFO_PS"] + extra)
    assert card.professional().speciality is None
    card.verify_pin(pin())
    assert [activity.index for activity in card.activities()] == [1, 2, 4, 5, 9]


def test_contactless_face_has_no_code(softhsm: SoftHsmReader) -> None:
    softhsm.mark("no-pin")
    softhsm.insert("cps-medecin")
    card = Pkcs11Card(softhsm.module)
    with pytest.raises(errors.ContactlessRefused):
        card.verify_pin(pin())
    card.close()


def test_a_login_lost_to_another_program_asks_for_the_code_again(softhsm: SoftHsmReader) -> None:
    softhsm.insert("cps-medecin")
    card = Pkcs11Card(softhsm.module)
    card.verify_pin(pin())
    assert card.activities()
    softhsm.mark("reset")
    for use in (lambda: card.sign(KeyUse.SIGNATURE, digest_info(b"")), card.activities):
        with pytest.raises(errors.PinRequired):
            use()
    card.close()


class Spoilt:
    """An open card on which two data objects change all the time. They live in memory: SoftHSM's disk is slow."""

    def __init__(self, module: Path) -> None:
        self.card = Pkcs11Card(module)
        self.card.verify_pin(pin())
        (token,) = pkcs11.lib(str(module)).get_slots(token_present=True)
        self._session = token.get_token().open()
        self._written: list[pkcs11.Object] = []

    def write(self, content: bytes) -> None:
        for item in self._written:
            item.destroy()
        wanted = data("CPS_ACTIVITY_03_PS", content, private=True), data("CPS_INFO_PS", content)
        self._written = [self._session.create_object({Attribute.TOKEN: False} | item) for item in wanted]


@pytest.fixture(scope="module")
def spoilt(store: SoftHsm, pki: TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Spoilt]:
    label = f"CPS3v3-{next(_SERIALS):010}"
    objects = objects_of(BY_ID["cps-multi"], pki.card(BY_ID["cps-multi"]))
    store.write(label, *(item for item in objects if item[Attribute.LABEL] != "CPS_INFO_PS"))
    softhsm = SoftHsmReader(store, tmp_path_factory.mktemp("spoilt"))
    softhsm.insert_token(label)
    made = Spoilt(softhsm.module)
    yield made
    made.card.close()


HONEST = activity(BY_ID["cps-multi"].practices[0])[Attribute.VALUE]


@settings(max_examples=200, deadline=None)
@given(
    st.one_of(
        st.binary(min_size=1, max_size=80),
        st.builds(
            lambda at, inside: HONEST[:at] + inside + HONEST[at + len(inside) :],
            st.integers(0, len(HONEST) - 1),
            st.binary(min_size=1, max_size=3),
        ),
    )
)
def test_any_content_of_a_data_object_is_read_or_refused(spoilt: Spoilt, content: bytes) -> None:
    spoilt.write(content)
    with suppress(errors.CardAnswerInvalid):
        for found in spoilt.card.activities():
            assert found.structure_id
            assert found.structure_name == clean(found.structure_name)
    speciality = spoilt.card.professional().speciality
    assert speciality is None or speciality.code.encode() in content

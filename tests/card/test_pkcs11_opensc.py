"""The same back end through a module nobody here wrote: OpenSC, real pcscd, and the emulated CPS3 in its reader.

OpenSC descends from the same sources as the Cryptolib CPS and takes the emulated card for an IAS-ECC. It offers
the signature key for hashes it makes itself only, so signatures here are the authentication key's.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from peers import Pcscd
from pkcs11_bench import BY_ID, digest_info, pin
from tls_peers import page_of, s_server

from kiosk import errors
from kiosk.card.model import KeyUse
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.tls import tls_context
from kiosk.training.pki import TrainingPki

OPENSC = next(Path("/usr/lib").glob("*/opensc-pkcs11.so"))


@pytest.fixture(scope="module")
def pcscd(pki: TrainingPki) -> Iterator[Pcscd]:
    with Pcscd(pki.server_ca_file.parent) as peer:
        yield peer


@pytest.fixture
def card(pcscd: Pcscd) -> Iterator[Pkcs11Card]:
    pcscd.insert(0, "cps-multi")
    made = Pkcs11Card(OPENSC)
    yield made
    made.close()
    pcscd.remove(0)


def test_holder_counter_and_activities(card: Pkcs11Card) -> None:
    holder, read = BY_ID["cps-multi"], card.professional()
    assert (read.national_id, read.card_serial) == (holder.national_id, holder.serial)
    assert read.speciality is not None
    assert read.speciality.code == holder.speciality
    with pytest.raises(errors.PinRequired):
        card.activities()
    for left in (2, 1):
        with pytest.raises(errors.PinWrong) as caught:
            card.verify_pin(pin("9999"))
        assert caught.value.tries_left == left == card.pin_status().tries_left
    card.verify_pin(pin())
    assert card.pin_status().tries_left == 3
    assert [activity.index for activity in card.activities()] == [p.index for p in holder.practices]


def test_tls(card: Pkcs11Card, pki: TrainingPki) -> None:
    card.verify_pin(pin())
    der = card.certificate(KeyUse.AUTHENTICATION).public_bytes(Encoding.DER)
    context = tls_context(der, lambda info: card.sign(KeyUse.AUTHENTICATION, info), pki.server_ca_file)
    with s_server(pki.card_ca_file, pki.server()) as port:
        assert b"Verify return code: 0 (ok)" in page_of(context, port)
    context.close()


def check_gone(card: Pkcs11Card) -> None:
    for use in (
        lambda: card.sign(KeyUse.AUTHENTICATION, digest_info(b"")),
        card.activities,
        card.pin_status,
        lambda: card.verify_pin(pin("9999")),
    ):
        with pytest.raises(errors.CardRemoved):
            use()


def test_removal_and_reinsertion(card: Pkcs11Card, pcscd: Pcscd, capfd: pytest.CaptureFixture[str]) -> None:
    card.verify_pin(pin())
    pcscd.remove(0)
    check_gone(card)
    pcscd.insert(0, "cps-multi")
    check_gone(card)
    card.close()
    assert capfd.readouterr() == ("", "")
    again = Pkcs11Card(OPENSC)
    assert again.pin_status().tries_left == 3
    with pytest.raises(errors.PinRequired):
        again.sign(KeyUse.AUTHENTICATION, digest_info(b""))
    again.close()


def test_l3_another_card_in_the_same_slot(card: Pkcs11Card, pcscd: Pcscd) -> None:
    card.verify_pin(pin())
    pcscd.remove(0)
    pcscd.insert(0, "cps-pharmacien")
    with pytest.raises(errors.CardRemoved, match="token changed"):
        card.verify_pin(pin("9999"))
    check_gone(card)
    card.close()
    other = Pkcs11Card(OPENSC)
    assert other.professional().family_name == "DA COSTA"
    assert other.pin_status().tries_left == 3
    other.close()


def test_a_vitale_card_is_no_professional_card(pcscd: Pcscd) -> None:
    pcscd.insert(1, "vitale-famille")
    with pytest.raises(errors.CardUnknown):
        Pkcs11Card(OPENSC)
    pcscd.remove(1)

"""Professional cards over PKCS#11: SoftHSM behind `cps_module.c`; or, when KIOSK_PKCS11_MODULE names another
module (the Cryptolib CPS), that module before real pcscd with the emulated cards in it."""

import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from pkcs11_bench import BY_ID, CARDS, Open, Reader, digest_info, pin
from tls_peers import SECONDS, page_of, s_server

from kiosk import errors
from kiosk.card.model import CardType, KeyUse
from kiosk.card.owner import CardOwner
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.signing import SHA256_DIGEST_INFO
from kiosk.card.tls import tls_context
from kiosk.training.people import Holder
from kiosk.training.pki import TrainingPki

pytest_plugins = ("pkcs11_fixtures",)


@pytest.mark.parametrize("holder", [pytest.param(BY_ID[card_id], id=card_id) for card_id in CARDS])
def test_holder_before_the_pin(holder: Holder, opened: Open) -> None:
    read = opened(holder.card_id).professional()
    assert read.national_id == holder.national_id
    assert (read.family_name, read.given_name) == (holder.family_name, holder.given_name)
    assert read.card_type is CardType(holder.card_type)
    assert read.card_serial == holder.serial
    assert read.test_card
    assert read.profession.code == (holder.profession or "SECRETARIAT_MEDICAL")
    assert (read.speciality.code if read.speciality else "") == holder.speciality
    assert read.structure_name == (holder.employer if holder.card_type == "02" else "")


def test_certificates_belong_to_their_uses(opened: Open, pki: TrainingPki) -> None:
    card, keys = opened("cps-medecin"), pki.card(BY_ID["cps-medecin"])
    der = serialization.Encoding.DER
    assert card.certificate(KeyUse.AUTHENTICATION).public_bytes(der) == keys.authentication_certificate
    assert card.certificate(KeyUse.SIGNATURE).public_bytes(der) == keys.signature_certificate


@pytest.mark.parametrize("card_id", ["cps-medecin", "cps-dernier-essai", "cps-bloquee"])
def test_counter_is_free(card_id: str, opened: Open) -> None:
    card = opened(card_id)
    for _ in range(3):
        status = card.pin_status()
        assert (status.tries_left, status.max_tries) == (BY_ID[card_id].tries_left, 3)
        assert status.min_length == 4 <= status.max_length


def test_0_1_pin_three_wrong_codes_block(opened: Open) -> None:
    card = opened("cps-medecin")
    for left in (2, 1):
        with pytest.raises(errors.PinWrong) as caught:
            card.verify_pin(pin("9999"))
        assert caught.value.tries_left == left == card.pin_status().tries_left
    with pytest.raises(errors.PinBlocked):
        card.verify_pin(pin("9999"))
    assert card.pin_status().tries_left == 0
    with pytest.raises(errors.PinBlocked):
        card.verify_pin(pin())


def test_right_code_gives_the_tries_back(opened: Open) -> None:
    card = opened("cps-dernier-essai")
    assert card.pin_status().tries_left == 1
    card.verify_pin(pin())
    assert card.pin_status().tries_left == 3


def test_blocked_card_stays_blocked(opened: Open) -> None:
    with pytest.raises(errors.PinBlocked):
        opened("cps-bloquee").verify_pin(pin())


def test_wrong_code_is_remembered_by_the_card_not_by_the_kiosk(opened: Open, token: Reader) -> None:
    card = opened("cps-medecin")
    with pytest.raises(errors.PinWrong):
        card.verify_pin(pin("0000"))
    card.close()
    token.remove()
    assert opened("cps-medecin").pin_status().tries_left == 2


def test_a_wrong_code_after_a_right_one_is_refused_and_ends_the_login(opened: Open) -> None:
    card = opened("cps-medecin")
    card.verify_pin(pin())
    with pytest.raises(errors.PinWrong):
        card.verify_pin(pin("9999"))
    with pytest.raises(errors.PinRequired):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))
    card.verify_pin(pin())
    assert card.activities()


@pytest.mark.parametrize("text", ["", "123", "12a4", "1 34", "123456789", "١٢٣٤", "-123", "12.4"])
def test_malformed_code_never_reaches_the_card(text: str, opened: Open) -> None:
    card = opened("cps-medecin")
    with pytest.raises(errors.PinMalformed):
        card.verify_pin(pin(text))
    assert card.pin_status().tries_left == 3


@pytest.mark.parametrize("text", ["1234", "9999", "12", "12345678901"])
def test_code_is_wiped_whatever_happens(text: str, opened: Open) -> None:
    card = opened("cps-medecin")
    buffer = pin(text)
    with suppress(errors.PinError):
        card.verify_pin(buffer)
    assert not buffer


def test_no_error_repeats_the_code(opened: Open) -> None:
    card = opened("cps-medecin")
    for text in ("9876", "98765432101"):
        with pytest.raises(errors.PinError) as caught:
            card.verify_pin(pin(text))
        assert text not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_activities_with_holes(opened: Open) -> None:
    card = opened("cps-multi")
    with pytest.raises(errors.PinRequired):
        card.activities()
    card.verify_pin(pin())
    read = [(a.index, a.structure_name, a.structure_id, a.sector.code) for a in card.activities()]
    practices = BY_ID["cps-multi"].practices
    assert read == [(p.index, p.structure_name, p.structure_id, p.sector) for p in practices]
    assert [index for index, *_ in read] == [1, 2, 4, 5, 9]


@pytest.mark.parametrize("use", KeyUse)
def test_openssl_accepts_the_signature(use: KeyUse, opened: Open, tmp_path: Path) -> None:
    card = opened("cps-medecin")
    card.verify_pin(pin())
    message = "Bonjour à tous".encode()
    (tmp_path / "signature").write_bytes(card.sign(use, digest_info(message)))
    (tmp_path / "message").write_bytes(message)
    public = card.certificate(use).public_key()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "key.pem").write_bytes(public.public_bytes(encoding, form))
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Verified OK\n")


def test_no_signature_before_the_pin(opened: Open) -> None:
    card = opened("cps-medecin")
    for use in KeyUse:
        with pytest.raises(errors.PinRequired):
            card.sign(use, digest_info(b""))


@pytest.mark.parametrize(
    "wrong", [b"", b"x" * 51, SHA256_DIGEST_INFO, SHA256_DIGEST_INFO + b"x" * 33, b"x" * 32]
)
def test_only_sha256_digest_infos_are_signed(wrong: bytes, opened: Open) -> None:
    card = opened("cps-medecin")
    card.verify_pin(pin())
    with pytest.raises(errors.CardError):
        card.sign(KeyUse.SIGNATURE, wrong)


def test_card_leaves(opened: Open, token: Reader, capfd: pytest.CaptureFixture[str]) -> None:
    card = opened("cps-medecin")
    card.professional()
    card.verify_pin(pin())
    token.remove()
    buffer = pin()
    for use in (
        card.pin_status,
        card.activities,
        lambda: card.sign(KeyUse.SIGNATURE, digest_info(b"")),
        lambda: card.verify_pin(buffer),
    ):
        with pytest.raises(errors.CardRemoved):
            use()
    assert not buffer
    card.close()
    card.close()
    assert capfd.readouterr() == ("", ""), "a traceback would land on the user's screen"


def test_card_pulled_and_reinserted_is_another_card(opened: Open, token: Reader) -> None:
    card = opened("cps-medecin")
    card.verify_pin(pin())
    token.remove()
    token.insert("cps-medecin")
    for use in (
        card.pin_status,
        card.activities,
        lambda: card.sign(KeyUse.SIGNATURE, digest_info(b"")),
        lambda: card.verify_pin(pin("9999")),
    ):
        with pytest.raises(errors.CardRemoved):
            use()
    card.close()
    token.remove()
    again = opened("cps-medecin")
    assert again.pin_status().tries_left == 3
    with pytest.raises(errors.PinRequired):
        again.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_l3_another_card_in_its_place_gets_no_code_and_signs_nothing(opened: Open, token: Reader) -> None:
    card = opened("cps-medecin")
    card.verify_pin(pin())
    token.remove()
    token.insert("cps-pharmacien")
    for use in (
        card.pin_status,
        lambda: card.sign(KeyUse.SIGNATURE, digest_info(b"")),
        lambda: card.verify_pin(pin("9999")),
    ):
        with pytest.raises(errors.CardRemoved):
            use()
    card.close()
    token.remove()
    assert opened("cps-pharmacien").pin_status().tries_left == 3


def test_closed_card(opened: Open) -> None:
    card = opened("cps-medecin")
    card.close()
    for use in (card.professional, card.pin_status, card.activities, lambda: card.verify_pin(pin())):
        with pytest.raises(errors.CardRemoved):
            use()


def test_no_card(token: Reader) -> None:
    with pytest.raises(errors.CardUnknown):
        Pkcs11Card(token.module)


def test_l9_two_professional_cards(token: Reader) -> None:
    token.insert("cps-medecin", 0)
    token.insert("cps-pharmacien", 1)
    with pytest.raises(errors.TwoProfessionalCards):
        Pkcs11Card(token.module)
    token.remove(0)
    card = Pkcs11Card(token.module)
    assert card.professional().family_name == "DA COSTA"
    card.close()


def test_tls_with_the_token_s_key(opened: Open, token: Reader, pki: TrainingPki) -> None:
    owner = CardOwner()
    card = owner.call(lambda: opened("cps-medecin"))
    owner.call(lambda: card.verify_pin(pin()))
    der = card.certificate(KeyUse.AUTHENTICATION).public_bytes(serialization.Encoding.DER)

    def sign(info: bytes) -> bytes:
        return owner.call(lambda: card.sign(KeyUse.AUTHENTICATION, info), SECONDS)

    context = tls_context(der, sign, pki.server_ca_file)
    with s_server(pki.card_ca_file, pki.server()) as port:
        for _ in range(3):
            assert b"Verify return code: 0 (ok)" in page_of(context, port)
        assert context.signatures == 1
        fresh = tls_context(der, sign, pki.server_ca_file)
        token.remove()
        with pytest.raises(errors.CardRemoved):
            page_of(fresh, port)
    owner.stop()

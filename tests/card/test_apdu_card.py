"""Professional cards over APDUs: the emulated CPS3 of the training box, through its tray."""

import hashlib
import subprocess
from collections.abc import Callable
from contextlib import AbstractContextManager, suppress
from pathlib import Path

import pytest
from card_bench import Bench
from cryptography.hazmat.primitives import serialization
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from tls_peers import SECONDS, page_of, s_server

from kiosk import errors
from kiosk.card import tray as drawers
from kiosk.card.cps import SHA256_DIGEST_INFO, ApduCard
from kiosk.card.model import CardType, KeyUse
from kiosk.card.owner import CardOwner
from kiosk.card.readers import Apdu, CardLink
from kiosk.card.tls import tls_context
from kiosk.training.people import HOLDERS, Holder
from kiosk.training.pki import TrainingPki

DOCTOR = next(holder for holder in HOLDERS if holder.card_id == "cps-medecin")
BY_ID = [pytest.param(holder, id=holder.card_id) for holder in HOLDERS]


def pin(text: str = "1234") -> bytearray:
    return bytearray(text.encode())


def digest_info(message: bytes) -> bytes:
    return SHA256_DIGEST_INFO + hashlib.sha256(message).digest()


class Tap:
    """A link that counts the commands passing and may spoil an answer."""

    def __init__(self, link: CardLink, spoil: Callable[[int, bytes], bytes] | None = None) -> None:
        self.link, self.spoil, self.commands = link, spoil, list[bytes]()
        self.last: Apdu = b""

    @property
    def atr(self) -> bytes:
        return self.link.atr

    def transmit(self, apdu: Apdu) -> bytes:
        self.commands.append(bytes(apdu))
        self.last = apdu
        answer = self.link.transmit(apdu)
        return self.spoil(len(self.commands), answer) if self.spoil else answer

    def exclusive(self) -> AbstractContextManager[None]:
        return self.link.exclusive()

    def close(self) -> None:
        self.link.close()


@pytest.mark.parametrize("holder", BY_ID)
def test_holder_before_the_pin(holder: Holder, bench: Bench) -> None:
    read = bench.card(holder.card_id).professional()
    assert read.national_id == holder.national_id
    assert read.anonymous is (not holder.family_name)
    named = (holder.employer, "B CPET") if read.anonymous else (holder.family_name, holder.given_name)
    assert (read.family_name, read.given_name) == named
    assert read.card_type is CardType(holder.card_type)
    assert read.card_serial == holder.serial
    assert read.test_card is (holder.category == "80")
    assert read.profession.code == (holder.profession or "SECRETARIAT_MEDICAL")
    assert (read.speciality.code if read.speciality else "") == holder.speciality
    assert read.structure_name == (holder.employer if holder.card_type == "02" else "")
    assert f"'{holder.serial}'" not in repr(read)


def test_certificates_belong_to_their_uses(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    assert card.certificate(KeyUse.AUTHENTICATION) != card.certificate(KeyUse.SIGNATURE)


@pytest.mark.parametrize("holder", BY_ID)
def test_counter_is_free(holder: Holder, bench: Bench) -> None:
    card = bench.card(holder.card_id)
    for _ in range(3):
        status = card.pin_status()
        assert (status.tries_left, status.max_tries) == (holder.tries_left, 3)
        assert status.min_length == 4


def test_0_1_pin_three_wrong_codes_block(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    for left in (2, 1):
        with pytest.raises(errors.PinWrong) as caught:
            card.verify_pin(pin("9999"))
        assert caught.value.tries_left == left == card.pin_status().tries_left
    with pytest.raises(errors.PinBlocked):
        card.verify_pin(pin("9999"))
    assert card.pin_status().tries_left == 0
    with pytest.raises(errors.PinBlocked):
        card.verify_pin(pin())


def test_right_code_gives_the_tries_back(bench: Bench) -> None:
    card = bench.card("cps-dernier-essai")
    assert card.pin_status().tries_left == 1
    card.verify_pin(pin())
    assert card.pin_status().tries_left == 3


def test_blocked_card_stays_blocked(bench: Bench) -> None:
    with pytest.raises(errors.PinBlocked):
        bench.card("cps-bloquee").verify_pin(pin())


def test_wrong_code_is_remembered_by_the_card_not_by_the_kiosk(bench: Bench) -> None:
    with pytest.raises(errors.PinWrong):
        bench.card("cps-medecin").verify_pin(pin("0000"))
    drawers.remove(bench.directory, slot=0)
    assert bench.card("cps-medecin").pin_status().tries_left == 2


@pytest.mark.parametrize("text", ["", "123", "12a4", "1 34", "123456789", "١٢٣٤", "-123", "12.4"])
def test_malformed_code_never_reaches_the_card(text: str, bench: Bench) -> None:
    tap = Tap(bench.link("cps-medecin"))
    card = ApduCard(tap)
    card.professional()
    before = len(tap.commands)
    with pytest.raises(errors.PinMalformed):
        card.verify_pin(pin(text))
    assert len(tap.commands) == before
    assert card.pin_status().tries_left == 3


@pytest.mark.parametrize("text", ["1234", "9999", "12", "12345678901"])
def test_code_is_wiped_whatever_happens(text: str, bench: Bench) -> None:
    card = bench.card("cps-medecin")
    buffer = pin(text)
    with suppress(errors.PinError):
        card.verify_pin(buffer)
    assert not buffer


def test_the_command_that_carried_the_code_is_wiped(bench: Bench) -> None:
    tap = Tap(bench.link("cps-medecin"))
    ApduCard(tap).verify_pin(pin())
    assert tap.commands[-1] == bytes.fromhex("0020000108") + b"1234" + b"\xff" * 4
    assert isinstance(tap.last, bytearray)
    assert not tap.last


def test_no_error_repeats_the_code(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    for text in ("9876", "98765432101"):
        with pytest.raises(errors.PinError) as caught:
            card.verify_pin(pin(text))
        assert text not in f"{caught.value} {caught.value!r} {vars(caught.value)}"


def test_code_is_wiped_when_the_card_has_left(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    drawers.remove(bench.directory, slot=0)
    buffer = pin()
    with pytest.raises(errors.CardRemoved):
        card.verify_pin(buffer)
    assert not buffer


def test_activities(bench: Bench) -> None:
    card = bench.card("cps-multi")
    with pytest.raises(errors.PinRequired):
        card.activities()
    card.verify_pin(pin())
    holder = next(holder for holder in HOLDERS if holder.card_id == "cps-multi")
    read = [(a.index, a.structure_name, a.structure_id, a.sector.code) for a in card.activities()]
    assert read == [(p.index, p.structure_name, p.structure_id, p.sector) for p in holder.practices]
    assert card.activities()[0].sector.label == "Cabinet individuel"


@pytest.mark.parametrize("use", KeyUse)
def test_openssl_accepts_the_signature(use: KeyUse, bench: Bench, tmp_path: Path) -> None:
    card = bench.card("cps-medecin")
    card.verify_pin(pin())
    message = "Bonjour à tous".encode()
    signature = card.sign(use, digest_info(message))
    public = card.certificate(use).public_key()
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    (tmp_path / "key.pem").write_bytes(public.public_bytes(encoding, form))
    (tmp_path / "signature").write_bytes(signature)
    (tmp_path / "message").write_bytes(message)
    command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "Verified OK\n")


def test_no_signature_before_the_pin(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    for use in KeyUse:
        with pytest.raises(errors.PinRequired):
            card.sign(use, digest_info(b""))


@pytest.mark.parametrize(
    "wrong", [b"", b"x" * 51, SHA256_DIGEST_INFO, SHA256_DIGEST_INFO + b"x" * 33, b"x" * 32]
)
def test_only_sha256_digest_infos_are_signed(wrong: bytes, bench: Bench) -> None:
    card = bench.card("cps-medecin")
    card.verify_pin(pin())
    with pytest.raises(errors.CardError):
        card.sign(KeyUse.SIGNATURE, wrong)


def test_card_leaves(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    card.professional()
    card.verify_pin(pin())
    drawers.remove(bench.directory, slot=0)
    for use in (
        card.pin_status,
        card.activities,
        lambda: card.sign(KeyUse.SIGNATURE, digest_info(b"")),
        lambda: card.verify_pin(pin()),
    ):
        with pytest.raises(errors.CardRemoved):
            use()
    card.close()
    card.close()


def test_card_pulled_and_reinserted_asks_for_the_pin_again(bench: Bench) -> None:
    card = bench.card("cps-medecin")
    card.verify_pin(pin())
    drawers.remove(bench.directory, slot=0)
    again = bench.card("cps-medecin")
    with pytest.raises(errors.PinRequired):
        again.sign(KeyUse.SIGNATURE, digest_info(b""))
    with pytest.raises(errors.CardRemoved):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_l3_another_card_behind_the_same_link_signs_nothing(bench: Bench) -> None:
    tap = Tap(bench.link("cps-medecin", 0))
    card = ApduCard(tap)
    card.professional()
    card.verify_pin(pin())
    tap.link = bench.link("cps-pharmacien", 1)
    ApduCard(tap.link).verify_pin(pin())
    with pytest.raises(errors.CardRemoved, match="serial"):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_applications_of_others_in_ef_dir_are_passed_over(bench: Bench) -> None:
    other = bytes.fromhex("61 0D 4F 05 A000000063 51 04 3F005015")
    tap = Tap(bench.link("cps-medecin"))
    tap.spoil = lambda count, answer: (
        other + answer
        if count > 1 and tap.commands[-2].endswith(b"\x2f\x00") and answer[:1] == b"\x61"
        else answer
    )
    assert ApduCard(tap).professional().national_id == DOCTOR.national_id


def test_a_signature_by_another_key_is_noticed(bench: Bench) -> None:
    link = bench.link("cps-medecin")
    plain = ApduCard(link)
    plain.verify_pin(pin())
    signed = plain.sign(KeyUse.AUTHENTICATION, digest_info(b""))

    def spoil(_: int, answer: bytes) -> bytes:
        return signed + answer[-2:] if len(answer) == 258 else answer

    card = ApduCard(Tap(link, spoil))
    card.certificate(KeyUse.SIGNATURE)
    with pytest.raises(errors.CardAnswerInvalid):
        card.sign(KeyUse.SIGNATURE, digest_info(b""))


def test_two_cards_at_once(bench: Bench) -> None:
    doctor, pharmacist = bench.card("cps-medecin", 0), bench.card("cps-pharmacien", 1)
    doctor.verify_pin(pin())
    assert doctor.professional().national_id != pharmacist.professional().national_id
    with pytest.raises(errors.PinRequired):
        pharmacist.activities()


def test_tls_with_the_emulated_card_s_key(bench: Bench, pki: TrainingPki) -> None:
    owner = CardOwner()
    card = bench.card("cps-medecin")
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
        drawers.remove(bench.directory, slot=0)
        with pytest.raises(errors.CardRemoved):
            page_of(fresh, port)
    owner.stop()


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.integers(1, 60),
    st.sampled_from(["cut", "empty", "flip", "status"]),
    st.integers(0),
    st.binary(min_size=2, max_size=2),
)
def test_any_spoilt_answer_is_a_card_error(
    bench: Bench, position: int, how: str, where: int, status: bytes
) -> None:
    def spoil(count: int, answer: bytes) -> bytes:
        if count != position or not answer:
            return answer
        at = where % len(answer)
        changed = bytes([answer[at] ^ (1 + where % 255)])
        return {
            "cut": answer[:at],
            "empty": answer[-2:],
            "flip": answer[:at] + changed + answer[at + 1 :],
            "status": answer[:-2] + status,
        }[how]

    link = bench.link("cps-multi")
    card = ApduCard(Tap(link, spoil))
    try:
        card.professional()
        card.pin_status()
        card.verify_pin(pin())
        card.activities()
        for use in KeyUse:
            card.sign(use, digest_info(b"message"))
    except errors.CardError:
        pass
    finally:
        link.close()


@pytest.mark.parametrize(
    "content", [b"", b"\x90", b"\x6d\x00", b"\x61\x00", b"\x6c\x10", b"\x90\x00", b"\x00" * 99 + b"\x90\x00"]
)
def test_a_card_that_always_says_the_same(content: bytes, bench: Bench) -> None:
    card = ApduCard(Tap(bench.link("cps-medecin"), lambda _, __: content))
    with pytest.raises(errors.CardError):
        card.professional()

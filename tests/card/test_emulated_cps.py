"""The emulated CPS3 at its contacts: files, PIN, both keys, and every status word of the reference."""

import dataclasses
import hashlib
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from raw_card import read_path, send, status

from kiosk.training.cards.cps import CpsCard
from kiosk.training.cards.hashing import INITIAL_STATE, compress, finish_sha256
from kiosk.training.cards.shelf import make_card
from kiosk.training.people import HOLDERS, Holder
from kiosk.training.pki import TrainingPki

DOCTOR = next(holder for holder in HOLDERS if holder.card_id == "cps-medecin")
RIGHT_PIN = "0020000108 31323334FFFFFFFF"
WRONG_PIN = "0020000108 34333231FFFFFFFF"
COUNTER = "00CB3FFF0A 4D087006BF810102A080"
CERTIFICATES = {"authentication": "3F0000017010", "signature": "3F0000017011"}
ACTIVITY_1 = "00A4090C063F000001D120"
DIGEST_INFO = "3031300D060960864801650304020105000420"


@pytest.fixture
def card(pki: TrainingPki) -> CpsCard:
    return CpsCard(DOCTOR, pki.card(DOCTOR))


def tries_left(card: CpsCard) -> int:
    data, end = send(card, COUNTER)
    assert end == "9000"
    return data[data.index(b"\x9b\x01") + 2]


def openssl(directory: Path, *arguments: str) -> str:
    done = subprocess.run(["openssl", *arguments], cwd=directory, capture_output=True, text=True, check=False)
    return done.stdout + done.stderr


def verified(directory: Path, certificate: bytes, message: bytes, signature: bytes) -> bool:
    (directory / "c.der").write_bytes(certificate)
    (directory / "m").write_bytes(message)
    (directory / "s").write_bytes(signature)
    (directory / "k.pem").write_text(
        openssl(directory, "x509", "-inform", "der", "-in", "c.der", "-pubkey", "-noout")
    )
    return (
        openssl(directory, "dgst", "-sha256", "-verify", "k.pem", "-signature", "s", "m") == "Verified OK\n"
    )


def test_atr_is_the_one_the_official_middleware_takes(card: CpsCard) -> None:
    assert card.atr.hex().upper() == "3BAC00402A001225006480000310009000"


def test_serial_number_file_is_exactly_twelve_bytes(card: CpsCard) -> None:
    assert read_path(card, "3F00D003").hex().upper() == "5A0A80250000010000000021"


def test_select_announces_its_answer_and_gives_it_on_get_response(card: CpsCard) -> None:
    assert card.transmit(bytes.fromhex("00A40904043F00D003"))[0] == 0x61
    assert card.transmit(bytes.fromhex("00C0000001"))[-2] == 0x61
    card.transmit(bytes.fromhex("00A40904043F00D003"))
    assert card.transmit(bytes.fromhex("00C00000FF"))[-2] == 0x6C
    assert status(card, "00A4090C043F00D003") == "9000"
    assert status(card, "00C0000010") == "6985"


@pytest.mark.parametrize(
    "path", ["3F00D003", "3F002F00", "3F0000015031", "3F0000015032", "3F0000017001", "3F000001D107"]
)
def test_files_of_the_reference_are_there_before_the_pin(card: CpsCard, path: str) -> None:
    assert read_path(card, path)


def test_application_by_name_whole_or_begun(card: CpsCard) -> None:
    assert status(card, "00A4040C0DE828BD080F8025000001FF0010") == "9000"
    assert status(card, "00A4020C025031") == "9000"
    assert status(card, "00A4040C05E828BD080F") == "9000"
    assert status(card, "00A4040C0DE828BD080F8025000001FF0020") == "6A82"


@pytest.mark.parametrize("use", CERTIFICATES)
def test_extended_read_gives_the_same_certificate_in_one_piece(card: CpsCard, use: str) -> None:
    content = read_path(card, CERTIFICATES[use])
    assert send(card, "00B00000000000") == (content, "9000")


def test_reading_past_the_end(card: CpsCard) -> None:
    send(card, "00A4090C043F00D003")
    assert send(card, "00B00004E7") == (bytes.fromhex("0000010000000021"), "6282")
    assert len(send(card, "00B0000000")[0]) == 12
    assert status(card, "00B0000C01") == "6B00"


def test_pin_counts_down_blocks_and_the_counter_is_free_to_read(card: CpsCard) -> None:
    assert [tries_left(card) for _ in range(3)] == [3, 3, 3]
    assert status(card, "00200001") == "63C3"
    assert [status(card, WRONG_PIN) for _ in range(3)] == ["63C2", "63C1", "63C0"]
    assert tries_left(card) == 0
    assert status(card, RIGHT_PIN) == "6983"
    assert status(card, "00200001") == "6983"


def test_right_pin_gives_the_tries_back(card: CpsCard) -> None:
    assert status(card, WRONG_PIN) == "63C2"
    assert status(card, RIGHT_PIN) == "9000"
    assert tries_left(card) == 3
    assert status(card, "00200001") == "9000"


def test_counter_outlives_power_and_the_verified_state_does_not(card: CpsCard) -> None:
    send(card, WRONG_PIN)
    for lose in (card.power_off, card.reset, card.power_on):
        lose()
        assert tries_left(card) == 2
    for lose in (card.power_off, card.reset):
        assert status(card, RIGHT_PIN) == "9000"
        send(card, ACTIVITY_1)
        assert status(card, "00B0000000") == "9000"
        lose()
        send(card, ACTIVITY_1)
        assert status(card, "00B0000000") == "6982"


def test_wrong_pin_closes_what_the_right_one_opened(card: CpsCard) -> None:
    send(card, RIGHT_PIN)
    send(card, WRONG_PIN)
    send(card, ACTIVITY_1)
    assert status(card, "00B0000000") == "6982"


@pytest.mark.parametrize("apdu", ["0020000104 31323334", "0020000109 31323334FFFFFFFFFF"])
def test_malformed_pin_costs_nothing(card: CpsCard, apdu: str) -> None:
    assert status(card, apdu) == "6700"
    assert tries_left(card) == 3


def test_cards_of_the_cast_that_come_with_few_tries(pki: TrainingPki) -> None:
    assert status(make_card("cps-bloquee", pki), RIGHT_PIN) == "6983"
    last = make_card("cps-dernier-essai", pki)
    assert status(last, WRONG_PIN) == "63C0"
    assert status(last, RIGHT_PIN) == "6983"


def test_activity_is_private_and_written_as_the_reference_says(card: CpsCard) -> None:
    send(card, ACTIVITY_1)
    assert status(card, "00B0000000") == "6982"
    send(card, RIGHT_PIN)
    send(card, ACTIVITY_1)
    content = send(card, "00B0000000")[0]
    name, structure, sector = b"CABINET MEDICAL DES ACACIAS", b"499700000001001", b"SA07"
    inside = b"".join(
        bytes([tag, len(value)]) + value for tag, value in ((0x84, name), (0x85, structure), (0x86, sector))
    )
    assert content == bytes([0xEE, len(inside)]) + inside


def test_activities_keep_their_holes(pki: TrainingPki) -> None:
    card = make_card("cps-multi", pki)
    found = [n for n in range(1, 17) if status(card, f"00A4090C063F000001D1{0x1F + n:02X}") == "9000"]
    assert found == [1, 2, 4, 5, 9]


@pytest.mark.parametrize(
    ("card_id", "ending"),
    [("cps-medecin", b"SM26"), ("cps-pharmacien", b"A   "), ("cps-infirmier", b"    ")],
)
def test_speciality_is_the_last_four_characters(pki: TrainingPki, card_id: str, ending: bytes) -> None:
    assert read_path(make_card(card_id, pki), "3F000001D104")[-4:] == ending


def test_authentication_key_signs_what_the_host_built(card: CpsCard, tmp_path: Path) -> None:
    block = DIGEST_INFO + hashlib.sha256(b"message").hexdigest()
    internal_authenticate = f"0088000033{block}"
    assert status(card, internal_authenticate) == "6985"
    assert status(card, "002241A406800102840102") == "9000"
    assert status(card, internal_authenticate) == "6982"
    send(card, RIGHT_PIN)
    signature, end = send(card, internal_authenticate)
    assert (end, len(signature)) == ("9000", 256)
    assert verified(tmp_path, read_path(card, CERTIFICATES["authentication"]), b"message", signature)
    assert status(card, "0088000066" + "00" * 102) == "9000"
    assert status(card, "0088000067" + "00" * 103) == "6700"


def test_signature_key_signs_a_hash_of_the_host(card: CpsCard, tmp_path: Path) -> None:
    sign = "002A9E9A20" + hashlib.sha256(b"message").hexdigest()
    assert status(card, sign) == "6985"
    assert status(card, "002241B606800142840101") == "9000"
    assert status(card, sign) == "6982"
    send(card, RIGHT_PIN)
    signature, end = send(card, sign)
    assert end == "9000"
    assert verified(tmp_path, read_path(card, CERTIFICATES["signature"]), b"message", signature)
    assert send(card, sign)[0] == signature
    assert status(card, "002A9E9A14" + "00" * 20) == "6700"


@pytest.mark.parametrize("length", [0, 7, 64, 65, 128, 1000])
def test_signature_key_finishes_the_hash_in_the_card(card: CpsCard, length: int, tmp_path: Path) -> None:
    message = bytes(range(256)) * 4
    message = message[:length]
    whole = max(0, (length - 1) // 64) * 64
    state = INITIAL_STATE
    for at in range(0, whole, 64):
        state = compress(state, message[at : at + 64])
    so_far = state + (8 * whole).to_bytes(8, "big") if whole else b""
    rest = message[whole:]
    send(card, RIGHT_PIN)
    assert status(card, "002241AA03800140") == "9000"
    body = bytes([0x90, len(so_far)]) + so_far + bytes([0x80, len(rest)]) + rest
    assert status(card, f"002A90A0{len(body):02X}{body.hex()}") == "9000"
    assert status(card, "002241B606800142840101") == "9000"
    signature, end = send(card, "002A9E9A00")
    assert end == "9000"
    assert verified(tmp_path, read_path(card, CERTIFICATES["signature"]), message, signature)
    assert status(card, "002A9E9A00") == "6985"


@given(st.binary(max_size=300))
def test_last_round_of_sha256_agrees_with_hashlib(message: bytes) -> None:
    state, at = INITIAL_STATE, 0
    while len(message) - at > 64:
        state, at = compress(state, message[at : at + 64]), at + 64
    assert finish_sha256(state, 8 * at, message[at:]) == hashlib.sha256(message).digest()


@pytest.mark.parametrize(
    ("apdu", "expected"),
    [
        ("00A4", "6700"),
        ("0020000108 31", "6700"),
        ("80CA000000", "6E00"),
        ("00FE0000", "6D00"),
        ("00A40A00023F00", "6A86"),
        ("00A40908023F00", "6A86"),
        ("00B0000001", "6986"),
        ("00B0810001", "6A82"),
        ("00B0E10001", "6A86"),
        ("00A40904063F00 0001 9999", "6A82"),
        ("0020000208 31323334FFFFFFFF", "6A88"),
        ("0020010108 31323334FFFFFFFF", "6A86"),
        ("002241A406 800102840109", "6A88"),
        ("002241A406 800199840102", "6A80"),
        ("002241A403 8001", "6700"),
        ("002241A402 8001", "6A80"),
        ("002241B803 840102", "6A86"),
        ("002281B606 800142840101", "6A86"),
        ("002A8086 02 8100", "6A86"),
        ("00CB3FFF02 4D00", "6A88"),
        ("00CB000000", "6A86"),
        ("0070000001", "6D00"),
        ("0170000001", "6881"),
        ("01A4040C08 8025000001FF0100", "6A82"),
        ("01A4040C07 A0000001510000", "6A82"),
        ("00A4040C08 8025000001FF0002", "6A82"),
        ("01A4080002D003", "6A82"),
    ],
)
def test_what_is_not_understood_is_refused_cleanly(card: CpsCard, apdu: str, expected: str) -> None:
    answer = card.transmit(bytes.fromhex(apdu))
    assert answer.hex().upper() == expected


@pytest.mark.parametrize(
    ("use", "key_usage", "extended"),
    [
        ("authentication", "Digital Signature", "TLS Web Client Authentication, Microsoft Smartcard Login"),
        ("signature", "Non Repudiation", "E-mail Protection"),
    ],
)
def test_certificates_say_what_their_key_is_for(
    card: CpsCard, use: str, key_usage: str, extended: str, tmp_path: Path
) -> None:
    (tmp_path / "c.der").write_bytes(read_path(card, CERTIFICATES[use]))
    shown = openssl(
        tmp_path, "x509", "-inform", "der", "-in", "c.der", "-noout", "-ext", "keyUsage,extendedKeyUsage"
    )
    assert [line.strip() for line in shown.splitlines()] == [
        "X509v3 Key Usage: critical",
        key_usage,
        "X509v3 Extended Key Usage:",
        extended,
    ]


@pytest.mark.parametrize(
    ("card_id", "subject"),
    [
        ("cps-medecin", "GN=CAMILLE+SN=GIRAUD+CN=899700000021,title=Médecin,C=FR"),
        (
            "cpe-accueil",
            "GN=LEA+SN=MARCHAND+CN=30B0099991/CPET00011,OU=10B0099991,O=CENTRE HOSPITALIER DE FICTION,C=FR",
        ),
    ],
)
def test_subject_ends_with_one_rdn_of_three_names(
    pki: TrainingPki, card_id: str, subject: str, tmp_path: Path
) -> None:
    (tmp_path / "c.der").write_bytes(read_path(make_card(card_id, pki), CERTIFICATES["signature"]))
    shown = openssl(
        tmp_path,
        "x509",
        "-inform",
        "der",
        "-in",
        "c.der",
        "-noout",
        "-subject",
        "-nameopt",
        "RFC2253,-esc_msb,utf8",
    )
    rdns = shown.strip().removeprefix("subject=").split(",")
    wanted = subject.split(",")
    assert sorted(rdns[0].split("+")) == sorted(wanted[0].split("+"))
    assert rdns[1:] == wanted[1:]


@settings(deadline=None, max_examples=60)
@given(st.lists(st.sampled_from([RIGHT_PIN, WRONG_PIN, COUNTER, "00200001", "reset", "off"]), max_size=12))
def test_counter_follows_its_one_rule_whatever_happens(pki: TrainingPki, acts: list[str]) -> None:
    card, model, verified_now = CpsCard(DOCTOR, pki.card(DOCTOR)), 3, False
    for act in acts:
        if act in ("reset", "off"):
            card.reset() if act == "reset" else card.power_off()
            verified_now = False
            continue
        end = status(card, act)
        if act == WRONG_PIN and model:
            model, verified_now = model - 1, False
            assert end == f"63C{model}"
        elif act == RIGHT_PIN and model:
            model, verified_now = 3, True
            assert end == "9000"
        elif act != COUNTER:
            assert end == ("6983" if not model else "9000" if verified_now else f"63C{model}")
        assert tries_left(card) == model


def test_another_pin_than_the_usual_one(pki: TrainingPki) -> None:
    holder: Holder = dataclasses.replace(DOCTOR, pin="4321")
    card = CpsCard(holder, pki.card(holder))
    assert status(card, RIGHT_PIN) == "63C2"
    assert status(card, WRONG_PIN) == "9000"

"""The reader's own keypad: structures by themselves, then the whole way through the real pcscd.

No reader with a pad was at hand. `reader_driver.c` plays one: it reads the structure as CCID lays it down, puts the
digits its user typed into the command and gives it to the card. What a model on the market wants besides is not
proved here.
"""

import struct
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pluggable import PluggableReaders
from scripted_card import ScriptedCard

from kiosk.card.cps import ApduCard
from kiosk.card.pcsc import PcscReaders
from kiosk.card.pinpad import PinPad, features, find_pad, settle, verify_structure
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.pkcs15 import PinObject
from kiosk.errors import (
    CardAnswerInvalid,
    CardError,
    CardRemoved,
    KioskError,
    PinBlocked,
    PinNotEntered,
    PinRequired,
    PinWrong,
)
from kiosk.seat import CardSeat

FOUR_DIGITS = PinObject(reference=1, min_length=4, max_length=4, stored_length=8, pad=0xFF)
OPENSC = next(Path("/usr/lib").glob("*/opensc-pkcs11.so"))
ADDRESSED = 0x42000D48
"""CM_IOCTL_GET_FEATURE_REQUEST on Linux."""


def test_structure_of_a_cps_pin_byte_by_byte() -> None:
    """PC/SC part 10, 2.5.2; CCID 1.1, 6.1.11 for the bits."""
    assert verify_structure(FOUR_DIGITS).hex(" ") == (
        "1e 0f "  # 30 s for the first key, 15 s for each other
        "82 08 00 "  # ASCII, left, offset 0 in bytes; a block of 8; no length in the command
        "04 04 "  # 4 to 4 digits
        "02 00 00 00 00 "  # green key; no message of the reader's
        "00 00 00 "  # no T=1 prologue
        "0d 00 00 00 "  # 13 bytes:
        "00 20 00 01 08 ff ff ff ff ff ff ff ff"
    )


@given(st.integers(0, 255), st.integers(1, 15), st.integers(0, 14), st.integers(0, 14), st.integers(0, 255))
def test_any_pin_the_structure_can_tell_of(
    reference: int, shortest: int, longer: int, padding: int, pad: int
) -> None:
    longest = min(shortest + longer, 15)
    stored = min(longest + padding, 15)
    built = verify_structure(PinObject(reference, shortest, longest, stored, pad))
    (*_, block, no_length, most, least) = built[:7]
    assert (block, no_length, least, most) == (stored, 0, shortest, longest)
    (size,) = struct.unpack_from("<I", built, 15)
    command = built[19:]
    assert len(command) == size == 5 + stored
    assert command == bytes([0x00, 0x20, 0x00, reference, stored]) + bytes([pad]) * stored


@pytest.mark.parametrize(
    ("shortest", "longest", "stored"), [(0, 4, 8), (5, 4, 8), (4, 9, 8), (4, 4, 16), (4, 6, 0), (16, 16, 0)]
)
def test_a_pin_no_structure_can_tell_of_is_left_to_the_keyboard(
    shortest: int, longest: int, stored: int
) -> None:
    with pytest.raises(CardAnswerInvalid):
        verify_structure(PinObject(1, shortest, longest, stored, 0xFF))


def test_a_pin_without_padding_is_as_long_as_the_block() -> None:
    assert verify_structure(PinObject(2, 4, 4, 0, 0xFF))[19:].hex() == "0020000204ffffffff"


@given(st.dictionaries(st.integers(0, 255), st.integers(0, 2**32 - 1), max_size=10))
def test_features_as_the_reader_lists_them(listed: dict[int, int]) -> None:
    answer = b"".join(bytes([tag, 4]) + code.to_bytes(4, "big") for tag, code in listed.items())
    assert features(answer) == listed


@given(st.binary(max_size=40))
def test_no_list_of_features_breaks_it(answer: bytes) -> None:
    try:
        found = features(answer)
    except CardAnswerInvalid:
        return
    assert len(answer) % 6 == 0
    assert len(found) <= len(answer) // 6


@given(st.integers(0, 0xFFFF))
def test_every_status_word_is_accepted_or_told(status: int) -> None:
    if status == 0x9000:
        settle(status)
    else:
        with pytest.raises(CardError):
            settle(status)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (0x6400, PinNotEntered, "à temps"),
        (0x6401, PinNotEntered, "annulée"),
        (0x6403, PinNotEntered, "trop court ou trop long"),
        (0x63C2, PinWrong, "n'est pas celui de cette carte"),
        (0x63C0, PinBlocked, "Trois codes faux"),
        (0x6983, PinBlocked, "Trois codes faux"),
        (0x6B80, CardAnswerInvalid, "modèle inconnu"),
    ],
)
def test_what_the_reader_and_the_card_say(status: int, error: type[KioskError], words: str) -> None:
    with pytest.raises(error) as caught:
        settle(status)
    assert words in caught.value.cause


def test_a_reader_without_pad_or_that_refuses_or_babbles() -> None:
    def refuses(code: int, data: bytes) -> bytes:
        raise CardError

    for control in (refuses, lambda code, data: b"", lambda code, data: b"\x06\x04\x42", other_feature):
        assert find_pad(control, ADDRESSED) is None


def other_feature(code: int, data: bytes) -> bytes:
    """FEATURE_MODIFY_PIN_DIRECT alone."""
    return b"\x07\x04\x42\x33\x00\x07"


def test_an_answer_without_status_is_no_answer() -> None:
    with pytest.raises(CardAnswerInvalid):
        PinPad(lambda code, data: b"\x90", 1).present(FOUR_DIGITS)


def test_a_link_that_knows_no_pads_has_none() -> None:
    assert ApduCard(ScriptedCard()).has_pin_pad() is False


# --- through the real pcscd -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluggableReaders]:
    with PluggableReaders(tmp_path_factory.mktemp("pki")) as made:
        yield made


@pytest.fixture
def seat(peer: PluggableReaders) -> Iterator[CardSeat]:
    readers = PcscReaders()
    peer.insert(0, "cps-medecin")
    made = CardSeat(lambda: ApduCard(readers.connect(peer.readers[0])))
    made.open()
    yield made
    made.close()
    peer.plug(0)
    peer.key_in(0, None)
    peer.remove(0)


def test_typed_on_the_reader(peer: PluggableReaders, seat: CardSeat) -> None:
    assert not seat.has_pin_pad()
    peer.key_in(0, "1234")
    assert seat.has_pin_pad()
    with pytest.raises(PinRequired):
        seat.run(lambda card: card.activities())
    seat.verify_pin_on_pad()
    assert seat.run(lambda card: card.activities())
    assert peer.asked(0) == verify_structure(FOUR_DIGITS)


def test_typed_wrong_on_the_reader(peer: PluggableReaders, seat: CardSeat) -> None:
    peer.key_in(0, "4321")
    with pytest.raises(PinWrong) as caught:
        seat.verify_pin_on_pad()
    assert caught.value.tries_left == seat.run(lambda card: card.pin_status()).tries_left == 2
    peer.key_in(0, "1234")
    seat.verify_pin_on_pad()
    assert seat.run(lambda card: card.pin_status()).tries_left == 3


def test_opensc_asks_this_reader_in_the_same_terms(peer: PluggableReaders) -> None:
    """A program nobody here wrote, which has driven pads for years: the same bytes but for its time-outs."""
    peer.key_in(0, "1234")
    peer.insert(0, "cps-medecin")
    card = Pkcs11Card(OPENSC)
    assert card.has_pin_pad()
    for typed in ("cancel", "nothing", "short"):
        peer.key_in(0, typed)
        with pytest.raises(PinNotEntered):
            card.verify_pin_on_pad()
    peer.key_in(0, "4321")
    with pytest.raises(PinWrong) as caught:
        card.verify_pin_on_pad()
    assert caught.value.tries_left == card.pin_status().tries_left == 2
    peer.key_in(0, "1234")
    card.verify_pin_on_pad()
    assert card.activities()
    assert peer.asked(0)[2:] == verify_structure(FOUR_DIGITS)[2:]
    card.close()
    peer.key_in(0, None)
    peer.remove(0)


@pytest.mark.parametrize("typed", ["cancel", "nothing", "short", "123", "12345"])
def test_not_typed_to_the_end_on_the_reader(typed: str, peer: PluggableReaders, seat: CardSeat) -> None:
    peer.key_in(0, typed)
    with pytest.raises(PinNotEntered):
        seat.verify_pin_on_pad()
    assert seat.run(lambda card: card.pin_status()).tries_left == 3


def test_the_cable_leaves_while_the_reader_asks(peer: PluggableReaders, seat: CardSeat) -> None:
    peer.key_in(0, "1234")
    seat.run(lambda card: card.pin_status())
    peer.unplug_after(0, 1)
    with pytest.raises(CardError):
        seat.verify_pin_on_pad()


def test_the_card_is_out_when_the_reader_is_asked(peer: PluggableReaders, seat: CardSeat) -> None:
    peer.key_in(0, "1234")
    seat.run(lambda card: card.pin_status())
    peer.remove(0)
    with pytest.raises(CardRemoved):
        seat.verify_pin_on_pad()
    peer.insert(0, "cps-medecin")

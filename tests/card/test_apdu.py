"""Exchanges with a card: T=0 answers settled, files read to their end, status words turned into errors."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scripted_card import ScriptedCard

from kiosk import errors
from kiosk.card.apdu import command, exchange, read_selected, read_short_file, select_application, select_path

FULL = "AB" * 0xE7


def test_answer_fetched_in_pieces() -> None:
    card = ScriptedCard(("0088000001FF", "6103"), ("00C0000003", "010203 6102"), ("00C0000002", "0405 9000"))
    assert exchange(card, bytes.fromhex("0088000001FF")).data == bytes(range(1, 6))
    card.close()


def test_exact_length_asked_again() -> None:
    card = ScriptedCard(("00B0820000", "6C02"), ("00B0820002", "4142 9000"))
    assert command(card, bytes.fromhex("00B0820000")) == b"AB"
    card.close()


def test_exact_length_of_what_is_fetched() -> None:
    card = ScriptedCard(("00CB3FFF01FF", "6100"), ("00C0000000", "6C01"), ("00C0000001", "41 9000"))
    assert command(card, bytes.fromhex("00CB3FFF01FF")) == b"A"
    card.close()


def test_a_command_with_data_is_never_sent_twice() -> None:
    card = ScriptedCard(("002000010831323334FFFFFFFF", "6C02"))
    assert exchange(card, bytes.fromhex("002000010831323334FFFFFFFF")).status == 0x6C02
    card.close()


@pytest.mark.parametrize(
    "end",
    [("00B000E7E7", "6B00"), ("00B000E7E7", "6282"), ("00B000E7E7", "41 6282"), ("00B000E7E7", "41 9000")],
)
def test_file_to_its_end(end: tuple[str, str]) -> None:
    card = ScriptedCard(("00B00000E7", FULL + "9000"), end)
    assert len(read_selected(card)) == 0xE7 + (1 if end[1].startswith("41") else 0)
    card.close()


def test_empty_file() -> None:
    assert read_selected(ScriptedCard(("00B00000E7", "6B00"))) == b""
    assert read_short_file(ScriptedCard(("00B0820000", "6B00")), 2) == b""


def test_long_file_by_short_identifier() -> None:
    card = ScriptedCard(
        ("00B0820000", "00" * 256 + "9000"), ("00B0010000", "6C03"), ("00B0010003", "010203 9000")
    )
    assert read_short_file(card, 2)[-4:] == bytes([0, 1, 2, 3])
    card.close()


class Endless(ScriptedCard):
    """Fills every block asked for."""

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        return bytes(apdu[4]) + b"\x90\x00"


class Promising(ScriptedCard):
    """Has always more to fetch."""

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        return b"\x00\x61\x10"


@pytest.mark.parametrize("card", [Endless(), Promising()])
def test_what_never_ends(card: ScriptedCard) -> None:
    with pytest.raises(errors.CardAnswerInvalid):
        read_selected(card)


def test_absent_is_not_an_error() -> None:
    assert not select_path(ScriptedCard(("00A4090C043F00D003", "6A82")), bytes.fromhex("3F00D003"))
    assert not select_application(ScriptedCard(("00A4040002D250", "6A82")), bytes.fromhex("D250"))
    assert select_path(ScriptedCard(("00A4090C023F00", "9000")), bytes.fromhex("3F00"))


@pytest.mark.parametrize(
    ("status", "error"),
    [
        ("6982", errors.PinRequired),
        ("6983", errors.PinBlocked),
        ("6A86", errors.CardAnswerInvalid),
        ("6D00", errors.CardAnswerInvalid),
        ("6F00", errors.CardAnswerInvalid),
        ("", errors.CardAnswerInvalid),
        ("90", errors.CardAnswerInvalid),
    ],
)
def test_refusals(status: str, error: type[errors.CardError]) -> None:
    with pytest.raises(error):
        command(ScriptedCard(("0088000000", status)), bytes.fromhex("0088000000"))


class Anything(ScriptedCard):
    """Answers whatever is drawn."""

    def __init__(self, answers: list[bytes]) -> None:
        self.answers = answers

    def transmit(self, apdu: bytes | bytearray) -> bytes:
        return self.answers.pop() if self.answers else b"\x90\x00"


@given(
    st.lists(
        st.one_of(st.binary(max_size=6), st.sampled_from([b"\x61\x00", b"\x6c\x01", b"\x6b\x00"])), max_size=8
    )
)
def test_any_answers(answers: list[bytes]) -> None:
    for read in (read_selected, lambda card: read_short_file(card, 1)):
        try:
            assert isinstance(read(Anything(list(answers))), bytes)
        except errors.CardError:
            continue

"""Whatever is sent to a card, it answers, and the answer ends with a status word of ISO 7816-4."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.training.cards.card import Card
from kiosk.training.cards.command import StatusError, parse_command
from kiosk.training.cards.shelf import make_card
from kiosk.training.cards.tlv import bit_string, integer, read_objects, tlv
from kiosk.training.pki import TrainingPki

HEADS = [
    "00A40400", "00A4040C", "00A40904", "00A40000", "00A40304", "00B00000", "00B08200", "00B09F00", "00C00000",
    "00200001", "00200000", "002241A4", "002241AA", "002241B6", "002A90A0", "002A9E9A", "00880000", "00CB3FFF",
    "01A40800", "A0A40000", "00D60000", "00FF0000",
]  # fmt: skip
DATA = [
    "", "3F00", "3F000001", "3F000001D120", "2F00", "E828BD080F8025000001FF0010", "D250000002564954414C45",
    "31323334FFFFFFFF", "800102840102", "800140", "800142840101", "4D087006BF810102A080", "9000800100", "90FF",
    "00" * 32, "00" * 51, "90288080", "9028" + "FF" * 40 + "8003616263",
]  # fmt: skip

bodies = st.one_of(st.sampled_from(DATA).map(bytes.fromhex), st.binary(max_size=300))
lengths = st.one_of(st.none(), st.integers(0, 65_536))


def encoded(head: bytes, data: bytes, expected: int | None, extended: bool) -> bytes:
    """The form ISO 7816-3 §12.1 prescribes for these contents."""
    if extended or len(data) > 255 or (expected or 0) > 256:
        lc = b"\x00" + len(data).to_bytes(2, "big") + data if data else b""
        le = b"" if expected is None else (expected % 65_536).to_bytes(2, "big")
        return head + lc + (le if data or expected is None else b"\x00" + le)
    lc = bytes([len(data)]) + data if data else b""
    return head + lc + (b"" if expected is None else bytes([expected % 256]))


commands = st.one_of(
    st.binary(max_size=40),
    st.builds(encoded, st.sampled_from(HEADS).map(bytes.fromhex), bodies, lengths, st.booleans()),
    st.builds(encoded, st.binary(min_size=4, max_size=4), bodies, lengths, st.booleans()),
)


@pytest.fixture(scope="module")
def cards(pki: TrainingPki) -> list[Card]:
    names = ("cps-medecin", "cpe-accueil", "vitale-anomalies", "carte-inconnue", "carte-sans-contact")
    return [make_card(name, pki) for name in names]


@settings(deadline=None, max_examples=300)
@given(st.lists(commands, min_size=1, max_size=12), st.integers(0, 4))
def test_every_command_is_answered_with_a_status_word(
    cards: list[Card], script: list[bytes], chosen: int
) -> None:
    card = cards[chosen]
    for command in script:
        answer = card.transmit(command)
        assert len(answer) >= 2
        assert answer[-2] >> 4 in (6, 9)
        assert len(answer) <= 65_538
    card.reset()


@given(
    st.binary(min_size=4, max_size=4),
    st.binary(max_size=2000),
    st.one_of(st.none(), st.integers(1, 65_536)),
    st.booleans(),
)
def test_a_command_in_its_prescribed_form_is_understood(
    head: bytes, data: bytes, expected: int | None, extended: bool
) -> None:
    command = parse_command(encoded(head, data, expected, extended))
    assert (command.data, command.expected) == (data, expected)
    assert bytes([command.cla, command.ins, command.p1, command.p2]) == head


@given(st.binary(max_size=300))
def test_parsers_of_commands_refuse_with_a_status_word_only(raw: bytes) -> None:
    statuses = set()
    for parse in (parse_command, read_objects):
        try:
            parse(raw)
        except StatusError as refusal:
            statuses.add(refusal.status)
    assert statuses <= {0x6700, 0x6A80}


@given(st.lists(st.tuples(st.integers(1, 255), st.binary(max_size=127)), max_size=8))
def test_objects_are_read_as_they_were_written(objects: list[tuple[int, bytes]]) -> None:
    assert read_objects(b"".join(tlv(tag, value) for tag, value in objects)) == dict(objects)


@pytest.mark.parametrize(
    ("written", "der"),
    [
        (integer(0), "020100"),
        (integer(127), "02017F"),
        (integer(128), "02020080"),
        (integer(2048), "02020800"),
        (bit_string(1, 6), "03020142"),
        (bit_string(2, 9), "0303062040"),
        (bit_string(), "030100"),
        (tlv(0x7F21, b"a" * 200), "7F2181C8" + "61" * 200),
        (tlv(0x30, b"a" * 256), "30820100" + "61" * 256),
    ],
)
def test_der_of_x690(written: bytes, der: str) -> None:
    assert written.hex().upper() == der

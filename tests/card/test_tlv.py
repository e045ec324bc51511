"""The strict BER-TLV reader: what it reads, and that nothing but `CardAnswerInvalid` comes out."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.tlv import MAX_DEPTH, Tlv, bits, find, first_raw, parse, require, search, unsigned
from kiosk.errors import CardAnswerInvalid


def encoded(tag: int, value: bytes) -> bytes:
    size = len(value)
    length = bytes([size]) if size < 0x80 else bytes([0x82]) + size.to_bytes(2, "big")
    return tag.to_bytes((tag.bit_length() + 7) // 8 or 1, "big") + length + value


PRIMITIVE = st.sampled_from([0x02, 0x04, 0x0C, 0x5A, 0x80, 0x84, 0xC0, 0x5F37, 0x9F8101])
CONSTRUCTED = st.sampled_from([0x30, 0x65, 0xA0, 0xE1, 0xEE, 0x7F21, 0xBF8101])
OBJECTS = st.recursive(
    st.tuples(PRIMITIVE, st.binary(max_size=200)),
    lambda inner: st.tuples(CONSTRUCTED, st.lists(inner, max_size=4)),
    max_leaves=20,
)


def bytes_of(node: tuple) -> bytes:
    tag, content = node
    return encoded(tag, content if isinstance(content, bytes) else b"".join(map(bytes_of, content)))


def same(read: Tlv, node: tuple) -> bool:
    tag, content = node
    if isinstance(content, bytes):
        return read.tag == tag and read.value == content and not read.children
    return read.tag == tag and len(read.children) == len(content) and all(map(same, read.children, content))


@given(st.lists(OBJECTS, max_size=4))
def test_what_was_written_is_read(nodes: list[tuple]) -> None:
    read = parse(b"".join(map(bytes_of, nodes)))
    assert len(read) == len(nodes)
    assert all(map(same, read, nodes))


@given(st.binary(max_size=300), st.booleans())
def test_any_bytes(data: bytes, padded: bool) -> None:
    with contextlib.suppress(CardAnswerInvalid):
        parse(data, padded=padded)


@given(OBJECTS, st.data())
def test_cut_short(node: tuple, data: st.DataObject) -> None:
    whole = bytes_of(node)
    with pytest.raises(CardAnswerInvalid):
        parse(whole[: data.draw(st.integers(1, len(whole) - 1))])


@given(OBJECTS, st.binary(min_size=1, max_size=40).map(lambda b: b.replace(b"\x80", b"\x00")))
def test_padding_ends_a_file(node: tuple, rest: bytes) -> None:
    assert len(parse(bytes_of(node) + b"\x00" + rest, padded=True)) == 1
    assert len(parse(bytes_of(node) + b"\xff" + rest, padded=True)) == 1


@pytest.mark.parametrize(
    "data",
    [
        "30800000",  # indefinite length
        "0484000000 0141",  # length on four bytes
        "1F818181 01 00",  # tag on four bytes
        "04",
        "1F",
        "0481",
        "048200",
    ],
)
def test_refused(data: str) -> None:
    with pytest.raises(CardAnswerInvalid):
        parse(bytes.fromhex(data))


def test_depth_is_bounded() -> None:
    data = b"\x04\x00"
    for _ in range(MAX_DEPTH - 1):
        data = encoded(0x30, data)
    assert parse(data)
    with pytest.raises(CardAnswerInvalid):
        parse(encoded(0x30, data))


def test_size_is_bounded() -> None:
    with pytest.raises(CardAnswerInvalid):
        parse(b"\x04\x00" * 40_000)


def test_looking_up() -> None:
    read = parse(bytes.fromhex("700BBF810105A0039A01038100"))
    counter = search(read, 0x9A)
    assert counter is not None
    assert unsigned(counter.value) == 3
    assert search(read, 0x9B) is None
    assert find(read, 0x71) is None
    assert require(read, 0x70).child(0xBF8101).find(0x9A) is None
    with pytest.raises(CardAnswerInvalid):
        require(read, 0x71)


@pytest.mark.parametrize("value", ["", "80", "FF", "0000000001"])
def test_not_a_small_number(value: str) -> None:
    with pytest.raises(CardAnswerInvalid):
        unsigned(bytes.fromhex(value))


@pytest.mark.parametrize(
    ("value", "expected"),
    [("0780", {0}), ("0640", {1}), ("020C", {4, 5}), ("00", set()), ("07FF", {0}), ("060181", {7, 8})],
)
def test_bits(value: str, expected: set[int]) -> None:
    assert bits(bytes.fromhex(value)) == expected


@pytest.mark.parametrize("value", ["", "08", "0800", "01"])
def test_not_a_bit_string(value: str) -> None:
    with pytest.raises(CardAnswerInvalid):
        bits(bytes.fromhex(value))


def test_first_object_of_a_padded_file() -> None:
    assert first_raw(bytes.fromhex("3003020105 000000")) == bytes.fromhex("3003020105")
    for cut in ("", "30", "3003", "300302"):
        with pytest.raises(CardAnswerInvalid):
            first_raw(bytes.fromhex(cut))

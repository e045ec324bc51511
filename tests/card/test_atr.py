"""Recognition of cards by ATR (cards §2.1 and §3)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.card.atr import classify, is_first_generation_vitale
from kiosk.card.model import CardKind


@pytest.mark.parametrize(
    ("atr", "kind"),
    [
        ("3BAC00402A001225006480000310009000", CardKind.PROFESSIONAL),
        ("3BFF112233001225006480AABBCC009000", CardKind.PROFESSIONAL),  # bytes the mask leaves free
        ("3BAC00402A011225006480000310009000", CardKind.UNKNOWN),  # bytes it does not
        ("3BAC00402A001225006480000310009001", CardKind.UNKNOWN),
        ("3B9B188001001225006480040100009044", CardKind.PROFESSIONAL),
        ("3B9B188001001225006480000401009044", CardKind.PROFESSIONAL),
        ("3BDC18FF00001225006480000401009000", CardKind.PROFESSIONAL),
        ("3BAC00402A001225006480820212009000", CardKind.PROFESSIONAL),
        ("3B8F80010031B86404B0ECC1739401808290000E", CardKind.CONTACTLESS),
        ("3B751300004309EA9000", CardKind.VITALE),
        ("3B751300004509EA9000", CardKind.VITALE),
        ("3B751300004909EA9000", CardKind.VITALE),
        ("3B751300004509FA9000", CardKind.VITALE),
        ("3B751300004209EA9000", CardKind.UNKNOWN),
        ("3B751300004609FA9000", CardKind.UNKNOWN),
        ("3F6525002209699000", CardKind.VITALE),
        ("3F652500A3096A9000", CardKind.VITALE),
        ("3F652500A409F99000", CardKind.VITALE),
        ("3F65250023096A9000", CardKind.UNKNOWN),
        ("3B6500002063CB6800", CardKind.UNKNOWN),
        ("", CardKind.MUTE),
    ],
)
def test_known_cards(atr: str, kind: CardKind) -> None:
    assert classify(bytes.fromhex(atr)) is kind


CPS3 = bytes.fromhex("3BAC00402A001225006480000310009000")


@given(
    st.lists(st.integers(0, 255), min_size=4, max_size=4),
    st.lists(st.integers(0, 255), min_size=3, max_size=3),
)
def test_any_cps3_chip(chip: list[int], version: list[int]) -> None:
    assert classify(bytes([0x3B, *chip, *CPS3[5:11], *version, *CPS3[14:]])) is CardKind.PROFESSIONAL


@given(st.integers(0, 16).filter(lambda i: i == 0 or 5 <= i <= 10 or i >= 14), st.integers(1, 255))
def test_the_other_bytes_make_the_card(position: int, change: int) -> None:
    atr = bytearray(CPS3)
    atr[position] ^= change
    assert classify(bytes(atr)) is CardKind.UNKNOWN


@given(st.binary(max_size=40))
def test_any_bytes_have_a_kind(atr: bytes) -> None:
    assert classify(atr) in CardKind


def test_generations_of_vitale() -> None:
    assert is_first_generation_vitale(bytes.fromhex("3F65250022096A9000"))
    assert not is_first_generation_vitale(bytes.fromhex("3B751300004509EA9000"))

"""Text hygiene at the parser."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.text import card_birth_date, clean, clean_lines, grouped


@pytest.mark.parametrize(
    "attack",
    [
        "\x1b]52;c;QUJD\x07",
        "\x1b]0;title\x1b\\",
        "\x9b6n",
        "\x1b[6n",
        "abc\u202etxt.exe",
        "a\u200bb",
        "a\x00b",
        "a\r\nb",
    ],
)
def test_nothing_that_talks_to_the_terminal_is_left(attack: str) -> None:
    assert all(unicodedata.category(c) not in ("Cc", "Cf", "Zl", "Zp") for c in clean(attack))


def test_tampering_stays_visible() -> None:
    assert clean("CR\u202ebiologie") == "CR�biologie"


def test_accents_are_composed_and_kept() -> None:
    assert clean("E\u0301lodie ŒUVRARD  D’ÉTRÉVILLE") == "Élodie ŒUVRARD D’ÉTRÉVILLE"


@given(st.text())
def test_cleaning_is_final_and_bounded(text: str) -> None:
    once = clean(text, 50)
    assert clean(once, 50) == once
    assert len(once) <= 50


@given(st.text())
def test_lines_keep_their_breaks_only(text: str) -> None:
    assert all(c == "\n" or unicodedata.category(c) != "Cc" for c in clean_lines(text))


def test_groups_and_dates_for_reading() -> None:
    assert grouped("0833910461279517589858") == "0833 9104 6127 9517 5898 58"
    assert card_birth_date("19620000") == "00/00/1962"
    assert card_birth_date("250312") == "12/03/25"
    assert card_birth_date("") == "inconnue"

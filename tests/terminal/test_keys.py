"""The keyboard: any byte is read, nothing a terminal answers is typed, Escape stays a key."""

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pseudo_terminal import Seat, program

from kiosk.terminal.keys import Keyboard

ANSWERS = {
    "device attributes": "\x1b[?62;1;6c",
    "secondary attributes": "\x1b[>0;276;0c",
    "status": "\x1b[0n",
    "mode": "\x1b[?2026;2$y",
    "ansi mode": "\x1b[4;2$y",
    "terminal parameters": "\x1b[2;1;1;128;128;1;0x",
    "window size": "\x1b[8;24;80t",
    "in-band resize": "\x1b[48;24;80;480;800t",
    "kitty flags": "\x1b[?0u",
    "focus": "\x1b[I\x1b[O",
    "mouse": "\x1b[<0;10;10M\x1b[<0;10;10m",
    "X10 mouse": "\x1b[M !!",
    "colour": "\x1b]11;rgb:0000/0000/0000\x1b\\",
    "clipboard": "\x1b]52;c;MTIzNA==\x07",
    "title": "\x1b]lrm -rf\x1b\\",
    "capability": "\x1bP1+r436f=323536\x1b\\",
    "graphics": "\x1b_Gi=1;OK\x1b\\",
    "8-bit status": "\x9b0n",
    "8-bit clipboard": "\x9d52;c;MTIzNA==\x9c",
}
KEYS = {
    "arrow": "\x1b[A",
    "F1": "\x1bOP",
    "F1 of the console": "\x1b[[A",
    "F5": "\x1b[15~",
    "shifted F3 of xterm": "\x1b[1;2R",
    "shifted insert of rxvt": "\x1b[2$",
    "shifted arrow of rxvt": "\x1b[c",
    "backtab": "\x1b[Z",
    "Escape": "\x1b",
    "Alt and p": "\x1bP",
    "Alt and bracket": "\x1b[",
}


def typed(data: bytes) -> str:
    keyboard = Keyboard()
    return keyboard.feed(data) + keyboard.settle()


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_nobody_asked_for_types_nothing(answer: str) -> None:
    assert typed(b"ab" + answer.encode() + b"cd") == "abcd"


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_nor_does_one_that_arrives_in_two_reads(answer: str) -> None:
    data = answer.encode()
    for cut in range(len(data)):
        keyboard = Keyboard()
        assert keyboard.feed(data[:cut]) + keyboard.feed(data[cut:] + b"x") + keyboard.settle() == "x"


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_keys_go_through(key: str) -> None:
    assert typed(key.encode()) == key


def test_an_answer_cut_short_types_nothing_and_the_next_key_does() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\x1b]52;c;MTIz") == ""
    assert keyboard.waiting
    assert keyboard.settle() == ""
    assert keyboard.feed(b"a") == "a"


@pytest.mark.parametrize(
    ("data", "text"),
    [
        (b"\xe9", "é"),
        (b"\xe9a", "éa"),
        (b"D\xc9TR\xc9VILLE", "DÉTRÉVILLE"),
        (b"\x9cuvre \x80", "œuvre €"),
        ("œuvre € é".encode(), "œuvre € é"),
        (b"\xff\xfe", "ÿþ"),
        (b"\x81", "\ufffd"),
        (b"\xc3", "Ã"),
    ],
)
def test_what_is_not_utf_8_is_read_as_cp1252(data: bytes, text: str) -> None:
    assert typed(data) == text


def test_a_letter_cut_between_two_reads_is_one_letter() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\xc3") == ""
    assert keyboard.waiting
    assert keyboard.feed(b"\xa9") == "é"


@given(st.lists(st.binary(max_size=40), max_size=6))
@example([b"\x1b]" + b"x" * 9000, b"y"])
def test_any_bytes_are_read_and_nothing_is_kept_for_ever(reads: list[bytes]) -> None:
    keyboard = Keyboard()
    for data in reads:
        keyboard.feed(data)
    keyboard.settle()
    assert not keyboard.waiting
    assert keyboard.feed(b"fin") == "fin"


@given(st.text(st.characters(min_codepoint=32, exclude_characters="\x7f", exclude_categories=("Cs", "Cc"))))
def test_plain_text_is_read_as_it_is(text: str) -> None:
    assert typed(text.encode()) == text


@given(st.text(), st.data())
def test_cutting_the_stream_changes_nothing(text: str, data: st.DataObject) -> None:
    raw = text.encode("utf-8", "surrogatepass")
    cut = data.draw(st.integers(0, len(raw)))
    whole, pieces = Keyboard(), Keyboard()
    assert (
        pieces.feed(raw[:cut]) + pieces.feed(raw[cut:]) + pieces.settle() == whole.feed(raw) + whole.settle()
    )


# --- on a terminal ------------------------------------------------------------------------------------------


def test_a_latin_1_letter_in_a_field_does_not_end_the_kiosk() -> None:
    """Textual #6456: 0xE9 and any letter ended the program with a traceback."""
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press("\x1bOQ")
        seat.shows("Valider")
        seat.press(b"\xe9")
        seat.shows("é")
        seat.press(b"a\xe9b" + "ç".encode())
        seat.shows("éaébç")


@pytest.mark.parametrize("answer", ["device attributes", "status", "clipboard", "capability", "window size"])
def test_an_answer_is_not_typed_in_the_focused_field(answer: str) -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press("\x1bOQ")
        seat.shows("Valider")
        seat.press("DEBUT" + ANSWERS[answer] + "FIN")
        seat.shows("DEBUTFIN")


def test_escape_alone_is_a_key() -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press("\x1b[20~")
        seat.shows("F9 puis Échap")
        seat.press("\x1b")
        seat.shows("Échap reçu")


def test_letters_typed_in_one_burst_with_tab_land_in_their_fields() -> None:
    """Stock Textual may give the first letters after Tab to the field before."""
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press("\x1bOQ")
        seat.shows("Valider")
        for _ in range(10):
            seat.press("DUPONT\tANNE\t1955" + "\x1b[Z" * 2)
            seat.shows("1955")
            fields = re.findall(r"▊ +(\w*) +▎", seat.text())
            assert fields == ["DUPONT", "ANNE", "1955"]
            seat.press("\x7f" + "\t\x7f\t\x7f" + "\x1b[Z" * 2)
            seat.until(lambda s: not re.search("DUPONT|ANNE|1955", s.text()), "empty fields")

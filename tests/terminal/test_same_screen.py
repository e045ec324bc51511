"""What the kiosk's driver leaves on the terminal is what Textual's own would, cell for cell, for fewer bytes."""

import re
import select
import time

import pytest
from pseudo_terminal import DEADLINE, Seat, program

TERMINALS = {
    "256": {"term": "xterm-256color"},
    "truecolor": {"term": "xterm-256color", "env": {"COLORTERM": "truecolor"}},
    "console": {"term": "linux"},
    "no-bce": {"term": "vt220"},
    "tmux": {"term": "tmux-256color"},
    "no-colour": {"term": "xterm-256color", "env": {"NO_COLOR": "1"}},
}
HOME, FORM, TABLE, CHOICES, CONFIRM, BACK = "\x1bOP", "\x1bOQ", "\x1bOR", "\x1bOS", "\x1b[15~", "\x1b[17~"
SCENARIO: list[tuple[str, str | bytes, str]] = [
    ("form", FORM, "Valider"),
    ("letters", "ÉTRÉVILLE-Œ", "ÉTRÉVILLE-Œ"),
    ("wide letters", "漢字", "漢字"),
    ("erase", "\x7f\x7f\x7f", "ÉTRÉVILLE"),
    ("field", "\t", "Valider"),
    ("back", BACK, "Accueil"),
    ("table", TABLE, "Compte rendu 0"),
    ("row", "\x1b[B", "Compte rendu 0"),
    ("page", "\x1b[6~", "Compte rendu 30"),
    ("up", "\x1b[A", "Compte rendu 30"),
    ("dialog", CONFIRM, "Confirmer"),
]


def differences(ours: Seat, theirs: Seat) -> list[tuple[int, int, object, object]]:
    return [
        (y, x, mine, other)
        for y, (row, other_row) in enumerate(zip(ours.looks(), theirs.looks(), strict=True))
        for x, (mine, other) in enumerate(zip(row, other_row, strict=True))
        if mine != other
    ]


def agree(ours: Seat, theirs: Seat, what: str) -> None:
    """Read both terminals until they show the same."""
    end = time.monotonic() + DEADLINE
    while found := differences(ours, theirs):
        assert time.monotonic() < end, f"{what}: {found[:5]}"
        select.select([ours.master, theirs.master], [], [], 1.0)
        ours.read(0)
        theirs.read(0)


@pytest.mark.parametrize("terminal", TERMINALS)
def test_every_step_of_a_visit_shows_the_same_cells(terminal: str) -> None:
    looks = TERMINALS[terminal]
    with (
        Seat([*program("gallery"), "kiosk"], **looks) as ours,
        Seat([*program("gallery"), "stock"], **looks) as theirs,
    ):
        for seat in (ours, theirs):
            seat.shows("renversé")
        agree(ours, theirs, "home")
        for name, keys, text in SCENARIO:
            for seat in (ours, theirs):
                seat.press(keys)
                seat.shows(text)
            agree(ours, theirs, name)
        for size in ((100, 30), (60, 16), (80, 24)):
            for seat in (ours, theirs):
                seat.resize(*size)
            agree(ours, theirs, f"resized to {size}")
        assert len(ours.received) < len(theirs.received) / 2


def test_something_else_wrote_on_the_terminal_and_ctrl_l_mends_it() -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.quiet()
        before = seat.looks()
        seat.scribble()
        assert seat.looks() != before
        seat.press("\x0c")
        seat.until(lambda s: s.looks() == before, "the screen as it was")


def test_a_typed_letter_costs_less_than_a_hundred_bytes() -> None:
    with Seat([*program("gallery"), "kiosk"], env={"COLORTERM": "truecolor"}) as seat:
        seat.shows("renversé")
        seat.press(FORM)
        seat.shows("Valider")
        seat.press("a")
        seat.shows("a")
        seat.quiet()
        letters = "ÉDITHROUXMALVY"
        before = len(seat.received)
        for n in range(len(letters)):
            seat.press(letters[n])
            seat.shows("a" + letters[: n + 1])
        seat.quiet()
        assert (len(seat.received) - before) / len(letters) <= 100


def test_the_hardware_cursor_stands_where_the_next_letter_goes() -> None:
    """Braille displays follow it; Textual hides it."""
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press(FORM)
        seat.shows("Valider")
        seat.press("abc")
        seat.shows("abc")
        row = next(y for y, line in enumerate(seat.text().splitlines()) if "abc" in line)
        column = seat.text().splitlines()[row].index("abc") + 3
        seat.until(
            lambda s: (s.screen.cursor.x, s.screen.cursor.y) == (column, row), "the cursor after the c"
        )
        assert not seat.screen.cursor.hidden


@pytest.mark.parametrize("screen", [HOME, FORM, TABLE, CHOICES, CONFIRM])
def test_a_screen_at_rest_costs_nothing(screen: str) -> None:
    """A focused field included: no cursor blinks, no clock ticks (Textual's own sends 1.7 KB/s there)."""
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press(screen)
        seat.quiet()
        before = len(seat.received)
        assert not seat.read(1.5), bytes(seat.received[before:])


def test_the_driver_asks_nothing_of_the_terminal_and_sets_no_mode_it_does_not_need() -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press(FORM)
        seat.shows("Valider")
        seat.press("\x1b[19~")
        assert seat.exit_status() == 0
        sent = bytes(seat.received)
    assert modes(sent) == {b"?1049h", b"?1049l", b"?2004h", b"?2004l", b"?7h", b"?7l"}
    assert b"\x1b]" not in sent, "no title, no clipboard, no pointer"
    assert not [c for c in (b"$p", b"[>", b"[c", b"[6n") if c in sent]


def modes(sent: bytes) -> set[bytes]:
    return set(re.findall(rb"\x1b\[(\?[0-9;]+[hl])", sent))

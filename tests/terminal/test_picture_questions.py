"""What is concluded from a terminal's answers, whatever it answers."""

from hypothesis import example, given
from hypothesis import strategies as st
from picture_terminal import KITTY, MLTERM, TMUX, XTERM

from kiosk.terminal.keys import Keyboard
from kiosk.terminal.question import Inquiry, Means

SIZE, PIXELS = (80, 24), (804, 484)


def concluded(answers: dict[str, str], pixels: tuple[int, int] = PIXELS) -> Means | None:
    inquiry = Inquiry()
    inquiry.hear(answers.get("\x1b[c", ""))
    for question, answer in answers.items():
        if question in inquiry.second() or question in ("\x1b[16t", "\x1b[14t"):
            inquiry.hear(answer)
    return inquiry.means(SIZE, pixels)


def test_recorded_terminals_are_known() -> None:
    assert concluded(XTERM) == Means("sixel", 10, 20, 1024, 1000, 1000)
    assert concluded(MLTERM) == Means("sixel", 10, 20, 1024)
    assert concluded(KITTY) == Means("kitty", 10, 20)
    assert concluded(TMUX) is None
    assert concluded({}) is None


def test_the_size_of_a_cell_is_the_terminal_s_word_before_the_line_s() -> None:
    assert concluded(MLTERM, (0, 0)) == Means("sixel", 10, 20, 1024)
    assert concluded(MLTERM, (8000, 4800)) == Means("sixel", 10, 20, 1024)
    area = {question: answer for question, answer in MLTERM.items() if question != "\x1b[16t"}
    assert concluded(area, (0, 0)) == Means("sixel", 10, 20, 1024)
    assert concluded(XTERM, (0, 0)) is None


def test_only_what_reads_strings_is_sent_one() -> None:
    for answer, asked in (
        ("\x1b[?6c", ""),
        ("\x1b[?1;2c", ""),
        ("\x1b[?62;c", "kitty"),
        ("\x1b[?61;4;6;7;14;21;22;23;24;28;32;42c", "sixel"),
        ("\x1b[?65;4;6;18;22c", "both"),
    ):
        inquiry = Inquiry()
        assert inquiry.hear(answer) == "class"
        second = inquiry.second()
        assert ("\x1b_G" in second) is (asked in ("kitty", "both"))
        assert ("\x1b[?1;1;0S" in second) is (asked in ("sixel", "both"))
        assert second.endswith("\x1b[>c") is bool(asked)


@given(st.lists(st.one_of(st.text(max_size=40), st.sampled_from([*XTERM.values(), *KITTY.values()]))))
@example(["\x1b[?;;c"])
@example(["\x1b[?4c", "\x1b[>c"])
@example(["\x1b[?٤c"])
@example(["\x1b[6;99999;99999t", "\x1b[?62;4c", "\x1b[>0c"])
def test_any_answers_lead_to_a_sane_conclusion(answers: list[str]) -> None:
    inquiry = Inquiry()
    for answer in answers:
        inquiry.hear(answer)
    inquiry.second()
    means = inquiry.means(SIZE, (0, 0))
    assert means is None or (4 <= means.cell_width <= 64 and 6 <= means.cell_height <= 128)


# --- the keyboard hears them --------------------------------------------------------------------------------


def test_an_answer_is_heard_and_not_typed() -> None:
    heard: list[str] = []
    keyboard = Keyboard(heard.append)
    assert keyboard.feed(b"a\x1b[?62;c\x1b[6;20;10tb\x1b_Gi=31;OK\x1b\\c") == "abc"
    assert heard == ["\x1b[?62;c", "\x1b[6;20;10t", "\x1b_Gi=31;OK\x1b\\"]


def test_while_one_is_awaited_its_second_half_may_be_late() -> None:
    for answer in (*XTERM.values(), *KITTY.values()):
        for cut in range(1, len(answer)):
            heard: list[str] = []
            keyboard = Keyboard(heard.append)
            typed = keyboard.feed(answer[:cut].encode())
            typed += "".join(keyboard.settle(expecting=True) for _ in range(4))
            typed += keyboard.feed(answer[cut:].encode() + b"x")
            assert (typed, heard) == ("x", [answer])


def test_escape_stays_a_key_and_an_answer_that_never_ends_is_given_up() -> None:
    keyboard = Keyboard()
    assert keyboard.feed(b"\x1b") == ""
    assert "".join(keyboard.settle(expecting=True) for _ in range(10)) == "\x1b"
    assert keyboard.feed(b"\x1b_Gi=31") == ""
    assert "".join(keyboard.settle(expecting=True) for _ in range(30)) == ""
    assert keyboard.feed(b"x") == "x"

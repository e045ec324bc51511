"""The application on a real terminal: nothing hostile reaches it, nothing secret, and no key opens a door."""

import os
import re
import signal
import termios
from pathlib import Path

import pytest
from pseudo_terminal import Seat, program

from kiosk.ending import Ending

HOSTILE = {
    "clipboard": "\x1b]52;c;TUVDSEFOVA==\x07",
    "title": "\x1b]0;mechant\x07",
    "status request": "\x1b[6n",
    "device request": "\x1b[c",
    "8-bit status request": "\x9b6n",
    "8-bit title": "\x9d0;mechant\x9c",
    "sixel": '\x1bP0;1;0q"1;1;2;6#0;2;0;0;0#0~~-\x1b\\',
    "kitty picture": "\x1b_Ga=T,f=24,s=1,v=1;AAAA\x1b\\",
    "bell": "\x07",
    "reset": "\x1bc",
    "right to left": "\u202e",
    "isolate": "\u2067",
    "zero width": "\u200b",
}
LEAK = re.compile(
    "\x1b\\]|\x1b[P_]|\x1b\\[6n|\x1b\\[c|\x1bc|\x9b|\x9d|\x07|\u202e|\u2067|\u200b|TUVDSEFOVA==\x07|\x1b\\\\"
)
CTRL = {letter: chr(ord(letter) - 96) for letter in "abcdefghijklmnopqrstuvwxyz"}


@pytest.fixture
def hostile(tmp_path: Path) -> Path:
    file = tmp_path / "hostile"
    file.write_text("CR " + "x".join(HOSTILE.values()) + " fin", encoding="utf-8")
    return file


@pytest.mark.parametrize("layers", ["filter+driver", "filter", "driver"])
def test_no_sequence_of_the_data_reaches_the_terminal(hostile: Path, layers: str) -> None:
    """Thirteen widgets × thirteen sequences; each of the two layers alone is enough."""
    with Seat([*program("exhibit"), str(hostile), layers], size=(120, 90)) as seat:
        seat.shows("TOUT EST LÀ")
        seat.quiet()
        sent = seat.received.decode("utf-8", "replace")
        if layers == "filter":  # stock modes at the start are the stock driver's own
            sent = sent[sent.index("CR ") :]
        assert not LEAK.findall(sent)
        assert seat.text().count("CR ") >= 12


def test_stock_textual_does_let_them_through(hostile: Path) -> None:
    """The control: were this to fail, the test above would prove nothing."""
    with Seat([*program("exhibit"), str(hostile), "none"], size=(120, 90)) as seat:
        seat.until(lambda s: len(LEAK.findall(s.received.decode("utf-8", "replace"))) > 13, "leaks")


@pytest.mark.parametrize("how", ["compose", "handler", "thread", "task", "callback"])
def test_a_crash_shows_a_place_and_a_code_and_no_value(how: str) -> None:
    with Seat([*program("crash"), how]) as seat:
        if how != "compose":
            seat.shows("prête")
            seat.press("x")
        assert seat.exit_status() == Ending.CRASHED
        assert re.search(r"code [0-9A-F]{6} ValueError \S+:\d+", seat.text())
        assert b"CANARI" not in seat.received
        assert b"refused" not in seat.received
        assert b"\x1b[?1049l" in seat.received


def test_a_panic_s_text_is_not_shown() -> None:
    with Seat([*program("crash"), "panic"]) as seat:
        seat.shows("prête")
        seat.press("x")
        seat.exit_status()
        assert b"CANARI" not in seat.received


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT], ids=lambda s: s.name)
def test_a_signal_ends_the_session_and_gives_the_terminal_back(how: signal.Signals) -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        before = termios.tcgetattr(seat.master)
        seat.shows("renversé")
        assert termios.tcgetattr(seat.master) != before
        os.kill(seat.pid, how)
        assert seat.exit_status() == (Ending.TERMINAL_GONE if how == signal.SIGHUP else 0)
        assert not seat.text().strip()
        assert termios.tcgetattr(seat.master) == before


@pytest.mark.parametrize(
    "how", [signal.SIGTSTP, signal.SIGINT, signal.SIGTTIN, signal.SIGTTOU], ids=lambda s: s.name
)
def test_a_signal_of_the_shell_changes_nothing(how: signal.Signals) -> None:
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        os.kill(seat.pid, how)
        seat.press("\x1b[20~")
        seat.shows("F9 puis Échap")


@pytest.mark.parametrize("hangs_up", [True, False], ids=["SIGHUP", "silent"])
def test_a_dead_terminal_ends_the_session(hangs_up: bool) -> None:
    """Textual PR #6690: without SIGHUP the stock driver burns a core for ever."""
    with Seat([*program("gallery"), "kiosk"], hangs_up=hangs_up) as seat:
        seat.shows("renversé")
        seat.hang_up()
        assert seat.exit_status() == Ending.TERMINAL_GONE


def test_no_key_quits_suspends_or_opens_anything() -> None:
    keys = [CTRL["q"], CTRL["c"], CTRL["c"], CTRL["z"], CTRL["p"], CTRL["d"], CTRL["s"], "\x1c", CTRL["o"]]
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.quiet()
        before = seat.looks()
        for key in keys:
            seat.press(key)
        seat.press("\x1b[20~")
        seat.shows("F9 puis Échap")
        seat.quiet()
        assert seat.looks()[1:] == before[1:], "nothing but the first line, which says that F9 was read"


def test_a_selected_field_is_neither_copied_nor_pasted() -> None:
    """Stock: Shift+Home, Ctrl+C sends the PIN to the terminal's clipboard, Ctrl+V types it elsewhere."""
    with Seat([*program("gallery"), "kiosk"]) as seat:
        seat.shows("renversé")
        seat.press("\x1bOQ")
        seat.shows("Valider")
        seat.press("4711")
        seat.shows("4711")
        for key in ("\x1b[1;2H", CTRL["c"], CTRL["x"], "\t", CTRL["v"]):
            seat.press(key)
            seat.quiet()
        seat.press("fin")
        seat.shows("fin")
        assert b"\x1b]52" not in seat.received
        assert "4711fin" not in seat.text()

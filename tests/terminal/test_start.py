"""The first instants, before Textual is loaded: a line is shown, nothing is echoed, nothing stops the start."""

import fcntl
import os
import struct
import subprocess
import sys
import termios
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pseudo_terminal import ROOT, Seat, program

FIRST_LINE = "DMP — la borne démarre…"


@contextmanager
def starting(
    tmp_path: Path, *arguments: str, env: dict[str, str] | None = None
) -> Iterator[tuple[Seat, Path]]:
    fifo = tmp_path / "go"
    os.mkfifo(fifo)
    with Seat([*program("start"), str(fifo), *arguments], env=env) as seat:
        yield seat, fifo


def typed_ahead(seat: Seat, keys: str) -> None:
    """Press keys and wait until the line discipline holds them."""
    terminal = os.open(f"/proc/{seat.pid}/fd/0", os.O_RDONLY | os.O_NOCTTY)
    try:
        seat.press(keys)
        seat.until(lambda _: _held(terminal) == len(keys), "keys held by the terminal")
    finally:
        os.close(terminal)


def _held(terminal: int) -> int:
    return int(struct.unpack("i", fcntl.ioctl(terminal, termios.FIONREAD, b"\0" * 4))[0])


def test_the_first_line_is_there_before_anything_is_loaded(tmp_path: Path) -> None:
    with starting(tmp_path) as (seat, go):
        seat.shows(FIRST_LINE)
        go.write_text("")
        seat.shows("modules kiosk kiosk.__main__")


def test_what_is_typed_meanwhile_is_neither_shown_nor_kept_nor_obeyed(tmp_path: Path) -> None:
    with starting(tmp_path) as (seat, go):
        seat.shows(FIRST_LINE)
        typed_ahead(seat, "4711\x03\x1a\x1c\x04")
        go.write_text("")
        seat.shows("avance rien")
        assert b"4711" not in seat.received
        assert b"^C" not in seat.received


@pytest.mark.parametrize(("arguments", "status"), [((), 5), (("fails",), 9)], ids=["ended", "raised"])
def test_the_terminal_is_given_back_however_the_kiosk_ends(
    tmp_path: Path, arguments: tuple[str, ...], status: int
) -> None:
    with starting(tmp_path, *arguments) as (seat, go):
        before = termios.tcgetattr(seat.master)
        seat.shows(FIRST_LINE)
        assert not termios.tcgetattr(seat.master)[3] & (termios.ECHO | termios.ISIG | termios.ICANON)
        go.write_text("")
        seat.shows("arguments")
        seat.press("x")
        assert seat.exit_status() == status
        assert termios.tcgetattr(seat.master) == before


@pytest.mark.parametrize(
    "command", ["doctor", "insc", "journal", "rehearse", "training", "--help", "--version"]
)
def test_a_command_finds_the_terminal_as_any_program_does(tmp_path: Path, command: str) -> None:
    with starting(tmp_path, command) as (seat, go):
        before = termios.tcgetattr(seat.master)
        go.write_text("")
        seat.shows(f"arguments ['{command}']")
        assert FIRST_LINE not in seat.text()
        assert termios.tcgetattr(seat.master) == before


def test_the_environment_loads_no_code_logs_no_key_and_moves_no_trust(tmp_path: Path) -> None:
    hostile = dict.fromkeys(
        [
            "TEXTUAL",
            "TEXTUAL_LOG",
            "TEXTUAL_DRIVER",
            "TEXTUAL_PRESS",
            "TEXTUAL_SCREENSHOT",
            "TEXTUAL_DEVTOOLS_HOST",
            "PYTHONSTARTUP",
            "PYTHONINSPECT",
            "SSLKEYLOGFILE",
            "SSL_CERT_FILE",
            "LD_LIBRARY_PATH",
            "OPENSSL_CONF",
            "HTTPS_PROXY",
            "http_proxy",
            "ESCDELAY",
            "COLUMNS",
        ],
        "",
    )
    kept = {"NO_COLOR": "1", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
    with starting(tmp_path, env={**hostile, **kept}) as (seat, go):
        seat.shows(FIRST_LINE)
        go.write_text("")
        seat.shows("garde COLORTERM LANG NO_COLOR TERM")


def test_the_entry_point_needs_nothing_but_the_standard_library() -> None:
    code = (
        "import sys; before = set(sys.modules); import kiosk.__main__\n"
        "print(sorted(n for n in set(sys.modules) - before"
        " if n.partition('.')[0] not in sys.stdlib_module_names))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, cwd=ROOT, check=True)
    assert done.stdout.strip() == "['kiosk', 'kiosk.__main__']"

"""The whole kiosk on a real terminal: supervisor, session processes, training box — and what stays behind."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pseudo_terminal import Seat

from kiosk.box import Box, training_box
from kiosk.card.tray import insert, remove

PERSONAL = ("BERNARD", "ELODIE", "LACÔTE", "2840399999011", "0211924116383163846616")
"""What one session of `vitale-famille` knows."""


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with training_box() as process:
        yield process.ready()


def sit_down(box: Box, tmp_path: Path, term: str = "xterm-256color") -> Seat:
    command = [sys.executable, "-I", "-m", "kiosk", "--training", "--box", str(box.directory)]
    directories = {"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    return Seat(command, env=directories, term=term)


def log_in(seat: Seat, box: Box) -> None:
    seat.shows("Insérez votre carte CPS ou CPE")
    insert(box.directory, "cpe-accueil")
    seat.shows("Essais restants : 3 sur 3")
    seat.press("1234\r")
    seat.shows("Mode d'accès : NORMAL")


def open_family(seat: Seat, box: Box) -> None:
    log_in(seat, box)
    insert(box.directory, "vitale-famille")
    seat.shows("Pas de DMP")


def session_pid(seat: Seat) -> int:
    children = Path(f"/proc/{seat.pid}/task/{seat.pid}/children").read_text().split()
    assert len(children) == 1
    return int(children[0])


def test_card_out_blanks_the_screen_ends_the_process_and_leaves_nothing(box: Box, tmp_path: Path) -> None:
    with sit_down(box, tmp_path) as seat:
        open_family(seat, box)
        session = session_pid(seat)
        told = Path(f"/proc/{session}/cmdline").read_bytes()
        remove(box.directory, card_id="cpe-accueil")
        seat.until(lambda seat: not any(word in seat.text() for word in PERSONAL), "a blank screen")
        seat.shows("Bonjour")
        with pytest.raises(ProcessLookupError):
            os.kill(session, 0)
        assert session_pid(seat) != session
        assert not any(word.encode() in told for word in PERSONAL)
        left = [path for path in tmp_path.rglob("*") if path.is_file()]
        assert any(path.name == "journal.sqlite" for path in left)
        for path in left:
            content = path.read_bytes()
            assert not any(word.encode() in content for word in PERSONAL), path


def test_a_killed_session_leaves_no_patient_on_the_screen(box: Box, tmp_path: Path) -> None:
    with sit_down(box, tmp_path) as seat:
        open_family(seat, box)
        os.kill(session_pid(seat), signal.SIGKILL)
        seat.until(lambda seat: not any(word in seat.text() for word in PERSONAL), "a blank screen")
        seat.shows("Saisissez votre code porteur")


def test_the_pin_is_never_drawn(box: Box, tmp_path: Path) -> None:
    with sit_down(box, tmp_path) as seat:
        seat.shows("Insérez votre carte CPS ou CPE")
        insert(box.directory, "cpe-accueil")
        seat.shows("Essais restants : 3 sur 3")
        before = len(seat.received)
        seat.press("1234")
        seat.shows("• • • •")
        assert b"1234" not in bytes(seat.received[before:])
        assert not any(digit in seat.received[before:] for digit in (b" 1 ", b" 2 ", b" 3 ", b" 4 "))


def test_f10_on_the_first_screen_gives_the_terminal_back(box: Box, tmp_path: Path) -> None:
    with sit_down(box, tmp_path) as seat:
        seat.shows("Insérez votre carte CPS ou CPE")
        seat.press("\x1b[21~")
        assert seat.exit_status() == 0
        assert "Bonjour" not in seat.text()


@pytest.mark.parametrize("term", ["xterm-256color", "linux", "vt100"])
def test_every_screen_of_the_path_reads_on_plain_terminals(term: str, box: Box, tmp_path: Path) -> None:
    with sit_down(box, tmp_path, term) as seat:
        open_family(seat, box)
        seat.press("\r")
        seat.shows("CONSENTEMENTS")
        seat.shows("[ ] Le patient m'autorise")
        seat.press(" ")
        seat.shows("[x] Le patient m'autorise")

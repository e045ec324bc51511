"""The supervisor on a real pseudo-terminal: sessions die in every way, nothing of them stays."""

import os
import re
import select
import signal
import sqlite3
from pathlib import Path

import pytest
from pseudo_terminal import DEADLINE, Seat, program

from kiosk.ending import Ending
from kiosk.journal import Journal

WAYS_TO_DIE = [signal.SIGKILL, signal.SIGSEGV, signal.SIGTERM, signal.SIGHUP, signal.SIGABRT]


def seated(directory: Path, *mode: str) -> Seat:
    return Seat([*program("sessions"), str(directory), *mode])


def session_pid(seat: Seat, other_than: int = 0) -> int:
    """Wait for a session on the screen, complete; its process."""
    seat.until(
        lambda s: (
            (found := re.search(r"session (\d+)", s.text()))
            and int(found[1]) != other_than
            and "CANARI-19" in s.text()
        ),
        "a session",
    )
    found = re.search(r"session (\d+)", seat.text())
    assert found
    return int(found[1])


@pytest.mark.parametrize("how", WAYS_TO_DIE, ids=lambda s: s.name)
def test_a_killed_session_leaves_an_empty_screen_and_the_next_one_comes(
    tmp_path: Path, how: signal.Signals
) -> None:
    with seated(tmp_path) as seat:
        first = session_pid(seat)
        before = len(seat.received)
        os.kill(first, how)
        second = session_pid(seat, other_than=first)
        after = bytes(seat.received[before:])
        assert second != first
        wiped = after.index(b"\x1bc")
        assert b"\x1b[?1049l" in after[:wiped]
        assert after.index(b"\x1b[3J") < after.index(b"CANARI"), "wiped before anything new is drawn"
        assert b"CANARI" not in after[: after.index(b"\x1b[3J")]


def test_between_two_sessions_no_line_of_the_record_is_left(tmp_path: Path) -> None:
    """Seen at the very moment after the wipe: the stream is cut there and given to a terminal of its own."""
    with seated(tmp_path) as seat:
        first = session_pid(seat)
        drawn = len(seat.received)
        os.kill(first, signal.SIGKILL)
        session_pid(seat, other_than=first)
        stream = bytes(seat.received)
    end = stream.index(b"\x1b[3J", drawn) + 4
    watcher = Seat.replay(stream[:end])
    assert not [line for line in watcher.display if line.strip()]
    assert "CANARI-0" in "\n".join(Seat.replay(stream[:drawn]).display)


def test_the_next_session_is_told_the_code_of_the_crash_and_nothing_else(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        first = session_pid(seat)
        seat.press("c")
        session_pid(seat, other_than=first)
        seat.until(lambda s: re.search(r"avant : [0-9A-F]{6} \S+:\d+", s.text()), "the code")
        assert b"4711" not in seat.received
        assert b"refused" not in seat.received
    assert [row.entry.act for row in Journal(tmp_path / "journal.sqlite").rows()] == ["CRASH"]


def test_a_row_asked_for_by_a_session_is_on_disk_when_it_is_answered(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        session_pid(seat)
        for number in (1, 2, 3):
            seat.press("j")
            seat.shows(f"ligne {number}")
            with sqlite3.connect(tmp_path / "journal.sqlite") as other:
                assert other.execute("SELECT count(*) FROM journal").fetchone() == (number,)
            other.close()
    assert Journal(tmp_path / "journal.sqlite").verify().intact


def test_a_session_whose_supervisor_cannot_write_is_refused_the_act(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").mkdir()
    with seated(tmp_path) as seat:
        session_pid(seat)
        seat.press("j")
        seat.shows("BORNE-200")


def test_a_session_whose_supervisor_is_dead_leaves(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        session = session_pid(seat)
        watched = os.pidfd_open(session)
        os.kill(seat.pid, signal.SIGKILL)
        assert select.select([watched], [], [], DEADLINE)[0], "the session outlives its supervisor"
        os.close(watched)


@pytest.mark.parametrize(
    ("how", "status"),
    [(signal.SIGTERM, 0), (signal.SIGQUIT, 0), (signal.SIGHUP, Ending.TERMINAL_GONE)],
    ids=lambda v: getattr(v, "name", str(v)),
)
def test_a_stopped_supervisor_stops_its_session_first(
    tmp_path: Path, how: signal.Signals, status: int
) -> None:
    with seated(tmp_path) as seat:
        session = session_pid(seat)
        os.kill(seat.pid, how)
        assert seat.exit_status() == status
        assert not Path(f"/proc/{session}").exists()
        assert "CANARI" not in seat.text()


def test_the_operator_s_key_ends_the_kiosk(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        session_pid(seat)
        seat.press("q")
        assert seat.exit_status() == 0
        assert not seat.text().strip()


def test_an_ordinary_end_brings_the_next_session_without_a_row(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        first = session_pid(seat)
        seat.press("n")
        session_pid(seat, other_than=first)
        assert "avant : rien" in seat.text()
    assert list(Journal(tmp_path / "journal.sqlite").rows()) == []


def test_sessions_that_die_at_once_are_not_forked_for_ever(tmp_path: Path) -> None:
    with seated(tmp_path, "falls") as seat:
        seat.shows("Nouvel essai dans 3600 s")
        assert "CANARI" not in seat.text()
        assert len(list(tmp_path.glob("forked-*"))) == 6
        os.kill(seat.pid, signal.SIGTERM)
        assert seat.exit_status() == 0


def test_the_terminal_going_away_ends_supervisor_and_session(tmp_path: Path) -> None:
    with seated(tmp_path) as seat:
        session = session_pid(seat)
        seat.hang_up()
        assert seat.exit_status() == Ending.TERMINAL_GONE
        assert not Path(f"/proc/{session}").exists()

"""The audit trail: it grows, it tells where it was touched, and loses nothing it acknowledged."""

import os
import random
import re
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk.errors import JournalError, SettingsError
from kiosk.journal import Entry, Journal, JournalLink, describe, patient_mark, site_key
from kiosk.journal.entry import GENESIS
from kiosk.journal.link import PACKET_BYTES, serve

KEY = bytes(range(32))
MARK = patient_mark(KEY, "0123456789012345678901")
CREATION = Entry(
    act="TD1.1", phase="intent", who="899700000001", structure="10B0000001", post="Accueil", patient=MARK
)
LOGIN = Entry(act="LOGIN", phase="outcome", who="899700000001", result="OK")
PROJECT = Path(__file__).parents[1]


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "journal.sqlite")


def filled(path: Path, rows: int = 6) -> Path:
    journal = Journal(path)
    for n in range(rows):
        journal.append(Entry(act="TD0.2", phase="intent", who="899700000001", reference=f"message-{n}"))
    journal.close()
    return path


# --- growth -------------------------------------------------------------------------------------------------


def test_rows_are_numbered_and_chained_from_the_first(journal: Journal) -> None:
    assert [journal.append(LOGIN), journal.append(CREATION)] == [1, 2]
    first, second = journal.rows()
    assert first.prev == GENESIS
    assert second.prev == first.hash
    assert second.entry == CREATION
    assert journal.verify().intact
    assert journal.verify().rows == 2


def test_a_journal_opened_again_goes_on_where_it_stood(tmp_path: Path) -> None:
    filled(tmp_path / "j", 3)
    assert Journal(tmp_path / "j").append(LOGIN) == 4
    assert Journal(tmp_path / "j").verify().intact


def test_two_kiosks_on_one_file_make_one_chain(tmp_path: Path) -> None:
    def write(count: int) -> None:
        journal = Journal(tmp_path / "j")
        for _ in range(count):
            journal.append(LOGIN)
        journal.close()

    threads = [threading.Thread(target=write, args=(20,)) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert Journal(tmp_path / "j").verify().rows == 60
    assert Journal(tmp_path / "j").verify().intact


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.tuples(st.text(), st.text(), st.text()), max_size=5))
def test_any_text_is_kept_in_one_line_and_verifies(tmp_path: Path, texts: list[tuple[str, str, str]]) -> None:
    journal = Journal(Path(tempfile.mkdtemp(dir=tmp_path)) / "j")
    for result, reason, reference in texts:
        journal.append(Entry("PRINT", "outcome", "1", result=result, reason=reason, reference=reference))
    assert journal.verify().rows == len(texts)
    assert journal.verify().intact
    for row in journal.rows():
        assert "\n" not in describe(row)
        assert "\x1b" not in describe(row)


def test_the_time_says_whether_it_came_from_a_time_server(tmp_path: Path) -> None:
    moment = datetime(2012, 3, 4, 5, 6, 7, 89000, tzinfo=UTC)
    for synchronised, word in ((True, "synchronised"), (False, "free")):
        journal = Journal(tmp_path / word, clock=lambda: moment, synchronised=lambda s=synchronised: s)
        journal.append(LOGIN)
        (row,) = journal.rows()
        assert (row.time, row.clock) == ("2012-03-04T05:06:07.089+00:00", word)


def test_the_file_is_its_owner_s_alone(tmp_path: Path) -> None:
    filled(tmp_path / "state" / "j")
    assert (tmp_path / "state" / "j").stat().st_mode & 0o077 == 0
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0


# --- what may not be written --------------------------------------------------------------------------------


def test_a_name_where_the_mark_belongs_is_refused(journal: Journal) -> None:
    with pytest.raises(ValueError, match="not a mark"):
        journal.append(Entry("TD1.1", "intent", "1", patient="DETREVILLE Sophie"))
    with pytest.raises(ValueError, match="neither"):
        journal.append(Entry("TD1.1", "begun", "1"))
    assert list(journal.rows()) == []


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE journal SET who = 'x' WHERE seq = 2",
        "DELETE FROM journal WHERE seq = 2",
        "INSERT OR REPLACE INTO journal SELECT * FROM journal WHERE seq = 2",
        "INSERT INTO journal SELECT seq + 10, time, clock, act, phase, who, structure, post, patient, result,"
        " reason, reference, version, prev, hash FROM journal WHERE seq = 2",
    ],
)
def test_sqlite_itself_refuses_to_change_a_row(tmp_path: Path, statement: str) -> None:
    with sqlite3.connect(filled(tmp_path / "j")) as database, pytest.raises(sqlite3.IntegrityError):
        database.execute(statement)
    database.close()


# --- tampering, by somebody who removes the triggers ----------------------------------------------------------

COLUMNS = [
    "time",
    "clock",
    "act",
    "phase",
    "who",
    "structure",
    "post",
    "patient",
    "result",
    "reason",
    "reference",
]


def tamper(path: Path, *statements: str) -> None:
    database = sqlite3.connect(path)
    for trigger in ("journal_keeps", "journal_holds", "journal_grows"):
        database.execute(f"DROP TRIGGER {trigger}")
    for statement in statements:
        database.execute(statement)
    database.commit()
    database.close()


@settings(deadline=None, max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(row=st.integers(1, 6), column=st.sampled_from([*COLUMNS, "version", "prev", "hash"]))
def test_a_changed_row_is_found_at_its_number(tmp_path: Path, row: int, column: str) -> None:
    path = filled(Path(tempfile.mkdtemp(dir=tmp_path)) / "j")
    tamper(path, f"UPDATE journal SET {column} = {column} || 'x' WHERE seq = {row}")
    verdict = Journal(path).verify()
    assert verdict.first_bad == row
    assert f"ligne {row}" in verdict.sentence


@pytest.mark.parametrize("row", [1, 3, 6])
def test_a_removed_row_is_found_at_its_number(tmp_path: Path, row: int) -> None:
    path = filled(tmp_path / "j")
    head = list(Journal(path).rows())[-1]
    tamper(path, f"DELETE FROM journal WHERE seq = {row}")
    assert Journal(path).verify((head.seq, head.hash)).first_bad == row


def test_an_inserted_row_is_found(tmp_path: Path) -> None:
    path = filled(tmp_path / "j")
    tamper(
        path,
        "UPDATE journal SET seq = seq + 100 WHERE seq > 3",
        "INSERT INTO journal SELECT 4, time, clock, act, phase, who, structure, post, patient, result, reason,"
        " reference, version, prev, hash FROM journal WHERE seq = 3",
        "UPDATE journal SET seq = seq - 99 WHERE seq > 100",
    )
    assert Journal(path).verify().first_bad == 4


def test_a_journal_made_anew_does_not_hold_the_head_kept_elsewhere(tmp_path: Path) -> None:
    old = list(Journal(filled(tmp_path / "old")).rows())[-1]
    forged = Journal(filled(tmp_path / "new"))
    assert forged.verify().intact
    assert forged.verify((old.seq, old.hash)).first_bad == old.seq


def test_a_file_that_is_no_database_is_told_without_a_traceback(tmp_path: Path) -> None:
    (tmp_path / "j").write_bytes(os.urandom(8192))
    verdict = Journal(tmp_path / "j").verify()
    assert verdict.first_bad == 1
    with pytest.raises(JournalError):
        Journal(tmp_path / "j").append(LOGIN)


# --- what cannot be written is not acknowledged ---------------------------------------------------------------

FULL_DISK = """
import resource, signal, sys
from pathlib import Path
from kiosk.errors import JournalError
from kiosk.journal import Entry, Journal
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
journal = Journal(Path(sys.argv[1]))
entry = Entry("LOGIN", "outcome", "899700000001", reason="x" * 400)
resource.setrlimit(resource.RLIMIT_FSIZE, (131072, resource.RLIM_INFINITY))
acknowledged = refused = 0
while refused < 3:
    try:
        acknowledged, refused = journal.append(entry), 0
    except JournalError as error:
        refused += 1
        print(error.code, error.detail)
resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(acknowledged, journal.append(entry))
"""


def test_a_full_disk_refuses_the_act_and_breaks_nothing(tmp_path: Path) -> None:
    path = tmp_path / "j"
    done = subprocess.run(
        [sys.executable, "-c", FULL_DISK, str(path)], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    *refusals, last = done.stdout.splitlines()
    assert len(refusals) >= 3
    assert all(re.fullmatch(r"BORNE-200 SQLITE_(FULL|IOERR\w*)", refusal) for refusal in refusals)
    acknowledged, after = map(int, last.split())
    assert after > acknowledged > 50
    verdict = Journal(path).verify()
    assert verdict.intact
    assert verdict.rows == after


WRITER = """
import sys
from pathlib import Path
from kiosk.journal import Entry, Journal
journal = Journal(Path(sys.argv[1]))
while True:
    print(journal.append(Entry("TD0.2", "intent", "899700000001")), flush=True)
"""


def test_kill_9_while_writing_loses_no_acknowledged_row(tmp_path: Path) -> None:
    path = tmp_path / "j"
    chance = random.Random(20120304)
    acknowledged = 0
    for _ in range(6):
        with subprocess.Popen(
            [sys.executable, "-c", WRITER, str(path)], stdout=subprocess.PIPE, text=True, cwd=PROJECT
        ) as writer:
            assert writer.stdout is not None
            for _ in range(chance.randint(1, 60)):
                acknowledged = int(writer.stdout.readline())
            writer.send_signal(signal.SIGKILL)
            acknowledged = max(
                [acknowledged, *map(int, re.findall(r"^(\d+)\n", writer.stdout.read(), re.MULTILINE))]
            )
        verdict = Journal(path).verify()
        assert verdict.intact
        assert verdict.rows >= acknowledged


# --- from a session -------------------------------------------------------------------------------------------


@contextmanager
def linked(journal: Journal) -> Iterator[JournalLink]:
    """A session's link, and a supervisor's end served in a thread."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)

    def supervise() -> None:
        while packet := ours.recv(PACKET_BYTES):
            serve(journal, packet, ours)

    thread = threading.Thread(target=supervise)
    thread.start()
    with ours:
        with theirs:
            yield JournalLink(theirs)
        thread.join()


def test_a_session_s_rows_are_written_by_the_other_end(journal: Journal) -> None:
    with linked(journal) as link:
        assert link.append(LOGIN) == 1
        link.write(CREATION)
    assert [row.entry for row in journal.rows()] == [LOGIN, CREATION]


def test_threads_of_a_session_each_get_their_own_row(journal: Journal) -> None:
    numbers: list[int] = []
    with linked(journal) as link:
        threads = [
            threading.Thread(target=lambda: numbers.extend(link.append(LOGIN) for _ in range(10)))
            for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert sorted(numbers) == list(range(1, 41))


def test_a_session_is_refused_what_the_supervisor_could_not_write(tmp_path: Path) -> None:
    (tmp_path / "j").mkdir()
    with linked(Journal(tmp_path / "j")) as link, pytest.raises(JournalError):
        link.append(LOGIN)


def test_a_session_alone_is_refused(journal: Journal) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    ours.close()
    link = JournalLink(theirs)
    for _ in range(2):
        with pytest.raises(JournalError):
            link.append(LOGIN)
    theirs.close()


@given(st.binary(min_size=1, max_size=200))
@settings(deadline=None)
def test_a_supervisor_outlives_a_session_that_has_gone_mad(packet: bytes) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        serve(Journal(Path("/nonexistent/journal")), packet, ours)


@pytest.mark.parametrize(
    "packet",
    [
        b'{"number": 1}',
        b'{"number": 1, "entry": {"act": "X"}}',
        b'{"number": 1, "entry": {"act": 5, "phase": "intent", "who": []}}',
        b'{"number": 1, "entry": {"act": "X", "phase": "intent", "who": "", "extra": 1}}',
        b'{"number": 1, "entry": {"act": "X", "phase": "intent", "who": "", "patient": "SOPHIE"}}',
        b'{"number": 1, "entry": null}',
        b"[]",
        b"7",
        b'"crash"',
    ],
)
def test_a_request_that_makes_no_sense_writes_nothing(journal: Journal, packet: bytes) -> None:
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with ours, theirs:
        assert serve(journal, packet, ours) == ""
        assert b"fault" in theirs.recv(PACKET_BYTES)
    assert list(journal.rows()) == []


# --- the patient's mark ---------------------------------------------------------------------------------------


def test_the_mark_is_hmac_sha_256() -> None:
    """RFC 4231, test case 2."""
    expected = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"
    assert patient_mark(b"Jefe", "what do ya want for nothing?") == expected


def test_the_site_s_key_is_made_once_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "state" / "site.key"
    key = site_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert site_key(path) == key
    assert site_key(tmp_path / "other.key") != key
    assert [file.name for file in path.parent.iterdir()] == ["site.key"]


def test_a_key_others_may_read_or_that_was_cut_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "site.key"
    site_key(path)
    path.chmod(0o640)
    with pytest.raises(SettingsError):
        site_key(path)
    path.chmod(0o600)
    path.write_bytes(b"short")
    with pytest.raises(SettingsError):
        site_key(path)


def test_a_row_is_told_in_one_french_line(journal: Journal) -> None:
    journal.append(CREATION)
    (row,) = journal.rows()
    line = describe(row)
    assert "Création du DMP (TD1.1) demandé" in line
    assert "899700000001" in line
    assert MARK not in line
    assert MARK[:12] in line

"""The file: one SQLite table that only grows, each row holding the hash of the row before it."""

import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, fields
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Final

from kiosk.errors import JournalError
from kiosk.hardening import clock_synchronised
from kiosk.journal.entry import GENESIS, Entry, Row
from kiosk.text import clean

_BUSY_SECONDS: Final = 5.0
_FIELDS: Final = tuple(field.name for field in fields(Entry))
_COLUMNS: Final = ("seq", "time", "clock", *_FIELDS, "prev", "hash")
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS journal (
    seq INTEGER PRIMARY KEY, time TEXT NOT NULL, clock TEXT NOT NULL,
    act TEXT NOT NULL, phase TEXT NOT NULL, who TEXT NOT NULL, structure TEXT NOT NULL, post TEXT NOT NULL,
    patient TEXT NOT NULL, result TEXT NOT NULL, reason TEXT NOT NULL, reference TEXT NOT NULL,
    version TEXT NOT NULL, prev TEXT NOT NULL, hash TEXT NOT NULL
) STRICT;
CREATE TRIGGER IF NOT EXISTS journal_keeps BEFORE UPDATE ON journal
    BEGIN SELECT RAISE(ABORT, 'a row of the journal is never changed'); END;
CREATE TRIGGER IF NOT EXISTS journal_holds BEFORE DELETE ON journal
    BEGIN SELECT RAISE(ABORT, 'a row of the journal is never removed'); END;
CREATE TRIGGER IF NOT EXISTS journal_grows BEFORE INSERT ON journal
    WHEN NEW.seq <> (SELECT ifnull(max(seq), 0) + 1 FROM journal)
    BEGIN SELECT RAISE(ABORT, 'the journal grows at its end'); END;
"""
_SELECT: Final = f"SELECT {', '.join(_COLUMNS)} FROM journal ORDER BY seq"  # noqa: S608 — names of our own
_INSERT: Final = f"INSERT INTO journal ({', '.join(_COLUMNS)}) VALUES ({', '.join('?' * len(_COLUMNS))})"  # noqa: S608


@dataclass(frozen=True)
class JournalVerdict:
    """What verifying the whole chain found."""

    rows: int
    """Rows that hold together, from the first."""
    head: str
    """Hash of the last of them."""
    first_bad: int | None = None
    """Number of the first row that does not."""
    fault: str = ""

    @property
    def intact(self) -> bool:
        return self.first_bad is None

    @property
    def sentence(self) -> str:
        if self.intact:
            return f"Journal intact : {self.rows} lignes, tête {self.head[:16]}."
        return f"Journal altéré à la ligne {self.first_bad} : {self.fault}."


def utc_now() -> datetime:
    """The system's clock, UTC."""
    return datetime.now(UTC)


class Journal:
    """The file. Opened at the first use; `close` before a fork: a session never holds it."""

    def __init__(
        self,
        path: Path,
        *,
        clock: Callable[[], datetime] = utc_now,
        synchronised: Callable[[], bool] = clock_synchronised,
    ) -> None:
        self._path = path
        self._clock = clock
        self._synchronised = synchronised
        self._lock = Lock()
        self._opened: sqlite3.Connection | None = None

    def append(self, entry: Entry) -> int:
        """Write one row and return its number once it is on disk. Raises `JournalError`: nothing was written."""
        entry.check()
        values = {name: clean(getattr(entry, name)) for name in _FIELDS}
        with self._lock, self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            last = database.execute("SELECT seq, hash FROM journal ORDER BY seq DESC LIMIT 1").fetchone()
            seq, prev = (last[0] + 1, last[1]) if last else (1, GENESIS)
            time = self._clock().isoformat(timespec="milliseconds")
            clock = "synchronised" if self._synchronised() else "free"
            row = Row(seq, time, clock, Entry(**values), prev, "")
            database.execute(_INSERT, (seq, time, clock, *values.values(), prev, row.computed_hash()))
            database.execute("COMMIT")
        return seq

    def rows(self) -> Iterator[Row]:
        """Every row, first to last. Raises `JournalError` where the file cannot be read."""
        with self._lock, self._database() as database:
            for seq, time, clock, *values, prev, hash_ in database.execute(_SELECT):
                yield Row(seq, time, clock, Entry(*values), prev, hash_)

    def verify(self, known_head: tuple[int, str] | None = None) -> JournalVerdict:
        """Walk the chain. `known_head` is a row's number and hash kept elsewhere: it must still be there."""
        count, head = 0, GENESIS
        try:
            for row in self.rows():
                fault = _fault(row, count, head, known_head)
                if fault:
                    return JournalVerdict(count, head, min(row.seq, count + 1), fault)
                count, head = row.seq, row.hash
        except JournalError:
            return JournalVerdict(count, head, count + 1, "le fichier est illisible")
        if known_head is not None and known_head[0] > count:
            return JournalVerdict(count, head, count + 1, "la fin du journal manque")
        return JournalVerdict(count, head)

    def close(self) -> None:
        """Let the file go; the next use opens it again."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._opened is not None:
            opened, self._opened = self._opened, None
            with suppress(sqlite3.Error):
                opened.close()

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """The open file. Any fault of SQLite rolls back, closes, and becomes a `JournalError`."""
        try:
            self._opened = self._opened or self._open()
            yield self._opened
        except (sqlite3.Error, OSError) as error:
            self._let_go()
            name = getattr(error, "sqlite_errorname", None) or type(error).__name__
            raise JournalError(detail=name) from error
        except BaseException:
            self._let_go()
            raise

    def _open(self) -> sqlite3.Connection:
        self._path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
        database = sqlite3.connect(
            self._path, isolation_level=None, timeout=_BUSY_SECONDS, check_same_thread=False
        )
        try:
            database.execute("PRAGMA journal_mode=WAL")
            database.execute("PRAGMA synchronous=FULL")
            database.executescript(_SCHEMA)
        except BaseException:
            database.close()
            raise
        return database


def _fault(row: Row, count: int, head: str, known_head: tuple[int, str] | None) -> str:
    """What is wrong with this row after `count` sound ones, in words; empty when nothing is."""
    if row.seq != count + 1:
        return "une ligne manque"
    if row.prev != head:
        return "elle ne suit pas la ligne précédente"
    if row.hash != row.computed_hash():
        return "son contenu a changé"
    if known_head is not None and row.seq == known_head[0] and row.hash != known_head[1]:
        return "ce n'est plus la ligne relevée autrefois"
    return ""

"""The database file of the service, and how every part of its memory uses it."""

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

SCHEMA = {
    "record": "ins_c TEXT PRIMARY KEY, nir TEXT NOT NULL, body TEXT NOT NULL",
    "authorisation": "ins_c TEXT NOT NULL, actor TEXT NOT NULL, value TEXT NOT NULL, since TEXT NOT NULL, "
    "until TEXT NOT NULL, PRIMARY KEY (ins_c, actor)",
    "treating_doctor": "ins_c TEXT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (ins_c, actor)",
    "account": "ins_c TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, hash BLOB NOT NULL",
    "channel": "ins_c TEXT NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (ins_c, kind)",
    "trap": "ins_c TEXT PRIMARY KEY, code TEXT NOT NULL",
    "access": "id INTEGER PRIMARY KEY, at TEXT NOT NULL, ins_c TEXT NOT NULL, task TEXT NOT NULL, "
    "mode TEXT NOT NULL, actor TEXT NOT NULL, structure TEXT NOT NULL, reason TEXT NOT NULL, "
    "secret INTEGER NOT NULL",
}
"""Tables and their columns."""
_INDEXES = (
    "CREATE INDEX by_nir ON record (nir);"
    "CREATE INDEX by_actor ON authorisation (actor);"
    "CREATE INDEX by_access ON access (ins_c, actor);"
)
_VERSION = 2


class Database:
    """One file, shared by the threads of the service."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A file of another version holds the training of another day: it is made anew.
        self.is_new = self._database.execute("PRAGMA user_version").fetchone() != (_VERSION,)
        if self.is_new:
            drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in SCHEMA)
            tables = "".join(f"CREATE TABLE {table} ({columns}) STRICT;" for table, columns in SCHEMA.items())
            self._database.executescript(f"{drops} {tables} {_INDEXES} PRAGMA user_version={_VERSION};")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    @contextmanager
    def transaction(self) -> Iterator[sqlite3.Connection]:
        """All or nothing; may be nested."""
        with self._lock:
            if self._database.in_transaction:
                yield self._database
                return
            self._database.execute("BEGIN IMMEDIATE")
            try:
                yield self._database
            except BaseException:
                self._database.execute("ROLLBACK")
                raise
            self._database.execute("COMMIT")

    def rows(self, query: str, *values: str) -> list[tuple[Any, ...]]:
        with self.transaction() as database:
            return database.execute(query, values).fetchall()

    def text(self, query: str, *values: str) -> str:
        """The first column of the first row, empty when there is none."""
        found = self.rows(query, *values)
        return str(found[0][0]) if found else ""

    def change(self, query: str, *values: str | bytes | int) -> bool:
        """Whether a row changed."""
        with self.transaction() as database:
            return database.execute(query, values).rowcount > 0

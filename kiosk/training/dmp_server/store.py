"""The memory of the service: records, authorisations, accounts and the trace of accesses, in SQLite.

A password is kept as a hash alone, as on a real service: what the client lost, nobody can show again.
"""

import hashlib
import json
import secrets
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path

from kiosk.training.dmp_server import identifiers
from kiosk.training.dmp_server.records import Person, StoredRecord, ins_c_of, insured_with, person_of
from kiosk.training.people import RECORDS, Record

_SCHEMA = """
CREATE TABLE record (
    ins_c TEXT PRIMARY KEY, nir TEXT NOT NULL, person TEXT NOT NULL, state TEXT NOT NULL,
    closed_at TEXT NOT NULL, closing_reason TEXT NOT NULL, attached_to_mes INTEGER NOT NULL,
    consent_at TEXT NOT NULL,
    opposed_to_break_glass INTEGER NOT NULL, opposed_to_regulation INTEGER NOT NULL) STRICT;
CREATE TABLE authorisation (
    ins_c TEXT NOT NULL, actor TEXT NOT NULL, value TEXT NOT NULL, PRIMARY KEY (ins_c, actor)) STRICT;
CREATE TABLE treating_doctor (ins_c TEXT NOT NULL, actor TEXT NOT NULL, PRIMARY KEY (ins_c, actor)) STRICT;
CREATE TABLE account (
    ins_c TEXT PRIMARY KEY, login TEXT NOT NULL UNIQUE, salt BLOB NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE trap (ins_c TEXT PRIMARY KEY, code TEXT NOT NULL) STRICT;
CREATE TABLE access (
    id INTEGER PRIMARY KEY, at TEXT NOT NULL, ins_c TEXT NOT NULL, task TEXT NOT NULL, mode TEXT NOT NULL,
    actor TEXT NOT NULL, structure TEXT NOT NULL) STRICT;
"""
_TABLES = ("record", "authorisation", "treating_doctor", "account", "trap", "access")
_VERSION = 1


class Store:
    """One database file, shared by the threads of the service."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        # A file of another version holds the training of another day: it is made anew.
        if self._database.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in _TABLES)
            self._database.executescript(f"{drops} {_SCHEMA} PRAGMA user_version={_VERSION};")
            self.reset()

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def reset(self) -> None:
        """The start of a training day: the records of the cast, and no trace."""
        with self._transaction() as database:
            for table in _TABLES:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
            for record in RECORDS:
                self.put(record)

    def put(self, record: Record) -> None:
        """Make the record of a member of the cast exactly this. Raises `ValueError` for anybody else."""
        insured = insured_with(record.nir13)
        ins_c = ins_c_of(insured)
        with self._transaction() as database:
            for table in ("record", "authorisation", "treating_doctor", "account", "trap"):
                database.execute(f"DELETE FROM {table} WHERE ins_c = ?", (ins_c,))  # noqa: S608 - names of ours
            if record.refuses_creation:
                database.execute("INSERT INTO trap VALUES (?, ?)", (ins_c, record.refuses_creation))
            if record.state == "none":
                return
            self.create(
                StoredRecord(
                    ins_c,
                    person_of(insured),
                    nir=record.nir13 + identifiers.nir_key(record.nir13),
                    state=record.state,
                    closed_at=record.closed_at,
                    closing_reason=record.closing_reason,
                    attached_to_mes=record.attached_to_mes,
                )
            )
            database.executemany(
                "INSERT INTO authorisation VALUES (?, ?, ?)",
                [(ins_c, actor, value) for actor, value in record.authorizations],
            )
            database.executemany(
                "INSERT INTO treating_doctor VALUES (?, ?)",
                [(ins_c, actor) for actor in record.treating_doctors],
            )
            if record.internet_account:
                self.open_account(ins_c, secrets.token_hex(8), secrets.token_hex(8))

    def create(self, record: StoredRecord) -> bool:
        """Keep a new record; False when the patient has one already."""
        values = asdict(record) | {"person": json.dumps(asdict(record.person))}
        columns = ", ".join(values)
        marks = ", ".join(f":{name}" for name in values)
        with self._transaction() as database:
            cursor = database.execute(f"INSERT OR IGNORE INTO record ({columns}) VALUES ({marks})", values)  # noqa: S608
            return cursor.rowcount == 1

    def find(self, ins_c: str) -> StoredRecord | None:
        with self._transaction() as database:
            cursor = database.execute("SELECT * FROM record WHERE ins_c = ?", (ins_c,))
            row = cursor.fetchone()
        if row is None:
            return None
        values = dict(zip((column[0] for column in cursor.description), row, strict=True))
        person = json.loads(values.pop("person"))
        person["telecoms"] = tuple((use, value) for use, value in person["telecoms"])
        flags = ("attached_to_mes", "opposed_to_break_glass", "opposed_to_regulation")
        return StoredRecord(**values | {name: bool(values[name]) for name in flags}, person=Person(**person))

    def trap(self, ins_c: str) -> str:
        """The code a creation for this patient is refused with, empty for most."""
        return self._text("SELECT code FROM trap WHERE ins_c = ?", ins_c)

    def authorisation(self, ins_c: str, actor: str) -> str:
        """`VALIDE`, `EXPIRE` or `INTERDIT`; empty when the actor never had one."""
        return self._text("SELECT value FROM authorisation WHERE ins_c = ? AND actor = ?", ins_c, actor)

    def is_treating_doctor(self, ins_c: str, actor: str) -> bool:
        return bool(
            self._text("SELECT actor FROM treating_doctor WHERE ins_c = ? AND actor = ?", ins_c, actor)
        )

    def has_account(self, ins_c: str) -> bool:
        return bool(self._text("SELECT login FROM account WHERE ins_c = ?", ins_c))

    def open_account(self, ins_c: str, login: str, password: str) -> bool:
        """Keep a new internet account; False when the patient has one already."""
        salt = secrets.token_bytes(16)
        with self._transaction() as database:
            cursor = database.execute(
                "INSERT OR IGNORE INTO account VALUES (?, ?, ?, ?)",
                (ins_c, login, salt, _hash(password, salt)),
            )
            return cursor.rowcount == 1

    def renew_account(self, ins_c: str, login: str, password: str) -> bool:
        """Replace login and password; False when the patient has no account."""
        salt = secrets.token_bytes(16)
        with self._transaction() as database:
            cursor = database.execute(
                "UPDATE account SET login = ?, salt = ?, hash = ? WHERE ins_c = ?",
                (login, salt, _hash(password, salt), ins_c),
            )
            return cursor.rowcount == 1

    def opens_account(self, login: str, password: str) -> bool:
        """Whether a patient could log in with these."""
        with self._transaction() as database:
            row = database.execute("SELECT salt, hash FROM account WHERE login = ?", (login,)).fetchone()
        return row is not None and secrets.compare_digest(_hash(password, row[0]), row[1])

    def trace(self, at: str, ins_c: str, task: str, mode: str, actor: str, structure: str) -> None:
        """Remember one access to a record."""
        with self._transaction() as database:
            database.execute(
                "INSERT INTO access (at, ins_c, task, mode, actor, structure) VALUES (?, ?, ?, ?, ?, ?)",
                (at, ins_c, task, mode, actor, structure),
            )

    def history(self) -> list[dict[str, str]]:
        """Every access, oldest first: what the patient would read on the web."""
        names = ("at", "ins_c", "transaction", "mode", "actor", "structure")
        with self._transaction() as database:
            rows = database.execute(
                "SELECT at, ins_c, task, mode, actor, structure FROM access ORDER BY id"
            ).fetchall()
        return [dict(zip(names, row, strict=True)) for row in rows]

    def _text(self, query: str, *values: str) -> str:
        with self._transaction() as database:
            row = database.execute(query, values).fetchone()
        return str(row[0]) if row else ""

    @contextmanager
    def _transaction(self) -> Iterator[sqlite3.Connection]:
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


def _hash(password: str, salt: bytes) -> bytes:
    return hashlib.scrypt(password.encode(), salt=salt, n=2**14, r=8, p=1)

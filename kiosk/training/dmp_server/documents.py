"""The memory of registry and repository: entries, submission sets, associations and contents, in SQLite.

A patient's synthetic documents are made when somebody first opens the record: a start of the box costs nothing.
"""

import json
import sqlite3
import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from kiosk.training.dmp_server.document_entries import Entry, Facts, SubmissionSet
from kiosk.training.dmp_server.registry_names import (
    DELETED,
    DEPRECATED,
    REPLACES,
)
from kiosk.training.dmp_server.rim import Association

_SCHEMA = """
CREATE TABLE entry (
    uuid TEXT PRIMARY KEY, lid TEXT NOT NULL, version INTEGER NOT NULL, latest INTEGER NOT NULL,
    ins_c TEXT NOT NULL, unique_id TEXT NOT NULL, status TEXT NOT NULL, mime_type TEXT NOT NULL,
    facts TEXT NOT NULL, head BLOB NOT NULL, tail BLOB NOT NULL) STRICT;
CREATE INDEX entry_patient ON entry (ins_c, latest, status);
CREATE INDEX entry_unique ON entry (unique_id);
CREATE INDEX entry_lid ON entry (lid);
CREATE TABLE submission (
    uuid TEXT PRIMARY KEY, unique_id TEXT NOT NULL UNIQUE, ins_c TEXT NOT NULL, submitted TEXT NOT NULL,
    facts TEXT NOT NULL, head BLOB NOT NULL, tail BLOB NOT NULL) STRICT;
CREATE INDEX submission_patient ON submission (ins_c);
CREATE TABLE association (
    id TEXT PRIMARY KEY, kind TEXT NOT NULL, source TEXT NOT NULL, target TEXT NOT NULL, slots TEXT NOT NULL) STRICT;
CREATE INDEX association_source ON association (source);
CREATE INDEX association_target ON association (target);
CREATE TABLE content (unique_id TEXT PRIMARY KEY, ins_c TEXT NOT NULL, data BLOB NOT NULL) STRICT;
CREATE TABLE filled (ins_c TEXT PRIMARY KEY) STRICT;
"""
_TABLES = ("entry", "submission", "association", "content", "filled")
_VERSION = 1
_ENTRY = "uuid, lid, version, ins_c, unique_id, status, mime_type, facts, head, tail"
_AT_ONCE = 500


class DocumentStore:
    """One database file, shared by the threads of the service."""

    def __init__(self, path: Path) -> None:
        self._lock = threading.RLock()
        self._database = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self._database.execute("PRAGMA journal_mode=WAL")
        self._database.execute("PRAGMA synchronous=NORMAL")
        # A file of another version holds the training of another day: it is made anew.
        if self._database.execute("PRAGMA user_version").fetchone() != (_VERSION,):
            drops = "".join(f"DROP TABLE IF EXISTS {table};" for table in _TABLES)
            self._database.executescript(f"{drops} {_SCHEMA} PRAGMA user_version={_VERSION};")

    def close(self) -> None:
        with self._lock:
            self._database.close()

    def reset(self) -> None:
        """The start of a training day: every record has its synthetic documents again, once opened."""
        with self.transaction() as database:
            for table in _TABLES:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours

    def fill_once(self, ins_c: str, fill: Callable[[], None]) -> None:
        """Call `fill` unless it was called for this patient since the last reset."""
        with self.transaction() as database:
            known = database.execute("SELECT 1 FROM filled WHERE ins_c = ?", (ins_c,)).fetchone()
            if known is None:
                database.execute("INSERT INTO filled VALUES (?)", (ins_c,))
                fill()

    def add_set(self, one: SubmissionSet) -> None:
        with self.transaction() as database:
            database.execute(
                "INSERT INTO submission VALUES (?, ?, ?, ?, ?, ?, ?)",
                (one.uuid, one.unique_id, one.ins_c, one.submitted, _dumped(one.facts), *one.chunks),
            )

    def add_entry(self, entry: Entry, content: bytes | None) -> None:
        """Keep an entry; without content when it is another version of metadata already here."""
        with self.transaction() as database:
            database.execute("UPDATE entry SET latest = 0 WHERE lid = ?", (entry.lid,))
            database.execute(
                "INSERT INTO entry VALUES (?, ?, ?, 1, ?, ?, ?, ?, ?, ?, ?)",
                (
                    *(entry.uuid, entry.lid, entry.version, entry.ins_c, entry.unique_id),
                    *(entry.status, entry.mime_type, _dumped(entry.facts), *entry.chunks),
                ),
            )
            if content is not None:
                database.execute(
                    "INSERT INTO content VALUES (?, ?, ?)",
                    (entry.unique_id, entry.ins_c, zlib.compress(content, 1)),
                )

    def associate(self, one: Association) -> None:
        with self.transaction() as database:
            database.execute(
                "INSERT INTO association VALUES (?, ?, ?, ?, ?)",
                (one.id, one.kind, one.source, one.target, json.dumps(one.slots)),
            )

    def follow(self, old: str, new: str) -> None:
        """Associations of an entry go over to the entry that took its place."""
        with self.transaction() as database:
            database.execute("UPDATE association SET source = ? WHERE source = ?", (new, old))
            database.execute("UPDATE association SET target = ? WHERE target = ?", (new, old))

    def set_status(self, uuid: str, status: str) -> None:
        with self.transaction() as database:
            database.execute("UPDATE entry SET status = ? WHERE uuid = ?", (status, uuid))

    def delete(self, uuid: str) -> None:
        """Mark an entry and its obsolete versions deleted, forget their contents."""
        with self.transaction() as database:
            pending = [uuid]
            while pending:
                current = pending.pop()
                database.execute("UPDATE entry SET status = ? WHERE uuid = ?", (DELETED, current))
                database.execute(
                    "DELETE FROM content WHERE unique_id = (SELECT unique_id FROM entry WHERE uuid = ?)",
                    (current,),
                )
                rows = database.execute(
                    "SELECT target FROM association JOIN entry ON entry.uuid = target "
                    "WHERE source = ? AND kind = ? AND status = ?",
                    (current, REPLACES, DEPRECATED),
                )
                pending += [str(row[0]) for row in rows]

    def entries(self, ins_c: str, statuses: Iterable[str] = ()) -> list[Entry]:
        """The latest metadata of a patient's documents, oldest deposit first; every status when none is given."""
        wanted = tuple(statuses)
        where = f"AND status IN ({_marks(wanted)})" if wanted else ""
        return self._entries(f"ins_c = ? AND latest = 1 {where}", (ins_c, *wanted))

    def by_uuid(self, uuids: Iterable[str]) -> list[Entry]:
        """The latest metadata alone."""
        return self._batched("uuid", tuple(dict.fromkeys(uuids)))

    def knows(self, uuid: str) -> bool:
        """Whether an entry, of whatever version, or a submission set has that identifier."""
        query = "SELECT 1 FROM entry WHERE uuid = ? UNION ALL SELECT 1 FROM submission WHERE uuid = ?"
        return bool(self._rows(query, (uuid, uuid)))

    def by_unique_id(self, unique_ids: Iterable[str]) -> list[Entry]:
        return self._batched("unique_id", tuple(dict.fromkeys(unique_ids)))

    def by_lid(self, lid: str) -> Entry | None:
        """The latest metadata of a logical document."""
        return next(iter(self._batched("lid", (lid,))), None)

    def sets(self, ins_c: str) -> list[SubmissionSet]:
        return self._sets("ins_c = ?", (ins_c,))

    def sets_by(self, column: str, values: Iterable[str]) -> list[SubmissionSet]:
        """Submission sets by `uuid` or `unique_id`."""
        wanted = tuple(dict.fromkeys(values))
        return [
            one
            for start in range(0, len(wanted), _AT_ONCE)
            for one in self._sets(
                f"{column} IN ({_marks(wanted[start : start + _AT_ONCE])})", wanted[start : start + _AT_ONCE]
            )
        ]

    def associations(self, uuids: Iterable[str]) -> list[Association]:
        """Those with one of these objects at either end."""
        wanted = tuple(dict.fromkeys(uuids))
        found: dict[str, Association] = {}
        for start in range(0, len(wanted), _AT_ONCE):
            some = wanted[start : start + _AT_ONCE]
            rows = self._rows(
                "SELECT id, kind, source, target, slots FROM association "  # noqa: S608
                f"WHERE source IN ({_marks(some)}) OR target IN ({_marks(some)}) ORDER BY rowid",
                (*some, *some),
            )
            for row in rows:
                slots = tuple((name, tuple(values)) for name, values in json.loads(row[4]))
                found[row[0]] = Association(row[0], row[1], row[2], row[3], slots)
        return list(found.values())

    def content(self, unique_id: str) -> bytes | None:
        rows = self._rows("SELECT data FROM content WHERE unique_id = ?", (unique_id,))
        return zlib.decompress(rows[0][0]) if rows else None

    def count(self, ins_c: str) -> int:
        return int(self._rows("SELECT count(*) FROM entry WHERE ins_c = ? AND latest = 1", (ins_c,))[0][0])

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

    def _batched(self, column: str, wanted: tuple[str, ...]) -> list[Entry]:
        return [
            entry
            for start in range(0, len(wanted), _AT_ONCE)
            for entry in self._entries(
                f"{column} IN ({_marks(wanted[start : start + _AT_ONCE])}) AND latest = 1",
                wanted[start : start + _AT_ONCE],
            )
        ]

    def _entries(self, where: str, values: tuple[str, ...]) -> list[Entry]:
        rows = self._rows(f"SELECT {_ENTRY} FROM entry WHERE {where} ORDER BY rowid", values)  # noqa: S608
        return [
            Entry(uuid, lid, version, ins_c, unique_id, status, mime_type, _facts(facts), (head, tail))
            for uuid, lid, version, ins_c, unique_id, status, mime_type, facts, head, tail in rows
        ]

    def _sets(self, where: str, values: tuple[str, ...]) -> list[SubmissionSet]:
        rows = self._rows(
            f"SELECT uuid, unique_id, ins_c, submitted, facts, head, tail FROM submission WHERE {where}"  # noqa: S608
            " ORDER BY submitted, rowid",
            values,
        )
        return [
            SubmissionSet(uuid, unique_id, ins_c, submitted, _facts(facts), (head, tail))
            for uuid, unique_id, ins_c, submitted, facts, head, tail in rows
        ]

    def _rows(self, query: str, values: tuple[str, ...]) -> list[Any]:
        with self._lock:
            return self._database.execute(query, values).fetchall()


def _marks(values: tuple[str, ...]) -> str:
    return ", ".join("?" * len(values))


def _dumped(facts: Facts) -> str:
    return json.dumps(vars(facts), ensure_ascii=False)


def _facts(text: str) -> Facts:
    values: dict[str, Any] = json.loads(text)
    lists = ("authors", "owners", "institutions", "references")
    return Facts(**values | {name: tuple(values[name]) for name in lists})

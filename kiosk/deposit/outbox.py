"""The outbox: which deposits were begun and what became of them. On disk before the first byte leaves.

It holds no patient data: identifiers of documents, keyed marks of the patient and of the file's content, states.
The documents themselves stay in memory and die with the session; after a crash the DMP is asked whether they
arrived, and what did not is done again under the same identifiers.
"""

import hashlib
import hmac
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from pathlib import Path
from typing import Final

from kiosk.dmp.deposit import PreparedSubmission, ReservedIds
from kiosk.errors import OutboxUnwritable

_BUSY_SECONDS: Final = 5.0
_SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS deposit (
    submission TEXT PRIMARY KEY, patient TEXT NOT NULL, state TEXT NOT NULL, code TEXT NOT NULL,
    begun TEXT NOT NULL, changed TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS document (
    submission TEXT NOT NULL REFERENCES deposit, rank INTEGER NOT NULL, document TEXT NOT NULL,
    sha256 TEXT NOT NULL, content TEXT NOT NULL, restrictions TEXT NOT NULL,
    PRIMARY KEY (submission, rank)
) STRICT, WITHOUT ROWID;
CREATE INDEX IF NOT EXISTS by_patient ON deposit (patient);
CREATE TABLE IF NOT EXISTS file (
    mark TEXT NOT NULL, size INTEGER NOT NULL, content TEXT NOT NULL, PRIMARY KEY (mark, content)
) STRICT, WITHOUT ROWID;
"""


class State(Enum):
    """How far a deposit has come."""

    PREPARED = "PREPARED"
    """Signed; nothing has left."""
    SENT = "SENT"
    """The request may have left. After a crash: nobody knows."""
    DOUBT = "DOUBT"
    """It left and no answer came."""
    DONE = "DONE"
    REFUSED = "REFUSED"
    """The DMP said no, or it was given up before it left."""


OPEN: Final = (State.PREPARED, State.SENT, State.DOUBT)
_UNCERTAIN: Final = (State.SENT, State.DOUBT)


@dataclass(frozen=True)
class Kept:
    """One document of a deposit."""

    unique_id: str
    sha256: str
    """Of the bytes sent."""
    content_mark: str
    """Keyed hash of what was wrapped: the file, or what the kiosk made of it."""
    restrictions: tuple[str, ...] = ()
    """Codes of visibility it was sent with (EX_2.1-1190)."""


@dataclass(frozen=True)
class KeptFile:
    """A file as it lay on its medium, and what was deposited of it."""

    mark: str
    """Keyed hash of its bytes."""
    size: int
    """Bytes: what spares reading every file to find it again."""
    content_mark: str
    """`Kept.content_mark` of the document: another one than `mark` when the kiosk converted it."""


@dataclass(frozen=True)
class Deposit:
    """One row of the outbox and its documents."""

    submission: str
    patient_mark: str
    state: State
    documents: tuple[Kept, ...]
    begun: datetime
    changed: datetime
    code: str = ""
    """Why it was refused: the DMP's code, or the kiosk's own."""

    @property
    def uncertain(self) -> bool:
        """Only the DMP can tell whether it arrived."""
        return self.state in _UNCERTAIN

    @property
    def ids(self) -> ReservedIds:
        """For doing it again: a copy that had arrived after all is then refused, never doubled."""
        return ReservedIds(self.submission, tuple(kept.unique_id for kept in self.documents))


@dataclass(frozen=True)
class Outbox:
    """The file at `path`, which several kiosks of a site may share; opened anew for every use."""

    path: Path
    site_key: bytes = field(repr=False)
    clock: Callable[[], datetime]

    def mark(self, content: bytes) -> str:
        """The file's mark: the same content gives the same mark on one site, and tells nothing else."""
        return hmac.new(self.site_key, b"document " + hashlib.sha256(content).digest(), "sha256").hexdigest()

    def begin(
        self,
        prepared: PreparedSubmission,
        *,
        patient_mark: str,
        contents: tuple[str, ...],
        restrictions: tuple[tuple[str, ...], ...],
    ) -> None:
        """Write it down, on disk when this returns; over an earlier attempt under the same identifiers.

        `contents` are the `mark` of each file. Raises `OutboxUnwritable`: nothing may be sent then.
        """
        now = self._now()
        rows = [
            (prepared.unique_id, rank, document.unique_id, document.sha256, content, " ".join(codes))
            for rank, (document, content, codes) in enumerate(
                zip(prepared.documents, contents, restrictions, strict=True)
            )
        ]
        with self._writing() as database:
            database.execute("DELETE FROM document WHERE submission = ?", (prepared.unique_id,))
            database.execute(
                "INSERT OR REPLACE INTO deposit VALUES (?, ?, ?, '', ?, ?)",
                (prepared.unique_id, patient_mark, State.PREPARED.value, now, now),
            )
            database.executemany("INSERT INTO document VALUES (?, ?, ?, ?, ?, ?)", rows)

    def remember_files(self, files: Iterable[KeptFile]) -> None:
        """By which a file of the list is known again. Raises `OutboxUnwritable`."""
        rows = [(one.mark, one.size, one.content_mark) for one in files]
        with self._writing() as database:
            database.executemany("INSERT OR REPLACE INTO file VALUES (?, ?, ?)", rows)

    def files(self) -> tuple[KeptFile, ...]:
        """Every file of which something was deposited from here. Raises `OutboxUnwritable`."""
        if not self.path.exists():
            return ()
        with self._database() as database:
            rows = database.execute("SELECT mark, size, content FROM file").fetchall()
        return tuple(KeptFile(mark, size, content) for mark, size, content in rows)

    def set_state(self, submission: str, state: State, code: str = "") -> None:
        """On disk when this returns. Raises `OutboxUnwritable`."""
        with self._writing() as database:
            database.execute(
                "UPDATE deposit SET state = ?, code = ?, changed = ? WHERE submission = ?",
                (state.value, code, self._now(), submission),
            )

    def open_deposits(self, patient_mark: str = "") -> tuple[Deposit, ...]:
        """What is neither done nor refused, the oldest first; of one patient, or of all.

        Raises `OutboxUnwritable` when the file cannot be read.
        """
        chosen = " OR ".join(["state = ?"] * len(OPEN))
        values = [state.value for state in OPEN]
        if patient_mark:
            chosen = f"({chosen}) AND patient = ?"
            values.append(patient_mark)
        return self._select(chosen, values)

    def sent_before(self, patient_mark: str, content_mark: str) -> Deposit | None:
        """The last deposit of this very file in this record that arrived, or may have (EX_GEN-1060)."""
        chosen = (
            "patient = ? AND state <> 'REFUSED' AND submission IN"
            " (SELECT submission FROM document WHERE content = ?)"
        )
        found = self._select(chosen, [patient_mark, content_mark])
        return found[-1] if found else None

    def arrived(self, patient_mark: str) -> tuple[Deposit, ...]:
        """What was deposited into this record and is there still, as far as is known here; the last one first."""
        found = self._select("state = 'DONE' AND patient = ?", [patient_mark])
        return tuple(one for one in reversed(found) if any(kept.content_mark for kept in one.documents))

    def open_with(self, patient_mark: str, contents: tuple[str, ...]) -> Deposit | None:
        """The open deposit of these very files in this record."""
        for deposit in self.open_deposits(patient_mark):
            if tuple(kept.content_mark for kept in deposit.documents) == contents:
                return deposit
        return None

    def withdrawn(self, unique_id: str) -> None:
        """A document was deleted from the DMP: its file may be deposited again. Raises `OutboxUnwritable`."""
        with self._writing() as database:
            database.execute("UPDATE document SET content = '' WHERE document = ?", (unique_id,))

    def forget(self, older_than: timedelta) -> None:
        """Drop what was settled before that. What is open stays. Raises `OutboxUnwritable`."""
        limit = (self.clock() - older_than).astimezone(UTC).isoformat()
        settled = "SELECT submission FROM deposit WHERE state IN ('DONE', 'REFUSED') AND changed < ?"
        with self._writing() as database:
            database.execute(f"DELETE FROM document WHERE submission IN ({settled})", (limit,))  # noqa: S608 — a constant
            database.execute(f"DELETE FROM deposit WHERE submission IN ({settled})", (limit,))  # noqa: S608
            database.execute("DELETE FROM file WHERE content NOT IN (SELECT content FROM document)")

    def _select(self, chosen: str, values: list[str]) -> tuple[Deposit, ...]:
        if not self.path.exists():
            return ()
        with self._database() as database:
            rows = database.execute(
                f"SELECT submission, patient, state, code, begun, changed FROM deposit WHERE {chosen}"  # noqa: S608 — constants
                " ORDER BY begun, submission",
                values,
            ).fetchall()
            return tuple(
                Deposit(
                    submission=submission,
                    patient_mark=patient,
                    state=State(state),
                    documents=_documents(database, submission),
                    begun=datetime.fromisoformat(begun),
                    changed=datetime.fromisoformat(changed),
                    code=code,
                )
                for submission, patient, state, code, begun, changed in rows
            )

    def _now(self) -> str:
        return self.clock().astimezone(UTC).isoformat(timespec="microseconds")

    @contextmanager
    def _writing(self) -> Iterator[sqlite3.Connection]:
        with self._database() as database:
            database.execute("BEGIN IMMEDIATE")
            yield database
            database.execute("COMMIT")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        """A connection for one use. Every commit is synced to the disk."""
        database = None
        try:
            self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            with suppress(FileExistsError):
                os.close(os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
            database = sqlite3.connect(self.path, timeout=_BUSY_SECONDS, isolation_level=None)
            for pragma in (
                "journal_mode = WAL",
                "synchronous = FULL",
                "secure_delete = ON",
                "foreign_keys = ON",
            ):
                database.execute(f"PRAGMA {pragma}")
            database.executescript(_SCHEMA)
            yield database
        except (sqlite3.Error, OSError) as error:
            raise OutboxUnwritable(detail=type(error).__name__) from None
        finally:
            if database is not None:
                database.close()


def _documents(database: sqlite3.Connection, submission: str) -> tuple[Kept, ...]:
    rows = database.execute(
        "SELECT document, sha256, content, restrictions FROM document WHERE submission = ? ORDER BY rank",
        (submission,),
    )
    return tuple(
        Kept(document, sha256, content, tuple(codes.split())) for document, sha256, content, codes in rows
    )

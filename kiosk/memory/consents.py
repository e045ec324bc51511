"""What patients said at this desk about their record being read: kept locally, without a name (EX_0.2-1100).

A secretary records the patient's word for the care team of the structure; a professional of the same structure who
wants to consult later finds it, and only then is the authorisation asked of the DMP (EX_0.3-1030). A word taken back is
kept too, for the colleague whose authorisation it ends (EX_0.3-1040). One row a patient and structure; the patient is
the journal's keyed mark.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.journal import patient_mark

_SCHEMA = (
    """CREATE TABLE IF NOT EXISTS consent (
    patient TEXT NOT NULL, structure TEXT NOT NULL, at TEXT NOT NULL, who TEXT NOT NULL,
    PRIMARY KEY (patient, structure)) STRICT""",
    """CREATE TABLE IF NOT EXISTS withdrawal (
    patient TEXT NOT NULL, structure TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (patient, structure)) STRICT""",
    """CREATE TABLE IF NOT EXISTS opposition (
    patient TEXT NOT NULL, structure TEXT NOT NULL, at TEXT NOT NULL,
    PRIMARY KEY (patient, structure)) STRICT""",
)


@dataclass(frozen=True)
class Consent:
    """The patient, informed, agreed that the professionals of the structure consult the record."""

    at: datetime
    """UTC."""
    who: str
    """National id of the professional who asked."""

    @property
    def moment(self) -> str:
        """In French, local: `'le 03/11/2026 à 09:41'`."""
        return f"le {self.at.astimezone():%d/%m/%Y à %H:%M}"


@dataclass(frozen=True)
class ConsentStore:
    """The database at `path`, made when first written to. Several kiosks may share it. Raises `OSError`."""

    path: Path
    site_key: bytes = field(repr=False)

    def of(self, identifier: str, structure: str) -> Consent | None:
        """What this patient said to this structure; None too when nothing can be read."""
        try:
            with self._database() as database:
                row = database.execute(
                    "SELECT at, who FROM consent WHERE patient = ? AND structure = ?",
                    (patient_mark(self.site_key, identifier), structure),
                ).fetchone()
            return Consent(datetime.fromisoformat(row[0]), str(row[1])) if row else None
        except (OSError, ValueError):
            return None

    def record(self, identifier: str, structure: str, consent: Consent) -> None:
        """Keep it in the place of what was said before."""
        row = (patient_mark(self.site_key, identifier), structure, _written(consent.at), consent.who)
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO consent VALUES (?, ?, ?, ?)", row)
            database.execute("DELETE FROM withdrawal WHERE patient = ? AND structure = ?", row[:2])

    def withdraw(self, identifier: str, structure: str, at: datetime) -> None:
        """The patient takes his word back."""
        row = (patient_mark(self.site_key, identifier), structure, _written(at))
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO withdrawal VALUES (?, ?, ?)", row)
            database.execute("DELETE FROM consent WHERE patient = ? AND structure = ?", row[:2])

    def withdrawn(self, identifier: str, structure: str) -> datetime | None:
        """When this patient took his word to this structure back, UTC; None too when nothing can be read."""
        try:
            with self._database() as database:
                row = database.execute(
                    "SELECT at FROM withdrawal WHERE patient = ? AND structure = ?",
                    (patient_mark(self.site_key, identifier), structure),
                ).fetchone()
            return datetime.fromisoformat(row[0]) if row else None
        except (OSError, ValueError):
            return None

    def oppose(self, identifier: str, structure: str, at: datetime) -> None:
        """From now on the patient wants no new document of this structure in the record."""
        row = (patient_mark(self.site_key, identifier), structure, _written(at))
        with self._database() as database:
            database.execute("INSERT OR IGNORE INTO opposition VALUES (?, ?, ?)", row)

    def lift(self, identifier: str, structure: str) -> None:
        """The patient is opposed no more."""
        row = (patient_mark(self.site_key, identifier), structure)
        with self._database() as database:
            database.execute("DELETE FROM opposition WHERE patient = ? AND structure = ?", row)

    def opposed(self, identifier: str, structure: str) -> datetime | None:
        """Since when, UTC; None for a patient who said nothing.

        Unlike what permits, what forbids raises when it cannot be read.
        """
        if not self.path.exists():
            return None
        with self._database() as database:
            row = database.execute(
                "SELECT at FROM opposition WHERE patient = ? AND structure = ?",
                (patient_mark(self.site_key, identifier), structure),
            ).fetchone()
        return datetime.fromisoformat(row[0]) if row else None

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            database = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            try:
                self.path.chmod(0o600)
                database.execute("PRAGMA synchronous=FULL")
                for table in _SCHEMA:
                    database.execute(table)
                yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise OSError(f"consent store: {type(error).__name__}") from None


def _written(at: datetime) -> str:
    return at.isoformat(timespec="seconds")

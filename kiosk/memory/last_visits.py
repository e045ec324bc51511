"""When each professional last looked at each patient's documents from this desk: what came since is new (3.1-400).

One row a professional and patient, under one keyed mark of both: whoever reads the file learns neither, nor how
many patients somebody has. Only dates are kept.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from kiosk.journal import patient_mark

_SCHEMA = "CREATE TABLE IF NOT EXISTS last_visit (pair TEXT NOT NULL PRIMARY KEY, at TEXT NOT NULL) STRICT"


@dataclass(frozen=True)
class LastVisitStore:
    """The database at `path`, made when first written to. Several kiosks may share it."""

    path: Path
    site_key: bytes = field(repr=False)

    def of(self, professional: str, patient: str) -> datetime | None:
        """UTC; None for a first visit, and when nothing can be read."""
        try:
            with self._database() as database:
                row = database.execute(
                    "SELECT at FROM last_visit WHERE pair = ?", (self._pair(professional, patient),)
                ).fetchone()
            return datetime.fromisoformat(row[0]) if row else None
        except (OSError, ValueError):
            return None

    def record(self, professional: str, patient: str, at: datetime) -> None:
        """A visit at that moment, UTC. Raises `OSError`."""
        with self._database() as database:
            database.execute(
                "INSERT OR REPLACE INTO last_visit VALUES (?, ?)",
                (self._pair(professional, patient), at.isoformat(timespec="seconds")),
            )

    def _pair(self, professional: str, patient: str) -> str:
        return patient_mark(self.site_key, f"{professional} {patient}")

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            database = sqlite3.connect(self.path, timeout=5, isolation_level=None)
            try:
                self.path.chmod(0o600)
                database.execute(_SCHEMA)
                yield database
            finally:
                database.close()
        except sqlite3.Error as error:
            raise OSError(f"last visits: {type(error).__name__}") from None

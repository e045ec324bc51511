"""What deposits are begun with on this workstation: the care setting of each professional, for whom a secretary
deposits, and who began what. Nothing of any patient is in it; users are keyed marks.
"""

import hashlib
import hmac
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from kiosk.code import Code
from kiosk.dmp.deposit import Writer

MOST_WRITERS = 8
"""Professionals kept for one secretary, the last used first: with « another one » they fit the digits of a menu."""

_SCHEMA = """
CREATE TABLE IF NOT EXISTS setting (who TEXT PRIMARY KEY, code TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS sender (submission TEXT PRIMARY KEY, who TEXT NOT NULL) STRICT;
CREATE TABLE IF NOT EXISTS writer (
    rank INTEGER PRIMARY KEY AUTOINCREMENT, who TEXT NOT NULL, structure TEXT NOT NULL, national_id TEXT NOT NULL,
    family_name TEXT NOT NULL, given_name TEXT NOT NULL,
    code TEXT NOT NULL, system TEXT NOT NULL, label TEXT NOT NULL,
    UNIQUE (who, structure, national_id)
) STRICT;
"""


@dataclass(frozen=True)
class DepositMemory:
    """The database at `path`, made when first written to. Several kiosks may share it. Writing raises `OSError`."""

    path: Path
    site_key: bytes = field(repr=False)

    def setting(self, who: str, sector: str) -> str:
        """Code of the care setting this professional chose last in that sector; empty when none is known."""
        rows = self._read("SELECT code FROM setting WHERE who = ?", self._mark(f"{who} {sector}"))
        return rows[0][0] if rows else ""

    def remember_setting(self, who: str, sector: str, code: str) -> None:
        with self._database() as database:
            mark = self._mark(f"{who} {sector}")
            database.execute("INSERT OR REPLACE INTO setting VALUES (?, ?)", (mark, code))

    def writers(self, who: str, structure_id: str, structure_name: str) -> tuple[Writer, ...]:
        """For whom this secretary deposited in that structure, the last one first."""
        rows = self._read(
            "SELECT national_id, family_name, given_name, code, system, label FROM writer"
            " WHERE who = ? AND structure = ? ORDER BY rank DESC LIMIT ?",
            self._mark(who),
            structure_id,
            MOST_WRITERS,
        )
        return tuple(
            Writer(national_id, family, given, Code(*speciality), structure_id, structure_name)
            for national_id, family, given, *speciality in rows
        )

    def remember_writer(self, who: str, writer: Writer) -> None:
        speciality = writer.speciality
        with self._database() as database:
            database.execute(
                "INSERT OR REPLACE INTO writer (who, structure, national_id, family_name, given_name, code,"
                " system, label) VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
                (self._mark(who), writer.structure_id, writer.national_id, writer.family_name,
                 writer.given_name, speciality.code, speciality.system, speciality.label),
            )  # fmt: skip

    def remember_sender(self, submission: str, who: str) -> None:
        """On disk when this returns."""
        with self._database() as database:
            database.execute("INSERT OR REPLACE INTO sender VALUES (?, ?)", (submission, self._mark(who)))

    def sent_by(self, submission: str, who: str) -> bool:
        rows = self._read(
            "SELECT 1 FROM sender WHERE submission = ? AND who = ?", submission, self._mark(who)
        )
        return bool(rows)

    def _mark(self, who: str) -> str:
        return hmac.new(self.site_key, b"depositor " + who.encode(), hashlib.sha256).hexdigest()

    def _read(self, query: str, *values: object) -> list[tuple[str, ...]]:
        """Nothing when nothing can be read: only typing is lost."""
        if not self.path.exists():
            return []
        try:
            with self._database() as database:
                return database.execute(query, values).fetchall()
        except OSError:
            return []

    @contextmanager
    def _database(self) -> Iterator[sqlite3.Connection]:
        self.path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        try:
            with closing(sqlite3.connect(self.path, timeout=5, isolation_level=None)) as database:
                self.path.chmod(0o600)
                database.execute("PRAGMA synchronous=FULL")
                database.executescript(_SCHEMA)
                yield database
        except sqlite3.Error as error:
            raise OSError(f"deposit memory: {type(error).__name__}") from None

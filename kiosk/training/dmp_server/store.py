"""The memory of the service: records, authorisations, accounts and the trace of accesses, in SQLite."""

import secrets
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from kiosk.training.dmp_server import crowd
from kiosk.training.dmp_server.accounts import Accounts
from kiosk.training.dmp_server.authorisations import Authorisations, stamp
from kiosk.training.dmp_server.database import SCHEMA
from kiosk.training.dmp_server.history import History
from kiosk.training.dmp_server.records import (
    StoredRecord,
    from_json,
    ins_c_of,
    insured_with,
    record_of,
    to_json,
)
from kiosk.training.people import RECORDS, Record

_GRANTED = timedelta(days=30)
"""How long ago the cast gave its authorisations."""


class Store(Accounts, Authorisations, History):
    """One database file, shared by the threads of the service."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        if self.is_new:
            self.reset()

    def reset(self) -> None:
        """The start of a training day: the records of the cast, and no trace."""
        with self.transaction() as database:
            for table in SCHEMA:
                database.execute(f"DELETE FROM {table}")  # noqa: S608 - names of ours
            for record in RECORDS:
                self.put(record)

    def put(self, record: Record) -> None:
        """Make the record of a member of the cast exactly this. Raises `ValueError` for anybody else."""
        insured = insured_with(record.nir13)
        ins_c = ins_c_of(insured)
        granted = datetime.now(UTC) - _GRANTED
        with self.transaction() as database:
            for table in (table for table in SCHEMA if table != "access"):
                database.execute(f"DELETE FROM {table} WHERE ins_c = ?", (ins_c,))  # noqa: S608 - names of ours
            if record.refuses_creation:
                database.execute("INSERT INTO trap VALUES (?, ?)", (ins_c, record.refuses_creation))
            if record.state == "none":
                return
            self.create(record_of(record, insured))
            for actor in record.treating_doctors:
                self.authorise(ins_c, actor, granted)
                self.add_treating_doctor(ins_c, actor)
            for actor, value in record.authorizations:
                self.authorise(ins_c, actor, granted, value)
            if record.internet_account:
                self.open_account(ins_c, secrets.token_hex(8), secrets.token_hex(8))

    def add_crowd(self, count: int, actor: str, now: datetime) -> None:
        """That many more patients, each having authorised `actor`, one every hour until now."""
        with self.transaction():
            for number, record in enumerate(crowd.records(count)):
                self.create(record)
                self.authorise(record.ins_c, actor, now - timedelta(hours=number))

    def create(self, record: StoredRecord) -> bool:
        """Keep a new record; False when the patient has one already."""
        values = (record.ins_c, record.nir, to_json(record))
        return self.change("INSERT OR IGNORE INTO record VALUES (?, ?, ?)", *values)

    def update(self, record: StoredRecord, now: datetime) -> None:
        """Replace a record that exists."""
        body = to_json(replace(record, updated_at=stamp(now)))
        self.change("UPDATE record SET body = ? WHERE ins_c = ?", body, record.ins_c)

    def find(self, ins_c: str) -> StoredRecord | None:
        body = self.text("SELECT body FROM record WHERE ins_c = ?", ins_c)
        return from_json(body) if body else None

    def all_records(self) -> list[StoredRecord]:
        return [from_json(body) for (body,) in self.rows("SELECT body FROM record ORDER BY ins_c")]

    def key_of_nir(self, nir: str) -> str:
        """The INS-C of the record with that NIR of fifteen characters; empty when there is none."""
        return self.text("SELECT ins_c FROM record WHERE nir = ? AND nir <> ''", nir)

    def document_added(self, ins_c: str, now: datetime) -> None:
        """A record got a document: the dashboards of those it is open to say so."""
        with self.transaction():
            record = self.find(ins_c)
            if record is not None:
                self.update(replace(record, last_document_at=stamp(now)), now)

    def trap(self, ins_c: str) -> str:
        """The code a creation for this patient is refused with, empty for most."""
        return self.text("SELECT code FROM trap WHERE ins_c = ?", ins_c)

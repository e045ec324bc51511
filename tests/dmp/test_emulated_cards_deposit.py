"""The whole way of a document: an emulated card by APDU, the training box, a deposit, a search, a deletion."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from queue import SimpleQueue

import pytest
from meeting import access, found, lot, note

from kiosk.box import Box, training_box
from kiosk.card import tray
from kiosk.card.readers import SlotState, Snapshot
from kiosk.card.tray import CardCount, TrayReaders
from kiosk.dmp.client import DmpClient
from kiosk.dmp.model import Actor
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.rehearsal import DirectJournal
from kiosk.session import Session


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with training_box() as process:
        yield process.ready()


@contextmanager
def working(box: Box, card_id: str, directory: Path) -> Iterator[tuple[DmpClient, Actor]]:
    """Card in, PIN, the first situation d'exercice."""
    tray.insert(box.directory, card_id)
    station = training_station(box, DirectJournal(Journal(directory / "journal.sqlite")))
    seat = station.seat(professional_slot(box))
    session = Session(station, seat)
    session.check_card()
    session.present_pin(bytearray(b"1234"))
    session.choose(session.activities[0])
    client = station.dmp_client(seat, session.actor)
    try:
        yield client, session.actor
    finally:
        client.close()
        seat.close()
        tray.remove(box.directory, card_id=card_id)


def professional_slot(box: Box) -> SlotState:
    """The reader the card is in."""
    readers, seen = TrayReaders(box.directory), SimpleQueue[Snapshot]()
    readers.watch(seen.put)
    snapshot = seen.get(timeout=20)
    readers.close()
    (slot,) = [one for one in snapshot.slots if one.atr]
    return slot


def signed_since(box: Box, before: CardCount) -> tuple[int, int]:
    """By the authentication key, by the signature key."""
    now = tray.count(box.directory)
    return now.authentications - before.authentications, now.signatures - before.signatures


@pytest.mark.parametrize("card_id", ["cps-medecin", "cps-pharmacien", "cpe-cabinet"])
def test_a_deposit_costs_three_signatures_of_the_card(box: Box, card_id: str, tmp_path: Path) -> None:
    """The TLS channel, the VIHF, the lot: whatever follows in the same record is free."""
    with working(box, card_id, tmp_path) as (client, me):
        before = tray.count(box.directory)
        prepared = client.prepare(lot(access("ANDRE"), "ANDRE", me, note(me)))
        client.provide(access("ANDRE"), prepared)
        assert signed_since(box, before) == (1, 2)
        unique_id = prepared.documents[0].unique_id
        assert client.knows_document(access("ANDRE"), unique_id)
        if card_id == "cps-medecin":
            entry = found(client, access("ANDRE"))[unique_id]
            (read,) = client.retrieve(access("ANDRE"), [entry])
            assert read.content == b"".join(prepared.documents[0].content)
            assert client.find_since(access("ANDRE"), datetime(2026, 1, 1, tzinfo=UTC)).entries
        client.delete_deposited(access("ANDRE"), unique_id)
        assert signed_since(box, before) == (1, 2)

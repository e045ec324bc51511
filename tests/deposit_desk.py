"""Hands for deposits and changes of documents: from a card to a visit, through the form, to the record."""

import asyncio
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from desk import Desk

from kiosk.card.admission import vitale_slot
from kiosk.deposit.outbox import State
from kiosk.dmp.document import DocumentEntry, DocumentQuery
from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.deposit import DepositScreen, DraftRows


async def visit_of(
    desk: Desk,
    vitale: str = "vitale-suivi",
    rank: int = 1,
    card: str = "cps-medecin",
    *,
    secret: bool = False,
) -> Visit:
    """Logged in, card read, existence tested."""
    await desk.log_in(card)
    await desk.family(vitale)
    app = desk.user.app
    assert app.session is not None
    assert app.snapshot is not None
    slot = vitale_slot(app.snapshot)
    assert slot is not None
    session = app.session
    family = await asyncio.to_thread(session.read_family, slot)
    member = family.members[rank - 1]
    return Visit(session, member, await asyncio.to_thread(session.existence, member), secret=secret)


async def show(desk: Desk, screen: KioskScreen[Any]) -> list[Any]:
    """Push a screen as the hub does; what it was dismissed with arrives in the list."""
    results: list[Any] = []
    await desk.user.app.push_screen(screen, results.append)
    return results


async def dismissed(desk: Desk, results: list[Any]) -> Any:
    await desk.user.until(lambda: bool(results), what="the end of the screen")
    return results[0]


def scan(tmp_path: Path, name: str, content: bytes) -> None:
    """What the scanner puts in its folder."""
    folder = tmp_path / "scans"
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)


async def describe(desk: Desk, title: str = "", kind: str = "11488-4") -> None:
    """The form: type, and a title if one is wanted."""
    await desk.user.see("Document à déposer", "F10 Mettre au lot")
    await desk.user.type(kind)
    await desk.user.press("enter")
    if title:
        await fill(desk, "title-text", title)


async def fill(desk: Desk, name: str, text: str) -> None:
    await desk.user.until(lambda: bool(desk.user.app.screen.query(f"#{name}")), what=f"the field {name}")
    desk.user.app.screen.query_one(f"#{name}").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type(text)


async def into_lot(desk: Desk, count: int = 1) -> None:
    """From the form to a lot of so many documents."""
    await desk.user.press("f10")
    await desk.user.see("F10 Signer et envoyer")
    rows = desk.user.app.screen.query_one(DraftRows)
    await desk.user.until(lambda: len(rows.items) == count, what=f"{count} in the lot")


async def sign_and_send(desk: Desk) -> None:
    await desk.user.press("f10")
    await desk.user.see("Signer et envoyer", "O : signer et envoyer")
    await desk.user.press("o")


async def deposit(desk: Desk, visit: Visit, title: str, *, moves: int = 0) -> bool:
    """The first file of the scan folder, from the list to « déposé »; `moves` to the right choose who sees it."""
    results = await show(desk, DepositScreen(visit))
    await desk.user.see("Choisir un fichier", "Dossier de numérisation", "ko")
    await desk.user.press("enter")
    await describe(desk, title)
    desk.user.app.screen.query_one("#shown").focus()
    await desk.user.press(*["right"] * moves)
    await into_lot(desk)
    await sign_and_send(desk)
    await desk.user.see("Déposé dans le DMP")
    await desk.user.press("enter")
    return bool(await dismissed(desk, results))


async def documents(visit: Visit, **criteria: Any) -> dict[str, DocumentEntry]:
    """What the record holds, by title."""
    found = await asyncio.to_thread(visit.find_documents, DocumentQuery(**criteria))
    return {entry.title: entry for entry in found.entries}


async def received(visit: Visit, entry: DocumentEntry) -> bytes:
    return (await asyncio.to_thread(visit.retrieve, entry)).content


def states(visit: Visit) -> list[State]:
    """Of everything the outbox knows for this patient."""
    mark = visit.session.mark_of(visit.patient)
    if not visit.session.memory.outbox.path.exists():
        return []
    with closing(sqlite3.connect(visit.session.memory.outbox.path)) as database:
        rows = database.execute(
            "SELECT state FROM deposit WHERE patient = ? ORDER BY begun", (mark,)
        ).fetchall()
    return [State(state) for (state,) in rows]

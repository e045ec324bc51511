"""Steps that stories of access share: open a record, break the glass, look at the journal."""

import asyncio
import re
from dataclasses import replace

from desk import Desk
from wire import NS, envelope_of

from kiosk.dmp.profile import profile
from kiosk.screens.documents import DocumentsScreen

BANNER = "! BRIS DE GLACE ·"


async def open_first(desk: Desk, vitale: str) -> str:
    """The record of the first person of a card."""
    await desk.family(vitale)
    await desk.user.press("enter")
    return await desk.user.see("Dossier du patient")


async def agree(desk: Desk) -> None:
    """On the consent screen: tick, confirm."""
    await desk.user.see("[ ] Le patient, informé, accepte")
    await desk.user.press("space", "f10")


async def give_reason(desk: Desk, *, reason: str = "1") -> None:
    """On the screen of the emergency door: choose, confirm."""
    await desk.user.see("Pourquoi le patient ne peut-il pas donner son accord")
    await desk.user.press(reason)
    await desk.user.see("Ouvrir en urgence le DMP de", "Le patient sera averti de cet accès")
    await desk.user.press("o")


async def break_glass(desk: Desk, *, reason: str = "1") -> None:
    """From the family screen, three keys."""
    await desk.user.press("f6")
    await give_reason(desk, reason=reason)


async def documents_listed(desk: Desk) -> int:
    """Waits for the list of documents to be complete; how many there are, at least one."""

    def count() -> int:
        found = re.search(r"(\d+) document\(s\)", desk.user.screen())
        return int(found[1]) if found else 0

    def complete() -> bool:
        screen = desk.user.app.screen
        return isinstance(screen, DocumentsScreen) and count() > 0 and not screen.searching

    await desk.user.until(complete, what="the documents")
    return count()


async def acts(desk: Desk) -> list[tuple[str, str]]:
    """(act, phase) of the journal's rows, in order."""
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [(row.entry.act, row.entry.phase) for row in rows]


async def results(desk: Desk, act: str) -> list[str]:
    """What the journal says came of an act, each time."""
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [row.entry.result for row in rows if (row.entry.act, row.entry.phase) == (act, "outcome")]


async def reasons(desk: Desk, act: str) -> list[str]:
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [row.entry.reason for row in rows if row.entry.act == act and row.entry.reason]


async def outcomes(desk: Desk, transaction: str) -> list[str]:
    """What the service answered to each request of a transaction: `ok` or its code."""
    log = (await desk.dmp(do="log"))["log"]
    return [row["outcome"] for row in log if row["transaction"] == transaction]


def values(request: bytes, path: str) -> list[str]:
    """What a request holds at an XPath: texts or attributes."""
    return [str(value) for value in envelope_of(request).xpath(path, namespaces=NS)]


def fields(request: bytes, operation: str) -> dict[str, str]:
    """The parameters of a call of the DMP's own services, by name."""
    found = envelope_of(request).xpath(f"//*[local-name()='{operation}']/*")
    return {each.tag.rpartition("}")[2]: each.text or "" for each in found}


def of_today(desk: Desk) -> None:
    """From now on the service is the one of today; to be said before a card is inserted."""
    desk.user.app.station = replace(desk.user.app.station, profile=profile("current"))

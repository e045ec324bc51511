"""Steps that stories of documents share: open the list, ask by criteria, read one — and what the training records hold.

What a search must bring is counted here from the catalogue the training fills its records with, by the rules of
the published requirements: never from what the kiosk or the server answered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from access_steps import agree, open_first
from desk import Desk
from wire import envelope_of

from kiosk.dmp.document import DocumentEntry
from kiosk.screens.choice import OneOf
from kiosk.screens.document_rows import DocumentRows
from kiosk.screens.documents import DocumentsScreen
from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents.catalogue import documents_of
from kiosk.training.documents.draft import Draft
from kiosk.training.people import VITALES, Insured

LIST = "Documents — DMP"
READER = "Document — DMP · Mon espace santé"
FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
HIDDEN = "MASQUE_PS"


# --- what the records of the training hold --------------------------------------------------------------------


@dataclass(frozen=True)
class Reader:
    """A doctor before a record: hidden documents are for their author and for whom `sees_hidden` says."""

    national_id: str
    sees_hidden: bool


GIRAUD = Reader("899700000021", sees_hidden=True)
"""Treating doctor of André PETIT."""
O_BRIEN = Reader("899700000041", sees_hidden=False)
O_BRIEN_IN_EMERGENCY = Reader("899700000041", sees_hidden=True)


def insured(nir13: str) -> Insured:
    return next(one for vitale in VITALES for one in vitale.people if one.nir13 == nir13)


def catalogue(nir13: str) -> list[Draft]:
    """Every document of a record at the start of a training day."""
    person = insured(nir13)
    return list(documents_of(ins_c_of(person), person))


def shown_to(reader: Reader, drafts: Iterable[Draft], *statuses: str) -> list[Draft]:
    """Those of some states a doctor sees; the matrix of types closes none to doctors."""
    return [
        one
        for one in drafts
        if one.status in (statuses or ("approved",))
        and (
            HIDDEN not in one.restrictions
            or reader.sees_hidden
            or one.author.national_id == reader.national_id
        )
    ]


LONG_AGO = datetime(2021, 1, 4, 9, tzinfo=UTC)


def sent_at(draft: Draft, drafts: Iterable[Draft]) -> datetime:
    """When the training says it was submitted: an hour after the first document of its lot was written, UTC.

    What claims to be written in the future was submitted long ago.
    """
    lot = [one for one in drafts if one.batch and one.batch == draft.batch] or [draft]
    reached = lot[0].written + timedelta(hours=1)
    return reached if reached < datetime.now(UTC) else LONG_AGO


def ids(drafts: Iterable[Draft]) -> list[str]:
    return sorted(draft.unique_id for draft in drafts)


# --- the list -------------------------------------------------------------------------------------------------


async def open_list(desk: Desk, card: str = "cps-medecin", vitale: str = "vitale-suivi") -> None:
    """Logged in, record open, the patient's word where it is missing, the whole list received."""
    await desk.log_in(card)
    await enter(desk, vitale)


async def enter(desk: Desk, vitale: str) -> None:
    screen = await open_first(desk, vitale)
    await desk.choose("Documents du DMP")
    if "avec l'accord du patient" in screen:
        await agree(desk)
    await complete(desk)


async def complete(desk: Desk) -> None:
    """The list on the screen is all there."""
    await desk.user.see(LIST, "document(s)")

    def arrived() -> bool:
        screen = desk.user.app.screen
        return isinstance(screen, DocumentsScreen) and not screen.searching

    await desk.user.until(arrived, what="the whole list")


def rows(desk: Desk) -> DocumentRows:
    return desk.user.app.screen.query_one(DocumentRows)


def listed(desk: Desk) -> list[str]:
    """Unique ids of the list."""
    return sorted(entry.unique_id for entry in rows(desk).items)


async def count_is(desk: Desk, expected: Iterable[Draft]) -> None:
    """The list holds these and no other, and the screen says how many."""
    wanted = ids(expected)
    await complete(desk)
    assert listed(desk) == wanted
    await desk.user.see(f"· {len(wanted)} document(s)")


async def point(desk: Desk, title: str) -> DocumentEntry:
    """The cursor on a document, by its title."""
    items = list(rows(desk).items)
    rows(desk).cursor = next(n for n, entry in enumerate(items) if entry.title == title)
    return items[rows(desk).cursor]


async def read(desk: Desk, title: str, *expected: str) -> str:
    """Open one document of the list."""
    await point(desk, title)
    await desk.user.press("enter")
    return await desk.user.see(READER, *expected)


# --- criteria -------------------------------------------------------------------------------------------------


async def search(desk: Desk, *, choose: dict[str, str] | None = None, **criteria: str) -> None:
    """F2, the fields by name, F5. Types are typed until one is left; `choose` turns a choice to a word.

    A field named with the value `x` is ticked.
    """
    await desk.user.press("f2")
    await desk.user.see("Chercher des documents")
    for name, word in (choose or {}).items():
        await turn(desk, name, word)
    for name, text in criteria.items():
        line = name.replace("_", "-")
        desk.user.app.screen.query_one(f"#{line}").focus()
        if text == "x":
            await desk.user.press("space")
        else:
            await desk.user.press("end", "ctrl+u")
            await desk.user.type(text)
            if line.endswith("type"):
                await desk.user.press("enter")
    asked = (await desk.transactions()).count("TD3.1")
    await desk.user.press("f5")
    await desk.arrived("TD3.1", asked + 1)
    await complete(desk)


async def turn(desk: Desk, name: str, word: str) -> None:
    """Turn a choice of words until one that begins so is chosen."""
    one = desk.user.app.screen.query_one(f"#{name}", OneOf)
    one.focus()
    for _ in one._words:
        if one._words[one.index].startswith(word):
            return
        await desk.user.press("right")
    raise AssertionError(f"{name} has no choice {word}: {one._words}")


# --- on the wire ----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Query:
    """A stored query as it came over the wire."""

    which: str
    return_type: str
    slots: dict[str, list[str]]

    def __getitem__(self, name: str) -> list[str]:
        """Values of a slot, quotes and brackets taken away; none when it is absent."""
        for slot, values in self.slots.items():
            if slot.removeprefix("$XDS").removeprefix("DocumentEntry").removeprefix("$") == name:
                return [part.strip(" '") for value in values for part in value.strip("()").split(",")]
        return []


def query_of(request: bytes) -> Query:
    [ask] = _local(envelope_of(request), "AdhocQuery")
    [option] = _local(envelope_of(request), "ResponseOption")
    slots = {
        slot.get("name"): [value.text or "" for value in _local(slot, "Value")]
        for slot in _local(ask, "Slot")
    }
    return Query(ask.get("id"), option.get("returnType"), slots)


async def queries(desk: Desk) -> list[Query]:
    """The stored queries kept by the server, the oldest first."""
    return [query_of(request) for request in await desk.requests("TD3.1")]


async def last_query(desk: Desk) -> Query:
    return (await queries(desk))[-1]


def _local(element: Any, name: str) -> list[Any]:
    return list(element.xpath(f".//*[local-name()='{name}']"))


def utc(*parts: int) -> datetime:
    return datetime(*parts, tzinfo=UTC)  # type: ignore[misc,arg-type]


# --- changes --------------------------------------------------------------------------------------------------


async def manage(desk: Desk, title: str, label: str) -> DocumentEntry:
    """F4 on a document of the list, one line of its menu."""
    entry = await point(desk, title)
    await desk.user.press("f4")
    await desk.user.see("Gérer un document")
    await desk.choose(label)
    return entry


async def confirm(desk: Desk, done: str, *, word: str = "") -> None:
    """Say yes, by the word where one is needed; look at the list again."""
    if word:
        await desk.user.see(f"tapez {word}")
        await desk.user.type(word.lower())
        await desk.user.press("enter")
    else:
        await desk.user.see("O : confirmer")
        await desk.user.press("o")
    await desk.user.see(done)
    await desk.user.press("enter")
    await desk.user.see("Chercher de nouveau ?")
    await desk.user.press("o")
    await desk.user.see(LIST)
    await complete(desk)


def entry_of(desk: Desk, title: str) -> DocumentEntry:
    """The only document of the list with that title."""
    [entry] = [one for one in rows(desk).items if one.title == title]
    return entry


def titles(desk: Desk) -> list[str]:
    return [entry.title for entry in rows(desk).items]

"""TD3.1 as a reader asks it: a search, what is new since a moment, the versions of one document.

Everything here asks the registry through one function, `Ask`: the client signs, sends and streams.
"""

import copy
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Final, Protocol

from lxml import etree

from kiosk.dmp import registry, xds
from kiosk.dmp.document import DocumentEntry, DocumentQuery, DocumentStatus, FoundDocuments
from kiosk.dmp.metadata import external_identifier, read_entry
from kiosk.errors import Refused

OnEntries = Callable[[list[DocumentEntry]], None]
"""Takes entries as they arrive, in the thread of the call; what it raises ends the call."""

MOST_VERSIONS: Final = 20
"""Documents whose versions are asked for in turn: beyond, the list is said to be partial."""
MOST_RESULTS: Final = 20_000
"""Entries kept of one search: beyond, the list is said to be partial."""
_LINKS: Final = (xds.APPENDS, xds.TRANSFORMS)
_FIRST: Final = 30
"""Entries of the first batch: a screenful."""
_BATCH: Final = 200
"""Entries of the next ones."""


class Ask(Protocol):
    """Asks the registry. Every object of the answer named `tag` goes to `take`; the rest is returned."""

    def __call__(
        self, body: bytes, take: Callable[[etree._Element], None] | None = None
    ) -> etree._Element: ...


def find(ask: Ask, patient: str, query: DocumentQuery, on_entries: OnEntries | None) -> FoundDocuments:
    """FindDocuments. With `on_entries`, the entries go there alone and memory holds one batch."""
    batch = _Batch(on_entries)
    outcome = registry.outcome(ask(registry.find_documents(patient, query), batch.take))
    return batch.found(outcome)


def since(ask: Ask, patient: str, moment: datetime, query: DocumentQuery) -> FoundDocuments:
    """What was submitted from `moment` on, whose status `query` includes, with the time of its submission.

    Submission sets, then what they hold, then those documents (3.1-400); nothing is asked about nothing.
    """
    answer = ask(registry.find_submission_sets(patient, moment))
    outcomes = [registry.outcome(answer)]
    times = registry.submission_times(answer)
    submitted: dict[str, datetime | None] = {}
    for sets in _chunks(times, registry.MOST_SETS):
        answer = ask(registry.get_associations(sets))
        outcomes.append(registry.outcome(answer))
        held = [link for link in registry.links(answer) if link.kind == xds.HAS_MEMBER]
        submitted |= {link.target: times[link.source] for link in held if link.source in times}
    batch = _Batch(None, statuses=query.statuses, submitted=submitted)
    for uuids in _chunks(submitted, registry.MOST_ENTRIES):
        outcomes.append(registry.outcome(ask(registry.get_documents(uuids), batch.take)))
    return batch.found(_together(outcomes))


def versions(ask: Ask, entry: DocumentEntry) -> FoundDocuments:
    """A document, all it replaced and all that replaced it, whatever their status.

    The registry goes one replacement far, so each document found is asked about in turn; of one that has no other
    version it answers nothing at all.
    """
    batch = _Batch(None)
    outcomes: list[registry.Outcome] = []
    asked: set[str] = set()
    pending = [entry.unique_id]
    while pending and len(asked) < MOST_VERSIONS:
        asked.add(pending[0])
        outcomes.append(registry.outcome(ask(registry.get_versions(pending[0]), batch.take)))
        pending = [one for one in batch.unique_ids if one not in asked]
    found = batch.found(_together(outcomes))
    return replace(found, entries=found.entries or (entry,), partial=found.partial or bool(pending))


def linked(ask: Ask, entry: DocumentEntry) -> FoundDocuments:
    """What came in the same submission, and what completes a document or says it in another format; not itself.

    Associations of the document, then those of its submission sets, then the documents (REC_3.2-1080).
    """
    answer = ask(registry.get_associations([entry.entry_uuid]))
    outcomes = [registry.outcome(answer)]
    links = registry.links(answer)
    others = [end for link in links if link.kind in _LINKS for end in (link.source, link.target)]
    for sets in _chunks([one.source for one in links if one.kind == xds.HAS_MEMBER], registry.MOST_SETS):
        answer = ask(registry.get_associations(sets))
        outcomes.append(registry.outcome(answer))
        others += [link.target for link in registry.links(answer) if link.kind == xds.HAS_MEMBER]
    batch = _Batch(None)
    wanted = [one for one in dict.fromkeys(others) if one != entry.entry_uuid]
    for uuids in _chunks(wanted, registry.MOST_ENTRIES):
        outcomes.append(registry.outcome(ask(registry.get_documents(uuids), batch.take)))
    return batch.found(_together(outcomes))


def reference(ask: Ask, unique_id: str) -> str:
    """The entryUUID of a document's current description (TD3.1b): asked right before every change, never kept.

    Raises `Refused` when the record does not hold the document.
    """
    answer = ask(registry.get_documents_by_unique_id([unique_id], references_only=True))
    registry.outcome(answer)
    found = registry.object_refs(answer)
    if not found:
        raise gone()
    # References do not tell an older description from the current one: when there are both, whole objects do.
    return found[0] if len(found) == 1 else source(ask, unique_id).get("id", "")


def source(ask: Ask, unique_id: str) -> etree._Element:
    """The ExtrinsicObject of a document as the registry holds it now, to be changed and sent back.

    Raises `Refused` when the record does not hold the document, or not under a status that can change.
    """
    objects: list[etree._Element] = []
    answer = ask(
        registry.get_documents_by_unique_id([unique_id]),
        lambda element: objects.append(copy.deepcopy(element)),
    )
    registry.outcome(answer)
    live = (DocumentStatus.CURRENT.value, DocumentStatus.ARCHIVED.value)
    candidates = [e for e in objects if e.get("status") in live and _unique_id(e) == unique_id]
    if not candidates:
        raise gone()
    return max(candidates, key=_version)


def gone() -> Refused:
    """The document is in the record no more."""
    return Refused(
        what="Ce document n'est plus dans le DMP.",
        cause="Il a été supprimé ou remplacé depuis la recherche.",
        todo="Relancez la recherche pour voir l'état du dossier.",
    )


class _Batch:
    """Gathers entries as they are read."""

    def __init__(
        self,
        on_entries: OnEntries | None,
        *,
        statuses: Sequence[DocumentStatus] | None = None,
        submitted: dict[str, datetime | None] | None = None,
    ) -> None:
        self._on_entries = on_entries
        self._statuses = statuses
        self._submitted = submitted or {}
        self._entries: list[DocumentEntry] = []
        self._seen: set[str] = set()
        self._given = 0
        self._unreadable = 0
        self._too_many = False

    def take(self, element: etree._Element) -> None:
        entry = read_entry(element)
        if entry is None:
            self._unreadable += 1
            return
        identity = entry.entry_uuid or entry.unique_id
        if identity in self._seen or not self._wanted(entry):
            return
        if len(self._seen) >= MOST_RESULTS:
            self._too_many = True
            return
        self._seen.add(identity)
        when = self._submitted.get(entry.entry_uuid)
        self._entries.append(entry if when is None else replace(entry, submitted=when))
        if self._on_entries is not None and len(self._entries) >= (_BATCH if self._given else _FIRST):
            self._give(self._on_entries)

    @property
    def unique_ids(self) -> tuple[str, ...]:
        """Of the entries kept, in the order they came."""
        return tuple(entry.unique_id for entry in self._entries)

    def found(self, outcome: registry.Outcome) -> FoundDocuments:
        if self._on_entries is not None and self._entries:
            self._give(self._on_entries)
        return FoundDocuments(
            entries=tuple(self._entries),
            partial=outcome.partial or self._too_many,
            notes=outcome.notes,
            unreadable=self._unreadable,
        )

    def _wanted(self, entry: DocumentEntry) -> bool:
        """A status nobody knows is shown rather than lost; a signature never. [unknown] who may find one."""
        if entry.is_signature:
            return False
        known = entry.status is not DocumentStatus.UNKNOWN
        return self._statuses is None or not known or entry.status in self._statuses

    def _give(self, on_entries: OnEntries) -> None:
        ready, self._entries = self._entries, []
        self._given += len(ready)
        on_entries(ready)


def _together(outcomes: Iterable[registry.Outcome]) -> registry.Outcome:
    """What several answers add up to."""
    all_of = tuple(outcomes)
    notes = tuple(note for outcome in all_of for note in outcome.notes)
    return registry.Outcome(any(outcome.partial for outcome in all_of), notes)


def _chunks(items: Iterable[str], size: int) -> Iterator[list[str]]:
    rest = list(items)
    return (rest[i : i + size] for i in range(0, len(rest), size))


def _unique_id(element: etree._Element) -> str:
    return external_identifier(element, xds.DOCUMENT_UNIQUE_ID)


def _version(element: etree._Element) -> int:
    value = element.find("rim:VersionInfo", xds.NAMES)
    name = "" if value is None else value.get("versionName", "")
    return int(name) if name.isascii() and name.isdigit() and len(name) < 10 else 0

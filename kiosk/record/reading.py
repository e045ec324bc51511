"""What reading one document takes: the search that found it, TD3.2, the confined child, what is kept of it — nothing.

A document lives in this process only, as long as its screen; of biology reports the figures stay for the curves
of the same visit.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from kiosk.dmp import habilitations
from kiosk.dmp.document import DocumentEntry, FoundDocuments
from kiosk.dmp.nomenclature import CodeSet, codes
from kiosk.dmp.search import OnEntries
from kiosk.errors import DocumentNotShown, Refused
from kiosk.record.document_list import Criteria
from kiosk.record.visit import Visit
from kiosk.rendering.child import Rendering
from kiosk.rendering.page import Rendered, Result

_BEFORE_ANY_RECORD = datetime(2004, 1, 1, tzinfo=UTC)

BIOLOGY_FORMAT = "urn:ihe:lab:xd-lab:2008"
"""formatCode of the reports whose figures can be drawn."""


@dataclass(frozen=True, repr=False)
class OpenDocument:
    """One document in memory. `close` forgets its bytes."""

    entry: DocumentEntry
    rendering: Rendering
    rendered: Rendered | None
    """None when it could not be read: `fault` says why."""
    fault: DocumentNotShown | None
    verified: bool
    """Whether its hash could be checked."""

    def close(self) -> None:
        self.rendering.close()


def search(visit: Visit, criteria: Criteria, on_entries: OnEntries) -> FoundDocuments:
    """TD3.1 by what `criteria` say; the entries go to `on_entries`, in this thread, as they arrive."""

    def came(entries: list[DocumentEntry]) -> None:
        visit.listed.add(entries)
        on_entries(entries)

    if not criteria.by_submission:
        return visit.find_documents(criteria.query, came)
    found = visit.find_since(criteria.submitted_from or _BEFORE_ANY_RECORD, criteria.query)
    came(list(found.entries))
    return replace(found, entries=())


def open_document(
    visit: Visit, entry: DocumentEntry, begun: Callable[[Rendering], None] = lambda rendering: None
) -> OpenDocument:
    """TD3.2, then its reading. `begun` gets what can be cancelled from another thread.

    Raises what the DMP and the card raise; a document that cannot be read is told by `fault`.
    """
    try:
        retrieved = visit.retrieve(entry)
    except Refused as refusal:
        actor = visit.session.actor
        why = habilitations.why_refused(entry.type_code, actor.profession, actor.speciality)
        refusal.cause = why or refusal.cause
        raise
    rendering = Rendering(retrieved.content)
    begun(rendering)
    try:
        return OpenDocument(entry, rendering, rendering.read(), None, retrieved.verified)
    except DocumentNotShown as fault:
        return OpenDocument(entry, rendering, None, fault, retrieved.verified)


def warning(entry: DocumentEntry) -> str:
    """What must be read before the document opens (EX_3.2-1025), word for word; else empty."""
    said = []
    if entry.visibility.invisible_to_patient:
        said.append("Attention, ce document n'est pas visible du patient.")
    if entry.visibility.invisible_to_representatives:
        said.append(
            "Attention, ce document n'est pas visible des représentants légaux pour préserver le secret du "
            "mineur titulaire du DMP."
        )
    return "\n".join(said)


def is_biology(entry: DocumentEntry) -> bool:
    """Whether its figures may be drawn: a structured report."""
    return entry.format_code.code == BIOLOGY_FORMAT


class Figures:
    """The results of the biology reports opened during one visit, by document."""

    def __init__(self) -> None:
        self._of: dict[str, tuple[Result, ...]] = {}

    def keep(self, entry: DocumentEntry, rendered: Rendered) -> None:
        if rendered.results:
            self._of[entry.unique_id] = rendered.results

    def has(self, entry: DocumentEntry) -> bool:
        return entry.unique_id in self._of

    def all(self) -> tuple[Result, ...]:
        return tuple(result for results in self._of.values() for result in results)


def closed_types(visit: Visit) -> tuple[tuple[str, str], ...]:
    """(code, label) of the types that the public matrix does not open to the professional; empty when unknown."""
    actor = visit.session.actor
    open_types = habilitations.readable_types(actor.profession, actor.speciality)
    if open_types is None:
        return ()
    readable = {code.code for code in open_types}
    return tuple(
        (code.code, code.label)
        for code in codes(CodeSet.TYPE)
        if code.code not in readable and habilitations.readers_of(code) is not None
    )

"""Which files are in the patient's DMP already, as far as this workstation can tell without asking (EX_2.1-1190).

By content, never by name: what was deposited from here (the outbox), and what the searches of this visit listed. The
registry's hash of a wrapped file is that of its wrapping: such a file is known by the outbox alone.
"""

import hashlib
from collections.abc import Iterator
from contextlib import suppress

from kiosk.code import Code
from kiosk.deposit import source
from kiosk.deposit.outbox import Deposit, State
from kiosk.deposit.source import SourceFile
from kiosk.dmp import metadata
from kiosk.errors import FileUnreadable, OutboxUnwritable
from kiosk.record.known_documents import Known
from kiosk.record.managing import forget_unpublished
from kiosk.record.visit import Visit

_SENT = (State.DONE, State.SENT, State.DOUBT)


class KnownFiles:
    """Of one visit. `look_up` first; what reads a file or asks blocks."""

    def __init__(self, visit: Visit) -> None:
        self._visit = visit
        self._deposited: dict[str, Known] = {}
        """By the mark of a file, as it lay on its medium or as it was wrapped."""
        self._sizes: set[int] = set()
        self._seen: dict[SourceFile, Known | None] = {}
        """Files that were read already; another stamp is another file."""

    def look_up(self) -> None:
        """Read the outbox. Raises `OutboxUnwritable`."""
        session = self._visit.session
        outbox, patient = session.memory.outbox, session.mark_of(self._visit.patient)
        open_or_done = (*outbox.open_deposits(patient), *reversed(outbox.arrived(patient)))
        self._deposited = dict(_known(one for one in open_or_done if one.state in _SENT))
        files = [file for file in outbox.files() if file.content_mark in self._deposited]
        self._sizes = {file.size for file in files}
        self._deposited |= {file.mark: self._deposited[file.content_mark] for file in files}
        self._seen.clear()

    def candidate(self, file: SourceFile) -> bool:
        """Whether its size is that of something known: the others need not be read."""
        return file.size in self._sizes or file.size in self._visit.listed.sizes

    def of_file(self, file: SourceFile) -> Known | None:
        """What is known of a file of the list; nothing of one that cannot be read, which is told when it is chosen."""
        if file not in self._seen:
            try:
                self._seen[file] = self._of(source.read(file))
            except FileUnreadable:
                return None
        return self._seen[file]

    def of_chosen(self, content: bytes) -> Known | None:
        """The same of a file read whole, by the outbox as it is now. That it is shut is told at the signature."""
        with suppress(OutboxUnwritable):
            self.look_up()
        return self._of(content)

    def _of(self, content: bytes) -> Known | None:
        found = self._deposited.get(self._visit.session.memory.outbox.mark(content))
        if found is not None or len(content) not in self._visit.listed.sizes:
            return found
        digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
        return self._visit.listed.by_hash.get(digest)

    def still_known(self, known: Known) -> bool:
        """Ask the DMP, by TD3.1b, which needs no right to consult. What is without trace there may go again.

        Whether it has a trace of what was deleted there no public text says. [unknown]
        """
        if self._visit.knows_document(self._visit.access, known.unique_id):
            return True
        forget_unpublished(self._visit, known.unique_id)
        self._visit.listed.forget(known.unique_id)
        self._deposited = {mark: one for mark, one in self._deposited.items() if one != known}
        self._seen.clear()
        return False


def _known(deposits: Iterator[Deposit]) -> Iterator[tuple[str, Known]]:
    for deposit in deposits:
        for kept in deposit.documents:
            if kept.content_mark:
                restrictions = tuple(Code(code, "", "") for code in kept.restrictions)
                yield (
                    kept.content_mark,
                    Known(
                        kept.unique_id,
                        deposit.begun,
                        metadata.visibility(restrictions),
                        sure=deposit.state is State.DONE,
                    ),
                )

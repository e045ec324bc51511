"""What is remembered, during one visit, of documents that are in the DMP: enough to know their content again."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from kiosk.dmp.document import DocumentEntry, Visibility
from kiosk.record import audience


@dataclass(frozen=True, repr=False, slots=True)
class Known:
    """A document that was seen in the DMP, or sent to it."""

    unique_id: str
    when: datetime | None
    """UTC; when it was deposited, or written when nothing says more."""
    visibility: Visibility
    sure: bool = True
    """False: it was sent, and no answer came."""
    from_here: bool = True
    """Deposited from this workstation."""

    @property
    def brief(self) -> str:
        """For a line of a list: `'déjà au DMP le 12/08/2026'`."""
        day = f" le {self.when.astimezone():%d/%m/%Y}" if self.when else ""
        return f"déjà au DMP{day}" if self.sure else f"envoi incertain{day}"

    @property
    def sentence(self) -> str:
        """`'Déposé de ce poste le 12/08/2026 à 10:12 : visible de tous.'`."""
        day = f" le {self.when.astimezone():%d/%m/%Y à %H:%M}" if self.when else ""
        if not self.sure:
            return f"Envoyé de ce poste{day} ; la borne ne sait pas s'il est arrivé."
        how = f"Déposé de ce poste{day}" if self.from_here else f"Dans la liste des documents{day}"
        return f"{how} : {audience.words(self.visibility)}."


class Listed:
    """The documents that the searches of one visit brought, by the hash of their content."""

    def __init__(self) -> None:
        self.by_hash: dict[str, Known] = {}
        self.sizes: set[int] = set()

    def add(self, entries: Iterable[DocumentEntry]) -> None:
        for entry in entries:
            if entry.hash and entry.size:
                when = entry.submitted or entry.created
                self.by_hash[entry.hash] = Known(entry.unique_id, when, entry.visibility, from_here=False)
                self.sizes.add(entry.size)

    def forget(self, unique_id: str) -> None:
        """The DMP says that it is not there any more."""
        self.by_hash = {digest: one for digest, one in self.by_hash.items() if one.unique_id != unique_id}

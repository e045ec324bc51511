"""One of a few documents: the versions of one, or those linked to it."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.document import DocumentEntry
from kiosk.screens.base import KioskScreen
from kiosk.screens.document_rows import DocumentDetails, DocumentRows
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line


class DocumentChoice(KioskScreen[DocumentEntry | None]):
    """Dismissed with the document to open, or None."""

    heading = "Documents — DMP · Mon espace santé"
    keys = "↑↓ Parcourir   Entrée Lire   F10 Retour"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape", "back", show=False)]

    def __init__(self, what: str, entries: Sequence[DocumentEntry]) -> None:
        super().__init__()
        self._what, self._entries = what, entries

    def body(self) -> Iterator[Widget]:
        yield Line(self._what, classes="loud")
        yield Line("", id="columns", classes="section")
        yield DocumentRows(id="documents")
        yield DocumentDetails(id="details")

    def on_mount(self) -> None:
        rows = self.query_one(DocumentRows)
        rows.list_all(self._entries)
        rows.focus()
        self.watch(rows, "cursor", self._show_details)

    def on_resize(self) -> None:
        rows = self.query_one(DocumentRows)
        self.query_one("#columns", Line).update(rows.head(rows.size.width))

    def _show_details(self) -> None:
        self.query_one(DocumentDetails).show(self.query_one(DocumentRows).chosen)

    @on(Rows.Chosen)
    def take(self) -> None:
        self.dismiss(self.query_one(DocumentRows).chosen)

    def action_back(self) -> None:
        self.dismiss(None)

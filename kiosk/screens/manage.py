"""One document of the record, and what may be done with it; a change is confirmed before it is asked of the DMP."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.document import DocumentEntry
from kiosk.errors import AnswerCut, AnswerUnreadable, Cancelled, KioskError, ServerTooSlow
from kiosk.record import managing
from kiosk.record.managing import Change
from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.deposit import DepositScreen
from kiosk.screens.dialogs import ConfirmDialog, TextDialog, error_text
from kiosk.screens.document_rows import details
from kiosk.screens.widgets import Line, Menu, MenuItem
from kiosk.screens.word import WordDialog

_REPLACE = "replace"


class ManageDialog(KioskScreen[bool]):
    """Dismissed with True when the list must be asked again, False when nothing changed."""

    heading = "Gérer un document — DMP · Mon espace santé"
    keys = "↑↓ ou chiffre Choisir   F10 Retour   F1 Aide"
    help_text = (
        "Une action grisée dit pourquoi elle n'est pas possible : choisissez-la. Chaque changement est expliqué et "
        "confirmé ; ceux qui sont définitifs demandent de taper un mot.\n\nMasquer cache un document aux autres "
        "professionnels, jamais au patient. Ce que le patient a vu ne peut plus lui être caché."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape", "leave", show=False)]

    def __init__(self, visit: Visit, entry: DocumentEntry) -> None:
        super().__init__()
        self._visit, self._entry = visit, entry

    def body(self) -> Iterator[Widget]:
        title, *rest = details(self._entry)
        yield Line(title, classes="loud")
        yield Line("\n".join(rest) + "\n")
        yield Menu(self._items(), id="changes")

    def on_mount(self) -> None:
        self.query_one(Menu).focus()

    def _items(self) -> list[MenuItem]:
        visit, entry = self._visit, self._entry
        both_allowed = self.app.station.parameters.current().hidden_and_invisible
        label, why = "Remplacer par une nouvelle version", managing.why_not_replaced(visit, entry)
        items = [_item(label, _REPLACE, why)]
        for change in managing.relevant(entry):
            why = managing.why_not(visit, entry, change, both_allowed=both_allowed)
            items.append(_item(change.value.label, change.name, why))
        return items

    @on(Menu.Chosen)
    @work(exclusive=True, group="manage")
    async def choose(self, event: Menu.Chosen) -> None:
        if event.item.why_not:
            await self.app.push_screen_wait(TextDialog("Pourquoi ?", event.item.why_not))
        elif event.item.key == _REPLACE:
            if await self.app.push_screen_wait(DepositScreen(self._visit, self._entry)):
                self.dismiss(True)
        else:
            await self._change(Change[event.item.key])

    def action_leave(self) -> None:
        self.dismiss(False)

    async def _change(self, change: Change) -> None:
        terms, visit, entry = change.value, self._visit, self._entry
        question = (
            WordDialog(terms, entry.title)
            if terms.word
            else ConfirmDialog(
                f"{terms.label} ?", f"« {entry.title} »\n\n{terms.question}", yes="confirmer", no="renoncer"
            )
        )
        if not await self.app.push_screen_wait(question):
            self.say("Rien n'a été demandé au DMP.")
            return
        try:
            await self.work(terms.doing, lambda: managing.apply(visit, entry, change))
        except (AnswerCut, AnswerUnreadable, ServerTooSlow, Cancelled) as doubt:
            await self.app.push_screen_wait(TextDialog(doubt.what, f"{error_text(doubt)}\n\n{_DOUBT}"))
            self.dismiss(True)
        except KioskError as error:
            await self.show_error(error)
        else:
            await self.app.push_screen_wait(TextDialog(terms.done, f"« {entry.title} »"))
            self.dismiss(True)


def _item(label: str, key: str, why_not: str) -> MenuItem:
    return MenuItem(f"{label} — pourquoi ?" if why_not else label, key, why_not)


_DOUBT = "La borne ne sait pas si c'est fait : la liste des documents, relue, le dira."

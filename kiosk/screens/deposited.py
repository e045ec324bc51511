"""What was deposited from here into this record: known by its date alone, replaced and unpublished without any right
to consult (2.1-140, EX_3.3-1060). Titles are patient data: they are not kept on the workstation.
"""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.deposit.outbox import Deposit
from kiosk.dmp.document import DocumentEntry
from kiosk.errors import KioskError
from kiosk.record import managing
from kiosk.record.managing import Change
from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import TextDialog
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line
from kiosk.screens.word import WordDialog


class DepositRows(Rows[Deposit]):
    def line(self, item: Deposit, width: int) -> str:
        count = len(item.documents)
        return f"{item.begun.astimezone():%d/%m/%Y à %H:%M}   {count} document{'s' if count > 1 else ''}"


class DepositedScreen(KioskScreen[DocumentEntry | None]):
    """Dismissed with the document whose next version is to be deposited, or None."""

    heading = "Dépôts faits par vous sur ce poste — DMP"
    keys = "↑↓ Parcourir   R Remplacer   Suppr Dépublier   F10 Retour   F1 Aide"
    help_text = (
        "Les dépôts que vous avez faits dans ce DMP depuis ce poste. Seule leur date est retenue ici : ni titre, ni "
        "contenu.\n\nR dépose une nouvelle version d'un document déposé seul. Suppr retire du DMP tous les documents "
        "d'un dépôt, même sans autorisation de consulter. C'est définitif : un mot est à taper."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("delete,backspace", "unpublish", show=False),
        Binding("r", "replace", show=False),
        Binding("f10,escape", "leave", show=False),
    ]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def body(self) -> Iterator[Widget]:
        yield Line(self._visit.member.name, classes="loud")
        yield DepositRows(id="deposits", empty="Aucun dépôt de votre part dans ce DMP, depuis ce poste.")

    def on_mount(self) -> None:
        self.query_one(DepositRows).focus()
        self.list_again()

    @work(exclusive=True, group="list")
    async def list_again(self) -> None:
        found = await self.attempt("Lecture du registre", lambda: managing.deposited(self._visit))
        if found is not None and self.is_attached:
            self.query_one(DepositRows).show(found)

    @on(Rows.Chosen)
    @work(exclusive=True, group="unpublish")
    async def action_unpublish(self) -> None:
        visit, deposit = self._visit, self.query_one(DepositRows).chosen
        if deposit is None:
            return
        decision = await asyncio.to_thread(managing.why_not_unpublished, visit)
        if decision:
            await self.app.push_screen_wait(TextDialog("Pourquoi ?", decision))
            return
        terms, when = Change.DELETE.value, f"{deposit.begun.astimezone():%d/%m/%Y à %H:%M}"
        if not await self.app.push_screen_wait(WordDialog(terms, f"Dépôt du {when}")):
            self.say("Rien n'a été demandé au DMP.")
            return
        try:
            await self.work(terms.doing, lambda: managing.unpublish(visit, deposit))
        except KioskError as error:
            await self.show_error(error)
        else:
            await self.app.push_screen_wait(TextDialog(terms.done, f"Dépôt du {when}"))
        self.list_again()

    def action_replace(self) -> None:
        """By what the workstation knows of it; of several in one lot it cannot tell which is which."""
        deposit = self.query_one(DepositRows).chosen
        if deposit is None:
            return
        if len(deposit.documents) > 1:
            self.say("Ce dépôt portait plusieurs documents : remplacez le bon depuis la liste du DMP.")
            return
        self.dismiss(managing.entry_deposited(self._visit, deposit.documents[0]))

    def action_leave(self) -> None:
        self.dismiss(None)

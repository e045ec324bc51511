"""Who was here since this card was inserted: kept in this process, gone with it."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk import attendance
from kiosk.dmp.model import DmpStatus
from kiosk.patient import Member
from kiosk.screens.base import KioskScreen
from kiosk.screens.family import short
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line
from kiosk.session import Session
from kiosk.text import card_birth_date

Seen = tuple[Member, DmpStatus]


class SeenRows(Rows[Seen]):
    def line(self, item: Seen, width: int) -> str:
        member, status = item
        born = card_birth_date(member.beneficiary.birth_date)
        return f"{member.name[:36]:<36} {born:<10} {short(status)}"


class TodayScreen(KioskScreen[None]):
    """Records are opened over it."""

    heading = "Patients de cette session"
    keys = "↑↓ Entrée Rouvrir   F10 Retour   F1 Aide"
    help_text = (
        "Les personnes dont vous avez ouvert ou créé le dossier depuis que votre carte est insérée. La liste "
        "disparaît avec votre carte."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape", "back", show=False)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def body(self) -> Iterator[Widget]:
        yield Line(f"  {'Nom':<36} {'Né(e) le':<10} DMP", classes="section")
        yield SeenRows(id="seen", empty="Personne encore.")

    def on_mount(self) -> None:
        rows = self.query_one(SeenRows)
        rows.show(tuple(self._session.today_patients))
        rows.focus()

    @on(Rows.Chosen)
    @work(exclusive=True)
    async def open(self) -> None:
        chosen = self.query_one(SeenRows).chosen
        if chosen is not None:
            await attendance.open_member(self.app, self, self._session, chosen[0])
            self.query_one(SeenRows).show(tuple(self._session.today_patients))

    def action_back(self) -> None:
        self.dismiss(None)

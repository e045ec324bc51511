"""Home: who is logged in, and what to do next. The post decides what stands first, never the rights."""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk import settings
from kiosk.record.interrupted import told_at_login
from kiosk.record.rights import Kind, kind_of
from kiosk.screens.base import KioskScreen
from kiosk.screens.dashboard import ColleagueDashboardScreen, DashboardScreen
from kiosk.screens.regulation import RegulationSearchScreen
from kiosk.screens.today import TodayScreen
from kiosk.screens.widgets import Line, Menu, MenuItem
from kiosk.session import Session


class Home(KioskScreen[None]):
    """Waits for a Vitale card; it is read wherever the user stands, this screen only says so."""

    heading = "Accueil"
    keys = "Insérez une carte Vitale   ↑↓ ou chiffre Choisir   F1 Aide   F8 À propos"
    help_text = (
        "Insérez la carte Vitale du patient à tout moment : la borne montre les personnes qu'elle porte et "
        "demande au DMP, pour chacune, si le dossier existe. En urgence, F6 sur cette liste ouvre le bris de "
        "glace.\n\nPour finir, retirez votre carte professionnelle."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f5", "app.read_vitale", show=False),
        Binding("f10,escape", "tell_the_end", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def body(self) -> Iterator[Widget]:
        session = self._session
        who, actor = session.professional, session.actor
        yield Line(f"\n{who.display_name}", classes="loud")
        yield Line(
            f"{actor.profession.label}{' · ' + actor.speciality.label if actor.speciality else ''}\n"
            f"Carte {who.card_type.name} valable jusqu'au {who.valid_until:%d/%m/%Y}\n"
            f"{actor.structure_name} · {actor.sector.label}\n"
            f"{_declared(session)}"
            f"Mode d'accès : {session.access_mode}"
        )
        yield Line("\nInsérez la carte Vitale du patient.\n", classes="loud")
        yield Line("", id="interrupted")
        yield Menu(self._items(), id="menu")

    def on_mount(self) -> None:
        self._tell_interrupted()

    @work(exclusive=True)
    async def _tell_interrupted(self) -> None:
        """Deposits that a session of this professional did not see the end of."""
        told = await asyncio.to_thread(told_at_login, self._session)
        if told and self.is_attached:
            more = f"\n… et {len(told) - 1} autre(s)." if len(told) > 1 else ""
            self.query_one("#interrupted", Line).update(f"! {told[0]}{more}\n")

    def _items(self) -> list[MenuItem]:
        """The post decides the order, never the rights."""
        session = self._session
        vitale = MenuItem("Lire la carte Vitale présente", "vitale")
        today = MenuItem("Patients de cette session", "today")
        match self.app.station.post:
            case settings.REGULATION:
                items = [MenuItem("Rechercher une personne sans sa carte", "regulation"), vitale]
            case "accueil":
                items = [vitale, today, self._dashboard()]
            case _:
                items = [vitale, self._dashboard(), today]
        if len(session.activities) > 1:
            items.append(MenuItem("Changer de situation d'exercice", "activity"))
        if session.attachment is not None:
            items.append(MenuItem("Changer de rattachement", "activity"))
        return items

    def _dashboard(self) -> MenuItem:
        if kind_of(self._session.professional) is Kind.CPE:
            return MenuItem("DMP autorisés d'un professionnel de la structure", "dashboard")
        return MenuItem("Mes patients : DMP autorisés", "dashboard")

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        session = self._session
        self.say("")
        match event.item.key:
            case "vitale":
                self.app.action_read_vitale()
            case "activity":
                self.app.change_activity()
            case "today":
                self.app.push_screen(TodayScreen(session))
            case "dashboard":
                employee = kind_of(session.professional) is Kind.CPE
                dashboard = ColleagueDashboardScreen if employee else DashboardScreen
                self.app.push_screen(dashboard(session))
            case "regulation":
                self.app.push_screen(RegulationSearchScreen(session))

    def action_tell_the_end(self) -> None:
        """Here the keys that leave a screen leave nothing: the card does."""
        self.say("Pour finir, retirez votre carte professionnelle.")


def _declared(session: Session) -> str:
    """Until when the holder said he works there; empty when the card itself says where."""
    if session.attachment is None:
        return ""
    kept = "" if session.attachment_kept else " (non mémorisé : le poste n'a pas pu l'écrire)"
    return f"Rattachement déclaré jusqu'au {session.attachment.until:%d/%m/%Y}{kept}\n"

"""Who is allowed in the record, and who is blocked by the patient (TD1.6)."""

from collections.abc import Iterator
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.dmp.listing import AuthorizationFilter, AuthorizedParty
from kiosk.errors import KioskError, Refused
from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line

_TITLES = {
    AuthorizationFilter.ALL: "Toutes les autorisations",
    AuthorizationFilter.ACTIVE: "Autorisations en cours",
    AuthorizationFilter.BLOCKED: "Professionnels bloqués par le patient",
}


class PartyRows(Rows[AuthorizedParty]):
    def line(self, item: AuthorizedParty, width: int) -> str:
        state = "BLOQUÉ" if item.blocked else _right(item)
        since = f"{item.since.astimezone():%d/%m/%Y}" if item.since else "—"
        name = f"{item.family_name} {item.given_name}".strip() or item.national_id
        if item.is_structure:
            name += " (structure)"
        work = item.specialities[0] if item.specialities else ""
        return f"{name[:26]:<26} {work[:18]:<18} {since:<10} {state}"


def _right(party: AuthorizedParty) -> str:
    """What the party may do; a mode nobody knows is shown as it came."""
    if party.treating_doctor:
        return "médecin traitant"
    return (
        "autorisé" if party.raw_mode.upper() == AuthorizationFilter.ACTIVE.value else f"« {party.raw_mode} »"
    )


class ProfessionalsScreen(KioskScreen[bool]):
    """Dismissed with True when the DMP refused the list: the record is not as it was shown."""

    heading = "Professionnels du dossier"
    keys = "T Toutes   A En cours   B Bloqués   ↑↓ Parcourir   F10 Retour   F1 Aide"
    help_text = (
        "La liste que le DMP donne : qui le patient a autorisé, depuis quand, et qui il a bloqué. Bloquer ou "
        "débloquer quelqu'un se fait par le patient (Mon espace santé) ou par son médecin traitant."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("t", "list('ALL')", show=False),
        Binding("a", "list('ACTIVE')", show=False),
        Binding("b", "list('BLOCKED')", show=False),
        Binding("f10,escape", "back", show=False),
    ]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def body(self) -> Iterator[Widget]:
        yield Line(self._visit.member.name, classes="loud")
        yield Line("", id="which")
        yield Line(f"  {'Nom':<26} {'Profession':<18} {'Depuis':<10} Droit", classes="section")
        yield PartyRows(id="parties", empty="Personne.")

    def on_mount(self) -> None:
        self.query_one(PartyRows).focus()
        self.action_list("ALL")

    @work(exclusive=True)
    async def action_list(self, which: str) -> None:
        asked = AuthorizationFilter[which]
        try:
            found = await self.work("Lecture des autorisations", lambda: self._visit.authorized(asked))
        except KioskError as error:
            await self.show_error(error)
            if isinstance(error, Refused):
                self.dismiss(True)
            return
        if self.is_attached:
            self.query_one("#which", Line).update(f"{_TITLES[asked]} : {len(found)}")
            self.query_one(PartyRows).show(found)

    def action_back(self) -> None:
        self.dismiss(False)

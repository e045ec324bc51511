"""A card with several « situations d'exercice » asks which one (EX_GEN-1370)."""

from collections.abc import Iterator

from textual import on
from textual.widget import Widget

from kiosk.card.model import Activity
from kiosk.screens.base import KioskScreen
from kiosk.screens.widgets import Line, Menu, MenuItem


class ChooseActivity(KioskScreen[Activity]):
    heading = "Situation d'exercice"
    keys = "↑↓ ou chiffre Choisir   Entrée Valider   F1 Aide"
    help_text = (
        "Votre carte porte plusieurs situations d'exercice. Choisissez celle où vous travaillez maintenant : "
        "le DMP enregistre cette structure avec chacun de vos actes."
    )

    def __init__(self, activities: tuple[Activity, ...]) -> None:
        super().__init__()
        self._activities = activities

    def body(self) -> Iterator[Widget]:
        yield Line("\nOù travaillez-vous maintenant ?\n", classes="loud")
        yield Menu([MenuItem(f"{a.structure_name}\n{a.sector.label}") for a in self._activities])

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        self.dismiss(self._activities[event.index])

"""Which of several places of work: those on the card (EX_GEN-1370), or those its holder declared before."""

from collections.abc import Iterator
from enum import Enum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.attachment import Attachment
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


class Declare(Enum):
    """What else one may want than a place that is remembered."""

    ANOTHER = "another"
    CORRECT = "correct"


class ChooseAttachment(KioskScreen[Attachment | Declare | None]):
    """What the holder declared before and is still valid, the last used first: Enter takes it.

    None when a holder who already works somewhere changed his mind.
    """

    heading = "Rattachement"
    keys = "Entrée Reprendre le premier   ↑↓ ou chiffre Choisir   F1 Aide"
    help_text = (
        "Votre carte ne dit pas où vous travaillez ; la borne se souvient de ce que vous avez déclaré, jusqu'à la "
        "date de fin. Choisissez où vous travaillez maintenant, ou déclarez une autre structure."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, remembered: tuple[Attachment, ...], current: Attachment | None) -> None:
        super().__init__()
        self._choices: list[Attachment | Declare] = [*remembered, Declare.ANOTHER]
        self._working = current is not None
        if self._working:
            self._choices.append(Declare.CORRECT)

    def body(self) -> Iterator[Widget]:
        yield Line("\nOù travaillez-vous maintenant ?\n", classes="loud")
        yield Menu([MenuItem(_label(choice)) for choice in self._choices])

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        self.dismiss(self._choices[event.index])

    def action_give_up(self) -> None:
        if self._working:
            self.dismiss(None)
        else:
            self.say("Retirez la carte pour renoncer.")


def _label(choice: Attachment | Declare) -> str:
    match choice:
        case Declare.ANOTHER:
            return "Déclarer une autre structure"
        case Declare.CORRECT:
            return "Corriger le rattachement en cours"
        case known:
            return f"{known.structure_name}\n{known.sector.label} · jusqu'au {known.until:%d/%m/%Y}"

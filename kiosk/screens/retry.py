"""The sheet is not in the patient's hand: what now?"""

from collections.abc import Iterator
from enum import Enum

from textual import on
from textual.widget import Widget

from kiosk.record.handover import Handover
from kiosk.screens.base import Dialog
from kiosk.screens.widgets import Line, Menu, MenuItem


class Retry(Enum):
    AGAIN = "again"
    """Nothing was printed: the same step once more."""
    SAME = "same"
    NEW_CODES = "new"
    GIVE_UP = "give up"


class AskRetry(Dialog[Retry]):
    def __init__(self, handover: Handover, *, printed: bool) -> None:
        super().__init__()
        self._handover, self._printed = handover, printed

    def body(self) -> Iterator[Widget]:
        yield Line("La feuille n'est pas remise.", classes="loud")
        yield Line("Détruisez toute feuille abîmée : elle porte des codes." if self._handover.secret else "")
        yield Menu(self._items(), id="retry")
        yield Line("Entrée : choisir", classes="spaced")

    def _items(self) -> list[MenuItem]:
        items = []
        if self._handover.can_reprint:
            left = " (une seule fois)" if self._handover.secret else ""
            items.append(MenuItem(f"Réimprimer la même feuille{left}", Retry.SAME.value))
        elif not self._handover.codes_issued:
            items.append(MenuItem("Recommencer l'impression", Retry.AGAIN.value))
        if self._handover.secret and self._handover.codes_issued:
            items.append(
                MenuItem(
                    "Demander de nouveaux codes : l'ancienne feuille ne vaudra plus rien",
                    Retry.NEW_CODES.value,
                )
            )
        items.append(MenuItem("Renoncer : les codes pourront être redemandés plus tard", Retry.GIVE_UP.value))
        return items

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        self.dismiss(Retry(event.item.key))

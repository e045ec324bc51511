"""« Le DMP du patient a été créé. » — and what comes next: the account's codes, or the receipt."""

from collections.abc import Iterator
from enum import Enum
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.patient import Member
from kiosk.screens.base import KioskScreen
from kiosk.screens.creation import Created
from kiosk.screens.widgets import Line, Menu, MenuItem


class AfterCreation(Enum):
    ACCOUNT = "account"
    RECEIPT = "receipt"
    NOTHING = "nothing"


class CreatedScreen(KioskScreen[AfterCreation]):
    heading = "DMP du patient"
    keys = "↑↓ ou chiffre Choisir   Entrée Valider   F1 Aide"
    help_text = (
        "Avec un compte internet, le patient reçoit un document à deux volets : son identifiant et son premier "
        "mot de passe. Sans compte, il reçoit l'accusé de création."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape", "point_at_the_end", show=False)]

    def __init__(self, member: Member, created: Created) -> None:
        super().__init__()
        self._member, self._created = member, created

    def body(self) -> Iterator[Widget]:
        yield Line("")
        if self._created.new:
            yield Line("Le DMP du patient a été créé.", classes="loud")
            yield Line("Veuillez vérifier s'il y a des documents importants à publier.")
        else:
            yield Line("Le patient a déjà un DMP : rien n'a été créé une seconde fois.", classes="loud")
        yield Line(f"\n{self._member.name}\n")
        items = [MenuItem("Activer le compte internet et imprimer ses codes", AfterCreation.ACCOUNT.value)]
        if self._created.new:
            items.append(MenuItem("Imprimer l'accusé de création", AfterCreation.RECEIPT.value))
        items.append(MenuItem("Terminer sans imprimer", AfterCreation.NOTHING.value))
        usual = 0 if self._created.wants_account or not self._created.new else 1
        yield Menu(items, cursor=usual)

    def action_point_at_the_end(self) -> None:
        """A reflex leaves nothing: it points at the way out, which Enter takes."""
        menu = self.query_one(Menu)
        menu.cursor = len(menu.items) - 1

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        self.dismiss(AfterCreation(event.item.key))

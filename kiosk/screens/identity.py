"""The DMP knows somebody else under this identifier, or under another name: side by side, and the user decides."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.record.identity import Difference
from kiosk.screens.base import KioskScreen
from kiosk.screens.widgets import Line


class IdentityScreen(KioskScreen[bool]):
    """Dismissed with True when the user found that it is the same person."""

    heading = "Identité à vérifier"
    keys = "O C'est la même personne, continuer   N ou Échap Ne pas ouvrir   F1 Aide"
    help_text = (
        "Le DMP a répondu pour cet identifiant avec une identité différente de celle de la carte. Comparez avec une "
        "pièce d'identité. Un changement de nom ou une faute de frappe se confirme ; si c'est quelqu'un d'autre, "
        "n'ouvrez rien et prévenez la cellule d'identitovigilance.\n\nVotre décision est inscrite au journal."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]

    def __init__(self, differences: Sequence[Difference]) -> None:
        super().__init__()
        self._differences = differences

    def body(self) -> Iterator[Widget]:
        yield Line("\nL'identité de la carte et celle du DMP ne concordent pas.\n", classes="loud")
        yield Line(f"{'':<20}{'Carte Vitale':<28}DMP", classes="section")
        for one in self._differences:
            yield Line(f"{one.trait:<20}{one.card[:27]:<28}{one.dmp[:27]}")
            yield Line(f"{'':<20}{'':<28}{marks(one.card, one.dmp)}")
        yield Line("\nEst-ce bien la même personne ? Vérifiez avec une pièce d'identité.", classes="loud")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


def marks(card: str, dmp: str) -> str:
    """`^` under each character of `dmp` that is not the card's at that place."""
    padded = card.ljust(len(dmp))
    return "".join("^" if ours != theirs else " " for ours, theirs in zip(padded, dmp, strict=False))[:27]

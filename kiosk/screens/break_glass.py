"""The emergency door: a reason, a confirmation that names the patient and says that he will be told."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.record.visit import Visit
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog
from kiosk.screens.widgets import Field, Line, Menu, MenuItem
from kiosk.text import clean

OTHER = "Autre motif, écrit ci-dessous"
REASONS = (  # the service publishes no list [unknown]: these are the situations the law names
    "Patient inconscient",
    "Urgence vitale immédiate",
    "Patient hors d'état de s'exprimer (confusion, aphasie, ivresse)",
    "Enfant ou majeur protégé en danger, représentant injoignable",
    "Intoxication ou allergie grave suspectée",
    OTHER,
)
LEAST, MOST = 10, 200
"""Letters of a reason written by hand."""


def reason_of(chosen: str, written: str) -> str:
    """The reason as it goes to the journal and to the DMP; empty when `written` is missing or too short."""
    words = " ".join(clean(written, MOST).split())
    if chosen == OTHER:
        return words if len(words) >= LEAST else ""
    if not words:
        return chosen
    return f"{chosen} : {words}" if len(words) >= LEAST else ""


class BreakGlassScreen(KioskScreen[str | None]):
    """Dismissed with the reason once everything was confirmed, None when the user gave up: nothing was opened."""

    heading = "Accès en urgence : BRIS DE GLACE"
    keys = "↑↓ ou chiffre Motif   Tab Préciser   Entrée Continuer   Échap Renoncer   F1 Aide"
    help_text = (
        "Réservé à l'urgence, quand le patient ne peut pas donner son accord. Choisissez le motif par son chiffre ; "
        "vous pouvez le préciser en dix lettres au moins. N'y écrivez aucun nom : ce texte va au journal de la "
        "borne et au DMP.\n\nL'accès vaut pour ce patient seul et finit avec son dossier, avec votre carte ou après "
        "trente minutes. Il est interdit en vue d'un prélèvement d'organes."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def body(self) -> Iterator[Widget]:
        yield Line(f"\n{self._visit.member.name}", classes="loud")
        yield Line("\nPourquoi le patient ne peut-il pas donner son accord ?", classes="loud")
        yield Menu([MenuItem(reason) for reason in REASONS])
        yield Line("")
        yield Field("Précision", id="words", width=60, max_length=MOST)
        yield Line(
            "\nL'accès sera inscrit à votre nom dans le DMP : le patient en sera averti.\n"
            "Non autorisé pour un prélèvement d'organes."
        )

    @on(Input.Submitted)
    def back_to_the_reasons(self) -> None:
        menu = self.query_one(Menu)
        menu.focus()
        self._take(menu.items[menu.cursor].label)

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        self._take(event.item.label)

    @work(exclusive=True)
    async def _take(self, chosen: str) -> None:
        reason = reason_of(chosen, self.query_one("#words-field", Field).value)
        if not reason:
            self.say(f"Précisez le motif en {LEAST} caractères au moins, sans nommer le patient.", error=True)
            self.query_one("#words").focus()
            return
        if await self.app.push_screen_wait(
            ConfirmDialog(
                f"Ouvrir en urgence le DMP de {self._visit.member.name} ?",
                f"Motif : {reason}\n\n"
                "Vous verrez les documents du dossier, dans les limites de votre profession.\n"
                "Le patient sera averti de cet accès et de votre nom. Trente minutes au plus, ce patient seul.",
                yes="ouvrir en bris de glace",
                no="renoncer",
            )
        ):
            self.dismiss(reason)

    def action_give_up(self) -> None:
        self.dismiss(None)

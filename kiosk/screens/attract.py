"""The screen between two people: « Bonjour, insérez votre carte ». It wakes on insertion, no key needed."""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.card.admission import professional_slot, vitale_slot
from kiosk.card.readers import SlotState, Snapshot
from kiosk.errors import CardError
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import error_text
from kiosk.screens.widgets import Line

INVITATION = "Insérez votre carte CPS ou CPE"
READING = "Lecture de la carte"


class Attract(KioskScreen[None]):
    """Tells by `recognised` that the one professional card is in; stays while that card is read."""

    keys = "F1 Aide   F8 À propos   F10 Quitter la borne"
    help_text = (
        "Insérez votre carte professionnelle, puce vers le lecteur. La borne la reconnaît seule et vous "
        "demande votre code porteur.\n\nQuand vous retirez votre carte, l'écran s'efface et rien ne reste."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10", "app.leave", show=False)]

    def __init__(self) -> None:
        super().__init__()
        self.recognised: asyncio.Future[SlotState] = asyncio.get_running_loop().create_future()
        """The slot it is in."""

    def body(self) -> Iterator[Widget]:
        yield Line("\n\n\n\nBonjour\n", classes="centred loud")
        yield Line(INVITATION, id="invitation", classes="centred loud")
        yield Line("", id="trouble", classes="centred spaced")

    def on_screen_resume(self) -> None:
        """At first, and when a dialog was closed: a card may have come in meanwhile."""
        self.show(self.app.snapshot)

    def show(self, snapshot: Snapshot | None) -> None:
        """Look at the readers: tell of the professional card, or say in words what is in the way."""
        if snapshot is None or self.recognised.done():
            return
        alone = vitale_slot(snapshot) if len(snapshot.slots) == 1 else None
        if alone is not None:
            self.app.read_ahead(alone)
            return
        try:
            slot = professional_slot(snapshot)
        except CardError as trouble:
            self.tell_trouble(trouble)
            return
        ahead = self.app.vitale_ahead
        if slot is not None:
            self._write(f"{READING}…", "Laissez-la dans le lecteur.")
            self.recognised.set_result(slot)
        elif ahead is not None:
            self.tell_read_ahead(len(ahead.beneficiaries))
        else:
            self._write(INVITATION, self._tip())

    def tell_read_ahead(self, people: int) -> None:
        """One reader for both cards: the Vitale card was read first. Nobody is named before the login."""
        s = "s" if people > 1 else ""
        self._write(
            f"Carte Vitale lue ({people} personne{s}).",
            "Retirez-la, puis insérez votre carte CPS ou CPE : la lecture est gardée deux minutes.",
        )

    def tell_trouble(self, trouble: CardError) -> None:
        """What is in the way, in words."""
        self._write(trouble.what, error_text(trouble))

    def _write(self, invitation: str, below: str) -> None:
        self.query_one("#invitation", Line).update(invitation)
        self.query_one("#trouble", Line).update(below)

    def _tip(self) -> str:
        crash = self.app.station.journal.last_crash
        if crash:
            return f"La session précédente s'est arrêtée sur une erreur. Code d'assistance : {crash}"
        return "Entraînement : F9 ouvre le tiroir à cartes." if self.app.station.training else ""

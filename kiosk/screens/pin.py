"""The PIN: who the card says you are and how many tries are left stand on the screen before a digit is typed."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.card.model import PinStatus
from kiosk.errors import KioskError, PinBlocked, PinError, PinMalformed, PinWrong
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog
from kiosk.screens.widgets import Line, PinField
from kiosk.session import Session


class PinScreen(KioskScreen[None]):
    """Dismissed once the card accepted the PIN. The only other way out is the card's."""

    heading = "Code porteur"
    keys = "Entrée Valider   Échap Effacer   F1 Aide   Retirez la carte pour renoncer"
    help_text = (
        "Tapez les quatre chiffres de votre code porteur, puis Entrée. La rangée du haut du clavier convient "
        "sans la touche Majuscule.\n\nTrois codes faux bloquent la carte ; un code juste remet le compte à trois."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def body(self) -> Iterator[Widget]:
        who = self._session.professional
        yield Line(f"\nBonjour {who.display_name or 'titulaire de la carte'}", classes="loud")
        yield Line(f"{who.profession.label} · carte {who.card_type.name}", classes="spaced")
        yield Line(tries(self._session.pin_status), id="tries", classes="spaced")
        with Horizontal(classes="row spaced"):
            prompt = Line("Saisissez votre code porteur : ")
            prompt.styles.width = 32
            yield prompt
            yield PinField(self._session.pin_status.max_length, id="pin")

    def action_clear(self) -> None:
        self.query_one(PinField).wipe()

    @on(PinField.Submitted)
    @work(exclusive=True)
    async def present(self, event: PinField.Submitted) -> None:
        pin = event.pin
        field = self.query_one(PinField)
        try:
            status = self._session.pin_status
            if not status.min_length <= len(pin) <= status.max_length:
                self.say(f"{PinMalformed.what} {PinMalformed.todo}", error=True)
                return
            if status.tries_left == 1 and not await self._sure():
                return
            field.disabled = True
            await self.work("Vérification du code par la carte", lambda: self._session.present_pin(pin))
        except PinError as error:
            await self._refused(error)
        except KioskError as error:
            await self.show_error(error)
        else:
            self.dismiss(None)
        finally:
            pin[:] = bytes(len(pin))
            field.disabled = False
            field.focus()

    async def _sure(self) -> bool:
        return await self.app.push_screen_wait(
            ConfirmDialog(
                "DERNIER ESSAI avant le blocage de votre carte",
                "Si ce code est faux, la carte se bloque et il faudra votre code de déblocage.\nPrésenter ce code ?",
                yes="présenter le code",
                no="le retaper",
            )
        )

    async def _refused(self, error: PinError) -> None:
        self.query_one("#tries", Line).update(tries(self._session.pin_status))
        if isinstance(error, PinWrong):
            self.say(f"{error.what} {tries(self._session.pin_status)}", error=True)
        else:
            await self.show_error(error)
        if isinstance(error, PinBlocked):
            self.app.stop_at(error)


def tries(status: PinStatus) -> str:
    """« Essais restants : 3 sur 3 », louder when it is the last."""
    text = f"Essais restants : {status.tries_left} sur {status.max_tries}"
    return f"ATTENTION — {text}" if status.tries_left == 1 else text

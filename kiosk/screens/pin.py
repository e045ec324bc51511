"""The PIN: who the card says you are and how many tries are left stand on the screen before a digit is typed.

On this keyboard, or on the reader's own when it has one.
"""

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.card.model import PinStatus
from kiosk.errors import CardGivenUp, KioskError, PinBlocked, PinError, PinMalformed, PinNotEntered, PinWrong
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog
from kiosk.screens.widgets import Line, PinField
from kiosk.session import Session

_THREE_TRIES = "Trois codes faux bloquent la carte ; un code juste remet le compte à trois."


class CodeScreen(KioskScreen[None]):
    """Dismissed once the card accepted the PIN. The only other way out is the card's."""

    heading = "Code porteur"

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def body(self) -> Iterator[Widget]:
        who = self._session.professional
        yield Line(f"\nBonjour {who.display_name or 'titulaire de la carte'}", classes="loud")
        yield Line(f"{who.profession.label} · carte {who.card_type.name}", classes="spaced")
        yield Line(tries(self._session.pin_status), id="tries", classes="spaced")
        yield from self.entry()

    def entry(self) -> Iterator[Widget]:
        """Where the PIN is typed."""
        return iter(())

    async def verify(self, doing: str, present: Callable[[], None]) -> None:
        """Present the PIN once, and say what the card answered."""
        try:
            await self.work(doing, present)
        except PinError as error:
            await self._refused(error)
        except CardGivenUp as error:  # nobody knows whether the code was presented
            self.app.stop_at(error)
        except KioskError as error:
            await self.show_error(error)
        else:
            self.dismiss(None)

    async def sure(self) -> bool:
        """Whether the PIN may be presented: asked before the last try."""
        if self._session.pin_status.tries_left > 1:
            return True
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
        elif isinstance(error, PinNotEntered):
            self.say(f"{error.cause} {error.todo}", error=True)
        else:
            await self.show_error(error)
        if isinstance(error, PinBlocked):
            self.app.stop_at(error)


class PinScreen(CodeScreen):
    """On this keyboard."""

    keys = "Entrée Valider   Échap Effacer   F1 Aide   Retirez la carte pour renoncer"
    help_text = (
        "Tapez les quatre chiffres de votre code porteur, puis Entrée. La rangée du haut du clavier convient "
        f"sans la touche Majuscule.\n\n{_THREE_TRIES}"
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "clear", show=False)]

    def entry(self) -> Iterator[Widget]:
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
            if not await self.sure():
                return
            field.disabled = True
            await self.verify("Vérification du code par la carte", lambda: self._session.present_pin(pin))
        finally:
            pin[:] = bytes(len(pin))
            field.disabled = False
            field.focus()


class PadScreen(CodeScreen):
    """On the reader: the PIN never comes into this program."""

    keys = "Entrée Recommencer   F1 Aide   Retirez la carte pour renoncer"
    help_text = (
        "Tapez votre code porteur sur le clavier du lecteur, puis sa touche verte. Sa touche rouge annule : la carte "
        f"ne compte alors aucun essai.\n\n{_THREE_TRIES}"
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter", "ask", show=False)]

    def entry(self) -> Iterator[Widget]:
        yield Line("Tapez votre code sur le clavier du lecteur, puis la touche verte.", classes="spaced loud")

    def on_mount(self) -> None:
        self.ask()

    def action_ask(self) -> None:
        self.ask()

    @work(exclusive=True)
    async def ask(self) -> None:
        """Light the reader's keypad, once: after a refusal nothing starts again by itself."""
        if await self.sure():
            await self.verify("Le lecteur attend votre code", self._session.present_pin_on_pad)


class LockScreen(PinScreen):
    """Nobody touched the keyboard: everything is covered until the holder's code brings it back."""

    heading = "Poste verrouillé"
    help_text = (
        "Personne n'a touché le clavier : l'écran est couvert. Votre code porteur ramène tout ; sans lui, la session "
        "se ferme d'elle-même. Retirez votre carte pour partir."
    )


class PadLockScreen(PadScreen):
    """The same with the reader's keypad, which waits for a key here first: nobody may be there."""

    heading = LockScreen.heading
    help_text = LockScreen.help_text
    keys = "Entrée Déverrouiller   F1 Aide   Retirez la carte pour partir"

    def on_mount(self) -> None:
        """Lights nothing by itself."""


def lock_screen(session: Session) -> CodeScreen:
    """What covers everything, for this reader."""
    return PadLockScreen(session) if session.pin_pad else LockScreen(session)


def pin_screen(session: Session) -> CodeScreen:
    """The way this reader takes a PIN."""
    return PadScreen(session) if session.pin_pad else PinScreen(session)


def tries(status: PinStatus) -> str:
    """« Essais restants : 3 sur 3 », louder when it is the last."""
    text = f"Essais restants : {status.tries_left} sur {status.max_tries}"
    return f"ATTENTION — {text}" if status.tries_left == 1 else text

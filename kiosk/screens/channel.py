"""How the patient of an open internet account receives his one-time codes (TD1.5b): add, change or remove a channel."""

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.management import ChannelAction
from kiosk.dmp.model import OtpChannel
from kiosk.errors import KioskError, Refused
from kiosk.record import form
from kiosk.record.refusals import gone
from kiosk.record.visit import Visit
from kiosk.screens import contact
from kiosk.screens.account import ChannelChoice
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import OneOf
from kiosk.screens.dialogs import ConfirmDialog, TextDialog
from kiosk.screens.widgets import Field, Line
from kiosk.text import grouped

ALREADY_THERE = "DMPPatientAccessOTPAlreadyExists"

_ACTIONS = (ChannelAction.ADD, ChannelAction.CHANGE, ChannelAction.REMOVE)
_ACTION_WORDS = ("ajouter", "changer", "retirer")
_CHANNELS = (OtpChannel.SMS, OtpChannel.EMAIL)
_FIELDS = {OtpChannel.SMS: "mobile", OtpChannel.EMAIL: "email"}
_DONE = {
    ChannelAction.ADD: "Le canal est ajouté.",
    ChannelAction.CHANGE: "Le canal est changé.",
    ChannelAction.REMOVE: "Le canal est retiré.",
}


class ChannelScreen(KioskScreen[bool]):
    """Dismissed with True when the record turned out to be closed: the existence test must be asked again."""

    heading = "Canal du code à usage unique"
    keys = "←→ Choisir   Tab ou ↓ Champ suivant   F10 Valider   Échap Renoncer   F1 Aide"
    help_text = (
        "À chaque connexion, le patient reçoit un code par SMS ou par courrier électronique. Relisez-lui le numéro "
        "ou l'adresse : un code envoyé ailleurs ne se rattrape pas.\n\n"
        "« ajouter » donne un canal qui n'existe pas encore, « changer » remplace le numéro ou l'adresse connue, "
        "« retirer » supprime le canal. Le même numéro ou la même adresse doit aussi figurer dans les données "
        "administratives."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "send", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit, *, email: str = "", mobile: str = "") -> None:
        """`email`, `mobile`: what the fields show first, where they are known."""
        super().__init__()
        self._visit, self._email, self._mobile = visit, email, mobile
        self._checks: dict[str, Callable[[str], form.Check]] = {
            "mobile": form.check_mobile,
            "email": form.check_email,
        }

    def body(self) -> Iterator[Widget]:
        yield Line(f"\n{self._visit.member.name}", classes="loud")
        yield Line("\nPar où le patient recevra-t-il son code à usage unique ?\n")
        yield OneOf("Action", _ACTION_WORDS, id="action")
        yield OneOf("Canal", ("SMS (recommandé)", "courrier électronique"), id="channel")
        yield Line("")
        yield Field("Portable", self._mobile, id="mobile", width=22, max_length=20)
        yield Field("E-mail", self._email, id="email", width=56, max_length=254)

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        contact.mark(self, name, self._checks[name](event.value))

    @on(Input.Submitted)
    def submit(self) -> None:
        self.action_send()

    @work(exclusive=True)
    async def action_send(self) -> None:
        action = _ACTIONS[self.query_one("#action", OneOf).index]
        choice = self._choice(action)
        if choice is None:
            return
        words = f"{_ACTION_WORDS[_ACTIONS.index(action)].capitalize()} : {told(choice)}"
        question = ConfirmDialog(words, "Relisez-le au patient : est-ce bien cela ?", yes="envoyer")
        if not await self.app.push_screen_wait(question):
            self.say("Rien n'a été envoyé.")
            return
        await self._send(action, choice)

    async def _send(self, action: ChannelAction, choice: ChannelChoice) -> None:
        """Tell the DMP; a channel that is there already may be changed instead."""
        try:
            await self.work(
                "Demande au DMP",
                lambda: self._visit.set_channel(choice.channel, choice.address, action),
            )
        except KioskError as error:
            there = isinstance(error, Refused) and error.server_code == ALREADY_THERE
            if there and action is ChannelAction.ADD:
                if await self.app.push_screen_wait(
                    ConfirmDialog(
                        "Le patient a déjà un canal de cette sorte.",
                        f"Réponse du service : {ALREADY_THERE}\n\nLe changer pour : {told(choice)} ?",
                        yes="changer",
                        no="laisser comme il est",
                    )
                ):
                    await self._send(ChannelAction.CHANGE, choice)
                return
            await self.show_error(error)
            if gone(error):
                self.dismiss(True)
            return
        await self.app.push_screen_wait(
            TextDialog(
                _DONE[action],
                f"{told(choice)}\n\nLes données administratives du DMP doivent dire la même chose.",
            )
        )
        self.dismiss(False)

    def action_give_up(self) -> None:
        self.dismiss(False)

    def _choice(self, action: ChannelAction) -> ChannelChoice | None:
        """The channel and where it leads; None after saying what is missing."""
        channel = _CHANNELS[self.query_one("#channel", OneOf).index]
        name = _FIELDS[channel]
        typed = self.query_one(f"#{name}-field", Field).value
        check = self._checks[name](typed)
        if not typed and action is not ChannelAction.REMOVE:
            # Whether the service wants to be told what it removes is [unknown]: then its answer says so.
            check = form.Check("Ce champ est nécessaire pour ce choix.")
        if check.problem:
            contact.mark(self, name, check)
            self.query_one(f"#{name}").focus()
            return None
        return ChannelChoice(channel, form.phone_digits(typed) if channel is OtpChannel.SMS else typed)


def told(choice: ChannelChoice) -> str:
    """A channel in words that can be read aloud digit by digit."""
    if choice.channel is OtpChannel.SMS:
        number = f" au {grouped(choice.address, 2)}" if choice.address else ""
        return f"SMS{number}"
    return f"courrier électronique{f' à {choice.address}' if choice.address else ''}"

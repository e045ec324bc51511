"""The patient's internet account: where its one-time codes will arrive, SMS or e-mail (TD1.5a)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.model import OtpChannel
from kiosk.record import form
from kiosk.screens.base import KioskScreen
from kiosk.screens.widgets import Field, Line, Menu, MenuItem


@dataclass(frozen=True, repr=False)
class ChannelChoice:
    channel: OtpChannel
    address: str
    """Telephone digits or e-mail address."""


class ChooseChannel(KioskScreen[ChannelChoice | None]):
    """Dismissed with the channel, or None when the user gives up."""

    heading = "Compte internet du patient"
    keys = "↑↓ Choisir   Tab Champ suivant   F10 Valider   Échap Renoncer   F1 Aide"
    help_text = (
        "À chaque connexion, le patient reçoit un code à usage unique. Relisez-lui le numéro chiffre par chiffre : "
        "un code envoyé ailleurs ne se rattrape pas.\n\nEnsuite la borne imprime le document des secrets. "
        "Les codes ne sont jamais affichés."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "take", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, email: str, mobile: str) -> None:
        super().__init__()
        self._email, self._mobile = email, mobile

    def body(self) -> Iterator[Widget]:
        yield Line("\nOù le patient recevra-t-il son code à usage unique ?\n", classes="loud")
        yield Menu([MenuItem("Par SMS (recommandé)", "SMS"), MenuItem("Par courrier électronique", "EMAIL")],
                   cursor=0 if self._mobile or not self._email else 1)  # fmt: skip
        yield Line("")
        yield Field("Portable", self._mobile, id="mobile", width=22, max_length=20)
        yield Field("E-mail", self._email, id="email", width=56, max_length=254)

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        check = self._checks()[event.input.id or ""](event.value)
        self.say(check.problem or check.hint, error=bool(check.problem))

    @on(Input.Submitted)
    def back_to_the_choice(self) -> None:
        self.query_one(Menu).focus()

    @on(Menu.Chosen)
    def action_take(self) -> None:
        menu = self.query_one(Menu)
        channel = OtpChannel(menu.items[menu.cursor].key)
        name = "mobile" if channel is OtpChannel.SMS else "email"
        address = self.query_one(f"#{name}-field", Field).value
        problem = (
            self._checks()[name](address).problem if address else "Ce champ est nécessaire pour ce choix."
        )
        if problem:
            self.say(problem, error=True)
            self.query_one(f"#{name}").focus()
            return
        self.dismiss(ChannelChoice(channel, form.phone_digits(address) if name == "mobile" else address))

    def action_give_up(self) -> None:
        self.dismiss(None)

    def _checks(self) -> dict[str, Callable[[str], form.Check]]:
        return {"mobile": form.check_mobile, "email": form.check_email}

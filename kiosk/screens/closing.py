"""Closing a record at the patient's request (TD1.4): what it means and why, then a word that must be typed."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.card.nir import sex_of
from kiosk.dmp.management import Closing
from kiosk.record import form, lifecycle
from kiosk.record.visit import Visit
from kiosk.screens import contact
from kiosk.screens.base import Dialog, KioskScreen
from kiosk.screens.dialogs import TextDialog
from kiosk.screens.widgets import Field, Line
from kiosk.text import card_birth_date

WORD = "FERMER"
MAX_REASON = 200
"""Of the free text; the service's own limit is [unknown]."""

_MEANING = (
    "Fermer un DMP, c'est en interdire l'accès : plus aucun professionnel ne peut le lire ni l'alimenter, "
    "pas même en urgence. Les documents restent conservés, puis sont détruits au terme prévu par la loi.\n"
    "Le patient peut faire réactiver son DMP pendant ce temps.\n\n"
    "Un professionnel ne peut fermer un DMP qu'à la demande du patient."
)


class ClosingScreen(KioskScreen[bool]):
    """Dismissed with True when the record is closed, by this or already; False when nothing was closed."""

    heading = "Fermer le DMP à la demande du patient"
    keys = "Tab ou ↓ Champ suivant   F10 Continuer   Échap Renoncer   F1 Aide"
    help_text = (
        "Expliquez au patient ce que la fermeture entraîne. Si son souci est un professionnel ou un document, il "
        "peut plutôt bloquer l'un ou masquer l'autre.\n\nLe motif, en vos mots, part au DMP avec la demande ; il "
        "peut rester vide. N'y écrivez aucune donnée de santé. F10 demande une dernière confirmation, Échap revient "
        "sans rien envoyer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "confirm", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def body(self) -> Iterator[Widget]:
        civility = {"M": "M", "F": "Mme"}.get(sex_of(self._visit.member.beneficiary.nir), "")
        yield Line(f"\n{_who(self._visit)}", classes="loud")
        yield Line(f"\n{_MEANING}\n")
        yield Field("Motif", id="reason", width=60, max_length=MAX_REASON)
        yield Field("Civilité *", civility, id="civility", width=6, max_length=3)

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        contact.mark(self, name, self._check(name))

    @on(Input.Submitted)
    def next_field(self) -> None:
        self.focus_next()

    @work(exclusive=True)
    async def action_confirm(self) -> None:
        for name in ("reason", "civility"):
            check = self._check(name)
            if check.problem:
                contact.mark(self, name, check)
                self.query_one(f"#{name}").focus()
                return
        if not await self.app.push_screen_wait(ClosingDialog(_who(self._visit))):
            self.say("Rien n'a été envoyé : le DMP reste ouvert.")
            return
        asked = self._form()
        now = await self.attempt("Fermeture du DMP", lambda: lifecycle.close(self._visit, asked))
        if now is None:
            return
        told = (
            ("Le DMP du patient est fermé.", "Plus personne n'y a accès. Le patient peut le faire réactiver.")
            if now
            else ("Le DMP du patient était déjà fermé.", "Il l'était avant cette demande.")
        )
        await self.app.push_screen_wait(TextDialog(*told))
        self.dismiss(True)

    def action_give_up(self) -> None:
        self.dismiss(False)

    def _check(self, name: str) -> form.Check:
        text = self._value(name)
        return form.check_civility(text) if name == "civility" else form.check_length(text, MAX_REASON)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value

    def _form(self) -> Closing:
        person = self._visit.member.beneficiary
        return Closing(
            patient=self._visit.patient,
            civility=self._value("civility").capitalize(),
            usual_name=person.usual_name,
            birth_name=person.birth_name,
            given_name=person.given_name,
            reason=self._value("reason"),
        )


class ClosingDialog(Dialog[bool]):
    """Names the patient; only the word typed in full says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, who: str) -> None:
        super().__init__()
        self._who = who

    def body(self) -> Iterator[Widget]:
        yield Line("Fermer ce DMP ?", classes="loud")
        yield Line(self._who, classes="spaced loud")
        yield Line(
            f"Le patient est présent et le demande : tapez {WORD}, puis Entrée.\n"
            "Échap : renoncer, rien n'est envoyé.",
            classes="spaced",
        )
        yield Line("")
        yield Field("Confirmation", id="word", width=10, max_length=10)
        yield Line("", id="refusal")

    @on(Input.Submitted)
    def answer(self, event: Input.Submitted) -> None:
        if event.value.strip().upper() == WORD:
            self.dismiss(True)
        else:
            self.query_one("#refusal", Line).update(f"! Ce n'est pas le mot {WORD} : rien n'est envoyé.")

    def action_give_up(self) -> None:
        self.dismiss(False)


def _who(visit: Visit) -> str:
    return f"{visit.member.name}   né(e) le {card_birth_date(visit.member.beneficiary.birth_date)}"

"""For whom the holder of a CPE deposits: a professional of the structure, remembered, or named once (2.1-950)."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.card import nomenclature
from kiosk.code import Code
from kiosk.dmp.deposit import Writer, author_speciality
from kiosk.dmp.model import Actor
from kiosk.record import form
from kiosk.screens import contact
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import CodeField
from kiosk.screens.widgets import Field, Line, Menu, MenuItem

_RPPS_LENGTH = 11
_WITH_SPECIALITY = (nomenclature.DOCTOR, nomenclature.PHARMACIST)


class ChooseAuthor(KioskScreen[Writer | str | None]):
    """Dismissed with a professional, `"another"`, or None."""

    heading = "Pour quel professionnel ?"
    keys = "↑↓ ou chiffre Choisir   Échap Renoncer   F1 Aide"
    help_text = (
        "Un document déposé par le secrétariat a deux auteurs : le professionnel qui l'a écrit et vous. La borne se "
        "souvient des derniers que vous avez nommés dans cette structure."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f10", "give_up", show=False)]

    def __init__(self, remembered: Sequence[Writer]) -> None:
        super().__init__()
        self._remembered = remembered

    def body(self) -> Iterator[Widget]:
        yield Line("\nQui a écrit les documents que vous déposez ?\n", classes="loud")
        items = [
            MenuItem(f"{who.family_name} {who.given_name}\n{who.speciality.label}")
            for who in self._remembered
        ]
        yield Menu([*items, MenuItem("Un autre professionnel de la structure")])

    @on(Menu.Chosen)
    def choose(self, event: Menu.Chosen) -> None:
        known = event.index < len(self._remembered)
        self.dismiss(self._remembered[event.index] if known else "another")

    def action_give_up(self) -> None:
        self.dismiss(None)


class AuthorScreen(KioskScreen[Writer | None]):
    """Dismissed with the professional named, or None."""

    heading = "Le professionnel qui a écrit le document"
    keys = "Tab Suivant   ↑↓ Entrée Choisir   F10 Valider   Échap Renoncer   F1 Aide"
    help_text = (
        "Le DMP montre le document sous son nom, avec sa profession et votre structure. Son numéro RPPS a onze "
        "chiffres : il est sur sa carte et sur ses ordonnances."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "take", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, actor: Actor) -> None:
        super().__init__()
        self._actor = actor

    def body(self) -> Iterator[Widget]:
        yield Line(f"\n{self._actor.structure_name}\n", classes="loud")
        yield Field("RPPS *", id="rpps", width=14, max_length=14)
        yield Field("Nom *", id="family", width=44, max_length=form.MAX_NAME)
        yield Field("Prénom *", id="given", width=44, max_length=form.MAX_GIVEN_NAME)
        yield CodeField("Profession *", nomenclature.professions(), id="profession")
        yield CodeField("Spécialité", _specialities(), id="speciality")

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        if name in ("rpps", "family", "given"):
            contact.mark(self, name, self._check(name))

    @on(Input.Submitted)
    def next_field(self) -> None:
        self.focus_next()

    def action_take(self) -> None:
        for name in ("rpps", "family", "given"):
            check = self._check(name)
            if check.problem:
                contact.mark(self, name, check)
                self.query_one(f"#{name}").focus()
                return
        profession = self.query_one("#profession-choice", CodeField).chosen
        if profession is None:
            self.say(
                "Choisissez la profession dans la liste : tapez quelques lettres, puis Entrée.", error=True
            )
            self.query_one("#profession").focus()
            return
        actor = Actor(
            national_id=f"8{self._digits()}",
            family_name=self._value("family").upper(),
            given_name=self._value("given").upper(),
            profession=profession,
            speciality=self._speciality(profession),
            structure_id=self._actor.structure_id,
            structure_name=self._actor.structure_name,
            sector=self._actor.sector,
        )
        self.dismiss(
            Writer(
                actor.national_id,
                actor.family_name,
                actor.given_name,
                author_speciality(actor),
                actor.structure_id,
                actor.structure_name,
            )
        )

    def action_give_up(self) -> None:
        self.dismiss(None)

    def _speciality(self, profession: Code) -> Code | None:
        """Only with the profession it belongs to."""
        chosen = self.query_one("#speciality-choice", CodeField).chosen
        fits = chosen is not None and nomenclature.is_speciality(chosen.code, profession.code)
        return chosen if fits and profession.code in _WITH_SPECIALITY else None

    def _check(self, name: str) -> form.Check:
        if name == "rpps":
            digits = self._digits()
            right = digits.isascii() and digits.isdigit() and len(digits) == _RPPS_LENGTH
            return form.Check("" if right else "RPPS : onze chiffres.")
        return form.check_name(self._value(name), form.MAX_NAME if name == "family" else form.MAX_GIVEN_NAME)

    def _digits(self) -> str:
        """A number copied with its leading 8, as cards write it, is understood."""
        digits = "".join(self._value("rpps").split())
        return digits[1:] if len(digits) == _RPPS_LENGTH + 1 and digits.startswith("8") else digits

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value


def _specialities() -> tuple[Code, ...]:
    return tuple(code for profession in _WITH_SPECIALITY for code in nomenclature.specialities(profession))

"""Changing address, contact and oppositions (TD1.3b): a form, the list of what changes, and only then the sending.

Everything else the service returned goes back as it came: identity and legal representative are neither shown nor
touched here.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from enum import Enum
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.management import AdministrativeData
from kiosk.errors import KioskError
from kiosk.record import form, lifecycle
from kiosk.record.refusals import gone
from kiosk.record.visit import Visit
from kiosk.screens import contact
from kiosk.screens.base import Dialog, KioskScreen
from kiosk.screens.choice import OneOf
from kiosk.screens.reading import Reading
from kiosk.screens.widgets import Field, Line

_WORDS = {False: "accès autorisé", True: "accès REFUSÉ", None: "non indiqué"}
_LABELS = {
    "street": "Adresse",
    "complement": "Complément",
    "postcode": "Code postal",
    "city": "Ville",
    "country": "Pays",
    "email": "E-mail",
    "phone": "Tél. fixe",
    "mobile": "Portable",
}
_ATTACHED = (
    "Ce DMP est rattaché à Mon espace santé : le patient y tient ses données lui-même et le service peut "
    "refuser cette modification."
)
_SERVES = " : le canal du code du compte internet se change au menu du dossier"
"""One-time codes go where the account says, not where these data do. [likely]"""


class Edited(Enum):
    """How the form was left."""

    SAVED = "saved"
    NOTHING = "nothing"
    GONE = "gone"
    """The service said that the record is not open any more."""


@dataclass(frozen=True, repr=False)
class Change:
    """One line of what is about to be sent, as people read it."""

    label: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.label} : {self.before or '(vide)'} → {self.after or '(vide)'}"


class AdministrativeForm(KioskScreen[Edited]):
    """What was typed stays when the service refuses."""

    heading = "Modifier les données administratives"
    keys = "Tab Suivant   ←→ Opposition   F10 Relire et envoyer   Échap Annuler   F1 Aide"
    help_text = (
        "Changez ce qui doit l'être ; le reste repart tel que le DMP l'a donné. F10 montre la liste des champs "
        "changés, avant et après : vérifiez-la avec le patient, puis O l'envoie.\n\n"
        "Le patient décide seul si son DMP peut être ouvert en urgence : « accès REFUSÉ » ferme le bris de glace "
        "ou le centre 15. Échap revient sans rien envoyer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "send", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, visit: Visit, data: AdministrativeData) -> None:
        super().__init__()
        self._visit, self._data = visit, data
        self._first = first_values(data)
        self._checks = contact.checks(self._value)

    def body(self) -> Iterator[Widget]:
        data = self._data
        yield Line(self._visit.member.name, classes="loud")
        yield Line("ADRESSE", classes="section")
        yield from contact.address_rows(self._first)
        yield Line(f"CONTACT{_SERVES if data.internet_account else ''}", classes="section")
        yield from contact.contact_rows(self._first)
        yield Line("ACCÈS EN URGENCE : ce que le patient veut", classes="section")
        yield _choice("Bris de glace", data.opposed_to_break_glass, "break-glass")
        yield _choice("Centre 15", data.opposed_to_regulation, "regulation")
        if data.attached_to_mes:
            yield Line(f"\n{_ATTACHED}")

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        contact.mark(self, name, self._check(name))

    @on(Input.Submitted)
    def next_field(self) -> None:
        self.focus_next()

    @work(exclusive=True)
    async def action_send(self) -> None:
        for name in contact.NAMES:
            check = self._check(name)
            if check.problem:
                contact.mark(self, name, check)
                self.query_one(f"#{name}").focus()
                return
        after = self._edited()
        changed = changes(self._data, after)
        if not changed:
            self.say("Rien n'a changé : il n'y a rien à envoyer.")
            return
        if not await self.app.push_screen_wait(ChangesDialog(changed)):
            return
        try:
            await self.work("Mise à jour du DMP", lambda: lifecycle.update(self._visit, self._data, after))
        except KioskError as error:
            await self.show_error(error)
            if gone(error):
                self.dismiss(Edited.GONE)
            return
        self.dismiss(Edited.SAVED)

    def action_give_up(self) -> None:
        self.dismiss(Edited.NOTHING)

    def _check(self, name: str) -> form.Check:
        """What the service holds is not the user's mistake: only what was typed is judged."""
        typed = self._value(name)
        return form.Check() if typed == self._first[name].strip() else self._checks[name](typed)

    def _edited(self) -> AdministrativeData:
        typed = {name: self._value(name) for name in contact.NAMES}
        return edited(
            self._data,
            typed,
            opposed_to_break_glass=_chosen(self.query_one("#break-glass", OneOf)),
            opposed_to_regulation=_chosen(self.query_one("#regulation", OneOf)),
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value


class ChangesDialog(Dialog[bool]):
    """Exactly what will change, before → after; O sends it, N goes back to the form."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "answer(True)", show=False),
        Binding("n,escape", "answer(False)", show=False),
    ]

    def __init__(self, changed: list[Change]) -> None:
        super().__init__()
        self._changed = changed

    def body(self) -> Iterator[Widget]:
        count = len(self._changed)
        yield Line(f"{count} champ{'s' if count > 1 else ''} à modifier dans le DMP", classes="loud")
        yield Line("")
        yield Reading([str(change) for change in self._changed], at_most=12)
        yield Line("O : envoyer    N : revenir au formulaire", classes="loud")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)


def first_values(data: AdministrativeData) -> dict[str, str]:
    """What the form shows first, by field."""
    return contact.shown(data.address, data.email, data.phone, data.mobile)


def edited(
    data: AdministrativeData,
    typed: Mapping[str, str],
    *,
    opposed_to_break_glass: bool | None,
    opposed_to_regulation: bool | None,
) -> AdministrativeData:
    """`data` with what was typed over it; a field that still shows what it showed first keeps the service's value."""
    first = first_values(data)

    def now(name: str, held: str) -> str:
        return held if typed[name] == first[name].strip() else typed[name]

    def number(name: str, held: str) -> str:
        digits = form.phone_digits(typed[name])
        return held if digits == form.phone_digits(held) else digits

    where = data.address
    return replace(
        data,
        address=replace(
            where,
            lines=now("street", where.lines),
            complement=now("complement", where.complement),
            postal_code=now("postcode", where.postal_code),
            city=now("city", where.city),
            country=now("country", where.country),
        ),
        email=now("email", data.email),
        phone=number("phone", data.phone),
        mobile=number("mobile", data.mobile),
        opposed_to_break_glass=opposed_to_break_glass,
        opposed_to_regulation=opposed_to_regulation,
    )


def changes(before: AdministrativeData, after: AdministrativeData) -> list[Change]:
    """The fields that differ, in the order of the form."""
    then, now = first_values(before), first_values(after)
    changed = [
        Change(_LABELS[name], then[name], now[name]) for name in contact.NAMES if then[name] != now[name]
    ]
    for label, was, becomes in (
        ("Bris de glace", before.opposed_to_break_glass, after.opposed_to_break_glass),
        ("Centre 15", before.opposed_to_regulation, after.opposed_to_regulation),
    ):
        if was is not becomes:
            changed.append(Change(label, _WORDS[was], _WORDS[becomes]))
    return changed


def _choice(label: str, opposed: bool | None, name: str) -> OneOf:
    """A position the service does not tell stays untold until somebody chooses one."""
    answers: list[bool | None] = [False, True] if opposed is not None else [False, True, None]
    return OneOf(label, [_WORDS[answer] for answer in answers], index=answers.index(opposed), id=name)


def _chosen(one_of: OneOf) -> bool | None:
    return (False, True, None)[one_of.index]

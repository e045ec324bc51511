"""Where the holder works, when the card does not say: declared on one screen, checked while it is typed.

For people in training (CPF, 0.1-170) and substitutes (0.1-180). The list of what was declared before is
`kiosk.screens.activity`.
"""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk import attachment
from kiosk.attachment import ID_KINDS, Attachment
from kiosk.card import nomenclature
from kiosk.record import form
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import CodeField, OneOf
from kiosk.screens.widgets import Field, Line
from kiosk.session import Session


class AttachmentScreen(KioskScreen[Attachment | None]):
    """Dismissed with what was declared; None when a holder who already works somewhere changed his mind."""

    heading = "Rattachement à une structure"
    keys = "Tab Suivant   ←→ Type   ↑↓ Entrée Choisir dans la liste   F10 Valider   F1 Aide"
    help_text = (
        "Votre carte (formation ou remplacement) ne dit pas où vous travaillez : le DMP doit le savoir.\n\n"
        "Demandez à la structure son numéro FINESS (hôpital, pharmacie, centre de santé), SIRET, ou le numéro "
        "RPPS et le rang du cabinet que vous remplacez. Le secteur et la spécialité se choisissent en tapant "
        "quelques lettres.\n\nLa borne s'en souvient jusqu'à la date de fin, puis l'oublie. Échap revient en "
        "arrière si vous étiez déjà rattaché ; sinon, retirez la carte pour renoncer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "declare", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, session: Session, former: Attachment | None = None) -> None:
        """`former`: what the fields show first."""
        super().__init__()
        self._session, self._former = session, former
        who = session.professional
        self._asks_speciality = attachment.must_give_speciality(who)

    def body(self) -> Iterator[Widget]:
        who, former = self._session.professional, self._former
        kind = attachment.kind_of(former.structure_id) if former else ID_KINDS[0]
        yield Line("\nVotre carte ne dit pas où vous travaillez : déclarez-le, avec une date de fin.\n")
        yield OneOf("Identifiant", [k.label for k in ID_KINDS], index=ID_KINDS.index(kind), id="kind")
        yield Field(
            "Numéro *", former.structure_id[1:] if former else "", id="number", width=20, max_length=20
        )
        yield Field("Nom *", former.structure_name if former else "", id="name", width=60,
                    max_length=attachment.NAME_LENGTH)  # fmt: skip
        yield CodeField("Secteur *", nomenclature.sectors(), former.sector if former else None, id="sector")
        if self._asks_speciality:
            specialities = nomenclature.specialities(who.profession.code)
            yield CodeField(
                "Spécialité *", specialities, former.speciality if former else None, id="speciality"
            )
        elif who.speciality is not None:
            yield Field("Spécialité", who.speciality.label, id="speciality", width=60, locked=True)
        yield Field(
            "Jusqu'au *", f"{former.until:%d/%m/%Y}" if former else "", id="end", width=12, max_length=10
        )

    @on(OneOf.Changed)
    def check_number_again(self) -> None:
        if self._text("number"):
            self._show("number", self._check("number"))

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        if name in ("sector", "speciality"):
            self._show(name, form.Check())  # half a word is no mistake
        else:
            self._show(name, self._check(name))

    @on(CodeField.Chosen)
    def nothing_wrong_any_more(self, event: CodeField.Chosen) -> None:
        self._show(event.field.field.input.id or "", form.Check())

    @on(Input.Submitted)
    def next_field(self, event: Input.Submitted) -> None:
        if event.input.id == "end":
            self.action_declare()
        else:
            self.focus_next()

    def action_declare(self) -> None:
        for name in self._names():
            check = self._check(name)
            if check.problem:
                self._show(name, check)
                self.query_one(f"#{name}").focus()
                return
        self.dismiss(self._declared())

    def action_give_up(self) -> None:
        if self._session.logged_in:
            self.dismiss(None)
        else:
            self.say("Retirez la carte pour renoncer.")

    def _names(self) -> tuple[str, ...]:
        return ("number", "name", "sector", *(("speciality",) if self._asks_speciality else ()), "end")

    def _check(self, name: str) -> form.Check:
        match name:
            case "number":
                return attachment.check_number(ID_KINDS[self.query_one(OneOf).index], self._text(name))
            case "name":
                return attachment.check_name(self._text(name))
            case "end":
                return attachment.check_end(
                    self._text(name),
                    today=self._session.local_date(),
                    card_end=self._session.professional.valid_until.astimezone().date(),
                )
            case _:
                chosen = self.query_one(f"#{name}-choice", CodeField).chosen
                wanted = "Choisissez dans la liste : tapez quelques lettres, puis Entrée."
                return form.Check("" if chosen else wanted)

    def _show(self, name: str, check: form.Check) -> None:
        self.query_one(f"#{name}-field", Field).set_class(bool(check.problem), "-wrong")
        self.say(check.problem or check.hint, error=bool(check.problem))

    def _text(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value

    def _declared(self) -> Attachment:
        sector = self.query_one("#sector-choice", CodeField).chosen
        speciality = self.query_one("#speciality-choice", CodeField).chosen if self._asks_speciality else None
        end = attachment.parse_end(self._text("end"))
        assert sector is not None
        assert end is not None
        kind = ID_KINDS[self.query_one(OneOf).index]
        number = attachment.bare_number(self._text("number"))
        return Attachment(kind.digit + number, self._text("name"), sector, speciality, end)

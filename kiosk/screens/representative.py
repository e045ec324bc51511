"""Who acts for the patient: a minor's parent, a protected adult's guardian (RG_1060 of the creation)."""

from collections.abc import Callable, Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.model import Address, LegalRepresentative
from kiosk.record import form, relationships
from kiosk.screens import contact
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import CodeField
from kiosk.screens.widgets import Field, Line


class RepresentativeScreen(KioskScreen[LegalRepresentative | None]):
    """Dismissed with the representative, or None: then nothing is sent, the creation waits underneath."""

    heading = "Représentant légal du patient"
    keys = "Tab Champ suivant   ↑↓ Entrée Qualité   F10 Continuer   Échap Revenir   F1 Aide"
    help_text = (
        "Pour un mineur ou un majeur protégé, le DMP demande qui agit en son nom. La qualité se choisit en tapant "
        "quelques lettres (mère, père, tuteur…). Les champs * sont obligatoires.\n\n"
        "Le téléphone et l'adresse électronique sont les siens, pas ceux du patient. F10 envoie la création, Échap "
        "revient au formulaire sans rien envoyer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "continue", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, patient: str, address: Address, former: LegalRepresentative | None = None) -> None:
        """`address` is the patient's: families mostly share one. `former`: what was already typed here."""
        super().__init__()
        self._patient, self._former = patient, former
        self._first = (
            contact.shown(former.address, former.email, former.phone, former.mobile)
            if former
            else contact.shown(address, "", "", "")
        )
        self._checks: dict[str, Callable[[str], form.Check]] = {
            "quality": lambda text: form.Check(),  # half a word is no mistake
            "civility": form.check_civility,
            "family": lambda text: form.check_name(text, form.MAX_NAME),
            "given": lambda text: form.check_name(text, form.MAX_GIVEN_NAME),
            **contact.checks(self._value),
        }

    def body(self) -> Iterator[Widget]:
        former = self._former
        yield Line(f"Qui agit pour {self._patient} ?", classes="loud")
        yield CodeField(
            "Qualité *", relationships.relationships(), former.relationship if former else None, id="quality"
        )
        yield Horizontal(
            Field("Civilité *", former.civility if former else "", id="civility", width=6, max_length=3),
            Field("Nom *", former.family_name if former else "", id="family", width=30, label_width=7),
            classes="row",
        )
        yield Field("Prénom *", former.given_name if former else "", id="given", width=44)
        yield Line("SON ADRESSE", classes="section")
        yield from contact.address_rows(self._first)
        yield Line("SON CONTACT", classes="section")
        yield from contact.contact_rows(self._first)

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        contact.mark(self, name, self._checks[name](event.value))

    @on(CodeField.Chosen)
    def civility_follows(self, event: CodeField.Chosen) -> None:
        """A mother is « Mme »: what the quality already says is not typed again."""
        known = relationships.civility(event.field.chosen.code) if event.field.chosen else ""
        if known:
            self.query_one("#civility", Input).value = known

    @on(Input.Submitted)
    def next_field(self) -> None:
        self.focus_next()

    def action_continue(self) -> None:
        if self.query_one(CodeField).chosen is None:
            self._refuse("quality", form.Check("La qualité du représentant est à choisir dans la liste."))
            return
        for name, rule in self._checks.items():
            check = rule(self._value(name))
            if check.problem:
                self._refuse(name, check)
                return
        self.dismiss(self._representative())

    def action_give_up(self) -> None:
        self.dismiss(None)

    def _refuse(self, name: str, check: form.Check) -> None:
        self.query_one(f"#{name}").focus()
        contact.mark(self, name, check)

    def _representative(self) -> LegalRepresentative:
        relationship = self.query_one(CodeField).chosen
        assert relationship is not None
        return LegalRepresentative(
            relationship=relationship,
            civility=self._value("civility").capitalize(),
            family_name=self._value("family"),
            given_name=self._value("given"),
            address=contact.address_of(self._value),
            phone=form.phone_digits(self._value("phone")),
            mobile=form.phone_digits(self._value("mobile")),
            email=self._value("email"),
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value

"""Search without a card, in a regulation centre only (TD0.5): what the caller says, strict or approximate."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk import attendance
from kiosk.card.model import Beneficiary
from kiosk.dmp.listing import FoundPatient, RegulationSearch
from kiosk.errors import KioskError, Refused
from kiosk.patient import Member
from kiosk.record import form
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import OneOf
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Field, Line, Tick
from kiosk.session import Session
from kiosk.text import card_birth_date

_SEXES = ("", "F", "M")


class FoundRows(Rows[FoundPatient]):
    """Never the identifier (EX_0.5-1020)."""

    def line(self, item: FoundPatient, width: int) -> str:
        name = f"{item.usual_name or item.birth_name} {item.given_name}"
        likeness = f"{item.likeness} %" if item.likeness is not None else ""
        return (
            f"{name[:30]:<30} {item.sex:<1} {card_birth_date(item.birth_date):<10} "
            f"{f'{item.postal_code} {item.city}'[:22]:<22} {likeness}"
        )


class RegulationSearchScreen(KioskScreen[None]):
    """The record is opened over it; everybody else of the answer is forgotten then (EX_0.5-1030)."""

    heading = "Recherche sans carte — centre de régulation"
    keys = "Tab Suivant   Espace Cocher   Entrée Chercher, ouvrir   F10 Retour   F1 Aide"
    help_text = (
        "Donnez au moins un nom de deux lettres ou une date de naissance ; Entrée ou F5 cherche. « Approchant » "
        "accepte les fautes de frappe. Au-delà de dix personnes le DMP demande d'affiner. Les personnes opposées à "
        "l'accès par le centre 15 et les DMP fermés n'apparaissent pas."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("f5", "search", show=False),
    ]

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session

    def body(self) -> Iterator[Widget]:
        yield Horizontal(
            Field("Nom", id="family", width=24, max_length=80),
            Field("Prénom", id="given", width=22, label_width=8, max_length=60),
            classes="row",
        )
        yield Tick("Nom approchant", id="near-name")
        yield Horizontal(
            Field("Né(e) le", id="birth", width=11, max_length=10),
            Field("Code postal", id="postcode", width=7, label_width=12, max_length=10),
            Field("Ville", id="city", width=18, label_width=6, max_length=38),
            classes="row",
        )
        yield Tick("Ville approchante", id="near-city")
        yield OneOf("Sexe", ("indifférent", "féminin", "masculin"), id="sex")
        yield Line("", id="count", classes="loud")
        yield FoundRows(id="found", empty="")

    def on_mount(self) -> None:
        self.query_one("#family").focus()

    @on(Input.Submitted)
    def search_as_typed(self) -> None:
        self.action_search()

    @work(exclusive=True)
    async def action_search(self) -> None:
        birth = self._value("birth")
        check = form.check_birth_date(birth, today=self._session.today()) if birth else form.Check()
        if check.problem:
            self.say(check.problem, error=True)
            return
        search = RegulationSearch(
            family_name=self._value("family"),
            given_name=self._value("given"),
            approximate_name=self.query_one("#near-name", Tick).value,
            birth_date=form.date_digits(birth),
            sex=_SEXES[self.query_one(OneOf).index],
            postal_code=self._value("postcode"),
            city=self._value("city"),
            approximate_city=self.query_one("#near-city", Tick).value,
        )
        if len(search.family_name) < 2 and not search.birth_date:
            self.say("Donnez un nom de deux lettres au moins, ou une date de naissance.", error=True)
            return
        try:
            result = await self.work(
                "Recherche",
                lambda: self._session.call("TD0.5", None, lambda dmp: dmp.search_patients(search)),
            )
        except Refused as refusal:
            if refusal.server_code != "DMPTooManyResult":
                await self.show_error(refusal)
                return
            self.query_one(FoundRows).show(())
            self.say(
                "Trop de réponses : affinez avec le prénom, la date de naissance ou la ville.", error=True
            )
            return
        except KioskError as error:
            await self.show_error(error)
            return
        self.app.refresh_states()
        rows = self.query_one(FoundRows)
        rows.show(result.patients)
        found = len(result.patients)
        self.query_one("#count", Line).update(
            f"{found} personne(s)" + (f", {result.remaining} de plus : affinez" if result.remaining else "")
            if found
            else "Personne ne correspond."
        )
        if found:
            rows.focus()

    @on(Rows.Chosen)
    @work(exclusive=True)
    async def open(self) -> None:
        rows = self.query_one(FoundRows)
        chosen = rows.chosen
        if chosen is not None:
            rows.show(())
            self.query_one("#count", Line).update("")
            await attendance.open_member(self.app, self, self._session, found_member(self._session, chosen))

    def action_back(self) -> None:
        self.dismiss(None)

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value


def found_member(session: Session, found: FoundPatient) -> Member:
    """The person found, under the identifier that opens the record."""
    person = Beneficiary(
        rank=1,
        usual_name=found.usual_name,
        birth_name=found.birth_name,
        given_name=found.given_name,
        birth_date=found.birth_date,
        nir="",
        insured=True,
    )
    return Member(person, session.profile.identifier_name, patient=found.patient)

"""Creation of the DMP: the form of the desk manual, on one screen, checked while it is typed.

What the Vitale card says is shown and cannot be changed (EX_GEN-1265). Nothing is sent without the patient's
consent ticked (EX_1.1-1010).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk.card.nir import sex_of
from kiosk.dmp.model import Address, CardTraits, Creation, LegalRepresentative
from kiosk.parameters.file import is_minor
from kiosk.patient import Member
from kiosk.record import form
from kiosk.screens import contact
from kiosk.screens.base import KioskScreen
from kiosk.screens.representative import RepresentativeScreen
from kiosk.screens.widgets import Field, Line, Tick
from kiosk.session import Session
from kiosk.text import card_birth_date

CONSENT_MISSING = "Sans l'accord du patient, rien n'est envoyé : cochez « Le patient m'autorise… »."


_OPENING = ("email", "mobile")
"""The fields whose answer opens the patient's internet account."""


@dataclass(frozen=True)
class Created:
    """What the form led to."""

    new: bool
    """False: the record was there already."""
    wants_account: bool
    creation: Creation


class CreationScreen(KioskScreen[Created | None]):
    """Dismissed with what was created, or None when the user gave up."""

    heading = "Créer le DMP"
    keys = "Espace Cocher   Tab ou ↓ Champ suivant   F10 Créer   Échap Annuler   F1 Aide"
    help_text = (
        "Lisez à voix haute la phrase de consentement, puis cochez-la avec Espace. Les champs * sont "
        "obligatoires ; ceux qui viennent de la carte Vitale ne se modifient pas.\n\n"
        "Un portable ou un e-mail donné ouvre le compte internet du patient : dites-le-lui, le code d'accès y "
        "arrivera. S'il n'en veut pas, laissez-les vides. F10 envoie la demande au DMP, Échap revient sans rien "
        "envoyer."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "create", show=False),
        Binding("escape", "give_up", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, session: Session, member: Member) -> None:
        super().__init__()
        self._session, self._member = session, member
        self._consent_at: datetime | None = None
        self._representative: LegalRepresentative | None = None
        self._account_follows = False
        """Whether the account was ticked by the contact that was typed, not by hand."""
        self._checks: dict[str, Callable[[str], form.Check]] = {
            "birth": self._check_birth,
            "sex": _check_sex,
            "civility": form.check_civility,
            "country-of-birth": lambda text: form.check_length(text, form.MAX_NAME),
            **contact.checks(self._value),
        }

    def body(self) -> Iterator[Widget]:
        person = self._member.beneficiary
        sex = sex_of(person.nir)
        first = contact.shown(Address(country="FRANCE"), "", "", "")
        yield Line("CONSENTEMENTS", classes="section")
        yield Tick("Le patient m'autorise à créer son DMP *", _yes, id="consent")
        yield Tick("Le patient veut activer son compte internet DMP", _yes, id="account")
        yield Line("IDENTITÉ (carte Vitale)", classes="section")
        yield Horizontal(
            Field("Nom *", person.usual_name, id="usual", locked=True, width=26),
            Field("Nom de naiss.", person.birth_name, id="birth-name", locked=True, width=22),
            classes="row",
        )
        complete = len(person.birth_date) == 8
        yield Horizontal(
            Field("Prénom *", person.given_name, id="given", locked=True, width=26),
            Field("Né(e) le *", card_birth_date(person.birth_date) if complete else "", id="birth", width=12,
                  max_length=10, locked=complete),
            classes="row",
        )  # fmt: skip
        yield Horizontal(
            Field("Civilité *", {"M": "M", "F": "Mme"}.get(sex, ""), id="civility", width=6, max_length=3),
            Field("Sexe *", sex, id="sex", width=4, label_width=7, max_length=1),
            Field("Pays de naiss.", "", id="country-of-birth", width=20),
            classes="row",
        )
        yield Tick("Un représentant légal agit pour lui (mineur, majeur protégé)", _yes, id="represented")
        yield Line("ADRESSE", classes="section")
        yield from contact.address_rows(first)
        yield Line(
            "CONTACT : un e-mail ou un portable donné ouvre le compte internet du patient", classes="section"
        )
        yield from contact.contact_rows(first)
        yield Line("ACCÈS EN URGENCE", classes="section")
        yield Tick("Le patient est opposé au mode bris de glace", _emergency, id="no-break-glass")
        yield Tick("Le patient est opposé au mode centre 15", _emergency, id="no-regulation")

    def on_mount(self) -> None:
        self.query_one("#represented", Tick).value = self._minor
        self.query_one("#consent", Tick).focus()

    @on(Tick.Changed, "#consent")
    def note_consent(self, event: Tick.Changed) -> None:
        self._consent_at = self._session.now() if event.tick.value else None

    @on(Input.Changed)
    def check_while_typing(self, event: Input.Changed) -> None:
        name = event.input.id or ""
        check = self._checks[name](event.value)
        contact.mark(self, name, check)
        if name in _OPENING:
            self._open_account(warn=bool(event.value) and check == form.Check())

    def _open_account(self, *, warn: bool) -> None:
        """A mobile or an e-mail opens the account: said aloud (EX_1.X-1200), ticked by itself (EX_1.X-1300)."""
        account = self.query_one("#account", Tick)
        if self._reachable and not account.value:
            account.value = self._account_follows = True
        elif self._account_follows and not self._reachable:
            account.value = self._account_follows = False
        if warn:
            self.say("Dites-le au patient : ce contact ouvrira son compte internet.")

    @on(Input.Submitted)
    def next_field(self) -> None:
        """Enter never sends: a form with a consent is sent by F10 alone."""
        self.focus_next()

    @work(exclusive=True)
    async def action_create(self) -> None:
        trouble = self._first_problem()
        if trouble:
            name, text = trouble
            self.say(text, error=True)
            self.query_one(f"#{name}").focus()
            return
        if not await self._ask_representative():
            return
        creation = self._creation()
        new = await self.attempt("Création du DMP", lambda: self._session.create(creation))
        if new is not None:
            self.dismiss(Created(new, self._tick("account"), creation))

    def action_give_up(self) -> None:
        self.dismiss(None)

    async def _ask_representative(self) -> bool:
        """False when one is needed and the user came back without: then nothing is sent."""
        if not (self._tick("represented") or self._minor):
            self._representative = None
            return True
        answer = await self.app.push_screen_wait(
            RepresentativeScreen(self._member.name, contact.address_of(self._value), self._representative)
        )
        if answer is None:
            self.say("Rien n'a été envoyé : le représentant légal manque.")
            return False
        self._representative = answer
        return True

    def _first_problem(self) -> tuple[str, str] | None:
        """The first field that forbids sending, and what it says."""
        if self._consent_at is None:
            return "consent", CONSENT_MISSING
        for name, check in self._checks.items():
            if self._locked(name):
                continue
            problem = check(self._value(name)).problem
            if problem:
                return name, problem
        if self._tick("account") and not self._reachable:
            return "mobile", "Le compte internet demande un portable ou une adresse électronique."
        if self._reachable and not self._tick("account"):
            return "account", "Un portable ou un e-mail ouvre le compte internet : cochez-le, ou videz-les."
        return None

    @property
    def _reachable(self) -> bool:
        """Whether a contact was given to which the account's one-time codes can be sent."""
        return bool(self._value("mobile") or self._value("email"))

    def _creation(self) -> Creation:
        person = self._member.beneficiary
        patient, consent_at = self._member.patient, self._consent_at
        assert patient is not None
        assert consent_at is not None
        return Creation(
            patient=patient,
            card=CardTraits(person.usual_name, person.birth_name, person.given_name, person.birth_date[-6:]),
            civility=self._value("civility").capitalize(),
            usual_name=person.usual_name,
            birth_name=person.birth_name,
            given_name=person.given_name,
            birth_date=self._birth_date(),
            sex=self._value("sex").upper(),
            birth_country=self._value("country-of-birth"),
            address=contact.address_of(self._value),
            email=self._value("email"),
            phone=form.phone_digits(self._value("phone")),
            mobile=form.phone_digits(self._value("mobile")),
            consent_at=consent_at,
            opposed_to_break_glass=self._tick("no-break-glass"),
            opposed_to_regulation=self._tick("no-regulation"),
            representative=self._representative,
        )

    def _birth_date(self) -> str:
        """YYYYMMDD: the card's, with the century typed where the card keeps it to itself."""
        card = self._member.beneficiary.birth_date
        return card if self._locked("birth") else form.date_digits(self._value("birth"))

    @property
    def _minor(self) -> bool:
        """A lunar date does not say: then the tick alone decides."""
        parameters = self.app.station.parameters.current()
        return bool(is_minor(self._birth_date(), self._session.local_date(), parameters))

    def _check_birth(self, text: str) -> form.Check:
        """A date whose century is typed must be the card's own date."""
        check = form.check_birth_date(text, today=self._session.today())
        if check.problem or form.date_digits(text).endswith(self._member.beneficiary.birth_date[-6:]):
            return check
        return form.Check("Cette date n'est pas celle de la carte : seul le siècle est à préciser.")

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value

    def _locked(self, name: str) -> bool:
        return self.query_one(f"#{name}-field", Field).locked

    def _tick(self, name: str) -> bool:
        return self.query_one(f"#{name}", Tick).value


def _yes(value: bool) -> str:
    return "oui" if value else "non"


def _emergency(opposed: bool) -> str:
    return "accès REFUSÉ" if opposed else "accès autorisé"


def _check_sex(text: str) -> form.Check:
    return form.Check() if text.strip().upper() in ("F", "M") else form.Check("Sexe : F ou M.")

"""The records a professional may open (TD0.4): what is new since his last visit first."""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk import attendance
from kiosk.card.model import Beneficiary
from kiosk.dmp.listing import ListedBy, ListedRecord
from kiosk.patient import Member
from kiosk.record import form
from kiosk.record.identity import shown
from kiosk.screens.base import KioskScreen
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Field, Line
from kiosk.session import Session
from kiosk.text import card_birth_date, folded

_ASK = "Donnez le numéro RPPS du professionnel, puis Entrée."
_SINCE = {ListedBy.AUTHORIZATION: "autorisations depuis", ListedBy.DOCUMENT: "documents depuis"}


class RecordRows(Rows[ListedRecord]):
    def list_all(self, records: Sequence[ListedRecord], *, empty: str) -> None:
        """`empty` is said when there are none."""
        self._empty = empty
        self.show(records)

    def line(self, item: ListedRecord, width: int) -> str:
        name = f"{shown(item.usual_name)} {shown(item.given_name)}"
        return (
            f"{'NOUVEAU' if is_new(item) else '':<7} {name[:28]:<28} {card_birth_date(item.birth_date):<10} "
            f"{'MT' if item.treating_doctor else '':<2} {_day(item.last_document):<10} {_day(item.last_access)}"
        )


class RecordListScreen(KioskScreen[None]):
    """Records are opened over it: what was received and the filter are there again afterwards."""

    help_text = (
        "Les DMP où vous êtes autorisé. NOUVEAU : un document est arrivé depuis votre dernière visite. Tapez une "
        "partie du nom ou de la date de naissance pour filtrer ce qui a été reçu, sans nouvelle demande.\n\n"
        "« Depuis le » limite la liste aux nouvelles autorisations, ou avec F3 aux DMP qui ont reçu un document. "
        "F5 demande la liste."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("f5", "ask", show=False),
        Binding("f3", "turn", show=False),
        *(Binding(key, f"rows('{act}')", show=False, priority=True) for key, act in (
            ("up", "move(-1)"), ("down", "move(1)"), ("pageup", "page(-1)"), ("pagedown", "page(1)"))),
    ]  # fmt: skip

    _for_owner: ClassVar[bool] = False
    """Whether the list is a colleague's: then nothing is asked before the user says whose."""

    def __init__(self, session: Session) -> None:
        super().__init__()
        self._session = session
        self._by = ListedBy.AUTHORIZATION
        self._received: Sequence[ListedRecord] | None = None

    def body(self) -> Iterator[Widget]:
        fields = [Field("Filtrer", id="filter", width=22, label_width=8, max_length=40),
                  Field("Depuis le", id="since", width=11, label_width=10, max_length=10)]  # fmt: skip
        if self._for_owner:
            fields.append(Field("RPPS", id="owner", width=13, label_width=5, max_length=12))
        yield Horizontal(*fields, classes="row")
        yield Line("", id="count", classes="loud")
        yield Line(
            f"  {'':<7} {'Nom':<28} {'Né(e) le':<10} {'MT':<2} {'Document':<10} Ma visite", classes="section"
        )
        yield RecordRows(id="records", empty=_ASK if self._for_owner else "")

    def on_mount(self) -> None:
        self.query_one("#owner" if self._for_owner else "#filter").focus()
        self._count()
        if not self._for_owner:
            self.action_ask()

    @work(exclusive=True)
    async def action_ask(self) -> None:
        text = self._value("since")
        problem = form.check_birth_date(text, today=self._session.today()).problem if text else ""
        owner = self._value("owner") if self._for_owner else ""
        if problem:
            self.say("Date attendue : JJ/MM/AAAA.", error=True)
            return
        if self._for_owner and not (owner.isascii() and owner.isdigit() and len(owner) in (11, 12)):
            self.say("Donnez le numéro RPPS du professionnel de votre structure : onze chiffres.", error=True)
            self.query_one("#owner").focus()
            return
        digits = form.date_digits(text)
        since = datetime.strptime(digits, "%Y%m%d").astimezone(UTC) if digits else None
        by = self._by
        owner = f"8{owner}" if len(owner) == 11 else owner
        found = await self.attempt(
            "Lecture de la liste",
            lambda: self._session.authorized_records(since, by, owner),
        )
        self.app.refresh_states()
        if found is not None and self.is_attached:
            self._received = sorted(found, key=lambda one: (not is_new(one), folded(one.usual_name)))
            self._filter()

    def action_turn(self) -> None:
        self._by = ListedBy.DOCUMENT if self._by is ListedBy.AUTHORIZATION else ListedBy.AUTHORIZATION
        self._count()
        if not self._for_owner or self._value("owner"):
            self.action_ask()

    @on(Input.Changed, "#filter")
    def filter_as_typed(self) -> None:
        self._filter()

    @on(Input.Submitted, "#filter")
    def open_first(self) -> None:
        self.query_one(RecordRows).action_choose()

    @on(Input.Submitted, "#since")
    @on(Input.Submitted, "#owner")
    def ask_again(self) -> None:
        self.action_ask()

    @on(Rows.Chosen)
    @work(exclusive=True, group="open")
    async def open(self) -> None:
        chosen = self.query_one(RecordRows).chosen
        if chosen is not None:
            await attendance.open_member(self.app, self, self._session, listed_member(self._session, chosen))

    def action_rows(self, action: str) -> None:
        rows = self.query_one(RecordRows)
        name, _, argument = action.partition("(")
        getattr(rows, f"action_{name}")(int(argument.rstrip(")")))

    def action_back(self) -> None:
        self.dismiss(None)

    def _filter(self) -> None:
        words = folded(self._value("filter")).split()
        kept = [one for one in self._received or () if all(word in _searched(one) for word in words)]
        self.query_one(RecordRows).list_all(kept, empty="Aucun DMP reçu.")
        self._count(len(kept))

    def _count(self, kept: int = 0) -> None:
        since = self._value("since") or "toujours"
        if self._received is None:
            self.query_one("#count", Line).update(f"{_SINCE[self._by].capitalize()} {since}")
            return
        new = sum(map(is_new, self._received))
        self.query_one("#count", Line).update(
            f"{kept} sur {len(self._received)} · {new} avec du nouveau · {_SINCE[self._by]} {since}"
        )

    def _value(self, name: str) -> str:
        return self.query_one(f"#{name}-field", Field).value


class DashboardScreen(RecordListScreen):
    """The user's own."""

    heading = "Mes patients — DMP autorisés"
    keys = "Tapez : filtrer  Entrée Ouvrir  F3 Autre date  F5 Demander  F10 Retour  F1 Aide"


class ColleagueDashboardScreen(RecordListScreen):
    """An employee asks for a professional of the structure (`psOwnerId`)."""

    heading = "DMP autorisés d'un professionnel de la structure"
    keys = "Tapez : filtrer   Entrée Demander, ouvrir   F3 Autre date   F10 Retour   F1 Aide"
    _for_owner = True


def listed_member(session: Session, record: ListedRecord) -> Member:
    """The person of a row, under the identifier this service opens records by."""
    usable = [one for one in record.patients if session.profile.accepts(one.root)]
    person = Beneficiary(
        rank=1,
        usual_name=record.usual_name,
        birth_name=record.birth_name,
        given_name=record.given_name,
        birth_date=record.birth_date,
        nir="",
        insured=True,
    )
    return Member(person, session.profile.identifier_name, patient=(usable or record.patients)[0])


def is_new(record: ListedRecord) -> bool:
    """A document came since the professional's own last visit."""
    return record.last_document is not None and (
        record.last_access is None or record.last_document > record.last_access
    )


def _searched(record: ListedRecord) -> str:
    return folded(
        f"{record.usual_name} {record.birth_name} {record.given_name} {card_birth_date(record.birth_date)}"
    )


def _day(moment: datetime | None) -> str:
    return f"{moment.astimezone():%d/%m/%Y}" if moment else "—"

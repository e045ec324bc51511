"""What to look for: the criteria of a search (TD3.1), and what is left out of what it brings."""

import calendar
from collections.abc import Iterator
from datetime import date, datetime
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget

from kiosk.dmp.nomenclature import CodeSet, codes
from kiosk.record import form
from kiosk.record.document_list import FORMATS, Criteria, Hidden
from kiosk.screens.base import KioskScreen
from kiosk.screens.choice import CodeField, OneOf
from kiosk.screens.widgets import Field, Tick

_NONE, _VISIT, _DATES = range(3)
"""Indexes of the choice of submissions."""


class CriteriaScreen(KioskScreen[Criteria | None]):
    """Dismissed with what to look for; with None when nothing is to be asked."""

    heading = "Chercher des documents — DMP · Mon espace santé"
    keys = "Tab ou ↓ Champ suivant   ←→ Choisir   F5 Chercher   F8 Effacer   F10 Retour"
    help_text = (
        "Chaque critère rempli restreint la recherche. Dates : JJ/MM/AAAA, ou MM/AAAA, ou AAAA. L'auteur se cherche "
        "par une partie du nom. « Depuis ma visite » demande ce qui a été déposé depuis que vous avez regardé ces "
        "documents ici.\n\nLes documents masqués aux professionnels ne sont donnés qu'à leur auteur et au médecin "
        "traitant."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("f5", "search", show=False),
        Binding("f8", "clear", show=False),
        Binding("down", "app.focus_next", show=False),
        Binding("up", "app.focus_previous", show=False),
    ]

    def __init__(self, criteria: Criteria, last_visit: datetime | None) -> None:
        super().__init__()
        self._criteria, self._last_visit = criteria, last_visit

    def body(self) -> Iterator[Widget]:
        asked = self._criteria
        types = (*asked.types, None, None)
        known = codes(CodeSet.TYPE)
        yield CodeField("Type", known, types[0], id="type")
        yield CodeField("ou type", known, types[1], id="other-type")
        names = [name for name, _ in FORMATS]
        formats = [code for _, code in FORMATS]
        yield OneOf("Format", names, index=formats.index(asked.format), id="format")
        yield Horizontal(
            _date("Acte du", "act-from", asked.act_from),
            _date("au", "act-to", asked.act_to, 4),
            classes="row",
        )
        visit = (
            f"depuis ma visite ({self._last_visit.astimezone():%d/%m/%Y})"
            if self._last_visit
            else "depuis ma visite"
        )
        yield OneOf(
            "Dépôt", ("n'importe quand", visit, "entre deux dates"), index=self._deposit(), id="deposit"
        )
        since = asked.submitted_from if self._deposit() == _DATES else None
        yield Horizontal(
            _date("Déposé du", "sent-from", since.astimezone().date() if since else None),
            _date("au", "sent-to", asked.submitted_to, 4),
            classes="row",
        )
        yield Field("Auteur", asked.author, id="author", width=30, max_length=60)
        words = [hidden.value for hidden in Hidden]
        order = list(Hidden)
        yield OneOf("Non vus pat.", words, index=order.index(asked.hidden_from_patient), id="patient")
        yield OneOf(
            "Masqués PS", words, index=order.index(asked.hidden_from_professionals), id="professionals"
        )
        yield Tick("Avec les documents archivés", id="archived")
        yield Tick("Avec les anciennes versions (obsolètes)", id="obsolete")

    def on_mount(self) -> None:
        self.query_one("#archived", Tick).value = self._criteria.archived
        self.query_one("#obsolete", Tick).value = self._criteria.obsolete
        self.query_one("#type").focus()

    def _deposit(self) -> int:
        asked = self._criteria
        if asked.submitted_from is not None and asked.submitted_from == self._last_visit:
            return _VISIT
        return _DATES if asked.by_submission else _NONE

    def action_back(self) -> None:
        self.dismiss(None)

    def action_clear(self) -> None:
        """The whole record again."""
        self.dismiss(Criteria())

    def action_search(self) -> None:
        found = self._read()
        if isinstance(found, Criteria):
            self.dismiss(found)
        else:
            where, problem = found
            self.query_one(f"#{where}").focus()
            self.say(problem, error=True)

    def _read(self) -> Criteria | tuple[str, str]:
        """What the form says, or the field that says nothing and why."""
        types = []
        for name in ("type", "other-type"):
            field = self.query_one(f"#{name}-choice", CodeField)
            if field.chosen is not None:
                types.append(field.chosen)
            elif field.field.value:
                return name, "Choisissez un type dans la liste, ou effacez ce champ."
        days: dict[str, date | None] = {}
        for name, last in (("act-from", False), ("act-to", True), ("sent-from", False), ("sent-to", True)):
            text = self.query_one(f"#{name}-field", Field).value
            days[name] = read_day(text, last=last)
            if text and days[name] is None:
                return name, "Date attendue : JJ/MM/AAAA, MM/AAAA ou AAAA."
        deposit = self.query_one("#deposit", OneOf).index
        if deposit == _VISIT and self._last_visit is None:
            return "deposit", "C'est votre première visite sur ce poste : tout est nouveau."
        if deposit == _DATES and not (days["sent-from"] or days["sent-to"]):
            return "sent-from", "Donnez une date de dépôt."
        since = self._last_visit if deposit == _VISIT else _midnight(days["sent-from"]) if deposit else None
        hidden = list(Hidden)
        return Criteria(
            types=tuple(types),
            format=FORMATS[self.query_one("#format", OneOf).index][1],
            act_from=days["act-from"],
            act_to=days["act-to"],
            submitted_from=since,
            submitted_to=days["sent-to"] if deposit == _DATES else None,
            author=self.query_one("#author-field", Field).value,
            hidden_from_patient=hidden[self.query_one("#patient", OneOf).index],
            hidden_from_professionals=hidden[self.query_one("#professionals", OneOf).index],
            archived=self.query_one("#archived", Tick).value,
            obsolete=self.query_one("#obsolete", Tick).value,
        )


def read_day(text: str, *, last: bool) -> date | None:
    """`12/03/2024`, `03/2024` or `2024`: the first day meant, or the last one; None for what is no date."""
    digits = form.date_digits(text)
    parts = text.replace("-", "/").replace(".", "/").split("/")
    if not digits and len(parts) <= 2 and all(part.isascii() and part.isdigit() for part in parts):
        year, month = int(parts[-1]), int(parts[0]) if len(parts) == 2 else 0
        if len(parts[-1]) != 4 or not month <= 12 or (len(parts) == 2 and not month):
            return None
        month = month or (12 if last else 1)
        digits = f"{year:04}{month:02}{calendar.monthrange(year, month)[1] if last else 1:02}" if year else ""
    try:
        return datetime.strptime(digits, "%Y%m%d").date() if digits else None
    except ValueError:
        return None


def _midnight(day: date | None) -> datetime | None:
    return datetime(day.year, day.month, day.day).astimezone() if day else None


def _date(label: str, name: str, day: date | None, label_width: int = 14) -> Field:
    text = f"{day:%d/%m/%Y}" if day else ""
    return Field(label, text, id=name, width=12, label_width=label_width, max_length=10)

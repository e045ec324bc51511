"""The DMP's public parameter file: what the service says of minors, of masked documents, of its own templates.

Its schema is not published [unknown]: names and values are looked for wherever they may stand (element, attribute,
`name`/`value` pair), in any case; what is not known is left out. The last good copy stays on disk and is replaced
weekly (EX_GEN-1540); the address is a setting (EX_GEN-1222).
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError, ParametersUnusable
from kiosk.markup import UnreadableMarkup
from kiosk.parameters import templates
from kiosk.parameters.download import fetch
from kiosk.parameters.keeping import keep
from kiosk.parameters.markup import folded, named_values
from kiosk.parameters.templates import State, Template

LARGEST: Final = 1024 * 1024
"""Bytes."""
_AGES: Final = range(10, 31)
"""Ages of majority that make sense."""
WEEK: Final = timedelta(days=7)
SECONDS: Final = 15.0
"""For a whole refresh."""
_HEADER: Final = 4096
"""Bytes at most for the first line of the copy: when it was fetched, and from where."""


@dataclass(frozen=True)
class Parameters:
    """What the file says. The defaults serve as long as it was never read.

    Minors are managed by default: a question too many to a professional, instead of a consultation the parents
    read about. Masked and invisible together is not allowed by default, as the deposit rules have it.
    """

    manages_minors: bool = True
    majority_age: int = 18
    hidden_and_invisible: bool = False
    """Whether a document may be hidden from professionals and from the patient at once."""
    production: bool | None = None
    """Which service the file speaks for; None when it does not say."""
    templates: tuple[Template, ...] = ()
    fetched_at: datetime | None = None
    """UTC; None for the defaults."""


def is_minor(birth_date: str, today: date, parameters: Parameters) -> bool | None:
    """Whether this person is a minor for the service (EX_GEN-1550); never one where minors are not managed.

    `birth_date` is AAAAMMJJ, AAMMJJ as on a card, or AAAA. A lunar date stands for the span it leaves, two digits
    for both centuries: None when they do not agree, when the date is none, or when it is still to come.
    """
    if not parameters.manages_minors:
        return False
    spans = [span for span in _spans(birth_date) if span[0] <= (today.year, today.month, today.day)]
    majority = (today.year - parameters.majority_age, today.month, today.day)
    if spans and all(latest <= majority for _, latest in spans):
        return False
    if spans and all(earliest > majority for earliest, _ in spans):
        return True
    return None


Day = tuple[int, int, int]


def _spans(birth_date: str) -> list[tuple[Day, Day]]:
    """First and last possible day, for each century the date may mean."""
    if not re.fullmatch("[0-9]{4}|[0-9]{6}|[0-9]{8}", birth_date):
        return []
    if len(birth_date) == 4:
        years, month, day = [int(birth_date)], 0, 0
    else:
        year, month, day = int(birth_date[:-4]), int(birth_date[-4:-2]), int(birth_date[-2:])
        years = [year] if len(birth_date) == 8 else [1900 + year, 2000 + year]
    if years == [0]:
        return []
    if not 1 <= month <= 12:
        return [((year, 1, 1), (year, 12, 31)) for year in years]
    if not 1 <= day <= 31:
        return [((year, month, 1), (year, month, 31)) for year in years]
    return [((year, month, day), (year, month, day)) for year in years]


# --- the file ---------------------------------------------------------------------------------------------


def read(xml: bytes) -> Parameters:
    """The parameters of a file. Raises `ParametersUnusable`: no XML, no parameter of ours, an absurd value."""
    found: dict[str, set[str]] = {}
    forms: dict[str, list[str]] = {}
    try:
        values = list(named_values(xml, limit=LARGEST))
    except UnreadableMarkup as error:
        raise ParametersUnusable(detail=str(error)) from None
    for name, value, form in values:
        found.setdefault(name, set()).add(value)
        if form:
            forms.setdefault(form, []).append(value)
    if not found.keys() & {_MINORS, _AGE, _BOTH}:
        raise ParametersUnusable(detail="no known parameter")
    read_ = Parameters(production=_production(found), templates=tuple(_templates(forms)))
    if _MINORS in found:
        read_ = replace(read_, manages_minors=_boolean(_MINORS, found[_MINORS]))
    if _AGE in found:
        read_ = replace(read_, majority_age=_age(found[_AGE]))
    if _BOTH in found:
        read_ = replace(read_, hidden_and_invisible=_boolean(_BOTH, found[_BOTH]))
    return read_


# Names without case, accents and punctuation.
_MINORS: Final = "fonctionsgestionmineurs"
_AGE: Final = "agemajorite"
_BOTH: Final = "cumulinvisiblepatientmasqueps"

_TRUE: Final = frozenset({"true", "vrai", "oui", "1", "o"})
_FALSE: Final = frozenset({"false", "faux", "non", "0", "n"})
# Names and values of the production marker [unknown].
_IS_PRODUCTION: Final = frozenset({"production", "isproduction", "estproduction"})
_ENVIRONMENT: Final = frozenset({"environnement", "environment", "plateforme", "typeplateforme"})
_OF_PRODUCTION: Final = frozenset({"prod", "production", "reel", "real"})
_OF_TEST: Final = frozenset(
    {"test", "recette", "integration", "homologation", "formation", "preproduction", "horsproduction"}
)


def _boolean(name: str, values: set[str]) -> bool:
    answers = {value.casefold() for value in values}
    if answers and answers <= _TRUE:
        return True
    if answers and answers <= _FALSE:
        return False
    raise ParametersUnusable(detail=f"{name} is neither true nor false")


def _age(values: set[str]) -> int:
    ages = {int(value) if re.fullmatch("[0-9]{1,3}", value) else -1 for value in values}
    if len(ages) != 1 or not ages <= set(_AGES):
        raise ParametersUnusable(detail="age of majority makes no sense")
    return ages.pop()


def _production(found: dict[str, set[str]]) -> bool | None:
    said = set()
    for name in _IS_PRODUCTION | _ENVIRONMENT:
        yes, no = (_TRUE, _FALSE) if name in _IS_PRODUCTION else (_OF_PRODUCTION, _OF_TEST)
        answers = {folded(value) for value in found.get(name, ())}
        said |= {True} if answers & yes else set()
        said |= {False} if answers & no else set()
    return said.pop() if len(said) == 1 else None


def _templates(forms: dict[str, list[str]]) -> Iterator[Template]:
    for name, values in sorted(forms.items()):
        urls = [value for value in values if re.fullmatch("https://[!-~]{1,1000}", value)]
        hashes = [value.lower() for value in values if re.fullmatch("[0-9a-fA-F]{64}", value)]
        if urls:
            yield Template(name, urls[0], hashes[0] if hashes else "")


# --- the copy ---------------------------------------------------------------------------------------------


class ParameterFile:
    """The parameters at `url`, kept at `path`. Several processes may share the copy.

    `roots` (PEM) may have signed the server's certificate; None trusts those of the system. Without a `url`
    nothing is ever asked, and the defaults hold.
    """

    def __init__(
        self,
        path: Path,
        url: str,
        roots: Path | None,
        clock: Callable[[], datetime],
        *,
        seconds: float = SECONDS,
    ) -> None:
        self._path, self._url, self._roots, self._clock = path, url, roots, clock
        self._seconds = seconds
        self._known = Parameters()
        self._seen: tuple[int, int] | None = None

    def current(self) -> Parameters:
        """The last good ones; the defaults when there are none. Asks nobody, raises nothing."""
        try:
            status = self._path.stat()
            seen = (status.st_mtime_ns, status.st_ino)
            if seen != self._seen:
                self._known, self._seen = self._kept(), seen
        except (OSError, ValueError, KioskError):
            pass  # no copy, or not one of this address: what is known stays
        return self._known

    def refresh_if_old(self, older_than: timedelta = WEEK) -> KioskError | None:
        """Fetch them again when the copy is that old, or from the future. Blocks for up to `seconds`.

        What went wrong is given back for the caller to report: the last good copy holds all the same.
        """
        fetched = self.current().fetched_at
        now = self._clock()
        if not self._url or (fetched is not None and timedelta(0) <= now - fetched < older_than):
            return None
        try:
            document = fetch(self._url, self._roots, limit=LARGEST, seconds=self._seconds)
            self._known = replace(read(document), fetched_at=now)
            keep(self._path, f"{now.isoformat()} {self._url}\n".encode("ascii", "replace") + document)
        except ParametersUnusable as error:
            return error
        except KioskError as error:
            return ParametersUnusable(cause=error.what, detail=f"{error.code} {error.detail}".strip())
        except OSError as error:
            return ParametersUnusable(
                cause="La nouvelle copie ne peut pas être écrite sur ce poste.", detail=type(error).__name__
            )
        return None

    def refresh_templates(self) -> None:
        """Fetch the forms the file announces that are not here yet. Blocks for up to `seconds` each."""
        templates.refresh(self._path.parent, self.current().templates, self._roots, seconds=self._seconds)

    def template_states(self) -> dict[str, State]:
        """What is known of each form, by its French label."""
        announced = self.current().templates
        return {one.label: templates.state(self._path.parent, one) for one in announced}

    def _kept(self) -> Parameters:
        """The copy on disk. Raises `OSError`, `ValueError`, `ParametersUnusable`."""
        with self._path.open("rb") as file:
            when, _, url = file.readline(_HEADER).decode("ascii").rstrip("\n").partition(" ")
            document = file.read(LARGEST + 1)
        fetched = datetime.fromisoformat(when)
        if url != self._url or fetched.tzinfo is None:
            raise ValueError("a copy of another address")
        return replace(read(document), fetched_at=fetched)

"""The documents that one search brought, and every way to look at them without asking again.

Nothing here asks the DMP: spaces, words, order and the criteria a search cannot carry work on what was received.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from enum import Enum
from typing import Final

from kiosk.code import Code
from kiosk.dmp.document import DocumentEntry, DocumentQuery, DocumentStatus, Visibility
from kiosk.dmp.nomenclature import CodeSet, known
from kiosk.text import folded


class Space(Enum):
    """The eight spaces of the DMP; the value is their key."""

    SYNTHESIS = "s"
    TREATMENT = "t"
    REPORT = "r"
    IMAGING = "i"
    ANALYSIS = "a"
    PREVENTION = "p"
    CERTIFICATE = "c"
    PERSONAL = "e"


SPACE_NAMES: Final = {
    Space.SYNTHESIS: "Synthèse",
    Space.TREATMENT: "Traitement",
    Space.REPORT: "Compte rendu",
    Space.IMAGING: "Imagerie",
    Space.ANALYSIS: "Analyse",
    Space.PREVENTION: "Prévention",
    Space.CERTIFICATE: "Certificat",
    Space.PERSONAL: "Espace perso",
}

# Which space holds which document is drawn from the names of classes and types: no list is public. [likely]
_TYPES: Final = {
    Space.ANALYSIS: "11502-2 60568-3 51969-4 96173-0 DOCPAT05",
    Space.PREVENTION: "11369-6 87273-9 96874-3 75482-0 75492-9 83869-8 68817-6 DOCPAT06",
    Space.IMAGING: "18748-4 55115-0 52040-3 IMG-KOS DOCPAT04",
}
_BY_TYPE: Final = {code: space for space, codes in _TYPES.items() for code in codes.split()}
_BY_CLASS: Final = {
    "10": Space.REPORT,
    "11": Space.SYNTHESIS,
    "31": Space.IMAGING,
    "42": Space.TREATMENT,
    "43": Space.TREATMENT,
    "44": Space.TREATMENT,
    "45": Space.TREATMENT,
    "52": Space.CERTIFICATE,
    "60": Space.TREATMENT,
}


def spaces_of(entry: DocumentEntry) -> frozenset[Space]:
    """Where a document stands: by what it is about, and in the patient's own space too when the patient wrote it."""
    about = _BY_TYPE.get(entry.type_code.code) or _BY_CLASS.get(entry.class_code.code)
    own = {Space.PERSONAL} if entry.by_patient else set()
    return frozenset(own | ({about} if about else set()))


class Order(Enum):
    """How the list is sorted; the value is what the screen calls it."""

    DATE = "date"
    TITLE = "titre"
    TYPE = "type"
    AUTHOR = "auteur"


class Hidden(Enum):
    """What is done with hidden documents; the value is what the form calls it."""

    SHOWN = "montrés"
    LEFT_OUT = "écartés"
    ALONE = "eux seuls"

    def lets(self, hidden: bool) -> bool:
        """Whether a document that is hidden, or not, stays."""
        return self is Hidden.SHOWN or hidden is (self is Hidden.ALONE)


UNKNOWN_FORMAT: Final = "?"
FORMATS: Final = (
    ("Tous", ""),
    ("PDF", "urn:ihe:iti:xds-sd:pdf:2008"),
    ("VSM", "urn:asip:ci-sis:vsm:2012"),
    ("Biologie", "urn:ihe:lab:xd-lab:2008"),
    ("JPEG", "urn:ihe:iti-fr:xds-sd:jpeg:2010"),
    ("TIFF", "urn:ihe:iti-fr:xds-sd:tiff:2010"),
    ("RTF", "urn:ihe:iti-fr:xds-sd:rtf:2010"),
    ("Texte", "urn:ihe:iti:xds-sd:text:2008"),
    ("autre", UNKNOWN_FORMAT),
)
"""Name on the form, formatCode."""
_NAMED_FORMATS: Final = {code: name for name, code in FORMATS if code not in ("", UNKNOWN_FORMAT)}


def format_name(entry: DocumentEntry) -> str:
    """Short; an unknown format is shown as it came."""
    return _NAMED_FORMATS.get(entry.format_code.code) or entry.format_code.label or entry.mime_type


@dataclass(frozen=True, repr=False)
class Criteria:
    """What somebody looks for. Days are local; the default is the whole record but for archived and obsolete."""

    types: tuple[Code, ...] = ()
    format: str = ""
    """A formatCode, `UNKNOWN_FORMAT`, or empty for every format."""
    act_from: date | None = None
    act_to: date | None = None
    """That day included."""
    submitted_from: datetime | None = None
    """With it, or `submitted_to`, the search goes by submission."""
    submitted_to: date | None = None
    """That day included."""
    author: str = ""
    hidden_from_patient: Hidden = Hidden.SHOWN
    hidden_from_professionals: Hidden = Hidden.SHOWN
    archived: bool = False
    obsolete: bool = False

    @property
    def by_submission(self) -> bool:
        return self.submitted_from is not None or self.submitted_to is not None

    @property
    def query(self) -> DocumentQuery:
        """As much of it as a search carries; `keeps` does the rest."""
        coded = known(CodeSet.FORMAT, self.format)
        return DocumentQuery(
            types=self.types,
            formats=(coded,) if coded else (),
            service_from=_start(self.act_from) if self.act_from else None,
            service_to=_end(self.act_to) if self.act_to else None,
            include_archived=self.archived,
            include_obsolete=self.obsolete,
        )

    def keeps(self, entry: DocumentEntry) -> bool:
        """Whether a received document holds every criterion, those that the search carried included."""
        if self.types and entry.type_code.code not in {code.code for code in self.types}:
            return False
        if self.format == UNKNOWN_FORMAT:
            if entry.format_code.code in _NAMED_FORMATS:
                return False
        elif self.format and entry.format_code.code != self.format:
            return False
        seen = entry.visibility
        return (
            (not self.author or self._keeps_author(entry))
            and self.hidden_from_patient.lets(seen.invisible_to_patient)
            and self.hidden_from_professionals.lets(seen.hidden_from_professionals)
            and (not self.by_submission or self._keeps_by_submission(entry))
        )

    def _keeps_by_submission(self, entry: DocumentEntry) -> bool:
        """A search by submission carries no other criterion."""
        if self.submitted_to and entry.submitted and entry.submitted >= _end(self.submitted_to):
            return False
        acted = entry.service_start
        if self.act_from and (acted is None or acted < _start(self.act_from)):
            return False
        return not (self.act_to and (acted is None or acted >= _end(self.act_to)))

    def _keeps_author(self, entry: DocumentEntry) -> bool:
        """Approximately: the registry compares letter by letter, accents and capitals included."""
        wanted = folded(self.author).split()
        names = folded(" ".join(f"{author.name} {author.national_id}" for author in entry.authors))
        return all(word in names for word in wanted)

    def words(self) -> str:
        """What restricts the list, for the line above it; empty for the default."""
        said = [code.label for code in self.types]
        said += [name for name, code in FORMATS if code and code == self.format]
        said += _period("acte", self.act_from, self.act_to)
        said += _period("déposé", self.submitted_from, self.submitted_to)
        said += [f"auteur « {self.author} »"] if self.author else []
        for hidden, whom in (
            (self.hidden_from_patient, "du patient"),
            (self.hidden_from_professionals, "des PS"),
        ):
            said += [f"cachés {whom} : {hidden.value}"] if hidden is not Hidden.SHOWN else []
        said += ["avec archivés"] if self.archived else []
        said += ["avec anciennes versions"] if self.obsolete else []
        return " · ".join(said)


def _period(what: str, first: date | None, last: date | None) -> list[str]:
    since = (
        f" depuis le {first.astimezone() if isinstance(first, datetime) else first:%d/%m/%Y}" if first else ""
    )
    until = f" jusqu'au {last:%d/%m/%Y}" if last else ""
    return [what + since + until] if since or until else []


def _start(day: date) -> datetime:
    """Midnight of that day where the workstation is."""
    return datetime(day.year, day.month, day.day).astimezone()


def _end(day: date) -> datetime:
    return _start(day + timedelta(days=1))


class ReceivedDocuments:
    """What arrived of one search, in one place; views of it are lists of the same entries."""

    def __init__(self, criteria: Criteria, last_visit: datetime | None, now: datetime) -> None:
        self.criteria, self.last_visit = criteria, last_visit
        self._now = now
        self._entries: list[DocumentEntry] = []
        self._texts: list[str] = []
        """What words are looked for in, made when somebody first types one."""

    def __len__(self) -> int:
        return len(self._entries)

    def add(self, entries: Iterable[DocumentEntry]) -> None:
        self._entries.extend(entry for entry in entries if self.criteria.keeps(entry))

    def is_new(self, entry: DocumentEntry) -> bool:
        """Added since the professional's last visit; by its own date where its submission is not known."""
        added = entry.submitted or entry.created
        return self.last_visit is not None and added is not None and self.last_visit < added <= self._now

    def view(
        self, *, space: Space | None = None, words: str = "", order: Order = Order.DATE
    ) -> list[DocumentEntry]:
        """The documents of a space whose texts hold every word, in an order; new ones first, then the latest."""
        chosen = self._entries if space is None else [e for e in self._entries if space in spaces_of(e)]
        wanted = folded(words).split()
        if wanted:
            texts = dict(zip(map(id, self._entries), self._searched(), strict=True))
            chosen = [e for e in chosen if all(word in texts[id(e)] for word in wanted)]
        found = sorted(chosen, key=self._latest)
        if order is not Order.DATE:
            found.sort(key=_ORDERS[order])
        return found

    def _searched(self) -> list[str]:
        for entry in self._entries[len(self._texts) :]:
            self._texts.append(_text(entry))
        return self._texts

    def _latest(self, entry: DocumentEntry) -> tuple[bool, float]:
        moment = entry.by_date
        return not self.is_new(entry), -moment.timestamp() if moment else float("inf")


def _text(entry: DocumentEntry) -> str:
    authors = (f"{author.name} {' '.join(i.name for i in author.institutions)}" for author in entry.authors)
    parts = (entry.title, entry.description, entry.type_code.label, entry.class_code.label, *authors)
    return folded(" ".join((*parts, date_of(entry))))


_ORDERS: Final[dict[Order, Callable[[DocumentEntry], str]]] = {
    Order.TITLE: lambda entry: folded(entry.title) or "\uffff",
    Order.TYPE: lambda entry: folded(entry.type_code.label),
    Order.AUTHOR: lambda entry: folded(entry.authors[0].name) if entry.authors else "\uffff",
}


def date_of(entry: DocumentEntry) -> str:
    """The date a reader looks for, in local time: of the act, as precisely as it is known, else of the document."""
    if entry.service_start is not None and 0 < entry.service_precision < 10:
        shapes = {4: "%Y", 5: "%Y", 6: "%m/%Y", 7: "%m/%Y"}
        return f"{entry.service_start:{shapes.get(entry.service_precision, '%d/%m/%Y')}}"
    return f"{entry.by_date.astimezone():%d/%m/%Y}" if entry.by_date else "sans date"


def maker(entry: DocumentEntry) -> str:
    """`PATIENT` or `PS`: who made it, in a word (EX_3.1-1040)."""
    return "PATIENT" if entry.by_patient else "PS"


_RESTRICTIONS: Final[tuple[tuple[Callable[[Visibility], bool], str, str], ...]] = (
    (lambda one: one.hidden_from_professionals, "masqué aux professionnels", "masqué PS"),
    (lambda one: one.invisible_to_patient, "non visible par le patient", "non vu pat."),
    (lambda one: one.invisible_to_representatives, "non visible par les représentants légaux", "non vu RL"),
)
_STATES: Final = {
    DocumentStatus.ARCHIVED: ("archivé", "archivé"),
    DocumentStatus.OBSOLETE: ("ancienne version obsolète", "obsolète"),
    DocumentStatus.DELETED: ("supprimé", "supprimé"),
}
"""In full, and for a column."""


def restricted(visibility: Visibility, *, short: bool = False) -> list[str]:
    """Who does not see a document, in words."""
    return [brief if short else full for holds, full, brief in _RESTRICTIONS if holds(visibility)]


def state(entry: DocumentEntry, *, short: bool = False) -> str:
    """What is particular about a document, in words; empty for an ordinary one (EX_3.1-1080)."""
    words = restricted(entry.visibility, short=short)
    if entry.status in _STATES:
        words.append(_STATES[entry.status][short])
    if entry.status is DocumentStatus.UNKNOWN:
        words.append(f"état « {entry.raw_status} »")
    return ", ".join(words)

"""Documents as lines of a list, and all there is to say of the one under the cursor."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.segment import Segment
from textual.binding import Binding, BindingType
from textual.message import Message
from textual.strip import Strip

from kiosk.dmp.document import Author, DocumentEntry
from kiosk.dmp.nomenclature import CodeSet, known
from kiosk.record.document_list import Space, date_of, format_name, maker, state
from kiosk.rendering.width import cells, padded
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Line

_FIXED = 7 + 1 + 10 + 1 + 1 + 1
"""Columns of what is never narrowed, and the spaces between."""
_NEW = "nouv. "
_TYPE_FROM = 104
"""Columns from which a line has room for the type."""


IsNew = Callable[[DocumentEntry], bool]
"""Whether a document came since the last visit."""


def never_new(entry: DocumentEntry) -> bool:
    """For lists without a last visit to compare with."""
    return False


class DocumentRows(Rows[DocumentEntry]):
    """New, who made it, date, title, author, state in words; the type where there is room."""

    class Early(Message):
        """Enter, before there was a document to choose."""

    # On the list and not on its screen: a letter and the Enter that follows are handled in the order they were typed.
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(space.value, f"screen.space('{space.value}')", show=False) for space in Space
    ]

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id, empty=empty)
        self._is_new: IsNew = never_new
        self._some_new = False

    def list_all(
        self, entries: Sequence[DocumentEntry], *, empty: str = "", is_new: IsNew = never_new
    ) -> None:
        """List these; `empty` is said when there is none."""
        self._empty, self._is_new = empty, is_new
        self._some_new = any(map(is_new, entries))
        self.show(entries)

    def action_choose(self) -> None:
        if not self.items:
            self.post_message(self.Early())
        super().action_choose()

    def line(self, item: DocumentEntry, width: int) -> str:
        new = _NEW if self._is_new(item) else ""
        left = f"{new:<{self._margin}}{maker(item):<7} {date_of(item):<10} "
        rooms = _rooms(width - self._margin)
        return left + " ".join(fitted(text, room) for text, room in zip(_texts(item), rooms, strict=False))

    def head(self, width: int) -> str:
        """Names of the columns above such lines."""
        names = ("Titre", "Auteur", "État", "Type")
        left = f"  {'':<{self._margin}}{'De':<7} {'Date':<10} "
        rooms = _rooms(width - 2 - self._margin)
        return left + " ".join(fitted(name, room) for name, room in zip(names, rooms, strict=False))

    @property
    def _margin(self) -> int:
        """No column for what is new when nothing is."""
        return len(_NEW) if self._some_new else 0

    def render_line(self, y: int) -> Strip:
        """Wide characters take two columns: the line is cut by columns, not by characters."""
        strip = super().render_line(y)
        return Strip([Segment(s.text, s.style) for s in strip]).adjust_cell_length(
            self.size.width, self.rich_style
        )


class DocumentDetails(Line):
    """Four lines on one document: whole title; type, class, format; dates; authors and state."""

    DEFAULT_CSS = (
        "DocumentDetails { height: 4; border-top: none; text-wrap: nowrap; text-overflow: ellipsis; }"
    )

    def show(self, entry: DocumentEntry | None) -> None:
        self.update("" if entry is None else "\n".join(details(entry)))


def details(entry: DocumentEntry) -> tuple[str, str, str, str]:
    """Everything EX_3.1-1040 to -1080 want to see of a document, in local time."""
    size = f"{max(1, round(entry.size / 1000))} ko" if entry.size is not None else ""
    kinds = (type_words(entry), entry.class_code.label, format_name(entry), size)
    authors = " ; ".join(author_words(author) for author in entry.authors)
    made = "Fait par le patient" if entry.by_patient else "Fait par un professionnel"
    return (
        entry.title or "(sans titre)",
        " · ".join(filter(None, kinds)),
        " · ".join(filter(None, (state(entry), _dates(entry)))),
        f"{made} : {authors}" if authors else made,
    )


def type_words(entry: DocumentEntry) -> str:
    """Its label; with the code when no nomenclature of ours knows it."""
    kind = entry.type_code
    return (
        kind.label
        if kind.label == kind.code or known(CodeSet.TYPE, kind.code)
        else f"{kind.label} ({kind.code})"
    )


def author_words(author: Author) -> str:
    """`NOM Prénom (profession), structure`."""
    said = ", ".join(code.label for code in author.specialities)
    structures = [one.name for one in author.institutions if one.name and one.name != author.name]
    return ", ".join((f"{author.name} ({said})" if said else author.name, *structures))


def _dates(entry: DocumentEntry) -> str:
    said = [f"acte du {date_of(entry)}"] if entry.service_start else []
    for moment, word in ((entry.created, "document du"), (entry.submitted, "déposé le")):
        said += [f"{word} {moment.astimezone():%d/%m/%Y %H:%M}"] if moment else []
    return " · ".join(said) or "sans date"


def _texts(entry: DocumentEntry) -> tuple[str, str, str, str]:
    author = entry.authors[0].name if entry.authors else ""
    return entry.title or "(sans titre)", author, state(entry, short=True), entry.type_code.label


def _rooms(width: int) -> tuple[int, ...]:
    """Columns of title, author and state, and of the type on wide terminals."""
    left = max(width - _FIXED, 30)
    if width < _TYPE_FROM:
        return left - 25, 14, 11
    left -= 1
    return (left - 45) * 3 // 5, 20, 25, left - 45 - (left - 45) * 3 // 5


def fitted(text: str, room: int) -> str:
    """Exactly `room` columns."""
    if cells(text) > room:
        while text and cells(text) > room - 1:
            text = text[:-1]
        text += "…"
    return padded(text, room)

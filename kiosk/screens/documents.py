"""The documents of one record: one search, and what was received stays at hand (TD3.1)."""

import asyncio
import time
from collections import deque
from collections.abc import Iterator
from typing import ClassVar

from textual import events, on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.document import DocumentEntry, FoundDocuments
from kiosk.dmp.model import RecordState
from kiosk.errors import KioskError, Refused
from kiosk.record import reading
from kiosk.record.document_list import SPACE_NAMES, Criteria, Order, ReceivedDocuments, Space
from kiosk.record.visit import Visit
from kiosk.rendering.page import Span, Style
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import ConfirmDialog
from kiosk.screens.document_filters import CriteriaScreen
from kiosk.screens.document_rows import DocumentDetails, DocumentRows
from kiosk.screens.manage import ManageDialog
from kiosk.screens.reader import ReaderScreen
from kiosk.screens.rows import Rows
from kiosk.screens.text_screen import TextScreen
from kiosk.screens.widgets import Field, Line, digit_of

THRESHOLD = "DMPAccessDeniedByExcededThreshold"
"""Too many searches: says nothing of the right to read what was received (EX_3.1-2035)."""
_REDRAW_SECONDS = 0.5
"""While a long list arrives: drawing it takes from what reads it. Its first screenful is drawn at once."""
_SHORT = {
    Space.SYNTHESIS: "Synth.",
    Space.TREATMENT: "Trait.",
    Space.REPORT: "CR",
    Space.PREVENTION: "Prév.",
    Space.CERTIFICATE: "Certif.",
    Space.PERSONAL: "Perso",
}


class DocumentsScreen(KioskScreen[Refused | None]):
    """Dismissed with None, or with the refusal of the DMP when it let nobody in."""

    heading = "Documents — DMP · Mon espace santé"
    keys = "Entrée Lire  F2 Critères  F3 Trier  F4 Gérer  F5 Chercher  F10 Retour  F1 Aide"
    help_text = (
        "Une lettre montre un espace du DMP, 0 les montre tous ; / ou F filtre par mots ; F3 trie. Rien de cela "
        "n'interroge le DMP. F2 cherche par critères, F5 cherche de nouveau : le patient verra chaque recherche dans "
        "son historique.\n\n« nouv. » : ajouté depuis votre dernière visite. PATIENT : écrit ou déposé par le "
        "patient. La liste n'est pas exhaustive : le DMP ne remplace pas le dossier du professionnel.\n\n"
        "H : les types de documents que votre profession ne peut pas lire."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "criteria", show=False),
        Binding("f3", "order", show=False),
        Binding("f4", "manage", show=False),
        Binding("f5", "search_again", show=False),
        Binding("f10", "leave", show=False),
        Binding("escape", "back", show=False),
        Binding("slash,f", "filter", show=False),
        Binding("h", "closed_types", show=False),
        *(Binding(key, f"rows('{act}', {step})", show=False, priority=True) for key, act, step in (
            ("up", "move", -1), ("down", "move", 1), ("pageup", "page", -1), ("pagedown", "page", 1))),
    ]  # fmt: skip

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit
        self._criteria = Criteria()
        self._received = ReceivedDocuments(self._criteria, None, visit.session.now())
        self._arriving: deque[list[DocumentEntry]] = deque()
        self._found: FoundDocuments | None = None
        self._space: Space | None = None
        self._order = Order.DATE
        self._figures = reading.Figures()
        self._one_search = asyncio.Lock()
        self._first_to_come = True
        self._drawn_at = 0.0
        self._leaving = False
        self._key_waits = ""
        """What the user pressed while the list was arriving, told until it is there."""
        self._closed_types = reading.closed_types(visit)

    def body(self) -> Iterator[Widget]:
        yield Horizontal(
            Line("", id="count", classes="loud"),
            Field("/ Filtrer", id="filter", width=14, label_width=10, max_length=60),
            classes="row",
        )
        yield Line("", id="spaces")
        yield Line("", id="asked")
        yield Line("", id="columns", classes="section")
        yield DocumentRows(id="documents")
        yield DocumentDetails(id="details")

    def on_mount(self) -> None:
        self._list.focus()
        self.watch(self._list, "cursor", self._show_details)
        self._draw()
        self._search(self._criteria)

    def on_resize(self) -> None:
        self.query_one("#columns", Line).update(self._list.head(self._list.size.width))

    @property
    def _list(self) -> DocumentRows:
        return self.query_one(DocumentRows)

    @property
    def searching(self) -> bool:
        """Whether a list is arriving, or about to."""
        return self._first_to_come or self._one_search.locked()

    # --- asking the DMP -----------------------------------------------------------------------------------

    @work(exclusive=True, group="search")
    async def action_search_again(self) -> None:
        """F5: the existence test first, as before every access."""
        if self.searching:
            self._tell_waiting(_NOT_YET)
        elif await self._still_open():
            self._search(self._criteria)

    @work(exclusive=True, group="search")
    async def action_criteria(self) -> None:
        if self.searching:
            self._tell_waiting(_NOT_YET)
            return
        last_visit = await asyncio.to_thread(self._visit.last_visit)
        criteria = await self.app.push_screen_wait(CriteriaScreen(self._criteria, last_visit))
        if criteria is not None and await self._still_open():
            self._search(criteria)

    async def _still_open(self) -> bool:
        """Whether the record may still be read; the hub says what became of it when not."""
        if await self.attempt("Test d'existence", self._visit.test_existence) is None:
            return False
        if self._visit.status.state is RecordState.ACTIVE and self._visit.open:
            return True
        self.dismiss(None)
        return False

    @work(exclusive=True, group="list")
    async def _search(self, criteria: Criteria) -> None:
        """The list fills as it arrives; keys live on, Escape gives up. A search that fails leaves the former list."""
        former = self._criteria, self._received, self._found
        try:
            async with self._one_search:
                self._first_to_come = False
                await self._fill(criteria)
        except KioskError as error:
            if isinstance(error, Refused) and error.server_code != THRESHOLD:
                self.dismiss(error)
                return
            self._arriving.clear()
            if self._leaving:
                return
            self._criteria, self._received, self._found = former
            self._key_waits = ""
            self._draw()
            await self.show_error(error)
            return
        pressed, self._key_waits = self._key_waits, ""
        self._take(at_end=True)
        if self._found is not None and self._found.partial:
            self.say("Le DMP n'a pas pu tout donner : affinez la recherche (F2).", error=True)
        elif pressed == _UNSEEN and self._list.chosen is not None:
            self.say(_SEEN)

    async def _fill(self, criteria: Criteria) -> None:
        last_visit = await asyncio.to_thread(self._visit.last_visit)
        self._criteria, self._found = criteria, None
        self._received = ReceivedDocuments(criteria, last_visit, self._visit.session.now())
        self._arriving.clear()
        self._draw()
        with self.counting("Recherche des documents (Échap : abandonner)"):
            self._found = await asyncio.to_thread(reading.search, self._visit, criteria, self._entries_came)

    def _entries_came(self, entries: list[DocumentEntry]) -> None:
        """In the thread of the call."""
        self._arriving.append(entries)
        self.app.call_later(self._take)

    def _take(self, *, at_end: bool = False) -> None:
        """Draw what came: the first screenful at once, then twice a second."""
        if not self.is_attached:
            return
        first = not len(self._received)
        if not first and not at_end and time.monotonic() < self._drawn_at + _REDRAW_SECONDS:
            return
        while self._arriving:
            self._received.add(self._arriving.popleft())
        self._draw()

    # --- what is shown ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        if not self.is_attached:
            return
        rows = self._list
        here = rows.chosen
        shown = self._received.view(space=self._space, words=self._words, order=self._order)
        rows.list_all(shown, empty=self._nothing(), is_new=self._received.is_new)
        self.query_one("#columns", Line).update(rows.head(rows.size.width))
        if here is not None and rows.cursor:
            rows.cursor = next((n for n, entry in enumerate(shown) if entry is here), rows.cursor)
        self._drawn_at = time.monotonic()
        self.query_one("#count", Line).update(self._count(len(shown)))
        self.query_one("#spaces", Line).update(_bar(self._space))
        self.query_one("#asked", Line).update(self._asked())
        self._show_details()

    def _count(self, shown: int) -> str:
        whole = len(self._received)
        count = f"{whole} document(s)" if shown == whole else f"{shown} sur {whole} document(s)"
        return f"{self._visit.member.name} · {count}"

    def _asked(self) -> str:
        """How the list is sorted, what it leaves out and why."""
        words = self._criteria.words()
        if self._key_waits:
            return _SEEN if self._key_waits == _UNSEEN and self._list.chosen else self._key_waits
        said = [f"Triés par {self._order.value}", "non exhaustif", f"critères : {words}" if words else ""]
        if self._found and self._found.unreadable:
            said.append(f"{self._found.unreadable} illisible(s)")
        if self._closed_types:
            said.append(f"{len(self._closed_types)} types fermés à votre profession (H)")
        return " · ".join(filter(None, said))

    def _nothing(self) -> str:
        if self.searching and not len(self._received):
            return "Liste en cours…"
        if len(self._received):
            return "Aucun document ici : 0 montre tous les espaces, Échap efface le filtre."
        return "Aucun document. F2 change les critères, F5 cherche de nouveau."

    def _show_details(self) -> None:
        self.query_one(DocumentDetails).show(self._list.chosen)

    @property
    def _words(self) -> str:
        return self.query_one("#filter", Input).value

    # --- keys ---------------------------------------------------------------------------------------------

    def action_space(self, key: str) -> None:
        """The same letter again shows everything."""
        space = Space(key)
        self._look_at(None if self._space is space else space)

    def on_key(self, event: events.Key) -> None:
        if digit_of(event.character or "") == "0":
            event.stop()
            self._look_at(None)

    def _look_at(self, space: Space | None) -> None:
        self._space = space
        self._list.cursor = 0
        self._draw()

    def action_order(self) -> None:
        orders = list(Order)
        self._order = orders[(orders.index(self._order) + 1) % len(orders)]
        self._list.cursor = 0
        self._draw()

    def action_filter(self) -> None:
        self.query_one("#filter").focus()

    @on(Input.Changed, "#filter")
    def filter_as_typed(self) -> None:
        self._list.cursor = 0
        self._draw()

    @on(Input.Submitted, "#filter")
    @on(Rows.Chosen)
    @on(DocumentRows.Early)
    def open_chosen(self) -> None:
        self._list.focus()
        if self._list.chosen is not None:
            self._read(self._list.chosen)
        elif self.searching:
            self._tell_waiting(_UNSEEN)

    def _tell_waiting(self, words: str) -> None:
        """On a line that the seconds of the search do not write over."""
        self._key_waits = words
        self.query_one("#asked", Line).update(words)

    @work(exclusive=True, group="read")
    async def _read(self, entry: DocumentEntry) -> None:
        if self.searching:
            self._tell_waiting(_OPENS_LATER)
        async with self._one_search:
            pass
        shown = self._list.items
        at = next((n for n, one in enumerate(shown) if one is entry), None)
        if at is None or not self.is_attached:
            return
        last = await self.app.push_screen_wait(ReaderScreen(self._visit, shown, at, self._figures))
        self._list.cursor = next((n for n, one in enumerate(self._list.items) if one is last), at)

    def action_rows(self, act: str, step: int) -> None:
        getattr(self._list, f"action_{act}")(step)

    def action_manage(self) -> None:
        if self.searching:
            self._tell_waiting(_NOT_YET)
        elif self._list.chosen is not None:
            self._manage(self._list.chosen)

    @work(exclusive=True, group="read")
    async def _manage(self, entry: DocumentEntry) -> None:
        """A change is followed by another search only if somebody asks for it (EX_3.1-2030)."""
        changed = await self.app.push_screen_wait(ManageDialog(self._visit, entry))
        if changed and await self.app.push_screen_wait(
            ConfirmDialog(
                "Chercher de nouveau ?",
                "La liste montre encore l'état d'avant. Le patient verra cette recherche dans son historique.",
                yes="chercher",
                no="plus tard (F5)",
            )
        ):
            self.action_search_again()

    def action_closed_types(self) -> None:
        if not self._closed_types:
            self.say("La matrice d'habilitation ne ferme aucun type de document à votre profession.")
            return
        lines = [(Span(_CLOSED, Style.STRONG),), ()]
        lines += [(Span(f"{label}  ({code})"),) for code, label in self._closed_types]
        self.app.push_screen(TextScreen("Types non ouverts à votre profession", lines))

    def action_leave(self) -> None:
        """F10 leaves whatever is under way; nobody waits for a search that is not wanted any more."""
        self._leaving = True
        if self.searching:
            self.cancel_work()
        self.dismiss(None)

    def action_back(self) -> None:
        """Escape gives up the search under way, then the filter, then the list."""
        line = self.query_one("#filter", Input)
        if self.searching:
            self.cancel_work()
        elif line.value or line.has_focus:
            line.value = ""
            self._list.focus()
        else:
            self.dismiss(None)


_UNSEEN = "Liste en cours : rien ne s'ouvre avant d'être vu. Entrée quand elle sera là."
_SEEN = "La liste est là : Entrée ouvre le document que > désigne."
_OPENS_LATER = "Le document choisi s'ouvrira quand la liste sera complète."
_NOT_YET = "Liste en cours : cette touche vaut quand elle est complète (Échap : abandonner)."
_CLOSED = "Le DMP ne montre pas ces documents à votre profession, même au patient présent :"


def _bar(chosen: Space | None) -> str:
    """Every space with its key, the chosen one in brackets; 78 columns."""
    words = [("0 Tout", chosen is None)]
    words += [(f"{s.value.upper()} {_SHORT.get(s, SPACE_NAMES[s])}", s is chosen) for s in Space]
    bar = ""
    for word, here in words:
        bar = f"{bar}[{word}]" if here else f"{bar}{'' if bar.endswith(']') else ' '}{word}"
    return bar

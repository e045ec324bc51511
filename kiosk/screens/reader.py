"""One document on the screen: text first, everything else one key away. It lives as long as this screen (TD3.2)."""

from collections.abc import Iterator, Sequence
from functools import partial
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.widget import Widget
from textual.widgets import Input

from kiosk.dmp.document import DocumentEntry
from kiosk.record.document_list import maker, state
from kiosk.record.document_print import PRINTED, Printing
from kiosk.record.reading import Figures, OpenDocument, is_biology, open_document, warning
from kiosk.record.visit import Visit
from kiosk.rendering import curves
from kiosk.rendering.child import Rendering
from kiosk.rendering.layout import Line as LaidLine
from kiosk.rendering.layout import header_lines, lines
from kiosk.rendering.page import Field as HeaderField
from kiosk.rendering.page import Heading, Kind, Paragraph, Rendered, Span, Style
from kiosk.screens.base import KioskScreen
from kiosk.screens.curve import CurveScreen
from kiosk.screens.dialogs import ConfirmDialog, error_text
from kiosk.screens.document_choice import DocumentChoice
from kiosk.screens.document_rows import details, type_words
from kiosk.screens.page_image import PageImageScreen
from kiosk.screens.text_pane import TextPane
from kiosk.screens.widgets import Field, Line

MOST_REPORTS = 12
"""Biology reports opened at one go for the curves: three years of quarters."""


class ReaderScreen(KioskScreen[DocumentEntry]):
    """Dismissed with the last document of the list that was chosen."""

    DEFAULT_CSS = """
    ReaderScreen #name { height: 1; text-wrap: nowrap; text-overflow: ellipsis; }
    ReaderScreen #about { height: 2; text-wrap: nowrap; text-overflow: ellipsis; }
    """
    heading = "Document — DMP · Mon espace santé"
    keys = "F10 Retour   Échap Abandonner l'ouverture   F1 Aide"
    help_text = (
        "←→ passent au document suivant ou précédent de la liste. / cherche dans le texte, N va plus loin, Maj+N "
        "revient. E montre l'en-tête et la fiche du DMP. V : les autres versions. L : les documents liés. I : l'image "
        "de la page. C : les courbes de biologie.\n\nRien n'est gardé sur ce poste. F7 imprime, et le journal le dit."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
        Binding("slash,f", "look_for", show=False),
        Binding("n", "next_hit(1)", show=False),
        Binding("N", "next_hit(-1)", show=False),
        Binding("e", "header", show=False),
        Binding("v", "versions", show=False),
        Binding("l", "linked", show=False),
        Binding("i", "image", show=False),
        Binding("c", "curves", show=False),
        Binding("f7", "print", show=False),
    ]

    def __init__(
        self, visit: Visit, entries: Sequence[DocumentEntry], at: int, figures: Figures | None = None
    ) -> None:
        super().__init__()
        self._visit, self._entries, self._at = visit, entries, at
        self._figures = figures or Figures()
        self._open: OpenDocument | None = None
        self._under_way: Rendering | None = None
        self._printing: Printing | None = None
        self._header_shown = False

    def body(self) -> Iterator[Widget]:
        yield Line("", id="name", classes="loud")
        yield Line("", id="about")
        yield TextPane(id="text")
        yield Horizontal(
            Field("Chercher", id="words", width=30, label_width=10, max_length=60),
            id="looking",
            classes="row",
        )

    def on_mount(self) -> None:
        self.query_one("#looking").display = False
        self.query_one(TextPane).focus()
        self._read(self._entries[self._at])

    def on_unmount(self) -> None:
        if self._open is not None:
            self._open.close()

    # --- opening ------------------------------------------------------------------------------------------

    @work(exclusive=True, group="read")
    async def _read(self, entry: DocumentEntry) -> None:
        warn = warning(entry)
        if warn and not await self.app.push_screen_wait(
            ConfirmDialog(entry.title or "(sans titre)", warn, yes="ouvrir", no="ne pas ouvrir")
        ):
            if self._open is None:
                self.action_back()
            return
        opened = await self.attempt(
            "Ouverture du document", lambda: open_document(self._visit, entry, self._reading_began)
        )
        self._under_way = None
        if opened is None:
            if self._open is None:
                self.action_back()
            return
        if not self.is_attached:
            opened.close()
            return
        if self._open is not None:
            self._open.close()
        self._open = opened
        if opened.rendered is not None:
            self._figures.keep(entry, opened.rendered)
        self._draw()

    def _reading_began(self, rendering: Rendering) -> None:
        """In the thread that reads."""
        self._under_way = rendering

    def cancel_work(self) -> None:
        super().cancel_work()
        if self._under_way is not None:
            self._under_way.cancel()
        if self._printing is not None:
            self._printing.cancel()
            self.say("Annulation demandée à l'imprimante…")

    # --- what is shown ------------------------------------------------------------------------------------

    def _draw(self) -> None:
        opened = self._open
        assert opened is not None
        entry = opened.entry
        rank = next((f"{n + 1}/{len(self._entries)} " for n, e in enumerate(self._entries) if e is entry), "")
        self.query_one("#name", Line).update(f"{rank}{maker(entry)} · {entry.title or '(sans titre)'}")
        _, _, dates, authors = details(entry)
        self.query_one("#about", Line).update(f"{type_words(entry)} · {dates}\n{authors}")
        self.query_one("#keys", Line).update(self._keys(opened))
        self.query_one(TextPane).show(self._lay)
        self._tell_place()

    def _keys(self, opened: OpenDocument) -> str:
        """What this document offers, as much as holds on the line; everything is in the help."""
        has_pages = opened.rendered is not None and bool(opened.rendered.pages)
        offered = [
            ("F10 Retour", True),
            ("←→ Document", len(self._entries) > 1),
            ("F7 Imprimer", opened.rendered is not None),
            ("C Courbes", self._has_figures(opened)),
            ("I Image", has_pages),
            ("/ Chercher", True),
            ("E En-tête", True),
            ("L Liés", bool(opened.entry.reference_ids)),  # works for any; worth a word for these
            ("F1 Aide", True),
            ("V Versions", True),
        ]
        return fitting([words for words, there in offered if there], self.size.width)

    def _has_figures(self, opened: OpenDocument) -> bool:
        return self._figures.has(opened.entry)

    def _lay(self, width: int) -> list[LaidLine]:
        opened = self._open
        if opened is None:
            return []
        laid: list[LaidLine] = []
        if self._header_shown:
            laid += _card(opened, width)
        if opened.fault is not None:
            laid += lines(_told(opened), width)
        if opened.rendered is not None:
            laid += lines(opened.rendered, width)
        return laid

    def _tell_place(self) -> None:
        opened = self._open
        unsure = opened is not None and not opened.verified
        self.say(
            "Le DMP ne dit pas l'empreinte de ce document : la borne n'a pas pu le vérifier."
            if unsure
            else ""
        )

    # --- keys ---------------------------------------------------------------------------------------------

    def action_turn(self, step: int) -> None:
        at = self._at + step
        if 0 <= at < len(self._entries):
            self._at = at
            self._read(self._entries[at])
        else:
            self.say("C'est le dernier document de la liste." if step > 0 else "C'est le premier.")

    def action_header(self) -> None:
        self._header_shown = not self._header_shown
        self.query_one(TextPane).show(self._lay)

    def action_look_for(self) -> None:
        self.query_one("#looking").display = True
        self.query_one("#words").focus()

    @on(Input.Submitted, "#words")
    def search_inside(self, event: Input.Submitted) -> None:
        pane = self.query_one(TextPane)
        found = pane.search(event.value)
        self.query_one("#looking").display = False
        pane.focus()
        self._tell_hit(pane.hit if found else 0, found)

    def action_next_hit(self, step: int) -> None:
        pane = self.query_one(TextPane)
        self._tell_hit(pane.next_hit(step), pane.hits)

    def _tell_hit(self, hit: int, found: int) -> None:
        again = "   N : suivant" if found > 1 else ""
        self.say(f"Trouvé {hit} sur {found}{again}" if found else "Ces mots ne sont pas dans le document.")

    @work(exclusive=True, group="read")
    async def action_versions(self) -> None:
        if self._open is None:
            return
        entry = self._open.entry
        found = await self.attempt("Recherche des versions", lambda: self._visit.find_versions(entry))
        if found is not None:
            await self._choose("Versions de ce document, la plus récente d'abord", found.entries)

    @work(exclusive=True, group="read")
    async def action_linked(self) -> None:
        """Asked of the DMP: the list on the screen may be part of the record only."""
        if self._open is None:
            return
        entry = self._open.entry
        found = await self.attempt("Recherche des documents liés", lambda: self._visit.find_linked(entry))
        if found is not None:
            await self._choose("Documents liés à celui-ci", found.entries)

    async def _choose(self, what: str, entries: Sequence[DocumentEntry]) -> None:
        assert self._open is not None
        if all(one.unique_id == self._open.entry.unique_id for one in entries):
            self.say("Il n'y en a pas d'autre.")
            return
        newest = sorted(
            entries, key=lambda one: one.created.timestamp() if one.created else 0.0, reverse=True
        )
        chosen = await self.app.push_screen_wait(DocumentChoice(what, newest))
        if chosen is not None:
            self._read(chosen)

    def action_image(self) -> None:
        opened = self._open
        if opened is None or opened.rendered is None or not opened.rendered.pages:
            self.say("Ce document n'a pas d'image de page.")
            return
        self.app.push_screen(PageImageScreen(opened.rendering, opened.rendered.pages))

    @work(exclusive=True, group="read")
    async def action_curves(self) -> None:
        """From the reports opened so far; others are opened only if somebody says so (EX_3.2-1010)."""
        opened = self._open
        if opened is None or not self._has_figures(opened):
            self.say("Ce document ne porte pas de résultats à tracer.")
            return
        others = (one for one in self._entries if is_biology(one) and not warning(one))
        unread = [one for one in others if not self._figures.has(one)][:MOST_REPORTS]
        more = bool(unread) and await self.app.push_screen_wait(
            ConfirmDialog(
                "Courbes de biologie",
                f"{len(unread)} autre(s) compte(s) rendu(s) structuré(s) de la liste ne sont pas encore ouverts. "
                "Les ouvrir pour tracer les courbes ? Chaque ouverture est tracée.",
                yes=f"ouvrir les {len(unread)}",
                no="avec ceux déjà ouverts",
            )
        )
        if more:
            await self._gather(unread)
        found = curves.series(self._figures.all())
        if found:
            await self.app.push_screen_wait(CurveScreen(found))
        else:
            self.say("Il faut deux résultats du même examen, à deux dates, pour tracer une courbe.")

    async def _gather(self, unread: Sequence[DocumentEntry]) -> None:
        """One after the other; the figures alone are kept. A report that cannot be opened ends it."""
        for number, entry in enumerate(unread, start=1):
            opened = await self.attempt(
                f"Compte rendu {number} sur {len(unread)}",
                partial(open_document, self._visit, entry, self._reading_began),
            )
            self._under_way = None
            if opened is None:
                return
            if opened.rendered is not None:
                self._figures.keep(entry, opened.rendered)
            opened.close()

    @work(exclusive=True, group="read")
    async def action_print(self) -> None:
        opened = self._open
        if opened is None or opened.rendered is None:
            self.say("Ce document n'a pas pu être lu : il ne s'imprime pas d'ici.")
            return
        if not await self.app.push_screen_wait(
            ConfirmDialog(
                "Imprimer ce document ?",
                f"{opened.entry.title or '(sans titre)'}\nChaque feuille portera la marque du DMP, la date et votre "
                "nom. L'impression est tracée. Ramassez les feuilles tout de suite.",
                yes="imprimer",
            )
        ):
            return
        self._printing = printing = Printing(self.app.station, self._visit, opened)
        progress = await self.attempt("Impression (Échap : annuler)", printing.run)
        self._printing = None
        if progress is not None:
            self.say(PRINTED[progress.state])

    def action_back(self) -> None:
        looking = self.query_one("#looking")
        if looking.display:
            looking.display = False
            self.query_one(TextPane).focus()
        else:
            self.dismiss(self._entries[self._at])


def fitting(keys: Sequence[str], width: int) -> str:
    """As many of the keys, the most useful first, as hold on one line of `width` columns."""
    line = ""
    for words in keys:
        longer = f"{line}  {words}" if line else words
        if len(longer) <= width:
            line = longer
    return line


def _card(opened: OpenDocument, width: int) -> list[LaidLine]:
    """What the registry and the document's own header say."""
    entry = opened.entry
    title, kinds, dates, authors = details(entry)
    told = [
        HeaderField("Titre", title),
        HeaderField("Description", entry.description),
        HeaderField("Nature", kinds),
        HeaderField("Dates (heure locale)", dates),
        HeaderField("Auteurs", authors),
        HeaderField(
            "Cadre", " · ".join(filter(None, (entry.practice_setting.label, entry.facility_type.label)))
        ),
        HeaderField("État", state(entry) or "courant"),
        HeaderField("Confidentialité", ", ".join(code.label for code in entry.confidentialities)),
        HeaderField("Identifiant", entry.unique_id),
    ]
    laid: list[LaidLine] = [(Span("Fiche du DMP", Style.STRONG),)]
    laid += header_lines([field for field in told if field.value], width)
    if opened.rendered is not None and opened.rendered.header:
        laid += [(), (Span("En-tête du document", Style.STRONG),)]
        laid += header_lines(opened.rendered.header, width)
    laid += [(Span("─" * width, Style.MUTED),)]
    return laid


def _told(opened: OpenDocument) -> Rendered:
    """Why a document stays shut, where its text would be."""
    assert opened.fault is not None
    text = error_text(opened.fault)
    return Rendered(Kind.TEXT, "", (), (Heading(opened.fault.what), Paragraph((Span(text),))))

"""Which file to deposit: the scan folder, a USB key, or a path that was typed."""

import asyncio
from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk import settings
from kiosk.deposit import source
from kiosk.deposit.source import Listing, Place, SourceFile
from kiosk.errors import OutboxUnwritable
from kiosk.record.document_list import restricted
from kiosk.record.known_documents import Known
from kiosk.record.known_files import KnownFiles
from kiosk.screens.base import Dialog, KioskScreen
from kiosk.screens.document_rows import fitted
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Field, Line

_SHORTEST_NAME = 10


class FileRows(Rows[SourceFile]):
    """Kind, name, then date and size; of a file that the DMP has already, that it has, and who does not see it."""

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id, empty=empty)
        self._known: dict[SourceFile, Known] = {}

    def show(self, items: Sequence[SourceFile]) -> None:
        self._known = {}
        super().show(items)

    def mark(self, item: SourceFile, known: Known) -> None:
        """The DMP has it already."""
        self._known[item] = known
        self.refresh()

    def known(self, item: SourceFile) -> Known | None:
        return self._known.get(item)

    def line(self, item: SourceFile, width: int) -> str:
        known = self._known.get(item)
        about = _marked(known) if known else f"{moment(item):<16} {size_words(item.size):>9}"
        about = fitted(about, min(len(about), width - 8 - _SHORTEST_NAME))
        return f"{item.kind.value:<6} {fitted(item.name, width - 8 - len(about))} {about}"


class FilesScreen(KioskScreen[SourceFile | None]):
    """Dismissed with the file chosen, or None. The newest file of the first place is under the cursor."""

    heading = "Choisir un fichier à déposer"
    keys = "Entrée Choisir   F3 Autre endroit   F4 Chemin   F5 Relire   Échap   F1 Aide"
    help_text = (
        "La liste montre, le plus récent d'abord, les fichiers que le DMP accepte : PDF/A-1, image JPEG ou TIFF, "
        "texte, RTF, et les documents structurés (CDA : synthèse médicale, biologie). Les autres ne sont que "
        "comptés. « déjà au DMP le … » : ce fichier, inchangé, a été déposé de ce poste, ou il est dans la liste des "
        "documents que vous avez ouverte.\n\nF3 passe du dossier de numérisation aux clés USB branchées. F4 : taper "
        "le chemin d'un fichier. F5 relit la liste, par exemple après avoir numérisé ou branché une clé. Rien n'est "
        "copié sur ce poste."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "next_place", show=False),
        Binding("f4", "type_path", show=False),
        Binding("f5", "read_again", show=False),
        Binding("escape,f10", "give_up", show=False),
    ]

    def __init__(self, known: KnownFiles) -> None:
        super().__init__()
        self._known = known
        self._places: tuple[Place, ...] = ()
        self._at = 0

    def body(self) -> Iterator[Widget]:
        yield Line("", id="place", classes="loud")
        yield Line(f"  {'Format':<6} Fichier", classes="section")
        yield FileRows(id="files", empty="Aucun fichier à déposer ici.")
        yield Line("", id="here")
        yield Line("", id="left-out")

    def on_mount(self) -> None:
        rows = self.query_one(FileRows)
        rows.focus()
        self.watch(rows, "cursor", self._tell_here)
        self.action_read_again()

    @work(exclusive=True)
    async def action_read_again(self) -> None:
        self._places = source.places(self.app.station.scan_folder)
        self._at = min(self._at, max(0, len(self._places) - 1))
        await self._list()

    @work(exclusive=True)
    async def action_next_place(self) -> None:
        self._places = source.places(self.app.station.scan_folder)
        self._at = (self._at + 1) % max(1, len(self._places))
        await self._list()

    @work(exclusive=True)
    async def action_type_path(self) -> None:
        text = await self.app.push_screen_wait(PathDialog())
        if not text:
            return
        closed = (settings.state_directory(), settings.settings_file().parent)
        found = await self.attempt("Lecture du fichier", lambda: source.typed(text, closed=closed))
        if found is not None:
            self.dismiss(found)

    @on(Rows.Chosen)
    def take(self) -> None:
        self.dismiss(self.query_one(FileRows).chosen)

    def action_give_up(self) -> None:
        self.dismiss(None)

    async def _list(self) -> None:
        if not self._places:
            self.query_one("#place", Line).update(
                "Ni dossier de numérisation ni clé USB : branchez une clé puis F5, ou F4 pour un chemin."
            )
            return
        place = self._places[self._at]
        rank = f" ({self._at + 1} sur {len(self._places)}, F3 : le suivant)" if len(self._places) > 1 else ""
        self.query_one("#place", Line).update(f"{place.label}{rank}")
        found = await self.attempt("Lecture du dossier", lambda: source.listing(place))
        if self.is_attached:
            self.query_one(FileRows).show(found.files if found else ())
            self.query_one("#left-out", Line).update(_left_out(found) if found else "")
            self._tell_here()
            self._mark(found.files if found else ())

    @work(exclusive=True, group="mark")
    async def _mark(self, files: Sequence[SourceFile]) -> None:
        """Only files as large as one that is known are read; the list lives on meanwhile."""
        rows = self.query_one(FileRows)
        try:
            await asyncio.to_thread(self._known.look_up)
        except OutboxUnwritable:
            self.say("Le registre des dépôts ne se lit pas : ce qui est déjà au DMP n'est pas signalé.")
            return
        for file in filter(self._known.candidate, files):
            known = await asyncio.to_thread(self._known.of_file, file)
            if known is not None and self.is_attached:
                rows.mark(file, known)
                self._tell_here()

    def _tell_here(self) -> None:
        """All there is to say of the file under the cursor that its line has no room for."""
        rows = self.query_one(FileRows)
        file = rows.chosen
        known = rows.known(file) if file else None
        said = f"{moment(file)} · {size_words(file.size)} · {known.sentence}" if file and known else ""
        self.query_one("#here", Line).update(said)


class PathDialog(Dialog[str]):
    """Dismissed with what was typed; empty when the user gave up."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def body(self) -> Iterator[Widget]:
        yield Line("Chemin du fichier", classes="loud")
        yield Line("Complet, par exemple /media/cle/compte-rendu.pdf", classes="spaced")
        yield Field("Chemin", id="path", width=58, label_width=8, max_length=1000)
        yield Line("Entrée : choisir ce fichier    Échap : revenir", classes="spaced")

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        self.dismiss(event.value.strip())

    def action_give_up(self) -> None:
        self.dismiss("")


def size_words(size: int) -> str:
    """`'12 ko'`, `'3,4 Mo'`."""
    return (
        f"{max(1, round(size / 1000))} ko" if size < 1_000_000 else f"{size / 1e6:.1f} Mo".replace(".", ",")
    )


def moment(file: SourceFile) -> str:
    """When it was last changed, local time."""
    return f"{file.changed.astimezone():%d/%m/%Y %H:%M}"


def _marked(known: Known) -> str:
    return ", ".join((known.brief, *restricted(known.visibility, short=True)))


def _left_out(found: Listing) -> str:
    said = []
    if found.others:
        said.append(
            "1 fichier vide ou d'un autre format n'est pas montré"
            if found.others == 1
            else f"{found.others} fichiers vides ou d'un autre format ne sont pas montrés"
        )
    if found.more:
        said.append(f"seuls les {source.MOST} plus récents sont montrés")
    return " ; ".join(said)

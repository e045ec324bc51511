"""Which file to deposit: the scan folder, a USB key, or a path that was typed."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk import settings
from kiosk.deposit import source
from kiosk.deposit.source import Listing, Place, SourceFile
from kiosk.rendering.width import padded
from kiosk.screens.base import Dialog, KioskScreen
from kiosk.screens.rows import Rows
from kiosk.screens.widgets import Field, Line


class FileRows(Rows[SourceFile]):
    """Kind, name, date, size."""

    def line(self, item: SourceFile, width: int) -> str:
        day = f"{item.changed.astimezone():%d/%m/%Y %H:%M}"
        room = max(10, width - 36)
        name = item.name if len(item.name) <= room else f"{item.name[: room - 1]}…"
        return f"{item.kind.value:<6} {padded(name, room)} {day:<16} {size_words(item.size):>9}"


class FilesScreen(KioskScreen[SourceFile | None]):
    """Dismissed with the file chosen, or None. The newest file of the first place is under the cursor."""

    heading = "Choisir un fichier à déposer"
    keys = "Entrée Choisir   F3 Autre endroit   F4 Chemin   F5 Relire   Échap   F1 Aide"
    help_text = (
        "La liste montre, le plus récent d'abord, les fichiers que le DMP accepte : PDF/A-1, image JPEG ou TIFF, "
        "texte, RTF, et les documents structurés (CDA : synthèse médicale, biologie). Les autres ne sont que "
        "comptés.\n\nF3 passe du dossier de numérisation aux clés USB branchées. F4 : taper le chemin d'un fichier. "
        "F5 relit la liste, par exemple après avoir numérisé ou branché une clé. Rien n'est copié sur ce poste."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f3", "next_place", show=False),
        Binding("f4", "type_path", show=False),
        Binding("f5", "read_again", show=False),
        Binding("escape,f10", "give_up", show=False),
    ]

    def __init__(self) -> None:
        super().__init__()
        self._places: tuple[Place, ...] = ()
        self._at = 0

    def body(self) -> Iterator[Widget]:
        yield Line("", id="place", classes="loud")
        yield Line(f"  {'Format':<6} Fichier", classes="section")
        yield FileRows(id="files", empty="Aucun fichier à déposer ici.")
        yield Line("", id="left-out")

    def on_mount(self) -> None:
        self.query_one(FileRows).focus()
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

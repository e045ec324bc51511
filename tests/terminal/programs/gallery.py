"""One application, two drivers: `gallery.py stock` draws through Textual's own, `gallery.py kiosk` ours."""

import os
import sys
from typing import ClassVar

from rich.text import Text
from textual.app import ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.screen import ModalScreen, Screen
from textual.widgets import Button, DataTable, Input, Label, OptionList, Static

from kiosk.terminal.app import LockedApp

WIDE = "漢字 — naïve œuvre, ½ ± € e\u0301 a\u0301\u0323 한글 ◆ ✓ 日"


class Home(Screen[None]):
    def compose(self) -> ComposeResult:
        yield Static("Accueil de la borne", markup=False)
        yield Static(WIDE, markup=False)
        yield Static(
            Text.assemble(
                ("gras ", "bold"),
                ("souligné ", "underline"),
                ("italique ", "italic"),
                ("renversé ", "reverse"),
                ("rouge ", "red"),
                ("fond ", "on blue"),
                ("barré", "strike"),
            )
        )


class Form(Screen[None]):
    def compose(self) -> ComposeResult:
        for name in ("Nom", "Prénom", "Naissance"):
            yield Label(name, markup=False)
            yield Input()
        yield Button("Valider")


class Table(Screen[None]):
    def compose(self) -> ComposeResult:
        table: DataTable[Text] = DataTable(cursor_type="row", zebra_stripes=True)
        table.add_columns("Date", "Titre", "Auteur")
        for n in range(60):
            table.add_row(Text(f"{n:02}/03/2012"), Text(f"Compte rendu {n} 漢字"), Text("Dr ÉTÉ"))
        yield table


class Choices(Screen[None]):
    def compose(self) -> ComposeResult:
        yield OptionList(*[f"Choix {n}" for n in range(40)])


class Confirm(ModalScreen[None]):
    CSS = "Confirm { align: center middle; } #box { width: 30; height: 5; border: round; }"

    def compose(self) -> ComposeResult:
        yield Static("Confirmer ?", id="box", markup=False)


class Gallery(LockedApp[None]):
    SCREENS: ClassVar = {"form": Form, "table": Table, "choices": Choices, "confirm": Confirm, "home": Home}
    BINDINGS: ClassVar = [
        ("f1", "app.push_screen('home')", ""),
        ("f2", "app.push_screen('form')", ""),
        ("f3", "app.push_screen('table')", ""),
        ("f4", "app.push_screen('choices')", ""),
        ("f5", "app.push_screen('confirm')", ""),
        ("f6", "app.pop_screen", ""),
        ("f8", "leave", ""),
        ("f9", "say('F9 puis Échap')", ""),
        ("escape", "say('Échap reçu')", ""),
    ]

    def on_mount(self) -> None:
        self.push_screen("home")

    def action_say(self, what: str) -> None:
        self.screen.query(Static).first().update(what)

    def action_leave(self) -> None:
        self.exit()


app = Gallery(theme_setting=os.environ.get("GALLERY_THEME", "auto"))
if sys.argv[1] == "stock":
    app.driver_class = LinuxDriver
app.run(mouse=False)
sys.exit(app.return_code)

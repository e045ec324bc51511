"""Every widget that shows text, all showing what one file holds: `exhibit.py FILE LAYERS`.

LAYERS are those of the kiosk left in place: `filter`, `driver`, both, or `none` for stock Textual.
"""

import sys
from pathlib import Path

from rich.text import Text
from textual.app import ComposeResult
from textual.drivers.linux_driver import LinuxDriver
from textual.widgets import (
    Button,
    DataTable,
    Header,
    Input,
    Label,
    Markdown,
    OptionList,
    RichLog,
    Static,
    TextArea,
    Tree,
)

from kiosk.terminal import LockedApp
from kiosk.terminal.filter import NoControl

HOSTILE = Path(sys.argv[1]).read_text(encoding="utf-8")
LAYERS = sys.argv[2]


class Exhibit(LockedApp[None]):
    CSS = "* { height: auto; } Screen { overflow: hidden; } RichLog, TextArea, DataTable { height: 3; }"

    def compose(self) -> ComposeResult:
        yield Header()
        yield Static(HOSTILE, markup=False)
        yield Static(HOSTILE.replace("[", "\\["))
        yield Label(HOSTILE, markup=False)
        yield Button(Text(HOSTILE))
        yield Input(HOSTILE)
        yield OptionList(Text(HOSTILE))
        yield DataTable()
        yield Tree(Text(HOSTILE))
        yield TextArea(HOSTILE)
        yield RichLog(markup=False)
        yield Markdown(HOSTILE)
        framed = Static("cadre", markup=False)
        framed.styles.border = ("round", "white")
        framed.border_title = HOSTILE.replace("[", "\\[")
        yield framed

    def on_mount(self) -> None:
        self.title = HOSTILE
        table = self.query_one(DataTable)
        table.add_column(Text("titre"))
        table.add_row(Text(HOSTILE))
        self.query_one(RichLog).write(Text(HOSTILE))
        self.notify(HOSTILE, markup=False, timeout=600)
        self.call_after_refresh(self.call_after_refresh, self.mount, Static("TOUT EST LÀ", markup=False))


app = Exhibit()
if "filter" not in LAYERS:
    app._filters = [layer for layer in app._filters if not isinstance(layer, NoControl)]
if "driver" not in LAYERS:
    app.driver_class = LinuxDriver
app.run()

"""Sessions that show the pages of a document: `pages.py DIRECTORY DOCUMENT SETTING`, supervised as the kiosk is."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

import kiosk.screens
from kiosk.ending import Ending
from kiosk.journal import Journal, JournalLink
from kiosk.rendering.child import Rendering
from kiosk.screens.base import KioskScreen
from kiosk.screens.page_image import PageImageScreen
from kiosk.screens.widgets import Field, Line
from kiosk.settings import BY_TERMINAL
from kiosk.supervisor import supervise
from kiosk.terminal import LockedApp

DIRECTORY, DOCUMENT, SETTING = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]


class Desk(KioskScreen[None]):
    """A field that a stray answer would be typed in."""

    heading = "Bureau"

    def body(self) -> Iterator[Widget]:
        yield Field("Saisie", id="typed", width=60, label_width=10)

    def on_mount(self) -> None:
        self.query_one(Input).focus()


class Cover(KioskScreen[None]):
    heading = "Écran verrouillé"

    def body(self) -> Iterator[Widget]:
        yield Line("Rien à voir")


class Pages(LockedApp[int]):
    """F2 opens the pages, F3 covers the screen and F4 uncovers it, F5 to F7 end the session in their ways."""

    CSS_PATH = Path(kiosk.screens.__file__).with_name("kiosk.tcss")
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f2", "pages", show=False),
        Binding("f3", "cover", show=False),
        Binding("f4", "pop_screen", show=False),
        Binding("f5", "fall", show=False),
        Binding("f6", "card_out", show=False),
        Binding("f7", "stop", show=False),
    ]

    def on_mount(self) -> None:
        self.rendering = Rendering(DOCUMENT.read_bytes())
        self.push_screen(Desk())

    def action_pages(self) -> None:
        self.push_screen(PageImageScreen(self.rendering, ("Page 1", "Page 2")))

    def action_cover(self) -> None:
        self.push_screen(Cover())

    def action_fall(self) -> None:
        raise ValueError("on purpose")

    def action_card_out(self) -> None:
        os._exit(Ending.NEXT)

    def action_stop(self) -> None:
        self.exit(Ending.OPERATOR_STOP)

    # What screens ask of the kiosk's application.

    def banner(self) -> str:
        return ""

    def status_line(self) -> str:
        return f"séance {os.getpid()}"

    def titled(self, heading: str) -> str:
        return heading

    def way_out(self, seconds: int) -> bool:
        return False

    def give_up(self) -> None:
        pass


def session(link: JournalLink) -> int:
    return Pages(allows_pictures=SETTING == BY_TERMINAL).run() or 0


sys.exit(supervise(session, Journal(DIRECTORY / "journal.sqlite"), preload=lambda: None))

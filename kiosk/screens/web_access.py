"""The Web DMP elsewhere: an address to type and a QR code to scan, never a browser on the kiosk (TD0.9)."""

import asyncio
from collections.abc import Iterator
from typing import ClassVar

from rich.segment import Segment
from rich.style import Style
from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.strip import Strip
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.record import web_access
from kiosk.record.visit import Visit
from kiosk.record.web_access import Page
from kiosk.screens.base import Banner, Dialog, KioskScreen
from kiosk.screens.widgets import Line, Menu, MenuItem

_QUIET = 4
"""Light modules around a QR code (ISO/IEC 18004); fewer where the screen is too small, phones still read it."""
_PAPER = Style(color="black", bgcolor="white")
_BLOCKS = {(False, False): " ", (True, False): "▀", (False, True): "▄", (True, True): "█"}


class WebAccessScreen(KioskScreen[None]):
    """Which page of the Web DMP; Enter shows its link."""

    heading = "DMP sur le web, depuis un autre appareil"
    keys = "↑↓ ou chiffre Choisir   F10 Retour   F1 Aide"
    help_text = (
        "La borne n'ouvre pas de site. Choisissez une page : elle montre son adresse et un code QR, à ouvrir sur un "
        "appareil qui a un navigateur et votre lecteur de carte.\n\nLe lien porte l'identifiant du patient : ne le "
        "montrez qu'à lui et à vous. Le DMP vous demandera votre carte, et vos accès y seront tracés."
    )
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape", "leave", show=False)]

    def __init__(self, visit: Visit) -> None:
        super().__init__()
        self._visit = visit

    def body(self) -> Iterator[Widget]:
        yield Line(self._visit.member.name, classes="loud")
        if not self.app.station.web_url:
            yield Line(f"\n{_NOT_SET}")
            return
        yield Line("\nQuelle page ouvrir sur un autre appareil ?\n")
        yield Menu([MenuItem(page.label, page.name) for page in web_access.offered(self._visit)])

    def on_mount(self) -> None:
        for menu in self.query(Menu):
            menu.focus()

    @on(Menu.Chosen)
    @work(exclusive=True)
    async def choose(self, event: Menu.Chosen) -> None:
        """The journal first: a link that names a patient is an access."""
        visit, page = self._visit, web_access.offered(self._visit)[event.index]
        patient = visit.patient if page.of_patient else None
        try:
            await asyncio.to_thread(
                visit.session.trace, "TD0.9", "outcome", patient=patient, result="OK", reference=page.name
            )
        except KioskError as error:
            await self.show_error(error)
            return
        address = web_access.link(self.app.station.web_url, page, visit.patient)
        await self.app.push_screen_wait(LinkDialog(page, address))

    def action_leave(self) -> None:
        self.dismiss(None)


class LinkDialog(Dialog[None]):
    """The whole screen: the code on the left, the address on the right. Any closing key closes it."""

    DEFAULT_CSS = """
    LinkDialog { align: left top; }
    LinkDialog QrCode { width: auto; height: auto; }
    LinkDialog #beside { width: 1fr; padding: 0 1; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "close", show=False) for key in ("enter", "escape", "f10", "space")
    ]

    def __init__(self, page: Page, address: str) -> None:
        super().__init__()
        self._page, self._address = page, address

    def compose(self) -> ComposeResult:
        code = QrCode(self._address, self.app.size.height)
        with Horizontal():
            if code.fits:
                yield code
            with Vertical(id="beside"):
                yield Banner()
                yield Line(self._page.label, classes="loud")
                yield Line(self._address, classes="spaced")
                if not code.fits:
                    yield Line("L'écran est trop petit pour le code QR de cette adresse.", classes="spaced")
                yield Line("Sur un appareil avec votre lecteur de carte.", classes="spaced")
                yield Line("Entrée : fermer", classes="spaced loud")

    def action_close(self) -> None:
        self.dismiss(None)


class QrCode(Widget):
    """Black on white whatever the theme; half a cell is one module."""

    def __init__(self, text: str, height: int) -> None:
        """`height`: lines there are."""
        super().__init__()
        modules = web_access.qr_rows(text)
        quiet = min(_QUIET, height - (len(modules) + 1) // 2)
        self.fits = quiet >= 1
        """Whether the code and some light around it hold on the screen."""
        self._rows = _framed(modules, max(quiet, 0))

    def get_content_width(self, container: object, viewport: object) -> int:
        return len(self._rows[0])

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return (len(self._rows) + 1) // 2

    def render_line(self, y: int) -> Strip:
        width = len(self._rows[0])
        light = [False] * width
        upper, lower = (self._rows[n] if n < len(self._rows) else light for n in (2 * y, 2 * y + 1))
        text = "".join(_BLOCKS[pair] for pair in zip(upper, lower, strict=True))
        return Strip([Segment(text, _PAPER)], width)


def _framed(modules: list[list[bool]], quiet: int) -> list[list[bool]]:
    """The code with its light margin."""
    width = len(modules) + 2 * quiet
    side, line = [False] * quiet, [False] * width
    return [*([line] * quiet), *([*side, *row, *side] for row in modules), *([line] * quiet)]


_NOT_SET = (
    "Ce poste n'offre pas de lien vers le Web DMP.\n"
    "Règle : l'adresse du Web DMP se donne dans les réglages ([dmp] web_url)."
)

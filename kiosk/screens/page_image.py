"""A page as a picture, in half blocks: whole first, then nearer, moving over it."""

from collections.abc import Iterator
from typing import ClassVar

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual import work
from textual.binding import Binding, BindingType
from textual.strip import Strip
from textual.widget import Widget

from kiosk.rendering.child import Rendering
from kiosk.rendering.halves import coloured, pixels_for, plain
from kiosk.rendering.layout import text_of
from kiosk.rendering.page import PagePicture
from kiosk.screens.base import KioskScreen
from kiosk.screens.widgets import Line

_NEAREST = 6
"""Times the width of the screen: a page of small print can be read."""


class PictureView(Widget, can_focus=True):
    """Draws the part of a picture that holds in the widget; half a cell is one pixel."""

    DEFAULT_CSS = "PictureView { height: 1fr; width: 1fr; }"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: list[Strip] = []
        self.left = self.top = 0
        """In cells."""
        self._width = 0

    def show(self, picture: PagePicture, *, colours: bool) -> None:
        """What stood in the middle stays there, whatever the size of the picture."""
        across = (self.left + self.size.width / 2) / self._width if self._width else 0.0
        down = (self.top + self.size.height / 2) / len(self._strips) if self._strips else 0.0
        self._width = picture.width
        self._strips = _coloured(picture) if colours else _plain(picture)
        self.move(
            round(across * self._width - self.size.width / 2),
            round(down * len(self._strips) - self.size.height / 2),
        )

    def move(self, left: int, top: int) -> None:
        """Over the picture, as far as it goes."""
        self.left = max(0, min(left, self._width - self.size.width))
        self.top = max(0, min(top, len(self._strips) - self.size.height))
        self.refresh()

    def render_line(self, y: int) -> Strip:
        width = self.size.width
        if y + self.top >= len(self._strips):
            return Strip.blank(width, self.rich_style)
        strip = self._strips[y + self.top].crop(self.left, self.left + width)
        return strip.adjust_cell_length(width, self.rich_style)


class PageImageScreen(KioskScreen[None]):
    """The picture comes from the confined child, one page at a time, and stays in memory as long as the screen."""

    heading = "Image de la page — DMP · Mon espace santé"
    keys = "PgPréc PgSuiv Page   + - Agrandir   ←↑→↓ Déplacer   F10 Retour   F1 Aide"
    help_text = (
        "La page est dessinée avec des demi-blocs : agrandissez (+) jusqu'à pouvoir la lire, puis déplacez-vous avec "
        "les flèches. Le texte de la page se lit mieux sur l'écran précédent quand elle en a un."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("pageup", "turn(-1)", show=False),
        Binding("pagedown", "turn(1)", show=False),
        Binding("plus,equals_sign", "zoom(1)", show=False),
        Binding("minus,6", "zoom(-1)", show=False),
        *(Binding(key, f"move({right}, {down})", show=False) for key, right, down in (
            ("left", -1, 0), ("right", 1, 0), ("up", 0, -1), ("down", 0, 1))),
    ]  # fmt: skip

    def __init__(self, rendering: Rendering, labels: tuple[str, ...], page: int = 0) -> None:
        super().__init__()
        self._rendering, self._labels, self._page = rendering, labels, page
        self._zoom = 1

    def body(self) -> Iterator[Widget]:
        yield Line("", id="which", classes="loud")
        yield PictureView(id="picture")

    def on_mount(self) -> None:
        self.query_one(PictureView).focus()
        self.call_after_refresh(self.draw_page)

    @work(exclusive=True)
    async def draw_page(self) -> None:
        view = self.query_one(PictureView)
        columns, rows = view.size.width * self._zoom, view.size.height * self._zoom
        if self._zoom > 1:
            rows *= 4  # as wide as asked, however long the page
        width, height = pixels_for(columns, rows)
        page = self._page
        picture = await self.attempt(
            "Dessin de la page", lambda: self._rendering.picture(page, width, height)
        )
        if picture is not None and self.is_attached:
            view.show(picture, colours=not self.app.native_ansi_color)
            times = f" · agrandie {self._zoom} fois" if self._zoom > 1 else ""
            label = self._labels[page]
            self.query_one("#which", Line).update(f"{label} · {page + 1} sur {len(self._labels)}{times}")

    def cancel_work(self) -> None:
        """Nothing to cancel but the child: leave."""
        self.dismiss(None)

    def action_turn(self, step: int) -> None:
        page = max(0, min(len(self._labels) - 1, self._page + step))
        if page != self._page:
            self._page = page
            self.draw_page()

    def action_zoom(self, step: int) -> None:
        zoom = max(1, min(_NEAREST, self._zoom + step))
        if zoom != self._zoom:
            self._zoom = zoom
            self.draw_page()

    def action_move(self, right: int, down: int) -> None:
        view = self.query_one(PictureView)
        view.move(view.left + right * view.size.width // 3, view.top + down * view.size.height // 2)

    def action_back(self) -> None:
        self.dismiss(None)


def _coloured(picture: PagePicture) -> list[Strip]:
    return [
        Strip(
            Segment(run.text, Style(color=Color.from_rgb(*run.ink), bgcolor=Color.from_rgb(*run.paper)))
            for run in line
        )
        for line in coloured(picture)
    ]


def _plain(picture: PagePicture) -> list[Strip]:
    """Ink and paper alone, whatever the terminal's own two colours are."""
    return [Strip([Segment(text_of(line).ljust(picture.width))]) for line in plain(picture)]

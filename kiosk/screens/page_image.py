"""A page as a picture: whole first, then nearer, moving over it.

In half blocks everywhere; in the terminal's own graphics where the site allows it, the terminal answers that it has
them and the part on the screen is light enough for its line.
"""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from typing import ClassVar, Final

from textual import on, work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.rendering.child import Rendering
from kiosk.rendering.graphics import encoded
from kiosk.rendering.halves import pixels_for
from kiosk.rendering.page import PagePicture
from kiosk.rendering.pane import Pane
from kiosk.screens.base import KioskScreen
from kiosk.screens.picture_view import PictureView
from kiosk.screens.widgets import Line
from kiosk.terminal.picture import MOST_BYTES, Picture
from kiosk.terminal.question import Means
from kiosk.tty import PICTURE_ID

_NEAREST: Final = 6
"""Times the width of the screen, halves of it in pixels: a page of small print can be read."""
_DRAWING: Final = "Dessin de la page"
_ARRIVING: Final = "L'image arrive au terminal"
_ARRIVAL: Final = 20.0
"""Seconds after which a slow line's picture is not waited for any more; it goes on arriving."""
_FRAMES: Final = 5
"""Frames waited for until the place of a picture is on the screen: one, unless something is being drawn over it."""


class PageImageScreen(KioskScreen[None]):
    """The picture comes from the confined child, one page at a time, and stays in memory as long as the screen."""

    heading = "Image de la page — DMP · Mon espace santé"
    keys = "PgPréc PgSuiv Page   + - Agrandir   ←↑→↓ Déplacer   F10 Retour   F1 Aide"
    help_text = (
        "Agrandissez (+) jusqu'à pouvoir lire la page, puis déplacez-vous avec les flèches. Le texte de la page se lit "
        "mieux sur l'écran précédent quand elle en a un.\n\nLa page est dessinée avec des demi-blocs ; en image plus "
        "fine, si ce poste le permet et si le terminal sait en montrer."
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
        self._means: Means | None = None
        self._pane: Pane | None = None
        """What the terminal's own graphics show; None in half blocks."""

    def body(self) -> Iterator[Widget]:
        yield Line("", id="which", classes="loud")
        yield PictureView(id="picture")

    def on_mount(self) -> None:
        self.query_one(PictureView).focus()

    def on_unmount(self) -> None:
        self.app.hide_picture()

    def on_screen_suspend(self) -> None:
        """A dialog, the cover, another screen: nothing of the page stays beside or under it."""
        if self._pane is not None:
            self._take_down()

    def on_screen_resume(self) -> None:
        if self._pane is not None:
            self.draw_pane()

    # --- drawing ------------------------------------------------------------------------------------------

    @on(PictureView.Resized)
    @work(exclusive=True)
    async def draw_page(self) -> None:
        with self._busy(_DRAWING):
            self._means = await self.app.picture_means()
        await (self._draw_pixels() if self._means else self._draw_halves())

    @work(exclusive=True)
    async def draw_pane(self) -> None:
        """Another part of the same page, or the same part again."""
        if not await self._send():
            await self._draw_halves()

    async def _draw_halves(self) -> None:
        self._pane = None
        view = self.query_one(PictureView)
        columns, rows = view.size.width * self._zoom, view.size.height * self._zoom
        if self._zoom > 1:
            rows *= 4  # as wide as asked, however long the page
        picture = await self._picture(*pixels_for(columns, rows))
        if picture is not None and self.is_attached:
            self.app.hide_picture()
            view.show(picture, colours=not self.app.native_ansi_color)
            self._tell_page(f" · agrandie {self._zoom} fois" if self._zoom > 1 else "")

    async def _draw_pixels(self) -> None:
        means = self._means
        assert means is not None
        room, cell = self.query_one(PictureView).size, (means.cell_width, means.cell_height)
        columns = min(room.width, means.most_width // cell[0])
        rows = min(room.height, means.most_height // cell[1])
        if not columns or not rows:
            await self._draw_halves()
            return
        size = columns * cell[0], rows * cell[1]
        if self._pane is None or (self._pane.size, self._pane.cell) != (size, cell):
            self._pane = Pane(size, cell)
        pane = self._pane
        picture = await self._picture(*pane.wanted(self._zoom))
        if picture is None or not self.is_attached:
            return
        pane.show(picture)
        wide = f"{self._zoom / 2:g}".replace(".", ",")
        self._tell_page(f" · largeur de l'écran × {wide}" if self._zoom > 1 else "")
        if not await self._send():
            await self._draw_halves()

    async def _picture(self, width: int, height: int) -> PagePicture | None:
        page = self._page
        return await self.attempt(_DRAWING, lambda: self._rendering.picture(page, width, height))

    async def _send(self) -> bool:
        """`False` when what is to be seen is too heavy for the line, or its place cannot be had."""
        pane, means = self._pane, self._means
        if pane is None or means is None:
            return False
        seen, cells = pane.seen()
        if not all(cells):
            return False
        made = await asyncio.to_thread(
            encoded, seen, means.kind, cells, identifier=PICTURE_ID, colours=means.colours, most=MOST_BYTES
        )
        if made is None:
            return False
        view = self.query_one(PictureView)
        with self._busy(_ARRIVING):
            view.keep(*cells)
            for _ in range(_FRAMES):
                await self._drawn()
                if not self.is_current:
                    return True  # it comes when this screen does
                corner = view.content_region
                arrived = self.app.show_picture(Picture(corner.x, corner.y, *cells, made))
                if arrived is not None:
                    with suppress(TimeoutError):
                        await asyncio.wait_for(arrived, _ARRIVAL)
                    return True
        return False

    async def _drawn(self) -> None:
        """Until what is to be drawn now is."""
        drawn = asyncio.Event()
        self.call_after_refresh(drawn.set)
        await drawn.wait()

    def _take_down(self) -> None:
        self.app.hide_picture()
        self.query_one(PictureView).keep(0, 0)

    def _tell_page(self, nearer: str) -> None:
        label = self._labels[self._page]
        self.query_one("#which", Line).update(f"{label} · {self._page + 1} sur {len(self._labels)}{nearer}")

    # --- keys ---------------------------------------------------------------------------------------------

    def cancel_work(self) -> None:
        """Nothing to cancel but the child: leave."""
        self.action_back()

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
        if self._pane is not None:
            self._pane.move(right, down)
            self.draw_pane()
            return
        view = self.query_one(PictureView)
        view.move(view.left + right * view.size.width // 3, view.top + down * view.size.height // 2)

    def action_back(self) -> None:
        self.app.hide_picture()
        self.dismiss(None)

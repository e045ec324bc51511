"""Where a page is seen: in half blocks, or as blanks kept for the terminal's own picture."""

from collections.abc import Sequence

from rich.color import Color
from rich.segment import Segment
from rich.style import Style
from textual.geometry import Offset
from textual.message import Message
from textual.strip import Strip
from textual.widget import Widget

from kiosk.rendering.halves import coloured, plain
from kiosk.rendering.layout import text_of
from kiosk.rendering.page import PagePicture
from kiosk.terminal.picture import KEPT


class PictureView(Widget, can_focus=True):
    """Draws the part of a picture that holds in the widget; half a cell is one pixel."""

    DEFAULT_CSS = "PictureView { height: 1fr; width: 1fr; }"

    class Resized(Message):
        """It has a size, or another one."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._strips: Sequence[Strip] = ()
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

    @property
    def cursor_screen_offset(self) -> Offset:
        """The line above, which says what page it is: a cursor on a picture hides a part of it."""
        return self.content_region.offset - Offset(0, 1)

    def on_resize(self) -> None:
        self.post_message(self.Resized())

    def keep(self, columns: int, rows: int) -> None:
        """Blanks in the upper left corner, for a picture to stand on; none at all for 0 × 0."""
        self._width = self.left = self.top = 0
        self._strips = [Strip([Segment(" " * columns, KEPT)])] * rows
        self.refresh()

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

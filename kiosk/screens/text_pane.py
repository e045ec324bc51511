"""A text of any length laid out for the width there is: only the lines on the screen are ever drawn."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from rich.style import Style as RichStyle
from rich.text import Text
from textual import events
from textual.binding import Binding, BindingType
from textual.geometry import Offset, Size
from textual.scroll_view import ScrollView
from textual.strip import Strip

from kiosk.rendering.layout import Line, find
from kiosk.rendering.page import Style

Lay = Callable[[int], Sequence[Line]]
"""Lays the text out for a width."""

_STYLES = {
    Style.STRONG: RichStyle(bold=True),
    Style.ABNORMAL: RichStyle(bold=True, underline=True),
    Style.MUTED: RichStyle(dim=True),
}
_HIT = RichStyle(underline=True, bold=True)
_HIT_HERE = RichStyle(reverse=True, bold=True)


class TextPane(ScrollView, can_focus=True):
    """Arrows, Page, Home and End scroll; `search` marks every place of some words and goes to one of them."""

    DEFAULT_CSS = "TextPane { scrollbar-size: 0 0; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "by(-1)", show=False),
        Binding("down", "by(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown,space", "page(1)", show=False),
        Binding("home", "to_line(0)", show=False),
        Binding("end", "to_end", show=False),
    ]

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._lay: Lay = lambda width: ()
        self._lines: Sequence[Line] = ()
        self._laid_for = 0
        self._words = ""
        self._hits: list[tuple[int, int, int]] = []
        self._hit = 0
        self.show_vertical_scrollbar = False
        self.show_horizontal_scrollbar = False

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor stands, for braille lines: the hit, else the first line."""
        line = self._hits[self._hit][0] - self.scroll_offset.y if self._hits else 0
        return self.content_region.offset + Offset(0, max(0, min(line, self.size.height - 1)))

    @property
    def place(self) -> str:
        """`lignes 1 à 15 sur 40`; empty when everything is on the screen."""
        top, height, count = self.scroll_offset.y, self.size.height, len(self._lines)
        return "" if count <= height else f"lignes {top + 1} à {min(top + height, count)} sur {count}"

    def show(self, lay: Lay, *, keep: bool = False) -> None:
        """Another text, from its top; or the same one laid out otherwise, from where it stood."""
        top = self.scroll_offset.y if keep else 0
        self._lay = lay
        self._lay_out(self.size.width)
        self.scroll_to(y=top, animate=False, force=True)

    def search(self, words: str) -> int:
        """Mark every place, go to the first one at or below the top of the screen; how many there are."""
        self._words = words
        self._look()
        top = self.scroll_offset.y
        self._hit = next((n for n, (line, _, _) in enumerate(self._hits) if line >= top), 0)
        self._reveal()
        return len(self._hits)

    def next_hit(self, step: int) -> int:
        """Go to another one; its rank from 1, or 0 without any."""
        if not self._hits:
            return 0
        self._hit = (self._hit + step) % len(self._hits)
        self._reveal()
        return self._hit + 1

    @property
    def hits(self) -> int:
        """How many places were found."""
        return len(self._hits)

    @property
    def hit(self) -> int:
        """Rank of the current one, from 1."""
        return self._hit + 1

    def _lay_out(self, width: int) -> None:
        self._laid_for = width
        self._lines = self._lay(width) if width else ()
        self.virtual_size = Size(width, len(self._lines))
        self._look()
        self.refresh()

    def _look(self) -> None:
        self._hits = find(list(self._lines), self._words) if self._words else []
        self._hit = min(self._hit, max(len(self._hits) - 1, 0))
        self.refresh()

    def _reveal(self) -> None:
        if self._hits:
            line, top, height = self._hits[self._hit][0], self.scroll_offset.y, self.size.height
            if not top <= line < top + height:
                self.scroll_to(y=max(0, line - height // 3), animate=False, force=True)
        self.refresh()

    def render_line(self, y: int) -> Strip:
        number, width = y + self.scroll_offset.y, self.size.width
        if number >= len(self._lines):
            return Strip.blank(width, self.rich_style)
        text = Text(no_wrap=True)
        for span in self._lines[number]:
            text.append(span.text, _STYLES.get(span.style))
        for rank, (line, start, end) in enumerate(self._hits):
            if line == number:
                text.stylize(_HIT_HERE if rank == self._hit else _HIT, start, end)
        strip = Strip(text.render(self.app.console)).apply_style(self.rich_style)
        return strip.adjust_cell_length(width, self.rich_style)

    def on_resize(self, event: events.Resize) -> None:
        if event.size.width != self._laid_for:
            self._lay_out(event.size.width)

    def action_by(self, lines: int) -> None:
        self.scroll_to(y=self.scroll_offset.y + lines, animate=False, force=True)

    def action_page(self, pages: int) -> None:
        self.action_by(pages * max(1, self.size.height - 1))

    def action_to_line(self, line: int) -> None:
        self.scroll_to(y=line, animate=False, force=True)

    def action_to_end(self) -> None:
        self.action_to_line(len(self._lines))

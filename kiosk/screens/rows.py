"""A list of any length: one line a row, only the lines on the screen are ever made."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, Generic, TypeVar

from rich.segment import Segment
from rich.style import Style
from textual.binding import Binding, BindingType
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.strip import Strip
from textual.widget import Widget

Item = TypeVar("Item")

_HERE = Style(bold=True)
_HERE_FOCUSED = Style(bold=True, reverse=True)


class Rows(Widget, Generic[Item], can_focus=True):
    """Sub-classes give `line(item)`. The cursor is a sign before the line, not a colour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("pageup", "page(-1)", show=False),
        Binding("pagedown", "page(1)", show=False),
        Binding("home", "to(0)", show=False),
        Binding("end", "to(-1)", show=False),
        Binding("enter", "choose", show=False),
    ]
    cursor = reactive(0)

    @dataclass
    class Chosen(Message):
        rows: "Rows[object]"
        index: int

        @property
        def control(self) -> "Rows[object]":
            return self.rows

    def __init__(self, *, id: str | None = None, empty: str = "") -> None:
        super().__init__(id=id)
        self._items: Sequence[Item] = ()
        self._empty = empty
        """Said when there is nothing to list."""
        self._top = 0
        """Index of the first line on the screen; no scroll bar, whose glyphs a console font may lack."""

    def line(self, item: Item, width: int) -> str:
        """One row in `width` columns."""
        raise NotImplementedError

    @property
    def items(self) -> Sequence[Item]:
        return self._items

    @property
    def chosen(self) -> Item | None:
        """The item under the cursor."""
        return self._items[self.cursor] if self._items else None

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor stands, for braille lines."""
        return self.content_region.offset + Offset(0, self.cursor - self._top)

    def show(self, items: Sequence[Item]) -> None:
        """List these; the cursor stays where it is as far as it can."""
        self._items = items
        self.cursor = max(0, min(self.cursor, len(items) - 1))
        self.watch_cursor()

    def render_line(self, y: int) -> Strip:
        index, width = y + self._top, self.size.width
        if not self._items:
            text = self._empty if y == 0 else ""
            return Strip([Segment(text[:width].ljust(width), self.rich_style)], width)
        if index >= len(self._items):
            return Strip.blank(width, self.rich_style)
        here = index == self.cursor
        text = f"{'>' if here else ' '} {self.line(self._items[index], width - 2)}"[:width].ljust(width)
        style = self.rich_style
        if here:
            style += _HERE_FOCUSED if self.has_focus else _HERE
        return Strip([Segment(text, style)], width)

    def action_move(self, step: int) -> None:
        if self._items:
            self.cursor = max(0, min(len(self._items) - 1, self.cursor + step))

    def action_page(self, step: int) -> None:
        self.action_move(step * max(1, self.size.height - 1))

    def action_to(self, index: int) -> None:
        if self._items:
            self.cursor = len(self._items) - 1 if index < 0 else index

    def action_choose(self) -> None:
        if self._items:
            self.post_message(self.Chosen(self, self.cursor))  # type: ignore[arg-type]

    def watch_cursor(self) -> None:
        """Keep the cursor's line in view."""
        height = max(1, self.size.height)
        last = max(0, len(self._items) - height)
        self._top = min(last, max(self.cursor - height + 1, min(self._top, self.cursor)))
        self.refresh()

    def on_resize(self) -> None:
        self.watch_cursor()

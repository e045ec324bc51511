"""The few widgets the kiosk draws: compact, no glyph a console font lacks, no state told by colour alone."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, ScrollableContainer
from textual.geometry import Offset, Region
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, Static


class Line(Static):
    """One line of plain text; what comes from outside is never markup."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(text, markup=False, id=id, classes=classes)


@dataclass(frozen=True)
class MenuItem:
    """One choice. `why_not` names the reason when it cannot be chosen now."""

    label: str
    key: str = ""
    """What a caller gets back; not shown."""
    why_not: str = ""


class Menu(Widget, can_focus=True):
    """Numbered lines: arrows and Enter, or the digit itself. The cursor is a sign before the line, not a colour."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
        Binding("enter", "choose", show=False),
    ]
    cursor = reactive(0)

    @dataclass
    class Chosen(Message):
        menu: "Menu"
        index: int
        item: MenuItem

        @property
        def control(self) -> "Menu":
            return self.menu

    def __init__(self, items: Sequence[MenuItem], *, cursor: int = 0, id: str | None = None) -> None:
        super().__init__(id=id)
        self.items = list(items)
        self.set_reactive(Menu.cursor, cursor)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor stands, for braille lines."""
        return self.content_region.offset + Offset(0, self._top_of_cursor())

    def _top_of_cursor(self) -> int:
        return sum(item.label.count("\n") + 1 for item in self.items[: self.cursor])

    def replace(self, items: Sequence[MenuItem]) -> None:
        """Show other lines, keep the cursor where it is."""
        self.items = list(items)
        self.cursor = max(0, min(self.cursor, len(self.items) - 1))
        self.refresh(layout=True)

    def get_content_height(self, container: object, viewport: object, width: int) -> int:
        return max(1, sum(item.label.count("\n") + 1 for item in self.items))

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        for index, item in enumerate(self.items):
            here = index == self.cursor
            style = "bold" if here else ("dim" if item.why_not else "")
            if here and self.has_focus:
                style += " reverse"
            lines = item.label.split("\n")
            text.append(f"{'>' if here else ' '} {index + 1}  ", style)
            text.append(lines[0], style)
            for line in lines[1:]:
                text.append("\n     " + line, "" if not here else "bold")
            text.append("\n")
        text.right_crop(1)
        return text

    def action_move(self, step: int) -> None:
        if self.items:
            self.cursor = (self.cursor + step) % len(self.items)

    def watch_cursor(self) -> None:
        """Keep the line in view when the menu is taller than the room it scrolls in."""
        if self.is_mounted and isinstance(self.parent, ScrollableContainer):
            self.parent.scroll_to_region(Region(0, self._top_of_cursor(), 1, 1), animate=False)

    def action_choose(self) -> None:
        if self.items:
            self.post_message(self.Chosen(self, self.cursor, self.items[self.cursor]))

    def on_key(self, event: events.Key) -> None:
        digit = digit_of(event.character or "")
        if digit and 0 < int(digit) <= len(self.items):
            event.stop()
            self.cursor = int(digit) - 1
            self.action_choose()


AZERTY_DIGITS = {
    "à": "0", "&": "1", "é": "2", '"': "3", "'": "4",
    "(": "5", "-": "6", "è": "7", "_": "8", "ç": "9",
}  # fmt: skip
"""The digit row of a French keyboard without Shift: accepted wherever only digits make sense."""


def digit_of(character: str) -> str:
    """The digit meant by a key, or an empty text."""
    return character if character.isascii() and character.isdigit() else AZERTY_DIGITS.get(character, "")


class PinField(Widget, can_focus=True):
    """The PIN, kept in one buffer that is wiped; dots on the screen; no copy, no paste, no selection."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "erase", show=False),
        Binding("enter", "submit", show=False),
    ]
    typed = reactive(0)

    @dataclass
    class Submitted(Message):
        """The buffer belongs to the receiver, who has it wiped."""

        pin: bytearray

    def __init__(self, length: int, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._buffer = bytearray()
        self._length = length

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor stands, for braille lines."""
        return self.content_region.offset + Offset(2 * self.typed, 0)

    def render(self) -> Text:
        dots = "•" * self.typed + "_" * (self._length - self.typed)
        return Text(" ".join(dots), style="bold")

    def on_key(self, event: events.Key) -> None:
        digit = digit_of(event.character or "")
        if digit:
            event.stop()
            if len(self._buffer) < self._length:
                self._buffer += digit.encode()
                self.typed = len(self._buffer)

    def action_erase(self) -> None:
        if self._buffer:
            self._buffer[-1] = 0
            del self._buffer[-1]
            self.typed = len(self._buffer)

    def action_submit(self) -> None:
        pin, self._buffer = self._buffer, bytearray()
        self.typed = 0
        self.post_message(self.Submitted(pin))

    def wipe(self) -> None:
        """Overwrite what was typed."""
        self._buffer[:] = bytes(len(self._buffer))
        self._buffer.clear()
        self.typed = 0

    def on_unmount(self) -> None:
        self.wipe()


class Tick(Widget, can_focus=True):
    """`[x] sentence`: Space turns it, O and N say yes and no. The state is also written in words."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("space", "turn", show=False),
        Binding("o", "say(True)", show=False),
        Binding("n", "say(False)", show=False),
    ]
    value = reactive(False)

    @dataclass
    class Changed(Message):
        tick: "Tick"

        @property
        def control(self) -> "Tick":
            return self.tick

    def __init__(
        self, label: str, words: Callable[[bool], str] = lambda value: "", *, id: str | None = None
    ) -> None:
        super().__init__(id=id)
        self._label, self._words = label, words

    def render(self) -> Text:
        text = Text(no_wrap=True, overflow="ellipsis")
        style = "bold reverse" if self.has_focus else ""
        text.append(f"[{'x' if self.value else ' '}] {self._label}", style)
        words = self._words(self.value)
        if words:
            text.append(f"  {words}", "bold")
        return text

    def action_turn(self) -> None:
        self.value = not self.value

    def action_say(self, value: bool) -> None:
        self.value = value

    def watch_value(self) -> None:
        if self.is_mounted:
            self.post_message(self.Changed(self))


class Field(Horizontal):
    """A label and one line to type in; `locked` fields show what the card says and cannot be entered."""

    def __init__(
        self,
        label: str,
        value: str = "",
        *,
        id: str,
        width: int = 24,
        label_width: int = 14,
        max_length: int = 80,
        locked: bool = False,
    ) -> None:
        super().__init__(id=f"{id}-field", classes="field")
        self._label, self.locked = label, locked
        self._label_width, self._width = label_width, width
        self.input = EntryLine(value, id=id, max_length=max_length, width=width)

    def compose(self) -> ComposeResult:
        label = Line(self._label, classes="label")
        label.styles.width = self._label_width
        yield label
        if self.locked:
            shown = Line(self.input.value or "—", classes="locked")
            shown.styles.width = self._width
            yield shown
        else:
            yield Line("[", classes="edge")
            yield self.input
            yield Line("] ", classes="edge")

    @property
    def value(self) -> str:
        return self.input.value.strip()


class EntryLine(Input):
    """An `Input` of one row, without blink, placeholder or clipboard."""

    def __init__(self, value: str, *, id: str, max_length: int, width: int) -> None:
        super().__init__(value, id=id, max_length=max_length, compact=True, select_on_focus=False)
        self.cursor_blink = False
        self.styles.width = width

    def action_copy(self) -> None:
        """Nothing leaves by the clipboard."""

    action_cut = action_paste = action_copy

"""Two ways to choose without a mouse: one of a few words on a line, and one of many codes by typing a few letters."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.geometry import Offset
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input

from kiosk.code import Code
from kiosk.screens.widgets import Field, Line
from kiosk.text import folded

_LABEL_WIDTH = 14
_ROWS = 5
_ROW_WIDTH = 60


class OneOf(Widget, can_focus=True):
    """`Label   [this]  that  other`: arrows or Space move the brackets."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("right,space", "move(1)", show=False),
        Binding("left", "move(-1)", show=False),
        Binding("enter", "app.focus_next", show=False),
    ]
    index = reactive(0)

    @dataclass
    class Changed(Message):
        one_of: "OneOf"

        @property
        def control(self) -> "OneOf":
            return self.one_of

    def __init__(self, label: str, words: Sequence[str], *, index: int = 0, id: str) -> None:
        super().__init__(id=id)
        self._label, self._words = label, tuple(words)
        self.set_reactive(OneOf.index, index)

    @property
    def cursor_screen_offset(self) -> Offset:
        """Where the terminal's own cursor stands, for braille lines."""
        before = sum(len(word) + 2 for word in self._words[: self.index])
        return self.content_region.offset + Offset(_LABEL_WIDTH + before, 0)

    def render(self) -> Text:
        text = Text(f"{self._label:<{_LABEL_WIDTH}}", no_wrap=True, overflow="ellipsis")
        for index, word in enumerate(self._words):
            if index == self.index:
                text.append(f"[{word}]", "bold reverse" if self.has_focus else "bold")
            else:
                text.append(f" {word} ")
        return text

    def action_move(self, step: int) -> None:
        self.index = (self.index + step) % len(self._words)

    def watch_index(self) -> None:
        if self.is_mounted:
            self.post_message(self.Changed(self))


class CodeField(Vertical):
    """A line to type in and, while it has the focus, the codes that hold every word typed.

    Arrows move among them, Enter takes one. Leaving takes the only one left, so that nobody who typed enough has to
    press Enter; `chosen` stays None otherwise.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("down", "move(1)", show=False),
        Binding("up", "move(-1)", show=False),
    ]

    @dataclass
    class Chosen(Message):
        field: "CodeField"

        @property
        def control(self) -> "CodeField":
            return self.field

    def __init__(self, label: str, codes: Sequence[Code], chosen: Code | None = None, *, id: str) -> None:
        super().__init__(id=f"{id}-choice", classes="choice")
        self._codes = [(code, folded(f"{code.code} {code.label}")) for code in codes]
        self._found = tuple(codes)
        self._cursor = 0
        self.chosen = chosen
        self.field = Field(
            label, chosen.label if chosen else "", id=id, width=_ROW_WIDTH, label_width=_LABEL_WIDTH
        )
        self._list = Line("", classes="codes")

    def compose(self) -> ComposeResult:
        yield self.field
        yield self._list

    def on_mount(self) -> None:
        self._draw()

    @on(Input.Changed)
    def search(self, event: Input.Changed) -> None:
        if self.chosen is not None and event.value == self.chosen.label:
            return  # an `Input` tells the value it was made with, too
        words = folded(event.value).split()
        self.chosen = None
        self._found = tuple(code for code, text in self._codes if all(word in text for word in words))
        self._cursor = 0
        self._draw()

    @on(Input.Submitted)
    def take(self, event: Input.Submitted) -> None:
        event.stop()
        if self.chosen is None and self._found:
            self._take(self._found[self._cursor])
        if self.chosen is not None:
            self.screen.focus_next()

    def on_descendant_focus(self) -> None:
        self._draw()

    def on_descendant_blur(self, event: events.DescendantBlur) -> None:
        if self.chosen is None and len(self._found) == 1:
            self._take(self._found[0])
        self._draw()

    def action_move(self, step: int) -> None:
        """Among the codes shown; to the next field when there is nothing left to choose."""
        if self.chosen is None and self._found:
            self._cursor = (self._cursor + step) % len(self._found)
            self._draw()
        elif step > 0:
            self.screen.focus_next()
        else:
            self.screen.focus_previous()

    def _take(self, code: Code) -> None:
        self.chosen = code
        line = self.field.input
        with line.prevent(Input.Changed):
            line.value = code.label
        line.cursor_position = 0
        self._draw()
        self.post_message(self.Chosen(self))

    def _draw(self) -> None:
        asked = self.chosen is None and self.field.input.has_focus
        self._list.display = asked
        if asked:
            self._list.update(self._rows() if self._found else f"{' ' * _LABEL_WIDTH}  rien ne correspond")

    def _rows(self) -> Text:
        """A window of codes around the cursor, and how many there are."""
        top = max(0, min(self._cursor - _ROWS // 2, len(self._found) - _ROWS))
        text = Text(no_wrap=True, overflow="ellipsis")
        for index, code in enumerate(self._found[top : top + _ROWS], start=top):
            here = index == self._cursor
            row = f"{'>' if here else ' '} {code.code:<5} {code.label}"
            text.append(f"{' ' * (_LABEL_WIDTH - 1)}{row[:_ROW_WIDTH]}\n", "bold" if here else "")
        text.append(f"{' ' * (_LABEL_WIDTH + 1)}{self._cursor + 1} sur {len(self._found)}")
        return text

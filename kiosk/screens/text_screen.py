"""A text to read that may be longer than a dialog."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.rendering.layout import Line as LaidLine
from kiosk.rendering.page import Span
from kiosk.rendering.width import wrapped
from kiosk.screens.base import KioskScreen
from kiosk.screens.text_pane import TextPane
from kiosk.screens.widgets import Line


class TextScreen(KioskScreen[None]):
    keys = "↑↓ Faire défiler   F10 Retour"
    BINDINGS: ClassVar[list[BindingType]] = [Binding("f10,escape,enter", "back", show=False)]

    def __init__(self, heading: str, lines: Sequence[LaidLine]) -> None:
        super().__init__()
        self._heading, self._lines = heading, lines

    def body(self) -> Iterator[Widget]:
        yield TextPane(id="text")

    def on_mount(self) -> None:
        self.query_one("#title", Line).update(self.app.titled(self._heading))
        self.query_one(TextPane).show(self._lay)

    def action_back(self) -> None:
        self.dismiss(None)

    def _lay(self, width: int) -> list[LaidLine]:
        laid: list[LaidLine] = []
        for line in self._lines:
            if len(line) == 1:
                laid += [(Span(part, line[0].style),) for part in wrapped(line[0].text, width)]
            else:
                laid.append(line)
        return laid

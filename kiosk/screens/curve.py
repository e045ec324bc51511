"""How results moved from one biology report to the next: one curve at a time, with its figures underneath."""

from collections.abc import Iterator, Sequence
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.rendering.curves import Series, curve_lines
from kiosk.rendering.layout import Line as LaidLine
from kiosk.screens.base import KioskScreen
from kiosk.screens.text_pane import TextPane
from kiosk.screens.widgets import Line


class CurveScreen(KioskScreen[None]):
    heading = "Courbes de biologie — DMP · Mon espace santé"
    keys = "←→ Examen   ↑↓ Faire défiler   F10 Retour   F1 Aide"
    help_text = (
        "Un point par compte rendu ouvert pendant cette visite ; deux unités font deux courbes. Les pointillés sont "
        "les bornes du dernier compte rendu. Le tableau dit les mêmes chiffres, le plus récent d'abord."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10,escape", "back", show=False),
        Binding("left", "turn(-1)", show=False),
        Binding("right", "turn(1)", show=False),
    ]

    def __init__(self, series: Sequence[Series]) -> None:
        super().__init__()
        self._series, self._at = series, 0

    def body(self) -> Iterator[Widget]:
        yield Line("", id="which", classes="loud")
        yield TextPane(id="curve")

    def on_mount(self) -> None:
        self.query_one(TextPane).focus()
        self._draw()

    def action_turn(self, step: int) -> None:
        self._at = (self._at + step) % len(self._series)
        self._draw()

    def action_back(self) -> None:
        self.dismiss(None)

    def _draw(self) -> None:
        one = self._series[self._at]
        self.query_one("#which", Line).update(f"Examen {self._at + 1} sur {len(self._series)}")
        # Terminals of eight or sixteen colours are the ones whose fonts lack braille.
        braille = not self.app.native_ansi_color

        def lay(width: int) -> list[LaidLine]:
            return curve_lines(one, width, braille=braille)

        self.query_one(TextPane).show(lay)

"""A card that cannot be used: the reason stays on the screen until the card leaves."""

from collections.abc import Iterator

from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.screens.base import KioskScreen
from kiosk.screens.dialogs import error_text
from kiosk.screens.widgets import Line


class Stop(KioskScreen[None]):
    """Nothing to do but to take the card out."""

    keys = "Retirez la carte pour continuer   F1 Aide"
    help_text = "Retirez la carte du lecteur : la borne redevient disponible aussitôt."

    def __init__(self, error: KioskError, who: str = "") -> None:
        super().__init__()
        self._error, self._who = error, who

    def body(self) -> Iterator[Widget]:
        yield Line(f"\n\n{self._error.what}", classes="centred loud")
        if self._who:
            yield Line(self._who, classes="centred")
        yield Line(error_text(self._error), classes="spaced")

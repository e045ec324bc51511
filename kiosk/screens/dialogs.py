"""Error, confirmation and help dialogs."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.screens.base import Dialog
from kiosk.screens.widgets import Line
from kiosk.text import clean


class TextDialog(Dialog[None]):
    """Something to read; any of the closing keys closes it and acts on nothing underneath."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(key, "close", show=False) for key in ("enter", "escape", "f1", "f10", "space")
    ]

    def __init__(self, heading: str, text: str) -> None:
        super().__init__()
        self._heading, self._text = heading, text

    def body(self) -> Iterator[Widget]:
        yield Line(self._heading, classes="loud")
        yield Line(self._text, classes="spaced")
        yield Line("Entrée : fermer", classes="spaced")

    def action_close(self) -> None:
        self.dismiss(None)


class ErrorDialog(TextDialog):
    """What happened, the probable cause, what to do, the support code; the server's own words where there are any."""

    def __init__(self, error: KioskError) -> None:
        super().__init__(error.what, error_text(error))


def error_text(error: KioskError) -> str:
    """The body of an error, the same on every screen that shows one."""
    lines = [f"Cause probable : {error.cause}", f"À faire : {error.todo}"]
    if error.server_code or error.server_text:
        words = " — ".join(filter(None, (clean(error.server_code, 80), clean(error.server_text, 300))))
        lines.append(f"Réponse du service : {words}")
    lines.append(f"Code d'assistance : {error.code}")
    return "\n".join(lines)


class ConfirmDialog(Dialog[bool]):
    """A question answered by O or N; Enter alone answers nothing, Escape says no."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("escape", "answer(False)", show=False),
    ]

    def __init__(self, heading: str, text: str, yes: str = "oui", no: str = "non") -> None:
        super().__init__()
        self._heading, self._text, self._keys = heading, text, f"O : {yes}    N : {no}"

    def body(self) -> Iterator[Widget]:
        yield Line(self._heading, classes="loud")
        yield Line(self._text, classes="spaced")
        yield Line(self._keys, classes="spaced loud")

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

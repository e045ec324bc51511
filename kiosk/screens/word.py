"""The confirmation of what cannot be undone: a word typed in full."""

from collections.abc import Iterator
from typing import ClassVar

from textual import on
from textual.binding import Binding, BindingType
from textual.widget import Widget
from textual.widgets import Input

from kiosk.record.managing import Terms
from kiosk.screens.base import Dialog
from kiosk.screens.widgets import Field, Line


class WordDialog(Dialog[bool]):
    """For what cannot be undone: only the word typed in full says yes."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape", "give_up", show=False)]

    def __init__(self, terms: Terms, title: str) -> None:
        super().__init__()
        self._terms, self._title = terms, title

    def body(self) -> Iterator[Widget]:
        word = self._terms.word
        yield Line(f"{self._terms.label} ?", classes="loud")
        yield Line(f"« {self._title} »", classes="spaced loud")
        yield Line(self._terms.question, classes="spaced")
        yield Line(f"Pour confirmer, tapez {word}, puis Entrée. Échap : renoncer.", classes="spaced")
        yield Field("Confirmation", id="word", width=12, max_length=12)
        yield Line("", id="refusal")

    @on(Input.Submitted)
    def answer(self, event: Input.Submitted) -> None:
        if event.value.strip().upper() == self._terms.word:
            self.dismiss(True)
        else:
            self.query_one("#refusal", Line).update(
                f"! Ce n'est pas le mot {self._terms.word} : rien n'est demandé au DMP."
            )

    def action_give_up(self) -> None:
        self.dismiss(False)

"""« Connexion secrète »: asked for a minor, at each visit, never for an adult (EX_0.1-1100)."""

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.screens.base import Dialog
from kiosk.screens.widgets import Line


class SecretQuestion(Dialog[bool | None]):
    """Dismissed with the minor's choice, None when the record is not to be opened at all. Enter answers nothing."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("o", "answer(True)", show=False),
        Binding("n", "answer(False)", show=False),
        Binding("escape", "leave", show=False),
    ]

    def __init__(self, name: str, majority_age: int, *, certain: bool) -> None:
        """`certain`: the card's date of birth leaves no doubt about the age."""
        super().__init__()
        self._name, self._age, self._certain = name, majority_age, certain

    def body(self) -> Iterator[Widget]:
        if self._certain:
            yield Line(f"{self._name} a moins de {self._age} ans.", classes="loud")
        else:
            yield Line(
                f"{self._name} : date de naissance incomplète. Si le patient a moins de {self._age} ans :",
                classes="loud",
            )
        yield Line("Le patient veut-il une connexion secrète ?", classes="spaced loud")
        yield Line(
            "Avec elle, ses représentants légaux ne verront pas la trace de cette visite, et tout document déposé "
            "leur restera invisible ; rendre un document visible pour eux est alors impossible.\n\n"
            "Sans elle, ils voient vos accès et les documents qui ne leur sont pas cachés.\n\n"
            "C'est le choix du patient, à poser à chaque visite, seul avec lui si possible.",
            classes="spaced",
        )
        yield Line(
            "O : connexion secrète    N : connexion ordinaire    Échap : ne pas ouvrir", classes="spaced loud"
        )

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def action_leave(self) -> None:
        self.dismiss(None)

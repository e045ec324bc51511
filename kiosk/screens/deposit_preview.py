"""What is about to be signed, read by the same confined child as any document of the DMP."""

from collections.abc import Iterator
from functools import partial
from typing import ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.widget import Widget

from kiosk.errors import DocumentNotShown
from kiosk.record import draft
from kiosk.record.draft import Chosen
from kiosk.rendering.child import Rendering
from kiosk.rendering.layout import Line as LaidLine
from kiosk.rendering.layout import lines
from kiosk.rendering.page import Illustration, Rendered
from kiosk.screens.base import KioskScreen, Result
from kiosk.screens.deposit_opening import OpeningScreen
from kiosk.screens.page_image import PageImageScreen
from kiosk.screens.text_pane import TextPane
from kiosk.screens.widgets import Line


class PreviewScreen(KioskScreen[bool]):
    """Dismissed with True when the user keeps the document, False when not.

    A document without words (a scan, converted pages) opens as a picture at once.
    """

    heading = "Aperçu du document à déposer"
    keys = "↑↓ Défiler   I Image de la page   F10 C'est le bon   Échap Renoncer   F1 Aide"
    help_text = (
        "Ce que vous voyez est ce qui sera signé et envoyé : relisez que c'est le bon document, du bon patient, "
        "lisible et entier. I montre les pages telles qu'elles sont.\n\nF10 le garde, Échap n'en fait rien."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f10", "answer(True)", show=False),
        Binding("escape", "answer(False)", show=False),
        Binding("i", "image", show=False),
    ]

    def __init__(self, content: bytes, words: str) -> None:
        """`words`: what it is, e.g. `PDF/A, 3 pages`."""
        super().__init__()
        self._rendering = Rendering(content)
        self._words = words
        self._rendered: Rendered | None = None

    def body(self) -> Iterator[Widget]:
        yield Line(self._words, classes="loud")
        yield TextPane(id="text")

    def on_mount(self) -> None:
        self.query_one(TextPane).focus()
        self.read()

    def on_unmount(self) -> None:
        self._rendering.close()

    @work(exclusive=True)
    async def read(self) -> None:
        try:
            self._rendered = rendered = await self.work("Lecture du document", self._rendering.read)
        except DocumentNotShown as fault:
            await self.show_error(fault)
            return
        self.query_one(TextPane).show(self._lay)
        if rendered.pages and all(isinstance(block, Illustration) for block in rendered.blocks):
            await self._show_image(rendered)

    @work(exclusive=True)
    async def action_image(self) -> None:
        if self._rendered is None or not self._rendered.pages:
            self.say("Ce document n'a pas de page à montrer en image.")
            return
        await self._show_image(self._rendered)

    def action_answer(self, answer: bool) -> None:
        self.dismiss(answer)

    def cancel_work(self) -> None:
        """Nothing to cancel but the child: the document is not kept."""
        self.dismiss(False)

    async def _show_image(self, rendered: Rendered) -> None:
        await self.app.push_screen_wait(PageImageScreen(self._rendering, rendered.pages))

    def _lay(self, width: int) -> list[LaidLine]:
        return lines(self._rendered, width) if self._rendered else []


async def converted(screen: OpeningScreen[Result], chosen: Chosen) -> Chosen | None:
    """PDF/A-1 made of it, once the user saw it and keeps it; None else."""
    made = await screen.open_apart("Conversion en PDF/A", partial(draft.convert, chosen))
    if made is None or not await screen.app.push_screen_wait(PreviewScreen(made.content, made.words)):
        return None
    return made

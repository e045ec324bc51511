"""F9, in training only: the card tray. Insert, swap and take out emulated cards."""

import asyncio
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.widget import Widget

from kiosk.card.tray import TrayContents, insert, list_cards, remove
from kiosk.errors import KioskError
from kiosk.screens.base import Dialog
from kiosk.screens.widgets import Line, Menu, MenuItem


class TrayDialog(Dialog[None]):
    """One line a card: Enter inserts it and closes, or takes it out when it is in."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("escape,f9,f10", "close", show=False)]

    def __init__(self, directory: Path) -> None:
        super().__init__()
        self._directory = directory
        self._contents: TrayContents | None = None

    def body(self) -> Iterator[Widget]:
        yield Line("Tiroir à cartes (simulation)", classes="loud")
        yield Line("", id="tray-message")
        with VerticalScroll(id="tray-cards", can_focus=False):
            yield Menu([], id="cards")
        yield Line("Entrée : insérer ou retirer   Échap : fermer", classes="spaced")

    def on_mount(self) -> None:
        self.query_one(Menu).focus()
        self.act(lambda: list_cards(self._directory), close=False)

    @on(Menu.Chosen)
    def toggle(self, event: Menu.Chosen) -> None:
        card_id = event.item.key
        if card_id in self._inserted():
            self.act(lambda: remove(self._directory, card_id=card_id), close=True)
        else:
            slot = self._slot_for(card_id)
            self.act(lambda: insert(self._directory, card_id, slot), close=True)

    @work(exclusive=True)
    async def act(self, change: Callable[[], TrayContents], *, close: bool) -> None:
        """Do it in a thread, then show the drawers as they are now."""
        try:
            self._contents = await asyncio.to_thread(change)
        except KioskError as error:
            self.query_one("#tray-message", Line).update(f"! {error.cause}")
            return
        if close:
            self.dismiss(None)
            return
        inserted = self._inserted()
        self.query_one(Menu).replace(
            [
                MenuItem(
                    f"{'dans le lecteur  ' if card.card_id in inserted else ''}{card.purpose}", card.card_id
                )
                for card in self._contents.cards
            ]
        )

    def action_close(self) -> None:
        self.dismiss(None)

    def _inserted(self) -> set[str]:
        return {slot.card_id for slot in self._contents.slots if slot.card_id} if self._contents else set()

    def _slot_for(self, card_id: str) -> int | None:
        """The drawer that holds a card of the same kind: choosing another Vitale swaps it. Else any empty one."""
        if self._contents is None:
            return None
        kinds = {card.card_id: card.kind for card in self._contents.cards}
        for number, slot in enumerate(self._contents.slots):
            if slot.card_id and kinds.get(slot.card_id) == kinds.get(card_id):
                return number
        return None

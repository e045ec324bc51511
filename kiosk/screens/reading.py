"""Text that may be longer than its room: arrows move it, and a line below says in words how much is left."""

from collections.abc import Sequence

from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll

from kiosk.screens.widgets import Line


class Reading(Vertical):
    """`show` gives the lines. No scroll bar: its glyphs are missing on a console, and its place says nothing."""

    def __init__(
        self, lines: Sequence[str] = (), *, at_most: int | None = None, id: str | None = None
    ) -> None:
        """`at_most` rows high, else all the room there is."""
        super().__init__(id=id)
        self._text = Line("\n".join(lines))
        self._scroll = VerticalScroll(self._text)
        self._scroll.styles.scrollbar_size_vertical = 0
        self._left = Line("")
        if at_most is not None:
            self.styles.height = self._scroll.styles.height = "auto"
            self._scroll.styles.max_height = at_most

    def compose(self) -> ComposeResult:
        yield self._scroll
        yield self._left

    def on_mount(self) -> None:
        for change in ("scroll_y", "virtual_size"):
            self.watch(self._scroll, change, self._tell_soon)

    def on_resize(self) -> None:
        self._tell_soon()

    def show(self, lines: Sequence[str]) -> None:
        """Other lines, from their beginning."""
        self._text.update("\n".join(lines))
        self._scroll.scroll_home(animate=False)

    def _tell_soon(self) -> None:
        """Once the layout that is under way tells how high the room is."""
        self.call_after_refresh(self._tell)

    def _tell(self) -> None:
        below = round(self._scroll.max_scroll_y - self._scroll.scroll_offset.y)
        self._left.update(f"↓ encore {below} ligne{'s' if below > 1 else ''}" if below > 0 else "")

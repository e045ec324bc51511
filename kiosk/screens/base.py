"""What every screen has: the permanent line, a title, a message line, its keys — and one way to do slow work."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from kiosk.errors import KioskError
from kiosk.screens.widgets import Line

if TYPE_CHECKING:
    from kiosk.app import Kiosk

Result = TypeVar("Result")
Value = TypeVar("Value")


class Banner(Line):
    """The first line while the emergency door is open; no line at all otherwise."""

    if TYPE_CHECKING:
        app: "Kiosk"

    def on_mount(self) -> None:
        self.draw()

    def draw(self) -> None:
        text = self.app.banner()
        self.display = bool(text)
        self.update(text)


def draw_banner(screen: Screen[Result]) -> None:
    """On a screen that may still be being built."""
    for banner in screen.query(Banner):
        banner.draw()


class KioskScreen(Screen[Result], Generic[Result]):
    """A full screen. Sub-classes give `heading`, `keys`, `help_text` and compose their `body`."""

    if TYPE_CHECKING:
        app: "Kiosk"

    heading: ClassVar[str] = ""
    keys: ClassVar[str] = ""
    help_text: ClassVar[str] = ""
    busy = False
    """Whether something is being done that keys must not disturb."""
    AUTO_FOCUS = "#body *"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "help", show=False),
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Banner()
        yield Line(self.app.status_line(), id="status")
        yield Line(self.app.titled(self.heading), id="title")
        with Vertical(id="body"):
            yield from self.body()
        yield Line("", id="message")
        yield Line(self.keys, id="keys")

    def body(self) -> Iterator[Widget]:
        """The widgets between the title and the message line."""
        return iter(())

    def refresh_status(self) -> None:
        """Draw the permanent lines again; called by the app when a reader, the DMP or the printer changes."""
        draw_banner(self)
        for line in self.query("#status").results(Line):  # none yet while the screen is being built
            line.update(self.app.status_line())

    def say(self, text: str, *, error: bool = False) -> None:
        """Write on the message line; a screen that was left meanwhile has none any more."""
        for line in self.query("#message").results(Line):
            line.set_class(error, "-error")
            line.update(("! " if error else "") + text)

    async def work(self, doing: str, act: Callable[[], Value]) -> Value:
        """Run blocking `act` in a thread, with `doing` and the seconds on the message line.

        Meanwhile the screen takes no key but Escape, which cancels a call to the DMP: nothing can be sent twice
        by an impatient hand. Raises what `act` raised.
        """
        with self._busy(doing):
            return await asyncio.to_thread(act)

    def cancel_work(self) -> None:
        """Escape while something is being done."""
        self.app.give_up()

    async def attempt(self, doing: str, act: Callable[[], Value]) -> Value | None:
        """`work`, with a `KioskError` shown in a dialog; None tells that it failed."""
        try:
            return await self.work(doing, act)
        except KioskError as error:
            await self.show_error(error)
            return None

    async def succeeds(self, doing: str, act: Callable[[], object]) -> bool:
        """The same for an act without an answer of its own."""
        try:
            await self.work(doing, act)
        except KioskError as error:
            await self.show_error(error)
            return False
        return True

    async def show_error(self, error: KioskError) -> None:
        """The dialog that names what happened, why, and what to do. Waits until it is closed.

        Nothing of a screen that was left meanwhile: its call ended because it was left.
        """
        from kiosk.screens.dialogs import ErrorDialog

        if self in self.app.screen_stack:
            await self.app.push_screen_wait(ErrorDialog(error))

    def action_help(self) -> None:
        from kiosk.screens.dialogs import TextDialog

        self.app.push_screen(TextDialog("Aide", self.help_text or self.keys))

    def _way_out(self, seconds: int) -> str:
        """What Escape does while the screen is at work: nothing to a Vitale card."""
        return "   Échap : abandonner" if self.busy and self.app.way_out(seconds) else ""

    @contextmanager
    def _busy(self, doing: str) -> Iterator[None]:
        self.busy = True
        try:
            with self.counting(doing):
                yield
        finally:
            self.busy = False

    @contextmanager
    def counting(self, doing: str) -> Iterator[None]:
        """`doing` and the seconds on the message line, as long as the block runs."""
        seconds = 0

        def tick() -> None:
            nonlocal seconds
            seconds += 1
            self.say(f"{doing}… {seconds} s{self._way_out(seconds)}")

        self.say(f"{doing}…")
        timer = self.set_interval(1, tick)
        try:
            yield
        finally:
            timer.stop()
            if self.is_attached:  # the screen may have been left meanwhile
                self.say("")


class Dialog(ModalScreen[Result], Generic[Result]):
    """A framed question or message over the screen."""

    if TYPE_CHECKING:
        app: "Kiosk"

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("tab", "app.focus_next", show=False),
        Binding("shift+tab", "app.focus_previous", show=False),
    ]

    def compose(self) -> ComposeResult:
        yield Banner()
        with Vertical(id="frame"):
            yield from self.body()

    def refresh_status(self) -> None:
        """Only the banner stands on a dialog."""
        draw_banner(self)

    def body(self) -> Iterator[Widget]:
        """What stands in the frame."""
        return iter(())

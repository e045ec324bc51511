"""The application nothing escapes from.

A public workstation: the user must not quit, suspend, open a palette, save a picture of the screen, copy or
follow a link; and a fault must not print the values it was working on. What Textual offers of these is
overridden here, once, for every screen. Private parts overridden: `_handle_exception`, `_fatal_error`,
`_print_error_renderables`, `_log`, `_filters`, `_register`, `_display`.
"""

import asyncio
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any, ClassVar, Final, Generic, TypeVar

from rich.console import RenderableType
from textual import events
from textual.app import App
from textual.binding import Binding, BindingType
from textual.css.stylesheet import Stylesheet
from textual.dom import DOMNode
from textual.filter import ANSIToTruecolor, LineFilter, NoColor
from textual.geometry import Offset
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, TextArea

from kiosk.ending import Crash, Ending, SessionCrashed, crash_of
from kiosk.terminal.driver import KioskDriver
from kiosk.terminal.filter import NoControl
from kiosk.terminal.order import KeyOrder
from kiosk.terminal.picture import Picture
from kiosk.terminal.question import Means
from kiosk.terminal.themes import THEMES, choose_theme

T = TypeVar("T")

_IGNORED: Final = (signal.SIGINT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)


class LockedApp(App[T], Generic[T], inherit_bindings=False):
    """Base class of the kiosk's application.

    `theme_setting` is the site's wish (`kiosk.terminal.themes.choose_theme`); `allows_pictures` whether it lets pages
    be drawn in the terminal's own graphics. After `run`, `return_code` is an `Ending`.
    """

    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False
    ENABLE_SELECT_AUTO_SCROLL = False
    ESCAPE_TO_MINIMIZE = False
    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+l", "repaint", show=False, priority=True)]

    DEFAULT_CSS = """
    LockedApp:ansi {
        Input > .input--selection { text-style: reverse; }
        DataTable > .datatable--header { text-style: bold underline; }
        Input:focus { text-style: underline; }
        Button:focus { text-style: reverse bold; }
    }
    """

    def __init__(self, *, theme_setting: str = "auto", allows_pictures: bool = False) -> None:
        super().__init__(driver_class=KioskDriver)
        self._allows_pictures = allows_pictures
        self.features = frozenset()
        self.animation_level = "none"
        self.crash: Crash | None = None
        self._key_order = KeyOrder(self, super().on_event)
        for theme in THEMES:
            self.register_theme(theme)
        self.set_reactive(App.theme, choose_theme(os.environ, theme_setting))
        # No colour at all in the ANSI theme: stock widgets would write white on grey there.
        colours = NoColor() if self.native_ansi_color else ANSIToTruecolor(self.ansi_theme)
        self._filters: list[LineFilter] = [colours, NoControl()]
        self.stylesheet = Stylesheet(variables=self.get_css_variables())

    # --- signals ----------------------------------------------------------------------------------------

    def on_load(self) -> None:
        """Leave cleanly when told to; never stop in the background with a record on the screen."""
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(lambda _loop, context: self._on_loop_fault(context))
        with suppress(ValueError, RuntimeError):  # a test's loop outside the main thread takes no signal
            for number, ending in (
                (signal.SIGTERM, Ending.NEXT),
                (signal.SIGQUIT, Ending.NEXT),
                (signal.SIGHUP, Ending.TERMINAL_GONE),
            ):
                loop.add_signal_handler(number, self.exit, None, ending)
            for number in _IGNORED:
                signal.signal(number, signal.SIG_IGN)

    def _on_loop_fault(self, context: dict[str, Any]) -> None:
        """A task nobody waits for has failed: asyncio would print the error's text."""
        error = context.get("exception")
        if isinstance(error, Exception):
            self._handle_exception(error)

    def run(self, **options: Any) -> T | None:
        """Run until the session ends; its result.

        Raises `SessionCrashed` when a fault ended it: a code, without the fault's text and values.
        """
        result = super().run(**{**options, "mouse": False})
        if self.crash is not None:
            raise SessionCrashed(self.crash) from None
        return result

    # --- faults -----------------------------------------------------------------------------------------

    def _handle_exception(self, error: Exception) -> None:
        """End with a code. The first fault counts; those of the fall are its consequences."""
        self._return_code = Ending.CRASHED
        if self._exception is None:
            self._exception = error
            self._exception_event.set()
        if self.crash is None:
            self.crash = crash_of(error)
        self._close_messages_no_wait()

    def _fatal_error(self) -> None:
        self._close_messages_no_wait()

    def panic(self, *renderables: RenderableType) -> None:
        """End without the text: it may hold anything."""
        self._return_code = Ending.CRASHED
        self._close_messages_no_wait()

    def _print_error_renderables(self) -> None:
        """Print nothing: who called `run` tells the code."""
        self._exit_renderables.clear()

    def _log(self, *args: Any, **kwargs: Any) -> None:
        """Keep no log: Textual's holds every key."""

    # --- keys -------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """Keys and pastes wait for the one before them; everything else goes on as it came."""
        if isinstance(event, events.Key | events.Paste) and not event.is_forwarded:
            await self._key_order.take(event)
        else:
            await super().on_event(event)

    # --- widgets ----------------------------------------------------------------------------------------

    def _register(self, parent: DOMNode, *widgets: Widget, **kwargs: Any) -> list[Widget]:
        """No cursor blinks: each blink is a frame on the line, and nothing on a screen may flash."""
        for widget in widgets:
            if isinstance(widget, Input | TextArea):
                widget.cursor_blink = False
        return super()._register(parent, *widgets, **kwargs)

    def _display(self, screen: Screen[Any], renderable: RenderableType | None) -> None:
        """Draw, with the hardware cursor where a braille display should read."""
        if self._screen_stack:
            self.cursor_position = self._reading_point()
        super()._display(screen, renderable)

    def _reading_point(self) -> Offset:
        """The caret of the focused field; elsewhere the widget's own `cursor_screen_offset`, or its corner."""
        widget = self.focused
        if widget is None:
            return Offset()
        if isinstance(widget, Input):  # it counts one too many after its last letter
            return widget.cursor_screen_offset - Offset(int(widget.cursor_at_end), 0)
        point: Offset = getattr(widget, "cursor_screen_offset", widget.content_region.offset)
        return point

    def action_repaint(self) -> None:
        """Draw everything again: something else wrote on the terminal."""
        if isinstance(self._driver, KioskDriver):
            self._driver.repaint()

    # --- pictures ---------------------------------------------------------------------------------------

    async def picture_means(self) -> Means | None:
        """How pages may be drawn as pictures here; None where the terminal cannot or the site does not want it."""
        driver = self._driver
        return (
            await driver.picture_means()
            if self._allows_pictures and isinstance(driver, KioskDriver)
            else None
        )

    def show_picture(self, picture: Picture) -> asyncio.Future[None] | None:
        """Over blanks drawn with `kiosk.terminal.picture.KEPT`, until something else is drawn there.

        Done when the terminal has it whole; None when its place is not on the screen.
        """
        return self._driver.show_picture(picture) if isinstance(self._driver, KioskDriver) else None

    def hide_picture(self) -> None:
        if isinstance(self._driver, KioskDriver):
            self._driver.hide_picture()

    # --- doors that stay shut ---------------------------------------------------------------------------

    @property
    def clipboard(self) -> str:
        return ""

    def copy_to_clipboard(self, text: str) -> None:
        """Copy nothing: a password field copies in clear, and the terminal's clipboard outlives us."""

    async def action_quit(self) -> None:
        """Stay: a session ends with the card or with F10."""

    def action_help_quit(self) -> None:
        """Stay silent: the stock text is about a key that does nothing here."""

    def action_suspend_process(self) -> None:
        """Stay in front."""

    @contextmanager
    def suspend(self) -> Iterator[None]:
        """Never hand the terminal to another program."""
        raise PermissionError("the kiosk does not hand over its terminal")
        yield

    def action_command_palette(self) -> None:
        """Open no palette: it offers a picture of the screen as a file."""

    def action_change_theme(self) -> None:
        """Keep the theme: it was chosen for this terminal."""

    def action_show_help_panel(self) -> None:
        """Show no list of keys in English."""

    def action_screenshot(self, filename: str | None = None, path: str | None = None) -> None:
        """Write no file."""

    def save_screenshot(
        self, filename: str | None = None, path: str | None = None, time_format: str | None = None
    ) -> str:
        """Write no file."""
        return ""

    def deliver_screenshot(self, *args: Any, **kwargs: Any) -> str | None:
        """Write no file."""
        return None

    def deliver_text(self, *args: Any, **kwargs: Any) -> str | None:
        """Write no file."""
        return None

    def deliver_binary(self, *args: Any, **kwargs: Any) -> str | None:
        """Write no file."""
        return None

    def open_url(self, url: str, *, new_tab: bool = True) -> None:
        """Start no browser."""

"""What every screen promises in its last line fits a terminal of 80 columns."""

import importlib
import pkgutil

import kiosk.screens
from kiosk.screens.base import KioskScreen

COLUMNS = 80


def every_screen() -> list[type]:
    for module in pkgutil.iter_modules(kiosk.screens.__path__):
        importlib.import_module(f"kiosk.screens.{module.name}")
    found, waiting = [], [KioskScreen]
    while waiting:
        screen = waiting.pop()
        found.append(screen)
        waiting += screen.__subclasses__()
    return found


def test_the_keys_of_every_screen_fit_and_every_screen_has_some() -> None:
    screens = [screen for screen in every_screen() if screen.heading and not screen.__subclasses__()]
    assert len(screens) > 15
    too_long = {screen.__name__: screen.keys for screen in screens if not 0 < len(screen.keys) <= COLUMNS}
    assert too_long == {}

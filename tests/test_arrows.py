"""Who may import whom, looked up in `sys.modules` of a fresh process: type-checking imports do not count."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

IMPORT_ALL = """
import importlib, json, pkgutil, sys
package = importlib.import_module(sys.argv[1])
names = [found.name for found in pkgutil.walk_packages(package.__path__, sys.argv[1] + ".")]
for name in names:
    if not name.endswith(".__main__"):
        importlib.import_module(name)
print(json.dumps([names, sorted(sys.modules)]))
"""

CORE = ("kiosk.card", "kiosk.dmp", "kiosk.printing")
ABOVE = ("textual", "rich", "kiosk.screens", "kiosk.session", "kiosk.station", "kiosk.training")


def modules_after_importing(package: str) -> tuple[list[str], list[str]]:
    """The package's own modules, and everything a process holds that imported them all."""
    command = [sys.executable, "-c", IMPORT_ALL, package]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stderr
    own, loaded = json.loads(done.stdout)
    return own, loaded


def within(name: str, package: str) -> bool:
    return name == package or name.startswith(package + ".")


@pytest.mark.parametrize("package", CORE)
def test_core_packages_reach_nothing_above_or_beside_them(package: str) -> None:
    """`kiosk.dmp` meets the card through two protocols of its own, so not even `kiosk.card` is loaded with it."""
    own, loaded = modules_after_importing(package)
    banned = (*ABOVE, *(other for other in CORE if other != package))
    assert own
    assert not [name for name in loaded if any(within(name, one) for one in banned)]


@pytest.mark.parametrize(
    ("package", "may_know"),
    [
        ("kiosk.errors", ()),
        ("kiosk.rendering", ()),
        ("kiosk.parameters", ("kiosk.dmp",)),
        ("kiosk.deposit", ("kiosk.dmp", "kiosk.printing")),
        ("kiosk.memory", CORE),
    ],
)
def test_what_stands_between_the_core_and_the_screens_knows_no_screen(
    package: str, may_know: tuple[str, ...]
) -> None:
    own, loaded = modules_after_importing(package)
    banned = (*ABOVE, *(other for other in CORE if other not in may_know))
    assert own
    assert not [name for name in loaded if any(within(name, one) for one in banned)]


def test_the_story_of_an_open_record_is_told_without_a_screen() -> None:
    """Screens show what `kiosk.record` decides: it can be driven and tested without them."""
    own, loaded = modules_after_importing("kiosk.record")
    assert own
    assert not [name for name in loaded if any(within(name, one) for one in ("textual", "kiosk.screens"))]


def test_training_shares_no_code_with_the_client() -> None:
    """Two sides written from one text would agree on its mistakes."""
    own, loaded = modules_after_importing("kiosk.training")
    assert own
    assert not [name for name in loaded if within(name, "textual")]
    of_the_kiosk = [name for name in loaded if within(name, "kiosk") and name != "kiosk"]
    assert not [name for name in of_the_kiosk if not within(name, "kiosk.training")]

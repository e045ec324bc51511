"""What comes with the package: nothing of the screens or the DMP, and no reading library in a session process."""

import json
import subprocess
import sys

import pytest

LOADED = """
import importlib, json, pkgutil, sys
for name in sys.argv[1:]:
    module = importlib.import_module(name)
    for found in pkgutil.iter_modules(getattr(module, "__path__", [])):
        importlib.import_module(name + "." + found.name)
print(json.dumps(sorted(sys.modules)))
"""


def loaded_with(*names: str) -> set[str]:
    done = subprocess.run([sys.executable, "-c", LOADED, *names], capture_output=True, check=True, timeout=60)
    return {
        name.partition(".")[0] if not name.startswith("kiosk.") else name for name in json.loads(done.stdout)
    }


def test_rendering_knows_nothing_of_screens_or_of_the_dmp() -> None:
    kiosk = {name for name in loaded_with("kiosk.rendering") if name.startswith("kiosk.")}
    assert {name for name in kiosk if not name.startswith(("kiosk.rendering", "kiosk.errors"))} == {
        "kiosk.confined",
        "kiosk.hardening",
        "kiosk.text",
    }
    assert not {"textual", "rich"} & loaded_with("kiosk.rendering")


@pytest.mark.parametrize("name", ["child", "layout", "curves", "halves", "graphics"])
def test_what_a_session_uses_loads_no_reading_library(name: str) -> None:
    loaded = loaded_with(f"kiosk.rendering.{name}")
    assert not {"pypdfium2", "pypdfium2_raw", "PIL", "striprtf"} & loaded


def test_a_session_needs_no_xml_parser_to_show_a_document() -> None:
    assert "lxml" not in loaded_with("kiosk.rendering.child", "kiosk.rendering.layout")

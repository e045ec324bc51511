"""What the supervisor loads for every session, and what no session loads because a child does its work."""

import json
import subprocess
import sys
from pathlib import Path

import pytest
from deposit_files import RTF, TEXT, pdfa, picture, plain_pdf

HEAVY = {"PIL", "fontTools", "fpdf", "pypdfium2", "pypdfium2_raw", "requests", "segno", "striprtf", "zeep"}
"""Libraries of the children and of single transactions, 2 to 40 MiB each."""

PRELOADED = """
import json, sys
from kiosk import launch
getattr(launch, sys.argv[1])()
print(json.dumps(sorted(sys.modules)))
"""
RIGHTS = """
from kiosk import launch
from kiosk.record.rights_table import table
launch._preload()
print(table.cache_info().currsize)
"""
PRINTED = """
import json, sys
sys.path.append(sys.argv[1])
from sheet_contents import a_sheet
from kiosk import launch
from kiosk.record.document_print import Printing
from kiosk.printing.composer import Composer
launch._preload()
with Composer() as composer:
    assert composer.sheet(a_sheet()).startswith(b"%PDF")
print(json.dumps(sorted(sys.modules)))
"""
DEPOSITED = """
import json, sys
from kiosk import launch
from kiosk.deposit.child import Apart
launch._preload()
content = sys.stdin.buffer.read()
examined = Apart().examine(content)
assert examined.content is content
if examined.conversion:
    assert Apart().convert(examined, "Titre").content.startswith(b"%PDF")
print(json.dumps(sorted(sys.modules)))
"""


def said_by(program: str, *arguments: str, given: bytes = b"") -> str:
    command = [sys.executable, "-B", "-c", program, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=True, timeout=60)
    return done.stdout.decode()


@pytest.mark.parametrize("preload", ["_preload", "_preload_real"])
def test_no_session_begins_with_a_library_that_few_need(preload: str) -> None:
    loaded = set(json.loads(said_by(PRELOADED, preload)))
    assert not HEAVY & loaded
    assert {"kiosk.app", "kiosk.attendance", "kiosk.printing.printer"} <= loaded


def test_the_rights_are_read_before_the_first_session() -> None:
    assert said_by(RIGHTS) == "1\n"


def test_a_session_that_prints_loads_no_layout() -> None:
    loaded = said_by(PRINTED, str(Path(__file__).with_name("printing")))
    assert not HEAVY & set(json.loads(loaded))


@pytest.mark.parametrize("content", [pdfa(), plain_pdf(), picture("JPEG"), picture("TIFF"), TEXT, RTF])
def test_a_session_that_deposits_opens_no_file_itself(content: bytes) -> None:
    loaded = set(json.loads(said_by(DEPOSITED, given=content)))
    assert not HEAVY & loaded
    opening = ("kiosk.deposit.pdfa", "kiosk.deposit.examination", "kiosk.deposit.conversion")
    assert not [name for name in loaded if name.startswith(opening)]

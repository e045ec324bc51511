"""Chosen files opened in a confined process of their own: the same findings, and a session that nothing reaches."""

import io
import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import deposit_files as files
import hostile_files as hostile
import pdf_fonts
import pytest
from PIL import Image

from kiosk.deposit.child import Apart
from kiosk.deposit.conversion import to_pdfa
from kiosk.deposit.examination import examine
from kiosk.errors import Cancelled, FileNotOpened, FileUnfit, KioskError, OpeningFault


def picture(kind: str, mode: str, frames: int = 1, **options: object) -> bytes:
    written = io.BytesIO()
    first, *others = [Image.linear_gradient("L").resize((90, 60)).convert(mode) for _ in range(frames)]
    first.save(written, kind, append_images=others, save_all=frames > 1, **options)
    return written.getvalue()


def turned() -> Image.Exif:
    exif = Image.Exif()
    exif[0x0112] = 6
    return exif


FITS = {
    "PDF/A": files.pdfa(),
    "PDF/A, compact font": pdf_fonts.compact(),
    "PDF/A, TrueType": pdf_fonts.truetype(),
    "PDF": files.plain_pdf(),
    "JPEG": picture("JPEG", "L"),
    "JPEG, CMYK, turned": picture("JPEG", "CMYK", exif=turned()),
    "JPEG, two pictures": picture("MPO", "RGB", 2),
    "TIFF, fax": picture("TIFF", "1", 3, compression="group4"),
    "TIFF, palette": picture("TIFF", "P", compression="tiff_lzw"),
    "TIFF, see-through": picture("TIFF", "RGBA", compression="tiff_deflate"),
    "TIFF, JPEG inside": picture("TIFF", "RGB", compression="jpeg"),
    "TIFF, deep": picture("TIFF", "I;16"),
    "text": files.TEXT,
    "text, Windows": "Été à l'œil".encode("cp1252"),
    "text, UTF-16": "Été à l'œil".encode("utf-16"),
    "text, marked": b"\xef\xbb\xbf" + "Été".encode(),
    "RTF": files.RTF,
    "CDA": b'<?xml version="1.0"?><ClinicalDocument xmlns="urn:hl7-org:v3"/>',
}
CONVERTIBLE = [name for name, content in FITS.items() if examine(content).conversion]


@pytest.fixture(autouse=True)
def _no_child_left() -> Iterator[None]:
    yield
    assert not hostile.openers()


def begun(act: Callable[[], object]) -> tuple[threading.Thread, list[BaseException]]:
    """The act in a thread, its process there."""
    outcome: list[BaseException] = []

    def run() -> None:
        try:
            act()
        except KioskError as error:
            outcome.append(error)

    thread = threading.Thread(target=run)
    thread.start()
    while thread.is_alive() and not hostile.openers():
        pass
    return thread, outcome


# --- the same findings ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FITS)
def test_what_is_found_there_is_what_is_found_here(name: str) -> None:
    content = FITS[name]
    there, here = Apart().examine(content), examine(content)
    assert (there.format, there.pages, there.obstacles) == (here.format, here.pages, here.obstacles)
    assert there.content == here.content
    assert (there.content is content) == (here.content == content), "what is unchanged stays here"


@pytest.mark.parametrize("name", CONVERTIBLE)
def test_what_is_made_there_is_what_is_made_here(name: str) -> None:
    examined = examine(FITS[name])
    made = Apart().convert(examined, "Titre")
    assert made.content == to_pdfa(examined, "Titre")
    assert (made.format, made.pages, made.obstacle) == (examine(files.pdfa()).format, examined.pages, "")


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"%PDF-1.4" + bytes(50_000_001),
        b"%PDF-1.4\nnothing follows",
        picture("JPEG", "RGB")[:300],
        picture("TIFF", "RGB")[:200],
        picture("TIFF", "1", 501),
        rb"{\rtf1 never closed",
        b"<html/>",
        b"PK\x03\x04\x00\x00",
    ],
    ids=lambda content: repr(content[:12]),
)
def test_what_is_refused_here_is_refused_there_in_the_same_words(content: bytes) -> None:
    with pytest.raises(FileUnfit) as here:
        examine(content)
    with pytest.raises(FileUnfit) as there:
        Apart().examine(content)
    assert vars(there.value) == vars(here.value)
    assert "{" not in there.value.cause


def test_a_damaged_page_further_on_stops_the_conversion() -> None:
    content = bytearray(picture("TIFF", "L", 3, compression="tiff_deflate"))
    with Image.open(io.BytesIO(content)) as opened:
        opened.seek(2)
        [start], [size] = opened.tag_v2[273], opened.tag_v2[279]  # StripOffsets, StripByteCounts
    content[start : start + size] = bytes(size)
    examined = Apart().examine(bytes(content))
    with pytest.raises(FileUnfit) as refusal:
        Apart().convert(examined, "Titre")
    assert refusal.value.cause == "Une page de cette image est abîmée."


def test_nothing_is_converted_that_needs_no_conversion() -> None:
    with pytest.raises(ValueError, match="nothing to convert"):
        Apart().convert(examine(files.pdfa()), "Titre")


# --- files that mean harm ---------------------------------------------------------------------------------------


def fault_of(act: Callable[[], object]) -> OpeningFault:
    with pytest.raises(FileNotOpened) as refusal:
        act()
    assert refusal.value.cause
    assert refusal.value.todo
    return refusal.value.fault


def test_a_file_that_eats_memory_costs_a_message() -> None:
    assert fault_of(lambda: Apart().examine(hostile.hungry_pdf())) is OpeningFault.TOO_HEAVY


def test_a_file_that_takes_for_ever_is_ended() -> None:
    apart = Apart(patience=1.0)
    assert fault_of(lambda: apart.examine(hostile.endless_pdf())) is OpeningFault.TOO_SLOW


def test_a_conversion_that_takes_for_ever_is_ended() -> None:
    examined = examine(hostile.endless_text())
    assert fault_of(lambda: Apart(patience=1.0).convert(examined, "Titre")) is OpeningFault.TOO_SLOW


def test_a_file_that_kills_its_reader_costs_a_message() -> None:
    """The kernel's killer, or a fault in a C library: the same from here."""
    thread, outcome = begun(lambda: Apart().examine(hostile.endless_pdf()))
    (pid,) = hostile.openers()
    os.kill(pid, 11)
    thread.join(10)
    [error] = outcome
    assert isinstance(error, FileNotOpened)
    assert error.fault is OpeningFault.CRASHED
    assert "la borne n'est pas touchée" in error.cause


def test_a_machine_that_starts_no_process_says_so() -> None:
    program = """
import os, resource
from kiosk.deposit.child import Apart
from kiosk.errors import FileNotOpened
highest = max(map(int, os.listdir("/proc/self/fd")))
resource.setrlimit(resource.RLIMIT_NOFILE, (highest + 1, highest + 1))
try:
    Apart().examine(b"texte")
except FileNotOpened as error:
    print(error.fault.value)
"""
    assert said_by(program) == "not-started\n"


# --- giving up --------------------------------------------------------------------------------------------------


def test_escape_ends_an_examination_at_once() -> None:
    apart, content = Apart(), hostile.endless_pdf()
    thread, outcome = begun(lambda: apart.examine(content))
    apart.cancel()
    thread.join(10)
    assert [type(each) for each in outcome] == [Cancelled]
    with pytest.raises(Cancelled):
        apart.examine(b"texte")


def test_escape_ends_a_conversion_at_once() -> None:
    apart, examined = Apart(), examine(hostile.endless_text())
    thread, outcome = begun(lambda: apart.convert(examined, "Titre"))
    apart.cancel()
    thread.join(10)
    assert [type(each) for each in outcome] == [Cancelled]


# --- what the process may do ------------------------------------------------------------------------------------


def said_by(program: str, *arguments: str, given: bytes = b"") -> str:
    command = [sys.executable, "-B", "-c", program, *arguments]
    done = subprocess.run(command, input=given, capture_output=True, check=False, timeout=120)
    assert not done.stderr, done.stderr.decode()
    return done.stdout.decode()


def test_it_is_confined_while_the_file_is_open_and_nobody_may_look_at_it() -> None:
    apart = Apart()
    thread, _ = begun(lambda: apart.examine(hostile.endless_pdf()))
    (pid,) = hostile.openers()
    limit = time.monotonic() + 20
    while "Seccomp:\t2" not in (status := Path(f"/proc/{pid}/status").read_text()):
        assert time.monotonic() < limit, status
    assert "NoNewPrivs:\t1" in status
    command = Path(f"/proc/{pid}/cmdline").read_text().split("\0")
    assert command[-4:] == ["kiosk.deposit.worker", str(os.getpid()), "examine", ""]
    assert Path(f"/proc/{pid}/environ").read_bytes() == b""
    apart.cancel()
    thread.join(10)


ATTEMPTS = {
    "read a file": "open('/etc/hostname').read()",
    "write a file": "open('/tmp/dmp-kiosk-deposit', 'w').write('x')",
    "connect": "socket.socket().connect(('127.0.0.1', 9))",
    "start a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
}
ESCAPE = """
import os, socket, sys
from kiosk.deposit import wire, worker
from kiosk.deposit.examination import examine
from kiosk.rendering.confinement import limit_resources
act, content = sys.argv[1], sys.stdin.buffer.read()
question = wire.to_convert(examine(content), "Titre") if act == "convert" else wire.message([], content)
limit_resources()
assert worker.ready(act, *wire.opened(b"".join(question)))
try:
    {attempt}
except OSError:
    os.write(1, b'refused')
os._exit(0)
"""


@pytest.mark.parametrize("act", ["examine", "convert"])
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_opens_a_file_can_do_nothing_else(attempt: str, act: str) -> None:
    assert said_by(ESCAPE.format(attempt=ATTEMPTS[attempt]), act, given=files.plain_pdf()) == "refused"


LOADED_LATE = """
import json, sys
from kiosk.deposit import wire, worker
from kiosk.deposit.examination import examine
content = sys.stdin.buffer.read()
if sys.argv[1] == "convert":
    act = worker.converter(*wire.opened(b"".join(wire.to_convert(examine(content), "Titre"))))
else:
    act = worker.examiner(content)
before = set(sys.modules)
act()
print(json.dumps(sorted(set(sys.modules) - before)))
"""


@pytest.mark.parametrize(
    ("act", "name"), [("examine", name) for name in FITS] + [("convert", name) for name in CONVERTIBLE]
)
def test_all_that_it_takes_is_loaded_before(act: str, name: str) -> None:
    assert json.loads(said_by(LOADED_LATE, act, given=FITS[name])) == []


OLD_KERNEL = """
import ctypes, os, platform, struct, sys
from kiosk.deposit.child import Apart
from kiosk.deposit.examination import examine
from kiosk.errors import FileNotOpened
content = sys.stdin.buffer.read()
examined = examine(content)
libc = ctypes.CDLL(None, use_errno=True)
prctl = {"x86_64": 157, "aarch64": 167}[platform.machine()]
program = [
    (0x20, 0, 0, 0),  # the call
    (0x15, 3, 0, 444),  # landlock_create_ruleset
    (0x15, 0, 3, prctl),
    (0x20, 0, 0, 16),  # its first argument
    (0x15, 0, 1, 22),  # PR_SET_SECCOMP
    (0x06, 0, 0, 0x00050001),
    (0x06, 0, 0, 0x7FFF0000),
]
code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
filters = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
assert libc.prctl(38, 1, 0, 0, 0) == 0
assert libc.prctl(22, ctypes.c_ulong(2), filters, 0, 0) == 0
for act in (lambda: Apart().examine(content), lambda: Apart().convert(examined, "Titre")):
    try:
        act()
    except FileNotOpened as error:
        print(error.fault.value)
"""


def test_where_the_kernel_cannot_confine_nothing_is_read() -> None:
    assert said_by(OLD_KERNEL, given=files.plain_pdf()) == "not-confined\n" * 2

"""Sheets composed in a process of their own: the same sheets, and nothing left behind."""

import io
import os
import subprocess
import sys
import time
import traceback
from datetime import timedelta, timezone
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sheet_contents import LOGIN, PASSWORD, a_receipt, a_sheet

from kiosk.errors import SheetNotComposed
from kiosk.printing import wire
from kiosk.printing.composer import Composer, Work
from kiosk.printing.document import document_sheets
from kiosk.printing.model import CreationReceipt, Issuer, Mark, Picture, SecretsSheet, SheetPatient
from kiosk.printing.sheet import creation_receipt, secrets_sheet
from kiosk.secret import Secret

MARK = Mark("ŒUVRARD Simone", "Lettre de sortie", "Imprimé le 21/11/2025 à 10:42", simulation=True)
TEXT = [[("Élève fatigué", True), (" : repos", False)], [], [("Fin", False)]] * 40


def plain(content: SecretsSheet | CreationReceipt) -> dict[str, object]:
    """Its fields, the codes as text."""
    return {
        name: value.reveal() if isinstance(value, Secret) else value for name, value in vars(content).items()
    }


@pytest.mark.parametrize("changed", [{}, {"simulation": False, "renewed": True}])
def test_the_secrets_sheet_is_the_one_drawn_here(changed: dict[str, bool]) -> None:
    with Composer() as composer:
        document = composer.sheet(a_sheet(**changed))
    assert isinstance(document, bytearray)
    assert document == secrets_sheet(a_sheet(**changed))


def test_the_receipt_is_the_one_drawn_here() -> None:
    receipt = a_receipt(reactivated=True, opposed_to_regulation=True)
    with Composer() as composer:
        assert composer.sheet(receipt) == creation_receipt(receipt)


def test_a_document_with_its_pictures_has_the_pages_drawn_here() -> None:
    pictures = [Picture(124, 175, bytes((shade, 0, 0)) * 124 * 175) for shade in (0, 120, 240)]
    with Composer(Work.DOCUMENT) as composer:
        composed = composer.document(MARK, TEXT, iter(pictures), 3)
    here = document_sheets(MARK, TEXT, pictures, 3)
    assert composed.count(b"/Type /Page\n") == here.count(b"/Type /Page\n") == 5
    assert len(composed) == pytest.approx(
        len(here), abs=200
    )  # a date of creation, and the identifier made of it


def test_a_code_that_cannot_be_printed_is_never_quoted() -> None:
    sheet = a_sheet(password=Secret("9i7x\x07RTE"))
    with pytest.raises(SheetNotComposed) as failure, Composer() as composer:
        composer.sheet(sheet)
    told = "".join(traceback.format_exception(failure.value)) + failure.value.what + failure.value.detail
    assert failure.value.detail == "sheet: ValueError"
    assert "9i7x" not in told


def test_the_codes_are_still_there_after_a_failure_and_can_be_wiped() -> None:
    sheet = a_sheet()
    with Composer() as composer:
        os.kill(composer.pid, 9)
        with pytest.raises(SheetNotComposed) as failure:
            composer.sheet(sheet)
    assert failure.value.detail == "sheet: crashed"
    assert sheet.login.reveal() == LOGIN
    for code in (sheet.login, sheet.password):
        code.wipe()
        assert len(code) == 0


def test_a_process_that_is_too_slow_is_ended() -> None:
    with pytest.raises(SheetNotComposed) as failure, Composer(deadline=0) as composer:
        composer.sheet(a_sheet())
    assert failure.value.detail == "sheet: too slow"


def test_a_fault_while_pictures_are_made_comes_through_and_ends_the_process() -> None:
    def pictures():  # type: ignore[no-untyped-def]
        yield Picture(1, 1, bytes(3))
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt), Composer(Work.DOCUMENT) as composer:
        composer.document(MARK, TEXT, pictures(), 2)
    assert not Path(f"/proc/{composer.pid}").exists()


@pytest.mark.parametrize("used", [True, False])
def test_no_process_is_left(used: bool) -> None:
    with Composer() as composer:
        if used:
            composer.sheet(a_sheet())
    assert not Path(f"/proc/{composer.pid}").exists()


def test_the_codes_are_sent_from_the_buffers_that_are_wiped() -> None:
    sheet = a_sheet()
    *before, login, password = wire.sheet_frame(sheet)
    assert login is sheet.login.buffer
    assert password is sheet.password.buffer
    assert not any(LOGIN.encode() in piece or PASSWORD.encode() in piece for piece in before)


def test_it_is_confined_before_it_is_told_anything() -> None:
    with Composer() as composer:
        limit = time.monotonic() + 20
        while "Seccomp:\t2" not in (status := Path(f"/proc/{composer.pid}/status").read_text()):
            assert time.monotonic() < limit, status
        command = Path(f"/proc/{composer.pid}/cmdline").read_text().split("\0")
        assert command[-4:] == ["kiosk.printing.worker", str(os.getpid()), "sheet", ""]
        assert composer.sheet(a_sheet()).startswith(b"%PDF")


ATTEMPTS = {
    "read a file": "open('/etc/hostname').read()",
    "write a file": "open('/tmp/dmp-kiosk-sheet', 'w').write('x')",
    "connect": "socket.socket().connect(('127.0.0.1', 9))",
    "start a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
}
PROGRAM = """
import os, socket, sys
from kiosk.printing import worker
from kiosk.rendering.confinement import limit_resources
limit_resources()
worker.ready(sys.argv[1])
try:
    {attempt}
except OSError:
    os.write(1, b'refused')
os._exit(0)
"""


@pytest.mark.parametrize("kind", Work, ids=lambda kind: kind.value)
@pytest.mark.parametrize("attempt", ATTEMPTS)
def test_what_composes_can_do_nothing_else(attempt: str, kind: Work) -> None:
    program = PROGRAM.format(attempt=ATTEMPTS[attempt])
    done = subprocess.run(
        [sys.executable, "-I", "-B", "-c", program, kind.value], capture_output=True, check=True, timeout=60
    )
    assert done.stdout == b"refused"


PERSON = st.builds(
    SheetPatient,
    usual_name=st.text(),
    birth_name=st.text(),
    given_name=st.text(),
    birth_date=st.text(),
    insc=st.text(),
)
CODE = st.text(min_size=1).map(lambda text: text.encode("utf-8", "replace").decode())
COMMON = {
    "number": st.text(),
    "patient": PERSON,
    "issuer": st.builds(Issuer, st.text(), st.text()),
    "issued_at": st.datetimes(timezones=st.none() | st.just(timezone(timedelta(hours=2)))),
    "site_address": st.text(),
    "support": st.text(),
    "simulation": st.booleans(),
}


@given(
    st.builds(
        SecretsSheet, **COMMON, login=CODE.map(Secret), password=CODE.map(Secret), renewed=st.booleans()
    )
    | st.builds(CreationReceipt, **COMMON, reactivated=st.booleans(), opposed_to_break_glass=st.booleans())
)
def test_what_is_sent_is_what_arrives(content: SecretsSheet | CreationReceipt) -> None:
    ((message, blob),) = wire.frames(io.BytesIO(b"".join(wire.sheet_frame(content))))
    arrived = wire.sheet_of(message, blob)
    assert type(arrived) is type(content)
    assert plain(arrived) == plain(content)


@given(st.integers(1, 400), st.lists(st.binary(max_size=20).map(lambda rgb: Picture(1, 2, rgb))))
def test_a_document_cut_anywhere_is_not_taken_for_a_whole_one(place: int, pictures: list[Picture]) -> None:
    frames = [wire.document_frame(MARK, TEXT[:2], len(pictures)), *map(wire.picture_frame, pictures)]
    pieces = [b"".join(each) for each in frames]
    whole = b"".join(pieces)
    ends = {sum(map(len, pieces[:count])) for count in range(len(pieces) + 1)}
    place %= len(whole)
    if place in ends:
        assert len(list(wire.frames(io.BytesIO(whole[:place])))) == sum(end <= place for end in ends) - 1
        return
    with pytest.raises(wire.Cut):
        list(wire.frames(io.BytesIO(whole[:place])))


@given(st.binary(), st.sampled_from([b"D", b"F"]), st.integers(-6, 6))
def test_an_answer_is_whole_or_refused_and_wiped(content: bytes, kind: bytes, missing: int) -> None:
    answer = bytearray(kind + max(len(content) + missing, 0).to_bytes(4, "big") + content)
    if missing > 0 or (missing < 0 and content):
        with pytest.raises(wire.Cut):
            wire.answered(answer)
    else:
        document, failure = wire.answered(answer)
        assert document == (content if kind == b"D" else b"")
        assert failure == (content.decode("ascii", "replace") if kind == b"F" else "")
    assert not any(answer)


@given(st.binary(max_size=12).filter(lambda data: data[:1] not in (b"D", b"F")).map(bytearray))
def test_anything_else_is_no_answer(answer: bytearray) -> None:
    with pytest.raises(wire.Cut):
        wire.answered(answer)

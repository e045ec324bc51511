"""Our printing client against the box's paper tray, every switch of it; and the tray against CUPS' own tests."""

import json
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from sheet_contents import a_sheet

from kiosk.errors import PrinterNotReady, PrinterUnreachable, PrintOutcomeUnknown
from kiosk.printing.model import PrintProgress, PrintState
from kiosk.printing.printer import IppPrinter
from kiosk.printing.sheet import secrets_sheet
from kiosk.training.paper_tray import PaperTray

DOCUMENT = b"%PDF-1.4\n1 0 obj<</Type /Page>>endobj\n2 0 obj<</Type /Pages>>endobj\n%%EOF"


class Clock:
    """Time that passes only by waiting; `at` runs something once a moment has come."""

    def __init__(self) -> None:
        self.now = 0.0
        self._due: list[tuple[float, Callable[[], object]]] = []

    def at(self, moment: float, act: Callable[[], object]) -> None:
        self._due.append((moment, act))

    def wait(self, seconds: float) -> None:
        self.now += seconds
        for due in [due for due in self._due if due[0] <= self.now]:
            self._due.remove(due)
            due[1]()


class Tray:
    """A running tray and the trainer's hand on it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.running = PaperTray(directory)
        self.running.start()
        self.clock = Clock()
        self.printer = IppPrinter(self.running.uri, wait=self.clock.wait, clock=lambda: self.clock.now)

    def tell(self, **request: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as control:
            control.settimeout(10)
            control.connect(str(self.directory / "printer.sock"))
            with control.makefile("rwb") as lines:
                lines.write(json.dumps(request).encode() + b"\n")
                lines.flush()
                answer: dict[str, Any] = json.loads(lines.readline())
                return answer

    def switch(self, state: str) -> None:
        assert self.tell(do="state", value=state)["state"] == state

    def sheets(self) -> list[dict[str, Any]]:
        sheets: list[dict[str, Any]] = self.tell(do="sheets")["sheets"]
        return sheets

    def followed(
        self, name: str = "K1", cancelled: Callable[[], bool] = lambda: False
    ) -> list[PrintProgress]:
        return list(self.printer.follow(self.printer.submit(DOCUMENT, name), cancelled))


@pytest.fixture
def tray(tmp_path: Path) -> Iterator[Tray]:
    tray = Tray(tmp_path)
    yield tray
    tray.running.stop()


def states(progress: list[PrintProgress]) -> list[PrintState]:
    return [step.state for step in progress]


def test_a_sheet_comes_out_as_a_file(tray):
    document = secrets_sheet(a_sheet())
    assert tray.printer.ensure_ready().media_ready == ("iso_a4_210x297mm",)
    progress = list(tray.printer.follow(tray.printer.submit(document, "K7F3A-92")))
    assert states(progress)[0] is PrintState.WAITING
    assert PrintState.PRINTING in states(progress)
    assert progress[-1] == PrintProgress(PrintState.COMPLETED, ("job-completed-successfully",), 1)
    (out,) = tray.sheets()
    assert Path(out["path"]).read_bytes() == document
    assert Path(out["path"]).parent == tray.directory / "sheets"
    assert "K7F3A-92" in Path(out["path"]).name
    assert (out["name"], out["pages"], out["media"], out["sides"]) == (
        "K7F3A-92",
        1,
        "iso_a4_210x297mm",
        "one-sided",
    )
    assert out["user"] == "borne-dmp"


def test_cleared_sheets_are_gone(tray):
    tray.followed()
    (out,) = tray.sheets()
    tray.tell(do="clear")
    assert tray.sheets() == []
    assert not Path(out["path"]).exists()


def test_a_job_name_is_no_path(tray):
    tray.followed("../../évasion/x")
    (out,) = tray.sheets()
    assert Path(out["path"]).parent == tray.directory / "sheets"
    assert out["name"] == "../../évasion/x"


def test_switched_off_nothing_is_sent(tray):
    tray.switch("off")
    for ask in (tray.printer.status, lambda: tray.printer.submit(DOCUMENT, "K1")):
        with pytest.raises(PrinterUnreachable):
            ask()
    tray.switch("ready")
    assert tray.printer.status().ready
    assert tray.sheets() == []


@pytest.mark.parametrize(("state", "word"), [("media-empty", "papier"), ("paused", "pause")])
def test_not_ready_is_known_before_any_secret_is_asked_for(tray, state, word):
    tray.switch(state)
    status = tray.printer.status()
    assert not status.ready
    assert status.stopped
    with pytest.raises(PrinterNotReady) as refusal:
        tray.printer.ensure_ready()
    assert word in refusal.value.cause
    tray.switch("ready")
    assert tray.printer.ensure_ready().ready


def test_paper_put_back_in_time(tray):
    tray.switch("media-empty")
    tray.clock.at(100, lambda: tray.switch("ready"))
    progress = tray.followed()
    blocked = next(step for step in progress if step.state is PrintState.BLOCKED)
    assert "media-empty-error" in blocked.reasons
    assert states(progress)[-1] is PrintState.COMPLETED
    assert len(tray.sheets()) == 1


def test_paper_put_back_at_the_last_moment_does_not_cancel_the_sheet_that_comes_out(tray):
    tray.switch("media-empty")
    tray.clock.at(119.9, lambda: tray.switch("ready"))
    assert states(tray.followed())[-1] is PrintState.COMPLETED


def test_nobody_brings_paper_and_the_job_is_cancelled_before_it_can_come_out_later(tray):
    tray.switch("media-empty")
    last = tray.followed()[-1]
    assert last.state is PrintState.CANCELED
    assert last.impressions == 0
    assert not last.paper_may_be_out
    assert 120 <= tray.clock.now < 130
    tray.switch("ready")
    assert tray.sheets() == []


def test_cancelled_by_hand_while_it_waits(tray):
    tray.switch("paused")
    last = tray.followed(cancelled=lambda: tray.clock.now >= 2)[-1]
    assert last.state is PrintState.CANCELED
    assert not last.paper_may_be_out


def test_cancelled_too_late_counts_as_printed(tray):
    last = tray.followed(cancelled=lambda: bool(tray.sheets()))[-1]
    assert last.state is PrintState.CANCELED
    assert last.impressions == 1
    assert last.paper_may_be_out


def test_a_printer_that_dies_with_the_sheet_in_it(tray):
    tray.switch("dies-after-receipt")
    with pytest.raises(PrintOutcomeUnknown):
        tray.printer.submit(DOCUMENT, "K1")
    assert tray.tell(do="state")["state"] == "off"
    assert len(tray.sheets()) == 1  # it came out, and the kiosk cannot know: somebody has to look


def test_a_printer_that_dies_and_comes_back_is_asked_for_the_nonce(tray):
    tray.switch("dies-after-receipt")
    tray.clock.at(2, lambda: tray.switch("ready"))
    job = tray.printer.submit(DOCUMENT, "K1-nonce")
    assert job.name == "K1-nonce"
    assert states(list(tray.printer.follow(job)))[-1] is PrintState.COMPLETED
    assert len(tray.sheets()) == 1


def test_a_printer_that_comes_back_without_a_memory(tray):
    tray.switch("dies-after-receipt")
    tray.clock.at(1, lambda: (tray.tell(do="clear"), tray.switch("ready")))
    with pytest.raises(PrintOutcomeUnknown) as unknown:
        tray.printer.submit(DOCUMENT, "K1-nonce")
    assert "ne pas connaître" in unknown.value.cause


def test_a_job_that_is_forgotten_while_followed(tray):
    job = tray.printer.submit(DOCUMENT, "K1")
    tray.tell(do="clear")
    assert states(list(tray.printer.follow(job)))[-1] is PrintState.UNKNOWN
    assert tray.clock.now < 5


def test_switched_off_while_it_prints(tray):
    job = tray.printer.submit(DOCUMENT, "K1")
    follow = tray.printer.follow(job)
    assert next(follow).state is PrintState.WAITING
    tray.switch("off")
    assert next(follow).state is PrintState.UNKNOWN
    assert list(follow) == []
    assert tray.clock.now < 5


def test_a_moment_without_answer_is_not_the_end(tray):
    job = tray.printer.submit(DOCUMENT, "K1")
    tray.switch("off")
    tray.clock.at(0.25, lambda: tray.switch("ready"))
    assert states(list(tray.printer.follow(job)))[-1] is PrintState.COMPLETED


def test_the_printer_gives_the_job_up(tray):
    tray.switch("abort")
    last = tray.followed()[-1]
    assert last.state is PrintState.ABORTED
    assert "aborted-by-system" in last.reasons
    assert tray.sheets() == []


def test_a_job_that_never_ends_is_let_go(tray):
    tray.switch("stuck")
    last = tray.followed()[-1]
    assert last.state is PrintState.UNKNOWN
    assert "processing-to-stop-point" in last.reasons
    assert last.paper_may_be_out
    assert 130 <= tray.clock.now < 140


def test_what_is_not_a_pdf_is_refused(tray):
    with pytest.raises(PrinterNotReady) as refusal:
        tray.printer.submit(b"\xff\xd8\xff", "K1", "image/jpeg")
    assert "format" in refusal.value.cause
    assert not tray.printer.status("image/jpeg").ready


def test_the_trainer_is_told_what_can_be_said(tray):
    assert "one of ready, off" in tray.tell(do="state", value="on-fire")["error"]
    assert "error" in tray.tell(do="dance")
    assert set(tray.tell(do="state")["states"]) == {
        "ready", "off", "media-empty", "paused", "dies-after-receipt", "abort", "stuck",
    }  # fmt: skip


def test_stopping_leaves_the_sheets_and_nothing_listening(tmp_path):
    tray = Tray(tmp_path)
    tray.followed()
    tray.running.stop()
    with pytest.raises(PrinterUnreachable):
        tray.printer.status()
    assert not (tmp_path / "printer.sock").exists()
    assert len(list((tmp_path / "sheets").iterdir())) == 1


def test_the_tray_passes_the_conformance_test_of_cups(tray, tmp_path):
    """ipptool's ipp-1.1.test: RFC 8011, 24 checks of the operations the tray has."""
    document = tmp_path / "document.pdf"
    document.write_bytes(DOCUMENT)
    run = subprocess.run(
        ["ipptool", "-tI", "-f", document, tray.running.uri, "ipp-1.1.test"],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert run.returncode == 0, run.stdout
    assert "24 passed, 0 failed" in run.stdout


def test_the_tray_shares_no_code_with_the_client():
    program = (
        "import sys, kiosk.training.paper_tray\n"
        "print(sorted(n for n in sys.modules if n.startswith('kiosk.') and not n.startswith('kiosk.training')))"
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"

"""The printing client against a printer nobody here wrote."""

import os
import signal
import socket
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from ippeve import EvePrinter, eve_printer
from sheet_contents import a_sheet

from kiosk.errors import PrinterNotReady, PrinterUnreachable, PrintOutcomeUnknown
from kiosk.printing.model import PrintState
from kiosk.printing.printer import IppPrinter
from kiosk.printing.sheet import secrets_sheet

pytestmark = pytest.mark.xdist_group("ippeve")

PRINTS = 'echo "ATTR: job-impressions-completed=1" >&2'


def client(uri: str, pinned: Path | None = None) -> IppPrinter:
    """Polls as fast as the printer answers."""
    return IppPrinter(uri, pinned, wait=lambda _: threading.Event().wait(0.02))


@pytest.fixture(scope="module")
def printer(bus: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[EvePrinter]:
    with eve_printer(bus, tmp_path_factory.mktemp("eve"), PRINTS) as running:
        yield running


def test_the_sheet_arrives_byte_for_byte_with_a_neutral_ticket(printer):
    document = secrets_sheet(a_sheet())
    borne = client(printer.uri)
    assert borne.ensure_ready().a4

    job = borne.submit(document, "K7F3A-92")
    last = list(borne.follow(job))[-1]

    assert last.state is PrintState.COMPLETED
    assert last.impressions == 1
    assert printer.printed.read_bytes() == document
    assert printer.ticket["IPP_MEDIA"] == "iso_a4_210x297mm"
    assert printer.ticket["IPP_SIDES"] == "one-sided"
    assert printer.ticket["IPP_COPIES"] == "1"
    assert printer.ticket["IPP_JOB_NAME"] == "K7F3A-92"
    assert printer.ticket["IPP_JOB_ORIGINATING_USER_NAME"] == "borne-dmp"


def test_a_printer_without_a4_is_not_ready(bus, tmp_path):
    with eve_printer(bus, tmp_path / "letter", paper=None) as running:
        status = client(running.uri).status()
        assert "na_letter_8.5x11in" in status.media_ready
        assert not status.ready
        with pytest.raises(PrinterNotReady) as refusal:
            client(running.uri).ensure_ready()
        assert "A4" in refusal.value.cause


def test_a_format_the_printer_does_not_know(printer):
    borne = client(printer.uri)
    assert not borne.status("application/x-unknown").ready
    with pytest.raises(PrinterNotReady):
        borne.submit(b"%!PS", "K1", "application/x-unknown")


def test_a_job_the_printer_gives_up(bus, tmp_path):
    with eve_printer(bus, tmp_path / "abort", "exit 1") as running:
        borne = client(running.uri)
        last = list(borne.follow(borne.submit(b"%PDF-1.4", "K2")))[-1]
    assert last.state is PrintState.ABORTED
    assert last.paper_may_be_out


def test_paper_runs_out_and_comes_back(bus, tmp_path):
    script = (
        'echo "STATE: +media-empty-warning" >&2; read line < gate; echo "STATE: -media-empty-warning" >&2'
    )
    with eve_printer(bus, tmp_path / "empty", script) as running:
        borne = client(running.uri)
        seen = []
        for progress in borne.follow(borne.submit(b"%PDF-1.4", "K3")):
            seen.append(progress.state)
            if progress.state is PrintState.BLOCKED:
                assert "media-empty-warning" in progress.reasons
                running.open_gate()
    assert PrintState.BLOCKED in seen
    assert seen[-1] is PrintState.COMPLETED


def test_a_cancel_is_a_wish_and_the_side_counts(bus, tmp_path):
    with eve_printer(bus, tmp_path / "cancel", f"{PRINTS}; read line < gate") as running:
        borne = client(running.uri)
        for progress in borne.follow(borne.submit(b"%PDF-1.4", "K4"), cancelled=lambda: True):
            if "processing-to-stop-point" in progress.reasons:
                running.open_gate()
    assert progress.state is PrintState.CANCELED
    assert progress.impressions == 1
    assert progress.paper_may_be_out


def test_a_printer_that_dies_leaves_the_outcome_unknown(bus, tmp_path):
    with eve_printer(bus, tmp_path / "dead", "read line < gate") as running:
        borne = client(running.uri)
        states = borne.follow(borne.submit(b"%PDF-1.4", "K5"))
        assert next(states).state is PrintState.WAITING
        running.peer.kill()
        assert [progress.state for progress in states][-1] is PrintState.UNKNOWN
        with pytest.raises(PrinterUnreachable):
            borne.status()
        with pytest.raises(PrinterUnreachable):
            borne.submit(b"%PDF-1.4", "K6")


def test_a_frozen_printer_does_not_freeze_the_kiosk(bus, tmp_path):
    with eve_printer(bus, tmp_path / "frozen") as running:
        os.kill(running.peer.process.pid, signal.SIGSTOP)
        with pytest.raises(PrinterUnreachable):
            client(running.uri).status()


def test_ipps_takes_the_pinned_certificate_and_no_other(printer, tmp_path):
    with pytest.raises(PrinterUnreachable) as refusal:
        client(printer.secure_uri).status()  # self-signed: no system authority vouches for it
    assert "certificat" in refusal.value.cause

    pinned = client(printer.secure_uri, printer.certificate)
    last = list(pinned.follow(pinned.submit(b"%PDF-1.4 chiffre", "K7")))[-1]
    assert last.state is PrintState.COMPLETED
    assert printer.printed.read_bytes() == b"%PDF-1.4 chiffre"

    other = tmp_path / "other.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=localhost", "-days", "2",
         "-keyout", tmp_path / "other.key", "-out", other],
        check=True, capture_output=True,
    )  # fmt: skip
    with pytest.raises(PrinterUnreachable) as refusal:
        client(printer.secure_uri, other).submit(b"%PDF-1.4", "K8")
    assert "certificat" in refusal.value.cause
    assert "K8" not in printer.ticket["IPP_JOB_NAME"]


class CuttingRelay:
    """Between the kiosk and the printer: loses the answer to Print-Job, and the request too if told so."""

    def __init__(self, uri: str, *, forward: bool) -> None:
        self._target = ("localhost", int(uri.split(":")[2].split("/")[0]))
        self._forward = forward
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.uri = f"ipp://127.0.0.1:{self._listener.getsockname()[1]}/ipp/print"
        threading.Thread(target=self._run, daemon=True).start()

    def close(self) -> None:
        self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _run(self) -> None:
        while True:
            try:
                kiosk, _ = self._listener.accept()
            except OSError:
                return
            with kiosk:
                self._relay(kiosk)

    def _relay(self, kiosk: socket.socket) -> None:
        with kiosk.makefile("rb") as incoming:
            head = b""
            while not head.endswith(b"\r\n\r\n"):
                head += incoming.readline()
            size = next(int(line.split(b":")[1]) for line in head.splitlines() if b"length" in line.lower())
            body = incoming.read(size)
        printing = body[2:4] == b"\x00\x02"
        if printing and not self._forward:
            return
        with socket.create_connection(self._target) as printer:
            printer.sendall(head + body)
            printer.shutdown(socket.SHUT_WR)
            answer = b""
            while chunk := printer.recv(65536):
                answer += chunk
        if not printing:
            kiosk.sendall(answer)


def test_an_answer_that_got_lost_is_found_again_by_the_nonce(printer):
    relay = CuttingRelay(printer.uri, forward=True)
    try:
        borne = client(relay.uri)
        job = borne.submit(b"%PDF-1.4 perdu", "K9-nonce")
        assert job.name == "K9-nonce"
        assert list(borne.follow(job))[-1].state is PrintState.COMPLETED
        assert printer.printed.read_bytes() == b"%PDF-1.4 perdu"
    finally:
        relay.close()


def test_a_request_that_got_lost_asks_somebody_to_look(printer):
    relay = CuttingRelay(printer.uri, forward=False)
    try:
        with pytest.raises(PrintOutcomeUnknown) as unknown:
            client(relay.uri).submit(b"%PDF-1.4", "K10-nonce")
        assert "ne pas connaître" in unknown.value.cause
    finally:
        relay.close()


def test_printing_writes_no_file(printer, tmp_path):
    """EX_1.5-1090: from the secrets to the paper, the process opens nothing for writing."""
    program = textwrap.dedent(
        """
        import os, sys
        written = []
        def watch(event, arguments):
            if event == "open" and (arguments[2] or 0) & (os.O_WRONLY | os.O_RDWR | os.O_CREAT):
                written.append(str(arguments[0]))
            elif event in ("os.mkdir", "os.rename", "os.link", "os.symlink", "tempfile.mkstemp", "tempfile.mkdtemp"):
                written.append(event)
        sys.addaudithook(watch)
        from datetime import datetime
        from kiosk.printing.model import Issuer, SecretsSheet, SheetPatient
        from kiosk.printing.printer import IppPrinter
        from kiosk.printing.sheet import secrets_sheet
        from kiosk.secret import Secret
        sheet = SecretsSheet(
            "K11", SheetPatient("ŒUVRARD", "", "Simone", "19470214", "0833910461234567890123"),
            Issuer("Dr GIRAUD", "CABINET"), datetime(2025, 11, 21), Secret("pzrv2481"), Secret("9i7xRTE:"),
            "dmp.example.org", "")
        document = secrets_sheet(sheet)
        printer = IppPrinter(sys.argv[1])
        print(list(printer.follow(printer.submit(document, "K11")))[-1].state.name, written)
        """
    )
    run = subprocess.run(
        [sys.executable, "-B", "-c", program, printer.uri],
        cwd=tmp_path,
        env={**os.environ, "TMPDIR": str(tmp_path), "HOME": str(tmp_path)},
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    assert run.stdout.strip() == "COMPLETED []"
    assert list(tmp_path.iterdir()) == []

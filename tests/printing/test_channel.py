"""Printers that misbehave below IPP: slow, cut, HTTP refusals, wrong addresses."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest

from kiosk.errors import PrinterNotReady, PrinterUnreachable, PrintOutcomeUnknown, SettingsError
from kiosk.printing.channel import Channel
from kiosk.printing.printer import IppPrinter
from kiosk.training.paper_wire import JOB_GROUP, build_answer, number

Behaviour = Callable[[socket.socket], None]


@contextmanager
def server(behave: Behaviour) -> Iterator[str]:
    """One connection at a time, handled by `behave`."""
    listener = socket.create_server(("127.0.0.1", 0))

    def run() -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with connection:
                connection.settimeout(20)
                try:
                    behave(connection)
                except OSError:
                    continue  # the kiosk left

    thread = threading.Thread(target=run, daemon=True)
    thread.start()
    try:
        yield f"ipp://127.0.0.1:{listener.getsockname()[1]}/ipp/print"
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(30)
        assert not thread.is_alive()


def answering(head: bytes, body: bytes = b"") -> Behaviour:
    def behave(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(head + b"Content-Length: %d\r\n\r\n" % len(body) + body)

    return behave


def test_an_answer_that_drips_ends_with_the_deadline():
    """Every byte comes well within a socket's own time-out: only a deadline for the whole call ends it."""
    never = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Type: application/ipp\r\n\r\n")
        while not never.wait(0.01):
            connection.sendall(b"\x02")

    with server(drip) as uri, pytest.raises(PrintOutcomeUnknown):
        Channel(uri, None).exchange(b"request", 0.3)


def test_an_answer_without_end_is_not_kept():
    def flood(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(b"HTTP/1.1 200 OK\r\n\r\n")
        while True:
            connection.sendall(bytes(65536))

    with server(flood) as uri, pytest.raises(PrintOutcomeUnknown):
        Channel(uri, None).exchange(b"request", 20)


@pytest.mark.parametrize(
    "answer", [b"", b"HTTP/1.1", b"\x02\x00\x00\x00", b"HTTP/1.1 200 OK\r\nContent-Length: 50\r\n\r\nx"]
)
def test_an_answer_that_is_cut_or_is_not_http(answer):
    def cut(connection: socket.socket) -> None:
        connection.recv(65536)
        connection.sendall(answer)

    with server(cut) as uri, pytest.raises(PrintOutcomeUnknown):
        Channel(uri, None).exchange(b"request", 5)


@pytest.mark.parametrize(
    ("status", "word"),
    [(b"401 Unauthorized", "mot de passe"), (b"426 Upgrade", "chiffrée"), (b"418 No", "refuse")],
)
def test_an_http_refusal_is_final_and_explained(status, word):
    with server(answering(b"HTTP/1.1 " + status + b"\r\n")) as uri, pytest.raises(PrinterNotReady) as refusal:
        IppPrinter(uri).submit(b"%PDF-", "K1")
    assert word in refusal.value.cause


def test_a_failure_of_the_printers_server_leaves_the_outcome_unknown():
    with server(answering(b"HTTP/1.1 500 Oops\r\n")) as uri, pytest.raises(PrintOutcomeUnknown):
        IppPrinter(uri, wait=lambda _: None).submit(b"%PDF-", "K1")


def test_an_unreadable_answer_leaves_the_outcome_unknown():
    with server(answering(b"HTTP/1.1 200 OK\r\n", b"<html>")) as uri, pytest.raises(PrintOutcomeUnknown):
        IppPrinter(uri, wait=lambda _: None).submit(b"%PDF-", "K1")


def test_an_answer_to_another_question_is_no_answer():
    stale = build_answer(b"\x02\x00", 0, 999, [(JOB_GROUP, [number("job-id", 1)])])
    with server(answering(b"HTTP/1.1 200 OK\r\n", stale)) as uri, pytest.raises(PrintOutcomeUnknown):
        IppPrinter(uri, wait=lambda _: None).submit(b"%PDF-", "K1")


def test_a_refusal_that_comes_before_the_document_is_read_is_still_read():
    def refuse_early(connection: socket.socket) -> None:
        connection.recv(16)
        connection.sendall(b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n")

    with server(refuse_early) as uri, pytest.raises(PrinterNotReady):
        Channel(uri, None).exchange(b"request", 20, bytes(16 << 20))


def test_nobody_listens():
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    with pytest.raises(PrinterUnreachable):
        Channel(f"ipp://127.0.0.1:{port}/ipp/print", None).exchange(b"request", 3)


def test_a_printer_that_does_not_speak_tls():
    with server(answering(b"HTTP/1.1 400 Bad\r\n")) as uri, pytest.raises(PrinterUnreachable):
        Channel(uri.replace("ipp:", "ipps:"), None).exchange(b"request", 5)


@pytest.mark.parametrize(
    "uri", ["http://printer/ipp", "ipp://", "printer", "ipp://printer:port/", "ipp://[::1/", ""]
)
def test_an_address_that_is_not_a_printers(uri):
    with pytest.raises(SettingsError):
        Channel(uri, None)


def test_a_pinned_certificate_that_cannot_be_read(tmp_path):
    (tmp_path / "not.pem").write_text("not a certificate")
    for path in (tmp_path / "not.pem", tmp_path / "absent.pem"):
        with pytest.raises(SettingsError):
            Channel("ipps://printer/ipp/print", path)


def test_credentials_in_the_address_are_not_sent_to_the_printer():
    assert Channel("ipps://user:secret@printer:8631/ipp/print", None).uri == "ipps://printer:8631/ipp/print"

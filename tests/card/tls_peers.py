"""Servers a card connects to in the tests: Python's ssl, and `openssl s_server`."""

import re
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from authority import Authority

from kiosk.card.tls import CardContext

SECONDS = 20


class Server:
    """A TLS server that demands a client certificate and echoes one line per connection."""

    def __init__(self, files: tuple[Path, Path], authority: Authority, minimum: ssl.TLSVersion, maximum: ssl.TLSVersion,
                 ciphers: str = "") -> None:  # fmt: skip
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version, self.context.maximum_version = minimum, maximum
        self.context.load_cert_chain(*files)
        self.context.load_verify_locations(authority.file)
        self.context.verify_mode = ssl.CERT_REQUIRED
        if ciphers:
            self.context.set_ciphers(ciphers)
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        self.resumed: list[bool | None] = []
        self.peers: list[int] = []
        self.ciphers: list[str] = []
        self.thread = threading.Thread(target=self._serve)
        self.thread.start()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.settimeout(SECONDS)
            try:
                with self.context.wrap_socket(connection, server_side=True) as secured:
                    self.resumed.append(secured.session_reused)
                    peer = secured.getpeercert()
                    assert peer is not None
                    self.peers.append(int(peer["serialNumber"], 16))
                    self.ciphers.append(secured.cipher()[0])  # type: ignore[index]
                    secured.sendall(secured.recv(1000))
            except OSError:
                connection.close()

    def close(self) -> None:
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        self.thread.join(SECONDS)


@contextmanager
def serving(
    files: tuple[Path, Path], authority: Authority, *, minimum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_2,
    maximum: ssl.TLSVersion = ssl.TLSVersion.TLSv1_3, ciphers: str = "",
) -> Iterator[Server]:  # fmt: skip
    server = Server(files, authority, minimum, maximum, ciphers)
    try:
        yield server
    finally:
        server.close()


def said(context: CardContext, port: int, host: str = "localhost") -> bytes:
    """One connection, one line there and back."""
    connection = socket.create_connection(("127.0.0.1", port), SECONDS)
    with context.wrap(connection, host) as secured:
        secured.sendall(b"bonjour\n")
        return secured.recv(1000)


@contextmanager
def s_server(clients: Path, files: tuple[Path, Path]) -> Iterator[int]:
    """`openssl s_server` on a free port, told by its own ACCEPT line; demands a certificate of `clients`."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-Verify", "3", "-verify_return_error",
               "-CAfile", str(clients), "-cert", str(files[0]), "-key", str(files[1])]  # fmt: skip
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
        assert process.stdout is not None
        try:
            ports = (re.match(rb"ACCEPT 127\.0\.0\.1:([0-9]+)", line) for line in process.stdout)
            yield next(int(match.group(1)) for match in ports if match)
        finally:
            process.terminate()


def page_of(context: CardContext, port: int) -> bytes:
    """What `s_server -www` says of the connection."""
    connection = socket.create_connection(("127.0.0.1", port), SECONDS)
    with context.wrap(connection, "localhost") as secured:
        secured.sendall(b"GET / HTTP/1.0\r\n\r\n")
        return b"".join(iter(lambda: secured.recv(4096), b""))

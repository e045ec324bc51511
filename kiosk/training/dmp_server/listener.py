"""HTTPS as the service speaks it: TLS 1.2, four suites, a card certificate for every client, HTTP/1.1.

The handshake runs in the thread of its connection and under a time-out: a mute client blocks nobody. The
client's certificate is known on resumed sessions too.
"""

import contextlib
import itertools
import socket
import socketserver
import ssl
import threading
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography import x509

from kiosk.training.dmp_server import delivery
from kiosk.training.dmp_server.admission import holder_of
from kiosk.training.dmp_server.dispatch import MULTIPART_PATHS, PATHS
from kiosk.training.dmp_server.misbehaviour import Switchboard
from kiosk.training.dmp_server.mtom import MULTIPART
from kiosk.training.dmp_server.service import Reply, Service
from kiosk.training.dmp_server.trace import Seen, Trace

_SUITES = (
    "ECDHE-RSA-AES256-GCM-SHA384:ECDHE-RSA-AES128-GCM-SHA256:"
    "ECDHE-RSA-AES256-SHA384:ECDHE-RSA-CHACHA20-POLY1305"
)
_HANDSHAKE_SECONDS = 10
_IDLE_SECONDS = 60
_CLOSING_SECONDS = 5
_LARGEST_REQUEST = 50 * 1024 * 1024
_LARGEST_DISCARDED = 4 * _LARGEST_REQUEST
_PIECE = 64 * 1024
_LARGEST_KEPT = 2 * 1024 * 1024
"""The trace remembers no larger body: a deposit may be fifty megabytes."""


def server_context(certificate: Path, key: Path, card_ca: Path, crl: Path) -> ssl.SSLContext:
    """TLS of the service: 1.2 alone, four suites (PDT-INF-579), cards checked against the CRL."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_SUITES)
    context.load_cert_chain(certificate, key)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(card_ca)
    context.load_verify_locations(crl)
    context.verify_flags |= ssl.VerifyFlags.VERIFY_CRL_CHECK_LEAF | ssl.VerifyFlags.VERIFY_X509_STRICT
    return context


class Listener(ThreadingHTTPServer):
    """Accepts connections; one thread each, all closed by `close()`."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(
        self, port: int, context: ssl.SSLContext, service: Service, switchboard: Switchboard, trace: Trace
    ):
        self.service = service
        self.switchboard = switchboard
        self.trace = trace
        self.stopping = threading.Event()
        self.connection_numbers = itertools.count(1)
        self._context = context
        self._open: set[socket.socket] = set()
        self._changed = threading.Condition()
        super().__init__(("127.0.0.1", port), _Handler)

    def server_bind(self) -> None:
        """Bind without asking the name service who we are."""
        socketserver.TCPServer.server_bind(self)

    def get_request(self) -> tuple[socket.socket, Any]:
        connection, address = self.socket.accept()
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        with self._changed:
            self._open.add(wrapped)
        return wrapped, address

    def shutdown_request(self, request: Any) -> None:
        super().shutdown_request(request)
        with self._changed:
            self._open.discard(request)
            self._changed.notify_all()

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A refused handshake or a lost client is nothing to report."""

    def close(self) -> None:
        """Stop accepting, close every connection, wait for their threads."""
        self.stopping.set()
        self.shutdown()
        self.server_close()
        with self._changed:
            for connection in self._open:
                delivery.cut(connection)
            self._changed.wait_for(lambda: not self._open, timeout=_CLOSING_SECONDS)


class _Handler(BaseHTTPRequestHandler):
    """One connection."""

    server: Listener
    connection: ssl.SSLSocket
    protocol_version = "HTTP/1.1"
    server_version = "DMP"
    sys_version = ""
    timeout = _IDLE_SECONDS
    wbufsize = 65536

    def setup(self) -> None:
        self.request.settimeout(_HANDSHAKE_SECONDS)
        self.request.do_handshake()
        self.request.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        super().setup()
        self._number = next(self.server.connection_numbers)
        self._certificate = x509.load_der_x509_certificate(
            self.connection.getpeercert(binary_form=True) or b""
        )

    def finish(self) -> None:
        super().finish()
        self.connection.settimeout(0)
        with contextlib.suppress(OSError, ValueError):
            self.connection.unwrap()

    def handle_expect_100(self) -> bool:
        """The go-ahead leaves at once: the client waits for it. Or the refusal, before any byte of the body."""
        status = self._unwanted()
        if status:
            self._refuse(status)
            return False
        goes_on = super().handle_expect_100()
        self.wfile.flush()
        return goes_on

    def do_GET(self) -> None:
        self._refuse(405)

    def do_POST(self) -> None:
        trouble = self.server.switchboard.take()
        data = self._body()
        if data is None:
            return
        if len(data) <= _LARGEST_KEPT:
            self.server.trace.keep_body(data)
        if trouble is not None and trouble.kind in delivery.WITHOUT_WORK:
            self._record(Reply(0, b"", outcome=trouble.kind))
            delivery.instead(self, trouble, self.server.stopping)
            return
        action = self.headers.get_param("action", "")
        reply = self.server.service.handle(
            urlsplit(self.path).path,
            self.headers.get("Content-Type", ""),
            action if isinstance(action, str) else "",
            data,
            self._certificate,
            trouble,
        )
        self._record(reply)
        delivery.deliver(self, reply, trouble, self.server.stopping)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
        """Requests go to the trace, never to a log."""

    def _body(self) -> bytes | None:
        """The body of a request HTTP allows; None once it was refused."""
        status = self._unwanted()
        if not status:
            return self.rfile.read(int(self.headers["Content-Length"]))
        self._refuse(status)
        if status == 413:
            self._discard(int(self.headers["Content-Length"]))
        return None

    def _unwanted(self) -> int:
        """Status of the refusal that the head of a request calls for; 0 for none."""
        length = self.headers.get("Content-Length", "")
        if urlsplit(self.path).path not in PATHS:
            return 404
        if self.headers.get_content_type() not in self._accepted():
            return 415
        if self.headers.get("Transfer-Encoding") or not length:
            return 411
        if not (length.isascii() and length.isdigit()):
            return 400
        return 413 if int(length) > _LARGEST_REQUEST else 0

    def _discard(self, length: int) -> None:
        """Read what is on its way: a connection closed on it would be reset, the answer lost (RFC 9112, 9.6)."""
        self.wfile.flush()
        rest = min(length, _LARGEST_DISCARDED)
        with contextlib.suppress(OSError):
            while rest > 0 and (piece := self.rfile.read(min(rest, _PIECE))):
                rest -= len(piece)

    def _accepted(self) -> tuple[str, ...]:
        """Media types of the service asked for."""
        attached = (MULTIPART,) if urlsplit(self.path).path in MULTIPART_PATHS else ()
        return ("application/soap+xml", *attached)

    def _refuse(self, status: int) -> None:
        self._record(Reply(status, b"", outcome=f"HTTP {status}"))
        self.send_error(status)
        self.close_connection = True

    def _record(self, reply: Reply) -> None:
        holder = holder_of(self._certificate)
        self.server.trace.add(
            Seen(
                at=datetime.now(UTC).isoformat(timespec="milliseconds"),
                connection=self._number,
                resumed=bool(self.connection.session_reused),
                path=urlsplit(self.path).path,
                holder=holder.card_id if holder else "",
                transaction=reply.transaction,
                action=reply.action,
                message_id=reply.message_id,
                outcome=reply.outcome,
            )
        )

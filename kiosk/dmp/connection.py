"""One TLS connection to one host, with http.client speaking on it."""

import contextlib
import http.client
import select
import socket
import ssl
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from kiosk.dmp.watch import Watch

_BLOCK = 65536


class TooLargeError(Exception):
    """The answer exceeds the size the caller allows."""


class IncompleteError(Exception):
    """The connection ended before the answer did."""


@dataclass(frozen=True)
class Answer:
    """An HTTP answer, read to its end."""

    status: int
    body: bytes = field(repr=False)
    location: str = ""
    date: datetime | None = None
    """The server's clock, to the second; UTC."""


@dataclass(frozen=True)
class Host:
    """Where a connection leads."""

    name: str
    port: int


class Tls(Protocol):
    """TLS with the card's key. `kiosk.card.tls.CardContext` is one; it resumes the sessions it has seen."""

    def wrap(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        """Shake hands over a connected socket, taken over; closed on failure.

        Raises `ssl.SSLError`, `OSError`, or the `CardError` of a card that could not sign.
        """


class Connection:
    """Connected and shaken hands; used by one thread.

    `line` is a second handle on the same TCP connection: shutting it down ends any wait on it, and leaves
    alone the TLS object that another thread is reading from.
    """

    def __init__(self, host: Host, tls: ssl.SSLSocket, line: socket.socket) -> None:
        self._tls = tls
        self._line = line
        self._http = http.client.HTTPConnection(host.name, host.port)
        self._http.default_port = 443
        self._http.auto_open = 0  # a closed connection stays closed: reconnecting is the caller's decision
        self._http.sock = tls

    @property
    def reusable(self) -> bool:
        """Kept alive and silent: with something to read, it was closed by the server or is out of step."""
        if self._http.sock is None or self._tls.fileno() < 0:
            return False
        poll = select.poll()
        poll.register(self._tls, select.POLLIN)
        return not poll.poll(0)

    def exchange(
        self, target: str, headers: Mapping[str, str], body: bytes, *, limit: int, watch: Watch
    ) -> Answer:
        """POST and read the answer.

        Raises `OSError`, `http.client.HTTPException`, `TooLargeError` or `IncompleteError`.
        """
        watch.wake_by_shutdown(self._line)
        self._http.request("POST", target, body, headers)
        response = self._http.getresponse()
        content = _read(response, limit)
        return Answer(
            status=response.status,
            body=content,
            location=response.headers.get("Location", ""),
            date=_date(response.headers.get("Date", "")),
        )

    def close(self) -> None:
        self._http.close()
        self._tls.close()
        self._line.close()


def connect(host: Host, tls: Tls, *, seconds: float, watch: Watch) -> Connection:
    """Resolve, connect and shake hands. `seconds` bounds the TCP connection to each address.

    Raises `OSError` (`ssl.SSLError` among them) or `CardError`.
    """
    error = OSError("no address")
    for family, kind, protocol, _, address in _resolve(host, watch):
        sock = socket.socket(family, kind, protocol)
        try:
            watch.wake_by_shutdown(sock)
            sock.settimeout(seconds)
            sock.connect(address)
        except OSError as refused:
            sock.close()
            error = refused
            continue
        return _shake_hands(host, tls, sock, watch)
    raise error


def _shake_hands(host: Host, tls: Tls, sock: socket.socket, watch: Watch) -> Connection:
    sock.settimeout(None)  # from here on the watch alone ends a wait
    line = sock.dup()
    try:
        watch.wake_by_shutdown(line)
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        return Connection(host, tls.wrap(sock, host.name), line)
    except BaseException:
        line.close()
        sock.close()
        raise


def _resolve(host: Host, watch: Watch) -> list[tuple[Any, ...]]:
    """Addresses of a host. A resolver cannot be interrupted: it is left behind in its own thread."""
    found: list[tuple[Any, ...]] = []
    failed: list[OSError] = []
    done = threading.Event()

    def look_up() -> None:
        try:
            found.extend(socket.getaddrinfo(host.name, host.port, type=socket.SOCK_STREAM))
        except (OSError, UnicodeError) as error:
            failed.append(error if isinstance(error, OSError) else OSError("not a host name"))
        done.set()

    threading.Thread(target=look_up, daemon=True, name="dmp-resolver").start()
    watch.wake_with(done.set)
    done.wait()
    if failed:
        raise failed[0]
    return list(found)


def _read(response: http.client.HTTPResponse, limit: int) -> bytes:
    content = bytearray()
    try:
        while block := response.read(_BLOCK):
            content += block
            if len(content) > limit:
                raise TooLargeError
    except http.client.IncompleteRead:
        raise IncompleteError from None
    if response.length:  # what Content-Length still promises
        raise IncompleteError
    return bytes(content)


def _date(header: str) -> datetime | None:
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(header).replace(tzinfo=UTC)
    return None

"""One TLS connection to one host, with http.client speaking on it."""

import contextlib
import http.client
import select
import socket
import ssl
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, Protocol

from kiosk.dmp import redirection
from kiosk.dmp.watch import Watch

_BLOCK = 65536

Body = bytes | tuple[bytes, ...]
"""Of a request: in pieces when it is large, so that nothing is joined."""


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
    content_type: str = ""
    """Whole: a multipart answer has its boundary in it."""


@dataclass(frozen=True)
class Reading:
    """How to read an answer that is larger than most."""

    limit: int
    """Bytes."""
    seconds: float
    """For the whole call."""
    feed: Callable[[bytes], None] | None = None
    """Takes the body as it comes, block by block; `Answer.body` is then empty. What it raises ends the call."""


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
        self,
        target: str,
        headers: Mapping[str, str],
        body: Body,
        *,
        limit: int,
        watch: Watch,
        feed: Callable[[bytes], None] | None = None,
    ) -> Answer:
        """POST and read the answer, into `feed` when there is one and the answer is no redirection.

        Raises `OSError`, `http.client.HTTPException`, `TooLargeError`, `IncompleteError`, or what `feed` raises.
        """
        watch.wake_by_shutdown(self._line)
        if not isinstance(body, bytes):  # without it http.client would cut the pieces into chunks
            headers = {**headers, "Content-Length": str(size(body))}
        self._http.request("POST", target, body, headers)
        response = self._http.getresponse()
        content = bytearray()
        take = content.extend if feed is None or response.status in redirection.STATUSES else feed
        _read(response, limit, take, watch)
        return Answer(
            status=response.status,
            body=bytes(content),
            location=response.headers.get("Location", ""),
            date=_date(response.headers.get("Date", "")),
            content_type=response.headers.get("Content-Type", ""),
        )

    def close(self) -> None:
        self._http.close()
        self._tls.close()
        self._line.close()


def size(body: Body) -> int:
    """Bytes."""
    return len(body) if isinstance(body, bytes) else sum(map(len, body))


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


def _read(
    response: http.client.HTTPResponse, limit: int, take: Callable[[bytes], None], watch: Watch
) -> None:
    read = 0
    until_closed = response.length is None and "Transfer-Encoding" not in response.headers
    try:
        while block := response.read(_BLOCK):
            read += len(block)
            if read > limit:
                raise TooLargeError
            take(block)
            # What has arrived already must not be worked through when somebody gave up.
            if watch.ending is not None and not response.isclosed():
                raise IncompleteError
    except http.client.IncompleteRead:
        raise IncompleteError from None
    # What Content-Length still promises; or an end that is our own shutdown.
    if response.length or (until_closed and watch.ending is not None):
        raise IncompleteError


def _date(header: str) -> datetime | None:
    with contextlib.suppress(ValueError, TypeError, OverflowError):
        return parsedate_to_datetime(header).replace(tzinfo=UTC)
    return None

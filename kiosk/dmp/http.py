"""HTTPS to the DMP with the card's key: keep-alive, TLS resumption, one deadline for a whole call, cancel.

A first handshake needs a signature of the card (half a second and more); later connections resume the session
and need none. `requests` and `httpx` never resume, and their time-outs do not bound a call.
"""

import http.client
from collections.abc import Callable
from urllib.parse import urlsplit

from kiosk.dmp import redirection
from kiosk.dmp.connection import (
    Answer,
    Body,
    Connection,
    Host,
    IncompleteError,
    Reading,
    Tls,
    TooLargeError,
    connect,
    size,
)
from kiosk.dmp.transport_errors import explain
from kiosk.dmp.watch import Ending, Watch
from kiosk.dmp.xml import MAX_BYTES
from kiosk.errors import AnswerCut, AnswerUnreadable

_SLOWEST = 100_000
"""Bytes a second of a line that still works: a large request gets the time it needs on it."""
_ACCEPTED = "application/soap+xml, multipart/related"


class HttpsChannel:
    """The way to one service. Calls come from one thread; `cancel` may come from any.

    `tls` checks the server, signs with the card and resumes its sessions: it belongs to the card session.
    """

    def __init__(
        self,
        base_url: str,
        tls: Tls,
        *,
        connect_seconds: float = 10.0,
        call_seconds: float = 30.0,
        max_answer: int = MAX_BYTES,
    ) -> None:
        if urlsplit(base_url).scheme != "https":
            raise ValueError("the DMP is reached by https only")
        self._base_url = base_url.rstrip("/")
        self._tls = tls
        self._connect_seconds = connect_seconds
        self._call_seconds = call_seconds
        self._max_answer = max_answer
        self._connections: dict[Host, Connection] = {}
        self._watch: Watch | None = None

    def url(self, path: str) -> str:
        """The full address of one service, e.g. of `/patients`."""
        return self._base_url + path

    def post(
        self,
        path: str,
        content_type: str,
        body: Body,
        *,
        repeatable: bool,
        reading: Reading | None = None,
    ) -> Answer:
        """Send `body` and read the answer, whatever its HTTP status: a SOAP fault comes with 500.

        A repeatable call may ride on a kept connection, and is sent again, once, if that one proves dead.
        Any other opens a new connection (a resumed session: no card signature), so that a connection the
        server forgot cannot leave its outcome unknown; it is never sent twice. `reading` changes limit and
        deadline, and may take the body block by block: once it was given one, the call is not sent again.

        Raises the transport errors of `kiosk.errors`, `Cancelled`, `AnswerUnreadable`, or the card's error.
        """
        headers = {"Content-Type": content_type, "Accept": _ACCEPTED}
        reading = reading or Reading(self._max_answer, self._call_seconds)
        url = self.url(path)
        with Watch(reading.seconds + size(body) / _SLOWEST) as watch:
            self._watch = watch
            try:
                for _ in range(redirection.MOST + 1):
                    answer = self._post(url, headers, body, repeatable, reading, watch)
                    if answer.status not in redirection.STATUSES:
                        return answer
                    url = redirection.follow(url, answer.location, self._base_url)
            finally:
                self._watch = None
        raise AnswerUnreadable(detail="too many redirections")

    def cancel(self) -> None:
        """End the call under way, if there is one: it raises `Cancelled`. From any thread."""
        watch = self._watch
        if watch is not None:
            watch.end(Ending.CANCEL)

    def close(self) -> None:
        """Close the connections.

        From the thread the calls come from; `cancel` first when one may be under way.
        """
        for connection in self._connections.values():
            connection.close()
        self._connections.clear()

    def _post(
        self,
        url: str,
        headers: dict[str, str],
        body: Body,
        repeatable: bool,
        reading: Reading,
        watch: Watch,
    ) -> Answer:
        parts = urlsplit(url)
        host = Host(parts.hostname or "", parts.port or 443)
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        kept = self._connections.get(host) if repeatable else None
        if kept is not None and kept.reusable:
            fed = _Fed(reading.feed)
            try:
                return self._exchange(host, kept, target, headers, body, reading.limit, fed.feed, watch)
            except AnswerCut:
                if fed.anything:
                    raise
        connection = self._open(host, watch)
        return self._exchange(host, connection, target, headers, body, reading.limit, reading.feed, watch)

    def _open(self, host: Host, watch: Watch) -> Connection:
        self._drop(host)
        try:
            connection = connect(host, self._tls, seconds=self._connect_seconds, watch=watch)
        except OSError as error:
            raise explain(error, sent=False, ending=watch.ending) from None
        self._connections[host] = connection
        return connection

    def _exchange(
        self,
        host: Host,
        connection: Connection,
        target: str,
        headers: dict[str, str],
        body: Body,
        limit: int,
        feed: Callable[[bytes], None] | None,
        watch: Watch,
    ) -> Answer:
        try:
            return connection.exchange(target, headers, body, limit=limit, watch=watch, feed=feed)
        except (OSError, http.client.HTTPException, TooLargeError, IncompleteError) as error:
            self._drop(host)
            raise explain(error, sent=True, ending=watch.ending) from None
        except BaseException:  # of `feed`: what is left unread makes the connection useless
            self._drop(host)
            raise

    def _drop(self, host: Host) -> None:
        dropped = self._connections.pop(host, None)
        if dropped is not None:
            dropped.close()


class _Fed:
    """A feed that remembers whether it was given anything."""

    def __init__(self, feed: Callable[[bytes], None] | None) -> None:
        self.anything = False
        self.feed = None if feed is None else self._feed
        self._to = feed

    def _feed(self, block: bytes) -> None:
        self.anything = True
        if self._to is not None:
            self._to(block)

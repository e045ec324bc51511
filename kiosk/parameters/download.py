"""A public file over HTTPS: no card, no name, bounded in size and in time as a whole."""

import http.client
import socket
import ssl
from pathlib import Path
from typing import Final
from urllib.parse import urlsplit

from kiosk.dmp import redirection
from kiosk.dmp.connection import Host, IncompleteError, TooLargeError, connect
from kiosk.dmp.transport_errors import explain
from kiosk.dmp.watch import Watch
from kiosk.errors import AnswerUnreadable, ServerNotTrusted

MOST_REDIRECTIONS: Final = 5
_STATUSES: Final = redirection.STATUSES | {303}
_BLOCK: Final = 65536


def fetch(url: str, roots: Path | None, *, limit: int, seconds: float) -> bytes:
    """The file at `url`, of at most `limit` bytes, in `seconds` with its redirections.

    `roots` (PEM) may have signed the server's certificate; None trusts those of the system. Raises the transport
    errors of `kiosk.errors`, or `AnswerUnreadable`.
    """
    tls = _Tls(roots)
    place = url
    with Watch(seconds) as watch:
        for _ in range(MOST_REDIRECTIONS + 1):
            status, location, body = _get(place, tls, limit, seconds, watch)
            if status == http.HTTPStatus.OK:
                return body
            if status not in _STATUSES:
                raise AnswerUnreadable(detail=f"HTTP {status}")
            place = redirection.follow(place, location, url)
    raise AnswerUnreadable(detail="too many redirections")


class _Tls:
    """TLS 1.2 at least, without a client certificate. Keeps the socket it wrapped last."""

    def __init__(self, roots: Path | None) -> None:
        try:
            self._context = ssl.create_default_context(cafile=None if roots is None else str(roots))
        except (OSError, ValueError):
            raise ServerNotTrusted(
                what="Aucune autorité ne peut être vérifiée : rien n'a été demandé.",
                cause="Le fichier des autorités est absent ou illisible.",
                detail="roots",
            ) from None
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.socket: ssl.SSLSocket | None = None

    def wrap(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        self.socket = self._context.wrap_socket(connection, server_hostname=host)
        return self.socket


def _get(url: str, tls: _Tls, limit: int, seconds: float, watch: Watch) -> tuple[int, str, bytes]:
    """Status, `Location`, and the body of a 200."""
    parts = urlsplit(url)
    host = Host(parts.hostname or "", parts.port or 443)
    target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    try:
        connection = connect(host, tls, seconds=seconds, watch=watch)
    except OSError as error:
        raise explain(error, sent=False, ending=watch.ending) from None
    try:
        client = http.client.HTTPConnection(host.name, host.port)
        client.default_port = 443
        client.auto_open = 0
        client.sock = tls.socket
        client.request("GET", target, headers={"Accept": "application/xml, */*", "Connection": "close"})
        response = client.getresponse()
        body = _read(response, limit, watch) if response.status == http.HTTPStatus.OK else b""
        return response.status, response.headers.get("Location", ""), body
    except (OSError, http.client.HTTPException, TooLargeError, IncompleteError) as error:
        raise explain(error, sent=True, ending=watch.ending) from None
    finally:
        connection.close()


def _read(response: http.client.HTTPResponse, limit: int, watch: Watch) -> bytes:
    content = bytearray()
    while block := response.read(min(_BLOCK, limit + 1)):
        content += block
        if len(content) > limit:
            raise TooLargeError
    if response.length or watch.ending is not None:  # a promise not kept, or our own shutdown
        raise IncompleteError
    return bytes(content)

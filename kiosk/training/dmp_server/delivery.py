"""How an answer leaves: as it should, or as a trainer ordered."""

import contextlib
import socket
import threading
from http.server import BaseHTTPRequestHandler

from kiosk.training.dmp_server.misbehaviour import Misbehaviour
from kiosk.training.dmp_server.names import SOAP
from kiosk.training.dmp_server.service import SOAP_TYPE, Reply

WITHOUT_WORK = ("cut-before", "garbage", "html-503", "huge")
"""Kinds that replace the work of the service altogether."""

_BLANKS = b" " * 65536
_MEGABYTE = 1024 * 1024


def deliver(
    handler: BaseHTTPRequestHandler, reply: Reply, trouble: Misbehaviour | None, stopping: threading.Event
) -> None:
    """Send the answer of the service."""
    kind = "" if trouble is None else trouble.kind
    pause = 0.0 if trouble is None else trouble.seconds
    if kind == "commit-then-cut":
        _cut(handler)
        return
    if kind == "slow":
        stopping.wait(pause)
    _head(handler, reply.status, reply.content_type, len(reply.body))
    if kind == "cut":
        handler.wfile.write(reply.body[: len(reply.body) // 2])
        handler.wfile.flush()
        _cut(handler)
    elif kind == "drip":
        for byte in reply.body:
            handler.wfile.write(bytes((byte,)))
            handler.wfile.flush()
            if stopping.wait(pause):
                return
    else:
        handler.wfile.write(reply.body)


def instead(handler: BaseHTTPRequestHandler, trouble: Misbehaviour, stopping: threading.Event) -> None:
    """Send something else than an answer; nothing was done."""
    if trouble.kind == "cut-before":
        _cut(handler)
    elif trouble.kind == "garbage":
        _whole(handler, 200, SOAP_TYPE, b"\x00\xff\xfe<<< ceci n'est pas du XML")
    elif trouble.kind == "html-503":
        page = "<html><head><title>503</title></head><body><h1>Service indisponible</h1></body></html>"
        _whole(handler, 503, "text/html; charset=UTF-8", page.encode())
    else:
        _huge(handler, int(trouble.megabytes * _MEGABYTE), stopping)


def cut(connection: socket.socket) -> None:
    """Break a connection below TLS: no close_notify, no HTTP."""
    with contextlib.suppress(OSError):
        socket.socket.shutdown(connection, socket.SHUT_RDWR)


def _huge(handler: BaseHTTPRequestHandler, size: int, stopping: threading.Event) -> None:
    start = f'<s:Envelope xmlns:s="{SOAP}"><s:Header/><s:Body>'.encode()
    end = b"</s:Body></s:Envelope>"
    _head(handler, 200, SOAP_TYPE, len(start) + size + len(end))
    handler.wfile.write(start)
    for offset in range(0, size, len(_BLANKS)):
        if stopping.is_set():
            return
        handler.wfile.write(_BLANKS[: size - offset])
    handler.wfile.write(end)


def _whole(handler: BaseHTTPRequestHandler, status: int, content_type: str, body: bytes) -> None:
    _head(handler, status, content_type, len(body))
    handler.wfile.write(body)


def _head(handler: BaseHTTPRequestHandler, status: int, content_type: str, length: int) -> None:
    handler.send_response(status)
    handler.send_header("Content-Type", content_type)
    handler.send_header("Content-Length", str(length))
    handler.end_headers()


def _cut(handler: BaseHTTPRequestHandler) -> None:
    handler.close_connection = True
    cut(handler.connection)

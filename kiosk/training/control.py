"""Control sockets of the box: one JSON object a line, one answer a line, over a Unix socket.

This is how a trainer, a test or the kiosk's own F9 tells a part of the box to misbehave or to insert a card.
It carries no message of the DMP, no APDU and no document.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

Request = dict[str, Any]
Answer = dict[str, Any]
Handler = Callable[[Request], Answer | Iterator[Answer]]
"""Answers one request. An iterator answers with a stream of lines until it ends or the caller leaves."""


def serve_control(path: Path, handler: Handler) -> socket.socket:
    """Listen at `path` (mode 0600) from a daemon thread; close the returned socket to stop.

    A handler that raises `ValueError` answers `{"error": text}`; the connection lives on.
    """
    path.unlink(missing_ok=True)
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    listener.bind(str(path))
    path.chmod(0o600)
    listener.listen()
    threading.Thread(target=_accept, args=(listener, handler), daemon=True).start()
    return listener


def _accept(listener: socket.socket, handler: Handler) -> None:
    while True:
        try:
            connection, _ = listener.accept()
        except OSError:
            return
        threading.Thread(target=_serve, args=(connection, handler), daemon=True).start()


def _serve(connection: socket.socket, handler: Handler) -> None:
    with (
        suppress(OSError),
        connection,
        connection.makefile("rwb") as lines,
    ):  # the caller may leave at any time
        for line in lines:
            for answer in _answers(line, handler):
                lines.write(json.dumps(answer).encode() + b"\n")
                lines.flush()


def _answers(line: bytes, handler: Handler) -> Iterator[Answer]:
    try:
        request = json.loads(line)
        if not isinstance(request, dict):
            raise ValueError("a request is a JSON object")
        answer = handler(request)
        if isinstance(answer, dict):
            yield answer
        else:
            yield from answer
    except ValueError as error:
        yield {"error": str(error)}

"""From a session to the journal: a row is asked for, and waited for, over a pair of sockets.

Each packet is one JSON object (SOCK_SEQPACKET keeps them apart): the session sends `{"number", "entry"}` and
receives `{"number", "seq"}` or `{"number", "fault"}`; or it sends `{"crash"}`, its last words, unanswered.
"""

import json
import socket
from contextlib import suppress
from dataclasses import asdict
from threading import Lock
from typing import Any, Final

from kiosk.ending import Crash
from kiosk.errors import JournalError
from kiosk.journal.entry import Entry
from kiosk.journal.file import Journal

PACKET_BYTES: Final = 65536
_WAIT_SECONDS: Final = 10.0


class JournalLink:
    """The session's end. Threads may share it; each waits for its own row."""

    def __init__(self, connection: socket.socket, last_crash: str = "") -> None:
        self._connection = connection
        self._connection.settimeout(_WAIT_SECONDS)
        self._lock = Lock()
        self._number = 0
        self.last_crash = last_crash
        """Code and place of the fault that ended the session before, for the attract screen; often empty."""

    def append(self, entry: Entry) -> int:
        """The number of the row, once it is on disk.

        Raises `JournalError` when the supervisor could not write it, or is gone: the act is not done.
        """
        entry.check()
        with self._lock:
            self._number += 1
            request = json.dumps({"number": self._number, "entry": asdict(entry)}).encode()
            try:
                self._connection.send(request)
                answer = self._answer()
            except OSError as error:
                raise JournalError(detail=f"supervisor: {type(error).__name__}") from error
        if "seq" not in answer:
            raise JournalError(detail=str(answer.get("fault", "")))
        return int(answer["seq"])

    def write(self, entry: Entry) -> None:
        """`append`, for callers that have no use for the number."""
        self.append(entry)

    def report(self, crash: Crash) -> None:
        """Tell the supervisor what ended this session. Never raises: nobody is left to hear it."""
        with self._lock:
            try:
                self._connection.send(json.dumps({"crash": str(crash)}).encode())
            except OSError:
                return

    def _answer(self) -> dict[str, Any]:
        while True:
            packet = self._connection.recv(PACKET_BYTES)
            if not packet:
                raise ConnectionResetError
            answer: dict[str, Any] = json.loads(packet)
            if answer["number"] == self._number:  # else the late answer to a request given up
                return answer


def serve(journal: Journal, packet: bytes, connection: socket.socket) -> str:
    """The supervisor's end: do what one packet asks. Returns the last words it held, if it did.

    A packet that makes no sense is answered with a fault, or not at all: the supervisor outlives a session
    that has gone mad.
    """
    answer: dict[str, Any] = {}
    try:
        request: dict[str, Any] = json.loads(packet)
        if "crash" in request:
            return str(request["crash"])
        answer["number"] = request["number"]
        answer["seq"] = journal.append(Entry(**request["entry"]))
    except JournalError as error:
        answer["fault"] = error.detail
    except (ValueError, KeyError, TypeError) as error:
        answer["fault"] = f"request: {type(error).__name__}"
    with suppress(OSError):  # the session ended meanwhile: the row stays
        connection.send(json.dumps(answer).encode())
    return ""

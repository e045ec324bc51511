"""What the service saw, for the trainer and the tests: in memory, bounded, without a patient's name."""

import threading
from collections import deque
from dataclasses import asdict, dataclass


@dataclass(frozen=True)
class Seen:
    """One request."""

    at: str
    """UTC, ISO 8601."""
    connection: int
    """Number of the TLS connection, from 1."""
    resumed: bool
    """Whether that connection resumed a TLS session: no signature of the card."""
    path: str
    holder: str
    """Card of the TLS channel (`cps-medecin`), empty when unknown."""
    transaction: str = ""
    action: str = ""
    message_id: str = ""
    outcome: str = ""
    """`ok`, the code of a refusal or fault, or `HTTP nnn`."""


class Trace:
    """The last requests, and the bytes of the very last ones."""

    def __init__(self, entries: int = 1000, bodies: int = 20) -> None:
        self._lock = threading.Lock()
        self._entries: deque[Seen] = deque(maxlen=entries)
        self._bodies: deque[bytes] = deque(maxlen=bodies)

    def keep_body(self, data: bytes) -> None:
        with self._lock:
            self._bodies.append(data)

    def add(self, seen: Seen) -> None:
        with self._lock:
            self._entries.append(seen)

    def entries(self) -> list[dict[str, str | int | bool]]:
        with self._lock:
            return [asdict(seen) for seen in self._entries]

    def bodies(self) -> list[bytes]:
        with self._lock:
            return list(self._bodies)

    def clear(self) -> None:
        with self._lock:
            self._entries.clear()
            self._bodies.clear()

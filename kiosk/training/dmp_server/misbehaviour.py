"""What a trainer can make the service do wrong, for the next requests."""

import threading
from collections import deque
from dataclasses import dataclass, replace
from typing import Any

KINDS = {
    "slow": "waits `seconds` before it answers",
    "drip": "sends the answer one byte every `seconds`",
    "cut": "does the work, sends half of the answer, closes",
    "cut-before": "does nothing, closes without a byte",
    "commit-then-cut": "does the work, closes without a byte",
    "garbage": "does nothing, answers 200 with something that is not XML",
    "html-503": "does nothing, answers as an overloaded front end does",
    "soap-fault": "does nothing, answers the fault `code` with `text`",
    "failure": "does nothing, answers the fault `code` with `text` and blames itself",
    "commit-then-failure": "does the work, then answers the same",
    "ack-error": "admits the caller, does nothing, refuses with `code` and `text`",
    "clock": "its clock is `seconds` ahead",
    "huge": "does nothing, answers `megabytes` of blanks in an envelope",
    "part-missing": "does the work, leaves out the parts of the documents that the envelope names",
    "part-renamed": "does the work, gives those parts another Content-ID than the envelope names",
    "boundary-cut": "does the work, ends the multipart answer in the middle of its closing delimiter",
}
_SECONDS = {"slow": 5.0, "drip": 0.5, "clock": 3600.0}


@dataclass(frozen=True)
class Misbehaviour:
    """One order, for `times` requests."""

    kind: str
    times: int = 1
    seconds: float = 0.0
    code: str = "DMPInternalError"
    text: str = "Erreur simulée pour l'entraînement"
    megabytes: int = 64


class Switchboard:
    """The orders given, oldest first; each request takes one turn of the oldest."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._orders: deque[Misbehaviour] = deque()

    def give(self, order: dict[str, Any]) -> None:
        """Queue an order as the control socket received it. Raises `ValueError`."""
        try:
            misbehaviour = Misbehaviour(**{"seconds": _SECONDS.get(str(order.get("kind")), 0.0)} | order)
        except TypeError:
            raise ValueError("a fault has kind, and may have times, seconds, code, text, megabytes") from None
        numbers = (misbehaviour.times, misbehaviour.seconds, misbehaviour.megabytes)
        if misbehaviour.kind not in KINDS or not all(isinstance(number, int | float) for number in numbers):
            raise ValueError(f"kinds of faults: {', '.join(KINDS)}")
        with self._lock:
            self._orders.append(misbehaviour)

    def take(self) -> Misbehaviour | None:
        """The misbehaviour of this request, if any."""
        with self._lock:
            while self._orders:
                order = self._orders.popleft()
                if order.times > 1:
                    self._orders.appendleft(replace(order, times=order.times - 1))
                if order.times > 0:
                    return order
        return None

    def clear(self) -> None:
        with self._lock:
            self._orders.clear()

"""Waits for what the readers are said to hold."""

import threading
from collections.abc import Callable

from kiosk.card.model import CardKind
from kiosk.card.readers import SlotState, Snapshot

SECONDS = 20


class Watch:
    """Collects snapshots and waits for one that fits."""

    def __init__(self) -> None:
        self.seen: list[Snapshot] = []
        self._changed = threading.Condition()

    def __call__(self, snapshot: Snapshot) -> None:
        with self._changed:
            self.seen.append(snapshot)
            self._changed.notify_all()

    def wait(self, fits: Callable[[Snapshot], bool]) -> Snapshot:
        with self._changed:
            assert self._changed.wait_for(lambda: bool(self.seen) and fits(self.seen[-1]), SECONDS), self.seen
            return self.seen[-1]

    def slot(self, number: int, kind: CardKind | None) -> SlotState:
        found = self.wait(lambda s: len(s.slots) == 2 and s.slots[number].kind is kind)
        return found.slots[number]

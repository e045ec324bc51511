"""Readers as the rest of the kiosk sees them: slots, their cards, one link to a card.

Two back ends speak these protocols: `kiosk.card.pcsc` (real readers) and `kiosk.card.tray` (the training box).
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from kiosk.card.model import CardKind

Apdu = bytes | bytearray
"""A command. A `bytearray` lets the caller wipe what it sent (PIN)."""


@dataclass(frozen=True)
class SlotState:
    """One reader at one moment."""

    reader: str
    """Name to hand to `Readers.connect`; never a reason to believe what card is in it."""
    kind: CardKind | None
    """None when the slot is empty."""
    atr: bytes
    """Empty when there is no card, or a mute one."""
    count: int
    """Changes with every insertion and removal: a card pulled and reinserted between two looks is seen (L3)."""


@dataclass(frozen=True)
class Snapshot:
    """All readers at one moment."""

    service_ok: bool
    """False when nobody can tell what the readers hold: act as if every card had left."""
    slots: tuple[SlotState, ...]
    cause: str = ""
    """Technical reason when the service is not there; for the log and the help desk."""


class CardLink(Protocol):
    """One open connection to the card in one reader. Used from the card's owner thread only."""

    @property
    def atr(self) -> bytes:
        """The ATR of the card connected to."""

    def transmit(self, apdu: Apdu) -> bytes:
        """One command, one answer with its status word (at least two bytes). Raises `CardError`."""

    def exclusive(self) -> AbstractContextManager[None]:
        """Keep other programs off the card while several commands belong together. May be nested."""

    def close(self) -> None:
        """Let go, leaving the card powered. May be called again; never raises."""


class Readers(Protocol):
    """Every reader of this workstation."""

    def watch(self, on_change: Callable[[Snapshot], None]) -> None:
        """Tell `on_change` the state at once and after each change, from a daemon thread. Called once."""

    def connect(self, reader: str) -> CardLink:
        """Open the card in `reader`. Raises `CardError`."""

    def close(self) -> None:
        """Stop watching; returns when the watcher has ended, within a fraction of a second."""

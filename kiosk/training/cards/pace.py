"""Time and memory around a card: how long it lets one wait, and how often it was asked to sign.

Emulated cards answer within a millisecond; a real CPS needs half a second for a signature. What a kiosk shows
meanwhile, and how many signatures it asks for, can only be seen on a card that is as slow.
"""

import threading
from collections import Counter

from kiosk.training.cards.card import Card

AUTHENTICATION, SIGNATURE, COMMAND = "authentication", "signature", "command"
"""What is counted: signatures made with either key, and commands of any kind."""

_SIGNING = {bytes.fromhex("88"): AUTHENTICATION, bytes.fromhex("2A9E9A"): SIGNATURE}
"""Instruction and parameters, as far as they tell: INTERNAL AUTHENTICATE, PSO COMPUTE DIGITAL SIGNATURE."""


class Pace:
    """One for all cards of a tray. May be changed at any time; a card that waits already is not hurried."""

    def __init__(self) -> None:
        self.command_seconds = 0.0
        self.signature_seconds = 0.0
        """In addition."""
        self._done: Counter[str] = Counter()
        self._lock = threading.Lock()

    def seconds(self, apdu: bytes) -> float:
        """How long this command takes before it is answered."""
        return self.command_seconds + (self.signature_seconds if _key(apdu) else 0.0)

    def note(self, apdu: bytes, answer: bytes) -> None:
        """Count a command; as a signature too, if one came out of it (9000, or 61xx of the T=0 style)."""
        key = _key(apdu)
        with self._lock:
            self._done[COMMAND] += 1
            if key and answer[-2:-1] in (b"\x90", b"\x61"):
                self._done[key] += 1

    @property
    def done(self) -> dict[str, int]:
        """How often each of the three since the start."""
        with self._lock:
            return {what: self._done[what] for what in (COMMAND, AUTHENTICATION, SIGNATURE)}


class PacedCard:
    """A card in a drawer, from its insertion to its removal: it takes its time, one command after the other."""

    def __init__(self, card: Card, pace: Pace) -> None:
        self._card, self._pace = card, pace
        self._removed = threading.Event()
        self._turn = threading.Lock()

    @property
    def atr(self) -> bytes:
        return self._card.atr

    def power_on(self) -> None:
        self._card.power_on()

    def power_off(self) -> None:
        self._card.power_off()

    def reset(self) -> None:
        self._card.reset()

    def transmit(self, apdu: bytes) -> bytes:
        """Nothing at all from a card that was pulled out meanwhile: it did not carry the command out."""
        with self._turn:
            seconds = self._pace.seconds(apdu)
            if seconds and self._removed.wait(seconds):
                return b""
            answer = self._card.transmit(apdu)
            self._pace.note(apdu, answer)
            return answer

    def pull_out(self) -> None:
        """Nobody waits for it any more."""
        self._removed.set()


def _key(apdu: bytes) -> str:
    """Which key the command signs with; empty for any other command."""
    return next((key for start, key in _SIGNING.items() if apdu[1:].startswith(start)), "")

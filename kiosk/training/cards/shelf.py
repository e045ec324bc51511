"""All cards of the training box by name: what is offered, and the cards themselves once taken."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.training.cards.card import Card
from kiosk.training.cards.cps import CpsCard
from kiosk.training.cards.other import MuteCard, contactless_card, unknown_card
from kiosk.training.cards.vitale import vitale_card
from kiosk.training.people import HOLDERS, UNKNOWN_CARDS, VITALES
from kiosk.training.pki import TrainingPki

_OTHERS: dict[str, Callable[[], Card]] = {
    "carte-inconnue": unknown_card,
    "carte-muette": MuteCard,
    "carte-sans-contact": contactless_card,
}


@dataclass(frozen=True)
class Offer:
    """One line of the card tray."""

    card_id: str
    purpose: str
    kind: str
    """`professional`, `vitale` or `other`."""


def offers() -> tuple[Offer, ...]:
    """Every card there is, professionals first."""
    return (
        *(Offer(holder.card_id, holder.purpose, "professional") for holder in HOLDERS),
        *(Offer(vitale.card_id, vitale.purpose, "vitale") for vitale in VITALES),
        *(Offer(card_id, purpose, "other") for card_id, purpose in UNKNOWN_CARDS),
    )


def make_card(card_id: str, pki: TrainingPki) -> Card:
    """A new card, as it left the factory. Raises `ValueError` for a name that is not offered."""
    for holder in HOLDERS:
        if holder.card_id == card_id:
            return CpsCard(holder, pki.card(holder))
    for vitale in VITALES:
        if vitale.card_id == card_id:
            return vitale_card(vitale)
    if card_id in _OTHERS:
        return _OTHERS[card_id]()
    raise ValueError(f"carte inconnue : {card_id}")


class Shelf:
    """Keeps every card taken from it: a PIN counter outlives removal. Safe among threads."""

    def __init__(self, pki: TrainingPki) -> None:
        self._pki = pki
        self._cards: dict[str, Card] = {}
        self._lock = threading.Lock()

    def take(self, card_id: str) -> Card:
        """The card of that name, always the same one. Raises `ValueError`."""
        with self._lock:
            if card_id not in self._cards:
                self._cards[card_id] = make_card(card_id, self._pki)
            return self._cards[card_id]

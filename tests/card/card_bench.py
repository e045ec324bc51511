"""Puts cards into the drawers of a training tray and opens them."""

from pathlib import Path

from kiosk.card import tray as drawers
from kiosk.card.cps import ApduCard
from kiosk.card.readers import CardLink
from kiosk.card.tray import TrayReaders


class Bench:
    """One tray and the links opened to it."""

    def __init__(self, directory: Path) -> None:
        self.directory = directory
        self.readers = TrayReaders(directory)
        self.links: list[CardLink] = []

    def link(self, card_id: str, slot: int = 0) -> CardLink:
        slots = drawers.insert(self.directory, card_id, slot).slots
        link = self.readers.connect(slots[slot].name)
        self.links.append(link)
        return link

    def card(self, card_id: str, slot: int = 0) -> ApduCard:
        return ApduCard(self.link(card_id, slot))

    def close(self) -> None:
        for link in self.links:
            link.close()

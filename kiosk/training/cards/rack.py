"""Emulated cards for real readers: puts them into vsmartcard's virtual readers on this machine.

    python -m kiosk.training.cards.rack --pki DIR --port 35963 --port 35964

Reads orders on standard input, one a line: `insert SLOT CARD_ID`, `remove SLOT`, `quit`; answers `ok` or
`error TEXT` when it is done. Slot n is the n-th `--port`, from 0. Ends with its standard input.
"""

import argparse
import socket
import sys
import threading
from contextlib import suppress
from pathlib import Path

from kiosk.training.cards.card import Card
from kiosk.training.cards.framing import play
from kiosk.training.cards.other import MuteCard
from kiosk.training.cards.shelf import Shelf
from kiosk.training.pki import TrainingPki


class FeltButMute(MuteCard):
    """A mute card as vpcd can show it. To that driver no ATR means no card; one too long to be an ATR (33 bytes at
    most, ISO 7816-3) makes it report a card it cannot power up."""

    atr = bytes(34)


class VirtualReader:
    """One reader of vpcd and the card that is in it, if there is one."""

    def __init__(self, port: int) -> None:
        self._port = port
        self._inserted: tuple[Card, socket.socket, threading.Thread] | None = None

    def insert(self, card: Card) -> None:
        """Swap out whatever is inside. Raises `OSError` when no driver listens."""
        self.remove()
        connection = socket.create_connection(("127.0.0.1", self._port))
        felt = FeltButMute() if isinstance(card, MuteCard) else card
        player = threading.Thread(target=play, args=(felt, connection), daemon=True)
        self._inserted = card, connection, player
        player.start()

    def remove(self) -> None:
        """Nothing happens when it is empty."""
        if self._inserted is None:
            return
        card, connection, player = self._inserted
        self._inserted = None
        with connection:
            with suppress(OSError):  # the driver may have left first
                connection.shutdown(socket.SHUT_RDWR)
            player.join()
        card.power_off()


def obey(line: str, shelf: Shelf, readers: list[VirtualReader]) -> str:
    """Carry out one order and say how it went."""
    try:
        match line.split():
            case ["insert", slot, card_id]:
                readers[int(slot)].insert(shelf.take(card_id))
            case ["remove", slot]:
                readers[int(slot)].remove()
            case _:
                return "error ordre inconnu"
    except (ValueError, IndexError, OSError) as error:
        return f"error {error}"
    return "ok"


def main() -> None:
    parser = argparse.ArgumentParser(prog="rack", description="Cartes d'entraînement pour vsmartcard-vpcd")
    parser.add_argument("--pki", type=Path, required=True, help="dossier des certificats d'entraînement")
    parser.add_argument("--port", type=int, action="append", required=True, help="un par lecteur virtuel")
    options = parser.parse_args()
    shelf = Shelf(TrainingPki(options.pki))
    readers = [VirtualReader(port) for port in options.port]
    for line in sys.stdin:
        if line.strip() == "quit":
            break
        sys.stdout.write(obey(line, shelf, readers) + "\n")
        sys.stdout.flush()
    for reader in readers:
        reader.remove()


if __name__ == "__main__":
    main()

"""The card tray: two drawers a kiosk can read cards from, without any reader.

`tray.sock` takes orders (JSON lines, `kiosk.training.control`):
  {"do":"list"}                                   cards and drawers
  {"do":"insert","card":ID[,"slot":0|1]}          into the first empty drawer, or swap the one named
  {"do":"remove","slot":0} or {"do":"remove","card":ID}
  {"do":"watch"}                                  drawers now, and again after every change
  {"do":"pace","apdu_ms":N,"signature_ms":N}      how long a card takes for a command, and to sign besides; 0: none
  {"do":"count"}                                  commands and signatures of all cards since the start
`slot-N.sock` exists while a card lies in drawer N; whoever connects is its reader (`cards.framing`).
"""

import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any

from kiosk.training.cards.card import Card
from kiosk.training.cards.framing import play
from kiosk.training.cards.pace import Pace, PacedCard
from kiosk.training.cards.shelf import Shelf, offers
from kiosk.training.control import Answer, Request, serve_control
from kiosk.training.pki import TrainingPki

_DRAWERS = 2
_SLOWEST_MS = 10_000
"""A card slower than this is taken for a mute one."""


class CardTray:
    """`start()` opens the sockets in `directory`; cards keep their PIN counter as long as this object lives."""

    def __init__(self, directory: Path, pki: TrainingPki) -> None:
        self._directory = directory
        self._shelf = Shelf(pki)
        self._pace = Pace()
        self._drawers = [Drawer(directory / f"slot-{number}.sock", self._pace) for number in range(_DRAWERS)]
        self._changed = threading.Condition()
        self._running = False
        self._control: socket.socket | None = None

    def start(self) -> None:
        """Raises `OSError` when the directory cannot hold sockets."""
        self._running = True
        self._control = serve_control(self._directory / "tray.sock", self._obey)

    def stop(self) -> None:
        """Take the cards out, close every connection, let watchers go."""
        with self._changed:
            self._running = False
            for drawer in self._drawers:
                drawer.remove()
            self._changed.notify_all()
        if self._control is not None:
            self._control.shutdown(socket.SHUT_RDWR)
            self._control.close()
            (self._directory / "tray.sock").unlink(missing_ok=True)

    def insert(self, card_id: str, slot: int | None = None) -> None:
        """Into the first empty drawer, or swapping what is in the one named. Raises `ValueError`."""
        card = self._shelf.take(card_id)
        with self._changed:
            drawer = self._first_empty() if slot is None else self._drawer(slot)
            if any(other.card_id == card_id for other in self._drawers if other is not drawer):
                raise ValueError(f"la carte {card_id} est déjà dans un tiroir")
            drawer.remove()
            drawer.insert(card_id, card)
            self._changed.notify_all()

    def remove(self, *, slot: int | None = None, card_id: str = "") -> None:
        """Take out what is in a drawer, or one card wherever it is. Raises `ValueError` if there is none."""
        with self._changed:
            drawer = self._drawer_of(card_id) if slot is None else self._drawer(slot)
            if not drawer.card_id:
                raise ValueError("ce tiroir est vide")
            drawer.remove()
            self._changed.notify_all()

    def pace(self, apdu_ms: object, signature_ms: object) -> None:
        """From the next command of any card on, in milliseconds. Raises `ValueError`."""
        self._pace.command_seconds, self._pace.signature_seconds = _seconds(apdu_ms), _seconds(signature_ms)

    def _obey(self, request: Request) -> Answer | Iterator[Answer]:
        slot, card_id = request.get("slot"), str(request.get("card", ""))
        if not (slot is None or type(slot) is int):
            raise ValueError("slot est un numéro de tiroir")
        match request.get("do"):
            case "list":
                pass
            case "insert":
                self.insert(card_id, slot)
            case "remove":
                self.remove(slot=slot, card_id=card_id)
            case "watch":
                return self._watch()
            case "pace":
                self.pace(request.get("apdu_ms"), request.get("signature_ms"))
                return {"pace": "ok"}
            case "count":
                return {"count": self._pace.done}
            case _:
                raise ValueError("do vaut list, insert, remove, watch, pace ou count")
        return {
            "cards": [{"id": o.card_id, "purpose": o.purpose, "kind": o.kind} for o in offers()],
            **self._state(),
        }

    def _watch(self) -> Iterator[Answer]:
        seen = -1
        while True:
            with self._changed:
                self._changed.wait_for(partial(self._is_news, seen))
                if not self._running:
                    raise ConnectionAbortedError  # hangs up: a stream that merely ends waits for a next request
                seen, state = self._changes(), self._state()
            yield state

    def _is_news(self, seen: int) -> bool:
        return not self._running or self._changes() != seen

    def _changes(self) -> int:
        return sum(drawer.count for drawer in self._drawers)

    def _state(self) -> dict[str, Any]:
        return {
            "slots": [
                {"name": f"Tiroir {number}", "card": drawer.card_id or None, "count": drawer.count}
                for number, drawer in enumerate(self._drawers, start=1)
            ]
        }

    def _drawer(self, slot: int) -> "Drawer":
        if slot not in range(_DRAWERS):
            raise ValueError("il n'y a que deux tiroirs, 0 et 1")
        return self._drawers[slot]

    def _first_empty(self) -> "Drawer":
        for drawer in self._drawers:
            if not drawer.card_id:
                return drawer
        raise ValueError("les deux tiroirs sont occupés")

    def _drawer_of(self, card_id: str) -> "Drawer":
        for drawer in self._drawers:
            if card_id and drawer.card_id == card_id:
                return drawer
        raise ValueError(f"la carte {card_id} n'est dans aucun tiroir")


class Drawer:
    """One slot: a socket that exists while a card is inside. The tray's lock guards it."""

    def __init__(self, path: Path, pace: Pace) -> None:
        self._path, self._pace = path, pace
        self._card: PacedCard | None = None
        self._listener: socket.socket | None = None
        self._readers: dict[socket.socket, threading.Thread] = {}
        self._lock = threading.Lock()
        self.card_id = ""
        self.count = 0
        """Insertions and removals so far."""

    def insert(self, card_id: str, card: Card) -> None:
        self._path.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        listener.bind(str(self._path))
        self._path.chmod(0o600)
        listener.listen()
        paced = PacedCard(card, self._pace)
        self._listener, self._card, self.card_id = listener, paced, card_id
        self.count += 1
        threading.Thread(target=self._accept, args=(listener, paced), daemon=True).start()

    def remove(self) -> None:
        """Nothing happens when it is empty."""
        if self._listener is None or self._card is None:
            return
        self._path.unlink(missing_ok=True)
        with self._lock:
            listener, self._listener = self._listener, None
            players = tuple(self._readers.values())
            for reader in self._readers:
                with suppress(OSError):
                    reader.shutdown(socket.SHUT_RDWR)
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        self._card.pull_out()
        for player in players:
            player.join()  # a command already received must not verify a PIN after the power went
        self._card.power_off()
        self._card, self.card_id = None, ""
        self.count += 1

    def _accept(self, listener: socket.socket, card: Card) -> None:
        while True:
            try:
                connection, _ = listener.accept()
            except OSError:
                return
            with self._lock:
                if listener is not self._listener:
                    connection.close()
                    return
                player = threading.Thread(target=self._serve, args=(card, connection), daemon=True)
                self._readers[connection] = player
                player.start()

    def _serve(self, card: Card, connection: socket.socket) -> None:
        play(card, connection)
        with self._lock:
            del self._readers[connection]
            connection.close()


def _seconds(milliseconds: object) -> float:
    if type(milliseconds) is not int or not 0 <= milliseconds <= _SLOWEST_MS:
        raise ValueError(f"apdu_ms et signature_ms sont des millisecondes, de 0 à {_SLOWEST_MS}")
    return milliseconds / 1000

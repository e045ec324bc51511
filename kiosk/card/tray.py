"""The training box's card tray, as readers (`Readers`), and its drawers for the trainee's F9.

Two kinds of sockets in the box's directory: `tray.sock` takes JSON lines (list, insert, remove, watch, pace, count);
`slot-N.sock` exists while a card lies in that slot and speaks the virtual-reader framing: length on two bytes,
big-endian, then a one-byte order or an APDU.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from kiosk.card.atr import classify
from kiosk.card.model import CardKind
from kiosk.card.readers import Apdu, CardLink, SlotState, Snapshot
from kiosk.errors import (
    CardAnswerInvalid,
    CardError,
    CardMute,
    CardRemoved,
    ReaderAbsent,
    ReaderServiceAbsent,
)
from kiosk.text import clean

_ASK_ATR = b"\x04"
_ANSWER_SECONDS = 20.0
"""A real signature takes up to one second; a card that lets one wait longer is mute."""
_RETRY_SECONDS = 0.3


@dataclass(frozen=True)
class TrayCard:
    """One card of the tray."""

    card_id: str
    purpose: str
    """One French line: whose card, and what it is good for."""
    kind: str
    """`professional`, `vitale` or `other`."""


@dataclass(frozen=True)
class TraySlot:
    """One drawer."""

    name: str
    card_id: str
    """Empty when nothing is in it."""
    count: int
    """Insertions and removals so far."""


@dataclass(frozen=True)
class TrayContents:
    cards: tuple[TrayCard, ...]
    slots: tuple[TraySlot, ...]


@dataclass(frozen=True)
class CardCount:
    """What all cards of the tray have done since it was started."""

    commands: int
    authentications: int
    """Signatures made with authentication keys: TLS handshakes."""
    signatures: int
    """Made with signature keys: VIHF."""


def list_cards(directory: Path) -> TrayContents:
    """Cards and drawers. Raises `CardError`, as the four functions below."""
    return _contents(_ask(directory, {"do": "list"}))


def insert(directory: Path, card_id: str, slot: int | None = None) -> TrayContents:
    """Put a card into a drawer (0 or 1), swapping the one in it; without `slot`, into the first empty one."""
    where = {} if slot is None else {"slot": slot}
    return _contents(_ask(directory, {"do": "insert", "card": card_id, **where}))


def remove(directory: Path, *, slot: int | None = None, card_id: str = "") -> TrayContents:
    """Take a card out, named by its drawer or by itself."""
    which: dict[str, Any] = {"card": card_id} if slot is None else {"slot": slot}
    return _contents(_ask(directory, {"do": "remove", **which}))


def pace(directory: Path, apdu_ms: int, signature_ms: int) -> None:
    """Make every card slow from its next command on: so long for a command, and so long more to sign; 0 for none."""
    _ask(directory, {"do": "pace", "apdu_ms": apdu_ms, "signature_ms": signature_ms})


def count(directory: Path) -> CardCount:
    """Commands and signatures so far."""
    answer = _ask(directory, {"do": "count"})
    try:
        done = answer["count"]
        return CardCount(int(done["command"]), int(done["authentication"]), int(done["signature"]))
    except (KeyError, TypeError, ValueError) as error:
        raise CardAnswerInvalid(detail="tray: count") from error


class TrayReaders:
    """The drawers as readers. See `kiosk.card.readers.Readers`."""

    def __init__(self, directory: Path, drawers: int = 2) -> None:
        """`drawers=1` plays a workstation with one reader, where cards come in turn."""
        self._directory = directory
        self._drawers = drawers
        self._stop = threading.Event()
        self._stream: socket.socket | None = None
        self._watcher: threading.Thread | None = None

    def watch(self, on_change: Callable[[Snapshot], None]) -> None:
        self._watcher = threading.Thread(
            target=self._watch, args=(on_change,), name="tray-watcher", daemon=True
        )
        self._watcher.start()

    def connect(self, reader: str) -> CardLink:
        names = [slot.name for slot in list_cards(self._directory).slots]
        if reader not in names:
            raise ReaderAbsent(detail="no such drawer")
        return _SlotLink(self._directory / f"slot-{names.index(reader)}.sock")

    def close(self) -> None:
        self._stop.set()
        stream = self._stream
        if stream is not None:
            with suppress(OSError):
                stream.shutdown(socket.SHUT_RDWR)
        if self._watcher is not None and self._watcher is not threading.current_thread():
            self._watcher.join()

    def _watch(self, on_change: Callable[[Snapshot], None]) -> None:
        last: Snapshot | None = None
        while not self._stop.is_set():
            for snapshot in self._snapshots():
                if snapshot != last and not self._stop.is_set():
                    on_change(snapshot)
                last = snapshot
            self._stop.wait(_RETRY_SECONDS)

    def _snapshots(self) -> Iterator[Snapshot]:
        """States of one connection to the box; ends with the box, after a snapshot that says so."""
        try:
            with _connected(self._directory / "tray.sock", None) as stream, stream.makefile("rwb") as lines:
                self._stream = stream
                if self._stop.is_set():
                    return  # `close` may have looked before there was anything to shut down
                lines.write(b'{"do":"watch"}\n')
                lines.flush()
                for line in lines:
                    slots = _slots(_object(line))[: self._drawers]
                    states = (_state(self._directory, number, slot) for number, slot in enumerate(slots))
                    yield Snapshot(True, tuple(states))
        except (OSError, CardError) as error:
            yield Snapshot(False, (), f"tray: {type(error).__name__}")
            return
        yield Snapshot(False, (), "tray: closed")


class _SlotLink:
    """A connection to the card in one drawer."""

    def __init__(self, path: Path) -> None:
        try:
            self._socket = _connected(path, _ANSWER_SECONDS)
        except OSError as error:
            raise CardRemoved(detail=type(error).__name__) from error
        try:
            self._atr = self._exchange(_ASK_ATR)
            if not self._atr:
                raise CardMute(detail="no ATR")
        except CardError:
            self.close()
            raise

    @property
    def atr(self) -> bytes:
        return self._atr

    def transmit(self, apdu: Apdu) -> bytes:
        answer = self._exchange(apdu)
        if len(answer) < 2:
            raise CardAnswerInvalid(detail="tray: answer without status")
        return answer

    def exclusive(self) -> AbstractContextManager[None]:
        return nullcontext()  # the card is the kiosk's alone: only its owner thread comes here

    def close(self) -> None:
        self._socket.close()

    def _exchange(self, payload: Apdu) -> bytes:
        try:
            # Two sends rather than one joined buffer: the payload may be a PIN its caller wipes.
            self._socket.sendall(len(payload).to_bytes(2, "big"))
            self._socket.sendall(payload)
            return self._receive(int.from_bytes(self._receive(2), "big"))
        except TimeoutError as error:
            raise CardMute(detail="tray: no answer") from error
        except OSError as error:
            raise CardRemoved(detail=type(error).__name__) from error

    def _receive(self, size: int) -> bytes:
        received = b""
        while len(received) < size:
            piece = self._socket.recv(size - len(received))
            if not piece:
                raise CardRemoved(detail="tray: closed")
            received += piece
        return received


def _state(directory: Path, number: int, slot: TraySlot) -> SlotState:
    if not slot.card_id:
        return SlotState(slot.name, None, b"", slot.count)
    try:
        link = _SlotLink(directory / f"slot-{number}.sock")
    except CardMute:
        return SlotState(slot.name, CardKind.MUTE, b"", slot.count)
    except CardRemoved:
        return SlotState(slot.name, None, b"", slot.count)  # already out again: the next line says so
    link.close()
    return SlotState(slot.name, classify(link.atr), link.atr, slot.count)


def _ask(directory: Path, request: dict[str, Any]) -> dict[str, Any]:
    try:
        with _connected(directory / "tray.sock", _ANSWER_SECONDS) as stream, stream.makefile("rwb") as lines:
            lines.write(json.dumps(request).encode() + b"\n")
            lines.flush()
            answer = _object(lines.readline())
    except OSError as error:
        raise ReaderServiceAbsent(
            cause="La boîte d'entraînement est arrêtée.",
            todo="Relancez l'entraînement.",
            detail=type(error).__name__,
        ) from error
    if "error" in answer:
        raise CardError(what="Le plateau à cartes a refusé.", cause=clean(str(answer["error"])))
    return answer


def _connected(path: Path, timeout: float | None) -> socket.socket:
    stream = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        stream.settimeout(timeout)
        stream.connect(str(path))
    except OSError:
        stream.close()
        raise
    return stream


def _object(line: bytes) -> dict[str, Any]:
    try:
        answer = json.loads(line)
    except ValueError:
        answer = None
    if not isinstance(answer, dict):
        raise CardAnswerInvalid(detail="tray: not a JSON object")
    return answer


def _contents(answer: dict[str, Any]) -> TrayContents:
    try:
        cards = tuple(
            TrayCard(str(c["id"]), clean(str(c["purpose"])), str(c["kind"])) for c in answer["cards"]
        )
    except (KeyError, TypeError) as error:
        raise CardAnswerInvalid(detail="tray: cards") from error
    return TrayContents(cards, _slots(answer))


def _slots(answer: dict[str, Any]) -> tuple[TraySlot, ...]:
    try:
        return tuple(
            TraySlot(clean(str(s["name"])), str(s["card"] or ""), int(s["count"])) for s in answer["slots"]
        )
    except (KeyError, TypeError, ValueError) as error:
        raise CardAnswerInvalid(detail="tray: slots") from error

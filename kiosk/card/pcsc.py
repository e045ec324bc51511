"""Real readers through PC/SC (pcscd), with pyscard's low-level calls.

pyscard's own monitors die when pcscd is absent or restarts, and its connections unpower the card on leaving; so
the watcher is ours (SCardGetStatusChange on the PnP pseudo reader), and a card is always left powered, shared,
and held by a transaction while several commands belong together (cards §4). pyscard is imported when first
used: a workstation without it has no readers, not a traceback.
"""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, NoReturn

from kiosk.card.atr import classify
from kiosk.card.model import CardKind
from kiosk.card.readers import Apdu, CardLink, SlotState, Snapshot
from kiosk.errors import (
    CardAnswerInvalid,
    CardError,
    CardMute,
    CardRemoved,
    PinRequired,
    ReaderAbsent,
    ReaderBusy,
    ReaderServiceAbsent,
)

_PNP = r"\\?PnP?\Notification"
_RETRY_SECONDS = 0.5
"""Between two looks for pcscd. Absent, it cannot tell when it comes back."""
_WAIT_MS = 60_000
"""One wait for a change; nothing depends on it ending."""

_NO_READERS = 0x8010002E
_UNKNOWN_READER = 0x80100009
_TIMEOUT = 0x8010000A
_RESET = 0x80100068

_ERRORS: dict[int, type[CardError]] = {
    0x8010001D: ReaderServiceAbsent,  # SCARD_E_NO_SERVICE
    0x8010001E: ReaderServiceAbsent,  # SCARD_E_SERVICE_STOPPED
    0x80100013: ReaderServiceAbsent,  # SCARD_F_COMM_ERROR: pcscd died in the middle
    0x80100003: ReaderServiceAbsent,  # SCARD_E_INVALID_HANDLE: pcscd restarted and knows us no more
    _UNKNOWN_READER: ReaderAbsent,
    0x80100017: ReaderAbsent,  # SCARD_E_READER_UNAVAILABLE
    _NO_READERS: ReaderAbsent,
    0x8010000B: ReaderBusy,  # SCARD_E_SHARING_VIOLATION
    0x8010000C: CardRemoved,  # SCARD_E_NO_SMARTCARD
    0x80100069: CardRemoved,  # SCARD_W_REMOVED_CARD
    0x80100016: CardRemoved,  # SCARD_E_NOT_TRANSACTED: seen when the card leaves during a command
    _RESET: PinRequired,
    0x80100066: CardMute,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: CardMute,  # SCARD_W_UNPOWERED_CARD
    0x80100065: CardMute,  # SCARD_W_UNSUPPORTED_CARD
    0x8010000F: CardMute,  # SCARD_E_PROTO_MISMATCH
}


class PcscReaders:
    """Every reader pcscd knows. See `kiosk.card.readers.Readers`."""

    def __init__(self) -> None:
        self._stop = threading.Event()
        self._context: Any = None
        self._watcher: threading.Thread | None = None

    def watch(self, on_change: Callable[[Snapshot], None]) -> None:
        self._watcher = threading.Thread(
            target=self._watch, args=(on_change,), name="pcsc-watcher", daemon=True
        )
        self._watcher.start()

    def connect(self, reader: str) -> CardLink:
        return _PcscLink(_scard(), reader)

    def close(self) -> None:
        self._stop.set()
        watcher = self._watcher
        if watcher is None or watcher is threading.current_thread():
            return
        while watcher.is_alive():
            # Repeated: a cancel that comes just before the wait begins is lost.
            context = self._context
            if context is not None:
                _scard().SCardCancel(context)
            watcher.join(0.02)

    def _watch(self, on_change: Callable[[Snapshot], None]) -> None:
        last: Snapshot | None = None
        restarts = 0
        while not self._stop.is_set():
            for snapshot in self._snapshots(restarts):
                if self._stop.is_set():
                    return
                if snapshot != last:
                    on_change(snapshot)
                last = snapshot
            restarts += 1
            self._stop.wait(_RETRY_SECONDS)

    def _snapshots(self, restarts: int) -> Iterator[Snapshot]:
        """States of one life of pcscd; ends with it, after a snapshot that says so."""
        try:
            scard = _scard()
            context = _checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
        except CardError as error:
            yield Snapshot(False, (), error.detail)
            return
        self._context = context
        try:
            yield from _states(scard, context, restarts)
        except CardError as error:
            yield Snapshot(False, (), error.detail)
        finally:
            self._context = None
            scard.SCardReleaseContext(context)


class _PcscLink:
    """A shared connection to one card."""

    def __init__(self, scard: Any, reader: str) -> None:
        self._scard = scard
        self._depth = 0
        self._card: Any = None
        self._context = _checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
        try:
            result, card, self._protocol = scard.SCardConnect(
                self._context, reader, scard.SCARD_SHARE_SHARED, _any_protocol(scard)
            )
            _check(result)
            self._card = card
            result, _, _, _, atr = scard.SCardStatus(card)
            _check(result)
        except CardError:
            self.close()
            raise
        self._atr = bytes(atr)

    @property
    def atr(self) -> bytes:
        return self._atr

    def transmit(self, apdu: Apdu) -> bytes:
        if self._card is None:
            raise CardRemoved(detail="link closed")
        t0 = self._protocol == self._scard.SCARD_PROTOCOL_T0
        pci = self._scard.SCARD_PCI_T0 if t0 else self._scard.SCARD_PCI_T1
        answer = bytes(_checked(self._scard.SCardTransmit(self._card, pci, list(apdu))))
        if len(answer) < 2:
            raise CardAnswerInvalid(detail="pcsc: answer without status")
        return answer

    def exclusive(self) -> AbstractContextManager[None]:
        return self._transaction()

    def close(self) -> None:
        card, self._card = self._card, None
        if card is not None:
            self._scard.SCardDisconnect(card, self._scard.SCARD_LEAVE_CARD)
        context, self._context = self._context, None
        if context is not None:
            self._scard.SCardReleaseContext(context)

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        if self._card is None:
            raise CardRemoved(detail="link closed")
        if self._depth == 0:
            self._begin()
        self._depth += 1
        try:
            yield
        finally:
            self._depth -= 1
            if self._depth == 0 and self._card is not None:
                # A failure here adds nothing: what went wrong inside has already been raised.
                self._scard.SCardEndTransaction(self._card, self._scard.SCARD_LEAVE_CARD)

    def _begin(self) -> None:
        """Take the card. Another program's reset is acknowledged: the PIN is lost, and the card will say so."""
        result = _unsigned(self._scard.SCardBeginTransaction(self._card))
        if result == _RESET:
            scard = self._scard
            again = scard.SCardReconnect(
                self._card, scard.SCARD_SHARE_SHARED, _any_protocol(scard), scard.SCARD_LEAVE_CARD
            )
            self._protocol = _checked(again)
            result = _unsigned(scard.SCardBeginTransaction(self._card))
        _check(result)


def _states(scard: Any, context: Any, restarts: int) -> Iterator[Snapshot]:
    known: dict[str, int] = {}
    plugged = 0
    while True:
        names = _reader_names(scard, context)
        if not names:
            yield Snapshot(True, ())
        asked = [(_PNP, plugged), *((name, known.get(name, scard.SCARD_STATE_UNAWARE)) for name in names)]
        result, answers = scard.SCardGetStatusChange(context, _WAIT_MS, asked)
        if _unsigned(result) == _UNKNOWN_READER:
            known = {}
            continue
        if _unsigned(result) != _TIMEOUT:
            _check(result)
        (_, pnp, _), *readers = answers
        plugged = pnp & ~scard.SCARD_STATE_CHANGED
        if pnp & scard.SCARD_STATE_CHANGED or any(
            state & scard.SCARD_STATE_UNKNOWN for _, state, _ in readers
        ):
            known = {}  # a reader came or went: look at all of them afresh
            continue
        known = {name: state & ~scard.SCARD_STATE_CHANGED for name, state, _ in readers}
        if readers:
            yield Snapshot(True, tuple(_slot(scard, restarts, *answer) for answer in readers))


def _slot(scard: Any, restarts: int, name: str, state: int, atr: list[int]) -> SlotState:
    # pcscd counts events in the upper half and starts again at 0 with each life of its own.
    count = restarts << 16 | state >> 16
    if not state & scard.SCARD_STATE_PRESENT:
        return SlotState(name, None, b"", count)
    if state & scard.SCARD_STATE_MUTE:
        return SlotState(name, CardKind.MUTE, b"", count)
    return SlotState(name, classify(bytes(atr)), bytes(atr), count)


def _reader_names(scard: Any, context: Any) -> list[str]:
    result, names = scard.SCardListReaders(context, [])
    if _unsigned(result) == _NO_READERS:
        return []
    _check(result)
    return list(names)


def _scard() -> Any:
    try:
        from smartcard import scard
    except ImportError as error:
        raise ReaderServiceAbsent(
            cause="Le composant PC/SC (pyscard) n'est pas installé sur ce poste.", detail="pyscard missing"
        ) from error
    return scard


def _any_protocol(scard: Any) -> int:
    return int(scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)


def _checked(answer: list[Any]) -> Any:
    """The value of a two-part PC/SC answer (result code, value)."""
    _check(answer[0])
    return answer[1]


def _check(result: int) -> None:
    if result != 0:
        _raise(result)


def _raise(result: int) -> NoReturn:
    code = _unsigned(result)
    raise _ERRORS.get(code, CardError)(detail=f"pcsc={code:08X}")


def _unsigned(result: int) -> int:
    """Result codes come signed or not, depending on the platform."""
    return result & 0xFFFFFFFF

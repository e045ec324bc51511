"""Real readers through PC/SC (pcscd), with pyscard's low-level calls.

pyscard's own monitors die when pcscd is absent or restarts, and its connections unpower the card on leaving; so
the watcher is ours (SCardGetStatusChange on the PnP pseudo reader), and a card is always left powered, shared,
and held by a transaction while several commands belong together (cards §4). pyscard is imported when first
used: a workstation without it has no readers, not a traceback.
"""

import threading
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from kiosk.card.atr import classify
from kiosk.card.model import CardKind
from kiosk.card.pinpad import GET_FEATURES, PinPad, find_pad
from kiosk.card.readers import Apdu, CardLink, SlotState, Snapshot
from kiosk.card.winscard import NO_READERS, RESET, TIMEOUT, UNKNOWN_READER, check, checked, load, unsigned
from kiosk.errors import CardAnswerInvalid, CardError, CardRemoved

_PNP = r"\\?PnP?\Notification"
_RETRY_SECONDS = 0.5
"""Between two looks for pcscd. Absent, it cannot tell when it comes back."""
_WAIT_MS = 2_000
"""One wait for a change. A reader plugged in between two waits, or on a service that announces none (xrdp, macOS
[likely]), is found at the next one."""
_STRANGERS = 3
"""Answers « unknown reader » in a row before the announcements themselves are taken for the unknown one."""
_CLOSE_SECONDS = 1.0
"""How long `close` tries; a service that hangs is left to the process's end."""


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
        return _PcscLink(load(), reader)

    def close(self) -> None:
        self._stop.set()
        watcher = self._watcher
        if watcher is None or watcher is threading.current_thread():
            return
        # In a thread of its own: a pcscd that hangs does not answer SCardCancel either.
        threading.Thread(target=self._wake, args=(watcher,), name="pcsc-waker", daemon=True).start()
        watcher.join(_CLOSE_SECONDS)

    def _wake(self, watcher: threading.Thread) -> None:
        while watcher.is_alive():
            # Repeated: a cancel that comes just before the wait begins is lost.
            context = self._context
            if context is not None:
                load().SCardCancel(context)
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
            scard = load()
            context = checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
        except CardError as error:
            yield Snapshot(False, (), error.detail)
            return
        self._context = context
        try:
            yield from _states(scard, context, restarts, self._stop.wait)
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
        self._context = checked(scard.SCardEstablishContext(scard.SCARD_SCOPE_USER))
        try:
            result, card, self._protocol = scard.SCardConnect(
                self._context, reader, scard.SCARD_SHARE_SHARED, _any_protocol(scard)
            )
            check(result)
            self._card = card
            result, _, _, _, atr = scard.SCardStatus(card)
            check(result)
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
        answer = bytes(checked(self._scard.SCardTransmit(self._card, pci, list(apdu))))
        if len(answer) < 2:
            raise CardAnswerInvalid(detail="pcsc: answer without status")
        return answer

    def exclusive(self) -> AbstractContextManager[None]:
        return self._transaction()

    def pin_pad(self) -> PinPad | None:
        """The reader's own keypad. See `kiosk.card.pinpad.PadLink`."""
        return find_pad(self._control, self._scard.SCARD_CTL_CODE(GET_FEATURES))

    def _control(self, code: int, data: bytes) -> bytes:
        if self._card is None:
            raise CardRemoved(detail="link closed")
        return bytes(checked(self._scard.SCardControl(self._card, code, list(data))))

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
        result = unsigned(self._scard.SCardBeginTransaction(self._card))
        if result == RESET:
            scard = self._scard
            again = scard.SCardReconnect(
                self._card, scard.SCARD_SHARE_SHARED, _any_protocol(scard), scard.SCARD_LEAVE_CARD
            )
            self._protocol = checked(again)
            result = unsigned(scard.SCardBeginTransaction(self._card))
        check(result)


def _states(scard: Any, context: Any, restarts: int, pause: Callable[[float], object]) -> Iterator[Snapshot]:
    """Snapshots for as long as the service answers; raises `CardError` when it does not."""
    known: dict[str, int] = {}
    departures: Counter[str] = Counter()
    announced, strangers = True, 0
    while True:
        names = _reader_names(scard, context)
        departures.update(known.keys() - set(names))
        known = {name: state for name, state in known.items() if name in names}
        if not names:
            yield Snapshot(True, ())
            if not announced:
                pause(_RETRY_SECONDS)
                continue
        asked = [(name, known.get(name, scard.SCARD_STATE_UNAWARE)) for name in names]
        result, answers = scard.SCardGetStatusChange(
            context, _WAIT_MS, [*asked, (_PNP, 0)] if announced else asked
        )
        if unsigned(result) == TIMEOUT:
            continue
        if unsigned(result) == UNKNOWN_READER:
            # A reader left since it was listed, or this service announces none and says so each time.
            strangers += 1
            announced = announced and strangers < _STRANGERS
            if strangers > 2 * _STRANGERS:
                check(result)
            continue
        check(result)
        strangers = 0
        announced = announced and not answers[-1][1] & scard.SCARD_STATE_UNKNOWN
        there = [answer for answer in answers[: len(names)] if not answer[1] & scard.SCARD_STATE_UNKNOWN]
        known = {name: state & ~scard.SCARD_STATE_CHANGED for name, state, _ in there}
        departures.update(set(names) - known.keys())
        usable = [answer for answer in there if not answer[1] & scard.SCARD_STATE_UNAVAILABLE]
        slots = (_slot(scard, restarts + departures[answer[0]], *answer) for answer in usable)
        yield Snapshot(True, tuple(slots))


def _slot(scard: Any, lives: int, name: str, state: int, atr: list[int]) -> SlotState:
    # pcscd counts events in the upper half and starts again at 0 with each life of its own and of the reader.
    count = lives << 16 | state >> 16
    if not state & scard.SCARD_STATE_PRESENT:
        return SlotState(name, None, b"", count)
    if state & scard.SCARD_STATE_MUTE:
        return SlotState(name, CardKind.MUTE, b"", count)
    return SlotState(name, classify(bytes(atr)), bytes(atr), count)


def _reader_names(scard: Any, context: Any) -> list[str]:
    result, names = scard.SCardListReaders(context, [])
    if unsigned(result) == NO_READERS:
        return []
    check(result)
    return list(names)


def _any_protocol(scard: Any) -> int:
    return int(scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1)

"""What happens to readers over a day, through the real pcscd: the kiosk comes back by itself, and forgets the PIN.

The readers are `pluggable.PluggableReaders`: their driver notices cards every 20 ms as USB readers do, so that a
hundred cycles take seconds. A pulled cable takes pcscd one second to tell: those cycles are few.
"""

import hashlib
import threading
from collections.abc import Iterator
from typing import Any

import pytest
from pluggable import PluggableReaders
from smartcard import scard
from snapshots import SECONDS, Watch

from kiosk import errors
from kiosk.card import pcsc
from kiosk.card.admission import professional_slot
from kiosk.card.cps import ApduCard
from kiosk.card.model import CardKind, KeyUse
from kiosk.card.pcsc import PcscReaders
from kiosk.card.readers import Snapshot
from kiosk.card.signing import SHA256_DIGEST_INFO
from kiosk.seat import CardSeat

DIGEST_INFO = SHA256_DIGEST_INFO + hashlib.sha256(b"message").digest()
LEFT, RIGHT = 0, 1


@pytest.fixture(scope="module")
def peer(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PluggableReaders]:
    with PluggableReaders(tmp_path_factory.mktemp("pki")) as made:
        yield made


@pytest.fixture
def readers(peer: PluggableReaders) -> Iterator[PcscReaders]:
    made = PcscReaders()
    yield made
    made.close()
    for slot in (LEFT, RIGHT):
        peer.plug(slot)
        peer.remove(slot)


@pytest.fixture
def watch(readers: PcscReaders) -> Watch:
    made = Watch()
    readers.watch(made)
    made.wait(lambda s: len(s.slots) == 2)
    return made


def opened(readers: PcscReaders, peer: PluggableReaders, slot: int = LEFT) -> CardSeat:
    made = CardSeat(lambda: ApduCard(readers.connect(peer.readers[slot])))
    made.open()
    return made


def seat(peer: PluggableReaders, readers: PcscReaders, slot: int = LEFT) -> CardSeat:
    """The doctor's card in that reader, its PIN verified."""
    peer.insert(slot, "cps-medecin")
    made = opened(readers, peer, slot)
    made.run(lambda card: card.verify_pin(bytearray(b"1234")))
    return made


def sign(made: CardSeat) -> bytes:
    return made.run(lambda card: card.sign(KeyUse.SIGNATURE, DIGEST_INFO))


def in_slot(peer: PluggableReaders, snapshot: Snapshot, slot: int) -> CardKind | str | None:
    """What is in a reader; a text when the reader is not there."""
    found = {state.reader: state.kind for state in snapshot.slots}
    return found.get(peer.readers[slot], "no reader")


def test_a_hundred_insertions_and_removals(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    counts = set()
    for number in range(100):
        slot, card_id = number % 2, ("cps-medecin", "vitale-seule")[number % 3 % 2]
        peer.insert(slot, card_id, wait=False)
        there = watch.wait(lambda s, slot=slot: in_slot(peer, s, slot) not in (None, "no reader"))
        readers.connect(peer.readers[slot]).close()
        peer.remove(slot, wait=False)
        gone = watch.wait(lambda s, slot=slot: in_slot(peer, s, slot) is None)
        counts |= {(slot, shown.slots[slot].count) for shown in (there, gone)}
    assert len(counts) == 200, "an insertion or a removal that L3 could miss"
    assert all(snapshot.service_ok and len(snapshot.slots) == 2 for snapshot in watch.seen)


def test_a_pulled_cable_is_told_and_found_again(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    held = seat(peer, readers)
    before = watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL).slots[LEFT]
    for _ in range(3):
        peer.unplug(LEFT)
        with pytest.raises(errors.ReaderAbsent):
            sign(held)
        watch.wait(lambda s: in_slot(peer, s, LEFT) == "no reader")
        peer.plug(LEFT)
        back = watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL)
        assert back.slots[LEFT].count != before.count
        with pytest.raises(errors.CardError):
            sign(held)
        held.close()
        fresh = opened(readers, peer)
        with pytest.raises(errors.PinRequired):
            sign(fresh)
        fresh.run(lambda card: card.verify_pin(bytearray(b"1234")))
        assert sign(fresh)
        held, before = fresh, back.slots[LEFT]
    held.close()


def test_no_reader_left_is_told_apart_from_no_card(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    for slot in (LEFT, RIGHT):
        peer.unplug(slot)
    with pytest.raises(errors.ReaderAbsent):
        professional_slot(watch.wait(lambda s: not s.slots))
    peer.plug(RIGHT)
    assert professional_slot(watch.wait(lambda s: len(s.slots) == 1)) is None


@pytest.mark.parametrize("served", range(4))
def test_a_cable_pulled_in_the_middle_of_a_signature(
    served: int, peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    held = seat(peer, readers)
    peer.unplug_after(LEFT, served)
    with pytest.raises(errors.ReaderAbsent):
        sign(held)
    watch.wait(lambda s: in_slot(peer, s, LEFT) == "no reader")
    held.close()
    peer.plug(LEFT)
    watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL)
    fresh = opened(readers, peer)
    assert fresh.run(lambda card: card.pin_status()).tries_left == 3
    fresh.close()


def test_the_other_reader_s_cable_disturbs_nobody(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    held = seat(peer, readers)
    before = watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL).slots[LEFT]
    peer.unplug(RIGHT)
    alone = watch.wait(lambda s: in_slot(peer, s, RIGHT) == "no reader")
    assert alone.slots == (before,)
    assert sign(held)
    peer.plug(RIGHT)
    assert watch.wait(lambda s: len(s.slots) == 2).slots[LEFT] == before
    assert sign(held)
    held.close()


def test_another_program_that_works_with_the_card_is_waited_for(
    peer: PluggableReaders, readers: PcscReaders
) -> None:
    held = seat(peer, readers)
    other = readers.connect(peer.readers[LEFT])
    signatures: list[bytes] = []
    with other.exclusive():
        waiting = threading.Thread(target=lambda: signatures.append(sign(held)))
        waiting.start()
        assert other.transmit(bytes.fromhex("00A4090C023F00")) == b"\x90\x00"
        assert signatures == []
    waiting.join(SECONDS)
    assert len(signatures) == 1
    other.close()
    held.close()


def test_a_reader_another_program_has_taken_comes_back(peer: PluggableReaders, readers: PcscReaders) -> None:
    peer.insert(LEFT, "cps-medecin")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    result, taken, _ = scard.SCardConnect(context, peer.readers[LEFT], scard.SCARD_SHARE_EXCLUSIVE, both)
    assert result == scard.SCARD_S_SUCCESS
    with pytest.raises(errors.ReaderBusy):
        opened(readers, peer)
    scard.SCardDisconnect(taken, scard.SCARD_LEAVE_CARD)
    scard.SCardReleaseContext(context)
    held = opened(readers, peer)
    held.run(lambda card: card.verify_pin(bytearray(b"1234")))
    assert sign(held)
    held.close()


def test_a_session_that_comes_back_with_other_readers(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    """A thin client: the service goes with the connection, and returns with the readers of another desk."""
    held = seat(peer, readers)
    before = watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL).slots[LEFT]
    for offered in ((), (RIGHT,), (LEFT, RIGHT)):
        peer.stop_daemon()
        watch.wait(lambda s: not s.service_ok)
        with pytest.raises(errors.ReaderServiceAbsent):
            sign(held)
        peer.offer(*offered)
        peer.start_daemon(inside=LEFT in offered)
        names = {peer.readers[slot] for slot in offered}
        watch.wait(lambda s, names=names: s.service_ok and {slot.reader for slot in s.slots} == names)
    back = watch.wait(lambda s: in_slot(peer, s, LEFT) is CardKind.PROFESSIONAL)
    assert before.count not in {slot.count for slot in back.slots if slot.reader == before.reader}
    held.close()


class WithoutAnnouncements:
    """The real PC/SC, as services show it that know no « PnP » reader: its name is a stranger's to them."""

    def __init__(self, answer: int) -> None:
        self._answer = answer
        self.waits = 0

    def __getattr__(self, name: str) -> Any:
        return getattr(scard, name)

    def SCardGetStatusChange(self, context: int, wait: int, asked: list[tuple[str, int]]) -> Any:
        self.waits += 1
        known = [entry for entry in asked if "PnP" not in entry[0]]
        if len(known) == len(asked):
            return scard.SCardGetStatusChange(context, wait, known)
        if self._answer != scard.SCARD_S_SUCCESS:
            return [self._answer, []]
        _, answers = scard.SCardGetStatusChange(context, 0, known) if known else (0, [])
        stranger = scard.SCARD_STATE_UNKNOWN | scard.SCARD_STATE_CHANGED
        return [scard.SCARD_S_SUCCESS, [*answers, (asked[-1][0], stranger, [])]]


@pytest.mark.parametrize("answer", [scard.SCARD_E_UNKNOWN_READER, scard.SCARD_S_SUCCESS])
def test_a_service_that_announces_no_reader(
    answer: int, peer: PluggableReaders, monkeypatch: pytest.MonkeyPatch
) -> None:
    """xrdp and macOS [likely]: readers are found all the same, without asking all the time."""
    service = WithoutAnnouncements(answer)
    monkeypatch.setattr(pcsc, "load", lambda: service)
    readers, watch = PcscReaders(), Watch()
    peer.insert(RIGHT, "cps-medecin")
    readers.watch(watch)
    watch.wait(lambda s: in_slot(peer, s, RIGHT) is CardKind.PROFESSIONAL)
    peer.remove(RIGHT)
    watch.wait(lambda s: in_slot(peer, s, RIGHT) is None)
    for offered in ((), (LEFT, RIGHT)):
        peer.stop_daemon()
        watch.wait(lambda s: not s.service_ok)
        peer.offer(*offered)
        peer.start_daemon()
        watch.wait(lambda s, offered=offered: s.service_ok and len(s.slots) == len(offered))
    readers.close()
    assert service.waits < 100


def test_a_service_that_hangs_holds_nobody(
    peer: PluggableReaders, readers: PcscReaders, watch: Watch
) -> None:
    held = seat(peer, readers)
    with peer.frozen():
        with pytest.raises(errors.CardMute):
            held.run(lambda card: card.pin_status(), 0.1)
        readers.close()
        held.close()
    assert {snapshot.service_ok for snapshot in watch.seen} == {True}

"""Real pcscd, virtual readers, emulated cards: what the tray cannot show."""

import hashlib
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from peers import Pcscd
from smartcard import scard
from snapshots import SECONDS, Watch

from kiosk import errors
from kiosk.card.cps import SHA256_DIGEST_INFO, ApduCard
from kiosk.card.insc import check, insc_of
from kiosk.card.model import CardKind, KeyUse
from kiosk.card.pcsc import PcscReaders
from kiosk.card.readers import Snapshot
from kiosk.card.vitale import read_vitale

DIGEST_INFO = SHA256_DIGEST_INFO + hashlib.sha256(b"message").digest()


@pytest.fixture(scope="module")
def pcscd(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Pcscd]:
    with Pcscd(tmp_path_factory.mktemp("pki")) as peer:
        yield peer


@pytest.fixture
def readers() -> Iterator[PcscReaders]:
    made = PcscReaders()
    yield made
    made.close()


@pytest.fixture
def watch(pcscd: Pcscd, readers: PcscReaders) -> Watch:
    made = Watch()
    readers.watch(made)
    return made


def test_empty_readers_at_once(watch: Watch, pcscd: Pcscd) -> None:
    snapshot = watch.wait(lambda s: s.service_ok)
    assert [slot.reader for slot in snapshot.slots] == list(pcscd.readers)
    assert [slot.kind for slot in snapshot.slots] == [None, None]


@pytest.mark.parametrize(
    ("card_id", "kind"),
    [
        ("cps-medecin", CardKind.PROFESSIONAL),
        ("vitale-famille", CardKind.VITALE),
        ("carte-inconnue", CardKind.UNKNOWN),
        ("carte-sans-contact", CardKind.CONTACTLESS),
    ],
)
def test_recognition(card_id: str, kind: CardKind, pcscd: Pcscd, watch: Watch) -> None:
    empty = watch.slot(1, None)
    pcscd.insert(1, card_id)
    there = watch.slot(1, kind)
    pcscd.remove(1)
    gone = watch.slot(1, None)
    assert len({empty.count, there.count, gone.count}) == 3


def test_holder_pin_and_signature(pcscd: Pcscd, readers: PcscReaders, tmp_path: Path) -> None:
    pcscd.insert(0, "cps-pharmacien")
    card = ApduCard(readers.connect(pcscd.readers[0]))
    assert card.professional().family_name == "DA COSTA"
    with pytest.raises(errors.PinRequired):
        card.activities()
    with pytest.raises(errors.PinWrong) as caught:
        card.verify_pin(bytearray(b"0000"))
    assert caught.value.tries_left == card.pin_status().tries_left == 2
    card.verify_pin(bytearray(b"1234"))
    assert card.pin_status().tries_left == 3
    assert [activity.sector.code for activity in card.activities()] == ["SA33"]
    for use in KeyUse:
        public = card.certificate(use).public_key()
        encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        (tmp_path / "key.pem").write_bytes(public.public_bytes(encoding, form))
        (tmp_path / "signature").write_bytes(card.sign(use, DIGEST_INFO))
        (tmp_path / "message").write_bytes(b"message")
        command = ["openssl", "dgst", "-sha256", "-verify", "key.pem", "-signature", "signature", "message"]
        assert (
            subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).stdout == b"Verified OK\n"
        )
    card.close()
    pcscd.remove(0)


def test_both_cards_at_once(pcscd: Pcscd, readers: PcscReaders) -> None:
    pcscd.insert(0, "cps-medecin")
    pcscd.insert(1, "vitale-famille")
    professional, vitale = ApduCard(readers.connect(pcscd.readers[0])), readers.connect(pcscd.readers[1])
    professional.verify_pin(bytearray(b"1234"))
    people = read_vitale(vitale).beneficiaries
    assert check(str(insc_of(people[0], people)))
    assert professional.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    vitale.close()
    assert professional.sign(KeyUse.AUTHENTICATION, DIGEST_INFO)
    professional.close()
    pcscd.remove(0)
    pcscd.remove(1)


def test_letting_go_leaves_the_card_powered(pcscd: Pcscd, readers: PcscReaders) -> None:
    """A Cryptolib session of another program on the same card must survive the kiosk's leaving."""
    pcscd.insert(0, "cps-medecin")
    other = ApduCard(readers.connect(pcscd.readers[0]))
    other.verify_pin(bytearray(b"1234"))
    for _ in range(3):
        passing = ApduCard(readers.connect(pcscd.readers[0]))
        passing.professional()
        passing.close()
    assert other.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    other.close()
    pcscd.remove(0)


def test_removal_in_the_middle(pcscd: Pcscd, readers: PcscReaders, watch: Watch) -> None:
    pcscd.insert(0, "cps-medecin")
    watch.slot(0, CardKind.PROFESSIONAL)
    card = ApduCard(readers.connect(pcscd.readers[0]))
    card.verify_pin(bytearray(b"1234"))
    pcscd.remove(0)
    watch.slot(0, None)
    for act in (card.pin_status, card.activities, lambda: card.sign(KeyUse.SIGNATURE, DIGEST_INFO)):
        with pytest.raises(errors.CardRemoved):
            act()
    card.close()
    card.close()
    with pytest.raises(errors.CardRemoved):
        card.activities()


def test_l3_fast_swap(pcscd: Pcscd, readers: PcscReaders, watch: Watch) -> None:
    pcscd.insert(0, "cps-medecin")
    before = watch.slot(0, CardKind.PROFESSIONAL)
    card = ApduCard(readers.connect(pcscd.readers[0]))
    card.verify_pin(bytearray(b"1234"))
    pcscd.remove(0, wait=False)
    pcscd.insert(0, "cps-medecin")
    after = watch.wait(
        lambda s: s.slots[0].kind is CardKind.PROFESSIONAL and s.slots[0].count != before.count
    )
    assert after.slots[0].atr == before.atr
    with pytest.raises(errors.CardRemoved):
        card.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    card.close()
    again = ApduCard(readers.connect(pcscd.readers[0]))
    with pytest.raises(errors.PinRequired):
        again.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    again.close()
    pcscd.remove(0)


def test_another_program_s_reset_asks_for_the_pin_again(pcscd: Pcscd, readers: PcscReaders) -> None:
    pcscd.insert(0, "cps-medecin")
    card = ApduCard(readers.connect(pcscd.readers[0]))
    card.verify_pin(bytearray(b"1234"))
    link = readers.connect(pcscd.readers[0])
    with other_program(pcscd.readers[0], scard.SCARD_SHARE_SHARED, scard.SCARD_RESET_CARD):
        pass
    with pytest.raises(errors.PinRequired):
        link.transmit(bytes.fromhex("00A4090C023F00"))
    with pytest.raises(errors.PinRequired):
        card.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    card.verify_pin(bytearray(b"1234"))
    assert card.sign(KeyUse.SIGNATURE, DIGEST_INFO)
    card.close()
    link.close()
    pcscd.remove(0)


def test_card_another_program_keeps_for_itself(pcscd: Pcscd, readers: PcscReaders) -> None:
    pcscd.insert(0, "cps-medecin")
    exclusive = other_program(pcscd.readers[0], scard.SCARD_SHARE_EXCLUSIVE, scard.SCARD_LEAVE_CARD)
    with exclusive, pytest.raises(errors.ReaderBusy):
        readers.connect(pcscd.readers[0])
    readers.connect(pcscd.readers[0]).close()
    pcscd.remove(0)


@contextmanager
def other_program(reader: str, share: int, leaving: int) -> Iterator[None]:
    """Somebody else's connection to the card."""
    result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    assert result == 0
    protocols = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    result, card, _ = scard.SCardConnect(context, reader, share, protocols)
    assert result == 0
    yield
    scard.SCardDisconnect(card, leaving)
    scard.SCardReleaseContext(context)


def test_no_card_and_no_such_reader(pcscd: Pcscd, readers: PcscReaders) -> None:
    with pytest.raises(errors.CardRemoved):
        readers.connect(pcscd.readers[0])
    with pytest.raises(errors.ReaderAbsent):
        readers.connect("Lecteur débranché")


def test_pcscd_stops_and_starts_again(pcscd: Pcscd, readers: PcscReaders, watch: Watch) -> None:
    pcscd.insert(0, "cps-medecin")
    before = watch.slot(0, CardKind.PROFESSIONAL)
    card = ApduCard(readers.connect(pcscd.readers[0]))
    card.verify_pin(bytearray(b"1234"))
    pcscd.stop_daemon()
    lost = watch.wait(lambda s: not s.service_ok)
    assert lost.slots == ()
    for act in (card.pin_status, lambda: card.sign(KeyUse.SIGNATURE, DIGEST_INFO)):
        with pytest.raises(errors.ReaderServiceAbsent):
            act()
    with pytest.raises(errors.ReaderServiceAbsent):
        readers.connect(pcscd.readers[0])
    card.close()
    pcscd.start_daemon()
    after = watch.slot(0, CardKind.PROFESSIONAL)
    assert after.count != before.count
    again = ApduCard(readers.connect(pcscd.readers[0]))
    with pytest.raises(errors.PinRequired):
        again.activities()
    again.close()
    pcscd.remove(0)


def test_watching_starts_without_pcscd(pcscd: Pcscd) -> None:
    pcscd.stop_daemon()
    watch, late = Watch(), PcscReaders()
    late.watch(watch)
    assert watch.wait(lambda s: True) == Snapshot(False, (), "pcsc=8010001D")
    pcscd.start_daemon()
    assert len(watch.wait(lambda s: s.service_ok).slots) == 2
    late.close()


def test_closing_at_any_moment_does_not_hang(pcscd: Pcscd) -> None:
    for _ in range(30):
        readers = PcscReaders()
        readers.watch(lambda _: None)
        readers.close()
    assert not any(thread.name == "pcsc-watcher" for thread in threading.enumerate())


WITHOUT_PYSCARD = """
import sys, threading
sys.modules["smartcard"] = None
from kiosk.card.pcsc import PcscReaders
from kiosk.errors import ReaderServiceAbsent
told, seen = threading.Event(), []
readers = PcscReaders()
readers.watch(lambda snapshot: (seen.append(snapshot), told.set()))
assert told.wait(20)
readers.close()
try:
    readers.connect("x")
except ReaderServiceAbsent as error:
    assert "pyscard" in error.cause
print(seen)
"""


def test_without_pyscard() -> None:
    command = [sys.executable, "-W", "error", "-c", WITHOUT_PYSCARD]
    done = subprocess.run(
        command, cwd=Path(__file__).parents[2], capture_output=True, text=True, check=False, timeout=SECONDS
    )
    assert done.stdout == "[Snapshot(service_ok=False, slots=(), cause='pyscard missing')]\n"
    assert (done.returncode, done.stderr) == (0, "")

"""A slow card in the tray, and what the tray counts: on the sockets, then through the kiosk's own client."""

import hashlib
import socket
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from card_bench import Bench
from raw_card import send, status

from kiosk import errors
from kiosk.card import tray as drawers
from kiosk.card.model import KeyUse
from kiosk.card.signing import SHA256_DIGEST_INFO

WRONG_PIN = "0020000108 34333231FFFFFFFF"
TRIES = "00200001"
LONGEST_MS = 10_000


class Link:
    """The tray's framing by hand; a command may be sent without waiting for its answer."""

    def __init__(self, box: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self._socket.settimeout(20)
        self._socket.connect(str(box / "slot-0.sock"))

    def ask(self, apdu: str) -> None:
        raw = bytes.fromhex(apdu)
        self._socket.sendall(len(raw).to_bytes(2, "big") + raw)

    def transmit(self, apdu: bytes) -> bytes:
        self.ask(apdu.hex())
        size = int.from_bytes(self._socket.recv(2, socket.MSG_WAITALL), "big")
        return self._socket.recv(size, socket.MSG_WAITALL)

    def at_end(self) -> bool:
        return self._socket.recv(1) == b""

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def link(box: Path) -> Iterator[Link]:
    drawers.insert(box, "cps-medecin", 0)
    made = Link(box)
    yield made
    made.close()


def test_each_command_takes_as_long_as_told_and_no_longer_once_told_so(box: Path, link: Link) -> None:
    drawers.pace(box, 100, 0)
    begin = time.monotonic()
    for _ in range(3):
        assert status(link, TRIES) == "63C3"
    assert time.monotonic() - begin >= 0.3
    drawers.pace(box, LONGEST_MS, 0)
    drawers.pace(box, 0, 0)
    assert [status(link, TRIES) for _ in range(50)] == ["63C3"] * 50


def test_a_card_pulled_out_while_it_lets_one_wait_did_nothing(box: Path, link: Link) -> None:
    drawers.pace(box, LONGEST_MS, 0)
    link.ask(WRONG_PIN)
    drawers.remove(box, slot=0)
    assert link.at_end()
    drawers.pace(box, 0, 0)
    drawers.insert(box, "cps-medecin", 0)
    again = Link(box)
    assert status(again, TRIES) == "63C3"
    again.close()
    assert drawers.count(box).commands == 1


def test_only_a_signature_waits_for_the_time_of_a_signature(box: Path, bench: Bench) -> None:
    card = bench.card("cps-medecin")
    card.verify_pin(bytearray(b"1234"))
    digest_info = SHA256_DIGEST_INFO + hashlib.sha256(b"slow").digest()
    drawers.pace(box, 0, 100)
    begin = time.monotonic()
    for use in KeyUse:
        card.sign(use, digest_info)
    assert time.monotonic() - begin >= 0.2
    drawers.pace(box, 0, LONGEST_MS)
    assert card.pin_status().tries_left == 3


def test_signatures_are_counted_by_key_and_refused_ones_are_not(box: Path, bench: Bench) -> None:
    card = bench.card("cps-medecin")
    digest_info = SHA256_DIGEST_INFO + hashlib.sha256(b"counted").digest()
    with pytest.raises(errors.PinRequired):
        card.sign(KeyUse.SIGNATURE, digest_info)
    before = drawers.count(box)
    assert (before.authentications, before.signatures) == (0, 0)
    card.verify_pin(bytearray(b"1234"))
    for use in (KeyUse.SIGNATURE, KeyUse.AUTHENTICATION, KeyUse.SIGNATURE):
        card.sign(use, digest_info)
    after = drawers.count(box)
    assert (after.authentications, after.signatures) == (1, 2)
    assert after.commands > before.commands + 3


def test_commands_are_counted_one_by_one(box: Path, link: Link) -> None:
    for number in range(1, 4):
        send(link, TRIES)
        assert drawers.count(box).commands == number


@pytest.mark.parametrize(("apdu_ms", "signature_ms"), [(-1, 0), (0, LONGEST_MS + 1), (True, 0), (1.5, 0)])
def test_a_pace_that_cannot_be_is_refused_and_changes_nothing(
    apdu_ms: int, signature_ms: int, box: Path, link: Link
) -> None:
    with pytest.raises(errors.CardError) as refusal:
        drawers.pace(box, apdu_ms, signature_ms)
    assert "millisecondes" in refusal.value.cause
    assert status(link, TRIES) == "63C3"

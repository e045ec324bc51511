"""New TLS connections with a key in a card against the same with a key in a file."""

import socket
import ssl
import time
from collections.abc import Callable
from dataclasses import dataclass
from statistics import median
from urllib.parse import urlsplit

from alone import CARD, PIN
from slow_visit import CALL_MS, SIGNATURE_MS

from kiosk.box import Box
from kiosk.card import tray
from kiosk.card.cps import ApduCard
from kiosk.card.tls import CIPHERS
from kiosk.card.tray import TrayReaders
from kiosk.seat import CardSeat
from kiosk.settings import state_directory

_HANDSHAKES = 20


@dataclass(frozen=True)
class Handshakes:
    """Medians in milliseconds: TCP and TLS 1.2, in turn on one server."""

    file: float
    """The key in a file, the standard `ssl` module alone."""
    card: float
    """The key in an emulated card at full speed."""
    slow_card: float
    resumed: float
    """The card's second connection, which needs no signature."""


def handshakes(box: Box) -> Handshakes:
    """New connections to the training server, the file's and the card's in turn."""
    place = urlsplit(box.dmp_url)
    host, port = place.hostname or "", place.port or 443
    certificate = state_directory() / "training" / "authority" / "cards" / f"{CARD}-valid-authentication.pem"
    readers = TrayReaders(box.directory)
    drawer = next(slot.name for slot in tray.insert(box.directory, CARD).slots if slot.card_id == CARD)
    seat = CardSeat(lambda: ApduCard(readers.connect(drawer)))
    seat.open()
    seat.run(lambda card: card.verify_pin(bytearray(PIN, "ascii")))

    def timed(wrap: Callable[[socket.socket], ssl.SSLSocket]) -> float:
        start = time.perf_counter()
        secured = wrap(socket.create_connection((host, port)))
        seconds = time.perf_counter() - start
        secured.close()
        return 1000 * seconds

    def by_file() -> float:
        context = ssl.create_default_context(cafile=str(box.server_roots))
        context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.set_ciphers(CIPHERS)
        context.load_cert_chain(certificate, certificate.with_suffix(".key"))
        return timed(lambda line: context.wrap_socket(line, server_hostname=host))

    def by_card() -> tuple[float, float]:
        context = seat.tls(box.server_roots, None)
        first = timed(lambda line: context.wrap(line, host))
        second = timed(lambda line: context.wrap(line, host))
        if context.signatures != 1:
            raise RuntimeError(f"{context.signatures} signatures for two connections")
        context.close()
        return first, second

    try:
        tray.pace(box.directory, 0, 0)
        pairs = [(by_file(), *by_card()) for _ in range(_HANDSHAKES)]
        tray.pace(box.directory, CALL_MS, SIGNATURE_MS)
        slow = by_card()[0]
    finally:
        tray.pace(box.directory, 0, 0)
        seat.close()
        tray.remove(box.directory, card_id=CARD)
    file, card, resumed = (median(each) for each in zip(*pairs, strict=True))
    return Handshakes(file, card, slow, resumed)

"""The professional card in its reader, and the one thread that may talk to it.

The DMP client reaches the card through two small doors only: a signer for the VIHF and a TLS context.
"""

from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from kiosk.card import pinpad
from kiosk.card.model import KeyUse, PadCard, ProfessionalCard
from kiosk.card.owner import CardOwner
from kiosk.card.tls import CardContext, tls_context
from kiosk.errors import CardError, CardRemoved

Value = TypeVar("Value")

PATIENCE_SECONDS = 30.0
"""A card, or another program that holds it, may keep us waiting this long; a signature takes one second."""
PARTING_SECONDS = 2.0
"""Letting the card go; a reader service that hangs is left to itself."""


class CardSeat:
    """Runs every operation of one card in order, on its owner thread."""

    def __init__(self, open_card: Callable[[], ProfessionalCard]) -> None:
        """Touches nothing before `open`."""
        self._owner = CardOwner()
        self._open_card = open_card
        self._card: ProfessionalCard | None = None

    def open(self) -> None:
        """Open the card; blocks. Raises `CardError`, and then holds nothing."""
        try:
            self._owner.call(self._open, PATIENCE_SECONDS)
        except BaseException:
            self._owner.stop()
            raise

    def _open(self) -> None:
        self._card = self._open_card()

    def _opened(self) -> ProfessionalCard:
        if self._card is None:
            raise CardRemoved(detail="seat not open")
        return self._card

    @property
    def awaited(self) -> bool:
        """Whether somebody waits for the card now."""
        return self._owner.awaited

    def give_up(self) -> None:
        """End every wait for the card, from any thread: whoever waits gets `CardGivenUp`."""
        self._owner.give_up()

    def run(self, act: Callable[[ProfessionalCard], Value], patience: float = PATIENCE_SECONDS) -> Value:
        """`act` on the owner thread; blocks, raises what it raised. May be called from any thread."""
        return self._owner.call(lambda: act(self._opened()), patience)

    def has_pin_pad(self) -> bool:
        """Whether the PIN can be typed on the reader itself."""
        return self.run(lambda card: isinstance(card, PadCard) and card.has_pin_pad())

    def verify_pin_on_pad(self) -> None:
        """Blocks until the user is done there. See `PadCard`."""

        def verify(card: ProfessionalCard) -> None:
            assert isinstance(card, PadCard)
            card.verify_pin_on_pad()

        self.run(verify, pinpad.PATIENCE_SECONDS)

    def signer(self) -> "SeatSigner":
        """Signs with the signature key: VIHF, later XAdES."""
        return SeatSigner(self, self.run(lambda card: card.certificate(KeyUse.SIGNATURE)))

    def tls(self, roots: Path, crl: Path | None) -> CardContext:
        """TLS 1.2 client whose authentication key stays in the card."""
        certificate = self.run(lambda card: card.certificate(KeyUse.AUTHENTICATION))
        return tls_context(
            certificate.public_bytes(Encoding.DER),
            lambda digest_info: self.run(lambda card: card.sign(KeyUse.AUTHENTICATION, digest_info)),
            roots,
            crl=crl,
        )

    def close(self) -> None:
        """Let the card go, end the thread. May be called again."""
        with suppress(CardError):
            self.run(lambda card: card.close(), PARTING_SECONDS)
        self._owner.stop()


class SeatSigner:
    """`kiosk.dmp.vihf.Signer` over the seat."""

    def __init__(self, seat: CardSeat, certificate: x509.Certificate) -> None:
        self._seat = seat
        self.certificate = certificate

    def sign(self, digest_info: bytes) -> bytes:
        return self._seat.run(lambda card: card.sign(KeyUse.SIGNATURE, digest_info))

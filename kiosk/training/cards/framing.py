"""The wire between a card and a virtual reader: two bytes of length, big-endian, then an order or an APDU.

The same framing serves both roles of the box: it connects to vsmartcard's driver (vpcd, TCP) as a card that is
put into a reader, and it answers whoever connects to a slot of the card tray.
"""

import socket
from contextlib import suppress

from kiosk.training.cards.card import Card

_POWER_OFF, _POWER_ON, _RESET, _GET_ATR = b"\x00", b"\x01", b"\x02", b"\x04"


def play(card: Card, connection: socket.socket) -> None:
    """Be `card` at this end of `connection` until the other end leaves or the connection is shut down."""
    with suppress(OSError):
        while (payload := _receive_frame(connection)) is not None:
            answer = _answer(card, payload)
            if answer is not None:
                connection.sendall(len(answer).to_bytes(2, "big") + answer)


def _answer(card: Card, payload: bytes) -> bytes | None:
    """None when the order has no answer."""
    if payload == _GET_ATR:
        return card.atr
    if payload == _POWER_ON:
        card.power_on()
    elif payload == _POWER_OFF:
        card.power_off()
    elif payload == _RESET:
        card.reset()
    else:
        return card.transmit(payload)
    return None


def _receive_frame(connection: socket.socket) -> bytes | None:
    head = _receive(connection, 2)
    return None if head is None else _receive(connection, int.from_bytes(head, "big"))


def _receive(connection: socket.socket, size: int) -> bytes | None:
    """Exactly `size` bytes; None when the other end left before."""
    received = b""
    while len(received) < size:
        if connection.family == socket.AF_INET:
            # vpcd writes length and body apart: without this each command waits 40 ms for a delayed ACK.
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
        piece = connection.recv(size - len(received))
        if not piece:
            return None
        received += piece
    return received

"""The holder's PIN (« code porteur »): read the counter for free, present it once, leave no copy.

Nothing here unblocks a card, retries, or remembers a PIN (L7).
"""

from kiosk.card.apdu import BLOCKED, OK, command, exchange, refused
from kiosk.card.model import PinStatus
from kiosk.card.pkcs15 import PinObject
from kiosk.card.readers import CardLink
from kiosk.card.tlv import Tlv, parse, search, unsigned
from kiosk.errors import CardAnswerInvalid, PinBlocked, PinMalformed, PinWrong


def status(link: CardLink, wanted: PinObject) -> PinStatus:
    """The card's own counter, by GET DATA on the PIN's security object: no try is spent. [sure: observed]"""
    command(link, bytes.fromhex("00A4090C023F00"))
    query = bytes.fromhex("4D087006BF81") + bytes([wanted.reference]) + bytes.fromhex("02A080")
    answer = parse(command(link, bytes.fromhex("00CB3FFF0A") + query), padded=True)
    return PinStatus(
        tries_left=_number(answer, 0x9B),
        max_tries=_number(answer, 0x9A),
        min_length=wanted.min_length,
        max_length=wanted.max_length,
    )


def check_form(value: bytearray, min_length: int, max_length: int) -> None:
    """Refuse what the card would refuse, before it can count a try. Raises `PinMalformed`."""
    if not min_length <= len(value) <= max_length or not all(0x30 <= c <= 0x39 for c in value):
        raise PinMalformed(detail=f"length={len(value)}")


def present(link: CardLink, value: bytearray, wanted: PinObject) -> None:
    """VERIFY, once. Raises `PinWrong`, `PinBlocked` or another `CardError`; wipes what it built."""
    size = max(len(value), wanted.stored_length)
    apdu = bytearray([0x00, 0x20, 0x00, wanted.reference, size]) + bytearray([wanted.pad]) * size
    apdu[5 : 5 + len(value)] = value  # in place: a growing buffer would leave a copy behind
    try:
        answer = exchange(link, apdu)
    finally:
        wipe(apdu)
    settle(answer.status)


def settle(status: int) -> None:
    """What the card said of a PIN, however it was presented: nothing when it accepted, else raises."""
    if status == OK:
        return
    if status in (BLOCKED, 0x63C0):
        raise PinBlocked(detail=f"sw={status:04X}")
    if status & 0xFFF0 == 0x63C0:
        raise PinWrong(status & 0x0F)
    raise refused(status, 0x20)


def wipe(buffer: bytearray) -> None:
    """Overwrite, then empty."""
    for index in range(len(buffer)):
        buffer[index] = 0
    buffer.clear()


def _number(answer: tuple[Tlv, ...], tag: int) -> int:
    item = search(answer, tag)
    if item is None:
        raise CardAnswerInvalid(detail=f"counter: no {tag:X}")
    return unsigned(item.value)

"""Commands to a card (ISO 7816-4): one exchange, files, and what a bad status word means.

On T=0 a card answers 61xx (fetch xx bytes more) and 6Cxx (ask again for exactly xx): both are settled here, so
that nobody above sees the transport protocol. Lengths are those observed with the Cryptolib (cards §2.2).
"""

from dataclasses import dataclass, field

from kiosk.card.readers import Apdu, CardLink
from kiosk.errors import CardAnswerInvalid, CardError, PinBlocked, PinRequired

BLOCK = 0xE7
"""Bytes a READ BINARY asks for: 231, as the Cryptolib does."""
MAX_FILE = 0x7FFF
"""Bytes. READ BINARY has 15-bit offsets."""

OK = 0x9000
END_OF_FILE = 0x6282
PAST_END = 0x6B00
NOT_FOUND = 0x6A82
SECURITY_STATUS = 0x6982
BLOCKED = 0x6983

_MORE_ROUNDS = 300
"""GET RESPONSE rounds one command may take: a card that promises data for ever is not believed."""


@dataclass(frozen=True)
class Answer:
    """What a card answered, 61xx and 6Cxx settled."""

    data: bytes = field(repr=False)
    status: int

    @property
    def ok(self) -> bool:
        return self.status == OK


def exchange(link: CardLink, apdu: Apdu) -> Answer:
    """Send one command and gather the whole answer, whatever its status. Raises `CardError`."""
    raw = _answer(link, apdu)
    if raw.status >> 8 == 0x6C and len(apdu) == 5:  # case 2: the last byte is Le
        raw = _answer(link, bytes(apdu[:4]) + bytes([raw.status & 0xFF]))
    data = bytearray(raw.data)
    rounds = 0
    while raw.status >> 8 == 0x61:
        rounds += 1
        if rounds > _MORE_ROUNDS:
            raise CardAnswerInvalid(detail="61xx without end")
        raw = _get_response(link, apdu[0], raw.status & 0xFF)
        data += raw.data
    return Answer(bytes(data), raw.status)


def command(link: CardLink, apdu: Apdu) -> bytes:
    """The same for a command that has to succeed: the answer's data, or the error the status stands for."""
    answer = exchange(link, apdu)
    if not answer.ok:
        raise refused(answer.status, apdu[1])
    return answer.data


def refused(status: int, instruction: int) -> CardError:
    """The error a status word stands for. `instruction` (INS) goes to the technical detail, no data does."""
    detail = f"ins={instruction:02X} sw={status:04X}"
    if status == SECURITY_STATUS:
        return PinRequired(detail=detail)
    if status == BLOCKED:
        return PinBlocked(detail=detail)
    return CardAnswerInvalid(detail=detail)


def select_path(link: CardLink, path: bytes) -> bool:
    """Select a file by its path from the MF (3F00 first); False when the card has no such file.

    `09 0C`: by path, no FCP wanted, so that one round trip does.
    """
    return _select(link, bytes([0x00, 0xA4, 0x09, 0x0C, len(path)]) + path)


def select_application(link: CardLink, aid: bytes) -> bool:
    """Select an application by name; False when the card does not know it."""
    return _select(link, bytes([0x00, 0xA4, 0x04, 0x00, len(aid)]) + aid)


def read_selected(link: CardLink) -> bytes:
    """Everything in the file just selected."""
    return _read(link, bytearray())


def read_short_file(link: CardLink, sfi: int) -> bytes:
    """Everything in the file with that short identifier, which the first block selects."""
    first = _block(link, 0x80 | sfi, 0, 0x00)
    if first is None:
        return b""
    return bytes(first) if len(first) < 256 else _read(link, bytearray(first), 0x00)


def _read(link: CardLink, content: bytearray, block: int = BLOCK) -> bytes:
    while len(content) < MAX_FILE:
        piece = _block(link, len(content) >> 8, len(content) & 0xFF, block)
        if piece is None:
            return bytes(content)
        content += piece
        if len(piece) < (block or 256):
            return bytes(content)
    raise CardAnswerInvalid(detail="file without end")


def _block(link: CardLink, p1: int, p2: int, length: int) -> bytes | None:
    answer = exchange(link, bytes([0x00, 0xB0, p1, p2, length]))
    if answer.status in (OK, END_OF_FILE):
        return answer.data
    if answer.status == PAST_END:
        return None
    raise refused(answer.status, 0xB0)


def _select(link: CardLink, apdu: bytes) -> bool:
    answer = exchange(link, apdu)
    if answer.status == NOT_FOUND:
        return False
    if not answer.ok:
        raise refused(answer.status, 0xA4)
    return True


def _get_response(link: CardLink, cla: int, length: int) -> Answer:
    raw = _answer(link, bytes([cla, 0xC0, 0x00, 0x00, length]))
    if raw.status >> 8 == 0x6C:
        return _answer(link, bytes([cla, 0xC0, 0x00, 0x00, raw.status & 0xFF]))
    return raw


def _answer(link: CardLink, apdu: Apdu) -> Answer:
    raw = link.transmit(apdu)
    if len(raw) < 2:
        raise CardAnswerInvalid(detail="answer without status")
    return Answer(raw[:-2], int.from_bytes(raw[-2:], "big"))

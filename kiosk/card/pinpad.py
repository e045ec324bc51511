"""A reader's own keypad (PC/SC part 10, version 2.02): the PIN goes from the pad to the card, past this program.

The reader is told how the card wants its PIN, by the same AODF attributes the keyboard path uses, asks for it on its
own display and answers with the card's status word, or with one of its own when nobody finished typing.

Proved on a driver written for the tests, under the real pcscd: no reader with a pad was at hand, and which of these
values a given model insists on is [unknown]. OpenSC, asked through the same driver, builds the same structure but for
its time-outs.
"""

import struct
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, runtime_checkable

from kiosk.card import pin
from kiosk.card.pkcs15 import PinObject
from kiosk.errors import CardAnswerInvalid, CardError, PinNotEntered

GET_FEATURES = 3400
"""CM_IOCTL_GET_FEATURE_REQUEST, before the platform's SCARD_CTL_CODE."""
VERIFY_PIN_DIRECT = 0x06
"""FEATURE_VERIFY_PIN_DIRECT: one call that lasts until the user is done."""

FIRST_KEY_SECONDS = 30
NEXT_KEY_SECONDS = 15
PATIENCE_SECONDS = 120.0
"""How long the whole entry may last: the first key, then each of the others, then the card."""

_ASCII_LEFT = 0x82
"""bmFormatString: lengths in bytes, the PIN at offset 0 of the data, left justified, in ASCII."""
_VALIDATION_KEY = 0x02
"""bEntryValidationCondition: the green key ends the entry, as Enter does on the keyboard."""
_MAX_BLOCK = 15
"""The PIN's block length has four bits."""

_TIME_OUT, _CANCELLED, _WRONG_SIZE, _STRUCTURE_REFUSED = 0x6400, 0x6401, 0x6403, 0x6B80
_UNFINISHED = {
    _TIME_OUT: "Personne n'a tapé de code à temps sur le clavier du lecteur.",
    _CANCELLED: "La saisie a été annulée sur le clavier du lecteur.",
    _WRONG_SIZE: "Le code tapé sur le clavier du lecteur est trop court ou trop long.",
}

Control = Callable[[int, bytes], bytes]
"""One SCardControl: code and data in, the reader's answer out. Raises `CardError`."""


@dataclass(frozen=True)
class PinPad:
    """The keypad of the reader a link goes to."""

    control: Control
    code: int
    """What the reader calls VERIFY_PIN_DIRECT."""

    def present(self, wanted: PinObject) -> None:
        """Have the PIN typed and presented, once. Raises `PinNotEntered` (no try was spent), `PinWrong`,
        `PinBlocked` or another `CardError`."""
        answer = self.control(self.code, verify_structure(wanted))
        if len(answer) < 2:
            raise CardAnswerInvalid(detail="pin pad: answer without status")
        settle(int.from_bytes(answer[-2:], "big"))


@runtime_checkable
class PadLink(Protocol):
    """A `CardLink` whose reader may have a keypad."""

    def pin_pad(self) -> PinPad | None:
        """The keypad; None when the reader has none, or does not say so in the standard way."""


def find_pad(control: Control, request: int) -> PinPad | None:
    """Ask the reader for its features by the control code `request`. A reader that refuses has no pad."""
    try:
        codes = features(control(request, b""))
    except CardError:
        return None
    code = codes.get(VERIFY_PIN_DIRECT)
    return None if code is None else PinPad(control, code)


def features(answer: bytes) -> dict[int, int]:
    """Feature tag to control code: entries of six bytes, tag, length 4, code in big-endian order.

    Raises `CardAnswerInvalid` for anything else.
    """
    if len(answer) % 6 or any(answer[at + 1] != 4 for at in range(0, len(answer), 6)):
        raise CardAnswerInvalid(detail="pin pad: features")
    return {tag: code for tag, _, code in struct.iter_unpack(">BBI", answer)}


def verify_structure(wanted: PinObject) -> bytes:
    """PIN_VERIFY: how to ask, and the VERIFY command with the padding already in the PIN's place.

    Raises `CardAnswerInvalid` when the card wants a PIN no such structure can tell of.
    """
    size = wanted.stored_length or wanted.max_length
    if not 0 < wanted.min_length <= wanted.max_length <= size <= _MAX_BLOCK:
        raise CardAnswerInvalid(detail="pin pad: lengths")
    if not wanted.stored_length and wanted.min_length != wanted.max_length:
        # Without padding the command's length is the PIN's own, which nobody knows before it is typed.
        raise CardAnswerInvalid(detail="pin pad: open length")
    command = bytes([0x00, 0x20, 0x00, wanted.reference, size]) + bytes([wanted.pad]) * size
    return (
        struct.pack(
            "<BBBBBHBBHB3xI",
            FIRST_KEY_SECONDS,
            NEXT_KEY_SECONDS,
            _ASCII_LEFT,
            size,  # bmPINBlockString: no length in the command, this many bytes of PIN
            0,  # bmPINLengthFormat: none
            wanted.min_length << 8 | wanted.max_length,
            _VALIDATION_KEY,
            0,  # bNumberMessage, wLangId, bMsgIndex: none of the reader's messages, the screen says it all
            0,
            0,
            len(command),
        )
        + command
    )


def settle(status: int) -> None:
    """Nothing for a PIN accepted; raises what the status word of the reader, or of the card, stands for."""
    if status in _UNFINISHED:
        raise PinNotEntered(cause=_UNFINISHED[status], detail=f"pin pad {status:04X}")
    if status == _STRUCTURE_REFUSED:
        raise CardAnswerInvalid(detail="pin pad: structure refused")
    pin.settle(status)

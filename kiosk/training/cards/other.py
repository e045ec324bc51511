"""Cards that a kiosk has to turn away: unknown, mute, and a CPS read without contact."""

from kiosk.training.cards.card import Card, FileCard
from kiosk.training.cards.cps_content import serial_file
from kiosk.training.cards.files import MF, Directory

UNKNOWN_ATR = bytes.fromhex("3B6400004649444C")
"""T=0, four historical bytes of a loyalty scheme that does not exist."""
CONTACTLESS_ATR = bytes.fromhex("3B8F80010031B86404B0ECC1739401808290000E")
_CONTACTLESS_APPLICATION = bytes.fromhex("E828BD080F8025000001FF0020")
"""« ASIP CPS CL ». [sure]"""


def unknown_card() -> Card:
    """Answers, but has no file anybody asks for."""
    return FileCard(UNKNOWN_ATR, Directory(MF))


def contactless_card() -> Card:
    """The antenna side of a CPS3: a serial number, an application, and no name, PIN or signature."""
    application = Directory(0x0002, aid=_CONTACTLESS_APPLICATION)
    return FileCard(CONTACTLESS_ATR, Directory(MF, (serial_file("0000000071"), application)))


class MuteCard:
    """Upside down in the slot: no ATR, no answer."""

    atr = b""

    def power_on(self) -> None:
        pass

    def power_off(self) -> None:
        pass

    def reset(self) -> None:
        pass

    def transmit(self, apdu: bytes) -> bytes:
        return b""

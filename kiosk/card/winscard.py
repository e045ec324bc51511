"""What every use of PC/SC shares: pyscard, loaded when first wanted, and what result codes mean."""

from typing import Any

from kiosk.errors import (
    CardError,
    CardMute,
    CardRemoved,
    PinRequired,
    ReaderAbsent,
    ReaderBusy,
    ReaderServiceAbsent,
)

NO_READERS = 0x8010002E
UNKNOWN_READER = 0x80100009
TIMEOUT = 0x8010000A
RESET = 0x80100068

_ERRORS: dict[int, type[CardError]] = {
    0x8010001D: ReaderServiceAbsent,  # SCARD_E_NO_SERVICE
    0x8010001E: ReaderServiceAbsent,  # SCARD_E_SERVICE_STOPPED
    0x80100013: ReaderServiceAbsent,  # SCARD_F_COMM_ERROR: pcscd died in the middle
    0x80100003: ReaderServiceAbsent,  # SCARD_E_INVALID_HANDLE: pcscd restarted and knows us no more
    UNKNOWN_READER: ReaderAbsent,
    0x80100017: ReaderAbsent,  # SCARD_E_READER_UNAVAILABLE
    NO_READERS: ReaderAbsent,
    0x8010000B: ReaderBusy,  # SCARD_E_SHARING_VIOLATION
    0x8010000C: CardRemoved,  # SCARD_E_NO_SMARTCARD
    0x80100069: CardRemoved,  # SCARD_W_REMOVED_CARD
    0x80100016: CardRemoved,  # SCARD_E_NOT_TRANSACTED: seen when the card leaves during a command
    RESET: PinRequired,
    0x80100066: CardMute,  # SCARD_W_UNRESPONSIVE_CARD
    0x80100067: CardMute,  # SCARD_W_UNPOWERED_CARD
    0x80100065: CardMute,  # SCARD_W_UNSUPPORTED_CARD
    0x8010000F: CardMute,  # SCARD_E_PROTO_MISMATCH
}


def load() -> Any:
    """pyscard's low-level module. Raises `ReaderServiceAbsent` where it is not installed."""
    try:
        from smartcard import scard
    except ImportError as error:
        raise ReaderServiceAbsent(
            cause="Le composant PC/SC (pyscard) n'est pas installé sur ce poste.", detail="pyscard missing"
        ) from error
    return scard


def checked(answer: list[Any]) -> Any:
    """The value of a two-part PC/SC answer (result code, value)."""
    check(answer[0])
    return answer[1]


def check(result: int) -> None:
    """Raises the `CardError` a result code stands for; 0 is success."""
    code = unsigned(result)
    if code != 0:
        raise _ERRORS.get(code, CardError)(detail=f"pcsc={code:08X}")


def unsigned(result: int) -> int:
    """Result codes come signed or not, depending on the platform."""
    return result & 0xFFFFFFFF

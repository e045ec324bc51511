"""What a card is, told by its answer to reset alone.

A reader's name tells nothing: two identical readers get swapped, and one reader takes both cards. The table is
cards §2.1 and §3 (CPS: sources and running stack of the Cryptolib; Vitale: pcsc-tools' list).
"""

from kiosk.card.model import CardKind

_EXACT: dict[str, CardKind] = {
    "3B8F80010031B86404B0ECC1739401808290000E": CardKind.CONTACTLESS,  # CPS3, contactless face
    "3B9B188001001225006480040100009044": CardKind.PROFESSIONAL,  # CPS4, contact
    "3B9B188001001225006480000401009044": CardKind.PROFESSIONAL,  # CPS4 RC
    "3BDC18FF00001225006480000401009000": CardKind.PROFESSIONAL,  # CPS4, T=0
    "3BAC00402A001225006480820212009000": CardKind.PROFESSIONAL,  # CPS2ter
    "3B751300004509FA9000": CardKind.VITALE,  # Vitale 2, one odd mask
}

_MASKED: tuple[tuple[str, str, CardKind], ...] = (
    # CPS3, contact: bytes 2-5 and 12-14 vary with the chip
    ("3BAC00402A001225006480000310009000", "FF00000000FFFFFFFFFFFF000000FFFFFF", CardKind.PROFESSIONAL),
)

_VITALE_2 = {bytes.fromhex(f"3B751300004{x}09EA9000") for x in range(3, 10)}
_VITALE_1 = {
    bytes.fromhex(f"3F652500{mask}09{last}9000")
    for mask in ("22", "2C", "52", "A3", "A4")
    for last in ("69", "F9", "6A")
}


def classify(atr: bytes) -> CardKind:
    """The kind of a card present in a reader; an empty `atr` means it gave none."""
    if not atr:
        return CardKind.MUTE
    if atr in _VITALE_2 or atr in _VITALE_1:
        return CardKind.VITALE
    exact = _EXACT.get(atr.hex().upper())
    if exact is not None:
        return exact
    for pattern, mask, kind in _MASKED:
        if _matches(atr, bytes.fromhex(pattern), bytes.fromhex(mask)):
            return kind
    return CardKind.UNKNOWN


def is_first_generation_vitale(atr: bytes) -> bool:
    """Vitale 1: recognised, but its direct reading is undocumented [unknown] and not attempted."""
    return atr in _VITALE_1


def _matches(atr: bytes, pattern: bytes, mask: bytes) -> bool:
    return len(atr) == len(pattern) and all(
        (got ^ want) & care == 0 for got, want, care in zip(atr, pattern, mask, strict=True)
    )

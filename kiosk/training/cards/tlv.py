"""BER-TLV: writing what the emulated cards hold, reading what commands bring."""

from kiosk.training.cards.command import WRONG_DATA, StatusError


def tlv(tag: int, *parts: bytes) -> bytes:
    """One data object; `tag` as one number (`0x7F21`), definite length in its shortest form."""
    value = b"".join(parts)
    return _number(tag) + _length(len(value)) + value


def text(tag: int, value: str, encoding: str = "utf-8") -> bytes:
    return tlv(tag, value.encode(encoding))


def integer(value: int, tag: int = 0x02) -> bytes:
    """DER INTEGER, not negative: a leading 00 where the first bit would read as a sign."""
    return tlv(tag, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def bit_string(*positions: int) -> bytes:
    """DER BIT STRING of a named bit list: these bits set, trailing zero bits dropped (X.690 §11.2.2)."""
    if not positions:
        return tlv(0x03, b"\x00")
    width = max(positions) + 1
    size = (width + 7) // 8
    number = sum(1 << (8 * size - 1 - position) for position in set(positions))
    return tlv(0x03, bytes([8 * size - width]), number.to_bytes(size, "big"))


def read_objects(data: bytes) -> dict[int, bytes]:
    """Objects of a command's data field, one-byte tags and lengths. Raises `StatusError(6A80)`."""
    found: dict[int, bytes] = {}
    while data:
        if len(data) < 2 or data[1] > 0x7F or len(data) < 2 + data[1]:
            raise StatusError(WRONG_DATA)
        found[data[0]] = data[2 : 2 + data[1]]
        data = data[2 + data[1] :]
    return found


def _length(size: int) -> bytes:
    if size < 0x80:
        return bytes([size])
    number = _number(size)
    return bytes([0x80 | len(number)]) + number


def _number(value: int) -> bytes:
    return value.to_bytes(max(1, (value.bit_length() + 7) // 8), "big")

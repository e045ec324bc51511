"""A bare ISO 7816 host for the emulated cards, sharing no code with the kiosk's: bytes in, bytes out."""

from typing import Protocol


class Transmits(Protocol):
    def transmit(self, apdu: bytes) -> bytes: ...


def send(card: Transmits, apdu: str) -> tuple[bytes, str]:
    """One command in hexadecimal (blanks allowed), 61xx fetched and 6Cxx repeated: data and status word."""
    raw = bytes.fromhex(apdu)
    answer = card.transmit(raw)
    if answer[-2] == 0x6C:
        answer = card.transmit(raw[:-1] + answer[-1:])
    data = answer[:-2]
    while answer[-2] == 0x61:
        answer = card.transmit(b"\x00\xc0\x00\x00" + answer[-1:])
        data += answer[:-2]
    return data, answer[-2:].hex().upper()


def status(card: Transmits, apdu: str) -> str:
    return send(card, apdu)[1]


def read_path(card: Transmits, path: str) -> bytes:
    """A whole file by its path from the MF, in blocks of 231 bytes as the official middleware reads."""
    name = bytes.fromhex(path)
    parameters, selected = send(card, f"00A40904{len(name):02X}{path}")
    assert selected == "9000"
    assert parameters[2:4] == b"\x80\x02"
    size, content = int.from_bytes(parameters[4:6], "big"), b""
    while len(content) < size:
        piece, read = send(card, f"00B0{len(content):04X}{min(0xE7, size - len(content)):02X}")
        assert read == "9000"
        content += piece
    assert status(card, f"00B0{size:04X}01") == "6B00"
    return content

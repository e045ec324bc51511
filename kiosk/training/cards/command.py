"""Command APDUs as they arrive: the seven forms of ISO 7816-3 §12.1, and status words."""

from dataclasses import dataclass, field

OK = 0x9000
END_OF_FILE = 0x6282
WRONG_LENGTH = 0x6700
CHANNEL_NOT_SUPPORTED = 0x6881
SECURITY_NOT_SATISFIED = 0x6982
BLOCKED = 0x6983
CONDITIONS_NOT_SATISFIED = 0x6985
NO_CURRENT_FILE = 0x6986
WRONG_DATA = 0x6A80
NOT_FOUND = 0x6A82
WRONG_PARAMETERS = 0x6A86
REFERENCE_NOT_FOUND = 0x6A88
WRONG_OFFSET = 0x6B00
INSTRUCTION_UNKNOWN = 0x6D00
CLASS_UNKNOWN = 0x6E00


class StatusError(Exception):
    """The command ends with this status word and without data."""

    def __init__(self, status: int) -> None:
        self.status = status
        super().__init__(f"{status:04X}")


@dataclass(frozen=True)
class Command:
    """One parsed command."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    expected: int | None = None
    """Le: most bytes wanted back (256 for a short 00, 65 536 for an extended 0000), None when absent."""
    extended: bool = False

    @property
    def parameters(self) -> int:
        """P1 and P2 as one number."""
        return self.p1 << 8 | self.p2


def parse_command(raw: bytes) -> Command:
    """Raises `StatusError(6700)` for bytes of none of the seven forms."""
    if len(raw) < 4:
        raise StatusError(WRONG_LENGTH)
    cla, ins, p1, p2 = raw[:4]
    body = raw[4:]
    if len(body) >= 3 and body[0] == 0:
        data, expected = _extended(body[1:])
        return Command(cla, ins, p1, p2, data, expected, extended=True)
    data, expected = _short(body)
    return Command(cla, ins, p1, p2, data, expected)


def _short(body: bytes) -> tuple[bytes, int | None]:
    if not body:
        return b"", None
    if len(body) == 1:
        return b"", body[0] or 256
    length = body[0]
    if length and len(body) == 1 + length:
        return body[1:], None
    if length and len(body) == 2 + length:
        return body[1:-1], body[-1] or 256
    raise StatusError(WRONG_LENGTH)


def _extended(body: bytes) -> tuple[bytes, int | None]:
    """`body` without its leading 00: two bytes of length, data, and two bytes of Le or none."""
    length, rest = int.from_bytes(body[:2], "big"), body[2:]
    if not rest:
        return b"", length or 65_536
    if length and len(rest) == length:
        return rest, None
    if length and len(rest) == length + 2:
        return rest[:-2], int.from_bytes(rest[-2:], "big") or 65_536
    raise StatusError(WRONG_LENGTH)

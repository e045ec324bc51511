"""Whether a shared library is all there: the system's loader dies of SIGBUS on one that was cut short.

A download or an update that stopped half way leaves such a file; the kiosk must say so and not vanish.
"""

import struct
from pathlib import Path

_WIDE = 2
"""EI_CLASS of a 64-bit file."""
_LOADABLE = 1
"""PT_LOAD: a segment the loader maps into memory."""


def is_cut(library: Path) -> bool:
    """True when an ELF file ends before its last segment does. Other formats are left to the loader.

    Raises `OSError`. Source: System V ABI, « ELF Header » and « Program Header ».
    """
    content = library.read_bytes()
    if content[:4] != b"\x7fELF":
        return False
    try:
        wide, order = content[4] == _WIDE, "<" if content[5] == 1 else ">"
        (table,) = struct.unpack_from(order + ("Q" if wide else "I"), content, 0x20 if wide else 0x1C)
        size, count = struct.unpack_from(order + "HH", content, 0x36 if wide else 0x2A)
        for at in range(table, table + size * count, size or 1):
            kind, *_, offset, _, _, length = struct.unpack_from(
                order + ("IIQQQQ" if wide else "IIIII"), content, at
            )
            if kind == _LOADABLE and offset + length > len(content):
                return True
    except (struct.error, IndexError):
        return True
    return False

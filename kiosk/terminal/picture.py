"""A picture on its way to the terminal: the one thing that reaches it without being drawn into the grid.

It is checked here, byte by byte, whoever made it: one sixel image or one kitty upload of the kiosk's own shape,
and no byte of it can end its string and begin another sequence.
"""

import re
from dataclasses import dataclass
from typing import Final

from rich.style import Style

from kiosk.tty import CUT_SHORT, FORGET_PICTURES, PICTURE_ID

KEPT: Final = Style(frame=True)
"""Of the blanks a widget draws where a picture is to stand (`kiosk.terminal.grid`)."""
MOST_BYTES: Final = 128 * 1024
"""Of one picture: a second on a line of one megabit."""

_SIXEL: Final = re.compile(rb'\x1bP0;1;0q"1;1;\d{1,4};\d{1,4}[#;!0-9?-~$-]*\x1b\\')
_KITTY: Final = re.compile(
    rb"\x1b_Ga=T,f=100,i=%d,p=1,c=\d{1,4},r=\d{1,4},C=1,q=2,m=[01];[A-Za-z0-9+/=]{0,4096}\x1b\\"
    rb"(?:\x1b_Gq=2,m=[01];[A-Za-z0-9+/=]{0,4096}\x1b\\)*" % PICTURE_ID
)
_ERASE: Final = b"\x1b[m\x1b[H\x1b[2J"


@dataclass(frozen=True, repr=False)
class Picture:
    """`columns` × `rows` cells of the screen, the upper left one at column `x`, row `y` (from 0).

    Raises `ValueError` for data that is no picture, or too heavy.
    """

    x: int
    y: int
    columns: int
    rows: int
    data: bytes

    def __post_init__(self) -> None:
        if len(self.data) > MOST_BYTES or not (_SIXEL.fullmatch(self.data) or _KITTY.fullmatch(self.data)):
            raise ValueError("not a picture")

    @property
    def cells(self) -> set[tuple[int, int]]:
        """Column and row of each."""
        return {(self.x + x, self.y + y) for x in range(self.columns) for y in range(self.rows)}

    @property
    def removal(self) -> bytes:
        """Takes it off the terminal and out of its memory, complete or cut short; the cells are to be drawn again."""
        return CUT_SHORT + (FORGET_PICTURES if self._is_kitty() else b"") + _ERASE

    def hides(self, other: "Picture") -> bool:
        """Whether drawing this one over the other leaves nothing of it."""
        place, old = (self.x, self.y, self.columns, self.rows), (other.x, other.y, other.columns, other.rows)
        return place == old and self._is_kitty() == other._is_kitty()

    def _is_kitty(self) -> bool:
        return self.data.startswith(b"\x1b_")

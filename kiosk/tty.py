"""The terminal without Textual: quiet it, give it back, wipe what a dead session left on it.

Standard library only: the supervisor works with this while nothing else can be trusted to be alive.
"""

import os
import termios
from contextlib import suppress
from typing import Any, Final

Attributes = list[Any]
"""What `termios.tcgetattr` gives."""

PICTURE_ID: Final = 0x444D50
"""Of the one picture a session may leave with a kitty terminal."""
CUT_SHORT: Final = b"\x18\x1b\\"
"""CAN, ST: ends whatever sequence was left half sent, a picture's string too."""
FORGET_PICTURES: Final = (
    b"\x1b_Gm=0,q=2;\x1b\\"  # ends an upload cut between two of its pieces
    b"\x1b_Ga=d,d=I,i=%d,q=2\x1b\\"
    b"\x1b_Ga=d,d=A,q=2\x1b\\"
) % PICTURE_ID
"""The session's picture, then every other on the screen that is shown, deleted and freed (kitty graphics protocol).

The protocol deletes on one screen at a time. A terminal that knows no such string may show it as text: an erasure
of the screen follows wherever it is sent without knowing.
"""

_WIPE: Final = (
    CUT_SHORT  # the session may have died in the middle of a sequence
    + FORGET_PICTURES
    + b"\x1b[m\x1b[H\x1b[2J"  # sixels go with the cells they stand on
    b"\x1b[?1049l"  # leave the alternate screen
    b"\x1bc"  # RIS: modes, colours, screen
     + FORGET_PICTURES + b"\x1b[?2004l\x1b[?7h\x1b[m"  # for terminals whose RIS forgets some
    b"\x1b[H\x1b[2J\x1b[3J"  # the screen again, and the lines scrolled off it
)


def quiet(descriptor: int) -> Attributes | None:
    """Raw enough for a kiosk: no echo, no line, no signals, no flow control; type-ahead is thrown away.

    Returns the attributes to restore, `None` when the descriptor is no terminal.
    """
    try:
        before: Attributes = termios.tcgetattr(descriptor)
        after: Attributes = termios.tcgetattr(descriptor)
        after[0] &= ~(
            termios.IXON | termios.IXOFF | termios.ICRNL | termios.INLCR | termios.IGNCR | termios.ISTRIP
        )
        after[3] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN | termios.ISIG)
        after[6][termios.VMIN], after[6][termios.VTIME] = 1, 0
        termios.tcsetattr(descriptor, termios.TCSANOW, after)
        termios.tcflush(descriptor, termios.TCIFLUSH)
    except termios.error:
        return None
    return before


def restore(descriptor: int, before: Attributes | None) -> None:
    """Give the terminal back as it was found, without what was typed meanwhile."""
    if before is not None:
        with suppress(termios.error):  # a terminal that is gone is left so
            termios.tcflush(descriptor, termios.TCIFLUSH)
            termios.tcsetattr(descriptor, termios.TCSANOW, before)


class Terminal:
    """The supervisor's hold on the terminal the sessions run on."""

    def __init__(self, keyboard: int = 0, screen: int = 1) -> None:
        self._keyboard = keyboard
        self._screen = screen
        self._attributes: Attributes | None = None
        with suppress(termios.error):
            self._attributes = termios.tcgetattr(keyboard)

    def wipe(self) -> bool:
        """Leave nothing of the last session: its cells and pictures, its pending output, its modes, its type-ahead.

        `False` when the terminal is gone.
        """
        try:
            if self._attributes is not None:
                termios.tcflush(self._keyboard, termios.TCIOFLUSH)
                termios.tcsetattr(self._keyboard, termios.TCSANOW, self._attributes)
                os.write(self._screen, _WIPE)
        except (OSError, termios.error):
            return False
        return True

    def say(self, line: str) -> None:
        """One plain line, for when no session can show anything."""
        with suppress(OSError):
            os.write(self._screen, f"{line}\r\n".encode())

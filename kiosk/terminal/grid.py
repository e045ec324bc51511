"""What Textual draws, as cells.

Textual writes far more than changes: it paints a new screen about four times. Its bytes are drawn here into
a grid instead, and only the difference with the terminal is sent (`kiosk.terminal.paint`).

The grid understands four things, all that Textual's compositor sends: text, CUP, SGR, and new lines. The
rest (titles, clipboard, links, queries, modes, mouse, C1) ends here: what is not understood cannot reach the
terminal, whatever a widget was made to print.
"""

import re
import unicodedata
from functools import lru_cache
from typing import Final, NamedTuple

from rich.cells import get_character_cell_size

from kiosk.text import REPLACEMENT


class Pen(NamedTuple):
    """How a cell looks, in SGR parameters: `Pen('31', '48;5;17', ('1',))` is bold red on dark blue."""

    foreground: str = ""
    background: str = ""
    attributes: tuple[str, ...] = ()


class Cell(NamedTuple):
    """One column of one row. The right half of a wide character has an empty `text`."""

    text: str
    pen: Pen


PLAIN: Final = Pen()
INKED_BLANKS: Final = frozenset("4789")
"""Attributes a blank shows: underline, reverse, concealed, struck."""
_BLANK: Final = Cell(" ", PLAIN)
_MARKS_PER_CELL: Final = 4
"""More combining marks than that on one letter is an attack on the eye, not a language."""
_FRAMED: Final = "51"
"""SGR « framed »: no terminal draws it and no other widget asks for it. Here it keeps a cell for a picture."""

_TOKEN = re.compile(
    r"(?P<text>[^\x00-\x1f\x7f-\x9f]+)"
    r"|\x1b\[(?P<parameters>[0-9;]*)(?P<final>[mH])"
    r"|(?P<line>[\r\n])"
    r"|\x1b\[[0-?]*[ -/]*[@-~]"  # any other CSI
    r"|\x1b[\]P_^X].*?(?:\x07|\x1b\\|\x9c|\Z)"  # OSC, DCS, APC, PM, SOS with their text
    r"|\x1b[ -/]*[0-~]?"
    r"|[\x00-\x1f\x7f-\x9f]",
    re.DOTALL,
)
_OFF: Final = {
    "21": ("1",),
    "22": ("1", "2"),
    "23": ("3",),
    "24": ("4",),
    "25": ("5", "6"),
    "27": ("7",),
    "28": ("8",),
    "29": ("9",),
}


@lru_cache(4096)
def _inked(pen: Pen, parameters: str) -> Pen:
    """`pen` after one SGR sequence (ECMA-48 8.3.117; 38 and 48 as in ISO 8613-6)."""
    foreground, background, attributes = pen.foreground, pen.background, set(pen.attributes)
    codes = iter((parameters or "0").split(";"))
    for code in codes:
        number = int(code or "0")
        if number == 0:
            foreground, background, attributes = "", "", set()
        elif 1 <= number <= 9:
            attributes.add(str(number))
        elif code == _FRAMED:
            attributes.add(code)
        elif code in _OFF:
            attributes.difference_update(_OFF[code])
        elif number in (38, 48):
            kind = next(codes, "")
            colour = ";".join(
                [str(number), kind, *(next(codes, "0") for _ in range(3 if kind == "2" else 1))]
            )
            foreground, background = (colour, background) if number == 38 else (foreground, colour)
        elif 30 <= number <= 37 or 90 <= number <= 97:
            foreground = str(number)
        elif 40 <= number <= 47 or 100 <= number <= 107:
            background = str(number)
        elif number == 39:
            foreground = ""
        elif number == 49:
            background = ""
    return Pen(foreground, background, tuple(sorted(attributes)))


class Grid:
    """`rows` × `columns` cells, a cursor, and which rows were touched since somebody last looked.

    `kept` are the cells (column, row) kept for a picture. Something else drawn on one of them, for however short a
    while, makes `torn` true.
    """

    def __init__(self, columns: int, rows: int) -> None:
        self.resize(columns, rows)

    def resize(self, columns: int, rows: int) -> None:
        """An empty grid of the new size: Textual draws everything again after a resize."""
        self.columns, self.rows = columns, rows
        self.cells: list[list[Cell]] = [[_BLANK] * columns for _ in range(rows)]
        self.x = self.y = 0
        self.touched = set(range(rows))
        self.kept: set[tuple[int, int]] = set()
        self.torn = True
        self._pen = PLAIN

    def draw(self, data: str) -> None:
        """Take one write of Textual's. A sequence never spans two of its writes."""
        for token in _TOKEN.finditer(data):
            kind = token.lastgroup
            if kind == "text":
                self._put(token["text"])
            elif kind == "line":
                self.x = 0
                self.y += token["line"] == "\n"
            elif kind == "final" and token["final"] == "m":
                self._pen = _inked(self._pen, token["parameters"])
            elif kind == "final":
                row, _, column = token["parameters"].partition(";")
                self.y = max(int(row or "1"), 1) - 1
                self.x = max(int(column.partition(";")[0] or "1"), 1) - 1

    def _put(self, text: str) -> None:
        if not 0 <= self.y < self.rows:
            return
        self.touched.add(self.y)
        if _FRAMED in self._pen.attributes:
            self._keep(text)
            return
        row = self.cells[self.y]
        pen = self._pen
        blank = Cell(" ", pen if INKED_BLANKS.intersection(pen.attributes) else Pen("", pen.background))
        for character in text:
            width = 1 if character < "\u0300" else get_character_cell_size(character)
            if width == 0:
                self._combine(row, character)
                continue
            x = min(self.x, self.columns - width)  # without wrap, the last column takes all that comes
            if x < 0:
                continue
            self._free(row, x, width)
            if self.kept:
                self._tear(x, width)
            row[x] = blank if character == " " else Cell(_shown(character), pen)
            if width == 2:
                row[x + 1] = Cell("", pen)
            self.x = x + width

    def _keep(self, text: str) -> None:
        """Plain blanks, whatever was to be drawn there."""
        row = self.cells[self.y]
        for x in range(self.x, min(self.x + len(text), self.columns)):
            self._free(row, x, 1)
            row[x] = _BLANK
            self.kept.add((x, self.y))
        self.x += len(text)

    def _tear(self, x: int, width: int) -> None:
        under = {(x + right, self.y) for right in range(width)} & self.kept
        self.kept -= under
        self.torn |= bool(under)

    def _combine(self, row: list[Cell], mark: str) -> None:
        """Put a combining mark on the letter before it; anything else without a width is dropped."""
        at = self.x - 1
        if 0 < at < self.columns and row[at].text == "":
            at -= 1
        if 0 <= at < self.columns and unicodedata.combining(mark) and len(row[at].text) <= _MARKS_PER_CELL:
            self._tear(at, 1)
            row[at] = Cell(unicodedata.normalize("NFC", row[at].text + mark), row[at].pen)

    @staticmethod
    def _free(row: list[Cell], x: int, width: int) -> None:
        """Blank the other half of a wide character about to be cut in two."""
        if row[x].text == "" and x > 0:
            row[x - 1] = Cell(" ", row[x - 1].pen)
        after = x + width
        if after < len(row) and row[after].text == "":
            row[after] = Cell(" ", row[after].pen)


def _shown(character: str) -> str:
    """The character, when an eye can see it: not an invisible sign, nor half a surrogate pair."""
    return character if character.isprintable() or unicodedata.category(character) == "Zs" else REPLACEMENT

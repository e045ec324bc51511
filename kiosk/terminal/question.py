"""Whether the terminal draws pictures, by its own answers: `TERM` is often wrong, and says nothing of a multiplexer.

Two rounds, each closed by an answer that every terminal since the VT100 gives (DA1, then DA2), so that nothing is
waited for that will not come. The second round asks what a simple terminal might print, and is put only to one whose
first answer says that it reads such strings. What does not answer, answers late or answers nonsense draws half blocks.

    DA1, DA2          CSI c, CSI > c: VT510 reference; attribute 4 is sixel, the first parameter the class
    size of a cell    CSI 16 t, CSI 14 t: xterm's ctlseqs; else the size the terminal's line knows (TIOCGWINSZ)
    sixel limits      CSI ? 1 ; 1 ; 0 S (colours), CSI ? 2 ; 1 ; 0 S (pixels): xterm's ctlseqs
    kitty             APC G a=q: kitty graphics protocol
"""

import re
from dataclasses import dataclass
from typing import Final, Literal

Kind = Literal["sixel", "kitty"]

FIRST: Final = "\x1b[16t\x1b[14t\x1b[c"
PATIENCE: Final = 1.5
"""Seconds for both rounds: a terminal that far away is better served with half blocks."""
ARRIVED: Final = "\x1b[5n"
"""DSR: the terminal answers `HERE` once it has read everything before."""
HERE: Final = "\x1b[0n"

_SECOND_END: Final = "\x1b[>c"
_SIXEL: Final = "\x1b[?1;1;0S\x1b[?2;1;0S"
_KITTY: Final = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_READS_STRINGS: Final = 62
"""VT220 and later skip strings they do not know. The Linux console and its like say less, and print them."""
_MULTIPLEXERS: Final = (83, 84)
"""screen and tmux, by DA2. tmux takes sixels whether or not the terminal behind it does."""

_ANSWERS: Final = {
    "class": re.compile(r"\x1b\[\?(\d{1,3}(?:;\d{0,3}){0,30})c", re.ASCII),
    "model": re.compile(r"\x1b\[>(\d{1,5}(?:;\d{0,6}){0,2})c", re.ASCII),
    "cell": re.compile(r"\x1b\[6;(\d{1,5};\d{1,5})t", re.ASCII),
    "area": re.compile(r"\x1b\[4;(\d{1,5};\d{1,5})t", re.ASCII),
    "colours": re.compile(r"\x1b\[\?1;0;(\d{1,6})S", re.ASCII),
    "pixels": re.compile(r"\x1b\[\?2;0;(\d{1,6};\d{1,6})S", re.ASCII),
    "kitty": re.compile(r"\x1b_Gi=(31);OK\x1b\\", re.ASCII),
}
_LEAST_CELL: Final = (4, 6)
_MOST_CELL: Final = (64, 128)
_COLOURS: Final = 256
"""Of a sixel terminal that does not say; those of today hold at least as many."""


@dataclass(frozen=True)
class Means:
    """How this terminal draws a picture. Sizes are in pixels."""

    kind: Kind
    cell_width: int
    cell_height: int
    colours: int = _COLOURS
    most_width: int = 9999
    most_height: int = 9999


class Inquiry:
    """One series of questions and what was answered so far."""

    def __init__(self) -> None:
        self._heard: dict[str, tuple[int, ...]] = {}

    def hear(self, answer: str) -> str:
        """Its name, empty for what is no answer of these. The first one of a name counts."""
        for name, shape in _ANSWERS.items():
            if found := shape.fullmatch(answer):
                self._heard.setdefault(name, tuple(map(int, filter(None, found[1].split(";")))))
                return name
        return ""

    def second(self) -> str:
        """The questions of the second round, which `model` closes; empty when none is worth asking."""
        level, *attributes = self._heard.get("class", (0,))
        questions = (_SIXEL if 4 in attributes else "") + (_KITTY if level >= _READS_STRINGS else "")
        return questions and questions + _SECOND_END

    def means(self, size: tuple[int, int], pixels: tuple[int, int]) -> Means | None:
        """`size` is the screen's in cells, `pixels` what the line knows of it; zeros when it knows nothing."""
        cell = self._cell(size, pixels)
        model = self._heard.get("model")
        if cell is None or model is None or model[0] in _MULTIPLEXERS:
            return None
        if "kitty" in self._heard:
            return Means("kitty", *cell)
        if 4 not in self._heard.get("class", ())[1:]:
            return None
        colours = self._heard.get("colours", (_COLOURS,))[0]
        most = self._heard.get("pixels", (0, 0))
        return Means("sixel", *cell, colours, most[0] or Means.most_width, most[1] or Means.most_height)

    def _cell(self, size: tuple[int, int], pixels: tuple[int, int]) -> tuple[int, int] | None:
        """Width and height of a cell, when they can be believed."""
        columns, rows = size
        found = pixels[0] // columns, pixels[1] // rows
        if "area" in self._heard:
            height, width = self._heard["area"]
            found = width // columns, height // rows
        if "cell" in self._heard:
            height, width = self._heard["cell"]
            found = width, height
        sane = all(
            least <= length <= most
            for least, length, most in zip(_LEAST_CELL, found, _MOST_CELL, strict=True)
        )
        return found if sane else None

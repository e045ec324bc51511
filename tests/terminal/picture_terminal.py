"""A terminal that draws pictures, written from the protocols alone and forgiving nothing.

Where they leave a choice, it keeps: an erasure does not free a kitty image nor that of a line a sixel, a delete reaches
one screen only, a sixel string cut short leaves what it had drawn, and a kitty upload cut short takes no other command
than its end.
"""

import base64
import codecs
import fcntl
import re
import struct
import subprocess
import termios
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from io import BytesIO
from typing import Any

import pyte
from PIL import Image
from pseudo_terminal import Seat

Position = tuple[int, int]

CELL = (10, 20)
ALTERNATE = 1049 << 5
"""As pyte keeps private modes."""
XTERM = {
    "\x1b[c": "\x1b[?63;1;2;4;6;9;15;16;22;28c",
    "\x1b[>c": "\x1b[>19;379;0c",
    "\x1b[?1;1;0S": "\x1b[?1;0;1024S",
    "\x1b[?2;1;0S": "\x1b[?2;0;1000;1000S",
    "\x1b[5n": "\x1b[0n",
}
"""Recorded from xterm 379 as a VT340, but for its size in pixels: it refuses to say a cell's."""
MLTERM = {
    "\x1b[c": "\x1b[?63;1;2;3;4;6;7;15;18;22;29c",
    "\x1b[>c": "\x1b[>24;279;0c",
    "\x1b[16t": "\x1b[6;20;10t",
    "\x1b[14t": "\x1b[4;480;800t",
    "\x1b[?1;1;0S": "\x1b[?1;0;1024S",
    "\x1b[?2;1;0S": "\x1b[?1;3;0S",
    "\x1b[5n": "\x1b[0n",
}
"""Recorded from mlterm 3.9.0."""
KITTY = {
    "\x1b[c": "\x1b[?62;c",
    "\x1b[>c": "\x1b[>1;4000;26c",
    "\x1b[16t": "\x1b[6;20;10t",
    "\x1b[14t": "\x1b[4;480;800t",
    "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\": "\x1b_Gi=31;OK\x1b\\",
    "\x1b[5n": "\x1b[0n",
}
"""Recorded from kitty 0.26.5."""
TMUX = {
    "\x1b[c": "\x1b[?1;2;4c",
    "\x1b[>c": "\x1b[>84;0;0c",
    "\x1b[16t": "\x1b[6;20;10t",
    "\x1b[14t": "\x1b[4;480;800t",
    "\x1b[5n": "\x1b[0n",
}
"""Recorded from tmux 3.3a, with the 4 a later one says of itself whatever stands behind it."""


@dataclass(eq=False)
class Drawn:
    """A picture the terminal holds."""

    kind: str
    data: bytes = field(repr=False)
    """The whole sequence, or all that came of it."""
    alternate: bool
    identifier: int = 0
    cells: set[Position] = field(default_factory=set, repr=False)
    """Those that still show it."""

    @property
    def image(self) -> Image.Image:
        """Decoded by somebody else: libsixel or Pillow."""
        if self.kind == "sixel":
            png = subprocess.run(["sixel2png"], input=self.data, capture_output=True, check=True).stdout
        else:
            png = base64.b64decode(b"".join(re.findall(rb";([^\x1b]*)\x1b", self.data)))
        return Image.open(BytesIO(png)).convert("RGB")


class _Cells(pyte.Screen):
    """Tells which cells are written, or erased with the screen."""

    overwritten: Callable[[set[Position]], None] = lambda self, cells: None

    def draw(self, data: str) -> None:
        for character in data:
            at = min(self.cursor.x, self.columns - 1), self.cursor.y
            super().draw(character)
            self.overwritten({at})

    def erase_in_display(self, how: int = 0, *args: Any, **kwargs: Any) -> None:
        super().erase_in_display(how, *args, **kwargs)
        if how == 2:
            self.overwritten({(x, y) for x in range(self.columns) for y in range(self.lines)})


class _Glass:
    """Takes strings out of the stream, and gives the rest to pyte."""

    def __init__(
        self, screen: _Cells, answers: Mapping[str, str], answer: Callable[[str], None], cell: Position
    ) -> None:
        self.screen, self.answers, self.answer, self.cell = screen, answers, answer, cell
        self.pictures: list[Drawn] = []
        self.ever = 0
        """Pictures drawn since the beginning."""
        self.cut = False
        """Whether one was ever cut short."""
        self.questions: list[str] = []
        self._stream = pyte.Stream(screen)
        self._held = ""
        self._upload = b""
        self._upload_keys: dict[str, str] = {}
        screen.overwritten = self._overwritten

    @property
    def alternate(self) -> bool:
        return ALTERNATE in self.screen.mode

    @property
    def uploading(self) -> bool:
        return bool(self._upload)

    def feed(self, text: str) -> None:
        text, self._held = self._held + text, ""
        while text:
            begin = re.search("\x1b(?=[P_])|\x1b\\Z|\x1b\\[[0-9;?>]*\\Z", text)
            if begin is None:
                self._plain(text)
                return
            self._plain(text[: begin.start()])
            text = text[begin.start() :]
            end = re.search("\x1b\\\\|\x18", text)
            if end is None or len(text) < 2 or text[1] not in "P_":
                self._held = text
                return
            self._string(text[: end.end()], whole=end[0] != "\x18")
            text = text[end.end() :]

    def _plain(self, text: str) -> None:
        for piece in re.split(
            "(\x1b\\[\\??[0-9;]*[ctnS]|\x1b\\[>c)", text.replace("\x1b\\", "").replace("\x18", "")
        ):
            if re.match("\x1b\\[.*[ctnS]\\Z", piece):
                self._question(piece)
            elif piece:
                self._stream.feed(piece)

    def _question(self, question: str) -> None:
        self.questions.append(question)
        if question in self.answers:
            self.answer(self.answers[question])

    def _string(self, text: str, *, whole: bool) -> None:
        self.cut |= not whole
        if text.startswith("\x1b_G"):
            if whole:
                self._kitty(text)
        elif "q" in text:
            size = re.search(r'"1;1;(\d+);(\d+)', text)
            if size:
                self._draw("sixel", text.encode(), (int(size[1]), int(size[2])))

    def _kitty(self, text: str) -> None:
        control, _, _ = text[3:-2].partition(";")
        keys = dict(pair.split("=") for pair in control.split(","))
        if keys.get("a") == "q":
            self._question(text)
        elif self._upload or keys.get("a") == "T":
            if self._upload and keys.get("a", "t") != "t":
                return
            self._upload_keys = self._upload_keys or keys
            self._upload += text.encode()
            if keys.get("m") != "1":
                first, data = self._upload_keys, self._upload
                self._upload, self._upload_keys = b"", {}
                self.pictures = [
                    p for p in self.pictures if p.identifier != int(first["i"]) or p.kind == "sixel"
                ]
                width, height = int(first["c"]) * self.cell[0], int(first["r"]) * self.cell[1]
                self._draw("kitty", data, (width, height), int(first["i"]))
        elif keys.get("a") == "d":
            here = [p for p in self.pictures if p.kind == "kitty" and p.alternate == self.alternate]
            gone = (
                here
                if keys.get("d") == "A"
                else [p for p in here if keys.get("d") == "I" and str(p.identifier) == keys["i"]]
            )
            self.pictures = [p for p in self.pictures if p not in gone]

    def _draw(self, kind: str, data: bytes, size: Position, identifier: int = 0) -> None:
        x, y = self.screen.cursor.x, self.screen.cursor.y
        across, down = -(-size[0] // self.cell[0]), -(-size[1] // self.cell[1])
        cells = {(x + column, y + row) for column in range(across) for row in range(down)}
        if kind == "sixel":
            self._overwritten(cells)
        self.ever += 1
        self.pictures.append(Drawn(kind, data, self.alternate, identifier, cells))

    def _overwritten(self, cells: set[Position]) -> None:
        """Sixels are part of the cells they stand on."""
        for picture in self.pictures:
            if picture.kind == "sixel" and picture.alternate == self.alternate:
                picture.cells -= cells
        self.pictures = [picture for picture in self.pictures if picture.cells]


class Watcher:
    """Such a terminal on its own, given a stream that was sent to another."""

    def __init__(self, size: Position, cell: Position) -> None:
        self._screen = _Cells(*size)
        self._glass = _Glass(self._screen, {}, lambda answer: None, cell)
        self._decode = codecs.getincrementaldecoder("utf-8")("replace").decode

    def feed(self, data: bytes) -> None:
        self._glass.feed(self._decode(data))

    @property
    def pictures(self) -> list[Drawn]:
        return self._glass.pictures

    def text(self) -> str:
        return "\n".join(self._screen.display)


class PictureSeat(Seat):
    """A seat in front of such a terminal. `answers`: what it says, by question; `{}` for one that never answers.

    `late` keeps the answers until `speak`.
    """

    def __init__(
        self,
        argv: Sequence[str],
        answers: Mapping[str, str],
        *,
        size: Position = (80, 24),
        cell: Position = CELL,
        knows_pixels: bool = True,
        late: bool = False,
        env: dict[str, str] | None = None,
        term: str = "xterm-256color",
    ) -> None:
        super().__init__(argv, size=size, env=env, term=term)
        self.cell, self._knows_pixels = cell, knows_pixels
        self.unsaid: list[str] = []
        self.screen = _Cells(*size)
        self.glass = _Glass(self.screen, answers, self.unsaid.append if late else self.press, cell)
        self._stream = self.glass  # type: ignore[assignment]
        self._tell_size(*size)

    @property
    def pictures(self) -> list[Drawn]:
        """All it holds, on both of its screens, and where a screen made smaller does not show it."""
        return self.glass.pictures

    def speak(self) -> None:
        """Give the answers kept so far."""
        self.press("".join(self.unsaid))
        self.unsaid.clear()

    def watcher(self, stream: bytes) -> Watcher:
        """Another terminal like this one that was sent `stream`."""
        watcher = Watcher((self.screen.columns, self.screen.lines), self.cell)
        watcher.feed(stream)
        return watcher

    def resize(self, columns: int, rows: int) -> None:
        self._tell_size(columns, rows)
        self.screen.resize(rows, columns)

    def _tell_size(self, columns: int, rows: int) -> None:
        pixels = (columns * self.cell[0] + 4, rows * self.cell[1] + 4) if self._knows_pixels else (0, 0)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, *pixels))

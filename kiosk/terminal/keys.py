"""Bytes from the keyboard, made into text that cannot stop the kiosk nor type by itself.

Two faults of the stock reader are mended here. It decodes strict UTF-8: one `é` from a Latin-1 terminal ends
the program. And it takes what it does not know for typed keys: a terminal that answers a question (device
attributes, window title, colours, clipboard) types the answer into the focused field.
"""

import codecs
import re
from collections.abc import Callable
from typing import Final

_HELD: Final = 4096
"""Characters of an unfinished sequence kept at most; then it was no sequence."""


def _stray(error: UnicodeError) -> tuple[str, int]:
    """Decode as CP1252 what is not UTF-8: what a terminal that is not UTF-8 sends in France."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error("kiosk.stray", _stray)

_ANSWER = re.compile(
    r"\x1b\[(?:[<=>?][0-?]*[ -/]*[@-~]"  # private parameters: device attributes, modes, SGR mouse
    r"|[0-9;:]+[ntxy]|[0-9;]+\$y"  # status, window, DECREQTPARM, ANSI modes
    r"|[IO]"  # focus
    r"|M[\s\S]{3})"  # X10 mouse
    r"|\x1b[\]P_^X][\s\S]*?(?:\x07|\x1b\\|\x9c)"  # OSC, DCS, APC, PM, SOS
)
_UNFINISHED = re.compile(r"\x1b(?:\[(?:[0-?]*[ -/]*|M[\s\S]{0,2})|[\]P_^X][\s\S]*)?\Z")
_KEY = re.compile(r"\x1b[\[\]P_^X]?|\x1b\[\d+\$")
"""Unfinished, yet a key when nothing follows: Escape, Alt with a letter, a shifted key of rxvt."""
_ROUNDS: Final = 20
"""Silences an unfinished answer is held through while one is awaited; a lone Escape a quarter of them."""
_C1 = str.maketrans(
    {0x90: "\x1bP", 0x98: "\x1bX", 0x9B: "\x1b[", 0x9D: "\x1b]", 0x9E: "\x1b^", 0x9F: "\x1b_"}
)


class Keyboard:
    """Turns reads into text for Textual's key parser.

    `feed` gives what is complete; `settle` is called when nothing more came for a while, and gives the rest:
    a lone Escape, the first byte of a letter that had no second. `heard` is told every answer of the terminal's;
    none of them is typed.
    """

    def __init__(self, heard: Callable[[str], object] = lambda answer: None) -> None:
        self._decoder = codecs.getincrementaldecoder("utf-8")("kiosk.stray")
        self._held = ""
        self._silences = 0
        self._heard = heard

    @property
    def waiting(self) -> bool:
        """Whether something is held that only the next bytes, or their absence, can explain."""
        return bool(self._held) or bool(self._decoder.getstate()[0])

    def feed(self, data: bytes) -> str:
        self._silences = 0
        return self._release(self._decoder.decode(data), final=False)

    def settle(self, *, expecting: bool = False) -> str:
        """`expecting`: the terminal was asked something, and a slow line may bring the answer in two."""
        self._silences += 1
        patience = 0 if not expecting else _ROUNDS // 4 if self._held == "\x1b" else _ROUNDS
        return self._release(self._decoder.decode(b"", final=True), final=self._silences > patience)

    def _take(self, answer: re.Match[str]) -> str:
        self._heard(answer[0])
        return ""

    def _release(self, text: str, *, final: bool) -> str:
        text = _ANSWER.sub(self._take, self._held + text.translate(_C1))
        self._held = ""
        unfinished = _UNFINISHED.search(text)
        if unfinished is None or (final and _KEY.fullmatch(unfinished[0])):
            return text
        if not final and len(unfinished[0]) <= _HELD:
            self._held = unfinished[0]
        return text[: unfinished.start()]

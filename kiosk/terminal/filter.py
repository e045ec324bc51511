"""The last line of defence between a widget and the terminal.

Textual prints control characters found in data straight to the terminal: clipboard (OSC 52), title, a status
request whose answer is typed back, a bidirectional override that turns a name round. Data is cleaned where
it is parsed (`kiosk.text`); this filter stands behind every widget, for what was forgotten.
"""

import re
import unicodedata

from rich.segment import Segment
from textual.color import Color
from textual.filter import LineFilter

from kiosk.text import REPLACEMENT

_UNSEEN = re.compile("[\u034f\ufe00-\ufe0f\U000e0100-\U000e01ef]")
"""Printable for Unicode, invisible for people: joiner and variation selectors."""


class NoControl(LineFilter):
    """Shows U+FFFD where a line holds something that is not a visible character."""

    def apply(self, segments: list[Segment], background: Color) -> list[Segment]:
        if all(control is None and text.isascii() and text.isprintable() for text, _, control in segments):
            return segments
        length = Segment.get_line_length(segments)
        shown = [Segment(_visible(text), style) for text, style, control in segments if control is None]
        # A control character has no width and its replacement has one: the line keeps its length.
        return Segment.adjust_line_length(shown, length)


def _visible(text: str) -> str:
    if text.isprintable() and not _UNSEEN.search(text):
        return text
    return "".join(character if _is_visible(character) else REPLACEMENT for character in text)


def _is_visible(character: str) -> bool:
    if _UNSEEN.match(character):
        return False
    return character.isprintable() or unicodedata.category(character) == "Zs"

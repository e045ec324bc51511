"""Text inside one block of a narrative: styled runs, with white space as HTML folds it."""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from kiosk.rendering.page import Span, Style
from kiosk.rendering.xml import name
from kiosk.text import clean_lines

_EMPHASIS: Final = ("Bold", "Underline", "Emphasis")
"""Marks of a style code; « BoldItalics » holds one of them."""
_OWN_LINES: Final = ("paragraph", "item", "caption", "tr")
"""Elements that end a line even where only text is expected, such as a table inside a cell."""
_NEW_LINE: Final = "\r"
"""Becomes a line feed, unless a line begins there anyway."""


def inline(element: etree._Element, style: Style) -> Iterator[Span]:
    """Runs of text; a line feed for `br`, words for what typography alone would say."""
    what = name(element)
    if what == "br":
        yield Span("\n")
        return
    before, after = "", ""
    if element.get("revised") == "delete":
        before, after = "[supprimé : ", "]"
    elif what == "sup":
        before = "^"
    if style is Style.PLAIN and any(mark in (element.get("styleCode") or "") for mark in _EMPHASIS):
        style = Style.STRONG
    yield from spans_of(before, style)
    yield from spans_of(element.text, style)
    for part in element:
        if name(part) in _OWN_LINES:
            yield Span(_NEW_LINE)
        yield from inline(part, style)
        if name(part) in _OWN_LINES:
            yield Span(_NEW_LINE)
        elif name(part) in ("td", "th"):
            yield Span(" · ", style)
        yield from spans_of(part.tail, style)
    yield from spans_of(after, style)


def spans_of(text: str | None, style: Style) -> list[Span]:
    """White space folded as HTML does, but kept at both ends: words of two elements must not touch."""
    if not text:
        return []
    folded = cleaned(" ".join(text.split()))
    if not folded:
        return [Span(" ", style)]
    return [Span(" " * text[0].isspace() + folded + " " * text[-1].isspace(), style)]


def cleaned(text: str) -> str:
    return clean_lines(text, limit=len(text) + 1)


def trimmed(spans: list[Span]) -> tuple[Span, ...]:
    """Without space at either end of a line, or twice in a row."""
    kept: list[Span] = []
    for span in spans:
        before = kept[-1].text if kept else "\n"
        text = span.text
        if text == _NEW_LINE:
            text = "" if before == "\n" else "\n"
        elif before.endswith((" ", "\n")):
            text = text.lstrip(" ")
        if text == "\n" and before.endswith(" "):
            kept[-1] = Span(before.rstrip(" "), kept[-1].style)
        if text:
            kept.append(Span(text, span.style))
    while kept and not kept[-1].text.strip():
        kept.pop()
    while kept and not kept[0].text.strip():
        kept.pop(0)
    if kept:
        kept[-1] = Span(kept[-1].text.rstrip(), kept[-1].style)
    return tuple(span for span in kept if span.text)

"""From blocks to lines of a given width. A line is a tuple of spans; a screen only prints them.

Widths are in terminal cells: a wide character takes two, a combining one none.
"""

import unicodedata
from collections.abc import Iterable, Iterator

from kiosk.rendering.page import (
    Block,
    Field,
    Heading,
    Illustration,
    Paragraph,
    Preformatted,
    Rendered,
    Span,
    Style,
    Table,
)
from kiosk.rendering.table import table_lines
from kiosk.rendering.width import cells, wrapped

Line = tuple[Span, ...]

NARROWEST = 20
"""Below this many cells nothing readable can be set: lines are as wide as this."""

PATIENT_BANNER = "DOCUMENT DU PATIENT : il n'a pas été écrit par un professionnel de santé"


def lines(rendered: Rendered, width: int) -> list[Line]:
    """Title, warnings and body. The header has its own lines, since screens fold it."""
    width = max(width, NARROWEST)
    laid: list[Line] = []
    if rendered.by_patient:
        laid += _sentences(PATIENT_BANNER, width, Style.ABNORMAL)
    for warning in rendered.warnings:
        laid += _sentences(f"Attention : {warning}", width, Style.STRONG)
    if laid:
        laid.append(())
    laid += _spaced(rendered.blocks, width)
    while laid and not laid[-1]:
        laid.pop()
    return laid


def header_lines(header: Iterable[Field], width: int) -> list[Line]:
    """One field a line, the values under one another."""
    fields = list(header)
    width = max(width, NARROWEST)
    margin = min(max((cells(field.label) for field in fields), default=0) + 3, width // 2)
    laid: list[Line] = []
    for field in fields:
        label = f"{field.label} : "
        for number, text in enumerate(wrapped(field.value, width - margin) or [""]):
            left = label if number == 0 else ""
            if cells(left) > margin:
                laid += _sentences(left, width, Style.MUTED)
                left = ""
            laid.append((Span(left + " " * (margin - cells(left)), Style.MUTED), Span(text, field.style)))
    return laid


def text_of(line: Line) -> str:
    return "".join(span.text for span in line)


def find(laid: list[Line], words: str) -> list[tuple[int, int, int]]:
    """Every place of `words`, accents and capitals aside: (line, first character, last + 1)."""
    sought, _ = _folded(words.strip())
    if not sought:
        return []
    found = []
    for number, line in enumerate(laid):
        text, places = _folded(text_of(line))
        start = text.find(sought)
        while start >= 0:
            end = start + len(sought)
            found.append((number, places[start], places[end - 1] + 1))
            start = text.find(sought, end)
    return found


def _folded(text: str) -> tuple[str, list[int]]:
    """Without accents or capitals, and where each character came from."""
    characters, places = [], []
    for place, character in enumerate(text):
        for part in unicodedata.normalize("NFKD", character).casefold():
            if not unicodedata.combining(part):
                characters.append(part)
                places.append(place)
    return "".join(characters), places


def _spaced(blocks: Iterable[Block], width: int) -> Iterator[Line]:
    """Blocks one after the other, with an empty line where the kind of block changes."""
    before: Block | None = None
    for block in blocks:
        tight = isinstance(block, Paragraph) and isinstance(before, Paragraph) and bool(block.bullet)
        if before is not None and not tight and not (isinstance(before, Heading) and before.level > 1):
            yield ()
        yield from _block(block, width)
        before = block


def _block(block: Block, width: int) -> Iterable[Line]:
    match block:
        case Heading():
            return _heading(block, width)
        case Paragraph():
            return _paragraph(block, width)
        case Table():
            return table_lines(block, width)
        case Preformatted():
            return _sentences(block.text, width, Style.PLAIN)
        case Illustration():
            return _sentences(f"[ {block.label} ]", width, Style.MUTED)


def _heading(heading: Heading, width: int) -> list[Line]:
    laid = _sentences(heading.text, width, Style.STRONG)
    if heading.level == 1:
        longest = max((cells(text_of(line)) for line in laid), default=0)
        laid.append((Span("─" * longest, Style.MUTED),))
    return laid


def _sentences(text: str, width: int, style: Style) -> list[Line]:
    return [(Span(part, style),) for part in wrapped(text, width)]


def _paragraph(paragraph: Paragraph, width: int) -> Iterator[Line]:
    """Wrapped as one text, its styles kept character by character."""
    lead = f"{paragraph.bullet} " if paragraph.bullet else ""
    indent = max(min(paragraph.indent, width // 2 - cells(lead)), 0)
    hanging = indent + cells(lead)
    text = "".join(span.text for span in paragraph.spans)
    styles = [span.style for span in paragraph.spans for _ in span.text]
    place = 0
    margin = " " * indent + lead
    for part in wrapped(text, width - hanging):
        place = text.index(part, place)
        end = place + len(part)
        yield (*((Span(margin),) if margin else ()), *_runs(part, styles[place:end]))
        place = end
        margin = " " * hanging


def _runs(text: str, styles: list[Style]) -> Iterator[Span]:
    start = 0
    for place in range(1, len(text) + 1):
        if place == len(text) or styles[place] != styles[start]:
            yield Span(text[start:place], styles[start])
            start = place

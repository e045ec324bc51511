"""Tables as aligned columns, or as one record after another when the columns do not fit."""

from collections.abc import Iterator

from kiosk.rendering.page import Align, Cell, Span, Style, Table
from kiosk.rendering.width import cells, padded, wrapped

_GAP = "  "
_LEAST = 6
"""Cells under which a column is no longer readable."""


def table_lines(table: Table, width: int) -> Iterator[tuple[Span, ...]]:
    """Lines of at most `width` cells."""
    for text in wrapped(table.caption, width):
        yield (Span(text, Style.STRONG),)
    widths = _widths(table, width)
    if widths is None:
        yield from _records(table, width)
        return
    titles = tuple(Cell(column.title, Style.MUTED) for column in table.columns)
    if any(title.text for title in titles):
        yield from _row(table, titles, widths)
        yield (Span(_GAP.join("─" * each for each in widths), Style.MUTED),)
    for row in table.rows:
        yield from _row(table, row, widths)


def _widths(table: Table, width: int) -> list[int] | None:
    """A width for each column, or None when they cannot all be readable."""
    texts = [
        [column.title, *(row[place].text for row in table.rows)] for place, column in enumerate(table.columns)
    ]
    natural = [max(max(cells(line) for line in text.split("\n")) for text in column) for column in texts]
    room = width - len(_GAP) * (len(natural) - 1)
    if sum(natural) <= room:
        return natural
    words = [max((cells(word) for text in column for word in text.split()), default=0) for column in texts]
    least = [min(max(word, _LEAST), each, 16) for word, each in zip(words, natural, strict=True)]
    if sum(least) > room:
        return None
    widths = least
    spare = room - sum(least)
    while spare > 0:
        hungry = [place for place, each in enumerate(widths) if each < natural[place]]
        share = max(spare // len(hungry), 1)
        for place in hungry:
            more = min(share, natural[place] - widths[place], spare)
            widths[place] += more
            spare -= more
    return widths


def _row(table: Table, row: tuple[Cell, ...], widths: list[int]) -> Iterator[tuple[Span, ...]]:
    parts = [wrapped(cell.text, each) for cell, each in zip(row, widths, strict=True)]
    for number in range(max((len(part) for part in parts), default=0) or 1):
        spans: list[Span] = []
        for place, part in enumerate(parts):
            right = table.columns[place].align is Align.RIGHT
            text = padded(part[number] if number < len(part) else "", widths[place], right=right)
            spans.append(Span(text + _GAP, row[place].style))
        while spans and not spans[-1].text.strip():
            spans.pop()
        if spans:
            spans[-1] = Span(spans[-1].text.rstrip(), spans[-1].style)
        yield tuple(spans)


def _records(table: Table, width: int) -> Iterator[tuple[Span, ...]]:
    """« Titre : valeur », a line or more for each cell that has something, a rule between rows."""
    for number, row in enumerate(table.rows):
        if number:
            yield (Span("─" * min(width, 20), Style.MUTED),)
        for column, cell in zip(table.columns, row, strict=True):
            if not cell.text.strip():
                continue
            label = f"{column.title} : " if column.title else ""
            for place, text in enumerate(wrapped(label + cell.text, width)):
                if place == 0 and text.startswith(label):
                    yield (Span(label, Style.MUTED), Span(text[len(label) :], cell.style))
                else:
                    yield (Span(text, cell.style),)

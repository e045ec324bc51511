"""A table of a narrative: titles, spanned cells, tables inside cells."""

from typing import Final

from lxml import etree

from kiosk.rendering.page import Cell, Column, Style, Table
from kiosk.rendering.runs import inline, trimmed
from kiosk.rendering.xml import name

_WIDEST: Final = 50
"""Columns; a wider span is taken for a mistake."""


def table_of(element: etree._Element) -> Table:
    """Header rows become the titles, joined; spanned cells keep their place."""
    caption = ""
    heads: list[etree._Element] = []
    rows: list[etree._Element] = []
    for part in element.iter():
        if name(part) == "caption" and not caption:
            caption = _cell(part).text.replace("\n", " ")
        if name(part) == "tr" and not _nested(part, element):
            within = part.getparent()
            titles = within is not None and name(within) == "thead"
            titles = titles or (not rows and len(part) > 0 and all(name(each) == "th" for each in part))
            (heads if titles else rows).append(part)
    grid = _grid(heads + rows)
    width = max((len(row) for row in grid), default=0)
    grid = [row + [Cell("")] * (width - len(row)) for row in grid]
    columns = [
        Column(
            " ".join(
                dict.fromkeys(
                    filter(None, (row[place].text.replace("\n", " ") for row in grid[: len(heads)]))
                )
            )
        )
        for place in range(width)
    ]
    return Table(tuple(columns), tuple(tuple(row) for row in grid[len(heads) :]), caption)


def _nested(row: etree._Element, table: etree._Element) -> bool:
    return next(row.iterancestors("{*}table"), table) is not table


def _grid(rows: list[etree._Element]) -> list[list[Cell]]:
    grid: list[list[Cell]] = []
    open_spans: dict[int, int] = {}
    for row in rows:
        placed: list[Cell] = []
        for each in row:
            if name(each) not in ("td", "th"):
                continue
            _fill(placed, open_spans)
            if len(placed) >= _WIDEST:
                break
            columns = min(_span(each, "colspan"), _WIDEST - len(placed))
            below = _span(each, "rowspan") - 1
            for number in range(columns):
                if below:
                    open_spans[len(placed)] = below
                placed.append(_cell(each) if number == 0 else Cell(""))
        _fill(placed, open_spans)
        grid.append(placed)
    return grid


def _fill(placed: list[Cell], open_spans: dict[int, int]) -> None:
    """Empty cells under those that reach down into this row."""
    while len(placed) in open_spans:
        place = len(placed)
        open_spans[place] -= 1
        if not open_spans[place]:
            del open_spans[place]
        placed.append(Cell(""))


def _span(cell: etree._Element, attribute: str) -> int:
    value = cell.get(attribute) or "1"
    return max(int(value), 1) if value.isdecimal() and len(value) < 4 else 1


def _cell(element: etree._Element) -> Cell:
    spans = trimmed(list(inline(element, Style.PLAIN)))
    strong = bool(spans) and all(span.style is Style.STRONG for span in spans if span.text.strip())
    return Cell("".join(span.text for span in spans), Style.STRONG if strong else Style.PLAIN)

"""How a result moved from one report to the next: series by code and unit, drawn in braille, told in a table.

Two units are two series, always: a curve that mixes mmol/L and g/L would be a lie.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from itertools import pairwise
from typing import Final

from kiosk.rendering.biology import french
from kiosk.rendering.hl7_time import readable, sortable
from kiosk.rendering.layout import Line
from kiosk.rendering.page import Align, Cell, Column, Result, Span, Style, Table
from kiosk.rendering.table import table_lines
from kiosk.rendering.width import cells, padded, wrapped

_DOTS: Final = ((0x01, 0x08), (0x02, 0x10), (0x04, 0x20), (0x40, 0x80))
"""Bit of each of the 4 × 2 dots of a braille cell, from the top left."""
_BRAILLE: Final = 0x2800
_ROWS: Final = 8
_MARGIN: Final = 10
"""Cells left of the drawing, for the figures of the axis."""
_LEAST: Final = 32
"""Cells: the margin, two dates and a space."""


@dataclass(frozen=True, repr=False)
class Series:
    """One examination in one unit, the oldest result first."""

    name: str
    """As the latest report calls it."""
    unit: str
    results: tuple[Result, ...]
    """Each with a `number` and a date."""


def series(results: Iterable[Result]) -> list[Series]:
    """Everything that has two figures or more at different moments, in the order of the reports.

    The same result told by two reports counts once. Limits (« < 5 ») are told in the table, not drawn.
    """
    gathered: dict[tuple[str, str, str], dict[tuple[str, str, str], Result]] = {}
    for result in results:
        if result.number is not None and _moment(result.date) is not None:
            several = gathered.setdefault((result.code_system, result.code, result.unit), {})
            several.setdefault((sortable(result.date), result.value, result.comparator), result)
    found = []
    for (_, _, unit), several in gathered.items():
        ordered = sorted(several.values(), key=lambda each: sortable(each.date))
        if len({sortable(each.date) for each in ordered}) > 1:
            found.append(Series(ordered[-1].name, unit, tuple(ordered)))
    return found


def curve_lines(one: Series, width: int, *, braille: bool = True) -> list[Line]:
    """Title, drawing with its scale, bounds and dates, then the table with the latest result first.

    Without `braille`, the points alone, in characters that every terminal's font has.
    """
    width = max(width, _LEAST)
    title = f"{one.name} ({one.unit})" if one.unit else one.name
    laid: list[Line] = [(Span(text, Style.STRONG),) for text in wrapped(title, width)]
    drawn = [each for each in one.results if not each.comparator]
    if len({sortable(each.date) for each in drawn}) > 1:
        laid += _drawing(drawn, width, braille=braille)
    laid.append(())
    return [*laid, *table_lines(_table(one), width)]


def _drawing(results: list[Result], width: int, *, braille: bool) -> list[Line]:
    across = width - _MARGIN
    numbers = [_figure(each) for each in results]
    latest = results[-1]
    bounds = [bound for bound in (latest.low, latest.high) if bound is not None]
    bottom, top = min(numbers + bounds), max(numbers + bounds)
    spread = (top - bottom) or max(abs(top), 1.0)
    bottom, top = bottom - spread * 0.05, top + spread * 0.05
    moments = [_moment(each.date) or datetime.min for each in results]
    whole = (moments[-1] - moments[0]).total_seconds() or 1.0

    def place_of(moment: datetime, number: float) -> tuple[int, int]:
        """In dots, from the top left."""
        right = (moment - moments[0]).total_seconds() / whole * (2 * across - 1)
        return round(right), round((top - number) / (top - bottom) * (4 * _ROWS - 1))

    places = [place_of(moment, number) for moment, number in zip(moments, numbers, strict=True)]
    dots = [[0] * across for _ in range(_ROWS)]
    if braille:
        for start, end in pairwise(places):
            _stroke(dots, start, end)
    marks = {(down // 4, right // 2) for right, down in places}
    limits = {place_of(moments[0], bound)[1] // 4: bound for bound in bounds}
    scale = {place_of(moments[0], number)[1] // 4: number for number in (max(numbers), min(numbers))} | limits
    mark, dash = ("●", "┄") if braille else ("o", "-")
    laid: list[Line] = []
    for row, line in enumerate(dots):
        empty = dash if row in limits else " "
        drawn = "".join(
            mark if (row, place) in marks else chr(_BRAILLE + bits) if bits else empty
            for place, bits in enumerate(line)
        )
        label = _short(scale[row]) if row in scale else ""
        axis = padded(label, _MARGIN - 2, right=True) + (" ┤" if label else " │")
        laid.append((Span(axis, Style.MUTED), Span(drawn.rstrip())))
    return [*laid, *_legend(results, across, dash)]


def _legend(results: list[Result], across: int, dash: str) -> list[Line]:
    """The first and the last date under their ends, and what the dashes are."""
    left, right = readable(results[0].date)[:10], readable(results[-1].date)[:10]
    space = " " * max(across - cells(left) - cells(right), 1)
    texts = [left + space + right]
    if results[-1].bounds:
        texts += wrapped(f"{dash} bornes du dernier compte rendu : {results[-1].bounds}", across)
    return [(Span(" " * _MARGIN + text, Style.MUTED),) for text in texts]


def _stroke(dots: list[list[int]], start: tuple[int, int], end: tuple[int, int]) -> None:
    """A straight line of dots."""
    steps = max(abs(end[0] - start[0]), abs(end[1] - start[1]), 1)
    for step in range(steps + 1):
        right = round(start[0] + (end[0] - start[0]) * step / steps)
        down = round(start[1] + (end[1] - start[1]) * step / steps)
        dots[down // 4][right // 2] |= _DOTS[down % 4][right % 2]


def _table(one: Series) -> Table:
    columns = (
        Column("Date"),
        Column("Résultat", Align.RIGHT),
        Column("Unité"),
        Column("Bornes"),
        Column("Interprétation"),
    )
    rows = []
    for each in reversed(one.results):
        style = Style.ABNORMAL if each.interpretation else Style.PLAIN
        rows.append(
            (
                Cell(readable(each.date)),
                Cell(f"{each.comparator} {french(each.value)}".strip(), style),
                Cell(each.unit),
                Cell(each.bounds),
                Cell(each.interpretation, style),
            )
        )
    return Table(columns, tuple(rows))


def _figure(result: Result) -> float:
    assert result.number is not None
    return result.number


def _short(number: float) -> str:
    return french(f"{number:.4g}")


def _moment(timestamp: str) -> datetime | None:
    """To the minute, in the producer's own time; None for what is no full date."""
    digits = sortable(timestamp)
    try:
        return datetime.strptime(digits[:8], "%Y%m%d").replace(
            hour=int(digits[8:10]), minute=int(digits[10:12])
        )
    except ValueError:
        return None

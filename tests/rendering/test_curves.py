"""Results over several reports: what makes a series, and how it is drawn."""

import cda_documents as cda
import pytest

from kiosk.rendering import reader
from kiosk.rendering.curves import curve_lines, series
from kiosk.rendering.layout import text_of
from kiosk.rendering.page import Result


def potassium(date: str, value: str, unit: str = "mmol/L", **more: str) -> tuple[Result, ...]:
    document = cda.biology(cda.result("2823-3", "Potassium", value, unit, date=date, **more))
    return reader.read(document).results


def drawn(results: list[Result], width: int = 60, **options: bool) -> list[str]:
    (one,) = series(results)
    return [text_of(line) for line in curve_lines(one, width, **options)]


def test_results_of_one_code_and_unit_make_a_series_oldest_first() -> None:
    found = series(
        [*potassium("20260310", "5.0"), *potassium("20260110", "4.2"), *potassium("20260210", "4.6")]
    )
    assert [(one.name, one.unit) for one in found] == [("Potassium", "mmol/L")]
    assert [each.value for each in found[0].results] == ["4.2", "4.6", "5.0"]


def test_two_units_are_never_mixed() -> None:
    results = [
        *potassium("20260110", "4.2"),
        *potassium("20260210", "4.6"),
        *potassium("20260310", "180", "mg/L"),
        *potassium("20260410", "190", "mg/L"),
    ]
    assert [(one.unit, len(one.results)) for one in series(results)] == [("mmol/L", 2), ("mg/L", 2)]


def test_a_single_figure_or_the_same_one_told_twice_is_no_series() -> None:
    assert series(potassium("20260110", "4.2")) == []
    assert series([*potassium("20260110", "4.2"), *potassium("20260110", "4.2")]) == []


def test_words_are_no_series() -> None:
    word = '<value xsi:type="ST">Positif</value>'
    results = [
        result
        for date in ("20260110", "20260210")
        for result in reader.read(
            cda.biology(cda.result("1", "A", "", date=date, value_element=word))
        ).results
    ]
    assert len(results) == 2
    assert series(results) == []


def test_the_drawing_bears_scale_bounds_and_dates_and_the_table_every_figure() -> None:
    lines = drawn(
        [*potassium("20260110", "4.2"), *potassium("20260910", "6.1", low="3.5", high="5.1", flag="H")]
    )
    assert lines[0] == "Potassium (mmol/L)"
    axis = [line[:8].strip() for line in lines if "┤" in line]
    assert axis == ["6,1", "5,1", "4,2", "3,5"]
    assert sum(line.count("●") for line in lines) == 2
    assert any(line.split() == ["10/01/2026", "10/09/2026"] for line in lines)
    assert any("bornes du dernier compte rendu : 3,5 à 5,1" in line for line in lines)
    rows = [" ".join(line.split()) for line in lines]
    assert rows[-2:] == ["10/09/2026 6,1 mmol/L 3,5 à 5,1 ÉLEVÉ", "10/01/2026 4,2 mmol/L"]


def test_a_rise_goes_up_and_right() -> None:
    lines = [
        line for line in drawn([*potassium("20260110", "1"), *potassium("20260910", "9")]) if "●" in line
    ]
    assert lines[0].index("●") > lines[-1].index("●")
    assert "9 ┤" in lines[0]


def test_time_counts_and_not_the_number_of_reports() -> None:
    """The middle result came late, so it stands near the end."""
    lines = drawn([*potassium("20260101", "1"), *potassium("20261201", "5"), *potassium("20261231", "9")], 70)
    columns = [line.index("●") for line in lines if "●" in line]
    assert sorted(columns)[1] > 60


def test_a_limit_is_told_but_not_drawn() -> None:
    limit = '<value xsi:type="IVL_PQ"><high value="2" unit="mmol/L"/></value>'
    below = reader.read(
        cda.biology(cda.result("2823-3", "Potassium", "", date="20260401", value_element=limit))
    ).results
    lines = drawn([*potassium("20260110", "4.2"), *potassium("20260210", "4.6"), *below])
    assert sum(line.count("●") for line in lines) == 2
    assert any("< 2" in line for line in lines)


@pytest.mark.parametrize("width", [1, 32, 79, 200])
def test_a_curve_is_never_wider_than_the_screen(width: int) -> None:
    lines = drawn(
        [*potassium("20260110", "4.2"), *potassium("20260210", "4.6", low="3.5", high="5.1")], width
    )
    assert max(map(len, lines)) <= max(width, 32)


def test_a_terminal_without_braille_gets_the_points() -> None:
    lines = drawn([*potassium("20260110", "4.2"), *potassium("20260910", "6.1", high="5.1")], braille=False)
    assert not [character for line in lines for character in line if 0x2800 <= ord(character) < 0x2900]
    assert sum(line.count("o") for line in lines[1:9]) == 2


def test_the_same_figure_every_time_is_a_flat_line() -> None:
    lines = drawn([*potassium("20260110", "4"), *potassium("20260210", "4"), *potassium("20260310", "4")])
    assert len([line for line in lines if "●" in line]) == 1

"""Lines: never wider than asked, nothing lost, found again whatever the accents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.rendering.layout import NARROWEST, find, lines, text_of
from kiosk.rendering.page import (
    Align,
    Block,
    Cell,
    Column,
    Heading,
    Illustration,
    Kind,
    Paragraph,
    Preformatted,
    Rendered,
    Span,
    Style,
    Table,
)
from kiosk.rendering.width import cells, wrapped
from kiosk.text import clean_lines

texts = st.text(max_size=60).map(lambda text: clean_lines(text).strip())
words = texts.filter(bool)
spans = st.builds(Span, words, st.sampled_from(Style))


def tables() -> st.SearchStrategy[Table]:
    def of(width: int) -> st.SearchStrategy[Table]:
        columns = st.tuples(*[st.builds(Column, texts, st.sampled_from(Align))] * width)
        rows = st.lists(st.tuples(*[st.builds(Cell, texts, st.sampled_from(Style))] * width), max_size=4).map(
            tuple
        )
        return st.builds(Table, columns, rows, texts)

    return st.integers(1, 6).flatmap(of)


blocks: st.SearchStrategy[Block] = st.one_of(
    st.builds(Heading, words, st.integers(1, 4)),
    st.builds(
        Paragraph,
        st.lists(spans, min_size=1, max_size=4).map(tuple),
        st.sampled_from(["", "•", "12."]),
        st.integers(0, 30),
    ),
    tables(),
    st.builds(Preformatted, words),
    st.builds(Illustration, st.integers(-1, 9), words),
)


def rendered(*content: Block) -> Rendered:
    return Rendered(Kind.TEXT, "", (), content)


@given(st.lists(blocks, max_size=5), st.integers(1, 100))
def test_no_line_is_wider_than_the_screen(content: list[Block], width: int) -> None:
    for line in lines(rendered(*content), width):
        assert cells(text_of(line).rstrip()) <= max(width, NARROWEST)
        assert "\n" not in text_of(line)


@given(st.lists(spans, min_size=1, max_size=5), st.integers(20, 80))
def test_a_paragraph_keeps_every_letter_and_its_style(content: list[Span], width: int) -> None:
    laid = [span for line in lines(rendered(Paragraph(tuple(content))), width) for span in line]
    before = [(letter, span.style) for span in content for letter in span.text if not letter.isspace()]
    after = [(letter, span.style) for span in laid for letter in span.text if not letter.isspace()]
    assert after == before


@given(tables(), st.integers(20, 120))
def test_a_table_keeps_every_letter_of_its_cells(table: Table, width: int) -> None:
    laid = "".join(text_of(line) for line in lines(rendered(table), width))
    for row in table.rows:
        for cell in row:
            assert set(cell.text) - set(" \n") <= set(laid)


@given(st.text(max_size=200).map(clean_lines), st.integers(1, 40))
def test_wrapping_loses_nothing_but_spaces(text: str, width: int) -> None:
    laid = wrapped(text, width)
    assert "".join("".join(laid).split()) == "".join(text.split())
    assert all(cells(line) <= max(width, 2) for line in laid)


def test_wide_characters_count_for_two() -> None:
    assert wrapped("日本語のテスト", 6) == ["日本語", "のテス", "ト"]


def test_numbers_are_aligned_on_the_right() -> None:
    table = Table(
        (Column("Nom"), Column("Valeur", Align.RIGHT)), ((Cell("a"), Cell("5")), (Cell("b"), Cell("1234")))
    )
    assert [text_of(line) for line in lines(rendered(table), 40)] == [
        "Nom  Valeur",
        "───  ──────",
        "a         5",
        "b      1234",
    ]


@pytest.mark.parametrize("sought", ["œdème", "OEDEME", "Oedème", "œDÈME"])
def test_words_are_found_whatever_their_accents_and_capitals(sought: str) -> None:
    content = rendered(Paragraph((Span("Pas d'oedeme."),)))
    assert find(lines(content, 40), sought.replace("œ", "oe").replace("Œ", "oe")) == [(0, 6, 12)]


def test_every_place_is_found_and_an_empty_search_finds_nothing() -> None:
    laid = lines(rendered(Paragraph((Span("été, Eté\nETE"),))), 40)
    assert find(laid, "été") == [(0, 0, 3), (0, 5, 8), (1, 0, 3)]
    assert find(laid, "  ") == []


@given(st.text(max_size=40).map(clean_lines).filter(lambda text: "\n" not in text), st.data())
def test_a_piece_of_a_line_is_found_where_it_is(text: str, data: st.DataObject) -> None:
    line = (Span(text),)
    for start, end in [
        (first, last) for _, first, last in find([line], text[: data.draw(st.integers(1, 5))])
    ]:
        assert 0 <= start < end <= len(text)

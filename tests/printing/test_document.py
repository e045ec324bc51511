"""Sheets of a document: every one marked, text in its columns, pictures in their shape."""

import io

import pypdfium2
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.printing.document import Mark, Picture, document_sheets

MARK = Mark(
    "PETIT ANDRE", "Bilan sanguin", "Imprimé le 21/11/2025 à 07:00 par GIRAUD CAMILLE", simulation=True
)


def texts(pdf: bytearray) -> list[str]:
    document = pypdfium2.PdfDocument(io.BytesIO(bytes(pdf)))
    return [page.get_textpage().get_text_range() for page in document]


def test_every_sheet_says_where_it_comes_from_when_and_for_whom() -> None:
    pages = texts(document_sheets(MARK, [[(f"ligne {n}", False)] for n in range(200)]))
    assert len(pages) == 4
    for number, page in enumerate(pages, start=1):
        assert "Copie d'un document du DMP · Mon espace santé" in page
        assert "PETIT ANDRE · Bilan sanguin" in page
        assert "Imprimé le 21/11/2025 à 07:00 par GIRAUD CAMILLE" in page
        assert f"page {number} sur 4" in page
        assert "SIMULATION" in page
    told = "".join(pages)
    assert all(f"ligne {n}" in told for n in range(200))


def test_a_real_sheet_is_no_simulation() -> None:
    real = Mark(MARK.patient, MARK.title, MARK.printed, simulation=False)
    assert "SIMULATION" not in texts(document_sheets(real, [[("texte", False)]]))[0]


def test_pictures_come_after_the_text_and_keep_their_shape() -> None:
    wide = Picture(40, 10, bytes([200, 0, 0]) * 400)
    pdf = document_sheets(MARK, [[("texte", True)]], [wide], 1)
    document = pypdfium2.PdfDocument(io.BytesIO(bytes(pdf)))
    assert len(document) == 2
    (image,) = (one for one in document[1].get_objects() if isinstance(one, pypdfium2.PdfImage))
    left, bottom, right, top = image.get_bounds()
    assert abs((right - left) / (top - bottom) - 4) < 0.05
    assert right - left < 595


@settings(max_examples=25, deadline=None)
@given(st.lists(st.lists(st.tuples(st.text(max_size=30), st.booleans()), max_size=3), max_size=5), st.text())
def test_no_text_breaks_a_sheet(lines: list[list[tuple[str, bool]]], title: str) -> None:
    assert document_sheets(Mark("P", title, "x", simulation=False), lines).startswith(b"%PDF")

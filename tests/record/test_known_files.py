"""What a visit remembers of the documents it listed, and how a file that is known is told on its line."""

from datetime import UTC, datetime
from pathlib import Path

from document_entries import entry
from hypothesis import given
from hypothesis import strategies as st

from kiosk.deposit.source import Kind, Place, SourceFile
from kiosk.dmp.document import Visibility
from kiosk.record.known_documents import Known, Listed
from kiosk.rendering.width import cells
from kiosk.screens.deposit_files import FileRows

NOON = datetime(2026, 8, 12, 12, 0, tzinfo=UTC)
moments = st.none() | st.just(NOON)
restrictions = st.builds(Visibility, st.booleans(), st.booleans(), st.booleans())
knowns = st.builds(Known, st.just("2.25.1"), moments, restrictions, st.booleans(), st.booleans())


def a_file(name: str = "scan.pdf") -> SourceFile:
    return SourceFile(Place("Clé", Path("/media/cle")), (name,), Kind.PDF, 12_345, NOON, (1, 12_345, 0))


def test_a_listed_document_is_known_by_its_hash_until_it_is_gone() -> None:
    listed = Listed()
    listed.add([entry(7, hash="ab" * 20, size=900, created=NOON), entry(hash="", size=5)])
    assert listed.sizes == {900}
    known = listed.by_hash["ab" * 20]
    assert (known.unique_id, known.when, known.from_here) == ("2.25.7", NOON, False)
    listed.forget("2.25.8")
    assert listed.by_hash
    listed.forget("2.25.7")
    assert not listed.by_hash


def test_a_known_file_is_told_in_words() -> None:
    at = f"{NOON.astimezone():%d/%m/%Y}"
    known = Known("2.25.1", NOON, Visibility())
    assert known.brief == f"déjà au DMP le {at}"
    assert known.sentence == f"Déposé de ce poste le {at} à {NOON.astimezone():%H:%M} : visible de tous."
    doubtful = Known("2.25.1", NOON, Visibility(), sure=False)
    assert doubtful.brief == f"envoi incertain le {at}"
    assert "ne sait pas" in doubtful.sentence
    assert Known("2.25.1", None, Visibility(), from_here=False).brief == "déjà au DMP"


@given(name=st.text(min_size=1, max_size=80), known=st.none() | knowns, width=st.integers(60, 130))
def test_a_line_is_never_wider_than_the_list(name: str, known: Known | None, width: int) -> None:
    rows, file = FileRows(), a_file(name)
    rows.show((file,))
    if known is not None:
        rows.mark(file, known)
    line = rows.line(file, width)
    assert cells(line) <= width
    if known is None:
        assert line.endswith("12 ko")
    else:
        assert known.brief in line

"""What was received of one search: spaces, words, order, criteria — and what a line says of a document."""

from datetime import UTC, date, datetime, timedelta

import pytest
from document_entries import coded, entry
from hypothesis import given
from hypothesis import strategies as st

from kiosk.dmp.document import Author, DocumentStatus, Visibility
from kiosk.record.document_list import (
    UNKNOWN_FORMAT,
    Criteria,
    Hidden,
    Order,
    ReceivedDocuments,
    Space,
    date_of,
    maker,
    spaces_of,
    state,
)
from kiosk.screens.document_filters import read_day
from kiosk.screens.document_rows import DocumentRows, details
from kiosk.screens.reader import fitting

NOW = datetime(2025, 11, 1, tzinfo=UTC)


def received(*entries: object, last_visit: datetime | None = None, **criteria: object) -> ReceivedDocuments:
    documents = ReceivedDocuments(Criteria(**criteria), last_visit, NOW)  # type: ignore[arg-type]
    documents.add(entries)  # type: ignore[arg-type]
    return documents


@pytest.mark.parametrize(
    ("class_code", "type_code", "space"),
    [
        ("11", "60591-5", Space.SYNTHESIS),
        ("42", "57833-6", Space.TREATMENT),
        ("43", "60593-1", Space.TREATMENT),
        ("10", "11490-0", Space.REPORT),
        ("31", "18748-4", Space.IMAGING),
        ("10", "11502-2", Space.ANALYSIS),
        ("52", "11369-6", Space.PREVENTION),
        ("52", "CERT_DECL", Space.CERTIFICATE),
    ],
)
def test_a_document_stands_in_the_space_it_is_about(class_code: str, type_code: str, space: Space) -> None:
    found = spaces_of(entry(class_code=coded(class_code), type_code=coded(type_code)))
    assert found == {space}


def test_what_the_patient_wrote_is_his_and_stands_where_it_belongs_too() -> None:
    own = entry(class_code=coded("90"), type_code=coded("EXPPAT_2"))
    assert spaces_of(own) == {Space.PERSONAL}
    report = entry(class_code=coded("10"), type_code=coded("DOCPAT05"))
    assert spaces_of(report) == {Space.PERSONAL, Space.ANALYSIS}
    assert maker(own) == maker(report) == "PATIENT"


def test_an_unknown_code_is_in_no_space_and_in_the_whole_list() -> None:
    strange = entry(class_code=coded("777"), type_code=coded("nobody-knows"))
    assert spaces_of(strange) == frozenset()
    assert received(strange).view() == [strange]


def test_new_ones_first_then_the_latest() -> None:
    old = entry(1, service_start=datetime(2025, 10, 30, tzinfo=UTC), created=datetime(2025, 1, 1, tzinfo=UTC))
    new = entry(2, service_start=datetime(2020, 1, 1, tzinfo=UTC), created=datetime(2025, 10, 1, tzinfo=UTC))
    late = entry(
        3, service_start=datetime(2025, 10, 31, tzinfo=UTC), created=datetime(2025, 1, 1, tzinfo=UTC)
    )
    undated = entry(4, service_start=None, created=None)
    documents = received(undated, old, new, late, last_visit=datetime(2025, 9, 1, tzinfo=UTC))
    assert documents.view() == [new, late, old, undated]
    assert [documents.is_new(one) for one in (old, new, late, undated)] == [False, True, False, False]


def test_a_document_dated_in_the_future_is_never_new() -> None:
    future = entry(created=NOW + timedelta(days=400))
    assert not received(future, last_visit=NOW - timedelta(days=1)).is_new(future)


def test_nothing_is_new_at_a_first_visit() -> None:
    assert not received(entry()).is_new(entry())


def test_orders() -> None:
    a = entry(1, title="Échographie", authors=(Author("ZOLA"),), type_code=coded("1", "Zoom"))
    b = entry(2, title="zona", authors=(Author("ARAGON"),), type_code=coded("2", "Abc"))
    c = entry(3, title="", authors=(), type_code=coded("3", "Bcd"))
    documents = received(a, b, c)
    assert documents.view(order=Order.TITLE) == [a, b, c]
    assert documents.view(order=Order.AUTHOR) == [b, a, c]
    assert documents.view(order=Order.TYPE) == [b, c, a]


def test_words_are_looked_for_everywhere_without_accents() -> None:
    heart = entry(1, title="Échographie cardiaque", authors=(Author("LEFÈVRE", "Zoé"),))
    other = entry(2, title="Lettre")
    documents = received(heart, other)
    assert documents.view(words="echographie lefevre") == [heart]
    assert documents.view(words="01/03/2025 lettre") == [other]
    documents.add([third := entry(3, title="Cœur")])
    assert documents.view(words="coeur") == [third]


@pytest.mark.parametrize(
    ("changes", "full", "short"),
    [
        ({}, "", ""),
        ({"visibility": Visibility(True, False, False)}, "masqué aux professionnels", "masqué PS"),
        ({"visibility": Visibility(False, True, False)}, "non visible par le patient", "non vu pat."),
        (
            {"visibility": Visibility(False, False, True), "status": DocumentStatus.ARCHIVED},
            "non visible par les représentants légaux, archivé",
            "non vu RL, archivé",
        ),
        ({"status": DocumentStatus.OBSOLETE}, "ancienne version obsolète", "obsolète"),
        ({"status": DocumentStatus.UNKNOWN, "raw_status": "urn:new"}, "état « urn:new »", "état « urn:new »"),
    ],
)
def test_ex_3_1_1080_states_in_words(changes: dict[str, object], full: str, short: str) -> None:
    assert state(entry(**changes)) == full
    assert state(entry(**changes), short=True) == short


def test_a_date_is_told_as_precisely_as_it_is_known() -> None:
    start = datetime(2024, 1, 1, tzinfo=UTC)
    told = [date_of(entry(service_start=start, service_precision=p)) for p in (4, 6, 8)]
    assert told == ["2024", "01/2024", "01/01/2024"]
    moment = datetime(2024, 6, 30, 23, 30, tzinfo=UTC)
    local = f"{moment.astimezone():%d/%m/%Y}"
    assert date_of(entry(service_start=moment, service_precision=12)) == local
    assert date_of(entry(service_start=None, service_precision=0, created=moment)) == local
    assert date_of(entry(service_start=None, service_precision=0, created=None)) == "sans date"


def test_hidden_ones_are_shown_left_out_or_alone() -> None:
    seen = entry(1)
    hidden = entry(2, visibility=Visibility(invisible_to_patient=True))
    masked = entry(3, visibility=Visibility(hidden_from_professionals=True))
    every = (seen, hidden, masked)
    assert received(*every).view() == list(every)
    assert received(*every, hidden_from_patient=Hidden.LEFT_OUT).view() == [seen, masked]
    assert received(*every, hidden_from_patient=Hidden.ALONE).view() == [hidden]
    assert received(*every, hidden_from_professionals=Hidden.ALONE).view() == [masked]


def test_criteria_go_with_the_search_as_far_as_it_carries_them() -> None:
    kind = coded("11502-2", "CR d'examens biologiques")
    criteria = Criteria(types=(kind,), act_from=date(2024, 1, 1), act_to=date(2024, 1, 31), archived=True)
    query = criteria.query
    assert query.types == (kind,)
    assert query.service_from is not None
    assert query.service_to is not None
    assert query.service_to - query.service_from == timedelta(days=31)
    assert query.include_archived
    assert not query.include_obsolete
    [pdf] = Criteria(format="urn:ihe:iti:xds-sd:pdf:2008").query.formats
    assert (pdf.code, pdf.system) == ("urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3")
    assert Criteria(format=UNKNOWN_FORMAT).query.formats == ()


def test_formats_the_registry_is_not_asked_about_are_kept_here() -> None:
    pdf = entry(1)
    summary = entry(2, format_code=coded("urn:asip:ci-sis:vsm:2012"))
    strange = entry(3, format_code=coded("urn:exemple:inconnu"))
    assert received(pdf, summary, strange, format="urn:asip:ci-sis:vsm:2012").view() == [summary]
    assert received(pdf, summary, strange, format=UNKNOWN_FORMAT).view() == [strange]


def test_a_search_by_submission_holds_the_other_criteria_too() -> None:
    may = datetime(2025, 5, 5, tzinfo=UTC)
    early = entry(1, submitted=may, service_start=datetime(2024, 1, 1, tzinfo=UTC))
    late = entry(2, submitted=may + timedelta(days=60), service_start=datetime(2025, 1, 1, tzinfo=UTC))
    asked = {"submitted_from": datetime(2025, 1, 1, tzinfo=UTC)}
    assert received(early, late, **asked, submitted_to=date(2025, 5, 31)).view() == [early]
    assert received(early, late, **asked, act_from=date(2024, 6, 1)).view() == [late]
    assert received(early, late, **asked, act_to=date(2024, 6, 1)).view() == [early]


def test_an_author_is_found_by_a_part_of_the_name() -> None:
    one = entry(1, authors=(Author("LEFÈVRE", "Zoé", "899700000099"), Author("GIRAUD")))
    other = entry(2, authors=())
    for words in ("lefevre", "zoe lef", "899700000099", "giraud"):
        assert received(one, other, author=words).view() == [one]


@pytest.mark.parametrize(
    ("text", "first", "last"),
    [
        ("12/03/2024", date(2024, 3, 12), date(2024, 3, 12)),
        ("02/2024", date(2024, 2, 1), date(2024, 2, 29)),
        ("2024", date(2024, 1, 1), date(2024, 12, 31)),
        ("31/02/2024", None, None),
        ("13/2024", None, None),
        ("00/2024", None, None),
        ("0000", None, None),
        ("hier", None, None),
        ("", None, None),
    ],
)
def test_days_may_be_months_or_years(text: str, first: date | None, last: date | None) -> None:
    assert read_day(text, last=False) == first
    assert read_day(text, last=True) == last


@given(st.text(max_size=12), st.booleans())
def test_no_text_breaks_the_reading_of_a_day(text: str, last: bool) -> None:
    read_day(text, last=last)


texts = st.text(max_size=60)


@given(texts, texts, texts, st.integers(min_value=60, max_value=200))
def test_a_line_is_as_wide_as_its_columns_say_whatever_the_texts(
    title: str, author: str, label: str, width: int
) -> None:
    from kiosk.rendering.width import cells

    rows = DocumentRows()
    one = entry(title=title, authors=(Author(author),), type_code=coded("x", label))
    rows._items = (one,)
    assert cells(rows.line(one, width)) <= width
    assert cells(rows.head(width)) <= width
    assert len(details(one)) == 4


@given(st.lists(st.text(min_size=1, max_size=20), max_size=12), st.integers(min_value=20, max_value=120))
def test_keys_that_do_not_fit_are_left_out_from_the_least_useful(keys: list[str], width: int) -> None:
    line = fitting(keys, width)
    assert len(line) <= width
    if keys and len(keys[0]) <= width:
        assert line.startswith(keys[0])

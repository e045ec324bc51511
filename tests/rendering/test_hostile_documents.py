"""Fuzz: any document is read or refused by `DocumentNotShown`; anything a child sends is a value or refused."""

import json
import struct

import cda_documents as cda
import document_files as files
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.errors import DocumentNotShown
from kiosk.rendering import reader, wire
from kiosk.rendering.cda_header import header
from kiosk.rendering.curves import curve_lines, series
from kiosk.rendering.layout import header_lines, lines
from kiosk.rendering.page import PagePicture, Rendered
from kiosk.rendering.sniff import Format, formats_within, sniff

SEEDS = {
    "summary": cda.summary(),
    "biology": cda.biology(
        cda.result("2823-3", "Potassium", "5.9", "mmol/L", low="3.5", high="5.1", flag="H"),
        cda.result(
            "1", "CRP", "", value_element='<value xsi:type="IVL_PQ"><high value="5" unit="mg"/></value>'
        ),
        text=cda.table(["a", "b"], ["c", "d"]),
    ),
    "vaccination": cda.structured(
        cda.section("V", entries=cda.administration("A", "2019", rank="1")), code="11369-6"
    ),
    "level 1": cda.carrying(b"Bonjour", "text/plain"),
    "rtf": rb"{\rtf1\ansi\ansicpg1252{\fonttbl{\f0\fcharset0 A;}}\f0\u233?\'e9\trowd a\cell b\row {\pict\bin3 abc}}",
    "dicom": files.dicom(StudyDate="20260321", Modality="CT"),
    "text": "Été\n\n\tau lit".encode(),
}


def opened(document: bytes) -> None:
    """Read, sent through the wire, laid out."""
    try:
        read = reader.read(document)
    except DocumentNotShown:
        return
    again = wire.rendered(json.loads(json.dumps(wire.packed(read))))
    assert again == read
    lines(read, 60)
    header_lines(read.header, 60)
    for one in series(read.results):
        curve_lines(one, 60)


@st.composite
def mutated(draw: st.DrawFn) -> bytes:
    """A good document with pieces changed, removed, doubled or moved."""
    document = draw(st.sampled_from(sorted(SEEDS.values())))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(document)))
        end = draw(st.integers(start, min(start + 60, len(document))))
        piece = draw(
            st.one_of(
                st.binary(max_size=6),
                st.sampled_from(
                    [b"", b"</", b"<", b">", b'"', b"{", b"}", b"\\u-1 ", b"\\'", b"\\bin", b"1e999", b"NaN"]
                ),
                st.just(document[start:end] * 3),
            )
        )
        document = document[:start] + piece + document[end:]
    return document


@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
@given(mutated())
def test_a_changed_document_is_read_or_refused(document: bytes) -> None:
    opened(document)


NAMES = """section text title code value table thead tbody tr td th list item paragraph content br caption entry act
organizer component observation effectiveTime low high referenceRange observationRange interpretationCode templateId
substanceAdministration consumable manufacturedProduct manufacturedMaterial doseQuantity period originalText
reference translation observationMedia renderMultiMedia name given family patientRole author nonXMLBody"""
ATTRIBUTES = {
    "code": ["11502-2", "48765-2", "10160-0", "H", "", "30973-2"],
    "value": ["5.4", "-", "1e400", "20260321", "#a", ""],
    "unit": ["g", "1", ""],
    "root": ["1.3.6.1.4.1.19376.1.3.1.6"],
    "xsi:type": ["PQ", "IVL_PQ", "CD", "ST", "x:RTO", "PIVL_TS"],
    "colspan": ["3", "0", "-1", "9999", "x"],
    "rowspan": ["2", "700"],
    "ID": ["a", "m"],
    "referencedObject": ["m", "a z"],
    "representation": ["B64"],
    "displayName": ["Sodium", ""],
    "listType": ["ordered"],
    "revised": ["delete"],
    "nullFlavor": ["UNK"],
}


@st.composite
def element(draw: st.DrawFn, depth: int = 0) -> str:
    """Any CDA element inside any other."""
    name = draw(st.sampled_from(NAMES.split()))
    chosen = draw(st.lists(st.sampled_from(sorted(ATTRIBUTES)), max_size=3, unique=True))
    attributes = "".join(f' {each}="{draw(st.sampled_from(ATTRIBUTES[each]))}"' for each in chosen)
    inside = "".join(draw(st.lists(element(depth + 1), max_size=3))) if depth < 4 else ""
    return f"<{name}{attributes}>{draw(st.sampled_from(['', 'mots', 'JVBERi0x', ' ']))}{inside}</{name}>"


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(
    st.lists(element(), max_size=6),
    st.sampled_from(["11502-2", "60591-5", "11369-6", "57833-6", "x"]),
)
@example(["<text>" + "<list><item>" * 900 + "x" + "</item></list>" * 900 + "</text>"], "x")
@example(["<component><section>" * 900 + "</section></component>" * 900], "x")
def test_any_elements_in_any_order_are_read_or_refused(content: list[str], code: str) -> None:
    section = f"<section><title>T</title>{''.join(content)}</section>"
    opened(cda.structured(section, code=code))


@given(st.binary(max_size=2000))
def test_any_bytes_are_read_or_refused(document: bytes) -> None:
    assert isinstance(sniff(document), Format)
    assert sniff(document) in formats_within(document)
    opened(document)


@settings(max_examples=200)
@given(
    st.lists(
        st.sampled_from(
            [
                b"{",
                b"}",
                b"\\",
                b"\\rtf1",
                b"\\u",
                b"\\'e9",
                b"\\uc9",
                b"\\f7",
                b"\\fcharset",
                b"\\ansicpg",
                b"99999",
                b"-5",
                b"\\bin9",
                b"\\pict",
                b"\\fonttbl",
                b";",
                b" ",
                b"abc",
                b"\\*",
                b"\\~",
            ]
        )
    )
)
def test_any_rtf_is_read_or_refused(pieces: list[bytes]) -> None:
    opened(b"{\\rtf" + b"".join(pieces))


# --- the wire ---------------------------------------------------------------------------------------------

GOOD = json.loads(json.dumps(wire.packed(reader.read(SEEDS["biology"]))))
json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=8,
)


def places(value: object, path: tuple[int, ...] = ()) -> list[tuple[int, ...]]:
    found = [path]
    if isinstance(value, list):
        for number, each in enumerate(value):
            found += places(each, (*path, number))
    return found


def changed(value: object, path: tuple[int, ...], new: object) -> object:
    if not path:
        return new
    assert isinstance(value, list)
    return [changed(each, path[1:], new) if number == path[0] else each for number, each in enumerate(value)]


@given(st.sampled_from(places(GOOD)), json_values)
def test_a_lie_of_the_child_is_refused_or_harmless(path: tuple[int, ...], new: object) -> None:
    try:
        read = wire.rendered(changed(GOOD, path, new))
    except wire.UnreadableAnswer:
        return
    assert isinstance(read, Rendered)
    lines(read, 60)
    header_lines(read.header, 60)


@pytest.mark.parametrize("text", ["\x1b[31m", "a\x07", "\u202e", "\x9b31m"])
def test_text_that_talks_to_the_terminal_is_refused_on_arrival(text: str) -> None:
    assert GOOD[2] == "Examens du 21 mars"
    with pytest.raises(wire.UnreadableAnswer):
        wire.rendered(changed(GOOD, (2,), text))


@given(st.binary(max_size=60))
def test_any_bytes_of_a_child_are_refused_or_framed(data: bytes) -> None:
    try:
        wire.unframed(data)
    except wire.UnreadableAnswer:
        return
    assert len(data) >= 8


@pytest.mark.parametrize("message", [b"[NaN]", b"[1", b"\xff", b"[" * 100_000])
def test_what_is_no_json_is_refused(message: bytes) -> None:
    with pytest.raises(wire.UnreadableAnswer):
        wire.unframed(struct.pack(">II", len(message), 0) + message)


def test_frames_come_back_whole() -> None:
    assert wire.unframed(b"".join(wire.frame(["a", 1], b"pixels"))) == (["a", 1], b"pixels")


@pytest.mark.parametrize(
    "numbers", [[2, 2, 0, 1], [1, 1, 0], [1, "1", 0, 1], [-1, -1, 0, 1], {}, [1, 1, True, 1]]
)
def test_a_picture_of_another_size_than_its_pixels_is_refused(numbers: object) -> None:
    with pytest.raises(wire.UnreadableAnswer):
        wire.page_picture(numbers, b"rgb")


def test_a_picture_comes_back() -> None:
    assert wire.page_picture([1, 1, 3, 9], b"rgb") == PagePicture(1, 1, b"rgb", 3, 9)


def test_a_header_is_read_from_any_element() -> None:
    assert header(etree.fromstring("<anything/>")) == ()

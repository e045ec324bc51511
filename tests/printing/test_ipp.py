"""IPP on the wire: our encoder read by the box's decoder, the box's encoder read by ours, and anything at all."""

import struct
import unicodedata
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.errors import PrinterError
from kiosk.printing.ipp import Operation, Tag, decode, encode
from kiosk.training.paper_wire import JOB_GROUP, NAME, build_answer, flag, number, read_request, words

NAMES = st.text("abcdefghijklmnopqrstuvwxyz-", min_size=1, max_size=30)
TEXTS = st.text(st.characters(categories=["L", "Nd"]), min_size=1, max_size=60)
ATTRIBUTES = st.lists(
    st.one_of(
        st.tuples(
            NAMES, st.just(Tag.INTEGER), st.lists(st.integers(-(2**31), 2**31 - 1), min_size=1, max_size=4)
        ),
        st.tuples(NAMES, st.just(Tag.BOOLEAN), st.lists(st.booleans(), min_size=1, max_size=3)),
        st.tuples(NAMES, st.sampled_from([Tag.NAME, Tag.KEYWORD]), st.lists(TEXTS, min_size=1, max_size=4)),
    ),
    max_size=8,
    unique_by=lambda attribute: attribute[0],
)


def attribute(tag: int, name: bytes, value: bytes) -> bytes:
    return struct.pack(">BH", tag, len(name)) + name + struct.pack(">H", len(value)) + value


def message(*parts: bytes, code: int = 0, end: bytes = b"\x03") -> bytes:
    return struct.pack(">BBHI", 2, 0, code, 7) + b"".join(parts) + end


@given(ATTRIBUTES, st.integers(1, 2**31 - 1), st.binary(max_size=50))
def test_what_we_ask_is_what_the_printer_reads(attributes, request_id, document):
    opening = [
        ("attributes-charset", Tag.CHARSET, ["utf-8"]),
        ("attributes-natural-language", Tag.LANGUAGE, ["fr"]),
    ]
    data = encode(Operation.PRINT_JOB, request_id, [(Tag.OPERATION, opening), (Tag.JOB, attributes)])
    read = read_request(data + document)
    assert (read.operation, read.request_id, read.document) == (2, request_id, document)
    for name, tag, values in attributes:
        if tag is Tag.INTEGER:
            assert [int.from_bytes(v, "big", signed=True) for v in read.attributes[name]] == values
        elif tag is Tag.BOOLEAN:
            assert read.attributes[name] == [b"\x01" if value else b"\x00" for value in values]
        else:
            assert read.texts(name) == values


@given(
    st.integers(1, 2**31 - 1),
    st.integers(-(2**31), 2**31 - 1),
    st.lists(TEXTS, min_size=1, max_size=5),
    st.booleans(),
)
def test_what_the_printer_answers_is_what_we_read(request_id, job_id, names, yes):
    items = [number("job-id", job_id), words("job-name", NAME, *names), flag("yes", yes)]
    answer = decode(build_answer(b"\x02\x00", 0x0406, request_id, [(JOB_GROUP, items), (JOB_GROUP, items)]))
    assert (answer.code, answer.request_id) == (0x0406, request_id)
    jobs = answer.of(Tag.JOB)
    assert len(jobs) == 2
    assert jobs[1].integers("job-id") == (job_id,)
    assert list(jobs[0].texts("job-name")) == [unicodedata.normalize("NFC", name) for name in names]
    assert jobs[0].flag("yes") is yes


def test_the_print_job_request_of_rfc_8010_appendix_a():
    """Values of the example of A.1, put together by hand."""
    request = struct.pack(">BBHI", 1, 1, 2, 1) + b"".join(
        (
            b"\x01",
            attribute(0x47, b"attributes-charset", b"utf-8"),
            attribute(0x48, b"attributes-natural-language", b"en-us"),
            attribute(0x45, b"printer-uri", b"ipp://printer.example.com/ipp/print/pinetree"),
            attribute(0x42, b"job-name", b"foobar"),
            attribute(0x22, b"ipp-attribute-fidelity", b"\x01"),
            b"\x02",
            attribute(0x21, b"copies", b"\x00\x00\x00\x14"),
            attribute(0x44, b"sides", b"two-sided-long-edge"),
            b"\x03%!PDF...",
        )
    )
    read = decode(request)
    (operation,), (job,) = read.of(Tag.OPERATION), read.of(Tag.JOB)
    assert (read.code, read.request_id) == (Operation.PRINT_JOB, 1)
    assert operation.texts("printer-uri") == ("ipp://printer.example.com/ipp/print/pinetree",)
    assert operation.flag("ipp-attribute-fidelity") is True
    assert job.integers("copies") == (20,)
    assert job.texts("sides") == ("two-sided-long-edge",)
    box = read_request(request)
    assert box.number("copies") == 20
    assert box.document == b"%!PDF..."


def test_values_in_sets_with_languages_and_out_of_band():
    read = decode(
        message(
            b"\x04",
            attribute(0x44, b"printer-state-reasons", b"media-empty-error"),
            attribute(0x44, b"", b"media-needed"),
            attribute(0x36, b"job-name", b"\x00\x02fr\x00\x05feuil"),
            attribute(0x13, b"media-ready", b""),
            attribute(0x31, b"date", b"\x07\xe9\x0b\x15\x0a\x2a\x00\x00+\x01\x00"),
        )
    )
    (printer,) = read.of(Tag.PRINTER)
    assert printer.texts("printer-state-reasons") == ("media-empty-error", "media-needed")
    assert printer.texts("job-name") == ("feuil",)
    assert printer.attributes["media-ready"] == ()
    assert printer.texts("date") == ()


def test_collections_are_stepped_over_however_deep():
    collection = (
        attribute(0x34, b"media-col", b"")
        + attribute(0x4A, b"", b"media-size")
        + attribute(0x34, b"", b"")
        + attribute(0x4A, b"", b"x-dimension")
        + attribute(0x21, b"", b"\x00\x00\x52\x08")
        + attribute(0x37, b"", b"")
        + attribute(0x37, b"", b"")
    )
    (printer,) = decode(message(b"\x04", collection, attribute(0x23, b"printer-state", b"\0\0\0\3"))).of(
        Tag.PRINTER
    )
    assert printer.attributes == {"printer-state": (3,)}


def test_a_printers_text_cannot_talk_to_the_terminal():
    (printer,) = decode(message(b"\x04", attribute(0x41, b"info", b"a\x1b]52;c;eA==\x07b\xff"))).of(
        Tag.PRINTER
    )
    (text,) = printer.texts("info")
    assert "\x1b" not in text
    assert "\x07" not in text


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\x02\x00\x00",
        message(end=b""),
        message(b"\x04", attribute(0x21, b"short", b"\x00")),
        message(b"\x04", attribute(0x22, b"long", b"\x00\x01")),
        message(attribute(0x21, b"before-any-group", b"\0\0\0\1")),
        message(b"\x04", attribute(0x21, b"", b"\0\0\0\1")),
        message(b"\x04\x44\xff\xffx"),
        message(b"\x04", attribute(0x34, b"never-closed", b"")),
        message(b"\x04", attribute(0x35, b"language", b"\x00\x09fr")),
        message(b"\x04", attribute(0x44, b"\xff", b"x")),
        b"\x09\x00" + message()[2:],
    ],
)
def test_a_broken_answer_is_a_printer_error(data):
    with pytest.raises(PrinterError) as failure:
        decode(data)
    assert failure.value.code == "IMPR-000"


def only_printer_error(data: bytes) -> None:
    with suppress(PrinterError):
        decode(data)


@given(st.binary(max_size=300))
def test_any_bytes_at_all(data):
    only_printer_error(data)
    only_printer_error(message(b"\x04", data))


GOOD = message(
    b"\x04",
    attribute(0x23, b"printer-state", b"\0\0\0\3"),
    attribute(0x34, b"media-col", b""),
    attribute(0x4A, b"", b"media-size"),
    attribute(0x37, b"", b""),
    attribute(0x36, b"printer-name", b"\x00\x02fr\x00\x03bac"),
)


@given(
    st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), max_size=6),
    st.integers(0, len(GOOD)),
)
def test_a_good_answer_damaged(changes, length):
    damaged = bytearray(GOOD)
    for at, value in changes:
        damaged[at] = value
    only_printer_error(bytes(damaged))
    only_printer_error(bytes(damaged[:length]))


@given(st.binary(max_size=300))
def test_the_box_refuses_nonsense_in_one_way(data):
    opening = attribute(0x47, b"attributes-charset", b"utf-8") + attribute(
        0x48, b"attributes-natural-language", b"fr"
    )
    for request in (data, message(b"\x01", opening, data)):
        with suppress(ValueError):
            read_request(request)

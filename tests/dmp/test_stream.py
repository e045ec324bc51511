"""A SOAP answer read as it comes says the same as one read whole."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree
from registry_bench import entry, envelope, error, found, oid_of

from kiosk.dmp import soap
from kiosk.dmp.metadata import read_entry
from kiosk.dmp.registry import EXTRINSIC_OBJECT
from kiosk.errors import AnswerUnreadable, KioskError
from kiosk.markup import UnreadableMarkup, UntrustedStream

ID = "urn:uuid:42"
REQUEST = f"<MessageID>{ID}</MessageID>".encode()
BODY = envelope(found(entry(1), entry(2), entry(3), errors=error("DMPInfo", "à savoir", "Warning")), REQUEST)


def streamed(body: bytes, sizes: list[int]) -> tuple[list[str], etree._Element]:
    taken: list[str] = []

    def take(element: etree._Element) -> None:
        made = read_entry(element)
        assert made is not None
        taken.append(made.unique_id)

    stream = soap.Stream(ID, EXTRINSIC_OBJECT, take)
    start = 0
    for size in [*sizes, len(body)]:
        stream.feed(body[start : start + size])
        start += size
    return taken, stream.payload(status=200)


@given(st.lists(st.integers(1, 3000), max_size=30))
def test_wherever_the_blocks_are_cut(sizes: list[int]):
    taken, payload = streamed(BODY, sizes)
    assert taken == [oid_of(1), oid_of(2), oid_of(3)]
    whole = soap.payload(BODY, status=200, message_id=ID)
    assert payload.tag == whole.tag
    assert dict(payload.attrib) == dict(whole.attrib)
    assert etree.tostring(payload[0]) == etree.tostring(whole[0])  # the list of errors


@given(st.data())
def test_a_damaged_answer_is_an_error_of_the_kiosk_or_a_shorter_list(data: st.DataObject):
    start = data.draw(st.integers(0, len(BODY)))
    end = data.draw(st.integers(start, min(len(BODY), start + 40)))
    damaged = BODY[:start] + data.draw(st.binary(max_size=20)) + BODY[end:]
    stream = soap.Stream(ID, EXTRINSIC_OBJECT, lambda element: read_entry(element))
    try:
        stream.feed(damaged)
        stream.payload(status=200)
    except KioskError:
        return


def test_a_body_of_nothing_says_what_the_status_means():
    stream = soap.Stream(ID, EXTRINSIC_OBJECT, lambda element: None)
    stream.feed(b"<html><body>Service indisponible</body></html>")
    with pytest.raises(AnswerUnreadable) as raised:
        stream.payload(status=503)
    assert "maintenance" in raised.value.cause


def test_nothing_is_handed_over_before_the_answer_is_known_to_be_ours():
    taken: list[object] = []
    stream = soap.Stream("urn:uuid:mine", EXTRINSIC_OBJECT, taken.append)
    with pytest.raises(AnswerUnreadable):
        stream.feed(BODY)
    assert taken == []


def test_what_was_handed_over_is_let_go():
    sizes: list[int] = []

    def take(element: etree._Element) -> None:
        parent = element.getparent()
        assert parent is not None
        sizes.append(len(parent))

    stream = UntrustedStream("x", take, element_limit=100)
    stream.feed(b"<r>")
    for _ in range(1000):
        stream.feed(b"<x><y/></x>")
    stream.feed(b"</r>")
    assert len(stream.close()) == 1
    assert len(sizes) == 1000
    assert max(sizes) <= 2


@pytest.mark.parametrize(
    "document",
    [
        b"<r><x>" + b"y" * 200 + b"</x></r>",
        b'<!DOCTYPE r [<!ENTITY e "v">]><r><x>&e;</x></r>',
        b"<!DOCTYPE r><r><x/></r>",
        b"<r><x></r>",
        b"",
    ],
)
def test_distrust(document: bytes):
    stream = UntrustedStream("x", lambda element: None, element_limit=100)

    def read() -> None:
        for start in range(0, len(document), 50):
            stream.feed(document[start : start + 50])
        stream.close()

    with pytest.raises(UnreadableMarkup):
        read()

"""Attachments to the byte, whatever wrote the message around them."""

import base64
import contextlib
import email
import email.policy

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp.multipart import Package, content, read
from kiosk.errors import AnswerUnreadable

XOP = "http://www.w3.org/2004/08/xop/include"
TYPE = 'multipart/related; type="application/xop+xml"; start="<root@x>"; boundary="b1"; start-info="text/xml"'


def part(cid: str, data: bytes, newline: bytes = b"\r\n", *fields: bytes) -> bytes:
    head = newline.join(
        (b"Content-Type: application/octet-stream", b"Content-ID: <" + cid.encode() + b">", *fields)
    )
    return head + newline + newline + data


def message(*parts: bytes, boundary: bytes = b"b1", newline: bytes = b"\r\n") -> bytes:
    opened = b"".join(b"--" + boundary + newline + one + newline for one in parts)
    return opened + b"--" + boundary + b"--" + newline


def include(href: str) -> etree._Element:
    element = etree.Element("Document")
    etree.SubElement(element, f"{{{XOP}}}Include", href=href)
    return element


def test_root_and_attachments():
    package = read(TYPE, message(part("root@x", b"<a/>"), part("1@x", b"%PDF-1.4\r\n%%EOF\n")))
    assert package.root == b"<a/>"
    assert {cid: bytes(data) for cid, data in package.attachments.items()} == {"1@x": b"%PDF-1.4\r\n%%EOF\n"}


def test_the_root_is_the_part_that_start_names():
    package = read(TYPE, message(part("1@x", b"document"), part("root@x", b"<a/>")))
    assert package.root == b"<a/>"
    assert bytes(package.attachments["1@x"]) == b"document"


@pytest.mark.parametrize("start", ["", '; start="<nobody>"'])
def test_else_it_is_the_first_part(start: str):
    package = read(f"multipart/related; boundary=b1{start}", message(part("0", b"<a/>"), part("1", b"x")))
    assert package.root == b"<a/>"


def test_an_answer_that_is_not_multipart_is_its_own_root():
    for content_type in ("application/soap+xml; charset=UTF-8", "", "text/html", "nonsense"):
        assert read(content_type, b"<a/>").root == b"<a/>"


@pytest.mark.parametrize(
    "content_type",
    [
        "multipart/related; boundary=b1",
        'multipart/related; boundary="b1"',
        'Multipart/Related; BOUNDARY="b1"',
        'multipart/related;\r\n type="application/xop+xml";\r\n\tboundary="b1"',
        'multipart/related; action="urn:ihe:iti:2007:X"; type="application/soap+xml; action=\\"x\\""; boundary="b1"',
    ],
)
def test_every_way_to_write_a_boundary(content_type: str):
    assert read(content_type, message(part("0", b"<a/>"))).root == b"<a/>"


def test_boundaries_of_other_makers():
    for boundary in ("MIMEBoundary_0a1b=", "uuid:4ca7+id=17", "----=_Part_3_1.2'()+_,-./:=?"):
        package = read(
            f'multipart/related; boundary="{boundary}"',
            message(part("0", b"<a/>"), part("1", b"\n"), boundary=boundary.encode()),
        )
        assert bytes(package.attachments["1"]) == b"\n"


def test_line_feeds_alone():
    package = read(
        TYPE, message(part("root@x", b"<a/>", b"\n"), part("1", b"ends in \r", b"\n"), newline=b"\n")
    )
    assert bytes(package.attachments["1"]) == b"ends in \r"


def test_a_preamble_and_an_epilogue_are_passed_over():
    body = b"This is MIME.\r\n\r\n" + message(part("root@x", b"<a/>")) + b"bye\r\n--b1\r\n"
    assert read(TYPE, body).root == b"<a/>"


def test_padding_after_a_boundary():
    body = message(part("root@x", b"<a/>"), part("1", b"x")).replace(b"--b1\r\n", b"--b1 \t\r\n")
    assert bytes(read(TYPE, body).attachments["1"]) == b"x"


def test_a_message_that_ends_at_its_last_dashes():
    assert read(TYPE, message(part("root@x", b"<a/>")).rstrip()).root == b"<a/>"


def test_content_that_looks_like_a_boundary():
    tricky = b"--b1\r\n--b1x\r\n--b1-\r\n\n--b1--\n\r\n --b1\r\n"
    package = read(TYPE, message(part("root@x", b"<a/>"), part("1", b"\r\n--b1x\r\n\n--b1\n")))
    assert bytes(package.attachments["1"]) == b"\r\n--b1x\r\n\n--b1\n"
    alone = read(TYPE, message(part("root@x", b"<a/>"), part("1", tricky[6:])))
    assert bytes(alone.attachments["1"]) == tricky[6:]


def test_a_part_without_headers():
    assert read("multipart/related; boundary=b1", b"--b1\r\n\r\n<a/>\r\n--b1--").root == b"<a/>"


def test_folded_headers_and_encoded_parts():
    data = bytes(range(256))
    folded = b"Content-Transfer-Encoding:\r\n base64"
    encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    body = message(
        part("root@x", b"<a=3D/>", b"\r\n", b"Content-Transfer-Encoding: Quoted-Printable"),
        part("1", encoded, b"\r\n", folded),
    )
    package = read(TYPE, body)
    assert package.root == b"<a=/>"
    assert bytes(package.attachments["1"]) == data


@pytest.mark.parametrize(
    ("content_type", "body"),
    [
        ("multipart/related", message(part("0", b"<a/>"))),
        ('multipart/related; boundary=""', message(part("0", b"<a/>"))),
        (f"multipart/related; boundary={'x' * 300}", b""),
        ('multipart/related; boundary="é"', b"--\xe9\r\n\r\n\r\n--\xe9--"),
        (TYPE, b""),
        (TYPE, b"<a/>"),
        (TYPE, b"--b1"),
        (TYPE, b"--b1--\r\n"),
        (TYPE, message(part("root@x", b"<a/>"), part("1", b"cut"))[:-12]),
        (TYPE, b"--b1\r\nContent-ID: <1>\r\n--b1--"),
        (TYPE, message(part("root@x", b"<a/>"), part("1", b"x"), part("1", b"y"))),
        (TYPE, message(part("root@x", b"!!", b"\r\n", b"Content-Transfer-Encoding: base64"))),
        (TYPE, message(part("root@x", b"<a/>"), *(part(str(n), b"") for n in range(600)))),
        (TYPE, b"--b1\r\n" + b"X: y\r\n" * 9000 + b"\r\n<a/>\r\n--b1--"),
    ],
)
def test_what_mime_does_not_allow_is_unreadable(content_type: str, body: bytes):
    with pytest.raises(AnswerUnreadable):
        read(content_type, body)


@pytest.mark.parametrize(
    ("cid", "href"),
    [
        ("1@x", "cid:1@x"),
        ("1@x", "cid:1%40x"),
        ("1@x", "CID:%31%40x"),
        ("1@x", "cid:<1@x>"),
        ("1@x", "cid:%3C1@x%3E"),
        ("uuid:4+id=17", "cid:uuid%3A4%2Bid%3D17"),
        ("a%40b", "cid:a%40b"),
    ],
)
def test_every_way_to_name_an_attachment(cid: str, href: str):
    assert content(Package(b"", {cid: memoryview(b"data")}), include(href)) == b"data"


@pytest.mark.parametrize(
    "href", ["cid:2@x", "cid:", "", "1@x", "file:///etc/passwd", "https://localhost/1@x"]
)
def test_a_missing_attachment_is_looked_for_nowhere_else(href: str):
    with pytest.raises(AnswerUnreadable):
        content(Package(b"", {"1@x": memoryview(b"data")}), include(href))


def test_base64_in_place_of_an_attachment():
    element = etree.Element("Document")
    element.text = "\n  JVBE\r\n Rg== "
    assert content(Package(b"", {}), element) == b"%PDF"
    element.text = "JVBE*"
    with pytest.raises(AnswerUnreadable):
        content(Package(b"", {}), element)


# --- by chance --------------------------------------------------------------------------------------------

SHARDS = st.lists(
    st.sampled_from([b"\r", b"\n", b"-", b"--", b"--b", b"--b1", b"b1", b"\r\n--b", b"x", b"\0", b"\xff"]),
    max_size=12,
).map(b"".join)
CONTENTS = (SHARDS | st.binary(max_size=60)).filter(lambda data: b"--b1" not in data)


@given(st.lists(CONTENTS, max_size=5), st.sampled_from([b"\r\n", b"\n"]))
def test_every_content_comes_back_to_the_byte(contents: list[bytes], newline: bytes):
    parts = [part(str(number), data, newline) for number, data in enumerate(contents)]
    package = read(TYPE, message(part("root@x", b"<a/>", newline), *parts, newline=newline))
    assert [bytes(package.attachments[str(n)]) for n in range(len(contents))] == contents


@given(st.lists(CONTENTS.filter(bool), min_size=1, max_size=4))
def test_the_standard_library_reads_the_same(contents: list[bytes]):
    """Python's e-mail parser as the second opinion, over base64 that it may not touch."""
    fields = b"Content-Transfer-Encoding: base64"
    parts = [part(str(n), base64.b64encode(data), b"\r\n", fields) for n, data in enumerate(contents)]
    body = message(part("root@x", b"<a/>"), *parts)
    parsed = email.message_from_bytes(
        b"Content-Type: " + TYPE.encode() + b"\r\n\r\n" + body, policy=email.policy.HTTP
    )
    theirs = [bytes(one.get_payload(decode=True) or b"") for one in parsed.iter_parts()][1:]  # type: ignore[attr-defined]
    package = read(TYPE, body)
    assert theirs == [bytes(package.attachments[str(n)]) for n in range(len(contents))] == contents


@given(st.text(max_size=40), SHARDS | st.binary(max_size=80))
def test_noise_is_unreadable_and_nothing_worse(extra: str, body: bytes):
    for content_type in (TYPE, TYPE + extra, f"multipart/related; boundary={extra}", extra):
        with contextlib.suppress(AnswerUnreadable):
            read(content_type, body)

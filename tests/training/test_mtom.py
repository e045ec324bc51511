"""The multipart reader and writer of the training server."""

import email.policy
from contextlib import suppress
from email.parser import BytesParser

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.training.dmp_server import mtom
from kiosk.training.dmp_server.mtom import Attachment
from kiosk.training.dmp_server.outcomes import Fault

quick = settings(max_examples=300, deadline=None)
# What a delimiter is made of, so that contents look like it as often as possible.
nasty = st.lists(
    st.sampled_from([b"\r", b"\n", b"--", b"-", b"b", b"--b", b"--bx", b" ", b"\0"]), max_size=30
).map(b"".join)


def body(*contents: bytes, newline: bytes = b"\r\n", boundary: bytes = b"b") -> bytes:
    out = b""
    for number, content in enumerate(contents):
        head = newline.join(
            [b"--" + boundary, b"Content-ID: <%d@t>" % number, b"Content-Type: x/y", b"", b""]
        )
        out += head + content + newline
    return out + b"--" + boundary + b"--" + newline


@quick
@given(contents=st.lists(nasty, min_size=1, max_size=4), lf=st.booleans())
def test_contents_keep_every_byte(contents: list[bytes], lf: bool) -> None:
    """Unless a content holds a delimiter, which no sender may send."""
    newline = b"\n" if lf else b"\r\n"
    whole = body(*contents, newline=newline)
    if any(b"--b" in b"\n" + one.replace(b"--bx", b"") for one in contents):
        return
    # A content that ends in CR before a bare LF cannot be told from one ended by CRLF.
    if lf and any(one.endswith(b"\r") for one in contents):
        return
    package = mtom.read('multipart/related; boundary="b"', whole)
    assert [package.root, *package.parts.values()] == contents
    assert package.multipart


@quick
@given(data=st.one_of(st.binary(max_size=300), nasty), boundary=st.sampled_from(["b", "x y", "-", ""]))
def test_any_bytes_are_read_or_refused(data: bytes, boundary: str) -> None:
    with suppress(Fault):
        assert mtom.read(f'multipart/related; boundary="{boundary}"; start="<0@t>"', data).root in data


@quick
@given(content_type=st.text(max_size=80))
def test_any_content_type_is_read_or_refused(content_type: str) -> None:
    with suppress(Fault):
        mtom.read(content_type, b"<a/>")
        mtom.read(f"multipart/related; {content_type}", body(b"x"))


@quick
@given(root=st.binary(max_size=200), contents=st.lists(st.binary(max_size=200), max_size=4))
def test_what_is_written_is_read_by_others_and_back(root: bytes, contents: list[bytes]) -> None:
    attachments = tuple(Attachment(f"{number}@t", one) for number, one in enumerate(contents))
    content_type, data = mtom.write(root, attachments, "urn:x")
    again = mtom.read(content_type, data)
    assert (again.root, list(again.parts.values())) == (root, contents)
    headers = f"Content-Type: {content_type}\r\n\r\n".encode()
    parts = list(BytesParser(policy=email.policy.HTTP).parsebytes(headers + data).iter_parts())
    assert [str(part["Content-ID"]) for part in parts[1:]] == [
        f"<{number}@t>" for number in range(len(contents))
    ]
    assert len(parts) == len(contents) + 1


def test_a_body_that_is_no_multipart_is_the_message() -> None:
    package = mtom.read("application/soap+xml; charset=UTF-8", b"<a/>")
    assert (package.root, dict(package.parts), package.multipart) == (b"<a/>", {}, False)


def test_the_root_is_the_start() -> None:
    package = mtom.read('multipart/related; boundary=b; start="<1@t>"', body(b"first", b"second"))
    assert (package.root, dict(package.parts)) == (b"second", {"0@t": b"first"})


@pytest.mark.parametrize("reference", ["cid:1@t", "cid:1%40t", "CID:1@t"])
def test_references(reference: str) -> None:
    assert mtom.read("multipart/related; boundary=b", body(b"<a/>", b"file")).part(reference) == b"file"


@pytest.mark.parametrize("reference", ["cid:2@t", "1@t", "http://1@t", "", "cid:"])
def test_references_to_nothing(reference: str) -> None:
    assert mtom.read("multipart/related; boundary=b", body(b"<a/>", b"file")).part(reference) is None


@pytest.mark.parametrize(
    ("encoding", "content"),
    [("base64", b"ZmlsZQ==\r\n"), ("quoted-printable", b"=66ile"), ("BINARY", b"file")],
)
def test_transfer_encodings(encoding: str, content: bytes) -> None:
    data = (
        b"preamble\r\n--b  \r\nContent-ID: <0@t>\r\n\r\n<a/>\r\n--b\r\nContent-ID:\r\n <1@t>\r\n"
        b"Content-Transfer-Encoding: " + encoding.encode() + b"\r\n\r\n" + content + b"\r\n--b--"
    )
    assert mtom.read("multipart/related; boundary=b", data).part("cid:1@t") == b"file"


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"--b\r\n\r\n<a/>",
        b"--b\r\nContent-ID: <0@t>\r\n--b--",
        b"--b\r\nno colon\r\n\r\n<a/>\r\n--b--",
        b"--b\r\nA: 1\r\na: 2\r\n\r\n<a/>\r\n--b--",
        b"--b\r\nContent-Transfer-Encoding: base64\r\n\r\n!!\r\n--b--",
        b"--b\r\nContent-Transfer-Encoding: gzip\r\n\r\n<a/>\r\n--b--",
        body(*([b"x"] * 201)),
        b"--b\r\n\r\n<a/>\r\n--b\r\n\r\n1\r\n--b\r\n\r\n2\r\n--b--",
    ],
)
def test_malformed_bodies(data: bytes) -> None:
    with pytest.raises(Fault):
        mtom.read("multipart/related; boundary=b", data)

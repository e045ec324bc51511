"""TD3.2: a document as it was deposited, or nothing of it."""

import base64
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from dmp_peers import http_answer
from registry_bench import (
    ACCESS,
    FAULT,
    NAMES,
    REPOSITORY,
    Answer,
    Bench,
    answer,
    entry,
    envelope,
    error,
    fault,
    oid_of,
    read,
    registered,
    uuid_of,
)

from kiosk.errors import AnswerUnreadable, DmpError, DocumentAltered, Refused

CDA = b'<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"/>\r\n'
XOP = "http://www.w3.org/2004/08/xop/include"
ONE = read(entry(1, content=CDA))


def response(*documents: str, registry: str = "") -> str:
    return (
        f'<x:RetrieveDocumentSetResponse xmlns:x="{NAMES["xdsb"]}">{registry or registered()}'
        f"{''.join(documents)}</x:RetrieveDocumentSetResponse>"
    )


def document(number: int, inside: str, mime: str = "text/xml") -> str:
    return (
        f"<x:DocumentResponse><x:RepositoryUniqueId>{REPOSITORY}</x:RepositoryUniqueId>"
        f"<x:DocumentUniqueId>{oid_of(number)}</x:DocumentUniqueId><x:mimeType>{mime}</x:mimeType>"
        f"<x:Document>{inside}</x:Document></x:DocumentResponse>"
    )


def include(cid: str) -> str:
    return f'<xop:Include xmlns:xop="{XOP}" href="cid:{cid}"/>'


def mtom(body: str, *attachments: tuple[str, bytes], status: str = "200 OK") -> Answer:
    """A multipart answer."""

    def make(request: bytes) -> bytes:
        parts = [("root@dmp", envelope(body, request)), *attachments]
        data = b"".join(
            b"--mime-42\r\nContent-Type: application/octet-stream\r\nContent-ID: <%b>\r\n"
            b"Content-Transfer-Encoding: binary\r\n\r\n%b\r\n" % (cid.encode(), content)
            for cid, content in parts
        )
        kind = 'multipart/related; type="application/xop+xml"; start="<root@dmp>"; boundary="mime-42"'
        return http_answer(data + b"--mime-42--\r\n", status, f"Content-Type: {kind}")

    return make


def test_3_2_400_the_document_and_what_was_asked(tmp_path: Path):
    with Bench(tmp_path, mtom(response(document(1, include("1%40dmp"))), ("1@dmp", CDA))).running() as it:
        (got,) = it.client.retrieve(ACCESS, [ONE])
    assert got.content == CDA
    assert got.verified
    assert (got.unique_id, got.repository_id, got.mime_type) == (oid_of(1), REPOSITORY, "text/xml")
    request = it.sent()
    assert request.tag == f"{{{NAMES['xdsb']}}}RetrieveDocumentSetRequest"
    (wanted,) = request.findall("xdsb:DocumentRequest", NAMES)
    assert [(e.tag.rpartition("}")[2], e.text) for e in wanted] == [
        ("RepositoryUniqueId", REPOSITORY),
        ("DocumentUniqueId", oid_of(1)),
    ]
    head, body = it.server.requests[0]
    assert head.startswith(b"POST /si-dmp-server/v2/services/repository HTTP/1.1")
    assert b'action="urn:ihe:iti:2007:RetrieveDocumentSet"' in head
    assert uuid_of(1).encode() not in body


def test_several_documents_in_the_order_they_were_asked_for(tmp_path: Path):
    two = read(entry(2, content=b"%PDF"))
    body = response(document(2, include("b"), "application/pdf"), document(1, include("a")))
    with Bench(tmp_path, mtom(body, ("a", CDA), ("b", b"%PDF"), ("unused", b"?"))).running() as it:
        first, second = it.client.retrieve(ACCESS, [ONE, two])
    assert (first.content, second.content) == (CDA, b"%PDF")


def test_nothing_asked_is_nothing_sent(tmp_path: Path):
    with Bench(tmp_path, answer("")).running() as it:
        assert it.client.retrieve(ACCESS, []) == ()
    assert it.server.handshakes == []


def test_base64_in_the_envelope_of_a_plain_answer(tmp_path: Path):
    inline = base64.encodebytes(CDA).decode()
    with Bench(tmp_path, answer(response(document(1, inline)))).running() as it:
        (got,) = it.client.retrieve(ACCESS, [ONE])
    assert got.content == CDA


def test_a_document_of_another_hash_is_not_given(tmp_path: Path):
    altered = CDA.replace(b"Clinical", b"Clinicol")
    with (
        Bench(tmp_path, mtom(response(document(1, include("1"))), ("1", altered))).running() as it,
        pytest.raises(DocumentAltered) as raised,
    ):
        it.client.retrieve(ACCESS, [ONE])
    assert "Clinic" not in f"{raised.value!r} {raised.value} {raised.value.detail}"


def test_one_altered_document_spoils_the_lot(tmp_path: Path):
    two = read(entry(2, content=b"%PDF"))
    body = response(document(1, include("a")), document(2, include("b")))
    with (
        Bench(tmp_path, mtom(body, ("a", CDA), ("b", b"%PDf"))).running() as it,
        pytest.raises(DocumentAltered),
    ):
        it.client.retrieve(ACCESS, [ONE, two])


def test_without_a_hash_the_size_is_all_there_is(tmp_path: Path):
    answers = mtom(response(document(1, include("1"))), ("1", CDA))
    with Bench(tmp_path, answers).running() as it:
        (got,) = it.client.retrieve(ACCESS, [replace(ONE, hash="")])
        assert not got.verified
        with pytest.raises(DocumentAltered):
            it.client.retrieve(ACCESS, [replace(ONE, hash="", size=3)])
        (bare,) = it.client.retrieve(ACCESS, [replace(ONE, hash="", size=None)])
        assert bare.content == CDA


@pytest.mark.parametrize(
    "reply",
    [
        mtom(response(document(1, include("elsewhere"))), ("1", CDA)),
        mtom(response(document(9, include("1"))), ("1", CDA)),
        mtom(response(document(1, include("1")), document(1, include("1"))), ("1", CDA)),
        mtom(response("<x:DocumentResponse/>")),
        mtom("<y/>"),
        mtom(f'<x:RetrieveDocumentSetResponse xmlns:x="{NAMES["xdsb"]}"/>'),
        answer(response(document(1, "not base64!"))),
        lambda request: http_answer(b"--b\r\n", "200 OK", "Content-Type: multipart/related; boundary=b"),
        lambda request: http_answer(b"<html>502</html>", "502 Bad Gateway", "Content-Type: text/html"),
    ],
)
def test_what_is_not_the_document_asked_for_is_unreadable(tmp_path: Path, reply: Answer):
    with Bench(tmp_path, reply).running() as it, pytest.raises(AnswerUnreadable):
        it.client.retrieve(ACCESS, [ONE])


@pytest.mark.parametrize("wrap", [mtom, answer])
def test_a_failure_of_the_repository(tmp_path: Path, wrap: Callable[[str], Answer]):
    failed = registered("Failure", error("XDSDocumentUniqueIdError", "inconnu"))
    with Bench(tmp_path, wrap(response(registry=failed))).running() as it, pytest.raises(Refused) as raised:
        it.client.retrieve(ACCESS, [ONE])
    assert (raised.value.server_code, raised.value.server_text) == ("XDSDocumentUniqueIdError", "inconnu")
    assert "ne trouve pas" in raised.value.what


def test_a_fault_comes_as_multipart_too(tmp_path: Path):
    reply = mtom(FAULT.format(code="DMPClosed", text="fermé"), status="500 Internal Server Error")
    with Bench(tmp_path, reply).running() as it, pytest.raises(Refused) as raised:
        it.client.retrieve(ACCESS, [ONE])
    assert raised.value.server_code == "DMPClosed"


def test_a_fault_that_does_not(tmp_path: Path):
    with Bench(tmp_path, fault("DMPClosed", "fermé")).running() as it, pytest.raises(Refused) as raised:
        it.client.retrieve(ACCESS, [ONE])
    assert raised.value.server_code == "DMPClosed"


def test_some_of_the_documents(tmp_path: Path):
    two = read(entry(2))
    partial = registered("PartialSuccess", error("XDSDocumentUniqueIdError", oid_of(2)))
    reply = mtom(response(document(1, include("1")), registry=partial), ("1", CDA))
    with Bench(tmp_path, reply).running() as it:
        assert [got.unique_id for got in it.client.retrieve(ACCESS, [two, ONE])] == [oid_of(1)]


def test_none_of_the_documents(tmp_path: Path):
    partial = registered("PartialSuccess", error("XDSRepositoryError", "ailleurs"))
    with Bench(tmp_path, mtom(response(registry=partial))).running() as it:
        with pytest.raises(Refused) as raised:
            it.client.retrieve(ACCESS, [ONE])
        assert raised.value.server_text == "ailleurs"
    with Bench(tmp_path, mtom(response())).running() as it, pytest.raises(Refused):
        it.client.retrieve(ACCESS, [ONE])


def test_a_large_document_arrives_whole(tmp_path: Path):
    large = bytes(range(256)) * 120_000  # 30 MB
    one = read(entry(1, content=large))
    with Bench(tmp_path, mtom(response(document(1, include("1"))), ("1", large))).running() as it:
        (got,) = it.client.retrieve(ACCESS, [one])
    assert got.content == large


def test_a_hundred_megabytes_are_not_read(tmp_path: Path):
    class Endless(Bench):
        def _script(self, tls, own):
            own.receive(tls)
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n")
            while True:
                tls.sendall(b"x" * 1_000_000)

    with Endless(tmp_path).running() as it, pytest.raises(DmpError) as raised:
        it.client.retrieve(ACCESS, [ONE])
    assert raised.value.detail == "answer too large"

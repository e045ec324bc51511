"""TD2.1 on the wire: MTOM over HTTPS, the answers of the repository, and a retry that is the same to the byte."""

import re
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from client_bench import Bench
from deposit_bench import (
    NS,
    Repository,
    cda_of,
    made,
    note,
    parts_of,
    registry_answer,
    soap_answer,
    submission,
)
from dmp_peers import DOCTOR, PATIENT, SOFTWARE, Clock, Peer, RsaSigner, Uuids, card_tls, peer, server_context
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import mtom, provide, xml
from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import PreparedDocument
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.profile import HISTORICAL
from kiosk.dmp.vihf import Access
from kiosk.errors import AnswerCut, AnswerUnreadable, DmpError, DocumentInvalid, Refused

ACTION = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
ACCESS = Access(PATIENT)


def played(answer: Callable[[bytes, bytes], bytes | None]):
    def script(tls, own: Peer) -> None:
        while (request := own.receive(tls)) is not None:
            if (said := answer(*request)) is None:
                return
            tls.sendall(said)

    return script


class Desk:
    """A client and a repository that speak HTTPS."""

    def __init__(self, directory: Path, script) -> None:
        self._context = peer(server_context(directory), script)
        self._directory = directory
        self.signer = RsaSigner()

    def __enter__(self) -> "Desk":
        self.server = self._context.__enter__()
        channel = HttpsChannel(self.server.url(), card_tls(self._directory))
        self.client = DmpClient(HISTORICAL, SOFTWARE, DOCTOR, self.signer, channel, Clock(), Uuids())
        return self

    def __exit__(self, *error) -> None:
        self.client.close()
        self._context.__exit__(*error)


def test_2_1_010_a_deposit_arrives_whole(tmp_path: Path) -> None:
    repository = Repository()
    with Desk(tmp_path, repository.script) as desk:
        prepared = desk.client.prepare(submission())
        desk.client.provide(ACCESS, prepared)
    assert repository.sets == [prepared.unique_id]
    assert repository.documents[prepared.documents[0].unique_id] == cda_of(prepared)
    assert repository.documents[prepared.signature.unique_id] == prepared.signature.content[0]
    assert repository.files == [note().content]
    assert desk.signer.signatures == 2  # the submission set, the assertion


def test_ex_2_1_1260_the_request_is_mtom(tmp_path: Path) -> None:
    repository = Repository()
    with Desk(tmp_path, repository.script) as desk:
        prepared = desk.client.prepare(submission(note(), note(title="Ordonnance")))
        desk.client.provide(ACCESS, prepared)
        ((head, body),) = desk.server.requests
    assert head.startswith(b"POST /si-dmp-server/v2/services/repository HTTP/1.1\r\n")
    (length,) = re.findall(rb"(?i)content-length: (\d+)", head)
    assert int(length) == len(body)
    assert b"ransfer-encoding: chunked" not in head.lower()
    message, parts = parts_of(head, body)
    assert message.get_content_type() == "multipart/related"
    assert message.get_param("type") == "application/xop+xml"
    assert message.get_param("start-info") == "application/soap+xml"
    assert message.get_param("action") == ACTION
    assert message.get_param("start") == parts[0]["Content-ID"]
    assert not message.defects
    assert parts[0].get_content_type() == "application/xop+xml"
    assert parts[0].get_param("charset") == "UTF-8"
    assert parts[0].get_param("type") == f'application/soap+xml; action="{ACTION}"'
    assert [part.get_content_type() for part in parts[1:]] == ["application/octet-stream"] * 3
    envelope = etree.fromstring(parts[0].get_payload(decode=True))
    (action,) = envelope.iter("{http://www.w3.org/2005/08/addressing}Action")
    assert action.text == ACTION
    hrefs = envelope.xpath("//xop:Include/@href", namespaces=NS)
    assert [f"<{href.removeprefix('cid:')}>" for href in hrefs] == [part["Content-ID"] for part in parts[1:]]
    assert b"%PDF" not in parts[0].get_payload(decode=True)


def test_a_retry_sends_the_same_bytes_under_a_new_message_id(tmp_path: Path) -> None:
    repository = Repository(troubles=["lost"])
    with Desk(tmp_path, repository.script) as desk:
        prepared = desk.client.prepare(submission())
        with pytest.raises(AnswerCut):
            desk.client.provide(ACCESS, prepared)
        desk.client.provide(ACCESS, prepared)
        first, second = (parts_of(*request)[1] for request in desk.server.requests)
    for one, other in zip(first[1:], second[1:], strict=True):
        assert one.get_payload(decode=True) == other.get_payload(decode=True)
    roots = [part[0].get_payload(decode=True) for part in (first, second)]
    bodies = [re.findall(rb"<soap:Body>(.*)</soap:Body>", root, re.DOTALL) for root in roots]
    assert bodies[0] == bodies[1] == [prepared.body]
    ids = [re.findall(rb"MessageID>([^<]+)<", root) for root in roots]
    assert ids[0] != ids[1]
    assert desk.signer.signatures == 2


def test_a_request_of_ten_megabytes(tmp_path: Path) -> None:
    content = b"%PDF-1.4\n" + bytes(10_000_000)
    repository = Repository()

    def without_the_email_parser(head: bytes, body: bytes) -> bytes:
        repository.provided = len(body)
        return soap_answer(body, registry_answer())

    with Desk(tmp_path, played(without_the_email_parser)) as desk:
        desk.client.provide(ACCESS, desk.client.prepare(submission(note(content=content))))
    assert repository.provided > 13_000_000


@pytest.mark.parametrize("code", ["DMPClosed", "XDSUnknownPatientId", "XDSRegistryMetadataError"])
def test_a_refusal_of_the_registry(code: str, tmp_path: Path) -> None:
    with Desk(tmp_path, Repository(troubles=[code]).script) as desk:
        prepared = desk.client.prepare(submission())
        with pytest.raises(Refused) as raised:
            desk.client.provide(ACCESS, prepared)
    assert raised.value.server_code == code


def test_an_answer_may_come_as_multipart(tmp_path: Path) -> None:
    def answer(head: bytes, body: bytes) -> bytes:
        plain = soap_answer(body, registry_answer()).partition(b"\r\n\r\n")[2]
        part = b"Content-Type: application/xop+xml\r\nContent-ID: <0>\r\n\r\n"
        whole = b"--x\r\n" + part + plain + b"\r\n--x--\r\n"
        lines = (
            "HTTP/1.1 200 OK",
            f"Content-Length: {len(whole)}",
            'Content-Type: multipart/related; type="application/xop+xml"; boundary=x; start="<0>"',
        )
        return "\r\n".join(lines).encode() + b"\r\n\r\n" + whole

    with Desk(tmp_path, played(answer)) as desk:
        desk.client.provide(ACCESS, desk.client.prepare(submission()))


def test_td3_1b_tells_whether_a_document_arrived(tmp_path: Path) -> None:
    repository = Repository()
    with Desk(tmp_path, repository.script) as desk:
        prepared = desk.client.prepare(submission())
        unique_id = prepared.documents[0].unique_id
        assert not desk.client.knows_document(ACCESS, unique_id)
        desk.client.provide(ACCESS, prepared)
        assert desk.client.knows_document(ACCESS, unique_id)
        query = desk.server.requests[-1][1]
    assert b'returnType="ObjectRef"' in query
    assert f"('{unique_id}')".encode() in query


def test_what_breaks_a_rule_is_neither_signed_nor_sent(tmp_path: Path) -> None:
    with Desk(tmp_path, Repository().script) as desk:
        with pytest.raises(DocumentInvalid):
            desk.client.prepare(submission(note(title="")))
        assert (desk.signer.signatures, desk.server.requests) == (0, [])


def test_a_deposit_does_not_go_into_another_record(tmp_path: Path) -> None:
    with Bench(tmp_path, HISTORICAL, []).running() as bench:
        prepared = bench.client.prepare(submission())
        with pytest.raises(ValueError, match="another record"):
            bench.client.provide(Access(PATIENT, secret=True), prepared)


def test_nothing_prepared_shows_a_patient_in_its_repr() -> None:
    prepared = made()
    shown = repr((prepared, submission(), note(), prepared.documents[0]))
    for secret in ("LACÔTE", "0833910461279517589858", "consultation", "ClinicalDocument"):
        assert secret not in shown


@pytest.mark.parametrize(
    ("answer", "error"),
    [
        (registry_answer("Failure"), Refused),
        (registry_answer("Failure", "XDSRepositoryError"), Refused),
        (registry_answer("PartialSuccess"), AnswerUnreadable),
        (registry_answer("Whatever"), AnswerUnreadable),
        ("<RegistryResponse/>", AnswerUnreadable),
        (registry_answer().replace("RegistryResponse", "OtherResponse"), AnswerUnreadable),
    ],
)
def test_only_success_is_success(answer: str, error: type[DmpError]) -> None:
    with pytest.raises(error):
        provide.check_registered(xml.parse(answer.encode()))


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(st.binary(max_size=80), min_size=1, max_size=3), min_size=1, max_size=4),
    st.uuids(),
)
def test_parts_come_back_to_the_byte(contents: list[list[bytes]], boundary) -> None:
    """Split at the delimiters, as RFC 2046 says, and not with the code that reads answers."""
    documents = [
        PreparedDocument(f"2.25.{n}", f"{n}@borne", tuple(pieces), "") for n, pieces in enumerate(contents)
    ]
    content_type, chunks = mtom.write(b"<root/>", documents, action=ACTION, boundary=boundary)
    (line,) = re.findall(r'boundary="([^"]+)"', content_type)
    whole = b"\r\n" + b"".join(chunks)
    parts = whole.split(f"\r\n--{line}".encode())
    assert parts[0] == b""
    assert parts[-1] == b"--\r\n"
    bodies = [part.partition(b"\r\n\r\n")[2] for part in parts[1:-1]]
    assert bodies == [b"<root/>", *(b"".join(pieces) for pieces in contents)]


def test_a_large_file_is_never_held_twice_in_base64() -> None:
    """b64encode itself takes room for half as much again while it works."""
    content = bytes(12_000_000)
    signer = RsaSigner()
    tracemalloc.start()
    prepared = made(submission(note(content=content)), signer=signer)
    _, chunks = mtom.write(prepared.body, prepared.parts, action=ACTION, boundary=Uuids()())
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert sum(map(len, chunks)) > 16_000_000
    assert peak < 1.75 * 16_000_000


def test_a_document_is_not_copied_into_the_request() -> None:
    pieces = (b"head", bytes(1_000_000), b"tail")
    _, chunks = mtom.write(
        b"<root/>", [PreparedDocument("2.25.1", "1@borne", pieces, "")], action=ACTION, boundary=Uuids()()
    )
    assert all(any(piece is chunk for chunk in chunks) for piece in pieces)

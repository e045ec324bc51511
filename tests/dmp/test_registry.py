"""TD3.1: what is asked of the registry, and what is made of its answers."""

import datetime
from pathlib import Path

import pytest
from dmp_peers import http_answer
from lxml import etree
from registry_bench import (
    ACCESS,
    APPROVED,
    ARCHIVED,
    CX,
    DEPRECATED,
    NAMES,
    RIM,
    Bench,
    answer,
    entry,
    envelope,
    error,
    fault,
    found,
    oid_of,
    read,
    slot,
    uuid_of,
    values,
)

from kiosk.code import Code
from kiosk.dmp import registry
from kiosk.dmp.document import DocumentEntry, DocumentQuery, DocumentStatus
from kiosk.errors import AnswerCut, AnswerUnreadable, Cancelled, Refused

CONSULTATION = Code("11488-4", "2.16.840.1.113883.6.1", "CR de consultation")
BIOLOGY = Code("11502-2", "2.16.840.1.113883.6.1", "CR d'examens biologiques")
PARIS = datetime.timezone(datetime.timedelta(hours=2))


def asked(query: DocumentQuery) -> etree._Element:
    return etree.fromstring(registry.find_documents(CX, query))


# --- requests ---------------------------------------------------------------------------------------------


def test_3_1_005_a_search_without_criteria_asks_for_what_is_current():
    request = asked(DocumentQuery())
    assert request.tag == f"{{{NAMES['query']}}}AdhocQueryRequest"
    option = request.find("query:ResponseOption", NAMES)
    assert option is not None
    assert dict(option.attrib) == {"returnComposedObjects": "true", "returnType": "LeafClass"}
    (adhoc,) = request.findall("rim:AdhocQuery", NAMES)
    assert adhoc.get("id") == "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
    assert values(request, "$XDSDocumentEntryPatientId") == [f"'{CX}'"]
    assert values(request, "$XDSDocumentEntryStatus") == [f"('{APPROVED}')"]
    assert len(adhoc) == 2


def test_3_1_040_050_archived_and_obsolete_documents_on_demand():
    request = asked(DocumentQuery(include_archived=True, include_obsolete=True))
    assert values(request, "$XDSDocumentEntryStatus") == [f"('{APPROVED}','{ARCHIVED}','{DEPRECATED}')"]


def test_3_1_090_100_types_go_as_code_and_system():
    request = asked(DocumentQuery(types=(CONSULTATION, BIOLOGY)))
    assert values(request, "$XDSDocumentEntryTypeCode") == [
        "('11488-4^^2.16.840.1.113883.6.1','11502-2^^2.16.840.1.113883.6.1')"
    ]


def test_3_1_110_to_140_times_are_bare_and_in_utc():
    start = datetime.datetime(2026, 7, 1, 1, 30, tzinfo=PARIS)
    query = DocumentQuery(service_from=start, service_to=start + datetime.timedelta(days=1), types=(BIOLOGY,))
    request = asked(query)
    assert values(request, "$XDSDocumentEntryServiceStartTimeFrom") == ["20260630233000"]
    assert values(request, "$XDSDocumentEntryServiceStartTimeTo") == ["20260701233000"]
    assert values(request, "$XDSDocumentEntryTypeCode") == ["('11502-2^^2.16.840.1.113883.6.1')"]


def test_every_other_criterion_has_its_parameter():
    code = Code("X", "1.2.3", "x")
    when = datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC)
    request = asked(
        DocumentQuery(
            classes=(code,),
            formats=(code,),
            practice_settings=(code,),
            facility_types=(code,),
            events=(code,),
            confidentialities=(code,),
            author="O'NEIL %_",
            created_from=when,
            created_to=when,
            service_stop_from=when,
            service_stop_to=when,
        )
    )
    lists = ("ClassCode", "FormatCode", "PracticeSettingCode", "HealthcareFacilityTypeCode", "EventCodeList")
    for name in (*lists, "ConfidentialityCode"):
        assert values(request, f"$XDSDocumentEntry{name}") == ["('X^^1.2.3')"]
    for name in ("CreationTimeFrom", "CreationTimeTo", "ServiceStopTimeFrom", "ServiceStopTimeTo"):
        assert values(request, f"$XDSDocumentEntry{name}") == ["20260102030405"]
    assert values(request, "$XDSDocumentEntryAuthorPerson") == ["('%O''NEIL %')"]


def test_3_1_820_references_go_by_their_own_query():
    request = asked(DocumentQuery(reference_ids=("A^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession", "B")))
    (adhoc,) = request.findall("rim:AdhocQuery", NAMES)
    assert adhoc.get("id") == "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"
    assert values(request, "$XDSDocumentEntryReferenceIdList") == [
        "('A^^^&1.2.3&ISO^urn:ihe:iti:xds:2013:accession','B')"
    ]


# --- a search from end to end -----------------------------------------------------------------------------


def test_3_1_005_the_list_as_it_is_told(tmp_path: Path):
    with Bench(tmp_path, answer(found(entry(1), entry(2, restrictions=("MASQUE_PS",))))).running() as it:
        result = it.client.find_documents(ACCESS, DocumentQuery())
    assert [e.unique_id for e in result.entries] == [oid_of(1), oid_of(2)]
    assert [e.visibility.hidden_from_professionals for e in result.entries] == [False, True]
    assert (result.partial, result.notes, result.unreadable) == (False, (), 0)
    head, _ = it.server.requests[0]
    assert head.startswith(b"POST /si-dmp-server/v2/services/registry HTTP/1.1")
    assert b'action="urn:ihe:iti:2007:RegistryStoredQuery"' in head
    assert len(it.server.requests) == 1


def test_an_empty_record_is_an_empty_list(tmp_path: Path):
    with Bench(tmp_path, answer(found())).running() as it:
        assert it.client.find_documents(ACCESS, DocumentQuery()).entries == ()


def test_an_answer_without_a_list_is_an_empty_list(tmp_path: Path):
    body = f'<q:AdhocQueryResponse xmlns:q="{NAMES["query"]}" status="urn:x:Success"/>'
    with Bench(tmp_path, answer(body)).running() as it:
        assert it.client.find_documents(ACCESS, DocumentQuery()).entries == ()


def test_ten_thousand_documents_come_a_screenful_first(tmp_path: Path):
    """The first batch is out while the service still has to be told to send the rest."""
    count = 10_000
    objects = [entry(number) for number in range(1, count + 1)]
    batches: list[list[DocumentEntry]] = []

    class Paused(Bench):
        def _script(self, tls, own):
            request = own.receive(tls)
            body = envelope(found(*objects), request[1])
            tls.sendall(f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\n\r\n".encode())
            tls.sendall(body[:400_000])
            assert own.moment.wait(10)
            tls.sendall(body[400_000:])

    def take(entries: list[DocumentEntry]) -> None:
        batches.append(entries)
        it.server.moment.set()

    with Paused(tmp_path).running() as it:
        result = it.client.find_documents(ACCESS, DocumentQuery(), take)
    assert 0 < len(batches[0]) < 100
    assert [e.unique_id for batch in batches for e in batch] == [oid_of(n) for n in range(1, count + 1)]
    assert result.entries == ()


def test_a_search_can_be_given_up_between_two_batches(tmp_path: Path):
    objects = [entry(number) for number in range(1, 500)]
    with Bench(tmp_path, answer(found(*objects))).running() as it, pytest.raises(Cancelled):
        it.client.find_documents(ACCESS, DocumentQuery(), lambda _: it.client.cancel())


def test_the_connection_is_of_no_use_after_a_reader_failed_and_the_next_call_opens_another(tmp_path: Path):
    class Closed(Exception):
        pass

    def fail(_: object) -> None:
        raise Closed

    objects = [entry(number) for number in range(1, 500)]
    with Bench(tmp_path, answer(found(*objects)), answer(found(entry()))).running() as it:
        with pytest.raises(Closed):
            it.client.find_documents(ACCESS, DocumentQuery(), fail)
        assert len(it.client.find_documents(ACCESS, DocumentQuery()).entries) == 1


def test_a_list_cut_on_a_kept_connection_is_not_asked_for_a_second_time(tmp_path: Path):
    """What it gave would come twice."""

    def cut(request: bytes) -> bytes:
        body = envelope(found(*(entry(number) for number in range(1, 200))), request)
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(body)}\r\nConnection: close\r\n\r\n"
        return head.encode() + body[:-200]

    given: list[list[DocumentEntry]] = []
    with Bench(tmp_path, answer(found()), cut).running() as it:
        it.client.find_documents(ACCESS, DocumentQuery())
        with pytest.raises(AnswerCut):
            it.client.find_documents(ACCESS, DocumentQuery(), given.append)
    assert given
    assert len(it.server.requests) == 2


def test_a_kept_connection_found_dead_is_replaced_before_anything_came(tmp_path: Path):
    def dead(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 900\r\nConnection: close\r\n\r\n"

    with Bench(tmp_path, answer(found()), dead, answer(found(entry()))).running() as it:
        it.client.find_documents(ACCESS, DocumentQuery())
        assert len(it.client.find_documents(ACCESS, DocumentQuery()).entries) == 1
    assert len(it.server.requests) == 3


def test_a_list_that_ends_with_the_connection_can_be_given_up(tmp_path: Path):
    def until_closed(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + envelope(
            found(*(entry(number) for number in range(1, 500))), request
        )

    with Bench(tmp_path, until_closed).running() as it:
        assert len(it.client.find_documents(ACCESS, DocumentQuery()).entries) == 499
        with pytest.raises(Cancelled):
            it.client.find_documents(ACCESS, DocumentQuery(), lambda _: it.client.cancel())


def test_nothing_is_given_of_an_answer_to_somebody_else(tmp_path: Path):
    def foreign(request: bytes) -> bytes:
        return http_answer(envelope(found(entry()), b"<MessageID>urn:uuid:other</MessageID>"))

    given: list[object] = []
    with Bench(tmp_path, foreign).running() as it, pytest.raises(AnswerUnreadable):
        it.client.find_documents(ACCESS, DocumentQuery(), given.append)
    assert given == []


@pytest.mark.parametrize(
    "broken",
    [
        lambda body: body[: len(body) // 2],
        lambda body: b'<!DOCTYPE x [<!ENTITY a "b">]>' + body,
        lambda body: body.replace(b"<s:Body>", b"<s:Body>" + b"<x>" * 3000),
        lambda body: b"<html>proxy</html>",
        lambda body: b"",
        lambda body: b"\xff\xfe\x00",
    ],
)
def test_what_is_no_answer_is_unreadable(tmp_path: Path, broken):
    def reply(request: bytes) -> bytes:
        return http_answer(broken(envelope(found(entry()), request)))

    with Bench(tmp_path, reply).running() as it, pytest.raises(AnswerUnreadable):
        it.client.find_documents(ACCESS, DocumentQuery())


def test_an_answer_of_a_hundred_megabytes_is_not_read_to_its_end(tmp_path: Path):
    class Endless(Bench):
        def _script(self, tls, own):
            request = own.receive(tls)
            opening, _, _ = envelope(found("|"), request[1]).partition(b"|")
            tls.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 200000000\r\n\r\n" + opening)
            self.sent_bytes = 0
            block = entry(1).encode() * 200
            while self.sent_bytes < 200_000_000:
                tls.sendall(block)
                self.sent_bytes += len(block)

    with Endless(tmp_path).running() as it, pytest.raises(AnswerUnreadable) as raised:
        it.client.find_documents(ACCESS, DocumentQuery())
    assert raised.value.detail == "answer too large"
    assert it.sent_bytes < 100_000_000


def test_one_endless_description_is_refused(tmp_path: Path):
    long = entry(1).replace("</ExtrinsicObject>", slot("x", *["y" * 1000] * 9000) + "</ExtrinsicObject>")
    with Bench(tmp_path, answer(found(long))).running() as it, pytest.raises(AnswerUnreadable):
        it.client.find_documents(ACCESS, DocumentQuery())


# --- refusals ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("code", ["DMPAccessForbidden", "DMPClosed", "DMPAccessDeniedByExcededThreshold"])
def test_3_1_240_250_a_failure_is_told_with_code_and_text(tmp_path: Path, code: str):
    errors = error("XDSRegistryError", "erreur") + error(code, "texte du DMP")
    with (
        Bench(tmp_path, answer(found(status="Failure", errors=errors))).running() as it,
        pytest.raises(Refused) as raised,
    ):
        it.client.find_documents(ACCESS, DocumentQuery())
    assert (raised.value.server_code, raised.value.server_text) == (code, "texte du DMP")
    assert raised.value.what != Refused.what


def test_an_unknown_failure_is_told_verbatim(tmp_path: Path):
    errors = error("urn:dmp:XDSNouveau", "motif \u202einattendu")
    with (
        Bench(tmp_path, answer(found(status="Failure", errors=errors))).running() as it,
        pytest.raises(Refused) as raised,
    ):
        it.client.find_documents(ACCESS, DocumentQuery())
    assert raised.value.server_code == "XDSNouveau"
    assert raised.value.server_text == "motif \ufffdinattendu"


def test_a_failure_without_a_word_is_a_refusal_all_the_same(tmp_path: Path):
    with Bench(tmp_path, answer(found(status="Failure"))).running() as it, pytest.raises(Refused):
        it.client.find_documents(ACCESS, DocumentQuery())


def test_a_soap_fault_is_a_refusal(tmp_path: Path):
    with (
        Bench(tmp_path, fault("DMPInvalidCertificate", "Certificat")).running() as it,
        pytest.raises(Refused) as raised,
    ):
        it.client.find_documents(ACCESS, DocumentQuery())
    assert raised.value.server_code == "DMPInvalidCertificate"


def test_a_part_of_the_list_is_said_to_be_one(tmp_path: Path):
    body = found(entry(), status="PartialSuccess", errors=error("XDSTooManyResults", "limité"))
    with Bench(tmp_path, answer(body)).running() as it:
        result = it.client.find_documents(ACCESS, DocumentQuery())
    assert result.partial
    assert [(note.code, note.text) for note in result.notes] == [("XDSTooManyResults", "limité")]
    assert len(result.entries) == 1


def test_a_warning_does_not_make_a_list_partial(tmp_path: Path):
    body = found(entry(), errors=error("DMPInfo", "à savoir", "Warning"))
    with Bench(tmp_path, answer(body)).running() as it:
        result = it.client.find_documents(ACCESS, DocumentQuery())
    assert not result.partial
    assert [note.text for note in result.notes] == ["à savoir"]


def test_a_document_without_identifier_is_counted_and_left_out(tmp_path: Path):
    nameless = f'<ExtrinsicObject xmlns="{RIM}" id="urn:uuid:x" status="{APPROVED}"/>'
    with Bench(tmp_path, answer(found(nameless, entry()))).running() as it:
        result = it.client.find_documents(ACCESS, DocumentQuery())
    assert (len(result.entries), result.unreadable) == (1, 1)


# --- what is new ------------------------------------------------------------------------------------------


def package(number: int, time: str) -> str:
    return (
        f'<RegistryPackage xmlns="{RIM}" id="urn:uuid:set-{number}" status="{APPROVED}">'
        f"{slot('submissionTime', time)}</RegistryPackage>"
    )


def member(source: str, target: str, kind: str = "HasMember") -> str:
    return (
        f'<Association xmlns="{RIM}" id="urn:uuid:as" sourceObject="{source}" targetObject="{target}" '
        f'associationType="urn:oasis:names:tc:ebxml-regrep:AssociationType:{kind}"/>'
    )


def test_3_1_400_what_was_submitted_since_the_last_visit(tmp_path: Path):
    answers = (
        answer(found(package(1, "20260301120000"), package(2, "20260302070000"))),
        answer(
            found(
                member("urn:uuid:set-1", uuid_of(1)),
                member("urn:uuid:set-2", uuid_of(2)),
                member("urn:uuid:set-2", uuid_of(3)),
                member("urn:uuid:set-3", uuid_of(8)),
                member(uuid_of(2), uuid_of(9), "RPLC"),
            )
        ),
        answer(found(entry(1), entry(2), entry(3, status=DEPRECATED))),
    )
    since = datetime.datetime(2026, 3, 1, 10, tzinfo=PARIS)
    with Bench(tmp_path, *answers).running() as it:
        result = it.client.find_since(ACCESS, since)
    first, second = result.entries
    assert first.submitted == datetime.datetime(2026, 3, 1, 12, tzinfo=datetime.UTC)
    assert second.submitted == datetime.datetime(2026, 3, 2, 7, tzinfo=datetime.UTC)
    sets, links, documents = it.sent(0), it.sent(1), it.sent(2)
    ids = [request.findall("rim:AdhocQuery", NAMES)[0].get("id") for request in (sets, links, documents)]
    assert ids == [
        "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9",
        "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155",
        "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4",
    ]
    assert values(sets, "$XDSSubmissionSetPatientId") == [f"'{CX}'"]
    assert values(sets, "$XDSSubmissionSetStatus") == [f"('{APPROVED}')"]
    assert values(sets, "$XDSSubmissionSetSubmissionTimeFrom") == ["20260301080000"]
    assert values(links, "$uuid") == ["('urn:uuid:set-1','urn:uuid:set-2')"]
    assert values(documents, "$XDSDocumentEntryEntryUUID") == [
        f"('{uuid_of(1)}','{uuid_of(2)}','{uuid_of(3)}')"
    ]


def test_3_1_400_nothing_new_asks_nothing_more(tmp_path: Path):
    with Bench(tmp_path, answer(found())).running() as it:
        assert it.client.find_since(ACCESS, it.clock()).entries == ()
    assert len(it.server.requests) == 1


def test_3_1_010_identifiers_go_by_at_most_88(tmp_path: Path):
    members = [member("urn:uuid:set-1", uuid_of(number)) for number in range(200)]
    answers = (answer(found(package(1, "2026"))), answer(found(*members)), answer(found()))
    with Bench(tmp_path, *answers).running() as it:
        it.client.find_since(ACCESS, it.clock())
    sizes = [it.server.requests[i][1].count(b"urn:uuid:00000000-0000-4000-8000") for i in (2, 3, 4)]
    assert sizes == [88, 88, 24]
    assert len(it.server.requests) == 5


def test_the_versions_of_a_document(tmp_path: Path):
    body = found(entry(1, status=DEPRECATED), entry(2), member(uuid_of(2), uuid_of(1), "RPLC"))
    with Bench(tmp_path, answer(body)).running() as it:
        result = it.client.find_versions(ACCESS, read(entry(2)))
    assert [e.status for e in result.entries] == [DocumentStatus.OBSOLETE, DocumentStatus.CURRENT]
    (adhoc,) = it.sent(0).findall("rim:AdhocQuery", NAMES)
    assert adhoc.get("id") == "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"
    assert values(it.sent(0), "$AssociationTypes") == ["('urn:ihe:iti:2007:AssociationType:RPLC')"]
    asked = [values(it.sent(index), "$XDSDocumentEntryUniqueId") for index in range(len(it.server.requests))]
    assert asked == [[f"'{oid_of(2)}'"], [f"'{oid_of(1)}'"]]

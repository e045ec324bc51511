"""Whatever documents are sent or asked for, the service answers what it meant, and lives on."""

import copy
from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from lxml import etree
from raw_dmp import ANDRE, BY_CARD, Desk, Vihf, envelope, headers, sign
from raw_xds import (
    APPROVED,
    DEPOSIT,
    FIND_DOCUMENTS,
    FIND_SETS,
    GET_ALL,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    GET_RELATED,
    GET_SET_AND_CONTENTS,
    SUCCESS,
    UPDATE,
    Deposit,
    Document,
    association,
    cx,
    find_documents,
    found,
    multipart,
    plain,
    post,
    query,
    search,
    slot,
    update_request,
)

pytest_plugins = ("dmp_desk",)

DOCTOR = BY_CARD["cps-medecin"]
CABINET = "499700000001001"
quick = settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
QUERIES = [
    FIND_DOCUMENTS,
    FIND_SETS,
    GET_ALL,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    GET_RELATED,
    GET_SET_AND_CONTENTS,
]
NAMES = [
    "$XDSDocumentEntryPatientId", "$XDSDocumentEntryStatus", "$XDSDocumentEntryUniqueId", "$XDSDocumentEntryEntryUUID",
    "$XDSDocumentEntryAuthorPerson", "$XDSDocumentEntryCreationTimeFrom", "$XDSDocumentEntryTypeCode", "$uuid",
    "$patientId", "$AssociationTypes", "$XDSSubmissionSetPatientId", "$XDSSubmissionSetStatus",
    "$XDSSubmissionSetUniqueId", "$XDSSubmissionSetSubmissionTimeTo",
]  # fmt: skip
printable = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"),
    max_size=30,
)
values = st.one_of(
    printable,
    printable.map(lambda one: f"'{one}'"),
    printable.map(lambda one: f"('{one}')"),
    st.sampled_from(
        [f"'{cx(ANDRE)}'", f"('{APPROVED}')", "('a','b'", "()", "''", "(''')", "%" * 30 + "x", "2025"]
    ),
)


@pytest.fixture(autouse=True)
def alive(desk: Desk) -> Iterator[None]:
    """Afterwards a plain search works."""
    yield
    assert found(desk, Vihf(DOCTOR, ANDRE)).documents


@quick
@given(
    query_id=st.sampled_from(QUERIES), slots=st.lists(st.tuples(st.sampled_from(NAMES), values), max_size=5)
)
def test_any_parameters(desk: Desk, query_id: str, slots: list[tuple[str, str]]) -> None:
    answer = search(desk, Vihf(DOCTOR, ANDRE), query(query_id, *(slot(name, value) for name, value in slots)))
    assert answer.status == 200
    assert (answer.outcome == SUCCESS) != bool(answer.errors)


def mutated(data: st.DataObject, xml: str) -> str:
    """One element dropped, doubled or moved, one attribute or text changed."""
    root = etree.fromstring(xml)
    below = list(root.iter())[1:]
    one = data.draw(st.sampled_from(below))
    how = data.draw(st.sampled_from(["drop", "double", "text", "attribute", "empty"]))
    if how == "drop":
        one.getparent().remove(one)
    elif how == "double":
        one.addnext(copy.deepcopy(one))
    elif how == "text":
        one.text = data.draw(printable)
    elif how == "empty":
        for child in list(one):
            one.remove(child)
    elif one.attrib:
        one.set(data.draw(st.sampled_from(sorted(one.attrib))), data.draw(printable))
    return etree.tostring(root, encoding="unicode")


@quick
@given(data=st.data())
def test_mutated_searches(desk: Desk, data: st.DataObject) -> None:
    body = mutated(
        data, find_documents(ANDRE, slot("$XDSDocumentEntryTypeCode", "('11502-2^^2.16.840.1.113883.6.1')"))
    )
    answer = search(desk, Vihf(DOCTOR, ANDRE), body)
    assert answer.status == 200


@quick
@given(data=st.data())
def test_mutated_updates(desk: Desk, data: st.DataObject) -> None:
    """A wrong update is refused; what a mutation left harmless is done."""
    link = association(
        "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus", "lot", "urn:uuid:x",
        slot("OriginalStatus", APPROVED), slot("NewStatus", "urn:asip:ci-sis:2010:StatusType:Archived"),
    )  # fmt: skip
    body = mutated(data, update_request(ANDRE, DOCTOR, CABINET, link))
    answer = plain(desk.call(Vihf(DOCTOR, ANDRE), "/registry", UPDATE, body))
    assert answer.status == 200
    assert (answer.outcome == SUCCESS) != bool(answer.errors)


@quick
@given(data=st.data())
def test_mutated_deposits(desk: Desk, data: st.DataObject) -> None:
    deposit = Deposit(Vihf(DOCTOR, ANDRE), [Document(DOCTOR, ANDRE, CABINET)], CABINET)
    request, parts = deposit.body(desk)
    name = data.draw(st.sampled_from(sorted(parts)))
    kind = data.draw(st.sampled_from(["metadata", "cut", "noise", "xml"]))
    if kind == "metadata":
        request = mutated(data, request)
    elif kind == "cut":
        parts[name] = parts[name][: len(parts[name]) * data.draw(st.integers(0, 999)) // 1000]
    elif kind == "noise":
        parts[name] = data.draw(st.binary(max_size=100))
    else:
        parts[name] = mutated(data, parts[name].decode()).encode()
    message = envelope(headers(DEPOSIT), sign(deposit.vihf, desk.keys(DOCTOR)), request)
    answer = post(desk, DOCTOR, *multipart(message, parts, DEPOSIT))
    assert (answer.status, bool(answer.outcome)) in {(200, True), (500, False)}
    assert answer.get("//s:Fault/s:Code/s:Value") in ("", "soap:Sender")
    assert (answer.outcome == SUCCESS) != bool(answer.errors or answer.subcode)


@quick
@given(data=st.binary(max_size=400))
def test_any_bytes_to_the_repository(desk: Desk, data: bytes) -> None:
    answer = post(desk, DOCTOR, "multipart/related; boundary=b", data)
    assert (answer.status, answer.get("//s:Fault/s:Code/s:Value")) == (500, "soap:Sender")

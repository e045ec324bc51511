"""Answers with documents whose parts a trainer had damaged, as the standard library's mail parser reads them."""

import email.policy
from email.errors import CloseBoundaryNotFoundDefect
from email.message import EmailMessage
from email.parser import BytesParser

import pytest
from lxml import etree
from raw_dmp import ANDRE, BASE, JEAN_PIERRE, Desk, Vihf, envelope, headers, sign
from raw_xds import RETRIEVE, SUCCESS, found, multipart, received, retrieve, retrieve_request, unique_id

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

INCLUDE = "string(//*[local-name()='Include']/@href)"


def order(desk: Desk, kind: str, times: int = 1) -> None:
    assert desk.control(do="fault", kind=kind, times=times) == {"ok": True}


def a_document(desk: Desk, doctor: Holder) -> str:
    return unique_id(found(desk, Vihf(doctor, ANDRE)).documents[0])


def answered(desk: Desk, doctor: Holder, unique: str) -> tuple[EmailMessage, list[EmailMessage]]:
    """The whole answer to the request of one document, and its parts."""
    data = envelope(headers(RETRIEVE), sign(Vihf(doctor, ANDRE), desk.keys(doctor)), retrieve_request(unique))
    content_type, body = multipart(data, {}, RETRIEVE)
    connection = desk.connect(desk.context(doctor))
    try:
        connection.request("POST", f"{BASE}/repository", body, {"Content-Type": content_type})
        response = connection.getresponse()
        answer = response.read()  # as long as HTTP announced it: nothing is wrong below MIME
    finally:
        connection.close()
    assert response.status == 200
    head = f"Content-Type: {response.headers['Content-Type']}\r\n\r\n".encode()
    whole = BytesParser(EmailMessage, policy=email.policy.HTTP).parsebytes(head + answer)
    return whole, list(whole.iter_parts())


def named(parts: list[EmailMessage]) -> str:
    """The Content-ID that the envelope names."""
    root = etree.fromstring(parts[0].get_payload(decode=True))
    return str(root.xpath(INCLUDE)).removeprefix("cid:")


def ids(parts: list[EmailMessage]) -> list[str]:
    return [str(part["Content-ID"]).strip("<>") for part in parts]


def test_a_part_is_named_and_not_there(desk: Desk, doctor: Holder) -> None:
    unique = a_document(desk, doctor)
    order(desk, "part-missing")
    whole, parts = answered(desk, doctor, unique)
    assert (len(parts), whole.defects) == (1, [])
    assert named(parts) not in ids(parts)


def test_a_part_is_there_under_another_name(desk: Desk, doctor: Holder) -> None:
    unique = a_document(desk, doctor)
    order(desk, "part-renamed")
    whole, parts = answered(desk, doctor, unique)
    assert (len(parts), whole.defects) == (2, [])
    assert named(parts) not in ids(parts)
    assert len(set(ids(parts))) == 2


def test_the_last_delimiter_is_cut(desk: Desk, doctor: Holder) -> None:
    unique = a_document(desk, doctor)
    order(desk, "boundary-cut")
    whole, parts = answered(desk, doctor, unique)
    assert [type(defect) for defect in whole.defects] == [CloseBoundaryNotFoundDefect]
    assert named(parts) in ids(parts)


@pytest.mark.parametrize("kind", ["part-missing", "part-renamed", "boundary-cut"])
def test_the_next_answer_is_whole_again(kind: str, desk: Desk, doctor: Holder) -> None:
    unique = a_document(desk, doctor)
    order(desk, kind)
    answered(desk, doctor, unique)
    answer = retrieve(desk, Vihf(doctor, ANDRE), unique)
    assert (answer.status, answer.outcome) == (200, SUCCESS)
    assert received(answer, unique)


@pytest.mark.parametrize("kind", ["part-missing", "part-renamed", "boundary-cut"])
def test_an_answer_without_parts_is_untouched(kind: str, desk: Desk, doctor: Holder) -> None:
    order(desk, kind)
    assert desk.existence(Vihf(doctor, JEAN_PIERRE)).ack == ("AA", "")

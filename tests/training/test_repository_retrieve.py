"""TD3.2: documents come back as attachments, byte for byte, and only to whom they may."""

import base64
import hashlib

import pytest
from lxml import etree
from raw_dmp import ANDRE, BY_CARD, CHLOE, JEAN_PIERRE, PURPOSE, Desk, Vihf, envelope, headers, purpose, sign
from raw_xds import (
    ARCHIVED,
    DEPRECATED,
    FAILURE,
    REPOSITORY,
    RETRIEVE,
    SUCCESS,
    found,
    multipart,
    post,
    received,
    retrieve,
    retrieve_request,
    text,
    unique_id,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

PARTIAL = "urn:ihe:iti:2007:ResponseStatusType:PartialSuccess"
HL7 = {"h": "urn:hl7-org:v3"}


def all_statuses() -> str:
    return f"('urn:oasis:names:tc:ebxml-regrep:StatusType:Approved','{DEPRECATED}','{ARCHIVED}')"


def test_a_document_is_what_the_registry_says(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).documents[0]
    answer = retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry))
    assert (answer.status, answer.outcome) == (200, SUCCESS)
    assert answer.get("//a:Action") == f"{RETRIEVE}Response"
    assert answer.get("//xdsb:DocumentResponse/xdsb:RepositoryUniqueId") == REPOSITORY
    assert answer.get("//xdsb:DocumentResponse/xdsb:mimeType") == "text/xml"
    content = received(answer, unique_id(entry))
    assert hashlib.sha1(content).hexdigest() == text(entry, "rim:Slot[@name='hash']//rim:Value")
    assert str(len(content)) == text(entry, "rim:Slot[@name='size']//rim:Value")
    cda = etree.fromstring(content)
    assert cda.xpath("string(h:id/@root)", namespaces=HL7) == unique_id(entry)
    assert cda.xpath("string(h:recordTarget/h:patientRole/h:id/@extension)", namespaces=HL7) == ANDRE


def test_every_document_of_the_full_record_can_be_read(desk: Desk, doctor: Holder) -> None:
    """All states, all kinds; the contents are told by their first bytes."""
    entries = found(desk, Vihf(doctor, ANDRE), status=all_statuses()).documents
    ids = [unique_id(one) for one in entries]
    answer = retrieve(desk, Vihf(doctor, ANDRE), *ids)
    assert (answer.outcome, len(answer.parts)) == (SUCCESS, len(ids))
    kinds: dict[str, bytes] = {}
    for name in ids:
        content = received(answer, name)
        if (
            not content.startswith(b"<?xml")
            or b"<!DOCTYPE" in content
            or not content.endswith(b"</ClinicalDocument>")
        ):
            continue
        cda = etree.fromstring(content)
        if cda.xpath("h:component/h:nonXMLBody", namespaces=HL7):
            (body,) = cda.xpath("h:component/h:nonXMLBody/h:text", namespaces=HL7)
            kinds.setdefault(body.get("mediaType"), base64.b64decode(body.text))
        elif cda.xpath("h:component/h:structuredBody", namespaces=HL7):
            kinds.setdefault("structured", b"")
    assert set(kinds) == {
        "structured",
        "text/plain",
        "text/rtf",
        "application/pdf",
        "image/jpeg",
        "image/tiff",
    }
    beginnings = {
        "text/rtf": b"{\\rtf1",
        "application/pdf": b"%PDF-",
        "image/jpeg": b"\xff\xd8",
        "image/tiff": b"II*",
    }
    for kind, beginning in beginnings.items():
        assert kinds[kind].startswith(beginning)


def test_results_of_a_biology_report_are_coded(desk: Desk, doctor: Holder) -> None:
    entries = [
        one
        for one in found(desk, Vihf(doctor, ANDRE)).documents
        if "Bilan sanguin" in text(one, "rim:Name//@value")
    ]
    answer = retrieve(desk, Vihf(doctor, ANDRE), *(unique_id(one) for one in entries))
    curve = {}
    for entry in entries:
        cda = etree.fromstring(received(answer, unique_id(entry)))
        (observation,) = cda.xpath("//h:observation[h:code/@code='4548-4']", namespaces=HL7)
        at = observation.xpath("string(h:effectiveTime/@value)", namespaces=HL7)
        value = float(observation.xpath("string(h:value/@value)", namespaces=HL7))
        high = float(observation.xpath("string(h:referenceRange//h:high/@value)", namespaces=HL7))
        flag = observation.xpath("string(h:interpretationCode/@code)", namespaces=HL7)
        assert flag == ("H" if value > high else "N")
        assert observation.xpath("string(h:value/@unit)", namespaces=HL7) == "%"
        curve[at[:8]] = value
    assert len(curve) == 14
    assert max(curve.values()) < 12
    assert curve[min(curve)] > curve[max(curve)]


def test_a_repository_does_not_know_entry_ids(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).documents[0]
    answer = retrieve(desk, Vihf(doctor, ANDRE), entry.get("id"))
    assert (answer.outcome, answer.errors) == (FAILURE, ["XDSDocumentUniqueIdError"])
    other = retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry), repository="1.2.3")
    assert (other.outcome, other.errors) == (FAILURE, ["XDSUnknownRepositoryId"])


def test_part_of_what_was_asked(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).documents[0]
    answer = retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry), "1.2.3.4")
    assert (answer.outcome, answer.errors) == (PARTIAL, ["XDSDocumentUniqueIdError"])
    assert list(answer.parts.values()) == [received(answer, unique_id(entry))]


def test_nothing_asked(desk: Desk, doctor: Holder) -> None:
    answer = retrieve(desk, Vihf(doctor, ANDRE))
    assert (answer.outcome, answer.errors) == (FAILURE, ["XDSRepositoryError"])


def test_what_is_hidden_is_read_by_the_treating_doctor_and_in_an_emergency(
    desk: Desk, doctor: Holder
) -> None:
    entry = found(desk, Vihf(doctor, ANDRE)).titled("Consultation spécialisée")
    assert retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry)).outcome == SUCCESS
    attributes = {PURPOSE: [purpose("bris_de_glace")], "Mode_Acces_Raison": ["Coma"]}
    emergency = Vihf(BY_CARD["cps-urgentiste"], ANDRE, attributes=attributes)
    assert retrieve(desk, emergency, unique_id(entry)).outcome == SUCCESS
    desk.control(do="record", nir13="1551199999031", authorizations=[["899700000021", "VALIDE"]])
    answer = retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry))
    assert (answer.outcome, answer.errors) == (FAILURE, ["XDSDocumentUniqueIdError"])


def test_another_patient_s_document(desk: Desk, doctor: Holder) -> None:
    entry = found(desk, Vihf(doctor, JEAN_PIERRE)).documents[0]
    answer = retrieve(desk, Vihf(doctor, ANDRE), unique_id(entry))
    assert (answer.outcome, answer.errors) == (FAILURE, ["XDSDocumentUniqueIdError"])


def test_refusals_are_multipart_too(desk: Desk, doctor: Holder, clerk: Holder) -> None:
    closed = retrieve(desk, Vihf(doctor, CHLOE), "1.2.3")
    assert (closed.status, closed.outcome, closed.errors) == (200, FAILURE, ["DMPClosed"])
    fault = retrieve(desk, Vihf(clerk, JEAN_PIERRE), "1.2.3")
    assert (fault.status, fault.subcode) == (500, "soap:DMPAccessDeniedByRightsService")
    late = retrieve(desk, Vihf(doctor, ANDRE, name_id="1"), "1.2.3")
    assert (late.status, late.subcode) == (500, "soap:DMPInvalidVIHF")
    garbage = post(desk, doctor, "multipart/related; boundary=x", b"--x\r\n\r\n<a>\r\n--x--")
    assert (garbage.status, garbage.get("//s:Fault/s:Code/s:Value")) == (500, "soap:Sender")


def test_a_request_may_come_without_multipart(desk: Desk, doctor: Holder) -> None:
    """It has nothing to attach; the answer is multipart all the same."""
    entry = found(desk, Vihf(doctor, ANDRE)).documents[0]
    data = envelope(
        headers(RETRIEVE), sign(Vihf(doctor, ANDRE), desk.keys(doctor)), retrieve_request(unique_id(entry))
    )
    assert post(desk, doctor, "application/soap+xml; charset=UTF-8", data).outcome == SUCCESS


@pytest.mark.parametrize("path", ["/registry", "/patients"])
def test_only_the_repository_takes_multipart(desk: Desk, doctor: Holder, path: str) -> None:
    content_type, data = multipart(b"<a/>", {}, RETRIEVE)
    assert desk.post(doctor, path, data, content_type).status == 415


def test_an_answer_cut_in_two(desk: Desk, doctor: Holder) -> None:
    """The misbehaviours of the box hold for documents too."""
    desk.control(do="fault", kind="soap-fault", code="DMPInternalError")
    fault = retrieve(desk, Vihf(doctor, ANDRE), "1.2.3")
    assert (fault.status, fault.subcode) == (500, "soap:DMPInternalError")

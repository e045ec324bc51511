"""Every message between the client and the service, in both directions, under the official schemas.

What the small typed services of the DMP exchange (`urn:si-dmp-…`) has no public schema: its envelopes alone are
looked at here.
"""

import copy
from collections.abc import Iterator

import day
import meeting as meetings
import pytest
from lxml import etree
from meeting import Meeting
from schemas import official
from schemas.official import HL7, SAML, complaints
from traffic import Message, Overheard

pytest_plugins = ("meeting_day",)
pytestmark = pytest.mark.xdist_group("wire")  # the day is lived once

_FAULT = f"{{{official.SOAP}}}Fault"
_HL7 = f"{{{HL7}}}"
REQUESTS = {
    "urn:hl7-org:v3:PRPA_IN201305UV02",
    "urn:hl7-org:v3:PRPA_IN201307UV02",
    "urn:hl7-org:v3:PRPA_IN201311UV02",
    "urn:hl7-org:v3:PRPA_IN201314UV02",
    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b",
    "urn:ihe:iti:2007:RegistryStoredQuery",
    "urn:ihe:iti:2007:RetrieveDocumentSet",
    "urn:ihe:iti:2010:UpdateDocumentSet",
    "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient",
    "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization",
    "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess",
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientList",
    "urn:si-dmp-patients:PatientSpecificEndPoint:patientOTPUpdate",
    "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccess",
}
"""Actions of every transaction (protocol §1.5)."""
REASONS = {"TEST_EXST", "CNSLT_DATA", "CREA_RD", "REAC", "MODIF_DATA", "FERM"}
"""Transactions that share an action."""
NAMES = {
    "h": HL7,
    "soap": official.SOAP,
    "saml": SAML,
    "ds": official.DS,
    "xdsb": official.XDS_B,
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "query": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
}
ANSWERS = {f"PRPA_IN2013{number}UV02" for number in ("06", "08", "12", "13", "15", "16")}


@pytest.fixture(scope="module")
def heard(running_meeting: Meeting) -> Iterator[list[Message]]:
    """One day, in order."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(meetings, "HttpsChannel", Overheard)
        Overheard.heard.clear()
        running_meeting.order(do="reset")
        try:
            day.live(running_meeting)
        finally:
            running_meeting.close()
        yield list(Overheard.heard)


def interactions(heard: list[Message]) -> list[etree._Element]:
    return [message.body for message in heard if message.body.tag.startswith(_HL7)]


def name(element: etree._Element) -> str:
    return str(etree.QName(element).localname)


def test_the_day_has_every_transaction_in_it(heard: list[Message]) -> None:
    assert {message.action for message in heard[::2]} == REQUESTS
    reasons = {one.get("code") for body in interactions(heard) for one in body.iter(f"{_HL7}reasonCode")}
    assert reasons == REASONS
    assert {name(body) for body in interactions(heard[1::2])} == ANSWERS
    assert any(message.body.tag == _FAULT for message in heard)


def test_envelopes_headers_and_what_the_registry_and_the_repository_exchange(heard: list[Message]) -> None:
    """SOAP 1.2, WS-Addressing, WS-Security; XDS.b, ebRS and ebRIM, all attachments in place."""
    for message in heard:
        assert complaints(official.envelope(), message.envelope) == [], message.action


def test_interactions(heard: list[Message]) -> None:
    """HL7 v3. NE2008 stands for NE2009 where no package has the latter: what both have in common is looked at."""
    for body in interactions(heard):
        assert complaints(official.interaction(name(body)), body) == [], name(body)


def test_assertions(heard: list[Message]) -> None:
    assertions = [found for message in heard[::2] for found in message.envelope.iter(f"{{{SAML}}}Assertion")]
    assert len(assertions) == len(heard) // 2
    for assertion in assertions:
        assert complaints(official.envelope(), assertion) == []


def test_documents_and_signatures(heard: list[Message]) -> None:
    """Of every lot: its documents, then its signature."""
    lots = [message.attachments for message in heard[::2] if message.attachments]
    assert lots
    for *documents, signature in lots:
        assert documents
        for document in documents:
            assert official.cda_complaints(document) == []
        signed = etree.fromstring(signature)
        # The DMP has the signature's OID there (protocol §4.9), which is no xs:ID: it begins with a digit.
        assert signed.get("Id", "")[0].isdigit()
        signed.set("Id", f"_{signed.get('Id')}")
        assert complaints(official.signature(), signed) == []


# --- that the schemas see ----------------------------------------------------------------------------------


OUT_OF_PLACE = {
    "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b": "lcm:SubmitObjectsRequest",
    "urn:ihe:iti:2010:UpdateDocumentSet": "rim:RegistryPackage/rim:Slot",
    "urn:ihe:iti:2007:RegistryStoredQuery": "query:ResponseOption",
    "urn:ihe:iti:2007:RetrieveDocumentSet": "xdsb:DocumentRequest/xdsb:RepositoryUniqueId",
    "urn:hl7-org:v3:PRPA_IN201305UV02": "h:queryByParameter/h:queryId",
    "urn:hl7-org:v3:PRPA_IN201307UV02": "h:queryByParameter/h:statusCode",
    "urn:hl7-org:v3:PRPA_IN201311UV02": "h:patientPerson/h:name",
    "urn:hl7-org:v3:PRPA_IN201314UV02": "h:controlActProcess/h:reasonCode",
    "urn:hl7-org:v3:PRPA_IN201306UV02": "h:patient/h:id",
    "urn:hl7-org:v3:PRPA_IN201308UV02": "h:registrationEvent/h:statusCode",
}
"""By action, an element that is then moved behind those that come after it."""


@pytest.mark.parametrize("action", OUT_OF_PLACE)
def test_an_element_out_of_its_place_is_seen(heard: list[Message], action: str) -> None:
    message = next(one for one in heard if one.action == action)
    whole = message.body.tag.startswith(_HL7)
    schema = official.interaction(name(message.body)) if whole else official.envelope()
    right = message.body if whole else message.envelope
    assert complaints(schema, moved_last(right, OUT_OF_PLACE[action])) != []


@pytest.mark.parametrize("path", ["soap:Header", "saml:Assertion/saml:Issuer", "ds:Signature/ds:SignedInfo"])
def test_in_an_envelope_and_its_assertion_too(heard: list[Message], path: str) -> None:
    assert complaints(official.envelope(), moved_last(heard[0].envelope, path)) != []


@pytest.mark.parametrize(
    "path",
    [
        "h:typeId",
        "h:title",
        "h:recordTarget",
        "h:assignedAuthor/h:id",
        "h:patient/h:administrativeGenderCode",
    ],
)
def test_in_a_document_too(heard: list[Message], path: str) -> None:
    document = next(etree.fromstring(one.attachments[0]) for one in heard if one.attachments)
    assert complaints(official.cda(), moved_last(document, path)) != []


def moved_last(right: etree._Element, path: str) -> etree._Element:
    wrong = copy.deepcopy(right)
    found = wrong.find(f".//{path}", NAMES)
    found.getparent().append(found)
    return wrong

"""The level 1 CDA: order and content as the official checker asks for them."""

import time
from base64 import b64decode
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from deposit_bench import NS, WOMAN, by_secretary, cda_of, made, note, submission
from dmp_peers import NOW, SECRETARY
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.code import Code
from kiosk.dmp.deposit import BodyFormat
from kiosk.dmp.model import Address

HEADER = [
    "realmCode",
    "typeId",
    "templateId",
    "templateId",
    "templateId",
    "id",
    "code",
    "title",
    "effectiveTime",
    "confidentialityCode",
    "languageCode",
    "setId",
    "versionNumber",
    "recordTarget",
    "author",
    "custodian",
    "legalAuthenticator",
    "documentationOf",
    "componentOf",
    "component",
]


@pytest.fixture(autouse=True)
def utc(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_zone("UTC", monkeypatch)


@pytest.fixture
def paris(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    yield from in_zone("Europe/Paris", monkeypatch)


def in_zone(zone: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with monkeypatch.context() as patch:
        patch.setenv("TZ", zone)
        time.tzset()
        yield
    time.tzset()


def cda(*documents: object, **changes: object) -> etree._Element:
    return etree.fromstring(cda_of(made(submission(*documents, **changes))), etree.XMLParser(huge_tree=True))


def value(root: etree._Element, path: str) -> str:
    return str(root.xpath(f"string({path})", namespaces=NS))


def children(root: etree._Element, path: str = ".") -> list[str]:
    (found,) = root.xpath(path, namespaces=NS)
    return [etree.QName(child).localname for child in found]


def test_the_header_is_in_the_order_of_the_schema() -> None:
    assert children(cda()) == HEADER


def test_what_identifies_the_document() -> None:
    prepared = made()
    root = etree.fromstring(cda_of(prepared))
    assert value(root, "h:realmCode/@code") == "FR"
    assert value(root, "h:typeId/@root") == "2.16.840.1.113883.1.3"
    assert value(root, "h:typeId/@extension") == "POCD_HD000040"
    assert root.xpath("h:templateId/@root", namespaces=NS) == [
        "2.16.840.1.113883.2.8.2.1",
        "1.2.250.1.213.1.1.1.1",
        "1.3.6.1.4.1.19376.1.2.20",
    ]
    assert value(root, "h:id/@root") == prepared.documents[0].unique_id
    assert not root.xpath("h:id/@extension", namespaces=NS)
    assert value(root, "h:code/@code") == "11488-4"
    assert value(root, "h:code/@codeSystem") == "2.16.840.1.113883.6.1"
    assert value(root, "h:code/@displayName") == "CR ou fiche de consultation ou de visite"
    assert value(root, "h:effectiveTime/@value") == "20260302081530+0000"
    assert value(root, "h:confidentialityCode/@code") == "N"
    assert value(root, "h:confidentialityCode/@codeSystem") == "2.16.840.1.113883.5.25"
    assert value(root, "h:languageCode/@code") == "fr-FR"
    assert value(root, "h:versionNumber/@value") == "1"
    assert value(root, "h:title") == "Compte rendu de consultation"


def test_times_are_in_the_local_time_of_the_workstation(paris: None) -> None:
    """An act of 2 March is of 2 March in plain reading, winter time and summer time alike."""
    midnight = datetime(2026, 3, 1, 23, tzinfo=UTC)
    root = cda(note(created=datetime(2026, 7, 2, 8, 15, 30, tzinfo=UTC), service_start=midnight))
    assert value(root, "h:effectiveTime/@value") == "20260702101530+0200"
    assert value(root, "h:author/h:time/@value") == "20260702101530+0200"
    assert value(root, "h:legalAuthenticator/h:time/@value") == "20260302091530+0100"
    for act in ("h:documentationOf/h:serviceEvent", "h:componentOf/h:encompassingEncounter"):
        assert value(root, f"{act}/h:effectiveTime/h:low/@value") == "20260302000000+0100"


def test_a_title_that_looks_like_the_place_of_the_file_is_a_title() -> None:
    root = cda(note(title="{content}", content=b"file"))
    assert value(root, "h:title") == "{content}"
    assert b64decode(value(root, "h:component/h:nonXMLBody/h:text")) == b"file"


def test_the_patient_with_traits_of_the_national_identity() -> None:
    role = "h:recordTarget/h:patientRole"
    root = cda()
    assert root.xpath(f"{role}/h:id/@extension", namespaces=NS) == ["0833910461279517589858", "IPP-42"]
    assert root.xpath(f"{role}/h:id/@root", namespaces=NS) == ["1.2.250.1.213.1.4.2", "1.2.250.1.999.7.2"]
    assert children(root, role) == ["id", "id", "addr", "telecom", "patient"]
    assert value(root, f"{role}/h:patient/@classCode") == "PSN"
    name = f"{role}/h:patient/h:name"
    assert value(root, f"{name}/h:family[@qualifier='BR']") == "LACÔTE"
    assert value(root, f"{name}/h:family[@qualifier='CL']") == "BERNARD"
    assert value(root, f"{name}/h:given[not(@qualifier)]") == "ÉLODIE ANNE"
    assert value(root, f"{name}/h:given[@qualifier='BR']") == "ÉLODIE"
    assert not root.xpath(f"{name}/h:given[@qualifier='CL']", namespaces=NS)
    assert value(root, f"{role}/h:patient/h:administrativeGenderCode/@code") == "F"
    assert value(root, f"{role}/h:patient/h:birthTime/@value") == "19840312"
    assert value(root, f"{role}/h:patient/h:birthplace/h:place/h:addr/h:county") == "75112"
    assert value(root, f"{role}/h:telecom/@value") == "tel:0199001234"


def test_what_is_not_known_of_the_patient_is_said_so() -> None:
    bare = replace(WOMAN, address=Address(), phone="", birth_place="", local_id=None, sex="U")
    root = cda(patient=bare)
    role = "h:recordTarget/h:patientRole"
    assert value(root, f"{role}/h:addr/@nullFlavor") == "NASK"
    assert value(root, f"{role}/h:telecom/@nullFlavor") == "NASK"
    assert value(root, f"{role}/h:patient/h:administrativeGenderCode/@code") == "UN"
    assert not root.xpath("//h:birthplace", namespaces=NS)
    assert not root.xpath("//@*[.='']")


@pytest.mark.parametrize(
    "path",
    [
        "h:author/h:assignedAuthor",
        "h:legalAuthenticator/h:assignedEntity",
        "h:documentationOf/h:serviceEvent/h:performer/h:assignedEntity",
    ],
)
def test_people_carry_the_same_fields_in_the_same_order(path: str) -> None:
    root = cda()
    assert children(root, path) == [
        "id",
        "code",
        "addr",
        "telecom",
        "assignedPerson",
        "representedOrganization",
    ]
    assert children(root, f"{path}/h:assignedPerson/h:name") == ["prefix", "given", "family", "suffix"]
    assert value(root, f"{path}/h:id/@extension") == "899700000021"
    assert value(root, f"{path}/h:id/@root") == "1.2.250.1.71.4.2.1"
    assert value(root, f"{path}/h:code/@code") == "G15_10/SM26"
    assert value(root, f"{path}/h:code/@codeSystem") == "1.2.250.1.213.1.1.4.5"
    organization = f"{path}/h:representedOrganization"
    assert children(root, organization)[:4] == ["id", "name", "telecom", "addr"]
    assert value(root, f"{organization}/h:id/@extension") == "499700000001001"


def test_the_act_and_where_it_took_place() -> None:
    stop = NOW + timedelta(minutes=20)
    events = (Code("YYYY600", "1.2.250.1.213.2.5", "Acte de fiction"),)
    root = cda(note(service_stop=stop, events=events))
    event = "h:documentationOf/h:serviceEvent"
    assert children(root, event) == ["code", "effectiveTime", "performer"]
    assert value(root, f"{event}/h:effectiveTime/h:low/@value") == "20260302081530+0000"
    assert value(root, f"{event}/h:effectiveTime/h:high/@value") == "20260302083530+0000"
    assert value(root, f"{event}/h:performer/@typeCode") == "PRF"
    setting = f"{event}/h:performer//h:standardIndustryClassCode"
    assert value(root, f"{setting}/@code") == "AMBULATOIRE"
    assert value(root, f"{setting}/@codeSystem") == "1.2.250.1.213.1.1.4.9"
    facility = "h:componentOf/h:encompassingEncounter/h:location/h:healthCareFacility/h:code"
    assert value(root, f"{facility}/@code") == "SA07"
    assert value(root, f"{facility}/@codeSystem") == "1.2.250.1.71.4.2.4"


def test_custodian_and_signature() -> None:
    root = cda()
    custodian = "h:custodian/h:assignedCustodian/h:representedCustodianOrganization"
    assert children(root, custodian) == ["id", "name", "telecom", "addr"]
    assert children(root, "h:legalAuthenticator") == ["time", "signatureCode", "assignedEntity"]
    assert value(root, "h:legalAuthenticator/h:signatureCode/@code") == "S"


def test_a_secretary_is_an_author_and_the_doctor_signs() -> None:
    root = etree.fromstring(cda_of(made(by_secretary(), actor=SECRETARY)))
    assert root.xpath("h:author/h:assignedAuthor/h:id/@extension", namespaces=NS) == [
        "899700000099",
        "30B0099991/CPET00011",
    ]
    assert value(root, "h:legalAuthenticator/h:assignedEntity/h:id/@extension") == "899700000099"


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (BodyFormat.PDF, "application/pdf"),
        (BodyFormat.TEXT, "text/plain"),
        (BodyFormat.JPEG, "image/jpeg"),
        (BodyFormat.TIFF, "image/tiff"),
    ],
)
def test_2_1_011_the_body_says_what_it_is(body: BodyFormat, media_type: str) -> None:
    root = cda(note(format=body))
    text = "h:component/h:nonXMLBody/h:text"
    assert value(root, f"{text}/@mediaType") == media_type
    assert value(root, f"{text}/@representation") == "B64"


@settings(max_examples=60, deadline=None)
@given(st.binary(min_size=1, max_size=300), st.text(min_size=1, max_size=128).filter(str.strip))
def test_the_file_comes_back_byte_for_byte_and_the_document_is_its_own_canonical_form(
    content: bytes, title: str
) -> None:
    document = cda_of(made(submission(note(content=content, title=title))))
    root = etree.fromstring(document)
    assert b64decode(value(root, "h:component/h:nonXMLBody/h:text")) == content
    assert etree.tostring(root.getroottree(), method="c14n", with_comments=True) == document


def test_a_large_file_is_neither_parsed_nor_joined() -> None:
    content = bytes(range(256)) * 50_000  # 12.8 MB: more than libxml2 takes in one text
    prepared = made(submission(note(content=content)))
    pieces = prepared.documents[0].content
    assert len(pieces) == 3
    assert b64decode(pieces[1]) == content

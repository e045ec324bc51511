"""TD2.1 and TD2.2: what the registry is told, by XPath against the French metadata profile."""

import hashlib
from dataclasses import replace

import pytest
from deposit_bench import (
    ME,
    NS,
    WOMAN,
    by_secretary,
    cda_of,
    made,
    note,
    submission,
)
from dmp_peers import DOCTOR, SECRETARY, RsaSigner
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.code import Code
from kiosk.dmp import hl7_v2
from kiosk.dmp.deposit import PreparedSubmission, Replaced, Writer, author_speciality
from kiosk.dmp.document import Visibility
from kiosk.dmp.model import PatientId
from kiosk.dmp.oid import is_oid, of_uuid
from kiosk.dmp.vihf import Access

SET_UNIQUE_ID = "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8"
SET_PATIENT = "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446"
SET_SOURCE = "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832"
SET_AUTHOR = "urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d"
SET_CONTENT_TYPE = "urn:uuid:aa543740-bdda-424e-8c96-df4873be8500"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
CODES = {
    "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a": ("10", "1.2.250.1.213.1.1.4.1"),
    "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983": ("11488-4", "2.16.840.1.113883.6.1"),
    "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d": (
        "urn:ihe:iti:xds-sd:pdf:2008",
        "1.3.6.1.4.1.19376.1.2.3",
    ),
    "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1": ("SA07", "1.2.250.1.71.4.2.4"),
    "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead": ("AMBULATOIRE", "1.2.250.1.213.1.1.4.9"),
}


def xpath(prepared: PreparedSubmission, path: str, **variables: str) -> list[str]:
    root = etree.fromstring(prepared.body)
    return [str(found) for found in root.xpath(path, namespaces=NS, **variables)]


def entry_slot(prepared: PreparedSubmission, name: str, rank: int = 1) -> list[str]:
    return xpath(
        prepared,
        f"(//rim:ExtrinsicObject)[{rank}]/rim:Slot[@name=$name]/rim:ValueList/rim:Value/text()",
        name=name,
    )


def author_slot(prepared: PreparedSubmission, scheme: str, name: str, rank: int = 1) -> list[str]:
    owner = "//rim:RegistryPackage" if scheme == SET_AUTHOR else f"(//rim:ExtrinsicObject)[{rank}]"
    return xpath(
        prepared,
        f"{owner}/rim:Classification[@classificationScheme=$scheme]"
        "/rim:Slot[@name=$name]/rim:ValueList/rim:Value/text()",
        scheme=scheme,
        name=name,
    )


def identifier(prepared: PreparedSubmission, scheme: str) -> list[str]:
    return xpath(prepared, "//rim:ExternalIdentifier[@identificationScheme=$s]/@value", s=scheme)


def confidentiality(prepared: PreparedSubmission, rank: int = 1) -> list[str]:
    return xpath(
        prepared,
        f"(//rim:ExtrinsicObject)[{rank}]/rim:Classification[@classificationScheme=$s]/@nodeRepresentation",
        s=CONFIDENTIALITY,
    )


def test_the_submission_set() -> None:
    prepared = made()
    cx = "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    assert identifier(prepared, SET_PATIENT) == [cx]
    assert identifier(prepared, SET_SOURCE) == ["1.2.250.1.999.7"]
    assert identifier(prepared, SET_UNIQUE_ID) == [prepared.unique_id]
    times = "//rim:RegistryPackage/rim:Slot[@name='submissionTime']/rim:ValueList/rim:Value/text()"
    assert xpath(prepared, times) == ["20260302081530"]
    content_type = "//rim:Classification[@classificationScheme=$s]/@nodeRepresentation"
    assert xpath(prepared, content_type, s=SET_CONTENT_TYPE) == ["SA07"]
    node = "//rim:Classification[@classificationNode='urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd']"
    assert xpath(prepared, f"{node}/@classifiedObject") == xpath(prepared, "//rim:RegistryPackage/@id")
    assert author_slot(prepared, SET_AUTHOR, "authorPerson") == [
        "899700000021^GIRAUD^CAMILLE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    ]
    assert author_slot(prepared, SET_AUTHOR, "authorInstitution") == [
        "CABINET MEDICAL DES ACACIAS^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499700000001001"
    ]
    assert author_slot(prepared, SET_AUTHOR, "authorSpecialty") == [
        "G15_10/SM26^Médecin - Qualifié en Médecine Générale (SM)^1.2.250.1.213.1.1.4.5"
    ]


def test_ex_2_1_1070_the_entry_of_a_document() -> None:
    prepared = made()
    cda = cda_of(prepared)
    assert xpath(prepared, "(//rim:ExtrinsicObject)[1]/@mimeType") == ["text/xml"]
    assert xpath(prepared, "(//rim:ExtrinsicObject)[1]/@objectType") == [
        "urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1"
    ]
    assert entry_slot(prepared, "creationTime") == ["20260302081530"]
    assert entry_slot(prepared, "serviceStartTime") == ["20260302081530"]
    assert entry_slot(prepared, "serviceStopTime") == []
    assert entry_slot(prepared, "languageCode") == ["fr-FR"]
    assert entry_slot(prepared, "legalAuthenticator") == author_slot(prepared, AUTHOR, "authorPerson")
    assert entry_slot(prepared, "hash") == [hashlib.sha1(cda).hexdigest()]
    assert entry_slot(prepared, "size") == [str(len(cda))]
    assert entry_slot(prepared, "repositoryUniqueId") == []
    assert entry_slot(prepared, "sourcePatientId") == ["IPP-42^^^&1.2.250.1.999.7.2&ISO^PI"]
    assert entry_slot(prepared, "sourcePatientInfo") == [
        "PID-5|LACÔTE^ÉLODIE^ÉLODIE ANNE^^^^L",
        "PID-5|BERNARD^ÉLODIE^^^^^D",
        "PID-7|19840312",
        "PID-8|F",
        "PID-11|^^^^^^BDL^^75112",
    ]
    for scheme, (code, system) in CODES.items():
        classification = "(//rim:ExtrinsicObject)[1]/rim:Classification[@classificationScheme=$s]"
        assert xpath(prepared, f"{classification}/@nodeRepresentation", s=scheme) == [code]
        values = f"{classification}/rim:Slot[@name='codingScheme']/rim:ValueList/rim:Value/text()"
        assert xpath(prepared, values, s=scheme) == [system]
    assert confidentiality(prepared) == ["N"]
    assert identifier(prepared, UNIQUE_ID)[0] == prepared.documents[0].unique_id
    assert identifier(prepared, PATIENT_ID)[0] == "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    title = "(//rim:ExtrinsicObject)[1]/rim:Name/rim:LocalizedString/@value"
    assert xpath(prepared, title) == ["Compte rendu de consultation"]


def test_a_document_without_local_identifier_nor_birthplace_sends_no_empty_value() -> None:
    patient = replace(WOMAN, local_id=None, birth_place="", usual_name="")
    prepared = made(submission(patient=patient))
    assert entry_slot(prepared, "sourcePatientId") == [
        "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    ]
    assert entry_slot(prepared, "sourcePatientInfo")[1] == "PID-5|LACÔTE^ÉLODIE^^^^^D"
    assert not xpath(prepared, "//rim:Value[not(text())]")
    assert not xpath(prepared, "//rim:LocalizedString[@value='']")


def test_a_nir_is_of_the_kind_nh() -> None:
    nir = PatientId("1.2.250.1.213.1.4.10", "255069999999934")
    prepared = made(submission(access=Access(nir), patient=replace(WOMAN, patient=nir)))
    assert identifier(prepared, PATIENT_ID)[0] == "255069999999934^^^&1.2.250.1.213.1.4.10&ISO^NH"


def test_associations_of_a_set_of_two_documents() -> None:
    """2.1-020: two documents and the signature in one set."""
    prepared = made(submission(note(), note(title="Ordonnance")))
    (package,) = xpath(prepared, "//rim:RegistryPackage/@id")
    entries = xpath(prepared, "//rim:ExtrinsicObject/@id")
    assert len(entries) == 3
    member = "//rim:Association[@associationType=$kind]"
    kind = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
    assert xpath(prepared, f"{member}/@targetObject", kind=kind) == entries
    assert set(xpath(prepared, f"{member}/@sourceObject", kind=kind)) == {package}
    signs = "urn:ihe:iti:2007:AssociationType:signs"
    assert xpath(prepared, f"{member}/@sourceObject", kind=signs) == [entries[2]]
    assert xpath(prepared, f"{member}/@targetObject", kind=signs) == [package]
    assert xpath(prepared, "//xdsb:Document/@id") == entries
    hrefs = xpath(prepared, "//xdsb:Document/xop:Include/@href")
    assert hrefs == [f"cid:{part.content_id}" for part in prepared.parts]


def test_the_entry_of_the_signature() -> None:
    prepared = made()
    assert entry_slot(prepared, "languageCode", 2) == ["art"]
    assert entry_slot(prepared, "size", 2) == [str(len(prepared.signature.content[0]))]
    assert entry_slot(prepared, "sourcePatientInfo", 2) == entry_slot(prepared, "sourcePatientInfo", 1)
    assert confidentiality(prepared, 2) == ["N", "MASQUE_PS", "INVISIBLE_PATIENT"]
    codes = xpath(prepared, "(//rim:ExtrinsicObject)[2]/rim:Classification/@nodeRepresentation")
    assert {
        "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1",
        "E1762",
        "http://www.w3.org/2000/09/xmldsig#",
        "1.2.840.10065.1.12.1.14",
    } <= set(codes)
    schemes = xpath(
        prepared,
        "(//rim:ExtrinsicObject)[2]/rim:Classification/rim:Slot[@name='codingScheme']/rim:ValueList/rim:Value/text()",
    )
    assert {"URN", "ASTM", "1.2.840.10065.1.12"} <= set(schemes)
    assert xpath(prepared, "(//rim:ExtrinsicObject)[2]/rim:Name/rim:LocalizedString/@value") == ["Source"]


def test_2_1_950_a_secretary_and_the_doctor_are_both_authors() -> None:
    prepared = made(by_secretary(), actor=SECRETARY)
    assert prepared.transaction == "TD2.2"
    people = author_slot(prepared, AUTHOR, "authorPerson")
    assert [person.split("^")[0] for person in people] == ["899700000099", "30B0099991/CPET00011"]
    assert all(xon.endswith("^^^10B0099991") for xon in author_slot(prepared, AUTHOR, "authorInstitution"))
    assert author_slot(prepared, SET_AUTHOR, "authorPerson")[0].startswith(
        "30B0099991/CPET00011^MARCHAND^LEA"
    )
    assert author_slot(prepared, SET_AUTHOR, "authorSpecialty") == [
        "SECRETARIAT_MEDICAL^Secrétariat médical^1.2.250.1.213.1.1.4.6"
    ]
    assert entry_slot(prepared, "legalAuthenticator")[0].startswith("899700000099^PERRIN^LUC")


def test_2_1_140_a_replacement_names_the_version_it_replaces() -> None:
    old = Replaced("urn:uuid:00000000-0000-0000-0000-00000000beef", "2.25.77", set_id="2.25.70", version=3)
    prepared = made(submission(note(replaces=old)))
    kind = "urn:ihe:iti:2007:AssociationType:RPLC"
    association = "//rim:Association[@associationType=$kind]"
    assert xpath(prepared, f"{association}/@targetObject", kind=kind) == [old.entry_uuid]
    first = xpath(prepared, "(//rim:ExtrinsicObject)[1]/@id")
    assert xpath(prepared, f"{association}/@sourceObject", kind=kind) == first
    assert prepared.documents[0].unique_id != old.unique_id
    cda = etree.fromstring(cda_of(prepared))
    assert (
        cda.xpath("string(h:relatedDocument[@typeCode='RPLC']/h:parentDocument/h:id/@root)", namespaces=NS)
        == "2.25.77"
    )
    assert cda.xpath("string(h:setId/@root)", namespaces=NS) == "2.25.70"
    assert cda.xpath("string(h:versionNumber/@value)", namespaces=NS) == "4"


@pytest.mark.parametrize(
    ("visibility", "expected"),
    [
        (Visibility(), ["N"]),
        (Visibility(hidden_from_professionals=True), ["N", "MASQUE_PS"]),
        (Visibility(invisible_to_patient=True), ["N", "INVISIBLE_PATIENT"]),
        (Visibility(invisible_to_representatives=True), ["N", "INVISIBLE_REPRESENTANTS_LEGAUX"]),
    ],
)
def test_2_1_050_restrictions_stand_beside_n(visibility: Visibility, expected: list[str]) -> None:
    assert confidentiality(made(submission(note(visibility=visibility)))) == expected


def test_ex_2_1_1050_a_secret_connection_hides_everything_from_the_representatives() -> None:
    prepared = made(submission(access=Access(WOMAN.patient, secret=True)))
    assert confidentiality(prepared, 1) == ["N", "INVISIBLE_REPRESENTANTS_LEGAUX"]
    assert confidentiality(prepared, 2) == [
        "N",
        "MASQUE_PS",
        "INVISIBLE_PATIENT",
        "INVISIBLE_REPRESENTANTS_LEGAUX",
    ]


def test_ids_of_registry_objects_are_all_different_and_point_to_their_owner() -> None:
    prepared = made(submission(note(), note(title="Ordonnance")))
    ids = xpath(prepared, "//rim:RegistryObjectList//@id")
    assert len(ids) == len(set(ids))
    root = etree.fromstring(prepared.body)
    for name in ("classifiedObject", "registryObject"):
        for element in root.xpath(f"//rim:RegistryObjectList/*/*[@{name}]", namespaces=NS):
            assert element.get(name) == element.getparent().get("id")


def test_elements_come_in_the_order_of_the_ebrim_schema() -> None:
    order = ["Slot", "Name", "Description", "VersionInfo", "Classification", "ExternalIdentifier"]
    root = etree.fromstring(made(submission(note(description="Suite de soins"))).body)
    for owner in root.iter("{*}ExtrinsicObject", "{*}RegistryPackage"):
        ranks = [order.index(etree.QName(child).localname) for child in owner]
        assert ranks == sorted(ranks)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.uuids(), min_size=1, max_size=5))
def test_ex_2_1_1130_unique_ids_are_bare_oids(uuids: list) -> None:
    oids = [of_uuid(one) for one in uuids]
    assert all(is_oid(one) and len(one) <= 44 for one in oids)
    assert len(set(oids)) == len(set(uuids))


@pytest.mark.parametrize(
    "text", ["", "3.1", "1", "1.02", "1..2", "1.2^3", "1.2.a", "2.25." + "9" * 124, "1.2\n", "1.२"]
)
def test_what_is_no_oid(text: str) -> None:
    assert not is_oid(text)


def test_every_identifier_of_a_deposit_is_its_own() -> None:
    prepared = made(submission(note(), note(title="Ordonnance")))
    oids = [prepared.unique_id, *(part.unique_id for part in prepared.parts)]
    assert all(map(is_oid, oids))
    assert len(set(oids)) == len(oids)


@settings(max_examples=80, deadline=None)
@given(st.text(min_size=1, max_size=40).filter(str.strip))
def test_names_cannot_break_the_values_that_carry_them(name: str) -> None:
    """HL7 v2 separators in a name are escaped: a reader that undoes them gets the name back."""
    writer = Writer("899700000021", name, "LUC", ME.speciality, "10B0099991", name)
    for value, fields, own in ((hl7_v2.person(writer), 13, 1), (hl7_v2.structure(writer), 10, 0)):
        parts = value.split("^")
        assert len(parts) == fields
        undone = parts[own]
        for escape, character in (("\\S\\", "^"), ("\\T\\", "&"), ("\\R\\", "~"), ("\\F\\", "|")):
            undone = undone.replace(escape, character)
        assert undone.replace("\\E\\", "\\") == name or "\\" in name


def test_an_author_of_whom_nothing_is_said_has_no_value() -> None:
    nobody = Writer("", "", "", Code("", "", ""), "", "")
    assert hl7_v2.person(nobody) == hl7_v2.structure(nobody) == hl7_v2.speciality(nobody) == ""
    named = replace(nobody, family_name="PERRIN", structure_name="CABINET")
    assert (hl7_v2.person(named), hl7_v2.structure(named)) == ("^PERRIN", "CABINET")


def test_the_author_code_joins_profession_and_speciality() -> None:
    assert author_speciality(DOCTOR).code == "G15_10/SM26"
    student = replace(DOCTOR, profession=Code("10", "1.2.250.1.71.1.2.8", "Médecin"))
    assert author_speciality(student).code == "G16_10"
    assert author_speciality(SECRETARY) == SECRETARY.profession


def test_a_deposit_takes_the_time_of_its_preparation_and_nothing_else_changes_it() -> None:
    signer = RsaSigner()
    one, two = made(signer=signer), made(signer=signer)
    assert signer.signatures == 2
    assert (one.body, one.signature.content) == (two.body, two.signature.content)
    assert cda_of(one) == cda_of(two)

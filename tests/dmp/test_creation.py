"""TD1.1: the request in the order of the official schema, the answers in both their wrappers."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from dmp_peers import DOCTOR, FRAME, INS_C, NOW, PATIENT, SECRETARY, flat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.code import Code
from kiosk.dmp import creation, xml
from kiosk.dmp.model import Actor, Address, CardTraits, Creation, LegalRepresentative
from kiosk.errors import AnswerUnreadable, Refused

MESSAGE = FRAME.message_id
NS = {"h": "urn:hl7-org:v3"}

FORM = Creation(
    patient=PATIENT,
    card=CardTraits("BERNARD", "LACOTE", "ELODIE", "840312"),
    civility="Mme",
    usual_name="BERNARD",
    birth_name="LACÔTE",
    given_name="ÉLODIE",
    birth_date="19840312",
    sex="F",
    birth_country="FRANCE",
    address=Address("12 RUE DE L'ÉGLISE\nLE BOURG", "BÂT. Ç", "75012", "PARIS", "FRANCE"),
    email="elodie.bernard@example.org",
    phone="01 99 00 12 34",
    mobile="06.39.98.00-12",
    consent_at=NOW,
    opposed_to_break_glass=False,
    opposed_to_regulation=True,
)
BARE = Creation(
    patient=PATIENT,
    card=CardTraits("SANTONI", "", "MARIA", "620000"),
    civility="",
    usual_name="SANTONI",
    birth_name="",
    given_name="MARIA",
    birth_date="19620000",
    sex="F",
    birth_country="",
    address=Address(),
    email="",
    phone="",
    mobile="",
    consent_at=NOW,
    opposed_to_break_glass=False,
    opposed_to_regulation=False,
)


def request(form: Creation = FORM, actor: Actor = DOCTOR) -> bytes:
    return creation.request(form, actor, FRAME)


def test_the_request_to_the_letter():
    expected = f"""<PRPA_IN201311UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <id root="1.2.250.1.999.7.10" extension="{MESSAGE}"/><creationTime value="20260302081530"/>
    <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201311UV02"/><processingCode code="P"/>
    <processingModeCode code="T"/><acceptAckCode code="AL"/>
    <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device></receiver>
    <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.999.7"/><softwareName>Borne DMP</softwareName></device></sender>
    <controlActProcess classCode="CACT" moodCode="EVN">
    <reasonCode code="CREA_RD" codeSystem="1.2.250.1.213.1.1.4.11" displayName="Création de dossier"/>
    <subject typeCode="SUBJ" contextConductionInd="false">
    <registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>
    <subject1 typeCode="SBJ"><patient classCode="PAT">
    <id root="{INS_C}" extension="0833910461279517589858"/><statusCode code="active"/>
    <patientPerson classCode="PSN" determinerCode="INSTANCE">
    <name><prefix>Mme</prefix><family qualifier="SP">BERNARD</family>
    <family qualifier="BR">LACÔTE</family><given>ÉLODIE</given></name>
    <telecom use="HP" value="tel:0199001234"/><telecom use="MC" value="tel:0639980012"/>
    <telecom value="mailto:elodie.bernard@example.org"/>
    <administrativeGenderCode code="F"/><birthTime value="19840312"/>
    <addr><streetAddressLine>12 RUE DE L'ÉGLISE</streetAddressLine>
    <streetAddressLine>LE BOURG</streetAddressLine><additionalLocator>BÂT. Ç</additionalLocator>
    <postalCode>75012</postalCode><city>PARIS</city><country>FRANCE</country></addr>
    <contactParty classCode="CON">
    <code code="CARTE_SESAM_VITALE" codeSystem="1.2.250.1.213.4.1.2.5"/><telecom nullFlavor="NI"/>
    <contactPerson classCode="PSN" determinerCode="INSTANCE"><name><family qualifier="SP">BERNARD</family>
    <family qualifier="BR">LACOTE</family><given>ELODIE</given></name><birthTime value="840312"/>
    </contactPerson></contactParty>
    <birthPlace classCode="BIRTHPL"><addr><country>FRANCE</country></addr></birthPlace></patientPerson>
    <providerOrganization classCode="ORG" determinerCode="INSTANCE"><id nullFlavor="NI"/>
    <contactParty classCode="CON"/></providerOrganization>
    <subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
    <code code="CONSENTEMENT_OUVERTURE_DMP" codeSystem="1.2.250.1.213.4.1.2.3"/>
    <effectiveTime value="20260302081530"/><value xsi:type="BL" value="true"/>
    </administrativeObservation></subjectOf>
    <subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
    <code code="OPPOSITION_BRIS_DE_GLACE" codeSystem="1.2.250.1.213.4.1.2.3"/>
    <value xsi:type="BL" value="false"/></administrativeObservation></subjectOf>
    <subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
    <code code="OPPOSITION_ACCES_URGENCE" codeSystem="1.2.250.1.213.4.1.2.3"/>
    <value xsi:type="BL" value="true"/></administrativeObservation></subjectOf>
    </patient></subject1>
    <author typeCode="AUT"><assignedEntity classCode="ASSIGNED">
    <id root="1.2.250.1.71.4.2.1" extension="899700000021"/>
    <code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5"
     displayName="Médecin - Qualifié en Médecine Générale (SM)"/>
    <assignedPerson classCode="PSN" determinerCode="INSTANCE">
    <name xsi:type="PN"><family>GIRAUD</family><given>CAMILLE</given></name></assignedPerson>
    <representedOrganization classCode="ORG" determinerCode="INSTANCE">
    <id root="1.2.250.1.71.4.2.2" extension="499700000001001"/><name>CABINET MEDICAL DES ACACIAS</name>
    <contactParty classCode="CON"/></representedOrganization></assignedEntity></author>
    </registrationRequest></subject></controlActProcess></PRPA_IN201311UV02>"""
    assert flat(request()) == flat(expected.encode())


@pytest.mark.parametrize("form", [FORM, BARE])
@pytest.mark.parametrize("actor", [DOCTOR, SECRETARY])
def test_nothing_is_empty(form, actor):
    for element in xml.parse(request(form, actor)).iter():
        assert all(element.attrib.values())
        assert len(element) or element.attrib or element.text


def test_a_card_with_one_name_and_a_lunar_date():
    person = xml.parse(request(BARE)).find(".//h:patientPerson", NS)
    assert [etree.QName(child).localname for child in person] == [
        "name",
        "administrativeGenderCode",
        "birthTime",
        "contactParty",
    ]
    names = [(f.get("qualifier"), f.text) for f in person.iterfind("h:name/h:family", NS)]
    assert names == [("SP", "SANTONI"), ("BR", "SANTONI")]
    card_names = person.findall("h:contactParty/h:contactPerson/h:name/h:family", NS)
    assert [(f.get("qualifier"), f.text) for f in card_names] == [("SP", "SANTONI")]
    assert person.find("h:birthTime", NS).get("value") == "19620000"
    assert person.find(".//h:contactPerson/h:birthTime", NS).get("value") == "620000"


def test_rg_1060_the_legal_representative_of_a_minor():
    mother = LegalRepresentative(
        Code("MTH", "2.16.840.1.113883.1.11.19579", "Mère"),
        "Mme",
        "BERNARD",
        "ALICE",
        Address("3 RUE BASSE", "", "29000", "QUIMPER"),
        phone="0199001299",
        email="alice@example.org",
    )
    person = xml.parse(request(replace(FORM, representative=mother))).find(".//h:patientPerson", NS)
    assert [etree.QName(child).localname for child in person][-3:] == [
        "contactParty",
        "personalRelationship",
        "birthPlace",
    ]
    expected = """<personalRelationship xmlns="urn:hl7-org:v3" classCode="PRS">
    <code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579" displayName="Mère"/>
    <addr><streetAddressLine>3 RUE BASSE</streetAddressLine><postalCode>29000</postalCode>
    <city>QUIMPER</city></addr>
    <telecom use="HP" value="tel:0199001299"/><telecom value="mailto:alice@example.org"/>
    <relationshipHolder1 classCode="PSN" determinerCode="INSTANCE"><name><prefix>Mme</prefix>
    <family>BERNARD</family><given>ALICE</given></name></relationshipHolder1></personalRelationship>"""
    made = xml.serialize(person.find("h:personalRelationship", NS))
    assert flat(made) == flat(expected.encode())


def test_ex_gen_1265_the_cards_traits_are_sent_as_read():
    wrong = replace(FORM, card=CardTraits("BERNAR D", "", "ELODI", "840000"))
    party = xml.parse(request(wrong)).find(".//h:patientPerson/h:contactParty", NS)
    assert party.findtext(".//h:family", namespaces=NS) == "BERNAR D"
    assert party.findtext(".//h:given", namespaces=NS) == "ELODI"


def test_ex_1_1_1010_the_consent_is_attested_with_its_time():
    observation = xml.parse(request()).find(".//h:administrativeObservation", NS)
    assert observation.find("h:code", NS).get("code") == "CONSENTEMENT_OUVERTURE_DMP"
    assert observation.find("h:effectiveTime", NS).get("value") == "20260302081530"


@pytest.mark.parametrize(
    ("actor", "code", "system"),
    [
        (SECRETARY, "SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6"),
        (replace(DOCTOR, speciality=None), "G15_10", "1.2.250.1.213.1.1.4.5"),
        (
            replace(DOCTOR, profession=Code("10", "1.2.250.1.71.1.2.8", "Médecin en formation")),
            "G16_10",
            "1.2.250.1.213.1.1.4.5",
        ),
        (replace(DOCTOR, speciality=Code("", "x", "")), "G15_10", "1.2.250.1.213.1.1.4.5"),
    ],
)
def test_the_code_of_other_authors(actor, code, system):
    found = xml.parse(request(actor=actor)).find(".//h:assignedEntity/h:code", NS)
    assert (found.get("code"), found.get("codeSystem")) == (code, system)
    assert found.get("displayName") == actor.profession.label


TEXT = st.text(max_size=30)


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        Creation,
        patient=st.just(PATIENT),
        card=st.builds(CardTraits, TEXT, TEXT, TEXT, TEXT),
        civility=TEXT,
        usual_name=TEXT,
        birth_name=TEXT,
        given_name=TEXT,
        birth_date=TEXT,
        sex=TEXT,
        birth_country=TEXT,
        address=st.builds(Address, TEXT, TEXT, TEXT, TEXT, TEXT),
        email=TEXT,
        phone=TEXT,
        mobile=TEXT,
        consent_at=st.just(NOW),
        opposed_to_break_glass=st.booleans(),
        opposed_to_regulation=st.booleans(),
    )
)
def test_whatever_was_typed_the_message_stays_whole(form):
    root = xml.parse(request(form))
    assert len(root.findall(".//h:administrativeObservation", NS)) == 3
    assert root.find(".//h:patient/h:id", NS).get("extension") == PATIENT.extension


# --- answers ----------------------------------------------------------------------------------------------

DETAIL = (
    "<acknowledgementDetail><code code='DMPFound'/><text>Le DMP existe déjà</text></acknowledgementDetail>"
)


def answer(
    interaction: str = "PRPA_IN201312UV02",
    ack: str = "AA",
    detail: str = "",
    *,
    wrapped: bool = True,
    message: UUID = MESSAGE,
) -> bytes:
    inner = f"""<{interaction} xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
    <id root="1.2.250.1.213.4.1.1.1.1" extension="2"/>
    <acknowledgement typeCode="{ack}"><targetMessage>
    <id root="1.2.250.1.999.7.10" extension="{str(message).upper()}"/></targetMessage>{detail}</acknowledgement>
    <controlActProcess classCode="CACT" moodCode="EVN"/></{interaction}>"""
    name = "PRPA_IN201311UV02_Response"
    return (f'<{name} xmlns="asip:ci-sis:gdp:2010">{inner}</{name}>' if wrapped else inner).encode()


def check(data: bytes) -> None:
    creation.check_created(xml.parse(data), FRAME)


@pytest.mark.parametrize("wrapped", [True, False])
def test_created(wrapped):
    check(answer(wrapped=wrapped))


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize("interaction", ["PRPA_IN201312UV02", "PRPA_IN201313UV02"])
def test_a_record_that_exists_is_a_refusal_with_its_code(wrapped, interaction):
    with pytest.raises(Refused) as raised:
        check(answer(interaction, "AE", DETAIL, wrapped=wrapped))
    assert raised.value.server_code == "DMPFound"
    assert raised.value.server_text == "Le DMP existe déjà"


@pytest.mark.parametrize(
    "data",
    [
        answer("PRPA_IN201313UV02"),
        answer("PRPA_IN201308UV02"),
        answer(ack=""),
        answer(message=UUID(int=99)),
        b'<PRPA_IN201311UV02_Response xmlns="asip:ci-sis:gdp:2010"/>',
        answer().replace(b"asip:ci-sis:gdp:2010", b"urn:other"),
    ],
)
def test_what_is_no_answer_to_a_creation(data):
    with pytest.raises(AnswerUnreadable):
        check(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_answers_are_a_creation_or_an_error_of_the_dmp(data):
    mutated = bytearray(data.draw(st.sampled_from([answer(), answer("PRPA_IN201313UV02", "AE", DETAIL)])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        mutated[start : start + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=4))
    with suppress(AnswerUnreadable, Refused):
        check(bytes(mutated))

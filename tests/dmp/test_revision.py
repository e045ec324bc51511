"""TD1.2, TD1.3b, TD1.4: three requests in the order of the official schema, answers in both their wrappers."""

from contextlib import suppress
from dataclasses import replace
from uuid import UUID

import pytest
from dmp_peers import DOCTOR, FRAME, INS_C, NOW, PATIENT, SECRETARY, flat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.code import Code
from kiosk.dmp import revision, xml
from kiosk.dmp.management import AdministrativeData, Closing, LegalRepresentative, Reactivation
from kiosk.dmp.model import Address
from kiosk.errors import AnswerUnreadable, DmpError, Refused

NS = {"h": "urn:hl7-org:v3"}
AGAIN = Reactivation(PATIENT, "Mme", "BERNARD", "LACÔTE", "ÉLODIE", NOW, True, False)
CLOSE = Closing(PATIENT, "Mme", "BERNARD", "LACÔTE", "ÉLODIE", "Courrier du 2 mars")
MOTHER = LegalRepresentative(
    relationship=Code("MTH", "2.16.840.1.113883.1.11.19579", "Mère"),
    civility="Mme",
    family_name="BERNARD",
    given_name="ALICE",
    address=Address("3 RUE BASSE", "", "29000", "QUIMPER", "FRANCE"),
    phone="",
    mobile="06 39 98 00 13",
    email="alice@example.org",
)
DATA = AdministrativeData(
    civility="Mme",
    usual_name="BERNARD",
    birth_name="LACÔTE",
    given_name="ÉLODIE",
    birth_date="19840300",
    sex="F",
    birth_country="FRANCE",
    address=Address("12 RUE DE L'ÉGLISE", "", "75012", "PARIS", ""),
    email="elodie@example.org",
    phone="01 99 00 12 34",
    mobile="",
    representative=MOTHER,
    opposed_to_break_glass=True,
    opposed_to_regulation=False,
)

NAMES = """<name><prefix>Mme</prefix><family qualifier="SP">BERNARD</family>
    <family qualifier="BR">LACÔTE</family><given>ÉLODIE</given></name>"""


def observation(code: str, value: str, since: str = "") -> str:
    return f"""<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
    <code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/>{since}<value xsi:type="BL" value="{value}"/>
    </administrativeObservation></subjectOf>"""


def expected(
    reason: str, label: str, person: str, observations: str, status: str = "active", after: str = ""
):
    return f"""<PRPA_IN201314UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <id root="1.2.250.1.999.7.10" extension="{FRAME.message_id}"/><creationTime value="20260302081530"/>
    <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201314UV02"/><processingCode code="P"/>
    <processingModeCode code="T"/><acceptAckCode code="AL"/>
    <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device></receiver>
    <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.999.7"/><softwareName>Borne DMP</softwareName></device></sender>
    <controlActProcess classCode="CACT" moodCode="EVN">
    <reasonCode code="{reason}" codeSystem="1.2.250.1.213.1.1.4.11" displayName="{label}"/>
    <subject typeCode="SUBJ" contextConductionInd="false">
    <registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>
    <subject1 typeCode="SBJ"><patient classCode="PAT">
    <id root="{INS_C}" extension="0833910461279517589858"/><statusCode code="{status}"/>
    <patientPerson classCode="PSN" determinerCode="INSTANCE">{person}</patientPerson>
    <providerOrganization classCode="ORG" determinerCode="INSTANCE"><id nullFlavor="NI"/>
    <contactParty classCode="CON"/></providerOrganization>{observations}</patient></subject1>
    <author typeCode="AUT"><assignedEntity classCode="ASSIGNED">
    <id root="1.2.250.1.71.4.2.1" extension="899700000021"/>
    <code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5"
     displayName="Médecin - Qualifié en Médecine Générale (SM)"/>
    <assignedPerson classCode="PSN" determinerCode="INSTANCE">
    <name xsi:type="PN"><family>GIRAUD</family><given>CAMILLE</given></name></assignedPerson>
    <representedOrganization classCode="ORG" determinerCode="INSTANCE">
    <id root="1.2.250.1.71.4.2.2" extension="499700000001001"/><name>CABINET MEDICAL DES ACACIAS</name>
    <contactParty classCode="CON"/></representedOrganization></assignedEntity></author>
    </registrationRequest></subject>{after}</controlActProcess></PRPA_IN201314UV02>""".encode()


def test_1_2_the_reactivation_to_the_letter():
    observations = (
        observation("CONSENTEMENT_REACTIVATION_DMP", "true", '<effectiveTime value="20260302081530"/>')
        + observation("OPPOSITION_BRIS_DE_GLACE", "true")
        + observation("OPPOSITION_ACCES_URGENCE", "false")
    )
    made = revision.reactivation(AGAIN, DOCTOR, FRAME)
    assert flat(made) == flat(expected("REAC", "Réactivation de dossier", NAMES, observations))


def test_1_3b_the_update_to_the_letter():
    person = (
        NAMES
        + """<telecom use="HP" value="tel:0199001234"/><telecom value="mailto:elodie@example.org"/>
    <administrativeGenderCode code="F"/><birthTime value="19840300"/>
    <addr><streetAddressLine>12 RUE DE L'ÉGLISE</streetAddressLine><postalCode>75012</postalCode>
    <city>PARIS</city></addr>
    <personalRelationship classCode="PRS">
    <code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579" displayName="Mère"/>
    <addr><streetAddressLine>3 RUE BASSE</streetAddressLine><postalCode>29000</postalCode>
    <city>QUIMPER</city><country>FRANCE</country></addr>
    <telecom use="MC" value="tel:0639980013"/><telecom value="mailto:alice@example.org"/>
    <relationshipHolder1 classCode="PSN" determinerCode="INSTANCE"><name><prefix>Mme</prefix>
    <family>BERNARD</family><given>ALICE</given></name></relationshipHolder1></personalRelationship>
    <birthPlace classCode="BIRTHPL"><addr><country>FRANCE</country></addr></birthPlace>"""
    )
    observations = observation("OPPOSITION_BRIS_DE_GLACE", "true") + observation(
        "OPPOSITION_ACCES_URGENCE", "false"
    )
    label = "Modification des données de gestion de dossier"
    made = revision.update(PATIENT, DATA, DOCTOR, FRAME)
    assert flat(made) == flat(expected("MODIF_DATA", label, person, observations))


def test_1_3b_an_opposition_that_was_not_said_is_not_written():
    silent = replace(DATA, opposed_to_break_glass=None, representative=None)
    root = xml.parse(revision.update(PATIENT, silent, DOCTOR, FRAME))
    codes = [code.get("code") for code in root.iterfind(".//h:administrativeObservation/h:code", NS)]
    assert codes == ["OPPOSITION_ACCES_URGENCE"]
    assert root.find(".//h:personalRelationship", NS) is None


def test_1_4_the_closing_to_the_letter():
    after = """<reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">
    <code code="FERMETURE_DEMANDE_PATIENT" codeSystem="1.2.250.1.213.4.1.2.4"/>
    <text>Courrier du 2 mars</text></detectedIssueEvent></reasonOf>"""
    made = revision.closing(CLOSE, DOCTOR, FRAME)
    assert flat(made) == flat(expected("FERM", "Fermeture de dossier", NAMES, "", "terminated", after))


def test_1_4_a_closing_without_words_has_no_empty_text():
    root = xml.parse(revision.closing(replace(CLOSE, reason=""), DOCTOR, FRAME))
    assert root.find(".//h:detectedIssueEvent/h:text", NS) is None
    assert root.find(".//h:detectedIssueEvent/h:code", NS) is not None


@pytest.mark.parametrize("actor", [DOCTOR, SECRETARY])
@pytest.mark.parametrize(
    "make",
    [
        lambda actor: revision.reactivation(AGAIN, actor, FRAME),
        lambda actor: revision.closing(replace(CLOSE, birth_name="", civility="", reason=""), actor, FRAME),
        lambda actor: revision.update(PATIENT, DATA, actor, FRAME),
        lambda actor: revision.update(PATIENT, replace(DATA, phone="", address=Address()), actor, FRAME),
    ],
)
def test_nothing_is_empty(make, actor):
    for element in xml.parse(make(actor)).iter():
        assert all(element.attrib.values())
        assert len(element) or element.attrib or element.text


def test_forms_say_nothing_of_the_patient_in_their_repr():
    assert "LACÔTE" not in f"{AGAIN!r}{CLOSE!r}{DATA!r}{MOTHER!r}"


TEXT = st.text(max_size=20)
ADDRESS = st.builds(Address, TEXT, TEXT, TEXT, TEXT, TEXT)


@settings(max_examples=100, deadline=None)
@given(
    st.builds(
        replace,
        st.just(DATA),
        civility=TEXT,
        usual_name=TEXT,
        given_name=TEXT,
        birth_date=TEXT,
        sex=TEXT,
        email=TEXT,
        phone=TEXT,
        address=ADDRESS,
        representative=st.none()
        | st.builds(
            LegalRepresentative,
            st.builds(Code, TEXT, TEXT, TEXT),
            TEXT,
            TEXT,
            TEXT,
            ADDRESS,
            TEXT,
            TEXT,
            TEXT,
        ),
    )
)
def test_whatever_was_typed_the_message_stays_whole(data):
    root = xml.parse(revision.update(PATIENT, data, DOCTOR, FRAME))
    assert root.find(".//h:patient/h:id", NS).get("extension") == PATIENT.extension
    assert len(root.findall(".//h:administrativeObservation", NS)) == 2


# --- answers ----------------------------------------------------------------------------------------------


def answer(
    interaction: str = "PRPA_IN201315UV02",
    ack: str = "AA",
    detail: str = "",
    *,
    wrapped: bool = True,
    message: UUID = FRAME.message_id,
) -> bytes:
    inner = f"""<{interaction} xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
    <id root="1.2.250.1.213.4.1.1.1.1" extension="2"/>
    <acknowledgement typeCode="{ack}"><targetMessage>
    <id root="1.2.250.1.999.7.10" extension="{message}"/></targetMessage>{detail}</acknowledgement>
    <controlActProcess classCode="CACT" moodCode="EVN"><subject><registrationEvent>
    <statusCode code="completed"/></registrationEvent></subject></controlActProcess></{interaction}>"""
    name = "PRPA_IN201314UV02_Response"
    return (f'<{name} xmlns="asip:ci-sis:gdp:2010">{inner}</{name}>' if wrapped else inner).encode()


def refused(code: str, text: str, **how: bool) -> bytes:
    detail = f"<acknowledgementDetail><code code='{code}'/><text>{text}</text></acknowledgementDetail>"
    return answer("PRPA_IN201316UV02", "AE", detail, **how)


def check(data: bytes) -> None:
    revision.check_done(xml.parse(data), FRAME)


@pytest.mark.parametrize("wrapped", [True, False])
def test_done(wrapped):
    check(answer(wrapped=wrapped))


@pytest.mark.parametrize("wrapped", [True, False])
@pytest.mark.parametrize(
    ("code", "text", "about"),
    [
        ("DMPFound", "Dossier déjà actif", "déjà un DMP ouvert"),
        ("DMPClosed", "Dossier déjà fermé", "fermé"),
        ("DMPQuelconque", "Ce DMP est rattaché à Mon espace santé", "rattaché à Mon espace santé"),
    ],
)
def test_refusals_keep_their_code_and_text(wrapped, code, text, about):
    with pytest.raises(Refused) as raised:
        check(refused(code, text, wrapped=wrapped))
    assert (raised.value.server_code, raised.value.server_text) == (code, text)
    assert about in raised.value.what


@pytest.mark.parametrize(
    "data",
    [
        answer("PRPA_IN201316UV02"),
        answer("PRPA_IN201312UV02"),
        answer(ack=""),
        answer(message=UUID(int=99)),
        answer().replace(b"IN201314", b"IN201311"),
        b'<PRPA_IN201314UV02_Response xmlns="asip:ci-sis:gdp:2010"/>',
    ],
)
def test_what_is_no_answer_to_a_revision(data):
    with pytest.raises(AnswerUnreadable):
        check(data)


@settings(max_examples=200, deadline=None)
@given(st.data())
def test_mutated_answers_are_done_or_an_error_of_the_dmp(data):
    mutated = bytearray(data.draw(st.sampled_from([answer(), refused("DMPClosed", "Fermé")])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        mutated[start : start + data.draw(st.integers(0, 12))] = data.draw(st.binary(max_size=4))
    with suppress(DmpError):
        check(bytes(mutated))

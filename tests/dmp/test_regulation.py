"""TD0.5: the parameters in their order, candidates written by hand from the reference."""

from contextlib import suppress
from dataclasses import replace

import pytest
from dmp_peers import FRAME, INS_C, flat
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import regulation, xml
from kiosk.dmp.listing import FoundPatient, RegulationSearch, SearchResult
from kiosk.dmp.model import PatientId
from kiosk.dmp.profile import CURRENT, HISTORICAL, ServiceProfile
from kiosk.errors import AnswerUnreadable, DmpError, Refused

NS = {"h": "urn:hl7-org:v3"}
NIR = PatientId("1.2.250.1.213.1.4.10", "255069999999934")
INSC = PatientId(INS_C, "0833910461279517589858")
FULL = RegulationSearch(
    family_name="BERNARD",
    given_name="ELODIE",
    approximate_name=True,
    birth_date="19840312",
    sex="F",
    postal_code="75012",
    city="PARIS",
    approximate_city=True,
)


def subject(ids: str = "", person: str | None = None, likeness: str = "97") -> str:
    person = (
        person
        or """<patientPerson><name><family qualifier="SP">BERNARD</family>
    <family qualifier="BR">LACÔTE</family><given>ELODIE</given></name>
    <administrativeGenderCode code="F"/><birthTime value="19840312"/>
    <addr><city>PARIS</city><postalCode>75012</postalCode></addr></patientPerson>"""
    )
    ids = ids or "".join(f'<id root="{one.root}" extension="{one.extension}"/>' for one in (NIR, INSC))
    return f"""<subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">
    <subject1 typeCode="SBJ"><patient classCode="PAT">{ids}<statusCode code="active"/>{person}
    <subjectOf1><queryMatchObservation classCode="OBS" moodCode="EVN"><code code="POURCENTAGE"/>
    <value xsi:type="INT" value="{likeness}"/></queryMatchObservation></subjectOf1>
    <subjectOf2><administrativeObservation><code code="OPPOSITION_ACCES_URGENCE"/>
    <value xsi:type="BL" value="false"/></administrativeObservation></subjectOf2>
    </patient></subject1></registrationEvent></subject>"""


def answer(
    *subjects: str, ack: str = "AA", response: str = "OK", detail: str = "", remaining: str = "0"
) -> bytes:
    return f"""<PRPA_IN201306UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <acknowledgement><typeCode code="{ack}"/><targetMessage>
    <id root="1.2.250.1.999.7.10" extension="{FRAME.message_id}"/></targetMessage>{detail}</acknowledgement>
    <controlActProcess classCode="CACT" moodCode="EVN">{"".join(subjects)}
    <queryAck><queryId root="1.2.250.1.999.7.11" extension="{FRAME.query_id}"/>
    <queryResponseCode code="{response}"/><resultTotalQuantity value="3"/>
    <resultCurrentQuantity value="1"/><resultRemainingQuantity value="{remaining}"/></queryAck>
    </controlActProcess></PRPA_IN201306UV02>""".encode()


def read(data: bytes, profile: ServiceProfile = CURRENT) -> SearchResult:
    return regulation.result(xml.parse(data), profile, FRAME)


def parameters(search: RegulationSearch) -> etree._Element:
    (found,) = xml.parse(regulation.request(search, FRAME)).iterfind(".//h:parameterList", NS)
    return found


def test_0_5_060_the_request_to_the_letter():
    expected = f"""<PRPA_IN201305UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
    <id root="1.2.250.1.999.7.10" extension="{FRAME.message_id}"/><creationTime value="20260302081530"/>
    <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201305UV02"/><processingCode code="P"/>
    <processingModeCode code="T"/><acceptAckCode code="AL"/>
    <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device></receiver>
    <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.999.7"/><softwareName>Borne DMP</softwareName></device></sender>
    <controlActProcess classCode="CACT" moodCode="EVN">
    <code code="PRPA_TE201305UV02" codeSystem="2.16.840.1.113883.1.6"/>
    <queryByParameter><queryId root="1.2.250.1.999.7.11" extension="{FRAME.query_id}"/>
    <statusCode code="new"/><parameterList>
    <livingSubjectAdministrativeGender><value code="F"/>
    <semanticsText>LivingSubject.administrativeGender</semanticsText></livingSubjectAdministrativeGender>
    <livingSubjectBirthTime><value value="19840312"/>
    <semanticsText>LivingSubject.birthTime</semanticsText></livingSubjectBirthTime>
    <livingSubjectName><value use="SRCH"><family>BERNARD</family><given>ELODIE</given></value>
    <semanticsText>LivingSubject.name</semanticsText></livingSubjectName>
    <patientAddress><value use="SRCH"><postalCode>75012</postalCode><city>PARIS</city></value>
    <semanticsText>LivingSubject.addr</semanticsText></patientAddress>
    </parameterList></queryByParameter></controlActProcess></PRPA_IN201305UV02>"""
    assert flat(regulation.request(FULL, FRAME)) == flat(expected.encode())


def test_0_5_010_a_strict_search_by_name_alone():
    (name,) = parameters(RegulationSearch(family_name="BERNARD"))
    value = name.find("h:value", NS)
    assert value.get("use") is None
    assert [etree.QName(child).localname for child in value] == ["family"]


def test_0_5_050_a_search_by_birth_date_alone():
    (birth,) = parameters(RegulationSearch(birth_date="19840312", approximate_name=True))
    assert birth.find("h:value", NS).get("value") == "19840312"


@settings(max_examples=100, deadline=None)
@given(st.builds(RegulationSearch, *[st.text(max_size=20)] * 2, st.booleans(), *[st.text(max_size=9)] * 4))
def test_whatever_was_typed_the_message_stays_whole(search):
    for parameter in parameters(search):
        assert [etree.QName(child).localname for child in parameter] == ["value", "semanticsText"]


def test_a_candidate():
    found = read(answer(subject(), remaining="2"))
    assert found == SearchResult(
        (FoundPatient(NIR, "BERNARD", "LACÔTE", "ELODIE", "19840312", "F", "PARIS", "75012", 97),), 2
    )
    assert "255069999999934" not in repr(found)
    assert read(answer(subject()), HISTORICAL).patients[0].patient == INSC


@pytest.mark.parametrize("response", ["NF", "OK"])
def test_0_5_090_nobody_is_found(response):
    assert read(answer(response=response)) == SearchResult(())


def test_0_5_510_a_record_without_a_usable_identifier_is_not_shown():
    old = subject(f'<id root="{INS_C}" extension="{INSC.extension}"/><id nullFlavor="NI"/>')
    assert [one.patient for one in read(answer(old, subject())).patients] == [NIR]


def test_0_5_500_too_many_answers():
    detail = (
        "<acknowledgementDetail><code code='DMPTooManyResult'/><text>Trop de réponses</text>"
        "</acknowledgementDetail>"
    )
    with pytest.raises(Refused) as raised:
        read(answer(ack="AE", response="AE", detail=detail))
    assert raised.value.server_code == "DMPTooManyResult"
    assert "Précisez" in raised.value.todo


@pytest.mark.parametrize("likeness", ["", "beaucoup", "-3", "9" * 40, "²"])
def test_a_likeness_that_is_none(likeness):
    (found,) = read(answer(subject(likeness=likeness), remaining=likeness)).patients
    assert found.likeness is None


def test_a_candidate_with_lunar_birth_and_no_name():
    person = '<patientPerson><birthTime value="19840000"/></patientPerson>'
    (found,) = read(answer(subject(person=person))).patients
    assert replace(found, patient=INSC, likeness=None) == FoundPatient(
        INSC, "", "", "", "19840000", "", "", "", None
    )


@pytest.mark.parametrize(
    "data",
    [
        answer(ack=""),
        answer(response="ZZ"),
        answer("<subject/>"),
        answer().replace(b"IN201306", b"IN201308"),
        answer().replace(str(FRAME.query_id).encode(), b"x"),
    ],
)
def test_what_is_no_answer_to_a_search(data):
    with pytest.raises(AnswerUnreadable):
        read(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_answers_are_read_or_an_error_of_the_dmp(data):
    mutated = bytearray(answer(subject(), subject()))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.sampled_from([b"", b"<a/>", b"&#9;"])
        mutated[start : start + data.draw(st.integers(0, 20))] = data.draw(piece)
    with suppress(DmpError):
        assert isinstance(read(bytes(mutated)), SearchResult)

"""TD0.2: the request against the reference's skeleton, answers written by hand from it."""

import datetime
from contextlib import suppress
from uuid import UUID

import pytest
from dmp_peers import FRAME, INS_C, PATIENT, flat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.dmp import existence, xml
from kiosk.dmp.model import Authorization, DmpStatus, PatientId, PatientTraits, RecordState
from kiosk.errors import AnswerUnreadable, Refused

MESSAGE, QUERY = FRAME.message_id, FRAME.query_id
NIR = PatientId("1.2.250.1.213.1.4.11", "255069999999934")

PERSON = """<patientPerson classCode="PSN" determinerCode="INSTANCE">
  <name><prefix>Mme</prefix><given>ELODIE</given><family qualifier="BR">LACÔTE</family>
  <family qualifier="SP">BERNARD</family></name><telecom use="MC" value="tel:0639980012"/>
  <administrativeGenderCode code="F"/><birthTime value="19840312"/></patientPerson>"""


def observation(code: str, value: str) -> str:
    return (
        '<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/><value xsi:type="BL" value="{value}"/>'
        "</administrativeObservation></subjectOf>"
    )


def attention(keyword: str, value: str) -> str:
    return (
        f'<attentionLine><keyWordText code="{keyword}" codeSystem="1.2.250.1.213.4.1.2.6.1"/>'
        f"<value {value}/></attentionLine>"
    )


def ids(*named: PatientId) -> str:
    return "".join(f'<id root="{one.root}" extension="{one.extension}"/>' for one in named)


def answer(
    *,
    lines: str = "",
    status: str = "active",
    identifiers: str = ids(PATIENT, NIR),
    person: str = PERSON,
    observations: str = "",
    event: str = "",
    closing: str = "",
    response: str = "OK",
    ack: str = 'typeCode="AA"',
    detail: str = "",
    message: UUID = MESSAGE,
    query: UUID = QUERY,
    subject: str | None = None,
) -> bytes:
    if subject is None:
        subject = f"""<subject typeCode="SUBJ" contextConductionInd="false">
        <registrationEvent classCode="REG" moodCode="EVN"><statusCode code="completed"/>{event}
        <subject1 typeCode="SBJ"><patient classCode="PAT">{identifiers}<statusCode code="{status}"/>{person}
        <providerOrganization classCode="ORG" determinerCode="INSTANCE"><id nullFlavor="NI"/></providerOrganization>
        {observations}</patient></subject1></registrationEvent></subject>"""
    return f"""<PRPA_IN201308UV02 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <id root="1.2.250.1.213.4.1.1.1.1" extension="1"/><creationTime value="20260302081530"/>
    <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201308UV02"/><processingCode code="P"/>
    <processingModeCode code="T"/><acceptAckCode code="NE"/>
    <acknowledgement {ack}><targetMessage><id root="1.2.250.1.999.7.10" extension="{message}"/></targetMessage>
    {detail}</acknowledgement>{lines}
    <controlActProcess classCode="CACT" moodCode="EVN">{subject}{closing}
    <queryAck><queryId root="1.2.250.1.999.7.11" extension="{query}"/>
    <queryResponseCode code="{response}"/></queryAck></controlActProcess></PRPA_IN201308UV02>""".encode()


def read(data: bytes, patient: PatientId = PATIENT) -> DmpStatus:
    return existence.status(xml.parse(data), patient, FRAME)


# --- request ----------------------------------------------------------------------------------------------


def test_the_request_to_the_letter():
    made = existence.request(PATIENT, FRAME)
    expected = f"""<PRPA_IN201307UV02 xmlns="urn:hl7-org:v3" ITSVersion="XML_1.0">
    <id root="1.2.250.1.999.7.10" extension="{MESSAGE}"/><creationTime value="20260302081530"/>
    <interactionId root="2.16.840.1.113883.1.6" extension="PRPA_IN201307UV02"/><processingCode code="P"/>
    <processingModeCode code="T"/><acceptAckCode code="AL"/>
    <receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device></receiver>
    <sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">
    <id root="1.2.250.1.999.7"/><softwareName>Borne DMP</softwareName></device></sender>
    <controlActProcess classCode="CACT" moodCode="EVN">
    <reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"
     displayName="Test d'existence de dossier"/>
    <queryByParameter><queryId root="1.2.250.1.999.7.11" extension="{QUERY}"/><statusCode code="new"/>
    <parameterList><patientIdentifier><value root="{INS_C}" extension="0833910461279517589858"/>
    <semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>
    </controlActProcess></PRPA_IN201307UV02>"""
    assert flat(made) == flat(expected.encode())


# --- answers ----------------------------------------------------------------------------------------------


def test_0_2_010_no_record():
    assert read(answer(response="NF", subject="")) == DmpStatus(RecordState.NONE)


def authorization(literal: str) -> DmpStatus:
    found = read(answer(lines=attention("AUTORISATION", f'code="{literal}"')))
    assert found.state is RecordState.ACTIVE
    return found


def test_0_2_030_active_and_no_authorization():
    assert authorization("NON_EXISTE").authorization is Authorization.NONE


def test_0_2_040_active_and_authorized_not_as_treating_doctor():
    found = authorization("VALIDE")
    assert found.authorization is Authorization.VALID
    assert not found.treating_doctor


def test_0_2_050_the_treating_doctor():
    lines = attention("AUTORISATION", 'code="VALIDE"') + attention("STATUT_MT", 'xsi:type="BL" value="true"')
    assert read(answer(lines=lines)).treating_doctor
    assert not read(answer(lines=attention("STATUT_MT", 'value="false"'))).treating_doctor


def test_0_2_060_active_and_authorization_expired():
    assert authorization("EXPIRE").authorization is Authorization.EXPIRED


def test_0_2_070_active_and_blocked_by_the_patient():
    assert authorization("INTERDIT").authorization is Authorization.FORBIDDEN


def test_0_2_020_a_closed_record_with_its_date_and_reason():
    closing = (
        '<reasonOf typeCode="RSON"><detectedIssueEvent classCode="ALRT" moodCode="EVN">'
        '<code code="FERMETURE_DEMANDE_PATIENT" codeSystem="1.2.250.1.213.4.1.2.4"/>'
        "<text>courrier reçu</text></detectedIssueEvent></reasonOf>"
    )
    found = read(
        answer(status="terminated", event='<effectiveTime value="20250110093000"/>', closing=closing)
    )
    assert found.state is RecordState.CLOSED
    assert found.closed_at == datetime.datetime(2025, 1, 10, 9, 30, tzinfo=datetime.UTC)
    assert found.closing_reason == "À la demande du patient : courrier reçu"


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20250110", datetime.datetime(2025, 1, 10, tzinfo=datetime.UTC)),
        ("20250110093000.123+0100", datetime.datetime(2025, 1, 10, 8, 30, tzinfo=datetime.UTC)),
        ("20250100", None),
        ("2025", None),
        ("hier", None),
        ("00010101000000+2300", None),
    ],
)
def test_closing_dates_that_are_short_zoned_or_none(value, expected):
    found = read(answer(status="terminated", event=f'<effectiveTime value="{value}"/>'))
    assert found.closed_at == expected


def test_rec_gen_1370_unknown_values_are_kept_as_they_came():
    closing = "<reasonOf><detectedIssueEvent><code code='FERMETURE_2031'/></detectedIssueEvent></reasonOf>"
    found = read(answer(status="terminated", closing=closing))
    assert found.closing_reason == "FERMETURE_2031"
    found = read(answer(status="suspended", lines=attention("AUTORISATION", 'code="PARTIELLE"')))
    assert (found.state, found.raw_state) == (RecordState.UNKNOWN, "suspended")
    assert (found.authorization, found.raw_authorization) == (Authorization.UNKNOWN, "PARTIELLE")


@pytest.mark.parametrize(("value", "expected"), [("true", True), ("false", False), ("peut-être", None)])
def test_internet_account_and_mon_espace_sante(value, expected):
    found = read(
        answer(
            observations=observation("COMPTE_INTERNET_OUVERT", value) + observation("RATTACHEMENT_ENS", value)
        )
    )
    assert found.internet_account is expected
    assert found.attached_to_mes is expected
    assert read(answer()).internet_account is None


def test_ex_0_2_1020_traits_are_read_and_stay_out_of_the_repr():
    found = read(answer())
    assert found.traits == PatientTraits("LACÔTE", "BERNARD", "ELODIE", "19840312", "F")
    assert "LACÔTE" not in repr(found)


@pytest.mark.parametrize("birth", ["19840300", "19840000", "19841512", "198403", "1984", ""])
def test_lunar_and_short_birth_dates(birth):
    person = PERSON.replace("19840312", birth)
    assert read(answer(person=person)).traits.birth_date == birth


def test_non_renseigne_and_missing_traits():
    found = read(answer(person=PERSON.replace("BERNARD", "NON_RENSEIGNE")))
    assert found.traits.usual_name == "NON_RENSEIGNE"
    assert read(answer(person="<patientPerson/>")).traits == PatientTraits("", "", "", "", "")
    assert read(answer(person="")).traits is None


def test_text_of_the_server_is_cleaned():
    found = read(answer(person=PERSON.replace("BERNARD", "BER\u202eNARD\u0085")))
    assert found.traits.usual_name == "BER\ufffdNARD"


@pytest.mark.parametrize("patient", [PATIENT, NIR])
def test_both_kinds_of_identifier(patient):
    assert read(answer(), patient).state is RecordState.ACTIVE
    assert read(answer(identifiers=ids(patient)), patient).state is RecordState.ACTIVE


def test_an_answer_about_another_patient_is_refused():
    other = PatientId(INS_C, "1495343046986174527806")
    with pytest.raises(AnswerUnreadable) as raised:
        read(answer(identifiers=ids(other, NIR)))
    assert other.extension not in str(raised.value)


def test_several_ins_c_of_one_patient():
    former = PatientId(INS_C, "1495343046986174527806")
    assert read(answer(identifiers=ids(former, PATIENT))).state is RecordState.ACTIVE


@pytest.mark.parametrize("ids_", [{"message": UUID(int=99)}, {"query": UUID(int=99)}])
def test_an_answer_to_another_message_or_query_is_refused(ids_):
    with pytest.raises(AnswerUnreadable):
        read(answer(**ids_))


REFUSAL = (
    "<acknowledgementDetail><code code='DMPAccessDeniedByRightsService'/><text>Droit absent</text>"
    "</acknowledgementDetail>"
)


@pytest.mark.parametrize("ack", ['typeCode="AE"', 'typeCode="AR"'])
def test_a_refusal_gives_the_dmps_code_and_text(ack):
    with pytest.raises(Refused) as raised:
        read(answer(ack=ack, detail=REFUSAL, subject="", response="AE"))
    assert raised.value.server_code == "DMPAccessDeniedByRightsService"
    assert raised.value.server_text == "Droit absent"


def test_an_acknowledgement_in_the_pdq_form():
    refused = "<typeCode code='AE'/>" + REFUSAL
    with pytest.raises(Refused):
        read(answer(ack="", detail=refused, subject=""))


def test_a_refusal_in_the_query_alone():
    with pytest.raises(Refused):
        read(answer(response="AE", subject=""))


def test_a_structure_the_dmp_does_not_know():
    detail = "<acknowledgementDetail><text>Structure introuvable ou Inactive</text></acknowledgementDetail>"
    with pytest.raises(Refused) as raised:
        read(answer(ack='typeCode="AE"', detail=detail, subject=""))
    assert "structure" in raised.value.what


@pytest.mark.parametrize(
    "data",
    [
        answer(ack=""),
        answer(ack='typeCode="XX"'),
        answer(response="ZZ"),
        answer(response=""),
        answer(subject=""),
        answer(status=""),
        answer().replace(b"PRPA_IN201308UV02", b"PRPA_IN201310UV02"),
        answer().replace(b"urn:hl7-org:v3", b"urn:hl7-org:v2"),
    ],
)
def test_what_is_no_answer_to_an_existence_test(data):
    with pytest.raises(AnswerUnreadable):
        read(data)


def test_two_records_in_one_answer_are_one_too_many():
    twice = answer().replace(b"</subject>", b"</subject><subject><registrationEvent/></subject>")
    with pytest.raises(AnswerUnreadable):
        read(twice)


FULL = answer(
    lines=attention("AUTORISATION", 'code="VALIDE"') + attention("STATUT_MT", 'value="true"'),
    status="terminated",
    observations=observation("COMPTE_INTERNET_OUVERT", "true"),
    event='<effectiveTime value="20250110093000"/>',
    closing="<reasonOf><detectedIssueEvent><code code='A'/><text>b</text></detectedIssueEvent></reasonOf>",
)


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_mutated_answers_give_a_status_or_an_error_of_the_dmp(data):
    mutated = bytearray(data.draw(st.sampled_from([FULL, answer(response="NF", subject="")])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.text(max_size=4).map(str.encode) | st.sampled_from([b"", b"<a/>"])
        mutated[start : start + data.draw(st.integers(0, 12))] = data.draw(piece)
    with suppress(AnswerUnreadable, Refused):
        assert isinstance(read(bytes(mutated)), DmpStatus)


WORDS = st.sampled_from(["", "AA", "AE", "OK", "NF", "true", "active", "99999999999999", "\u202e", "x" * 600])


@settings(max_examples=200, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), WORDS | st.text(st.characters(exclude_categories=["C"])))))
def test_answers_with_changed_values_give_a_status_or_an_error_of_the_dmp(changes):
    root = xml.parse(FULL)
    elements = list(root.iter())
    for position, word in changes:
        element = elements[position % len(elements)]
        for key in element.attrib:
            element.set(key, word)
        element.text = word
    with suppress(AnswerUnreadable, Refused):
        assert isinstance(read(xml.serialize(root)), DmpStatus)

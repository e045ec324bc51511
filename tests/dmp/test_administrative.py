"""TD1.3a: the request against the reference, answers written by hand from it."""

from contextlib import suppress

import pytest
from dmp_peers import FRAME, INS_C, PATIENT, flat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.code import Code
from kiosk.dmp import administrative, xml
from kiosk.dmp.management import AdministrativeData, LegalRepresentative
from kiosk.dmp.model import Address
from kiosk.errors import AnswerUnreadable, DmpError, Refused


def observation(code: str, value: str) -> str:
    return f"""<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">
    <code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/><value xsi:type="BL" value="{value}"/>
    </administrativeObservation></subjectOf>"""


RELATIONSHIP = """<personalRelationship classCode="PRS">
  <code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579" displayName="Mère"/>
  <addr><streetAddressLine>3 RUE BASSE</streetAddressLine><postalCode>29000</postalCode>
  <city>QUIMPER</city></addr><telecom use="MC" value="tel:0639980013"/>
  <relationshipHolder1 classCode="PSN" determinerCode="INSTANCE"><name><prefix>Mme</prefix>
  <family>BERNARD</family><given>ALICE</given></name></relationshipHolder1></personalRelationship>"""
PERSON = f"""<patientPerson classCode="PSN" determinerCode="INSTANCE">
  <name><prefix>Mme</prefix><given>ELODIE</given><family qualifier="BR">LACÔTE</family>
  <family qualifier="SP">BERNARD</family></name><telecom use="MC" value="tel:0639980012"/>
  <telecom use="HP" value="tel:0199001234"/><telecom value="mailto:elodie@example.org"/>
  <administrativeGenderCode code="F"/><birthTime value="19840300"/><deceasedInd value="false"/>
  <addr><streetAddressLine>12 RUE DE L'ÉGLISE</streetAddressLine>
  <streetAddressLine>LE BOURG</streetAddressLine><additionalLocator>BÂT. Ç</additionalLocator>
  <postalCode>75012</postalCode><city>PARIS</city><country>FRANCE</country></addr>{RELATIONSHIP}
  <birthPlace classCode="BIRTHPL"><addr><country>FRANCE</country></addr></birthPlace></patientPerson>"""
OBSERVATIONS = (
    observation("OPPOSITION_BRIS_DE_GLACE", "true")
    + observation("OPPOSITION_ACCES_URGENCE", "false")
    + observation("RATTACHEMENT_ENS", "false")
)


def answer(
    person: str = PERSON,
    observations: str = OBSERVATIONS,
    *,
    response: str = "OK",
    ack: str = "AA",
    detail: str = "",
    patient: str = PATIENT.extension,
) -> bytes:
    return f"""<PRPA_IN201308UV02 ITSVersion="XML_1.0" xmlns="urn:hl7-org:v3"
     xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
    <acknowledgement typeCode="{ack}"><targetMessage>
    <id root="1.2.250.1.999.7.10" extension="{FRAME.message_id}"/></targetMessage>{detail}</acknowledgement>
    <controlActProcess classCode="CACT" moodCode="EVN">
    <subject typeCode="SUBJ"><registrationEvent classCode="REG" moodCode="EVN">
    <statusCode code="completed"/><subject1 typeCode="SBJ"><patient classCode="PAT">
    <id root="{INS_C}" extension="{patient}"/><statusCode code="active"/>{person}{observations}
    </patient></subject1></registrationEvent></subject>
    <queryAck><queryId root="1.2.250.1.999.7.11" extension="{FRAME.query_id}"/>
    <queryResponseCode code="{response}"/></queryAck></controlActProcess></PRPA_IN201308UV02>""".encode()


def read(data: bytes) -> AdministrativeData:
    return administrative.data(xml.parse(data), PATIENT, FRAME)


def test_1_3a_010_the_request_says_why_and_whose():
    made = flat(administrative.request(PATIENT, FRAME))
    hl7 = "{urn:hl7-org:v3}"
    assert made[0][0] == f"{hl7}PRPA_IN201307UV02"
    reason = {
        "code": "CNSLT_DATA",
        "codeSystem": "1.2.250.1.213.1.1.4.11",
        "displayName": "Consultation des données de gestion de dossier",
    }
    start = made.index((f"{hl7}reasonCode", reason, ""))
    assert made[start + 1 :] == [
        (f"{hl7}queryByParameter", {}, ""),
        (f"{hl7}queryId", {"root": "1.2.250.1.999.7.11", "extension": str(FRAME.query_id)}, ""),
        (f"{hl7}statusCode", {"code": "new"}, ""),
        (f"{hl7}parameterList", {}, ""),
        (f"{hl7}patientIdentifier", {}, ""),
        (f"{hl7}value", {"root": INS_C, "extension": "0833910461279517589858"}, ""),
        (f"{hl7}semanticsText", {}, "Patient.id"),
    ]


def test_1_3a_010_everything_the_answer_may_say():
    found = read(answer())
    assert found == AdministrativeData(
        civility="Mme",
        usual_name="BERNARD",
        birth_name="LACÔTE",
        given_name="ELODIE",
        birth_date="19840300",
        sex="F",
        birth_country="FRANCE",
        address=Address("12 RUE DE L'ÉGLISE\nLE BOURG", "BÂT. Ç", "75012", "PARIS", "FRANCE"),
        email="elodie@example.org",
        phone="0199001234",
        mobile="0639980012",
        representative=LegalRepresentative(
            relationship=Code("MTH", "2.16.840.1.113883.1.11.19579", "Mère"),
            civility="Mme",
            family_name="BERNARD",
            given_name="ALICE",
            address=Address("3 RUE BASSE", "", "29000", "QUIMPER", ""),
            mobile="0639980013",
        ),
        opposed_to_break_glass=True,
        opposed_to_regulation=False,
        deceased=False,
        internet_account=None,
        attached_to_mes=False,
    )
    assert "LACÔTE" not in repr(found)


def test_an_answer_that_says_nothing():
    nothing = AdministrativeData(
        "", "", "", "", "", "", "", Address(), "", "", "", None, None, None, None, None, None
    )
    assert read(answer("<patientPerson/>", "")) == nothing


def test_1_3a_200_names_that_are_not_filled_in():
    found = read(answer(PERSON.replace("BERNARD", "NON_RENSEIGNE")))
    assert found.usual_name == "NON_RENSEIGNE"
    assert found.representative.family_name == "NON_RENSEIGNE"


def test_rec_gen_1370_an_unknown_relationship_is_shown_as_it_came():
    strange = PERSON.replace('code="MTH"', 'code="TUTEUR_2031"').replace(' displayName="Mère"', "")
    assert read(answer(strange)).representative.relationship.label == "TUTEUR_2031"


@pytest.mark.parametrize(
    ("telecom", "numbers"),
    [
        ('<telecom value="tel:1"/>', ("1", "", "")),
        ('<telecom use="MC" value="TEL:1"/>', ("", "1", "")),
        ('<telecom use="HP MC" value="tel:1"/>', ("", "1", "")),
        ('<telecom use="HP" value="tel:1"/><telecom use="HP" value="tel:2"/>', ("1", "", "")),
        ('<telecom value="MAILTO:a@example.org"/>', ("", "", "a@example.org")),
        ('<telecom value="fax:1"/><telecom nullFlavor="NI"/><telecom value="1"/>', ("", "", "")),
    ],
)
def test_telecoms_of_every_kind(telecom, numbers):
    found = read(answer(f"<patientPerson>{telecom}</patientPerson>"))
    assert (found.phone, found.mobile, found.email) == numbers


def test_no_record():
    with pytest.raises(Refused) as raised:
        read(answer(response="NF").replace(b"<subject ", b"<other ").replace(b"</subject>", b"</other>"))
    assert raised.value.server_code == "NF"
    assert "n'a pas de DMP" in raised.value.what


def test_a_refusal_gives_the_code_and_the_text():
    detail = (
        "<acknowledgementDetail><code code='DMPAccessForbidden'/><text>Opposition</text>"
        "</acknowledgementDetail>"
    )
    with pytest.raises(Refused) as raised:
        read(answer(ack="AE", detail=detail))
    assert (raised.value.server_code, raised.value.server_text) == ("DMPAccessForbidden", "Opposition")


@pytest.mark.parametrize(
    "data",
    [
        answer(""),
        answer(PERSON + PERSON),
        answer(patient="1495343046986174527806"),
        answer(ack=""),
        answer(response="ZZ"),
        answer().replace(b"IN201308", b"IN201306"),
    ],
)
def test_what_is_no_answer(data):
    with pytest.raises(AnswerUnreadable):
        read(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_answers_are_read_or_an_error_of_the_dmp(data):
    mutated = bytearray(answer())
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.sampled_from([b"", b"<a/>", b"&#9;"])
        mutated[start : start + data.draw(st.integers(0, 20))] = data.draw(piece)
    with suppress(DmpError):
        assert isinstance(read(bytes(mutated)), AdministrativeData)

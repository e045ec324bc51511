"""TD1.2, TD1.3b, TD1.4 and TD1.5b: reactivation, administrative data, closing, channels of the one-time code."""

import pytest
from raw_acts import (
    CHANGE,
    CLOSING,
    CONSENT,
    HENRI,
    JULIE,
    KARIM,
    NAMED,
    SOLANGE,
    VICTOR,
    authorisation,
    change,
    channel,
    closing,
    consult,
    doctor_vihf,
    observation,
    reactivation,
    registration,
    state,
)
from raw_dmp import ANDRE, BY_CARD, CREATION, ELODIE, JEAN_PIERRE, NS, Answer, Desk, Vihf
from test_dmp_server_creation import MOTHER, VITALE, request

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

PERSON = "//h:registrationEvent/h:subject1/h:patient/h:patientPerson"
STATUS = "//h:patient/h:statusCode/@code"
FULL = (
    '<name><prefix>M</prefix><family qualifier="SP">LIEN-NEUF</family><given>KARIM</given></name>'
    '<telecom use="MC" value="tel:0639980999"/><administrativeGenderCode code="M"/><birthTime value="19850930"/>'
    "<addr><streetAddressLine>1 quai Neuf</streetAddressLine><additionalLocator>Bât. B</additionalLocator>"
    "<postalCode>99500</postalCode><city>AILLEURS</city><country>France</country></addr>"
)
OPPOSED = observation("OPPOSITION_BRIS_DE_GLACE", "true") + observation("OPPOSITION_ACCES_URGENCE", "true")
SPOKEN_FOR = (
    '<personalRelationship classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579"/>'
    "<addr><streetAddressLine>5 rue</streetAddressLine><postalCode>99600</postalCode><city>LOIN</city></addr>"
    '<telecom use="MC" value="tel:0639980888"/>'
    '<relationshipHolder1 classCode="PSN" determinerCode="INSTANCE">'
    "<name><prefix>Mme</prefix><family>BERNARD</family><given>ELODIE</given></name></relationshipHolder1>"
    "</personalRelationship>"
)


def update(holder: Holder, patient: str, person: str = FULL, observations: str = OPPOSED) -> str:
    return registration(holder, patient, "MODIF_DATA", person=person, observations=observations)


def observed(answer: Answer, code: str) -> str:
    return answer.get(f"//h:administrativeObservation[h:code/@code='{code}']/h:value/@value")


def root_of(answer: Answer) -> str:
    """The interaction inside the wrapper of the service."""
    (inside,) = answer.root.xpath("//g:PRPA_IN201314UV02_Response/*", namespaces=NS)
    return str(inside.tag).rpartition("}")[2]


@pytest.mark.parametrize("card", ["cps-medecin", "cps-pharmacien", "cpe-accueil"])
@pytest.mark.parametrize("patient", [HENRI, SOLANGE])
def test_a_closed_record_is_reactivated(desk: Desk, card: str, patient: str) -> None:
    holder = BY_CARD[card]
    answer = change(desk, doctor_vihf(holder, patient), reactivation(holder, patient))
    assert answer.ack == ("AA", "")
    assert answer.get("//a:Action") == "urn:hl7-org:v3:PRPA_IN201314ResponseUV02"
    assert root_of(answer) == "PRPA_IN201315UV02"
    assert answer.get("//h:registrationEvent/h:statusCode/@code") == "completed"
    found = desk.existence(Vihf(holder, patient))
    assert found.get(STATUS) == "active"
    assert not found.root.xpath("//h:reasonOf | //h:registrationEvent/h:effectiveTime", namespaces=NS)
    assert authorisation(desk, Vihf(holder, patient)) == "NON_EXISTE"


@pytest.mark.parametrize(("patient", "code"), [(JEAN_PIERRE, "DMPFound"), (ELODIE, "DMPNotFound")])
def test_what_is_not_closed_is_not_reactivated(desk: Desk, doctor: Holder, patient: str, code: str) -> None:
    answer = change(desk, doctor_vihf(doctor, patient), reactivation(doctor, patient))
    assert answer.ack == ("AE", code)
    assert root_of(answer) == "PRPA_IN201316UV02"


def test_oppositions_may_be_said_again(desk: Desk, doctor: Holder) -> None:
    body = registration(doctor, HENRI, "REAC", observations=CONSENT + OPPOSED)
    assert change(desk, doctor_vihf(doctor, HENRI), body).ack == ("AA", "")
    answer = consult(desk, doctor_vihf(BY_CARD["cps-urgentiste"], HENRI, "bris_de_glace"))
    assert answer.ack == ("AE", "DMPAccessForbidden")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CONSENT, ""),
        (CONSENT, CONSENT.replace('"true"', '"false"')),
        (CONSENT, CONSENT.replace("REACTIVATION", "OUVERTURE")),
        (CONSENT, CONSENT.replace("20250102093000", "29990102093000")),
        (NAMED, "<name/>"),
        ("<given>UN</given>", ""),
        ('extension="899700000021"', 'extension="899700000022"'),
        ('<statusCode code="active"/><patientPerson', '<statusCode code="terminated"/><patientPerson'),
    ],
)
def test_what_a_reactivation_must_say(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = reactivation(doctor, HENRI)
    assert before in body
    answer = change(desk, doctor_vihf(doctor, HENRI), body.replace(before, after, 1))
    assert answer.ack == ("AE", "DMPInvalidData")
    assert desk.existence(Vihf(doctor, HENRI)).get(STATUS) == "terminated"


@pytest.mark.parametrize("card", ["cps-medecin", "cpe-cabinet"])
def test_administrative_data_are_changed(desk: Desk, card: str) -> None:
    holder = BY_CARD[card]
    answer = change(desk, doctor_vihf(holder, KARIM), update(holder, KARIM))
    assert answer.ack == ("AA", "")
    found = consult(desk, doctor_vihf(holder, KARIM))
    assert found.get(f"{PERSON}/h:name/h:family[@qualifier='SP']") == "LIEN-NEUF"
    assert found.get(f"{PERSON}/h:name/h:family[@qualifier='BR']") == "LIEN"
    assert found.get(f"count({PERSON}/h:telecom)") == "1"
    assert found.get(f"{PERSON}/h:telecom/@value") == "tel:0639980999"
    assert found.get(f"{PERSON}/h:addr/h:additionalLocator") == "Bât. B"
    assert found.get(f"{PERSON}/h:addr/h:city") == "AILLEURS"
    assert observed(found, "OPPOSITION_BRIS_DE_GLACE") == "true"
    assert observed(found, "OPPOSITION_ACCES_URGENCE") == "true"


def test_an_opposition_that_is_not_said_stays(desk: Desk, doctor: Holder) -> None:
    change(desk, doctor_vihf(doctor, KARIM), update(doctor, KARIM))
    body = update(doctor, KARIM, observations=observation("OPPOSITION_BRIS_DE_GLACE", "false"))
    change(desk, doctor_vihf(doctor, KARIM), body)
    found = consult(desk, doctor_vihf(doctor, KARIM))
    assert observed(found, "OPPOSITION_BRIS_DE_GLACE") == "false"
    assert observed(found, "OPPOSITION_ACCES_URGENCE") == "true"


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        (ELODIE, "DMPNotFound"),
        (HENRI, "DMPClosed"),
        (JULIE, "DMPAttachedToENS"),
        (VICTOR, "DMPAuthorizationBlocked"),
    ],
)
def test_1_3b_300_what_is_not_changed(desk: Desk, doctor: Holder, patient: str, code: str) -> None:
    answer = change(desk, doctor_vihf(doctor, patient), update(doctor, patient))
    assert answer.ack == ("AE", code)
    assert root_of(answer) == "PRPA_IN201316UV02"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("<given>KARIM</given>", ""),
        ('<administrativeGenderCode code="M"/>', ""),
        ('value="19850930"', 'value="1985"'),
        ("tel:0639980999", "0639980999"),
        ('value="true"', 'value="oui"'),
        ("LIEN-NEUF", "L" * 81),
    ],
)
def test_what_an_update_must_say(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = update(doctor, KARIM)
    assert before in body
    answer = change(desk, doctor_vihf(doctor, KARIM), body.replace(before, after, 1))
    assert answer.ack == ("AE", "DMPInvalidData")
    assert consult(desk, doctor_vihf(doctor, KARIM)).get(f"{PERSON}/h:telecom[@use='MC']/@value") == (
        "tel:0639980281"
    )


@pytest.mark.parametrize("card", ["cps-medecin", "cps-pharmacien"])
def test_a_record_is_closed_at_the_patient_s_request(desk: Desk, card: str) -> None:
    holder = BY_CARD[card]
    answer = change(desk, doctor_vihf(holder, KARIM), closing(holder, KARIM))
    assert answer.ack == ("AA", "")
    found = desk.existence(Vihf(holder, KARIM))
    assert found.get(STATUS) == "terminated"
    assert found.get("//h:reasonOf/h:detectedIssueEvent/h:code/@code") == "FERMETURE_DEMANDE_PATIENT"
    assert len(found.get("//h:registrationEvent/h:effectiveTime/@value")) == 14
    again = change(desk, doctor_vihf(holder, KARIM), closing(holder, KARIM))
    assert again.ack == ("AE", "DMPClosed")
    back = change(desk, doctor_vihf(holder, KARIM), reactivation(holder, KARIM))
    assert back.ack == ("AA", "")


@pytest.mark.parametrize(("patient", "code"), [(ELODIE, "DMPNotFound"), (JULIE, "DMPAttachedToENS")])
def test_what_is_not_closed(desk: Desk, doctor: Holder, patient: str, code: str) -> None:
    assert change(desk, doctor_vihf(doctor, patient), closing(doctor, patient)).ack == ("AE", code)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CLOSING, ""),
        ("FERMETURE_DEMANDE_PATIENT", "FERMETURE_DECES"),
        ("1.2.250.1.213.4.1.2.4", "1.2.3"),
        ('<statusCode code="terminated"/><patientPerson', '<statusCode code="active"/><patientPerson'),
        (NAMED, ""),
    ],
)
def test_what_a_closing_must_say(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = closing(doctor, KARIM)
    assert before in body
    answer = change(desk, doctor_vihf(doctor, KARIM), body.replace(before, after, 1))
    assert answer.ack == ("AE", "DMPInvalidData")
    assert desk.existence(Vihf(doctor, KARIM)).get(STATUS) == "active"


def test_a_cpe_closes_nothing(desk: Desk, clerk: Holder) -> None:
    answer = change(desk, doctor_vihf(clerk, KARIM), closing(clerk, KARIM))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


@pytest.mark.parametrize("make", [reactivation, update, closing])
@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
def test_management_is_for_the_normal_mode(desk: Desk, doctor: Holder, make: object, mode: str) -> None:
    assert callable(make)
    answer = change(desk, doctor_vihf(doctor, KARIM, mode), make(doctor, KARIM))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '<registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>',
            "<registrationRequest>",
        ),
        ('code="FERM"', 'code="CREA_RD"'),
    ],
)
def test_the_form_of_the_message(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = closing(doctor, KARIM)
    assert before in body
    answer = desk.call(doctor_vihf(doctor, KARIM), "/patients", CHANGE, body.replace(before, after))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")


def test_the_patient_of_the_vihf_is_the_patient_of_the_form(desk: Desk, doctor: Holder) -> None:
    answer = change(desk, doctor_vihf(doctor, JEAN_PIERRE), closing(doctor, KARIM))
    assert (answer.status, answer.subcode) == (500, "soap:DMPPatientIdMismatch")


def test_a_creation_keeps_address_and_representative(desk: Desk, doctor: Holder) -> None:
    body = request(doctor).replace(VITALE, VITALE + SPOKEN_FOR)
    assert desk.call(Vihf(doctor, ELODIE), "/patients", CREATION, body).ack == ("AA", "")
    found = consult(desk, doctor_vihf(BY_CARD["cps-medecin"], ELODIE, "bris_de_glace"))
    assert found.ack == ("AE", "DMPAccessForbidden")  # this patient objects to it: declare first
    desk.control(do="reset")
    body = body.replace(observation("OPPOSITION_BRIS_DE_GLACE", "true"), "")
    desk.call(Vihf(doctor, ELODIE), "/patients", CREATION, body)
    found = consult(desk, doctor_vihf(doctor, ELODIE, "bris_de_glace"))
    assert found.get(f"{PERSON}/h:addr/h:city") == "QUIMPER"
    assert found.get(f"{PERSON}/h:birthPlace/h:addr/h:country") == "France"
    relation = f"{PERSON}/h:personalRelationship"
    assert found.get(f"{relation}/h:code/@code") == "MTH"
    assert found.get(f"{relation}/h:addr/h:postalCode") == "99600"
    assert found.get(f"{relation}/h:telecom/@value") == "tel:0639980888"
    assert found.get(f"{relation}/h:relationshipHolder1/h:name/h:family") == "BERNARD"


def test_a_representative_needs_a_name(desk: Desk, doctor: Holder) -> None:
    person = FULL + MOTHER.replace("<family>BERNARD</family>", "")
    answer = change(desk, doctor_vihf(doctor, KARIM), update(doctor, KARIM, person))
    assert answer.ack == ("AE", "DMPInvalidData")


def test_a_channel_is_added_changed_and_removed(desk: Desk, doctor: Holder) -> None:
    def act(kind: str, value: str, action: str) -> str:
        return state(channel(desk, doctor_vihf(doctor, ANDRE), kind, value, action))

    assert act("SMS", "0639980031", "MODIFICATION") == "DMPPatientAccessOTPNotFound"
    assert act("SMS", "0639980031", "AJOUT") == "DMPOk"
    assert act("SMS", "0639980032", "AJOUT") == "DMPPatientAccessOTPAlreadyExists"
    assert act("SMS", "0639980032", "MODIFICATION") == "DMPOk"
    assert act("EMAIL", "andre@example.org", "AJOUT") == "DMPOk"
    assert act("SMS", "0639980032", "SUPPRESSION") == "DMPOk"
    assert act("SMS", "0639980032", "SUPPRESSION") == "DMPPatientAccessOTPNotFound"
    assert act("SMS", "0639980033", "AJOUT") == "DMPOk"


@pytest.mark.parametrize(
    ("patient", "code"),
    [
        (JEAN_PIERRE, "DMPPatientAccessNotFound"),
        (ELODIE, "DMPNotFound"),
        (HENRI, "DMPClosed"),
        (JULIE, "DMPAttachedToENS"),
    ],
)
def test_a_channel_is_of_an_account(desk: Desk, clerk: Holder, patient: str, code: str) -> None:
    answer = channel(desk, doctor_vihf(clerk, patient), "SMS", "0639980031", "AJOUT")
    assert (answer.status, state(answer)) == (200, code)


@pytest.mark.parametrize(
    ("kind", "value", "action"),
    [
        ("FAX", "0239980031", "AJOUT"),
        ("SMS", "0239980031", "AJOUT"),
        ("SMS", "", "AJOUT"),
        ("EMAIL", "x", "MODIFICATION"),
        ("SMS", "0639980031", "ECHANGE"),
        ("", "", "SUPPRESSION"),
    ],
)
def test_a_channel_must_be_one(desk: Desk, doctor: Holder, kind: str, value: str, action: str) -> None:
    assert state(channel(desk, doctor_vihf(doctor, ANDRE), kind, value, action)) == "DMPInvalidData"

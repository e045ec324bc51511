"""TD1.1: creation with the patient's consent."""

import threading

import pytest
from raw_dmp import (
    BY_CARD,
    CHLOE,
    CREATION,
    ELODIE,
    JEAN_PIERRE,
    LUC,
    NS,
    PURPOSE,
    Answer,
    Desk,
    Vihf,
    hl7_message,
    purpose,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

VITALE = (
    '<contactParty classCode="CON"><code code="CARTE_SESAM_VITALE" codeSystem="1.2.250.1.213.4.1.2.5"/>'
    '<telecom nullFlavor="NI"/><contactPerson classCode="PSN" determinerCode="INSTANCE">'
    '<name><family qualifier="SP">BERNARD</family><family qualifier="BR">LACÔTE</family><given>ELODIE</given></name>'
    '<birthTime value="840312"/></contactPerson></contactParty>'
)
ORGANISATION = (
    '<providerOrganization classCode="ORG" determinerCode="INSTANCE"><id nullFlavor="NI"/>'
    '<contactParty classCode="CON"/></providerOrganization>'
)
MOTHER = (
    '<personalRelationship classCode="PRS"><code code="MTH" codeSystem="2.16.840.1.113883.1.11.19579"/>'
    '<relationshipHolder1 classCode="PSN" determinerCode="INSTANCE"><name><prefix>Mme</prefix>'
    "<family>BERNARD</family><given>ELODIE</given></name></relationshipHolder1></personalRelationship>"
)


def observation(code: str, value: str, when: str = "") -> str:
    moment = f'<effectiveTime value="{when}"/>' if when else ""
    return (
        '<subjectOf typeCode="SBJ"><administrativeObservation classCode="OBS" moodCode="EVN">'
        f'<code code="{code}" codeSystem="1.2.250.1.213.4.1.2.3"/>{moment}<value xsi:type="BL" value="{value}"/>'
        "</administrativeObservation></subjectOf>"
    )


CONSENT = observation("CONSENTEMENT_OUVERTURE_DMP", "true", "20250102093000")


def request(holder: Holder, ins_c: str = ELODIE) -> str:
    practice = holder.practices[0]
    return hl7_message(
        "PRPA_IN201311UV02",
        '<reasonCode code="CREA_RD" codeSystem="1.2.250.1.213.1.1.4.11" displayName="Création de dossier"/>'
        '<subject typeCode="SUBJ" contextConductionInd="false">'
        '<registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>'
        f'<subject1 typeCode="SBJ"><patient classCode="PAT"><id root="1.2.250.1.213.1.4.2" extension="{ins_c}"/>'
        '<statusCode code="active"/><patientPerson classCode="PSN" determinerCode="INSTANCE">'
        '<name><prefix>Mme</prefix><family qualifier="SP">BERNARD</family>'
        '<family qualifier="BR">LACÔTE</family><given>Élodie</given></name>'
        '<telecom use="MC" value="tel:0639980011"/><telecom value="mailto:elodie@example.org"/>'
        '<administrativeGenderCode code="F"/><birthTime value="19840312"/>'
        "<addr><streetAddressLine>1 rue du Port</streetAddressLine><postalCode>29000</postalCode>"
        "<city>QUIMPER</city><country>France</country></addr>"
        f"{VITALE}"
        '<birthPlace classCode="BIRTHPL"><addr><country>France</country></addr></birthPlace></patientPerson>'
        f"{ORGANISATION}{CONSENT}{observation('OPPOSITION_BRIS_DE_GLACE', 'true')}"
        f"{observation('OPPOSITION_ACCES_URGENCE', 'false')}</patient></subject1>"
        '<author typeCode="AUT"><assignedEntity classCode="ASSIGNED">'
        f'<id root="1.2.250.1.71.4.2.1" extension="{holder.national_id}"/>'
        '<code code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5" displayName="Médecin"/>'
        '<assignedPerson classCode="PSN" determinerCode="INSTANCE">'
        '<name xsi:type="PN"><family>GIRAUD</family><given>CAMILLE</given></name></assignedPerson>'
        '<representedOrganization classCode="ORG" determinerCode="INSTANCE">'
        f'<id root="1.2.250.1.71.4.2.2" extension="{practice.structure_id}"/><name>{practice.structure_name}</name>'
        '<contactParty classCode="CON"/></representedOrganization></assignedEntity></author>'
        "</registrationRequest></subject>",
    )


def create(desk: Desk, holder: Holder, body: str = "", patient: str = ELODIE, mode: str = "normal") -> Answer:
    attributes = {PURPOSE: [purpose(mode)], "Mode_Acces_Raison": ["Urgence"]}
    vihf = Vihf(holder, patient, attributes=attributes)
    return desk.call(vihf, "/patients", CREATION, body or request(holder, patient))


def exists(desk: Desk, holder: Holder, patient: str = ELODIE) -> bool:
    return desk.existence(Vihf(holder, patient)).get("//h:queryResponseCode/@code") == "OK"


@pytest.mark.parametrize("card", ["cps-medecin", "cpe-accueil", "cps-pharmacien", "cps-infirmier"])
def test_a_created_record_exists(desk: Desk, card: str) -> None:
    holder = BY_CARD[card]
    answer = create(desk, holder)
    assert answer.ack == ("AA", "")
    assert answer.get("//a:Action") == "urn:hl7-org:v3:PRPA_IN201311ResponseUV02"
    accepted = "/s:Envelope/s:Body/g:PRPA_IN201311UV02_Response/h:PRPA_IN201312UV02"
    assert answer.root.xpath(accepted, namespaces=NS)
    found = desk.existence(Vihf(holder, ELODIE))
    assert found.get("//h:patient/h:statusCode/@code") == "active"
    person = "//h:patientPerson"
    assert found.get(f"{person}/h:name/h:given") == "Élodie"
    assert found.get(f"{person}/h:name/h:family[@qualifier='BR']") == "LACÔTE"
    assert found.get(f"{person}/h:name/h:family[@qualifier='SP']") == "BERNARD"
    assert found.get(f"{person}/h:name/h:prefix") == "Mme"
    assert found.get(f"{person}/h:telecom[@use='MC']/@value") == "tel:0639980011"
    assert found.get(f"{person}/h:telecom[not(@use)]/@value") == "mailto:elodie@example.org"
    assert found.get(f"{person}/h:birthTime/@value") == "19840312"


def test_the_creator_is_not_authorised_by_the_creation(desk: Desk, doctor: Holder) -> None:
    create(desk, doctor)
    answer = desk.existence(Vihf(doctor, ELODIE))
    assert answer.get("//h:attentionLine[h:keyWordText/@code='AUTORISATION']/h:value/@code") == "NON_EXISTE"


@pytest.mark.parametrize("patient", [JEAN_PIERRE, CHLOE])
def test_a_record_is_not_created_twice(desk: Desk, doctor: Holder, patient: str) -> None:
    """Active or closed: DMPFound."""
    answer = create(desk, doctor, patient=patient)
    assert answer.status == 200
    assert answer.ack == ("AE", "DMPFound")
    assert answer.get("//h:acknowledgementDetail/h:text")
    refused = "/s:Envelope/s:Body/g:PRPA_IN201311UV02_Response/h:PRPA_IN201313UV02"
    assert answer.root.xpath(refused, namespaces=NS)


def test_two_creations_at_once_make_one_record(desk: Desk, doctor: Holder) -> None:
    outcomes: list[str] = []
    start = threading.Barrier(4)

    def attempt() -> None:
        start.wait(timeout=10)
        outcomes.append(create(desk, doctor).ack[1])

    threads = [threading.Thread(target=attempt) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert sorted(outcomes) == ["", "DMPFound", "DMPFound", "DMPFound"]


def test_a_creation_the_rights_service_refuses(desk: Desk, doctor: Holder) -> None:
    assert create(desk, doctor, patient=LUC).ack == ("AE", "DMPAccessDeniedByRightsService")
    assert not exists(desk, doctor, LUC)


@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
@pytest.mark.parametrize("card", ["cps-medecin", "cps-infirmier", "cpe-accueil"])
def test_creation_is_for_the_normal_mode(desk: Desk, card: str, mode: str) -> None:
    answer = create(desk, BY_CARD[card], mode=mode)
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


def test_the_structure_is_refused_in_the_acknowledgement(desk: Desk, doctor: Holder) -> None:
    vihf = Vihf(doctor, ELODIE, attributes={"Identifiant_Structure": ["10B0099991"]})
    answer = desk.call(vihf, "/patients", CREATION, request(doctor))
    assert answer.ack[0] == "AE"
    assert answer.get("//h:acknowledgementDetail/h:text") == "Structure introuvable ou inactive"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ('<telecom nullFlavor="NI"/><contactPerson', "<contactPerson"),
        (ORGANISATION, ""),
        (ORGANISATION, '<providerOrganization classCode="ORG" determinerCode="INSTANCE"/>'),
        (' codeSystem="1.2.250.1.213.1.1.4.5"', ' codeSystem="1.2.250.1.71.4.2.5"'),
        ("<prefix>Mme</prefix>", ""),
        ('<family qualifier="SP">BERNARD</family>', ""),
        ('<telecom use="MC" value="tel:0639980011"/><telecom value="mailto:elodie@example.org"/>', ""),
        ('<birthPlace classCode="BIRTHPL"><addr><country>France</country></addr></birthPlace>', ""),
        (VITALE, VITALE + MOTHER),
        ('value="19840312"', 'value="19840000"'),
        ('xsi:type="BL"', 'xmlns:h="urn:hl7-org:v3" xsi:type="h:BL"'),
        (observation("OPPOSITION_BRIS_DE_GLACE", "true"), ""),
        ("<given>Élodie</given></name><telecom", "<given>Élodie</given><given>Marie</given></name><telecom"),
        ('<birthTime value="840312"/>', '<birthTime value="840000"/>'),
    ],
)
def test_what_a_client_may_leave_out_or_say_otherwise(
    desk: Desk, doctor: Holder, before: str, after: str
) -> None:
    body = request(doctor)
    assert before in body
    assert create(desk, doctor, body.replace(before, after)).ack == ("AA", "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CONSENT, ""),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "false", "20250102093000")),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "true")),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "true", "2025010209")),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "true", "20251302093000")),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "true", "29990102093000")),
        (CONSENT, observation("CONSENTEMENT_OUVERTURE_DMP", "oui", "20250102093000")),
        (CONSENT, CONSENT.replace('xsi:type="BL"', 'xsi:type="ST"')),
        (CONSENT, CONSENT * 2),
        (CONSENT, CONSENT.replace("1.2.250.1.213.4.1.2.3", "1.2.3")),
        ('<family qualifier="BR">LACÔTE</family><given>Élodie</given>', "<given>Élodie</given>"),
        ("<given>Élodie</given>", ""),
        ("<given>Élodie</given>", f"<given>{'E' * 61}</given>"),
        ('<family qualifier="SP">BERNARD</family>', f'<family qualifier="SP">{"B" * 81}</family>'),
        ("<prefix>Mme</prefix>", "<prefix>Madame</prefix>"),
        ('<administrativeGenderCode code="F"/>', ""),
        ('<administrativeGenderCode code="F"/>', '<administrativeGenderCode code="2"/>'),
        ('<birthTime value="19840312"/>', ""),
        ('<birthTime value="19840312"/>', '<birthTime value="840312"/>'),
        (VITALE, ""),
        (VITALE, VITALE * 2),
        ('<birthTime value="840312"/>', '<birthTime value="19840312"/>'),
        ('<birthTime value="840312"/>', ""),
        ("1.2.250.1.213.4.1.2.5", "1.2.3"),
        ("CARTE_SESAM_VITALE", "CARTE"),
        ("tel:0639980011", "0639980011"),
        (VITALE, VITALE + MOTHER.replace("MTH", "NIECE")),
        (VITALE, VITALE + MOTHER.replace("<family>BERNARD</family>", "")),
        ("<family>GIRAUD</family>", ""),
        ("<given>CAMILLE</given>", ""),
        ('extension="899700000021"', 'extension="899700000022"'),
        ('extension="499700000001001"', 'extension="10B0099991"'),
        (
            'code="G15_10/SM26" codeSystem="1.2.250.1.213.1.1.4.5"',
            'code="" codeSystem="1.2.250.1.213.1.1.4.5"',
        ),
        ('extension="499700000001001"/><name>', 'extension="499700000001001x"/><name>'),
        ('<statusCode code="active"/><patientPerson', '<statusCode code="terminated"/><patientPerson'),
    ],
)
def test_what_a_creation_must_say(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    """Refused with the name of the part, and nothing created."""
    body = request(doctor)
    assert before in body
    answer = create(desk, doctor, body.replace(before, after, 1))
    assert answer.ack == ("AE", "DMPInvalidData")
    assert answer.get("//h:acknowledgementDetail/h:text").startswith("Donnée absente ou incorrecte : ")
    assert not exists(desk, doctor)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (
            '<registrationRequest classCode="REG" moodCode="RQO"><statusCode code="active"/>',
            "<registrationRequest>",
        ),
        ('code="CREA_RD"', 'code="REAC"'),
        (
            '<administrativeGenderCode code="F"/><birthTime value="19840312"/>',
            '<birthTime value="19840312"/><administrativeGenderCode code="F"/>',
        ),
    ],
)
def test_a_message_that_breaks_the_schema(desk: Desk, doctor: Holder, before: str, after: str) -> None:
    body = request(doctor)
    assert before in body
    answer = create(desk, doctor, body.replace(before, after))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")
    assert not exists(desk, doctor)


def test_the_patient_of_the_vihf_is_the_patient_created(desk: Desk, doctor: Holder) -> None:
    answer = desk.call(Vihf(doctor, LUC), "/patients", CREATION, request(doctor, ELODIE))
    assert (answer.status, answer.subcode) == (500, "soap:DMPPatientIdMismatch")
    assert not exists(desk, doctor)

"""The door of a record, through TD1.3a: authorisation, break-glass, regulation, oppositions, secret connection."""

import pytest
from raw_acts import (
    BRUNO,
    DENISE,
    FERNAND,
    HENRI,
    IRENE,
    JULIE,
    KARIM,
    MARCEL,
    ODETTE,
    PAULE,
    REMI,
    ROGER,
    VICTOR,
    authorisation,
    by_nir,
    consult,
    consultation,
    doctor_vihf,
    search,
    search_request,
)
from raw_dmp import ANDRE, BY_CARD, ELODIE, EXISTENCE, JEAN_PIERRE, Answer, Desk, existence_request

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

PATIENT = "//h:registrationEvent/h:subject1/h:patient"
PERSON = f"{PATIENT}/h:patientPerson"
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
SECRET = {CONFIDENTIALITY: ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]}


def observed(answer: Answer, code: str) -> str:
    return answer.get(
        f"{PATIENT}/h:subjectOf/h:administrativeObservation[h:code/@code='{code}']/h:value/@value"
    )


def minor(desk: Desk, given_name: str) -> str:
    """INS-C of a child of the cast, whose date of birth moves: found by name, as a regulation centre would."""
    answer = search(
        desk,
        doctor_vihf(BY_CARD["cps-regulateur"], ELODIE, "centre_15"),
        search_request(family="VALLON", given=given_name),
    )
    return answer.get(f"{PATIENT}/h:id[@root='1.2.250.1.213.1.4.2']/@extension")


def test_1_3a_010_the_administrative_data(desk: Desk, doctor: Holder) -> None:
    answer = consult(desk, doctor_vihf(doctor, KARIM))
    assert answer.ack == ("AA", "")
    assert answer.get("//h:queryResponseCode/@code") == "OK"
    assert answer.get("//h:queryAck/h:queryId/@extension") == "question-2"
    assert answer.get(f"{PERSON}/h:telecom[@use='MC']/@value") == "tel:0639980281"
    assert answer.get(f"{PERSON}/h:telecom[not(@use)]/@value") == "mailto:karim.lien@example.org"
    assert answer.get(f"{PERSON}/h:addr/h:streetAddressLine") == "28 rue des Essais"
    assert answer.get(f"{PERSON}/h:addr/h:postalCode") == "99200"
    assert answer.get(f"{PERSON}/h:addr/h:city") == "SIMULACRE"
    assert answer.get(f"{PERSON}/h:deceasedInd/@value") == "false"
    assert observed(answer, "OPPOSITION_BRIS_DE_GLACE") == "false"
    assert observed(answer, "OPPOSITION_ACCES_URGENCE") == "false"
    assert observed(answer, "COMPTE_INTERNET_OUVERT") == "true"
    assert not answer.root.xpath("//*[local-name()='attentionLine']")


def test_1_3a_200_names_that_are_not_filled_in(desk: Desk, doctor: Holder) -> None:
    answer = consult(desk, doctor_vihf(doctor, DENISE))
    assert answer.get(f"{PERSON}/h:name/h:given") == "NON_RENSEIGNE"
    assert answer.get(f"{PERSON}/h:name/h:family[@qualifier='BR']") == "NON_RENSEIGNE"
    assert answer.get(f"{PERSON}/h:name/h:family[@qualifier='SP']") == "NON_RENSEIGNE"


def test_a_guardian_and_a_decease_are_told(desk: Desk, doctor: Holder) -> None:
    answer = consult(desk, doctor_vihf(doctor, FERNAND))
    relation = f"{PERSON}/h:personalRelationship"
    assert answer.get(f"{relation}/h:code/@code") == "RESPRSN"
    assert answer.get(f"{relation}/h:relationshipHolder1/h:name/h:family") == "TUTEUR"
    assert answer.get(f"{relation}/h:relationshipHolder1/h:name/h:given") == "CHANTAL"
    assert consult(desk, doctor_vihf(doctor, MARCEL)).get(f"{PERSON}/h:deceasedInd/@value") == "true"


def test_no_record_is_not_found(desk: Desk, doctor: Holder) -> None:
    answer = consult(desk, doctor_vihf(doctor, ELODIE))
    assert answer.ack == ("AA", "")
    assert answer.get("//h:queryResponseCode/@code") == "NF"
    assert not answer.root.xpath("//*[local-name()='patient']")


@pytest.mark.parametrize(
    ("card", "patient", "code"),
    [
        ("cps-medecin", JEAN_PIERRE, ""),
        ("cps-medecin", ROGER, ""),
        ("cpe-accueil", JEAN_PIERRE, ""),
        ("cps-pharmacien", VICTOR, ""),
        ("cps-medecin", HENRI, "DMPClosed"),
        ("cps-medecin", IRENE, "DMPAuthorizationExpired"),
        ("cps-medecin", VICTOR, "DMPAuthorizationBlocked"),
        ("cps-medecin", PAULE, "DMPAuthorizationNotFound"),
        ("cps-medecin", BRUNO, "DMPAuthorizationNotFound"),
        ("cpe-accueil", BRUNO, "DMPAuthorizationNotFound"),
        ("cps-pharmacien", ANDRE, "DMPAuthorizationExpired"),
        ("cps-infirmier", ANDRE, "DMPAuthorizationBlocked"),
    ],
)
def test_the_normal_mode_wants_a_valid_authorisation(desk: Desk, card: str, patient: str, code: str) -> None:
    answer = consult(desk, doctor_vihf(BY_CARD[card], patient))
    assert answer.status == 200
    assert answer.ack == (("AE", code) if code else ("AA", ""))
    if code:
        assert answer.get("//h:acknowledgementDetail/h:text")
        assert not answer.root.xpath("//*[local-name()='patientPerson']")


@pytest.mark.parametrize(
    ("card", "patient", "code"),
    [
        ("cps-urgentiste", BRUNO, ""),
        ("cps-infirmier", BRUNO, ""),
        ("cps-medecin", IRENE, ""),
        ("cps-urgentiste", REMI, "DMPAccessForbidden"),
        ("cps-medecin", VICTOR, "DMPAccessForbidden"),
        ("cps-urgentiste", ODETTE, ""),
        ("cps-medecin", JEAN_PIERRE, "DMPAuthorizationAlreadyValid"),
        ("cps-medecin", ROGER, "DMPAuthorizationAlreadyValid"),
        ("cps-urgentiste", HENRI, "DMPClosed"),
    ],
)
def test_1_3a_040_break_glass(desk: Desk, card: str, patient: str, code: str) -> None:
    """Without authorisation, the patient not opposed; never for who is authorised or blocked."""
    answer = consult(desk, doctor_vihf(BY_CARD[card], patient, "bris_de_glace"))
    assert answer.ack == (("AE", code) if code else ("AA", ""))


def test_break_glass_changes_no_authorisation(desk: Desk) -> None:
    holder = BY_CARD["cps-urgentiste"]
    assert consult(desk, doctor_vihf(holder, BRUNO, "bris_de_glace")).ack == ("AA", "")
    assert authorisation(desk, doctor_vihf(holder, BRUNO)) == "NON_EXISTE"
    assert consult(desk, doctor_vihf(holder, BRUNO)).ack == ("AE", "DMPAuthorizationNotFound")


@pytest.mark.parametrize(("patient", "code"), [(BRUNO, ""), (REMI, ""), (ODETTE, "DMPAccessForbidden")])
def test_a_regulation_centre(desk: Desk, patient: str, code: str) -> None:
    answer = consult(desk, doctor_vihf(BY_CARD["cps-regulateur"], patient, "centre_15"))
    assert answer.ack == (("AE", code) if code else ("AA", ""))


def test_the_mode_of_a_regulation_centre_is_for_one(desk: Desk) -> None:
    answer = consult(desk, doctor_vihf(BY_CARD["cps-urgentiste"], BRUNO, "centre_15"))
    assert answer.ack[0] == "AE"
    assert "centre de régulation" in answer.get("//h:acknowledgementDetail/h:text")


def test_a_cpe_breaks_no_glass(desk: Desk, clerk: Holder) -> None:
    answer = consult(desk, doctor_vihf(clerk, BRUNO, "bris_de_glace"))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


def test_an_authorisation_expires(desk: Desk, doctor: Holder) -> None:
    assert desk.control(do="expire", nir13="1820799999012", actor="899700000021") == {"ok": True}
    assert authorisation(desk, doctor_vihf(doctor, JEAN_PIERRE)) == "EXPIRE"
    assert consult(desk, doctor_vihf(doctor, JEAN_PIERRE)).ack == ("AE", "DMPAuthorizationExpired")


def test_a_treating_doctor_does_not_expire(desk: Desk, doctor: Holder) -> None:
    desk.control(do="expire", nir13="1551199999031", actor="899700000021")
    assert authorisation(desk, doctor_vihf(doctor, ANDRE)) == "VALIDE"


@pytest.mark.parametrize("actor", ["899700000031", "nobody"])
def test_what_is_not_there_does_not_expire(desk: Desk, actor: str) -> None:
    assert "error" in desk.control(do="expire", nir13="1820799999012", actor=actor)
    assert "error" in desk.control(do="expire", nir13="0", actor=actor)


def test_an_unknown_state_is_passed_on(desk: Desk, doctor: Holder) -> None:
    assert authorisation(desk, doctor_vihf(doctor, PAULE)) == "EN_ATTENTE"


# 97 - (1820799999012 mod 97) = 55, by hand
@pytest.mark.parametrize("root", ["1.2.250.1.213.1.4.8", "1.2.250.1.213.1.4.10"])
def test_a_record_is_found_by_the_nir_too(desk: Desk, doctor: Holder, root: str) -> None:
    nir = "182079999901255"
    existence = desk.call(by_nir(doctor, nir, root), "/patients", EXISTENCE, existence_request(nir, root))
    assert existence.get("//h:queryResponseCode/@code") == "OK"
    assert existence.get(f"{PATIENT}/h:id[@root='1.2.250.1.213.1.4.2']/@extension") == JEAN_PIERRE
    answer = desk.call(by_nir(doctor, nir, root), "/patients", EXISTENCE, consultation(nir, root))
    assert answer.ack == ("AA", "")
    mixed = desk.call(by_nir(doctor, nir, root), "/patients", EXISTENCE, consultation(JEAN_PIERRE))
    assert mixed.ack == ("AA", "")


def test_a_nir_without_record_finds_nothing(desk: Desk, doctor: Holder) -> None:
    # Élodie has none; 97 - (2840399999011 mod 97) = 38. Berthe's record knows the INS-C alone; key 4.
    for nir in ("284039999901138", "252049999927104"):
        root = "1.2.250.1.213.1.4.10"
        answer = desk.call(by_nir(doctor, nir), "/patients", EXISTENCE, existence_request(nir, root))
        assert (answer.status, answer.get("//h:queryResponseCode/@code")) == (200, "NF")


@pytest.mark.parametrize("nir", ["182079999901254", "1820799999012", "18207999990125A"])
def test_a_nir_has_its_key(desk: Desk, doctor: Holder, nir: str) -> None:
    answer = desk.call(
        by_nir(doctor, nir), "/patients", EXISTENCE, existence_request(nir, "1.2.250.1.213.1.4.10")
    )
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidVIHF")


def test_a_waiting_number_opens_nothing(desk: Desk, doctor: Holder) -> None:
    """0.2-080: a NIA is no INS."""
    nir, root = "182079999901255", "1.2.250.1.213.1.4.9"
    answer = desk.call(by_nir(doctor, nir, root), "/patients", EXISTENCE, existence_request(nir, root))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidVIHF")


def test_a_secret_connection_is_for_minors(desk: Desk, doctor: Holder) -> None:
    for name in ("TOM", "LISON", "NINO"):
        assert consult(desk, doctor_vihf(doctor, minor(desk, name), **SECRET)).ack == ("AA", "")
    for adult in (JEAN_PIERRE, FERNAND):
        answer = consult(desk, doctor_vihf(doctor, adult, **SECRET))
        assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidVIHF")


def test_the_age_of_majority_is_a_parameter(desk: Desk, doctor: Holder) -> None:
    lison = minor(desk, "LISON")
    desk.control(do="parameters", majority=16)
    assert consult(desk, doctor_vihf(doctor, lison, **SECRET)).status == 500
    desk.control(do="parameters", majority=21, minors=False)
    assert consult(desk, doctor_vihf(doctor, lison, **SECRET)).status == 500
    desk.control(do="parameters", minors=True)
    assert consult(desk, doctor_vihf(doctor, lison, **SECRET)).ack == ("AA", "")


def test_another_confidentiality_is_refused(desk: Desk, doctor: Holder) -> None:
    for value in ("INVISIBLE_PATIENT^1.2.250.1.213.1.1.4.13", "INVISIBLE_REPRESENTANTS_LEGAUX", ""):
        answer = consult(desk, doctor_vihf(doctor, minor(desk, "TOM"), **{CONFIDENTIALITY: [value]}))
        assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidVIHF")


def test_the_history_tells_why_and_keeps_secrets_from_parents(desk: Desk, doctor: Holder) -> None:
    tom = minor(desk, "TOM")
    consult(desk, doctor_vihf(BY_CARD["cps-urgentiste"], BRUNO, "bris_de_glace"))
    consult(desk, doctor_vihf(doctor, tom, **SECRET))
    told = desk.control(do="history")
    broken, secret = told["history"]
    assert (broken["mode"], broken["reason"]) == ("bris_de_glace", "Patient inconscient")
    assert "secret" not in broken
    assert secret["secret"] is True
    first, second = told["words"]
    assert list(first) == ["Date", "Auteur", "Action", "Contexte"]
    assert first["Auteur"] == "MARC O'BRIEN"
    assert first["Action"] == "a consulté les données administratives"
    assert first["Contexte"] == "Bris de glace : Patient inconscient"
    assert second["Contexte"] == "Normal, connexion secrète"
    (line,) = desk.control(**{"do": "history", "for": "representative"})["words"]
    assert line == first


def test_a_search_leaves_no_trace_in_the_record_of_the_vihf(desk: Desk) -> None:
    minor(desk, "TOM")
    assert desk.control(do="history")["history"] == []


def test_a_record_attached_to_mon_espace_sante_is_read(desk: Desk, doctor: Holder) -> None:
    assert observed(consult(desk, doctor_vihf(doctor, JULIE)), "RATTACHEMENT_ENS") == "true"

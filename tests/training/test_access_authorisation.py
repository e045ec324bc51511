"""TD0.3 and TD1.6: one's own authorisation, the treating doctor, and who else is authorised."""

import pytest
from raw_acts import (
    BRUNO,
    HENRI,
    IRENE,
    NAMES,
    PAULE,
    ROGER,
    SET,
    VICTOR,
    authorisation,
    authorisations,
    consult,
    doctor_vihf,
    is_treating_doctor,
    set_authorisation,
    state,
)
from raw_dmp import ANDRE, BY_CARD, ELODIE, JEAN_PIERRE, Answer, Desk

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

OUTPUT = "/s:Envelope/s:Body/b:{}Response/b:output"


@pytest.mark.parametrize(
    "card", ["cps-medecin", "cps-pharmacien", "cps-infirmier", "cpe-accueil", "cpf-interne"]
)
def test_0_3_010_one_declares_himself_authorised(desk: Desk, card: str) -> None:
    vihf = doctor_vihf(BY_CARD[card], BRUNO)
    answer = set_authorisation(desk, vihf, "AJOUT")
    assert (answer.status, state(answer)) == (200, "DMPOk")
    assert answer.get("//a:Action") == f"{SET}Response"
    (output,) = answer.root.xpath(OUTPUT.format("setAuthorization"), namespaces=NAMES)
    assert [child.tag.rpartition("}")[2] for child in output] == ["status", "context"]
    assert authorisation(desk, doctor_vihf(BY_CARD[card], BRUNO)) == "VALIDE"
    assert consult(desk, doctor_vihf(BY_CARD[card], BRUNO)).ack == ("AA", "")


def test_what_a_cpe_declares_is_its_structure_s(desk: Desk, clerk: Holder) -> None:
    set_authorisation(desk, doctor_vihf(clerk, BRUNO), "AJOUT")
    assert authorisation(desk, doctor_vihf(BY_CARD["cpe-anonyme"], BRUNO)) == "VALIDE"
    assert authorisation(desk, doctor_vihf(BY_CARD["cps-urgentiste"], BRUNO)) == "NON_EXISTE"
    assert authorisation(desk, doctor_vihf(BY_CARD["cpe-cabinet"], BRUNO)) == "NON_EXISTE"


def test_0_3_080_one_gives_up_his_authorisation(desk: Desk, doctor: Holder) -> None:
    set_authorisation(desk, doctor_vihf(doctor, BRUNO), "AJOUT")
    assert state(set_authorisation(desk, doctor_vihf(doctor, BRUNO), "SUPPRESSION")) == "DMPOk"
    assert authorisation(desk, doctor_vihf(doctor, BRUNO)) == "NON_EXISTE"
    again = set_authorisation(desk, doctor_vihf(doctor, BRUNO), "SUPPRESSION")
    assert (again.status, state(again)) == (200, "DMPAuthorizationNotFound")
    assert again.root.xpath("string(//*[local-name()='context'])")


@pytest.mark.parametrize("patient", [IRENE, JEAN_PIERRE, PAULE])
def test_declaring_again_renews(desk: Desk, doctor: Holder, patient: str) -> None:
    """Expired, valid, or in a state nobody knows."""
    assert state(set_authorisation(desk, doctor_vihf(doctor, patient), "AJOUT")) == "DMPOk"
    assert authorisation(desk, doctor_vihf(doctor, patient)) == "VALIDE"


@pytest.mark.parametrize("action", ["AJOUT", "SUPPRESSION"])
def test_who_is_blocked_stays_blocked(desk: Desk, doctor: Holder, action: str) -> None:
    assert state(set_authorisation(desk, doctor_vihf(doctor, VICTOR), action)) == "DMPAuthorizationBlocked"
    assert authorisation(desk, doctor_vihf(doctor, VICTOR)) == "INTERDIT"


@pytest.mark.parametrize(("patient", "code"), [(ELODIE, "DMPNotFound"), (HENRI, "DMPClosed")])
@pytest.mark.parametrize("action", ["AJOUT", "SUPPRESSION"])
def test_there_must_be_an_open_record(
    desk: Desk, doctor: Holder, patient: str, code: str, action: str
) -> None:
    assert state(set_authorisation(desk, doctor_vihf(doctor, patient), action)) == code


def test_a_doctor_becomes_the_treating_doctor_and_stops(desk: Desk, doctor: Holder) -> None:
    vihf = doctor_vihf(doctor, BRUNO)
    assert state(set_authorisation(desk, doctor_vihf(doctor, BRUNO), "AJOUT", "MEDECIN_TRAITANT")) == "DMPOk"
    assert (authorisation(desk, vihf), is_treating_doctor(desk, doctor_vihf(doctor, BRUNO))) == (
        "VALIDE",
        "true",
    )
    again = set_authorisation(desk, doctor_vihf(doctor, BRUNO), "AJOUT", "MEDECIN_TRAITANT")
    assert state(again) == "DMPTreatingDoctorAlreadyExists"
    stopped = set_authorisation(desk, doctor_vihf(doctor, BRUNO), "SUPPRESSION", "MEDECIN_TRAITANT")
    assert state(stopped) == "DMPOk"
    assert is_treating_doctor(desk, doctor_vihf(doctor, BRUNO)) == "false"
    assert authorisation(desk, doctor_vihf(doctor, BRUNO)) == "VALIDE"


def test_giving_up_the_access_is_giving_up_the_patient(desk: Desk, doctor: Holder) -> None:
    assert state(set_authorisation(desk, doctor_vihf(doctor, ROGER), "SUPPRESSION")) == "DMPOk"
    assert is_treating_doctor(desk, doctor_vihf(doctor, ROGER)) == "false"
    assert authorisation(desk, doctor_vihf(doctor, ROGER)) == "NON_EXISTE"
    assert is_treating_doctor(desk, doctor_vihf(BY_CARD["cps-multi"], ROGER)) == "true"


def test_who_is_not_the_treating_doctor_does_not_stop(desk: Desk, doctor: Holder) -> None:
    answer = set_authorisation(desk, doctor_vihf(doctor, JEAN_PIERRE), "SUPPRESSION", "MEDECIN_TRAITANT")
    assert state(answer) == "DMPTreatingDoctorNotFound"


@pytest.mark.parametrize(
    "card", ["cps-pharmacien", "cps-infirmier", "cps-sage-femme", "cps-dentiste", "cpe-accueil"]
)
@pytest.mark.parametrize("action", ["AJOUT", "SUPPRESSION"])
def test_only_doctors_are_treating_doctors(desk: Desk, card: str, action: str) -> None:
    answer = set_authorisation(desk, doctor_vihf(BY_CARD[card], BRUNO), action, "MEDECIN_TRAITANT")
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
@pytest.mark.parametrize("action", ["AJOUT", "SUPPRESSION"])
def test_authorisations_are_for_the_normal_mode(desk: Desk, mode: str, action: str) -> None:
    answer = set_authorisation(desk, doctor_vihf(BY_CARD["cps-regulateur"], BRUNO, mode), action)
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


@pytest.mark.parametrize(("action", "role"), [("", ""), ("BLOCAGE", ""), ("AJOUT", "PATRON"), ("ajout", "")])
def test_what_is_asked_must_be_known(desk: Desk, doctor: Holder, action: str, role: str) -> None:
    assert state(set_authorisation(desk, doctor_vihf(doctor, BRUNO), action, role)) == "DMPInvalidData"


def listed(answer: Answer) -> dict[str, dict[str, str]]:
    """Each item of a TD1.6 answer by the national id; items are those that have one."""
    items = answer.root.xpath("//*[local-name()='output']/*[*[local-name()='nationalId']]")
    found = [{child.tag.rpartition("}")[2]: child.text or "" for child in item} for item in items]
    return {item["nationalId"]: item for item in found}


def test_1_6_010_who_is_authorised_and_who_is_blocked(desk: Desk, doctor: Holder) -> None:
    answer = authorisations(desk, doctor_vihf(doctor, ANDRE))
    assert state(answer) == "DMPOk"
    found = listed(answer)
    assert set(found) == {"899700000021", "899700000031", "899700000051"}
    treating = found["899700000021"]
    assert (treating["lastName"], treating["firstName"]) == ("GIRAUD", "CAMILLE")
    assert treating["nationalIdType"] == "1.2.250.1.71.4.2.1"
    assert (treating["codeSpeciality"], treating["libSpeciality"]) == ("G15_10/SM26", "Médecin")
    assert (treating["specificRight"], treating["mode"]) == ("MEDECIN_TRAITANT", "ACTIVE")
    assert len(treating["startOfAuthorization"]) == len(treating["lastActionDate"]) == 14
    assert found["899700000051"]["mode"] == "INTERDITE"
    assert "specificRight" not in found["899700000051"]
    (output,) = answer.root.xpath(OUTPUT.format("listAuthorizationByPatient"), namespaces=NAMES)
    assert [child.tag.rpartition("}")[2] for child in output][-2:] == ["status", "context"]


def test_an_item_is_in_the_order_of_the_schema(desk: Desk, doctor: Holder) -> None:
    assert list(listed(authorisations(desk, doctor_vihf(doctor, ANDRE)))["899700000021"]) == [
        *("nationalId", "nationalIdType", "firstName", "lastName", "codeSpeciality", "libSpeciality"),
        *("startOfAuthorization", "lastActionDate", "mode", "specificRight"),
    ]


@pytest.mark.parametrize(("mode", "who"), [("ACTIVE", {"899700000021"}), ("INTERDITE", {"899700000051"})])
def test_a_list_of_one_kind(desk: Desk, doctor: Holder, mode: str, who: set[str]) -> None:
    assert set(listed(authorisations(desk, doctor_vihf(doctor, ANDRE), mode))) == who


def test_a_structure_is_listed_by_its_name(desk: Desk, doctor: Holder) -> None:
    hospital = listed(authorisations(desk, doctor_vihf(doctor, JEAN_PIERRE)))["10B0099991"]
    assert hospital["nationalIdType"] == "1.2.250.1.71.4.2.2"
    assert (hospital["lastName"], hospital["firstName"]) == ("CENTRE HOSPITALIER DE FICTION", "")
    assert "codeSpeciality" not in hospital


def test_the_last_action_is_the_last_access(desk: Desk, doctor: Holder) -> None:
    consult(desk, doctor_vihf(doctor, ANDRE))
    (line,) = desk.control(do="history")["history"]
    item = listed(authorisations(desk, doctor_vihf(doctor, ANDRE)))["899700000021"]
    assert item["lastActionDate"] == "".join(c for c in line["at"] if c.isdigit())[:14]


def test_the_list_wants_an_open_record_and_a_known_mode(desk: Desk, doctor: Holder) -> None:
    assert state(authorisations(desk, doctor_vihf(doctor, BRUNO))) == "DMPAuthorizationNotFound"
    assert state(authorisations(desk, doctor_vihf(doctor, HENRI))) == "DMPClosed"
    assert state(authorisations(desk, doctor_vihf(doctor, ANDRE), "RIEN")) == "DMPInvalidData"


def test_the_list_is_not_for_a_cpe(desk: Desk, clerk: Holder) -> None:
    answer = authorisations(desk, doctor_vihf(clerk, JEAN_PIERRE))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")

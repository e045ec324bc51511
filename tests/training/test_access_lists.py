"""TD0.4 and TD0.5: the records open to somebody, and patients found without their identifier."""

import pytest
from raw_acts import (
    JEANNE,
    PATIENTS,
    ROGER,
    SEARCH,
    consult,
    doctor_vihf,
    patient_list,
    search,
    search_request,
    set_authorisation,
    state,
)
from raw_dmp import ANDRE, BY_CARD, ELODIE, JEAN_PIERRE, NS, Answer, Desk, Vihf

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

GIRAUD = "899700000021"
PATIENT = "//h:registrationEvent/h:subject1/h:patient"
INS_C, NIR = "1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.10"
REGULATOR = BY_CARD["cps-regulateur"]


def items(answer: Answer) -> list[dict[str, str]]:
    found = answer.root.xpath("//p:output/p:patientlistData", namespaces=NS)
    return [
        {child.tag.rpartition("}")[2]: child.text or "" for child in item}
        | {
            "ins_c": item.xpath(
                f"string(p:patientIdentifier[p:nationalIdType='{INS_C}']/p:nationalId)", namespaces=NS
            ),
            "nir": item.xpath(
                f"string(p:patientIdentifier[p:nationalIdType='{NIR}']/p:nationalId)", namespaces=NS
            ),
        }
        for item in found
    ]


def test_0_4_010_the_records_open_to_me(desk: Desk, doctor: Holder) -> None:
    answer = patient_list(desk, doctor_vihf(doctor, ELODIE))
    assert (answer.status, state(answer)) == (200, "DMPOk")
    assert answer.get("//a:Action") == f"{PATIENTS}:patientListResponse"
    found = {item["ins_c"]: item for item in items(answer)}
    assert {JEAN_PIERRE, ANDRE, ROGER} <= set(found)
    andre = found[ANDRE]
    assert andre["nir"].startswith("1551199999031")
    assert (andre["lastName"], andre["patronymicalName"], andre["firstName"]) == ("PETIT", "PETIT", "ANDRE")
    assert (andre["civility"], andre["dateOfBirth"], andre["MT"]) == ("M", "19551130", "true")
    assert found[JEAN_PIERRE]["MT"] == "false"
    assert len(andre["lastAccessDate"]) == 14


def test_an_item_is_in_the_order_of_the_schema(desk: Desk, doctor: Holder) -> None:
    answer = patient_list(desk, doctor_vihf(doctor, ELODIE), dateType="LASTDOC")
    first = answer.root.xpath("//p:output/p:patientlistData", namespaces=NS)[0]
    assert [child.tag.rpartition("}")[2] for child in first] == [
        *("patientIdentifier", "patientIdentifier", "lastName", "patronymicalName", "firstName", "civility"),
        *("dateOfBirth", "MT", "message", "lastAccessDate", "lastUpdateDate", "lastAddDate"),
    ]
    assert [child.tag.rpartition("}")[2] for child in first.getparent()][-2:] == ["status", "context"]


def test_only_valid_authorisations_of_open_records_are_listed(desk: Desk, doctor: Holder) -> None:
    """Not the expired, blocked or unknown ones, nor a closed record."""
    before = {item["ins_c"] for item in items(patient_list(desk, doctor_vihf(doctor, ELODIE)))}
    desk.control(do="expire", nir13="1820799999012", actor=GIRAUD)
    desk.control(do="record", nir13="2760699999331", state="terminated", authorizations=[[GIRAUD, "VALIDE"]])
    after = {item["ins_c"] for item in items(patient_list(desk, doctor_vihf(doctor, ELODIE)))}
    assert before - after == {JEAN_PIERRE, JEANNE}


def test_since_a_date(desk: Desk, doctor: Holder) -> None:
    assert items(patient_list(desk, doctor_vihf(doctor, ELODIE), startDate="20990101000000")) == []
    every = items(patient_list(desk, doctor_vihf(doctor, ELODIE), startDate="20000101000000"))
    assert len(every) == len(items(patient_list(desk, doctor_vihf(doctor, ELODIE))))
    yesterday = items(patient_list(desk, doctor_vihf(doctor, ELODIE)))[0]["lastAccessDate"]
    set_authorisation(desk, doctor_vihf(doctor, "0035278075119502425804"), "AJOUT")
    (fresh, *others) = items(patient_list(desk, doctor_vihf(doctor, ELODIE)))
    assert fresh["lastName"] == "COMA"
    assert fresh["lastAccessDate"] > yesterday
    assert len(others) == len(every)


def test_0_4_020_records_with_a_new_document(desk: Desk, doctor: Holder) -> None:
    found = items(
        patient_list(desk, doctor_vihf(doctor, ELODIE), startDate="20260301000000", dateType="LASTDOC")
    )
    assert {item["lastName"]: item["lastAddDate"] for item in found} == {
        "FIDÈLE": "20260302143000",
        "LIEN": "20260911063000",
    }


def test_0_4_015_a_cpe_lists_for_a_professional_of_its_structure(desk: Desk) -> None:
    secretary = BY_CARD["cpe-cabinet"]
    own = {item["ins_c"] for item in items(patient_list(desk, doctor_vihf(BY_CARD["cps-medecin"], ELODIE)))}
    answer = patient_list(desk, doctor_vihf(secretary, ELODIE), psOwnerId=GIRAUD)
    assert {item["ins_c"] for item in items(answer)} == own
    stranger = patient_list(desk, doctor_vihf(secretary, ELODIE), psOwnerId="899700000041")
    assert state(stranger) == "DMPInvalidData"
    structure = items(patient_list(desk, doctor_vihf(secretary, ELODIE)))
    assert [item["lastName"] for item in structure] == ["LIEN"]


def test_a_professional_lists_his_own(desk: Desk, doctor: Holder) -> None:
    assert state(patient_list(desk, doctor_vihf(doctor, ELODIE), psOwnerId=GIRAUD)) == "DMPOk"
    assert (
        state(patient_list(desk, doctor_vihf(doctor, ELODIE), psOwnerId="899700000022")) == "DMPInvalidData"
    )


@pytest.mark.parametrize("wrong", [{"startDate": "2026-01-01"}, {"dateType": "LASTAUTHORIZATION"}])
def test_what_is_asked_must_be_known(desk: Desk, doctor: Holder, wrong: dict[str, str]) -> None:
    assert state(patient_list(desk, doctor_vihf(doctor, ELODIE), **wrong)) == "DMPInvalidData"


def test_the_last_access_is_mine(desk: Desk, doctor: Holder) -> None:
    consult(desk, doctor_vihf(doctor, JEAN_PIERRE))
    (line,) = desk.control(do="history")["history"]
    found = {item["ins_c"]: item for item in items(patient_list(desk, doctor_vihf(doctor, ELODIE)))}
    assert found[JEAN_PIERRE]["lastAccessDate"] == "".join(c for c in line["at"] if c.isdigit())[:14]


def test_a_crowd(desk: Desk, doctor: Holder) -> None:
    before = len(items(patient_list(desk, doctor_vihf(doctor, ELODIE))))
    assert desk.control(do="crowd", count=1010, actor=GIRAUD) == {"ok": True}
    found = items(patient_list(desk, doctor_vihf(doctor, ELODIE)))
    assert len(found) == before + 1010
    assert len({item["ins_c"] for item in found}) == before + 1010
    assert len({item["nir"] for item in found}) == before + 1010
    desk.control(do="reset")
    assert len(items(patient_list(desk, doctor_vihf(doctor, ELODIE)))) == before


@pytest.mark.parametrize("count", [0, -1, 10_001, "1010", None])
def test_a_crowd_has_its_limits(desk: Desk, count: object) -> None:
    assert "error" in desk.control(do="crowd", count=count, actor=GIRAUD)


def find(desk: Desk, **criteria: object) -> Answer:
    body = search_request(**criteria)  # type: ignore[arg-type]
    return search(desk, doctor_vihf(REGULATOR, ELODIE, "centre_15"), body)


def outcome(answer: Answer) -> tuple[str, str]:
    """Of the edition of 2008: an element."""
    code = answer.get("//h:acknowledgement/h:typeCode/@code")
    return code, answer.get("//h:acknowledgementDetail/h:code/@code")


def names(answer: Answer) -> set[str]:
    found = answer.root.xpath(f"{PATIENT}/h:patientPerson/h:name/h:given", namespaces=NS)
    return {str(name.text) for name in found}


def test_0_5_010_a_strict_name(desk: Desk) -> None:
    answer = find(desk, family="Martin", given="Jeanne")
    assert outcome(answer) == ("AA", "")
    assert answer.get("//a:Action") == "urn:hl7-org:v3:PRPA_IN201306UV02"
    assert answer.get("//h:queryResponseCode/@code") == "OK"
    assert answer.get("//h:queryAck/h:queryId/@extension") == "question-3"
    assert names(answer) == {"JEANNE"}
    assert answer.get(f"{PATIENT}/h:id[@root='{INS_C}']/@extension") == JEANNE
    assert answer.get(f"{PATIENT}/h:id[@root='{NIR}']/@extension").startswith("2760699999331")
    assert answer.get(f"{PATIENT}/h:patientPerson/h:addr/h:city") == "ESSAI-LES-BAINS"
    match = f"{PATIENT}/h:subjectOf1/h:queryMatchObservation"
    assert (answer.get(f"{match}/h:code/@code"), answer.get(f"{match}/h:value/@value")) == (
        "POURCENTAGE",
        "100",
    )
    opposition = f"{PATIENT}/h:subjectOf2/h:administrativeObservation"
    assert answer.get(f"{opposition}/h:code/@code") == "OPPOSITION_ACCES_URGENCE"
    for total, value in (("Total", "1"), ("Current", "1"), ("Remaining", "0")):
        assert answer.get(f"//h:queryAck/h:result{total}Quantity/@value") == value


def test_0_5_050_a_date_of_birth(desk: Desk) -> None:
    assert names(find(desk, born="20010203")) == {"EVA", "EVE"}
    assert names(find(desk, born="20010203", given="eve")) == {"EVE"}
    assert names(find(desk, born="20010203", sex="M")) == set()


def test_0_5_060_an_approximate_name(desk: Desk) -> None:
    assert names(find(desk, family="FIDEL", sex="M")) == set()
    near = find(desk, family="FIDEL", sex="M", about=True)
    assert names(near) == {"ROGER"}
    assert 50 < int(near.get("//h:queryMatchObservation/h:value/@value")) < 100
    assert names(find(desk, family="FIDELE")) == {"ROGER"}


def test_0_5_090_nobody(desk: Desk) -> None:
    answer = find(desk, family="PERSONNE")
    assert outcome(answer) == ("AA", "")
    assert answer.get("//h:queryResponseCode/@code") == "NF"
    assert answer.get("//h:queryAck/h:resultTotalQuantity/@value") == "0"
    assert names(answer) == set()


def test_0_5_500_too_many(desk: Desk) -> None:
    answer = find(desk, family="MARTIN")
    assert outcome(answer) == ("AE", "DMPTooManyResult")
    assert answer.get("//h:queryResponseCode/@code") == "AE"
    assert names(answer) == set()
    assert len(names(find(desk, family="MARTIN", sex="F"))) == 1
    assert names(find(desk, family="MARTIN", city="ESSAI-LES-BAINS", given="PAUL")) == {"PAUL"}


@pytest.mark.parametrize("family", ["ARCHIVE", "CLOS", "MYSTÈRE", "QUINZE", "TREIZE", "ŒUVRARD"])
def test_0_5_510_who_is_not_found(desk: Desk, family: str) -> None:
    """First version of the interface, closed, opposed to regulation, without record."""
    answer = find(desk, family=family)
    assert outcome(answer) == ("AA", "")
    assert names(answer) == set()


def test_a_birth_name_a_city_and_accents(desk: Desk) -> None:
    assert names(find(desk, family="composé")) == {"IRENE"}
    assert names(find(desk, city="simulacre")) == {"KARIM"}
    assert names(find(desk, city="SIMULACRES", about_city=True)) == {"KARIM"}
    assert names(find(desk, family="lien", postal_code="99200")) == {"KARIM"}
    assert names(find(desk, family="lien", postal_code="99201")) == set()


@pytest.mark.parametrize("criteria", [{}, {"family": "M"}, {"sex": "F"}])
def test_a_search_wants_a_criterion(desk: Desk, criteria: dict[str, str]) -> None:
    assert outcome(find(desk, **criteria)) == ("AE", "DMPInvalidData")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("LivingSubject.name", "Patient.name"),
        ("<parameterList>", "<parameterList><patientAddress/>"),
        ("<value><family>", "<valeur><family>"),
        ('<statusCode code="new"/>', ""),
    ],
)
def test_a_message_that_breaks_the_schema(desk: Desk, before: str, after: str) -> None:
    body = search_request(family="MARTIN", given="JEANNE")
    assert before in body
    body = body.replace(before, after)
    if "valeur" in body:
        body = body.replace("</given></value>", "</given></valeur>")
    answer = desk.call(doctor_vihf(REGULATOR, ELODIE, "centre_15"), "/patientsPDQ", SEARCH, body)
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")


def test_the_search_is_not_for_a_cpe(desk: Desk, clerk: Holder) -> None:
    answer = search(desk, Vihf(clerk, ELODIE), search_request(family="MARTIN"))
    assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")

"""TD1.5a and TD1.5d: the patient's internet account."""

import re

import pytest
from raw_dmp import (
    ANDRE,
    BY_CARD,
    CHLOE,
    CREATE_ACCESS,
    ELODIE,
    JEAN_PIERRE,
    NS,
    PURPOSE,
    UPDATE_ACCESS,
    Answer,
    Desk,
    Vihf,
    purpose,
)

from kiosk.training.dmp_server.store import Store
from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)


def body(kind: str = "SMS", channel: str = "0639980012") -> str:
    return f'<createPatientAccess xmlns="{NS["p"]}"><type>{kind}</type><canal>{channel}</canal></createPatientAccess>'


def create(desk: Desk, vihf: Vihf, payload: str = "") -> Answer:
    return desk.call(vihf, "/patientsSpecific", CREATE_ACCESS, payload or body())


def renew(desk: Desk, vihf: Vihf) -> Answer:
    return desk.call(vihf, "/patientsSpecific", UPDATE_ACCESS, f'<updatePatientAccess xmlns="{NS["p"]}"/>')


def access(answer: Answer) -> tuple[str, str]:
    return answer.get("//p:output/p:login"), answer.get("//p:output/p:password")


def opens(desk: Desk, login: str, password: str) -> bool:
    """Through a second view of the database, as the patient's web site would have."""
    store = Store(desk.directory / "dmp.sqlite3")
    try:
        return store.opens_account(login, password)
    finally:
        store.close()


@pytest.mark.parametrize("card", ["cps-medecin", "cps-pharmacien", "cps-infirmier", "cpe-accueil"])
def test_an_account_is_opened(desk: Desk, card: str) -> None:
    answer = create(desk, Vihf(BY_CARD[card], JEAN_PIERRE))
    assert (answer.status, answer.status_code) == (200, "DMPOk")
    assert answer.get("//a:Action") == f"{CREATE_ACCESS}Response"
    login, password = access(answer)
    assert re.fullmatch("[A-Za-z]{4}[0-9]{4}", login)
    assert len(password) == 8
    for kind in ("[a-z]", "[A-Z]", "[0-9]", "[^A-Za-z0-9]"):
        assert re.search(kind, password)
    assert opens(desk, login, password)
    assert not opens(desk, login, password[:-1])
    found = desk.existence(Vihf(BY_CARD[card], JEAN_PIERRE))
    code = "//h:administrativeObservation[h:code/@code='COMPTE_INTERNET_OUVERT']/h:value/@value"
    assert found.get(code) == "true"


def test_no_clear_password_is_kept(desk: Desk, doctor: Holder) -> None:
    login, password = access(create(desk, Vihf(doctor, JEAN_PIERRE)))
    kept = b"".join(path.read_bytes() for path in desk.directory.glob("dmp.sqlite3*"))
    assert login.encode() in kept
    assert password.encode() not in kept


def test_an_account_is_not_opened_twice(desk: Desk, doctor: Holder) -> None:
    first = access(create(desk, Vihf(doctor, JEAN_PIERRE)))
    again = create(desk, Vihf(doctor, JEAN_PIERRE))
    assert (again.status, again.status_code) == (200, "DMPPatientAccessAlreadyExists")
    assert again.get("//p:output/p:context")
    assert access(again) == ("", "")
    assert opens(desk, *first)


def test_an_account_is_renewed(desk: Desk, doctor: Holder) -> None:
    first = access(create(desk, Vihf(doctor, JEAN_PIERRE)))
    answer = renew(desk, Vihf(doctor, JEAN_PIERRE))
    assert answer.status_code == "DMPOk"
    assert answer.get("//a:Action") == f"{UPDATE_ACCESS}Response"
    second = access(answer)
    assert second[0] != first[0]
    assert second[1] != first[1]
    assert opens(desk, *second)
    assert not opens(desk, *first)
    assert opens(desk, *access(renew(desk, Vihf(doctor, JEAN_PIERRE))))
    assert not opens(desk, *second)


def test_the_account_of_the_cast_is_renewed(desk: Desk, clerk: Holder) -> None:
    assert create(desk, Vihf(clerk, ANDRE)).status_code == "DMPPatientAccessAlreadyExists"
    assert renew(desk, Vihf(clerk, ANDRE)).status_code == "DMPOk"


def test_a_closed_record_has_no_account(desk: Desk, doctor: Holder) -> None:
    assert create(desk, Vihf(doctor, CHLOE)).status_code == "DMPClosed"
    assert renew(desk, Vihf(doctor, CHLOE)).status_code == "DMPClosed"


def test_no_record_no_account(desk: Desk, doctor: Holder) -> None:
    assert create(desk, Vihf(doctor, ELODIE)).status_code == "DMPNotFound"
    assert renew(desk, Vihf(doctor, JEAN_PIERRE)).status_code == "DMPPatientAccessNotFound"


def test_a_record_attached_to_mes_has_its_account_elsewhere(desk: Desk, doctor: Holder) -> None:
    desk.control(do="record", nir13="1820799999012", attached_to_mes=True)
    assert create(desk, Vihf(doctor, JEAN_PIERRE)).status_code == "DMPAttachedToENS"


@pytest.mark.parametrize(
    ("kind", "channel"), [("SMS", "0639980012"), ("SMS", "+33639980012"), ("EMAIL", "jp@example.org")]
)
def test_channels_of_the_one_time_code(desk: Desk, doctor: Holder, kind: str, channel: str) -> None:
    assert create(desk, Vihf(doctor, JEAN_PIERRE), body(kind, channel)).status_code == "DMPOk"


@pytest.mark.parametrize(
    ("kind", "channel"),
    [
        ("SMS", "0239980012"),
        ("SMS", "jp@example.org"),
        ("EMAIL", "0639980012"),
        ("FAX", "0639980012"),
        ("SMS", ""),
    ],
)
def test_wrong_channels(desk: Desk, doctor: Holder, kind: str, channel: str) -> None:
    assert create(desk, Vihf(doctor, JEAN_PIERRE), body(kind, channel)).status_code == "DMPInvalidData"


def test_parameters_may_be_unqualified(desk: Desk, doctor: Holder) -> None:
    inside = "<type>SMS</type><canal>0639980012</canal>"
    payload = f'<p:createPatientAccess xmlns:p="{NS["p"]}">{inside}</p:createPatientAccess>'
    assert create(desk, Vihf(doctor, JEAN_PIERRE), payload).status_code == "DMPOk"


@pytest.mark.parametrize("card", ["cps-medecin", "cps-infirmier", "cpe-accueil"])
@pytest.mark.parametrize("mode", ["bris_de_glace", "centre_15"])
def test_accounts_are_for_the_normal_mode(desk: Desk, card: str, mode: str) -> None:
    attributes = {PURPOSE: [purpose(mode)], "Mode_Acces_Raison": ["Urgence"]}
    for call in (create, renew):
        answer = call(desk, Vihf(BY_CARD[card], JEAN_PIERRE, attributes=attributes))
        assert (answer.status, answer.subcode) == (500, "soap:DMPAccessDeniedByRightsService")


def test_the_structure_is_refused_by_a_fault(desk: Desk, doctor: Holder) -> None:
    answer = create(desk, Vihf(doctor, JEAN_PIERRE, attributes={"Identifiant_Structure": ["10B0099991"]}))
    assert answer.status == 500
    assert answer.reason == "Structure introuvable ou inactive"

"""Spoilt messages of the access transactions: refused in the service's own words, never by a defect."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from raw_acts import (
    CHANGE,
    CONSENT,
    HABILITATIONS,
    HENRI,
    KARIM,
    LIST,
    PATIENTS,
    SEARCH,
    SET,
    closing,
    consultation,
    registration,
    search_request,
)
from raw_dmp import ANDRE, BY_CARD, EXISTENCE, NS, Vihf, envelope, headers, sign
from test_access_management import FULL, OPPOSED, SPOKEN_FOR
from test_dmp_server_fuzz import Line, line, meant, spoil

__all__ = ["line"]
pytest_plugins = ("dmp_desk",)

DOCTOR = BY_CARD["cps-medecin"]
MESSAGES = {
    "TD1.3a": ("/patients", EXISTENCE, ANDRE, consultation(ANDRE)),
    "TD1.2": (
        "/patients",
        CHANGE,
        HENRI,
        registration(DOCTOR, HENRI, "REAC", observations=CONSENT + OPPOSED),
    ),
    "TD1.3b": (
        "/patients",
        CHANGE,
        KARIM,
        registration(DOCTOR, KARIM, "MODIF_DATA", person=FULL + SPOKEN_FOR, observations=OPPOSED),
    ),
    "TD1.4": ("/patients", CHANGE, KARIM, closing(DOCTOR, KARIM)),
    "TD0.5": (
        "/patientsPDQ",
        SEARCH,
        ANDRE,
        search_request(sex="F", born="19760606", family="MARTIN", given="JEANNE", city="ESSAI", about=True),
    ),
    "TD0.3": (
        "/habilitations",
        SET,
        ANDRE,
        f'<setAuthorization xmlns="{HABILITATIONS}"><action>AJOUT</action><role>MEDECIN_TRAITANT</role>'
        "</setAuthorization>",
    ),
    "TD1.6": (
        "/habilitations",
        LIST,
        ANDRE,
        f'<listAuthorizationByPatient xmlns="{HABILITATIONS}"><mode>TOUTE</mode></listAuthorizationByPatient>',
    ),
    "TD0.4": (
        "/patientsSpecific",
        f"{PATIENTS}:patientList",
        ANDRE,
        f'<patientList xmlns="{NS["p"]}"><startDate>20260101000000</startDate><dateType>LASTDOC</dateType>'
        "<psOwnerId>899700000021</psOwnerId></patientList>",
    ),
    "TD1.5b": (
        "/patientsSpecific",
        f"{PATIENTS}:patientOTPUpdate",
        ANDRE,
        f'<patientOTPUpdate xmlns="{NS["p"]}"><type>SMS</type><canal>0639980031</canal><action>AJOUT</action>'
        "</patientOTPUpdate>",
    ),
}


@pytest.mark.parametrize("code", list(MESSAGES))
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    place=st.integers(0, 200),
    how=st.sampled_from(["remove", "double", "last", "empty", "rewrite"]),
    word=st.text(st.characters(min_codepoint=32, exclude_categories=("Cs", "Cc", "Cn")), max_size=20),
)
def test_a_spoilt_payload(line: Line, code: str, place: int, how: str, word: str) -> None:
    path, action, patient, body = MESSAGES[code]
    assertion = sign(Vihf(DOCTOR, patient), line.desk.keys(DOCTOR))
    data = envelope(headers(action), assertion, spoil(body, place, how, word))
    assert meant(*line.post(data, path))

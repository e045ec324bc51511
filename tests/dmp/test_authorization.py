"""TD0.3 and TD1.6: bodies to the letter, answers written by hand from the reference."""

import datetime
from contextlib import suppress

import pytest
from dmp_peers import flat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.dmp import authorization, xml
from kiosk.dmp.listing import AuthorizationFilter, AuthorizedParty
from kiosk.dmp.management import AuthorizationChange
from kiosk.errors import AnswerUnreadable, DmpError, Refused

NS = "urn:si-dmp-habilitations"

DOCTOR = """<nationalId>899700000021</nationalId><nationalIdType>1.2.250.1.71.4.2.1</nationalIdType>
    <firstName>CAMILLE</firstName><lastName>GIRAUD</lastName>
    <codeSpeciality>G15_10/SM26</codeSpeciality><libSpeciality>Médecin - Médecine générale</libSpeciality>
    <startOfAuthorization>20240105093000</startOfAuthorization><lastActionDate>20260301</lastActionDate>
    <mode>ACTIVE</mode><specificRight>MEDECIN_TRAITANT</specificRight>"""
STRUCTURE = """<nationalId>10B0099991</nationalId><nationalIdType>1.2.250.1.71.4.2.2</nationalIdType>
    <lastName>CENTRE HOSPITALIER DE FICTION</lastName><mode>INTERDITE</mode>"""


def answer(*parties: str, row: str = "authorization", status: str = "DMPOk", context: str = "") -> bytes:
    rows = "".join(f"<{row}>{party}</{row}>" for party in parties)
    return f"""<listAuthorizationByPatientResponse xmlns="{NS}"><output>{rows}<status>{status}</status>
    <context>{context}</context></output></listAuthorizationByPatientResponse>""".encode()


def done(status: str = "DMPOk", context: str = "<context/>") -> bytes:
    return f"""<setAuthorizationResponse xmlns="{NS}"><output><status>{status}</status>{context}</output>
    </setAuthorizationResponse>""".encode()


def parties(data: bytes) -> tuple[AuthorizedParty, ...]:
    return authorization.parties(xml.parse(data))


@pytest.mark.parametrize(
    ("change", "content"),
    [
        (AuthorizationChange.DECLARE, "<action>AJOUT</action>"),
        (AuthorizationChange.GIVE_UP, "<action>SUPPRESSION</action>"),
        (
            AuthorizationChange.BECOME_TREATING_DOCTOR,
            "<action>AJOUT</action><role>MEDECIN_TRAITANT</role>",
        ),
        (
            AuthorizationChange.STOP_TREATING_DOCTOR,
            "<action>SUPPRESSION</action><role>MEDECIN_TRAITANT</role>",
        ),
    ],
)
def test_0_3_010_the_request_to_the_letter(change, content):
    expected = f'<setAuthorization xmlns="{NS}">{content}</setAuthorization>'
    assert flat(authorization.set_request(change)) == flat(expected.encode())


@pytest.mark.parametrize("status", ["DMPOk", "DMPOK", "dmpok", " DMPOk "])
@pytest.mark.parametrize("context", ["<context/>", "", "<context>Fait</context>"])
def test_0_3_080_done(status, context):
    authorization.check_set(xml.parse(done(status, context)))


def test_a_refusal_gives_the_status_and_the_context():
    with pytest.raises(Refused) as raised:
        authorization.check_set(xml.parse(done("DMPDejaMT", "<context>Déjà médecin traitant</context>")))
    assert (raised.value.server_code, raised.value.server_text) == ("DMPDejaMT", "Déjà médecin traitant")
    assert "déjà médecin traitant" in raised.value.what


@pytest.mark.parametrize(
    "data",
    [
        done(""),
        done().replace(NS.encode(), b"urn:other"),
        done().replace(b"setAuthorizationResponse", b"setAuthorization"),
        f'<setAuthorizationResponse xmlns="{NS}"/>'.encode(),
        b"<x/>",
        answer(),
    ],
)
def test_what_is_no_answer_to_a_change(data):
    with pytest.raises(AnswerUnreadable):
        authorization.check_set(xml.parse(data))


@pytest.mark.parametrize(
    ("which", "mode"),
    [
        (AuthorizationFilter.ALL, "TOUTE"),
        (AuthorizationFilter.ACTIVE, "ACTIVE"),
        (AuthorizationFilter.BLOCKED, "INTERDITE"),
    ],
)
def test_1_6_the_request_to_the_letter(which, mode):
    expected = f'<listAuthorizationByPatient xmlns="{NS}"><mode>{mode}</mode></listAuthorizationByPatient>'
    assert flat(authorization.list_request(which)) == flat(expected.encode())


def test_1_6_010_professionals_and_structures():
    assert parties(answer(DOCTOR, STRUCTURE)) == (
        AuthorizedParty(
            national_id="899700000021",
            is_structure=False,
            family_name="GIRAUD",
            given_name="CAMILLE",
            specialities=("Médecin - Médecine générale",),
            since=datetime.datetime(2024, 1, 5, 9, 30, tzinfo=datetime.UTC),
            last_action=datetime.datetime(2026, 3, 1, tzinfo=datetime.UTC),
            blocked=False,
            treating_doctor=True,
            raw_mode="ACTIVE",
        ),
        AuthorizedParty(
            "10B0099991", True, "CENTRE HOSPITALIER DE FICTION", "", (), None, None, True, False, "INTERDITE"
        ),
    )


@pytest.mark.parametrize("row", ["authorization", "listAuthorizationByPatientData", "x"])
def test_the_name_of_the_rows_is_free(row):
    assert [party.national_id for party in parties(answer(DOCTOR, STRUCTURE, row=row))] == [
        "899700000021",
        "10B0099991",
    ]


def test_rows_in_a_list_of_their_own():
    nested = answer(f"<y>{DOCTOR}</y><y>{STRUCTURE}</y>", row="list")
    assert [party.is_structure for party in parties(nested)] == [False, True]


def test_nobody_is_allowed():
    assert parties(answer()) == ()


def test_rec_gen_1370_what_is_unknown_is_shown_as_it_came():
    unknown = DOCTOR.replace("ACTIVE", "SUSPENDUE").replace("20240105093000", "hier")
    unknown = unknown.replace("<libSpeciality>Médecin - Médecine générale</libSpeciality>", "<new/>")
    (party,) = parties(answer(unknown))
    assert (party.raw_mode, party.blocked, party.since) == ("SUSPENDUE", False, None)
    assert party.specialities == ("G15_10/SM26",)


def test_a_list_that_is_refused():
    with pytest.raises(Refused) as raised:
        parties(answer(status="DMPAccessDeniedByRightsService", context="Droit absent"))
    assert raised.value.server_text == "Droit absent"


@pytest.mark.parametrize("data", [answer(status=""), answer().replace(b"output", b"input"), done()])
def test_what_is_no_list(data):
    with pytest.raises(AnswerUnreadable):
        parties(data)


def test_text_of_the_server_is_cleaned():
    (party,) = parties(answer(DOCTOR.replace("GIRAUD", "GI\u202eRAUD")))
    assert party.family_name == "GI\ufffdRAUD"


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_answers_are_read_or_an_error_of_the_dmp(data):
    read, whole = data.draw(
        st.sampled_from(
            [(authorization.parties, answer(DOCTOR, STRUCTURE)), (authorization.check_set, done())]
        )
    )
    mutated = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.sampled_from([b"", b"<a/>", b"&#9;"])
        mutated[start : start + data.draw(st.integers(0, 20))] = data.draw(piece)
    with suppress(DmpError):
        read(xml.parse(bytes(mutated)))

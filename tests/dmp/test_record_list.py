"""TD0.4: the body to the letter, lists written by hand from the reference."""

import datetime
from contextlib import suppress

import pytest
from dmp_peers import INS_C, flat
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.dmp import record_list, xml
from kiosk.dmp.listing import ListedBy, ListedRecord
from kiosk.dmp.model import PatientId
from kiosk.errors import AnswerUnreadable, DmpError, Refused

NS = "urn:si-dmp-patients"
NIR_TEST = "1.2.250.1.213.1.4.10"
SINCE = datetime.datetime(2024, 1, 1, 1, tzinfo=datetime.timezone(datetime.timedelta(hours=1)))


def identifier(root: str, extension: str) -> str:
    return f"""<patientIdentifier><nationalId>{extension}</nationalId>
    <nationalIdType>{root}</nationalIdType></patientIdentifier>"""


ROW = f"""<patientlistData>{identifier(INS_C, "0833910461279517589858")}
    {identifier(NIR_TEST, "255069999999934")}
    <lastName>BERNARD</lastName><patronymicalName>LACÔTE</patronymicalName><firstName>ELODIE</firstName>
    <civility>MME</civility><dateOfBirth>19840300</dateOfBirth><MT>true</MT><message>À revoir</message>
    <lastAccessDate>20260105093000</lastAccessDate><lastUpdateDate>202601060930</lastUpdateDate>
    <lastAddDate>20260107</lastAddDate></patientlistData>"""


def answer(*rows: str, status: str = "<status>DMPOk</status>", context: str = "") -> bytes:
    return f"""<patientListResponse xmlns="{NS}"><output>{"".join(rows)}{status}{context}</output>
    </patientListResponse>""".encode()


def records(data: bytes) -> tuple[ListedRecord, ...]:
    return record_list.records(xml.parse(data))


@pytest.mark.parametrize(
    ("asked", "content"),
    [
        (
            (SINCE, ListedBy.AUTHORIZATION, ""),
            "<startDate>20240101000000</startDate><dateType>LASTAUTORIZATION</dateType>",
        ),
        ((None, ListedBy.DOCUMENT, ""), "<dateType>LASTDOC</dateType>"),
        (
            (SINCE, ListedBy.DOCUMENT, "899700000021"),
            "<startDate>20240101000000</startDate><dateType>LASTDOC</dateType>"
            "<psOwnerId>899700000021</psOwnerId>",
        ),
    ],
)
def test_0_4_010_the_request_to_the_letter(asked, content):
    expected = f'<patientList xmlns="{NS}">{content}</patientList>'
    assert flat(record_list.request(*asked)) == flat(expected.encode())


def utc(*when: int) -> datetime.datetime:
    return datetime.datetime(*when, tzinfo=datetime.UTC)


def test_0_4_010_a_record_of_the_list():
    (record,) = records(answer(ROW))
    assert record == ListedRecord(
        patients=(PatientId(INS_C, "0833910461279517589858"), PatientId(NIR_TEST, "255069999999934")),
        civility="MME",
        usual_name="BERNARD",
        birth_name="LACÔTE",
        given_name="ELODIE",
        birth_date="19840300",
        treating_doctor=True,
        message="À revoir",
        last_access=utc(2026, 1, 5, 9, 30),
        last_update=utc(2026, 1, 6, 9, 30),
        last_document=utc(2026, 1, 7),
    )
    assert "LACÔTE" not in repr(record)


def test_an_empty_list():
    assert records(answer()) == ()


def test_a_record_with_nothing_in_it():
    assert records(answer("<patientlistData/>")) == (
        ListedRecord((), "", "", "", "", "", False, "", None, None, None),
    )


def test_elements_in_another_order_or_unknown_cost_nothing():
    turned = """<patientlistData><new>1</new><firstName>ELODIE</firstName><lastName>NON_RENSEIGNE</lastName>
    <MT>peut-être</MT></patientlistData>"""
    (record,) = records(answer(turned))
    assert (record.usual_name, record.given_name) == ("NON_RENSEIGNE", "ELODIE")
    assert not record.treating_doctor


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("20260105", utc(2026, 1, 5)),
        ("202601050930", utc(2026, 1, 5, 9, 30)),
        ("20260105093015", utc(2026, 1, 5, 9, 30, 15)),
        ("20260105093015Z", utc(2026, 1, 5, 9, 30, 15)),
        ("20260105093015+0100", utc(2026, 1, 5, 8, 30, 15)),
        ("20260105093015-01:00", utc(2026, 1, 5, 10, 30, 15)),
        ("20260105093015.250+0100", utc(2026, 1, 5, 8, 30, 15)),
        ("20260100", None),
        ("202601", None),
        ("", None),
        ("20261305", None),
        ("00010101000000+2300", None),
        ("99991231235959-2300", None),
    ],
)
def test_times_of_every_length(value, expected):
    (record,) = records(answer(ROW.replace("20260105093000", value)))
    assert record.last_access == expected


@pytest.mark.parametrize("status", ["DMPOk", "DMPOK", "dmpok"])
def test_a_thousand_and_ten_records(status):
    found = records(answer(*[ROW] * 1010, status=f"<status>{status}</status>"))
    assert len(found) == 1010


def test_a_refusal_gives_the_status_and_the_context():
    refused = answer(
        status="<status>DMPAccessDeniedByRightsService</status>", context="<context>Droit absent</context>"
    )
    with pytest.raises(Refused) as raised:
        records(refused)
    assert raised.value.server_code == "DMPAccessDeniedByRightsService"
    assert raised.value.server_text == "Droit absent"


@pytest.mark.parametrize(
    "data",
    [
        answer(status=""),
        answer(ROW).replace(b"output", b"input"),
        answer(ROW).replace(NS.encode(), b"urn:other"),
        f'<patientListResponse xmlns="{NS}"/>'.encode(),
        b"<x/>",
    ],
)
def test_what_is_no_list(data):
    with pytest.raises(AnswerUnreadable):
        records(data)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_answers_are_a_list_or_an_error_of_the_dmp(data):
    mutated = bytearray(answer(ROW, ROW))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.sampled_from([b"", b"<a/>", b"&#9;"])
        mutated[start : start + data.draw(st.integers(0, 20))] = data.draw(piece)
    with suppress(DmpError):
        assert isinstance(records(bytes(mutated)), tuple)


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["C"]), max_size=40))
def test_any_owner_makes_a_whole_body(owner):
    body = xml.parse(record_list.request(None, ListedBy.DOCUMENT, owner))
    assert len(body) == (2 if owner else 1)

"""TD1.5a and TD1.5d through zeep: bodies out, answers in."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import services, xml
from kiosk.dmp.model import InternetAccess, OtpChannel
from kiosk.errors import AnswerUnreadable, Refused

NS = {"p": "urn:si-dmp-patients"}

READERS = {
    "createPatientAccessResponse": services.created_access,
    "updatePatientAccessResponse": services.renewed_access,
}


def answer(
    name: str = "createPatientAccessResponse",
    codes: str = "<login>ABCD1234</login><password>x7&amp;Ké!pq</password>",
    status: str = "<status>DMPOk</status>",
    context: str = "<context/>",
) -> bytes:
    return f'<{name} xmlns="urn:si-dmp-patients"><output>{codes}{status}{context}</output></{name}>'.encode()


def content(data: bytes) -> list[tuple[str, str]]:
    root = xml.parse(data)
    assert root.tag.startswith("{urn:si-dmp-patients}")
    return [(etree.QName(element).localname, element.text or "") for element in root.iter()]


def test_ex_1_5_a_request():
    assert content(services.create_access_request(OtpChannel.SMS, "0639980012")) == [
        ("createPatientAccess", ""),
        ("type", "SMS"),
        ("canal", "0639980012"),
    ]
    assert content(services.create_access_request(OtpChannel.EMAIL, "a&b@example.org"))[1:] == [
        ("type", "EMAIL"),
        ("canal", "a&b@example.org"),
    ]


def test_ex_1_5_d_request_is_empty():
    assert content(services.renew_access_request()) == [("updatePatientAccess", "")]


@pytest.mark.parametrize(("name", "read"), READERS.items())
@pytest.mark.parametrize("status", ["DMPOk", "DMPOK", "dmpok"])
def test_the_codes_of_an_access(name, read, status):
    access = read(xml.parse(answer(name, status=f"<status>{status}</status>")))
    assert access.login.reveal() == "ABCD1234"
    assert access.password.reveal() == "x7&Ké!pq"


def test_ex_1_5_1090_no_repr_shows_the_codes():
    shown = repr(services.created_access(xml.parse(answer())))
    assert "ABCD" not in shown
    assert "x7" not in shown


@pytest.mark.parametrize(("name", "read"), READERS.items())
def test_a_refusal_gives_the_status_and_the_context(name, read):
    status = "<status>DMPPatientAccessAlreadyExists</status>"
    with pytest.raises(Refused) as raised:
        read(xml.parse(answer(name, "", status, "<context>Compte existant</context>")))
    assert raised.value.server_code == "DMPPatientAccessAlreadyExists"
    assert raised.value.server_text == "Compte existant"


@pytest.mark.parametrize(
    "data",
    [
        answer(codes=""),
        answer(codes="<login>ABCD1234</login>"),
        answer(codes="<login/><password/>"),
        answer("updatePatientAccessResponse"),
        b'<createPatientAccessResponse xmlns="urn:si-dmp-patients"/>',
        b'<createPatientAccessResponse xmlns="urn:si-dmp-patients"><x/></createPatientAccessResponse>',
        b"<x/>",
        answer().replace(b"urn:si-dmp-patients", b"urn:other"),
    ],
)
def test_what_is_no_access(data):
    with pytest.raises(AnswerUnreadable) as raised:
        services.created_access(xml.parse(data))
    assert "ABCD" not in f"{raised.value!r} {raised.value.detail}"


@settings(max_examples=200, deadline=None)
@given(read=st.sampled_from([services.created_access, services.renewed_access]), data=st.data())
def test_mutated_answers_give_an_access_or_an_error_of_the_dmp(
    read: Callable[[etree._Element], InternetAccess], data: st.DataObject
):
    mutated = bytearray(data.draw(st.sampled_from([answer(name) for name in READERS])))
    for _ in range(data.draw(st.integers(1, 3))):
        start = data.draw(st.integers(0, len(mutated) - 1))
        piece = st.binary(max_size=4) | st.sampled_from([b"<a/>", b"&#9;"])
        mutated[start : start + data.draw(st.integers(0, 20))] = data.draw(piece)
    with suppress(AnswerUnreadable, Refused):
        assert isinstance(read(xml.parse(bytes(mutated))), InternetAccess)


@settings(max_examples=60, deadline=None)
@given(st.text(max_size=60))
def test_any_address_makes_a_whole_body(address):
    body = services.create_access_request(OtpChannel.EMAIL, address)
    assert len(xml.parse(body).findall("p:canal", NS)) == 1


def test_zeep_is_imported_when_first_used_only():
    program = (
        "import sys, kiosk.dmp.client, kiosk.dmp.services as s\n"
        "assert 'zeep' not in sys.modules\n"
        "s.renew_access_request()\n"
        "assert 'zeep' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)

"""TD1.5 through zeep: bodies out, answers in."""

import subprocess
import sys
from collections.abc import Callable
from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import internet_account, xml
from kiosk.dmp.management import ChannelAction
from kiosk.dmp.model import InternetAccess, OtpChannel
from kiosk.errors import AnswerUnreadable, Refused

NS = {"p": "urn:si-dmp-patients"}

READERS = {
    "createPatientAccessResponse": internet_account.created_access,
    "updatePatientAccessResponse": internet_account.renewed_access,
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
    assert content(internet_account.create_access_request(OtpChannel.SMS, "0639980012")) == [
        ("createPatientAccess", ""),
        ("type", "SMS"),
        ("canal", "0639980012"),
    ]
    assert content(internet_account.create_access_request(OtpChannel.EMAIL, "a&b@example.org"))[1:] == [
        ("type", "EMAIL"),
        ("canal", "a&b@example.org"),
    ]


@pytest.mark.parametrize(
    ("action", "literal"),
    [
        (ChannelAction.ADD, "AJOUT"),
        (ChannelAction.CHANGE, "MODIFICATION"),
        (ChannelAction.REMOVE, "SUPPRESSION"),
    ],
)
def test_ex_1_5_b_request(action, literal):
    assert content(internet_account.channel_request(OtpChannel.EMAIL, "a&b@example.org", action)) == [
        ("patientOTPUpdate", ""),
        ("type", "EMAIL"),
        ("canal", "a&b@example.org"),
        ("action", literal),
    ]


@pytest.mark.parametrize("status", ["DMPOk", "DMPOK", "dmpok"])
def test_ex_1_5_b_done(status):
    done = answer("patientOTPUpdateResponse", "", f"<status>{status}</status>")
    internet_account.check_channel_set(xml.parse(done))


def test_ex_1_5_b_a_channel_that_exists():
    status = "<status>DMPPatientAccessOTPAlreadyExists</status>"
    refused = answer("patientOTPUpdateResponse", "", status, "<context>Canal existant</context>")
    with pytest.raises(Refused) as raised:
        internet_account.check_channel_set(xml.parse(refused))
    assert raised.value.server_code == "DMPPatientAccessOTPAlreadyExists"
    assert raised.value.server_text == "Canal existant"


@pytest.mark.parametrize("data", [answer(), b"<x/>", answer("patientOTPUpdateResponse", "", "", "")])
def test_what_is_no_answer_to_a_channel(data):
    with pytest.raises(AnswerUnreadable):
        internet_account.check_channel_set(xml.parse(data))


def test_ex_1_5_d_request_is_empty():
    assert content(internet_account.renew_access_request()) == [("updatePatientAccess", "")]


@pytest.mark.parametrize(("name", "read"), READERS.items())
@pytest.mark.parametrize("status", ["DMPOk", "DMPOK", "dmpok"])
def test_the_codes_of_an_access(name, read, status):
    access = read(xml.parse(answer(name, status=f"<status>{status}</status>")))
    assert access.login.reveal() == "ABCD1234"
    assert access.password.reveal() == "x7&Ké!pq"


def test_ex_1_5_1090_no_repr_shows_the_codes():
    shown = repr(internet_account.created_access(xml.parse(answer())))
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
        internet_account.created_access(xml.parse(data))
    assert "ABCD" not in f"{raised.value!r} {raised.value.detail}"


@settings(max_examples=200, deadline=None)
@given(
    read=st.sampled_from([internet_account.created_access, internet_account.renewed_access]), data=st.data()
)
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
    body = internet_account.create_access_request(OtpChannel.EMAIL, address)
    assert len(xml.parse(body).findall("p:canal", NS)) == 1


def test_zeep_is_imported_when_first_used_only():
    program = (
        "import sys, kiosk.dmp.client, kiosk.dmp.internet_account as s\n"
        "assert 'zeep' not in sys.modules\n"
        "s.renew_access_request()\n"
        "assert 'zeep' in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, timeout=30)

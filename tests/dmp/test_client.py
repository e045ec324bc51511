"""The client from end to end: card TLS, signed assertion and answers of a scripted service."""

import datetime
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from client_bench import Bench, Respond, enveloped
from dmp_peers import NOW, PATIENT, xmlsec1_verifies

from kiosk.dmp import xml
from kiosk.dmp.model import Address, CardTraits, Creation, OtpChannel, PatientId, RecordState
from kiosk.dmp.profile import CURRENT, HISTORICAL, profile
from kiosk.dmp.vihf import Access
from kiosk.errors import AnswerCut, AnswerUnreadable, ClockWrong, NotOffered, Refused, SettingsError

FORM = Creation(
    patient=PATIENT,
    card=CardTraits("BERNARD", "LACÔTE", "ELODIE", "840312"),
    civility="Mme",
    usual_name="BERNARD",
    birth_name="LACÔTE",
    given_name="ELODIE",
    birth_date="19840312",
    sex="F",
    birth_country="FRANCE",
    address=Address(),
    email="",
    phone="",
    mobile="0639980012",
    consent_at=NOW,
    opposed_to_break_glass=False,
    opposed_to_regulation=False,
)


def no_record(request: bytes) -> bytes:
    root = xml.parse(request)
    ids = {e.tag.rpartition("}")[2]: e for e in root.iter("{urn:hl7-org:v3}id", "{urn:hl7-org:v3}queryId")}
    first = next(root.iter("{urn:hl7-org:v3}PRPA_IN201307UV02"))[0]
    body = f"""<PRPA_IN201308UV02 xmlns="urn:hl7-org:v3"><acknowledgement typeCode="AA"><targetMessage>
    <id root="{first.get("root")}" extension="{first.get("extension")}"/></targetMessage></acknowledgement>
    <controlActProcess><queryAck><queryId root="{ids["queryId"].get("root")}"
     extension="{ids["queryId"].get("extension")}"/><queryResponseCode code="NF"/></queryAck>
    </controlActProcess></PRPA_IN201308UV02>"""
    return enveloped(body, request)


def created(request: bytes) -> bytes:
    return enveloped(
        '<g:PRPA_IN201311UV02_Response xmlns:g="asip:ci-sis:gdp:2010" xmlns="urn:hl7-org:v3">'
        '<PRPA_IN201312UV02><acknowledgement typeCode="AA"/></PRPA_IN201312UV02>'
        "</g:PRPA_IN201311UV02_Response>",
        request,
    )


def access(name: str) -> Respond:
    body = (
        f'<{name}Response xmlns="urn:si-dmp-patients"><output><login>ABCD1234</login>'
        f"<password>x7!</password><status>DMPOk</status></output></{name}Response>"
    )
    return lambda request: enveloped(body, request)


def expired(request: bytes, date: datetime.datetime = NOW) -> bytes:
    fault = (
        "<s:Fault><s:Code><s:Value>s:Sender</s:Value></s:Code>"
        "<s:Reason><s:Text>VIHF expiré</s:Text></s:Reason></s:Fault>"
    )
    return enveloped(fault, request, date, "500 Internal Server Error")


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    return lambda *responses, generation=HISTORICAL: Bench(tmp_path, generation, list(responses))


def test_the_existence_test_as_the_service_sees_it(bench, tmp_path):
    with bench(no_record).running() as it:
        assert it.client.test_existence(Access(PATIENT)).state is RecordState.NONE
    head, body = it.server.requests[0]
    assert head.startswith(b"POST /si-dmp-server/v2/services/patients HTTP/1.1")
    assert (
        b'Content-Type: application/soap+xml; charset=UTF-8; action="urn:hl7-org:v3:PRPA_IN201307UV02"'
        in head
    )
    assert f">{it.server.url()}/patients</wsa:To>".encode() in body
    assert xmlsec1_verifies(body, tmp_path)


def test_the_four_transactions_under_one_signature(bench):
    responses = [no_record, created, access("createPatientAccess"), access("updatePatientAccess")]
    with bench(*responses).running() as it:
        it.client.test_existence(Access(PATIENT))
        it.client.create_record(FORM)
        opened = it.client.create_internet_access(PATIENT, OtpChannel.SMS, "0639980012")
        renewed = it.client.renew_internet_access(PATIENT)
    assert opened.login.reveal() == renewed.login.reveal() == "ABCD1234"
    assert it.signer.signatures == 1
    actions = [re.findall(rb'action="([^"]+)"', head)[0].decode() for head, _ in it.server.requests]
    assert actions == [
        "urn:hl7-org:v3:PRPA_IN201307UV02",
        "urn:hl7-org:v3:PRPA_IN201311UV02",
        "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess",
        "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccess",
    ]
    message_ids = [re.findall(rb"MessageID>([^<]+)<", body)[0] for _, body in it.server.requests]
    assert len(set(message_ids)) == 4


def test_a_creation_whose_outcome_is_unknown_is_not_sent_twice(bench):
    def cut(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n<"

    with bench(cut).running() as it, pytest.raises(AnswerCut):
        it.client.create_record(FORM)
    assert len(it.server.requests) == 1


def test_an_expired_assertion_that_was_kept_is_signed_again_once(bench):
    with bench(no_record, expired, no_record).running() as it:
        it.client.test_existence(Access(PATIENT))
        it.clock.advance(minutes=2)
        assert it.client.test_existence(Access(PATIENT)).state is RecordState.NONE
    assert it.signer.signatures == 2
    assert len(it.server.requests) == 3


def test_an_expired_assertion_just_signed_is_a_wrong_clock_and_no_loop(bench):
    with bench(expired).running() as it, pytest.raises(ClockWrong):
        it.client.test_existence(Access(PATIENT))
    assert len(it.server.requests) == 1


@pytest.mark.parametrize(
    ("gap", "said"),
    [
        (datetime.timedelta(minutes=7), "retarde de 7 min"),
        (datetime.timedelta(minutes=-12), "avance de 12 min"),
        (datetime.timedelta(0), ClockWrong.cause),
    ],
)
def test_a_wrong_clock_is_told_by_how_much(bench, gap, said):
    with (
        bench(lambda request: expired(request, NOW + gap)).running() as it,
        pytest.raises(ClockWrong) as raised,
    ):
        it.client.test_existence(Access(PATIENT))
    assert said in raised.value.cause


def test_0_2_080_a_waiting_number_opens_nothing(bench):
    waiting = PatientId("1.2.250.1.213.1.4.9", "255069999999934")
    with bench(no_record, generation=CURRENT).running() as it, pytest.raises(NotOffered):
        it.client.test_existence(Access(waiting))
    assert it.server.requests == []
    assert it.signer.signatures == 0


@pytest.mark.parametrize(
    "call",
    [
        lambda client: client.create_record(replace(FORM, patient=NIR)),
        lambda client: client.create_internet_access(NIR, OtpChannel.SMS, "0639980012"),
        lambda client: client.renew_internet_access(NIR),
    ],
)
def test_what_todays_service_withdrew_is_refused_before_anything_is_sent(bench, call):
    with bench(created, generation=CURRENT).running() as it, pytest.raises(NotOffered) as raised:
        call(it.client)
    assert it.server.handshakes == []
    assert it.signer.signatures == 0
    assert NIR.extension not in str(raised.value)


NIR = PatientId("1.2.250.1.213.1.4.10", "255069999999934")


def test_each_profile_has_its_own_identifiers(bench):
    with bench(no_record, generation=CURRENT).running() as it:
        assert it.client.test_existence(Access(NIR)).state is RecordState.NONE
        with pytest.raises(NotOffered):
            it.client.test_existence(Access(PATIENT))
    with bench(no_record).running() as it, pytest.raises(NotOffered):
        it.client.test_existence(Access(NIR))


def test_profiles_by_name():
    assert profile("historical") is HISTORICAL
    assert profile("current") is CURRENT
    assert CURRENT.transactions < HISTORICAL.transactions
    with pytest.raises(SettingsError):
        profile("")


def test_no_patient_in_the_errors(bench):
    def lost(request: bytes) -> bytes:
        return enveloped(f"<x>{PATIENT.extension}LACÔTE</x>", request)

    with bench(lost).running() as it:
        for call in (
            lambda: it.client.test_existence(Access(PATIENT)),
            lambda: it.client.create_record(FORM),
            lambda: it.client.renew_internet_access(PATIENT),
        ):
            with pytest.raises((AnswerUnreadable, Refused)) as raised:
                call()
            error = raised.value
            shown = f"{error!r} {error} {error.detail} {error.what} {error.cause} {error.todo}"
            assert PATIENT.extension not in shown
            assert "LACÔTE" not in shown
            assert PATIENT.extension not in repr(FORM) + repr(PATIENT)

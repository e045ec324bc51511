"""Access to records from end to end: which service is called, how, by whom and in which mode."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from client_bench import Bench, Respond, enveloped
from dmp_peers import NOW, PATIENT, xmlsec1_verifies
from lxml import etree

from kiosk.dmp import xml
from kiosk.dmp.client import DmpClient
from kiosk.dmp.listing import AuthorizationFilter, ListedBy, RegulationSearch
from kiosk.dmp.management import (
    AdministrativeData,
    AuthorizationChange,
    ChannelAction,
    Closing,
    Reactivation,
)
from kiosk.dmp.model import Address, OtpChannel, PatientId
from kiosk.dmp.profile import CURRENT, HISTORICAL
from kiosk.dmp.vihf import Access, Purpose
from kiosk.errors import AnswerCut, AnswerUnreadable, NotOffered, Refused

NAMES = {"saml2": "urn:oasis:names:tc:SAML:2.0:assertion", "h": "urn:hl7-org:v3"}
NIR = PatientId("1.2.250.1.213.1.4.10", "255069999999934")
BROKEN = Access(PATIENT, Purpose.BREAK_GLASS, "Patient inconscient")
DATA = AdministrativeData(
    "Mme", "BERNARD", "", "ELODIE", "", "F", "", Address(), "", "", "", None, False, True
)
AGAIN = Reactivation(PATIENT, "", "BERNARD", "LACÔTE", "ELODIE", NOW, False, False)
CLOSE = Closing(PATIENT, "", "BERNARD", "LACÔTE", "ELODIE", "")


def hl7(interaction: str, content: str = "", ack: str = "<acknowledgement typeCode='AA'/>") -> Respond:
    body = f'<{interaction} xmlns="urn:hl7-org:v3">{ack}{content}</{interaction}>'
    return lambda request: enveloped(body, request)


def service(operation: str, namespace: str = "urn:si-dmp-patients", content: str = "") -> Respond:
    output = f"<output>{content}<status>DMPOk</status><context/></output>"
    body = f'<{operation}Response xmlns="{namespace}">{output}</{operation}Response>'
    return lambda request: enveloped(body, request)


RECORD = hl7(
    "PRPA_IN201308UV02",
    """<controlActProcess><subject><registrationEvent><subject1><patient><statusCode code="active"/>
    <patientPerson/></patient></subject1></registrationEvent></subject>
    <queryAck><queryResponseCode code="OK"/></queryAck></controlActProcess>""",
)
FOUND_NOBODY = hl7(
    "PRPA_IN201306UV02",
    "<controlActProcess><queryAck><queryResponseCode code='NF'/></queryAck></controlActProcess>",
    "<acknowledgement><typeCode code='AA'/></acknowledgement>",
)
REVISED = hl7("PRPA_IN201315UV02")
CHANGED = service("setAuthorization", "urn:si-dmp-habilitations")
LISTED = service("listAuthorizationByPatient", "urn:si-dmp-habilitations")
RECORDS = service("patientList")
CHANNEL = service("patientOTPUpdate")

Call = Callable[[DmpClient], object]

CALLS: dict[str, tuple[Call, Respond, str, str]] = {
    "TD0.2": (
        lambda dmp: dmp.test_existence(Access(PATIENT)),
        RECORD,
        "/patients",
        "urn:hl7-org:v3:PRPA_IN201307UV02",
    ),
    "TD0.3": (
        lambda dmp: dmp.set_authorization(Access(PATIENT), AuthorizationChange.BECOME_TREATING_DOCTOR),
        CHANGED,
        "/habilitations",
        "urn:si-dmp-habilitations:HabilitationsEndPoint:setAuthorization",
    ),
    "TD0.4": (
        lambda dmp: dmp.list_records(NOW, ListedBy.AUTHORIZATION),
        RECORDS,
        "/patientsSpecific",
        "urn:si-dmp-patients:PatientSpecificEndPoint:patientList",
    ),
    "TD0.5": (
        lambda dmp: dmp.search_patients(RegulationSearch(family_name="BERNARD")),
        FOUND_NOBODY,
        "/patientsPDQ",
        "urn:hl7-org:v3:PRPA_IN201305UV02",
    ),
    "TD1.2": (
        lambda dmp: dmp.reactivate_record(AGAIN),
        REVISED,
        "/patients",
        "urn:hl7-org:v3:PRPA_IN201314UV02",
    ),
    "TD1.3a": (
        lambda dmp: dmp.read_administrative_data(BROKEN),
        RECORD,
        "/patients",
        "urn:hl7-org:v3:PRPA_IN201307UV02",
    ),
    "TD1.3b": (
        lambda dmp: dmp.update_administrative_data(PATIENT, DATA),
        REVISED,
        "/patients",
        "urn:hl7-org:v3:PRPA_IN201314UV02",
    ),
    "TD1.4": (
        lambda dmp: dmp.close_record(CLOSE),
        REVISED,
        "/patients",
        "urn:hl7-org:v3:PRPA_IN201314UV02",
    ),
    "TD1.5b": (
        lambda dmp: dmp.set_otp_channel(PATIENT, OtpChannel.SMS, "0639980012", ChannelAction.ADD),
        CHANNEL,
        "/patientsSpecific",
        "urn:si-dmp-patients:PatientSpecificEndPoint:patientOTPUpdate",
    ),
    "TD1.6": (
        lambda dmp: dmp.list_authorizations(Access(PATIENT), AuthorizationFilter.ALL),
        LISTED,
        "/habilitations",
        "urn:si-dmp-habilitations:HabilitationsEndPoint:listAuthorizationByPatient",
    ),
}
WRITES = ["TD0.3", "TD1.2", "TD1.3b", "TD1.4", "TD1.5b"]


@pytest.fixture
def bench(tmp_path: Path) -> Callable[..., Bench]:
    return lambda *responses, generation=HISTORICAL: Bench(tmp_path, generation, list(responses))


def assertion(body: bytes) -> etree._Element:
    (found,) = xml.parse(body).iterfind(".//saml2:Assertion", NAMES)
    return found


def attribute(body: bytes, name: str) -> str | None:
    path = f".//saml2:Attribute[@Name='{name}']/saml2:AttributeValue"
    return assertion(body).findtext(path, namespaces=NAMES)


def purpose(body: bytes) -> str:
    return assertion(body).find(".//h:PurposeOfUse", NAMES).get("code")


RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"


@pytest.mark.parametrize("transaction", CALLS)
def test_each_transaction_as_the_service_sees_it(bench, tmp_path, transaction):
    call, respond, path, action = CALLS[transaction]
    with bench(respond).running() as it:
        call(it.client)
    ((head, body),) = it.server.requests
    assert head.startswith(f"POST /si-dmp-server/v2/services{path} HTTP/1.1".encode())
    assert f'action="{action}"'.encode() in head
    assert re.findall(rb":Action[^>]*>([^<]+)<", body) == [action.encode()]
    assert xmlsec1_verifies(body, tmp_path)


@pytest.mark.parametrize("transaction", [name for name in CALLS if name not in {"TD0.4", "TD0.5"}])
def test_the_assertion_names_the_patient(bench, transaction):
    call, respond, _, _ = CALLS[transaction]
    with bench(respond).running() as it:
        call(it.client)
    expected = f"{PATIENT.extension}^^^&{PATIENT.root}&ISO^INS-C"
    assert attribute(it.server.requests[0][1], RESOURCE) == expected


@pytest.mark.parametrize(("transaction", "mode"), [("TD0.4", "normal"), ("TD0.5", "centre_15")])
def test_calls_about_no_patient_name_a_number_of_nobody(bench, transaction, mode):
    call, respond, _, _ = CALLS[transaction]
    with bench(respond).running() as it:
        call(it.client)
    ((_, body),) = it.server.requests
    assert attribute(body, RESOURCE) == "0000000000000000000097^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
    assert purpose(body) == mode


def test_1_3a_040_the_glass_is_broken_for_one_access_only(bench, tmp_path):
    with bench(RECORD).running() as it:
        it.client.read_administrative_data(BROKEN)
        it.client.read_administrative_data(Access(PATIENT))
    (_, broken), (_, normal) = it.server.requests
    assert (purpose(broken), attribute(broken, "Mode_Acces_Raison")) == (
        "bris_de_glace",
        "Patient inconscient",
    )
    assert (purpose(normal), attribute(normal, "Mode_Acces_Raison")) == ("normal", None)
    assert xmlsec1_verifies(broken, tmp_path)


def test_ex_0_1_1100_a_secret_connection_reaches_the_service(bench):
    with bench(RECORD).running() as it:
        it.client.test_existence(Access(PATIENT, secret=True))
    secrecy = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
    said = attribute(it.server.requests[0][1], secrecy)
    assert said == "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"


@pytest.mark.parametrize("transaction", WRITES)
def test_a_write_whose_outcome_is_unknown_is_not_sent_twice(bench, transaction):
    def cut(request: bytes) -> bytes:
        return b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n<"

    call, *_ = CALLS[transaction]
    with bench(cut).running() as it, pytest.raises(AnswerCut):
        call(it.client)
    assert len(it.server.requests) == 1


@pytest.mark.parametrize(
    "call",
    [
        lambda dmp: dmp.reactivate_record(Reactivation(NIR, "", "B", "", "E", NOW, False, False)),
        lambda dmp: dmp.update_administrative_data(NIR, DATA),
        lambda dmp: dmp.close_record(Closing(NIR, "", "B", "", "E", "")),
        lambda dmp: dmp.set_otp_channel(NIR, OtpChannel.SMS, "0639980012", ChannelAction.ADD),
        lambda dmp: dmp.set_authorization(Access(NIR), AuthorizationChange.BECOME_TREATING_DOCTOR),
    ],
)
def test_what_todays_service_withdrew_is_refused_before_anything_is_sent(bench, call):
    with bench(REVISED, generation=CURRENT).running() as it, pytest.raises(NotOffered) as raised:
        call(it.client)
    assert it.server.handshakes == []
    assert it.signer.signatures == 0
    assert NIR.extension not in str(raised.value)


@pytest.mark.parametrize("change", [c for c in AuthorizationChange if c.name != "BECOME_TREATING_DOCTOR"])
def test_other_changes_of_authorization_are_still_offered_today(bench, change):
    with bench(CHANGED, generation=CURRENT).running() as it:
        it.client.set_authorization(Access(NIR), change)
    action, role = change.value
    root = xml.parse(it.server.requests[0][1])
    assert root.findtext(".//{urn:si-dmp-habilitations}action") == action
    assert root.findtext(".//{urn:si-dmp-habilitations}role", "") == role


@pytest.mark.parametrize("transaction", ["TD0.2", "TD0.3", "TD0.4", "TD0.5", "TD1.3a", "TD1.6"])
def test_what_both_generations_offer(transaction):
    assert HISTORICAL.offers(transaction)
    assert CURRENT.offers(transaction)


@pytest.mark.parametrize("transaction", ["TD1.1", "TD1.2", "TD1.3b", "TD1.4", "TD1.5a", "TD1.5b", "TD1.5d"])
def test_the_management_of_records_is_historical(transaction):
    assert HISTORICAL.offers(transaction)
    assert not CURRENT.offers(transaction)


@pytest.mark.parametrize("transaction", CALLS)
def test_no_patient_in_the_errors(bench, transaction):
    call, *_ = CALLS[transaction]

    def lost(request: bytes) -> bytes:
        return enveloped(f"<x>{PATIENT.extension} LACÔTE</x>", request)

    with (
        bench(lost).running() as it,
        pytest.raises((AnswerUnreadable, Refused)) as raised,
    ):
        call(it.client)
    error = raised.value
    shown = f"{error!r} {error} {error.detail} {error.what} {error.cause} {error.todo}"
    assert PATIENT.extension not in shown
    assert "LACÔTE" not in shown

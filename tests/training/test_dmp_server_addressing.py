"""SOAP 1.2 and WS-Addressing as a real DMP test server was seen to demand them."""

import pytest
from raw_dmp import (
    CREATE_ACCESS,
    EXISTENCE,
    JEAN_PIERRE,
    NS,
    Desk,
    Vihf,
    envelope,
    existence_request,
    headers,
    sign,
)

from kiosk.training.people import Holder

pytest_plugins = ("dmp_desk",)

MISSING = "A required header representing a Message Addressing Property is not present"


def ask(desk: Desk, holder: Holder, blocks: dict[str, str], *, security: str = "", body: str = "") -> bytes:
    assertion = sign(Vihf(holder, JEAN_PIERRE), desk.keys(holder))
    return envelope(blocks, assertion, body or existence_request(JEAN_PIERRE), security)


def test_an_answer_is_correlated_with_its_request(desk: Desk, doctor: Holder) -> None:
    blocks = headers(EXISTENCE) | {
        "MessageID": "<a:MessageID>urn:uuid:00000000-1111-2222-3333-444455556666</a:MessageID>"
    }
    answer = desk.post(doctor, "/patients", ask(desk, doctor, blocks))
    assert answer.status == 200
    assert answer.headers.get_content_type() == "application/soap+xml"
    assert answer.get("//a:RelatesTo") == "urn:uuid:00000000-1111-2222-3333-444455556666"
    assert answer.get("//a:Action") == "urn:hl7-org:v3:PRPA_IN201308UV02"
    assert answer.get("//a:To").endswith("/anonymous")
    assert answer.get("//a:MessageID").startswith("urn:uuid:")


@pytest.mark.parametrize("name", ["Action", "MessageID", "To", "ReplyTo"])
def test_each_addressing_header_is_required(desk: Desk, doctor: Holder, name: str) -> None:
    blocks = headers(EXISTENCE)
    del blocks[name]
    answer = desk.post(doctor, "/patients", ask(desk, doctor, blocks))
    assert answer.status == 500
    assert answer.subcode == "wsa:MessageAddressingHeaderRequired"
    assert answer.reason == MISSING


@pytest.mark.parametrize("name", ["Action", "MessageID", "To", "ReplyTo"])
def test_an_addressing_header_said_twice_is_refused(desk: Desk, doctor: Holder, name: str) -> None:
    blocks = headers(EXISTENCE)
    blocks["twice"] = blocks[name]
    answer = desk.post(doctor, "/patients", ask(desk, doctor, blocks))
    assert (answer.status, answer.subcode) == (500, "wsa:InvalidAddressingHeader")


@pytest.mark.parametrize(
    ("name", "value", "subcode"),
    [
        ("MessageID", "<a:MessageID>17</a:MessageID>", "wsa:InvalidAddressingHeader"),
        (
            "To",
            "<a:To>https://localhost/si-dmp-server/v2/services/registry</a:To>",
            "wsa:InvalidAddressingHeader",
        ),
        (
            "ReplyTo",
            "<a:ReplyTo><a:Address>https://client.example.org/</a:Address></a:ReplyTo>",
            "wsa:OnlyAnonymousAddressSupported",
        ),
        ("Action", "<a:Action>urn:hl7-org:v3:PRPA_IN201305UV02</a:Action>", "wsa:ActionNotSupported"),
        ("Action", f"<a:Action>{CREATE_ACCESS}</a:Action>", "wsa:ActionNotSupported"),
    ],
)
def test_a_wrong_addressing_header_has_its_own_fault(
    desk: Desk, doctor: Holder, name: str, value: str, subcode: str
) -> None:
    answer = desk.post(doctor, "/patients", ask(desk, doctor, headers(EXISTENCE) | {name: value}))
    assert (answer.status, answer.subcode) == (500, subcode)


def test_a_fault_is_correlated_too(desk: Desk, doctor: Holder) -> None:
    blocks = headers(EXISTENCE) | {
        "MessageID": "<a:MessageID>urn:uuid:00000000-1111-2222-3333-777777777777</a:MessageID>"
    }
    del blocks["To"]
    answer = desk.post(doctor, "/patients", ask(desk, doctor, blocks))
    assert answer.get("//a:RelatesTo") == "urn:uuid:00000000-1111-2222-3333-777777777777"
    assert answer.get("//a:Action") == "http://www.w3.org/2005/08/addressing/fault"


def test_to_may_be_the_url_called(desk: Desk, doctor: Holder) -> None:
    blocks = headers(EXISTENCE, f"{desk.server.url}/patients")
    assert desk.post(doctor, "/patients", ask(desk, doctor, blocks)).status == 200


def test_a_message_id_is_used_once(desk: Desk, doctor: Holder) -> None:
    data = ask(desk, doctor, headers(EXISTENCE))
    assert desk.post(doctor, "/patients", data).status == 200
    again = desk.post(doctor, "/patients", data)
    assert (again.status, again.subcode) == (500, "wsa:InvalidAddressingHeader")


@pytest.mark.parametrize(
    "duty", [' s:mustUnderstand="true"', ' s:mustUnderstand="1"', ' mustUnderstand="true"']
)
def test_action_and_reply_to_may_say_must_understand(desk: Desk, doctor: Holder, duty: str) -> None:
    blocks = headers(EXISTENCE)
    blocks["Action"] = blocks["Action"].replace("<a:Action", f"<a:Action{duty}")
    blocks["ReplyTo"] = blocks["ReplyTo"].replace("<a:ReplyTo", f"<a:ReplyTo{duty}")
    assert desk.post(doctor, "/patients", ask(desk, doctor, blocks)).status == 200


def test_security_must_not_say_must_understand(desk: Desk, doctor: Holder) -> None:
    data = ask(desk, doctor, headers(EXISTENCE), security=' s:mustUnderstand="true"')
    answer = desk.post(doctor, "/patients", data)
    assert answer.status == 500
    assert answer.get("//s:Fault/s:Code/s:Value") == "soap:MustUnderstand"


@pytest.mark.parametrize("duty", [' s:mustUnderstand="false"', ' mustUnderstand="true"'])
def test_security_may_say_what_binds_nobody(desk: Desk, doctor: Holder, duty: str) -> None:
    data = ask(desk, doctor, headers(EXISTENCE), security=duty)
    assert desk.post(doctor, "/patients", data).status == 200


def test_an_unknown_block_that_must_be_understood_is_refused(desk: Desk, doctor: Holder) -> None:
    blocks = headers(EXISTENCE) | {"x": '<x:Plan xmlns:x="urn:example" s:mustUnderstand="true"/>'}
    answer = desk.post(doctor, "/patients", ask(desk, doctor, blocks))
    assert answer.get("//s:Fault/s:Code/s:Value") == "soap:MustUnderstand"


def test_an_unknown_block_for_another_role_is_ignored(desk: Desk, doctor: Holder) -> None:
    blocks = headers(EXISTENCE) | {
        "x": '<x:Plan xmlns:x="urn:example" s:mustUnderstand="true" s:role="urn:example:relay"/>'
    }
    assert desk.post(doctor, "/patients", ask(desk, doctor, blocks)).status == 200


def test_the_content_type_names_the_same_action_or_none(desk: Desk, doctor: Holder) -> None:
    good = f'application/soap+xml; charset=UTF-8; action="{EXISTENCE}"'
    assert desk.post(doctor, "/patients", ask(desk, doctor, headers(EXISTENCE)), good).status == 200
    other = f'application/soap+xml; charset=UTF-8; action="{CREATE_ACCESS}"'
    answer = desk.post(doctor, "/patients", ask(desk, doctor, headers(EXISTENCE)), other)
    assert (answer.status, answer.subcode) == (500, "wsa:ActionMismatch")


def test_soap_1_1_is_told_its_version(desk: Desk, doctor: Holder) -> None:
    data = ask(desk, doctor, headers(EXISTENCE)).replace(
        NS["s"].encode(), b"http://schemas.xmlsoap.org/soap/envelope/"
    )
    answer = desk.post(doctor, "/patients", data)
    assert answer.get("//s:Fault/s:Code/s:Value") == "soap:VersionMismatch"


@pytest.mark.parametrize(
    "prologue",
    [
        '<!DOCTYPE x [<!ENTITY a "b">]>',
        '<!DOCTYPE x SYSTEM "file:///etc/passwd">',
        '<!DOCTYPE l [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;&a;&a;">]>',
    ],
)
def test_a_doctype_is_refused(desk: Desk, doctor: Holder, prologue: str) -> None:
    answer = desk.post(doctor, "/patients", prologue.encode() + ask(desk, doctor, headers(EXISTENCE)))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")
    assert "DOCTYPE" in answer.reason


def test_the_body_is_what_the_action_says(desk: Desk, doctor: Holder) -> None:
    data = ask(desk, doctor, headers(EXISTENCE), body=f'<updatePatientAccess xmlns="{NS["p"]}"/>')
    answer = desk.post(doctor, "/patients", data)
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")


def test_another_reason_of_the_same_interaction_is_not_offered(desk: Desk, doctor: Holder) -> None:
    body = existence_request(JEAN_PIERRE).replace("TEST_EXST", "FERM")
    answer = desk.post(doctor, "/patients", ask(desk, doctor, headers(EXISTENCE), body=body))
    assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidMessage")

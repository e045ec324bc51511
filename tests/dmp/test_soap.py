"""Envelopes out, answers in."""

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml import etree

from kiosk.dmp import soap, xml
from kiosk.errors import AnswerUnreadable, ClockWrong, Refused

MESSAGE_ID = "urn:uuid:00000000-0000-0000-0000-000000000001"
NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "w": "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd",
}
MUST = "{http://www.w3.org/2003/05/soap-envelope}mustUnderstand"


def answer(body: str = "<x xmlns='urn:x'/>", related: str | None = MESSAGE_ID, doctype: str = "") -> bytes:
    relates = "" if related is None else f"<a:RelatesTo>{related}</a:RelatesTo>"
    return (
        f'{doctype}<e:Envelope xmlns:e="{NS["s"]}" xmlns:a="{NS["a"]}"><e:Header>'
        f"<a:Action>urn:r</a:Action><a:MessageID>urn:uuid:9</a:MessageID>{relates}</e:Header>"
        f"<e:Body>{body}</e:Body></e:Envelope>"
    ).encode()


def fault(subcode: str = "soap:DMPInvalidCertificate", reason: str = "Certificat invalide") -> str:
    return (
        '<soap:Fault xmlns:soap="http://www.w3.org/2003/05/soap-envelope">'
        f"<soap:Code><soap:Value>soap:Sender</soap:Value><soap:Subcode><soap:Value>{subcode}</soap:Value>"
        f'</soap:Subcode></soap:Code><soap:Reason><soap:Text xml:lang="en">No</soap:Text>'
        f'<soap:Text xml:lang="fr">{reason}</soap:Text></soap:Reason></soap:Fault>'
    )


def read(data: bytes, status: int = 200) -> etree._Element:
    return soap.payload(data, status=status, message_id=MESSAGE_ID)


# --- out --------------------------------------------------------------------------------------------------


def test_the_envelope_and_its_spliced_parts():
    assertion = b'<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion"  ID="_1"/>'
    body = '<é xmlns="urn:x"/>'.encode()
    made = soap.envelope(
        action="urn:hl7-org:v3:PRPA_IN201307UV02",
        to="https://localhost/a?b=1&c=2",
        message_id=MESSAGE_ID,
        assertion=assertion,
        body=body,
    )
    assert assertion in made
    assert body in made
    root = xml.parse(made)
    header = root.find("s:Header", NS)
    assert [etree.QName(child).localname for child in header] == [
        "Action",
        "MessageID",
        "To",
        "ReplyTo",
        "Security",
    ]
    assert header.findtext("a:Action", namespaces=NS) == "urn:hl7-org:v3:PRPA_IN201307UV02"
    assert header.findtext("a:MessageID", namespaces=NS) == MESSAGE_ID
    assert header.findtext("a:To", namespaces=NS) == "https://localhost/a?b=1&c=2"
    assert header.findtext("a:ReplyTo/a:Address", namespaces=NS) == (
        "http://www.w3.org/2005/08/addressing/anonymous"
    )
    security = header.find("w:Security", NS)
    assert [child.tag for child in security] == ["{urn:oasis:names:tc:SAML:2.0:assertion}Assertion"]
    assert [etree.QName(e).localname for e in header if e.get(MUST)] == ["Action", "ReplyTo"]


def test_the_content_type_names_the_action():
    assert soap.content_type("urn:a") == 'application/soap+xml; charset=UTF-8; action="urn:a"'


# --- in ---------------------------------------------------------------------------------------------------


def test_the_payload_of_an_answer():
    assert read(answer()).tag == "{urn:x}x"


@pytest.mark.parametrize(
    "related", [None, "urn:uuid:2", "", MESSAGE_ID + "</a:RelatesTo><a:RelatesTo>urn:uuid:2"]
)
def test_an_answer_to_another_message_is_refused(related):
    with pytest.raises(AnswerUnreadable):
        read(answer(related=related))


def test_a_fault_gives_the_dmps_code_and_french_text():
    with pytest.raises(Refused) as raised:
        read(answer(fault()), 500)
    assert raised.value.server_code == "DMPInvalidCertificate"
    assert raised.value.server_text == "Certificat invalide"


def test_a_fault_of_a_server_that_did_not_read_our_headers():
    with pytest.raises(Refused):
        read(answer(fault(), related=None), 500)


def test_a_fault_to_another_message_is_refused():
    with pytest.raises(AnswerUnreadable):
        read(answer(fault(), related="urn:uuid:2"), 500)


def test_a_fault_without_subcode():
    bare = "<e:Fault><e:Code><e:Value>e:Receiver</e:Value></e:Code></e:Fault>"
    with pytest.raises(Refused) as raised:
        read(answer(bare), 500)
    assert (raised.value.server_code, raised.value.server_text) == ("Receiver", "")


def test_vihf_expired_is_a_matter_of_clock():
    with pytest.raises(ClockWrong) as raised:
        read(answer(fault("soap:DMPVihf", "Le VIHF est expiré")), 500)
    assert raised.value.server_text == "Le VIHF est expiré"


@pytest.mark.parametrize(
    "body", ["", "text only", "<x xmlns='urn:x'/><x xmlns='urn:x'/>", "<e:Fault/><x xmlns='urn:x'/>"]
)
def test_a_body_that_is_not_one_element(body):
    with pytest.raises((AnswerUnreadable, Refused)):
        read(answer(body))


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html><body>maintenance</body></html>",
        b"<!DOCTYPE html><html><p>maintenance</html>",
        b'<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body/></s:Envelope>',
        b'<?xml version="1.0" encoding="no-such"?><a/>',
    ],
)
def test_a_page_is_no_answer_and_the_http_status_explains_it(data):
    with pytest.raises(AnswerUnreadable) as raised:
        read(data, 503)
    assert "maintenance" in raised.value.cause  # the kiosk's words for 503
    assert "HTTP 503" in raised.value.detail
    assert "maintenance" not in raised.value.detail


# --- X1: what an answer may not do ------------------------------------------------------------------------


@pytest.mark.parametrize(
    "doctype",
    [
        "<!DOCTYPE e:Envelope>",
        '<!DOCTYPE x SYSTEM "file:///etc/hostname">',
        '<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/hostname">]>',
        '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>',
        '<!DOCTYPE x PUBLIC "-//X" "http://127.0.0.1:9/x.dtd">',
    ],
)
@pytest.mark.parametrize("body", ["<x xmlns='urn:x'/>", "<x xmlns='urn:x'>&a;</x>"])
def test_x1_no_doctype_no_entity(doctype, body):
    with pytest.raises(AnswerUnreadable):
        read(answer(body, doctype=doctype))


def test_x1_depth_and_size_are_bounded():
    with pytest.raises(AnswerUnreadable):
        read(answer("<x>" * 100_000 + "</x>" * 100_000))
    with pytest.raises(AnswerUnreadable):
        read(b"<a>" + b"x" * 50_000_001 + b"</a>")


def test_x1_comments_and_instructions_vanish_without_cutting_a_text():
    payload = read(answer("<x xmlns='urn:x'>GIR<!-- -->AUD<?pi?></x>"))
    assert payload.text == "GIRAUD"
    assert len(payload) == 0


def test_the_parsers_message_is_not_repeated():
    with pytest.raises(AnswerUnreadable) as raised:
        xml.parse(b"<GIRAUD><Camille></GIRAUD>")
    shown = f"{raised.value} {raised.value.detail} {raised.value.what} {raised.value.cause}"
    assert "GIRAUD" not in shown
    assert "Camille" not in shown


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_mutated_answers_give_a_payload_or_an_error_of_the_dmp(data):
    original = bytearray(data.draw(st.sampled_from([answer(), answer(fault())])))
    for _ in range(data.draw(st.integers(1, 4))):
        start = data.draw(st.integers(0, len(original) - 1))
        length = data.draw(st.integers(0, 20))
        original[start : start + length] = data.draw(
            st.binary(max_size=6) | st.sampled_from([b"<", b"&", b"/>"])
        )
    with suppress(AnswerUnreadable, Refused, ClockWrong):
        assert isinstance(read(bytes(original)).tag, str)

"""SOAP 1.2 with WS-Addressing 1.0: what comes in, what goes out.

Sources: SOAP 1.2 Part 1 (mustUnderstand 5.2.3, faults 5.4), WS-Addressing 1.0 SOAP Binding (faults 6.4), and
the answers of a real test server: all four headers are required, `To` may be empty, `Action` and `ReplyTo`
may carry mustUnderstand, `wsse:Security` may not.
"""

import re
import uuid
from dataclasses import dataclass
from urllib.parse import urlsplit

from lxml import etree

from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.names import (
    ADDRESSING_FAULT_ACTION,
    ANONYMOUS,
    SAML,
    SOAP,
    SOAP_11,
    SOAP_FAULT_ACTION,
    WSA,
    WSSE,
    XML,
)
from kiosk.training.dmp_server.outcomes import (
    Fault,
    Party,
    addressing_fault,
    invalid_message,
    invalid_vihf,
)
from kiosk.training.dmp_server.xml import Element, element, find, find_all, text

_ENVELOPE = f"{{{SOAP}}}Envelope"
_SECURITY = f"{{{WSSE}}}Security"
_ASSERTION = f"{{{SAML}}}Assertion"
_ADDRESSING = f"{{{WSA}}}"
_REQUIRED_HEADER_MISSING = "A required header representing a Message Addressing Property is not present"
_INVALID_HEADER = (
    "A header representing a Message Addressing Property is not valid and the message cannot be processed"
)
_MESSAGE_ID = re.compile(r"urn:uuid:[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_ULTIMATE = ("", f"{SOAP}/role/next", f"{SOAP}/role/ultimateReceiver")


@dataclass(frozen=True)
class Envelope:
    """One request, its addressing checked; the assertion is not."""

    action: str
    message_id: str
    assertion: Element
    payload: Element
    """The only child of the body."""


def read(root: Element, *, path: str) -> Envelope:
    """Take a request apart. `path` is the one it was posted to. Raises `Fault`."""
    if root.tag != _ENVELOPE:
        if root.tag == f"{{{SOAP_11}}}Envelope":
            raise Fault("SOAP 1.2 est attendu.", party=Party.VERSION)
        raise invalid_message("Le message n'est pas une enveloppe SOAP 1.2.")
    headers, bodies = find_all(root, SOAP, "Header"), find_all(root, SOAP, "Body")
    if len(bodies) != 1 or len(headers) > 1 or len(bodies[0]) != 1:
        raise invalid_message("Une enveloppe a un en-tête et un corps d'un seul élément.")
    header = headers[0] if headers else element(SOAP, "Header")
    _refuse_unknown_duties(header)
    action, message_id = _addressing(header, path)
    return Envelope(action, message_id, _assertion(root, header), bodies[0][0])


def addressed(root: Element) -> tuple[str, str]:
    """Action and MessageID of a request that may be faulty in every other way; empty when absent."""
    header = find(root, SOAP, "Header")
    return text(find(header, WSA, "Action")), text(find(header, WSA, "MessageID"))


def answer(action: str, relates_to: str, payload: Element | Payload) -> bytes:
    """The envelope of an answer. Bytes are joined in: a tree of thousands of entries is never built."""
    if not isinstance(payload, Payload):
        return _envelope(action, relates_to, payload)
    place = f"place-{uuid.uuid4().hex}"
    before, _, after = _envelope(action, relates_to, element(SOAP, place)).partition(
        f"<soap:{place}/>".encode()
    )
    return b"".join((before, payload.xml, after))


def fault_answer(fault: Fault, relates_to: str) -> bytes:
    """The envelope of a fault, to be sent with HTTP 500."""
    subcode = None
    if fault.subcode:
        prefix = "soap" if fault.namespace == SOAP else "wsa"
        subcode = element(SOAP, "Subcode", element(SOAP, "Value", f"{prefix}:{fault.subcode}"))
    reason = element(SOAP, "Text", fault.reason)
    reason.set(f"{{{XML}}}lang", fault.language)
    payload = element(
        SOAP,
        "Fault",
        element(SOAP, "Code", element(SOAP, "Value", f"soap:{fault.party.value}"), subcode),
        element(SOAP, "Reason", reason),
    )
    action = SOAP_FAULT_ACTION if fault.namespace == SOAP else ADDRESSING_FAULT_ACTION
    return _envelope(action, relates_to, payload)


def _refuse_unknown_duties(header: Element) -> None:
    for block in header:
        duty = block.get(f"{{{SOAP}}}mustUnderstand", "false").strip()
        if duty not in ("true", "1") or block.get(f"{{{SOAP}}}role", "").strip() not in _ULTIMATE:
            continue
        if not str(block.tag).startswith(_ADDRESSING):
            name = etree.QName(block).localname
            raise Fault(f"L'en-tête obligatoire {name} n'est pas compris.", party=Party.MUST_UNDERSTAND)


def _addressing(header: Element, path: str) -> tuple[str, str]:
    """Action and MessageID, once all four required headers are there and say what they must."""
    blocks: dict[str, Element] = {}
    for name in ("Action", "MessageID", "To", "ReplyTo"):
        found = find_all(header, WSA, name)
        if not found:
            raise addressing_fault("MessageAddressingHeaderRequired", _REQUIRED_HEADER_MISSING)
        if len(found) > 1:
            raise addressing_fault("InvalidAddressingHeader", _INVALID_HEADER)
        blocks[name] = found[0]
    action, message = text(blocks["Action"]), text(blocks["MessageID"])
    reply_to = text(find(blocks["ReplyTo"], WSA, "Address"))
    if not action or not message or not reply_to:
        raise addressing_fault("MessageAddressingHeaderRequired", _REQUIRED_HEADER_MISSING)
    to = text(blocks["To"])
    if not _MESSAGE_ID.fullmatch(message) or (to and urlsplit(to).path != path):
        raise addressing_fault("InvalidAddressingHeader", _INVALID_HEADER)
    if reply_to != ANONYMOUS:
        raise addressing_fault("OnlyAnonymousAddressSupported", _INVALID_HEADER)
    return action, message


def _assertion(root: Element, header: Element) -> Element:
    """The SAML assertion, alone in the only Security header, its ID found nowhere else in the message."""
    securities = find_all(header, WSSE, "Security")
    if len(securities) != 1 or [child.tag for child in securities[0]] != [_ASSERTION]:
        raise invalid_vihf("Le VIHF est absent, ou n'est pas seul dans l'en-tête de sécurité.")
    assertion = securities[0][0]
    own_id = assertion.get("ID", "")
    owners = root.xpath(
        "count(//@*[local-name()='ID' or local-name()='Id' or local-name()='id'][. = $id])", id=own_id
    )
    if not own_id or owners != 1:
        raise invalid_vihf("L'identifiant du VIHF est absent ou répété.")
    return assertion


def _envelope(action: str, relates_to: str, payload: Element) -> bytes:
    header = element(
        SOAP,
        "Header",
        element(WSA, "Action", action),
        element(WSA, "MessageID", f"urn:uuid:{uuid.uuid4()}"),
        element(WSA, "To", ANONYMOUS),
        element(WSA, "RelatesTo", relates_to) if relates_to else None,
    )
    root = element(SOAP, "Envelope", header, element(SOAP, "Body", payload))
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8")

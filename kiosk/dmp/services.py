"""The DMP's small typed services, through zeep: it builds and reads the body, `kiosk.dmp.soap` does the rest.

zeep never sees the network: its own WS-Addressing knows no ReplyTo, and it would parse and append the signed
assertion. It is imported when first used (0.2 s).
"""

from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from kiosk.dmp import faults, soap, xml
from kiosk.dmp.model import InternetAccess, OtpChannel
from kiosk.errors import AnswerUnreadable
from kiosk.secret import Secret
from kiosk.text import clean

CREATE_TRANSACTION: Final = "TD1.5a"
RENEW_TRANSACTION: Final = "TD1.5d"
PATH: Final = "/patientsSpecific"
CREATE_ACTION: Final = "urn:si-dmp-patients:PatientSpecificEndPoint:createPatientAccess"
RENEW_ACTION: Final = "urn:si-dmp-patients:PatientSpecificEndPoint:updatePatientAccess"

_WSDL = Path(__file__).parent / "wsdl" / "patientsSpecific.wsdl"
_NAMESPACE = "urn:si-dmp-patients"
_BINDING = f"{{{_NAMESPACE}}}PatientSpecificEndPoint"
_CREATE = "createPatientAccess"
_RENEW = "updatePatientAccess"


def create_access_request(channel: OtpChannel, address: str) -> bytes:
    """TD1.5a: the body that opens an account; the one-time codes will go to `address` by `channel`."""
    return _request(_CREATE, type=channel.value, canal=xml.legal(address))


def renew_access_request() -> bytes:
    """TD1.5d: the body that asks for new codes."""
    return _request(_RENEW)


def created_access(answer: etree._Element) -> InternetAccess:
    """The codes of a new account.

    Raises `Refused` (`DMPPatientAccessAlreadyExists`…) or `AnswerUnreadable`.
    """
    return _access(answer, _CREATE)


def renewed_access(answer: etree._Element) -> InternetAccess:
    """The new codes of an account. Raises `Refused` or `AnswerUnreadable`."""
    return _access(answer, _RENEW)


def _request(operation: str, **content: str) -> bytes:
    envelope = _binding().get(operation).create(**content).content
    body = envelope.find(f"{{{soap.SOAP}}}Body")[0]
    return xml.serialize(body)


def _access(answer: etree._Element, operation: str) -> InternetAccess:
    output = _read(answer, operation)
    if (output.status or "").strip().lower() != "dmpok":
        raise faults.refusal(clean(output.status), clean(output.context))
    if not output.login or not output.password:
        raise AnswerUnreadable(detail="accepted, but no login or no password")
    return InternetAccess(login=Secret(output.login), password=Secret(output.password))


def _read(answer: etree._Element, operation: str) -> Any:
    """The `output` of an answer as zeep types it. zeep's own messages may quote the answer: dropped."""
    from zeep.exceptions import Error

    if answer.tag != f"{{{_NAMESPACE}}}{operation}Response":  # zeep takes any element for it
        raise AnswerUnreadable(detail=f"not the answer to {operation}")
    envelope = etree.Element(f"{{{soap.SOAP}}}Envelope")
    etree.SubElement(envelope, f"{{{soap.SOAP}}}Body").append(answer)
    try:
        output = _binding().get(operation).process_reply(envelope)
    except (Error, ValueError, TypeError, AttributeError, LookupError):
        raise AnswerUnreadable(detail=f"not the answer to {operation}") from None
    if output is None or not hasattr(output, "status"):
        raise AnswerUnreadable(detail=f"not the answer to {operation}")
    return output


@cache
def _binding() -> Any:
    from zeep.settings import Settings
    from zeep.wsdl import Document

    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    with _WSDL.open("rb") as wsdl:
        # The WSDL imports nothing, so nothing needs a transport.
        return Document(wsdl, transport=None, settings=settings).bindings[_BINDING]  # type: ignore[arg-type]

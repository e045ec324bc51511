"""The DMP's small typed services, through zeep: it builds and reads the body, `kiosk.dmp.soap` does the rest.

zeep never sees the network: its own WS-Addressing knows no ReplyTo, and it would parse and append the signed
assertion. It is imported when first used (0.2 s).

The two answers that are lists are read here without zeep, which is quick enough (0.1 s for 1,010 rows) but gives
up the whole list for one element it does not know, or that comes in another order.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final

from lxml import etree

from kiosk.dmp import faults, soap, xml
from kiosk.errors import AnswerUnreadable
from kiosk.text import clean

_WSDLS = Path(__file__).parent / "wsdl"


@dataclass(frozen=True)
class Service:
    """One service: where it answers, and the WSDL written for it."""

    path: str
    wsdl: str
    namespace: str
    port: str

    def action(self, operation: str) -> str:
        """WS-Addressing action of a request."""
        return f"{self.namespace}:{self.port}:{operation}"


PATIENTS: Final = Service(
    "/patientsSpecific", "patientsSpecific.wsdl", "urn:si-dmp-patients", "PatientSpecificEndPoint"
)
HABILITATIONS: Final = Service(
    "/habilitations", "habilitations.wsdl", "urn:si-dmp-habilitations", "HabilitationsEndPoint"
)


def request(service: Service, operation: str, **content: str | None) -> bytes:
    """The body of a request; an element that is `None` is not sent."""
    given = {name: xml.legal(value) for name, value in content.items() if value is not None}
    envelope = _binding(service).get(operation).create(**given).content
    body = envelope.find(f"{{{soap.SOAP}}}Body")[0]
    return xml.serialize(body)


def read(service: Service, operation: str, answer: etree._Element) -> Any:
    """The `output` of an answer as zeep types it, once it says that all went well.

    Raises `Refused` or `AnswerUnreadable`; zeep's own messages may quote the answer: dropped.
    """
    from zeep.exceptions import Error

    _check_tag(service, operation, answer)  # zeep takes any element for it
    envelope = etree.Element(f"{{{soap.SOAP}}}Envelope")
    etree.SubElement(envelope, f"{{{soap.SOAP}}}Body").append(answer)
    try:
        output = _binding(service).get(operation).process_reply(envelope)
    except (Error, ValueError, TypeError, AttributeError, LookupError):
        raise AnswerUnreadable(detail=f"not the answer to {operation}") from None
    if output is None or not hasattr(output, "status"):
        raise AnswerUnreadable(detail=f"not the answer to {operation}")
    _check_status(clean(output.status), clean(output.context))
    return output


def output(service: Service, operation: str, answer: etree._Element) -> etree._Element:
    """The `output` of an answer that is a list, once it says that all went well.

    Raises `Refused` or `AnswerUnreadable`.
    """
    _check_tag(service, operation, answer)
    found = answer.find("{*}output")
    if found is None:
        raise AnswerUnreadable(detail=f"not the answer to {operation}")
    _check_status(text(found, "status"), text(found, "context"))
    return found


def text(element: etree._Element, name: str) -> str:
    """The text of the first child of that name, cleaned; empty when there is none."""
    return clean(element.findtext(f"{{*}}{name}"))


def texts(element: etree._Element, name: str) -> tuple[str, ...]:
    """The texts of all children of that name, cleaned; empty ones left out."""
    return tuple(value for child in element.iterfind(f"{{*}}{name}") if (value := clean(child.text)))


def _check_tag(service: Service, operation: str, answer: etree._Element) -> None:
    if answer.tag != f"{{{service.namespace}}}{operation}Response":
        raise AnswerUnreadable(detail=f"not the answer to {operation}")


def _check_status(status: str, context: str) -> None:
    if not status:
        raise AnswerUnreadable(detail="an output without a status")
    if status.lower() != "dmpok":  # [sure]: written DMPOk and DMPOK
        raise faults.refusal(status, context)


@cache
def _binding(service: Service) -> Any:
    from zeep.settings import Settings
    from zeep.wsdl import Document

    settings = Settings(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    with (_WSDLS / service.wsdl).open("rb") as wsdl:
        # The WSDLs import nothing, so nothing needs a transport.
        document = Document(wsdl, transport=None, settings=settings)  # type: ignore[arg-type]
    return document.bindings[f"{{{service.namespace}}}{service.port}"]

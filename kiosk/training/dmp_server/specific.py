"""The DMP's own small services: parameters in, `output` with `status` and `context` out."""

from datetime import datetime

from lxml import etree

from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.xml import Element, element, text

OK = "DMPOk"


def parameter(payload: Element, name: str) -> str:
    """A parameter, with or without the name space of the service; empty when absent."""
    return text(payload.find(f"{{{_service(payload)}}}{name}")) or text(payload.find(name))


def fields(payload: Element, **values: str) -> list[Element]:
    """Elements of an answer to `payload`, in that order."""
    return [element(_service(payload), name, value) for name, value in values.items()]


def group(payload: Element, name: str, *children: Element) -> Element:
    return element(_service(payload), name, *children)


def output(payload: Element, *content: Element, status: str = OK, context: str = "") -> Element:
    """The answer to `payload`: what was asked for, then the status."""
    end = fields(payload, status=status, context=context)
    name = f"{etree.QName(payload).localname}Response"
    return group(payload, name, group(payload, "output", *content, *end))


def refuse(payload: Element, refusal: Refusal, _now: datetime) -> Element:
    """The refusal as a status."""
    return output(payload, status=refusal.code, context=refusal.text)


def _service(payload: Element) -> str:
    return etree.QName(payload).namespace or ""

"""What a request said over the wire, read by the tests' own hand."""

import base64
from dataclasses import dataclass
from typing import Any

from lxml import etree

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "saml": "urn:oasis:names:tc:SAML:2.0:assertion",
    "h": "urn:hl7-org:v3",
}


@dataclass(frozen=True)
class Vihf:
    """What one request said of its author."""

    root: Any

    def attribute(self, name: str) -> list[str]:
        """The texts of one attribute; none when it is absent."""
        path = f".//saml:Attribute[@Name='{name}']/saml:AttributeValue"
        return [str(value.text) for value in self.root.xpath(path, namespaces=NS)]

    @property
    def purpose(self) -> str:
        """Code of the access mode."""
        return str(self.root.xpath("string(.//h:PurposeOfUse/@code)", namespaces=NS))


def envelope_of(request: bytes) -> Any:
    """The SOAP envelope of a request, the first part of a multipart one."""
    start = request.index(b"<soap:Envelope")
    end = request.index(b"</soap:Envelope>") + len(b"</soap:Envelope>")
    return etree.fromstring(request[start:end])


def vihf_of(request: bytes) -> Vihf:
    return Vihf(envelope_of(request))


def decoded(requests: list[str]) -> list[bytes]:
    return [base64.b64decode(request) for request in requests]

"""The official schemas: CDA R2, HL7 v3, ebRS and ebRIM 3.0, XDS.b, SOAP 1.2, WS-Security, SAML 2.0, XAdES 1.1.1.

They are read from the packages that `jars/ivy.xml` names, which `./test` fetched, and from Debian's opensaml-schemas.
"""

import re
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Final
from zipfile import ZipFile

from lxml import etree

HL7: Final = "urn:hl7-org:v3"
SOAP: Final = "http://www.w3.org/2003/05/soap-envelope"
ADDRESSING: Final = "http://www.w3.org/2005/08/addressing"
SECURITY: Final = "http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"
SAML: Final = "urn:oasis:names:tc:SAML:2.0:assertion"
XDS_B: Final = "urn:ihe:iti:xds-b:2007"
DS: Final = "http://www.w3.org/2000/09/xmldsig#"
XADES: Final = "http://uri.etsi.org/01903/v1.1.1#"

_PACKAGES = Path(sys.prefix) / "jars"
_CONNECT, _WSS4J, _DSS = "CONNECTCommonTypesLib.jar", "wss4j-ws-security-stax.jar", "specs-xades.jar"
_MESSAGES = f"{_CONNECT}/schemas/HL7V3/NE2008/multicacheschemas"
_CDA = f"{_MESSAGES}/CDA.xsd"
_XDS_B = f"{_CONNECT}/schemas/ihe/XDS.b_DocumentRepository.xsd"
_SIGNATURE = f"{_WSS4J}/schemas/xmldsig-core-schema.xsd"
_FILES = {
    ADDRESSING: f"{_CONNECT}/schemas/www.w3.org/2005/08/addressing/ws-addr.xsd",
    SOAP: f"{_WSS4J}/schemas/soap-1.2.xsd",
    SECURITY: f"{_WSS4J}/schemas/{SECURITY.rpartition('/')[2]}",
    XADES: f"{_DSS}/xsd/XAdESv111.xsd",
    DS: _SIGNATURE,
    XDS_B: _XDS_B,
    HL7: _CDA,
    SAML: "usr/share/xml/opensaml/saml-schema-assertion-2.0.xsd",
}
_HERE = "file:///"
_RESPONSE, _RESPONSE_2009 = "MCCI_MT000300UV01.xsd", "MCCI_MT000300UV01-2009.xsd"


@dataclass(frozen=True)
class _Composed:
    """An interaction that no package carries: the wrapper of one that has the same content, around its payload."""

    like: str
    payload: tuple[str, str] | None = None
    """A message type of `like`, and the one that stands in its place."""
    request: bool = False
    """It asks for a registration, where `like` tells of one."""
    control_act: tuple[str, str] | None = None


_NOTIFIED = ("MFMI_MT700711UV01", "MFMI_MT700701UV01")
_ANSWERED = ("PRPA_MT201304UV02", "PRPA_MT201303UV02")
_COMPOSED = {
    "PRPA_IN201308UV02": _Composed("PRPA_IN201310UV02", _ANSWERED),
    "PRPA_IN201311UV02": _Composed("PRPA_IN201301UV02", request=True),
    "PRPA_IN201312UV02": _Composed("PRPA_IN201310UV02", _ANSWERED, control_act=_NOTIFIED),
    "PRPA_IN201313UV02": _Composed("PRPA_IN201310UV02", _ANSWERED, request=True, control_act=_NOTIFIED),
    "PRPA_IN201314UV02": _Composed("PRPA_IN201302UV02", request=True),
    "PRPA_IN201315UV02": _Composed("PRPA_IN201310UV02", _ANSWERED, control_act=_NOTIFIED),
    "PRPA_IN201316UV02": _Composed("PRPA_IN201310UV02", _ANSWERED, request=True, control_act=_NOTIFIED),
}


def complaints(schema: etree.XMLSchema, element: etree._Element) -> list[str]:
    """What the schema finds wrong with a message that is part of a larger one, or stands alone."""
    alone = etree.fromstring(etree.tostring(element, with_tail=False), _reader())
    return [] if schema.validate(alone) else [f"{e.path}: {e.message}" for e in schema.error_log]


def cda_complaints(document: bytes) -> list[str]:
    """What is wrong with a CDA. One that brings its own style sheet stands inside it."""
    root = etree.fromstring(document, _reader())
    clinical = (
        root if root.tag == f"{{{HL7}}}ClinicalDocument" else next(root.iter(f"{{{HL7}}}ClinicalDocument"))
    )
    return complaints(cda(), clinical)


def documents_of(deposit: bytes) -> list[bytes]:
    """The documents of a deposit as it came over the wire: envelope, documents, signature."""
    boundary = deposit.partition(b"\r\n")[0]
    parts = deposit.split(boundary)[2:-2]
    return [part.partition(b"\r\n\r\n")[2].removesuffix(b"\r\n") for part in parts]


@cache
def cda() -> etree.XMLSchema:
    """`ClinicalDocument` of CDA R2."""
    return _of(HL7)


@cache
def envelope() -> etree.XMLSchema:
    """A whole SOAP message of the registry or the repository, or the header and assertion of any other."""
    return _of(SOAP, ADDRESSING, SECURITY, SAML, XDS_B, HL7)  # an assertion's coded values are HL7's


@cache
def signature() -> etree.XMLSchema:
    return _of(DS, XADES)


@cache
def interaction(name: str) -> etree.XMLSchema:
    """One HL7 v3 interaction. Each alone: libxml2 reads one file only of a namespace."""
    text = _composed(name) if name in _COMPOSED else _text(f"{_MESSAGES}/{name}.xsd")
    return _schema(text, f"{_MESSAGES}/{name}.xsd")


def _composed(name: str) -> str:
    how = _COMPOSED[name]
    text = _text(f"{_MESSAGES}/{how.like}.xsd").replace(how.like, name)
    if how.payload:
        text = text.replace(*how.payload)
    if how.control_act:
        text = text.replace(*how.control_act)
        text = re.sub(r'<xs:element name="query(Ack|ByParameter)"[^>]*/>', "", text)
    if how.request:
        text = text.replace('name="registrationEvent"', 'name="registrationRequest"')
        text = text.replace('fixed="EVN"', 'fixed="RQO"')
        text = re.sub(r'(name="custodian"[^>]*minOccurs=)"1"', r'\1"0"', text)  # MFMI_MT700721UV01
    return text.replace(_RESPONSE, _RESPONSE_2009)


def _of_2009(response: str) -> str:
    """NE2009, which all but the search without identifier speaks, has the outcome in an attribute."""
    before, kind, rest = response.partition('<xs:complexType name="MCCI_MT000300UV01.Acknowledgement">')
    body, end, after = rest.partition("</xs:complexType>")
    body = re.sub(r'<xs:element name="typeCode"[^>]*/>', "", body, count=1)
    outcome = '<xs:attribute name="typeCode" type="AcknowledgementType" use="required"/>'
    return before + kind + body + outcome + end + after


def _of(*namespaces: str) -> etree.XMLSchema:
    imports = "".join(
        f'<xs:import namespace="{one}" schemaLocation="{_HERE}{_FILES[one]}"/>' for one in namespaces
    )
    return _schema(f'<xs:schema xmlns:xs="http://www.w3.org/2001/XMLSchema">{imports}</xs:schema>', "all.xsd")


def _schema(text: str, file: str) -> etree.XMLSchema:
    parser = etree.XMLParser(no_network=True)
    parser.resolvers.add(_Packages())
    return etree.XMLSchema(etree.fromstring(text.encode(), parser, base_url=_HERE + file))


class _Packages(etree.Resolver):
    """Schemas name each other by relative paths, or by addresses: the file of that name is in a package."""

    def resolve(self, url: str, _public_id: str, context: Any) -> Any:
        name = url.removeprefix(_HERE)
        if name == url:
            address = url.rstrip("/").rsplit("/", 1)[1]
            name = f"{_WSS4J}/schemas/{'xop-include.xsd' if address == 'include' else address}"
        return self.resolve_string(_text(name), context, base_url=_HERE + name)


@cache
def _text(name: str) -> str:
    """A schema, by its package and its path there."""
    package, _, path = name.partition("/")
    if not package.endswith(".jar"):
        return Path("/", name).read_text()
    if path.endswith(_RESPONSE_2009):
        return _of_2009(_text(name.replace(_RESPONSE_2009, _RESPONSE)))
    # The package's own name for the data types that it declares a second time, outside their family tree.
    return re.sub(r'type="([A-Z_]+)_explicit"', r'type="\1"', _package(package)[path].decode())


@cache
def _package(name: str) -> dict[str, bytes]:
    with ZipFile(_PACKAGES / name) as archive:
        return {one: archive.read(one) for one in archive.namelist() if one.endswith(".xsd")}


@cache
def _reader() -> etree.XMLParser:
    return etree.XMLParser(huge_tree=True, resolve_entities=False, no_network=True)

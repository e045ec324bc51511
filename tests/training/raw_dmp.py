"""A DMP client written for these tests alone: XML by hand from the published interface, http.client, no kiosk.dmp."""

import base64
import hashlib
import http.client
import json
import socket
import ssl
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree

from kiosk.training.dmp_server import DmpServer
from kiosk.training.people import HOLDERS, Holder
from kiosk.training.pki import CardKeys, TrainingPki

NS = {
    "s": "http://www.w3.org/2003/05/soap-envelope",
    "a": "http://www.w3.org/2005/08/addressing",
    "h": "urn:hl7-org:v3",
    "p": "urn:si-dmp-patients",
    "g": "asip:ci-sis:gdp:2010",
}
BY_CARD = {holder.card_id: holder for holder in HOLDERS}
BASE = "/si-dmp-server/v2/services"

# INS-C of the cast: SHA-256 by coreutils, arithmetic by bc; not by the code under test.
ELODIE = "0211924116383163846616"  # no record
JEAN_PIERRE = "1126606298410493025344"  # active, open to Dr GIRAUD and to the hospital
CHLOE = "0970120528867742003719"  # closed
ANDRE = "1643733673627476497974"  # active, Dr GIRAUD is his treating doctor
LUC = "1844574471768466934139"  # creation refused by the rights service

_SIGNATURE = (
    '<ds:Signature xmlns:ds="http://www.w3.org/2000/09/xmldsig#">{signed_info}'
    "<ds:SignatureValue>{value}</ds:SignatureValue>"
    "<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{certificate}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>"
    "</ds:Signature>"
)
_SIGNED_INFO = (
    '<ds:SignedInfo xmlns:ds="http://www.w3.org/2000/09/xmldsig#">'
    '<ds:CanonicalizationMethod Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:CanonicalizationMethod>'
    '<ds:SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"></ds:SignatureMethod>'
    '<ds:Reference URI="#{reference}"><ds:Transforms>'
    '<ds:Transform Algorithm="http://www.w3.org/2000/09/xmldsig#enveloped-signature"></ds:Transform>'
    '<ds:Transform Algorithm="http://www.w3.org/2001/10/xml-exc-c14n#"></ds:Transform>'
    "</ds:Transforms>"
    '<ds:DigestMethod Algorithm="http://www.w3.org/2001/04/xmlenc#sha256"></ds:DigestMethod>'
    "<ds:DigestValue>{digest}</ds:DigestValue></ds:Reference></ds:SignedInfo>"
)
SIGNATURE_PLACE = "<!--signature-->"


def instant(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def coded(tag: str, code: str, system: str) -> str:
    return (
        f'<{tag} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" xsi:type="CE" '
        f'code="{code}" codeSystem="{system}" displayName="é"/>'
    )


def attribute(name: str, *values: str) -> str:
    inside = "".join(f"<saml2:AttributeValue>{value}</saml2:AttributeValue>" for value in values)
    return f'<saml2:Attribute Name="{name}">{inside}</saml2:Attribute>'


ROLE = "urn:oasis:names:tc:xacml:2.0:subject:role"
RESOURCE = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
SUBJECT_ID = "urn:oasis:names:tc:xspa:1.0:subject:subject-id"
PURPOSE = "urn:oasis:names:tc:xspa:1.0:subject:purposeofuse"


def resource(ins_c: str) -> str:
    return f"{ins_c}^^^&amp;1.2.250.1.213.1.4.2&amp;ISO^INS-C"


def roles(holder: Holder) -> list[str]:
    """Somebody in training (CPF) declares his speciality: SM26."""
    if holder.card_type == "02":
        return [coded("Role", "SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6")]
    if holder.card_type == "01":
        return [
            coded("Role", holder.profession, "1.2.250.1.71.1.2.8"),
            coded("Role", "SM26", "1.2.250.1.71.4.2.5"),
        ]
    values = [coded("Role", holder.profession, "1.2.250.1.71.1.2.7")]
    if holder.speciality:
        values.append(coded("Role", holder.speciality, "1.2.250.1.71.4.2.5"))
    return values


def subject(holder: Holder) -> list[str]:
    """A CPE without a name says its structure and number (PDT-INF-617); nobody else says anything."""
    nameless = holder.card_type == "02" and not holder.family_name
    return [f"{holder.employer} B CPET"] if nameless else []


def place(holder: Holder) -> tuple[str, str]:
    """Structure and sector; the hospital for a card that has none."""
    if not holder.practices:
        return "10B0099991", "SA01"
    return holder.practices[0].structure_id, holder.practices[0].sector


def purpose(code: str) -> str:
    return coded("PurposeOfUse", code, "1.2.250.1.213.1.1.4.248")


@dataclass
class Vihf:
    """An assertion to be: change a field, then `text`."""

    holder: Holder
    patient: str
    name_id: str = ""
    issuer: str = ""
    issuer_format: str = ' Format="urn:oasis:names:tc:SAML:1.1:nameid-format:X509SubjectName"'
    identifier: str = field(default_factory=lambda: f"_{uuid.uuid4()}")
    issued: datetime = field(default_factory=lambda: datetime.now(UTC))
    authn: str = "urn:oasis:names:tc:SAML:2.0:ac:classes:SmartcardPKI"
    conditions: str = ""
    attributes: dict[str, list[str]] = field(default_factory=dict)
    """Replaces or adds attributes; an empty list takes one away."""
    more: str = ""
    """Raw attributes at the end."""

    def text(self) -> str:
        structure, sector = place(self.holder)
        values = {
            "Identifiant_Structure": [structure],
            "Secteur_Activite": [f"{sector}^1.2.250.1.71.4.2.4"],
            ROLE: roles(self.holder),
            SUBJECT_ID: subject(self.holder),
            "VIHF_Version": ["3.0"],
            "Authentification_mode": ["DIRECTE"],
            RESOURCE: [resource(self.patient)],
            "Ressource_URN": ["urn:dmp"],
            PURPOSE: [purpose("normal")],
            "LPS_ID": ["1.2.250.1.999.1"],
            "LPS_Nom": ["Essai"],
            "LPS_Version": ["1"],
            "LPS_ID_HOMOLOGATION_DMP": ["TST-000000-0000"],
            **self.attributes,
        }
        statements = (
            "".join(attribute(name, *inside) for name, inside in values.items() if inside) + self.more
        )
        issuer = self.issuer or f"CN={self.holder.national_id}, C=FR"
        return (
            '<saml2:Assertion xmlns:saml2="urn:oasis:names:tc:SAML:2.0:assertion" '
            f'ID="{self.identifier}" IssueInstant="{instant(self.issued)}" Version="2.0">'
            f"<saml2:Issuer{self.issuer_format}>{issuer}</saml2:Issuer>{SIGNATURE_PLACE}"
            f"<saml2:Subject><saml2:NameID>{self.name_id or self.holder.national_id}</saml2:NameID></saml2:Subject>"
            f"{self.conditions}"
            f'<saml2:AuthnStatement AuthnInstant="{instant(self.issued)}"><saml2:AuthnContext>'
            f"<saml2:AuthnContextClassRef>{self.authn}</saml2:AuthnContextClassRef>"
            "</saml2:AuthnContext></saml2:AuthnStatement>"
            f"<saml2:AttributeStatement>{statements}</saml2:AttributeStatement></saml2:Assertion>"
        )


def digest_of(assertion: str) -> str:
    canonical = etree.tostring(
        etree.fromstring(assertion.replace(SIGNATURE_PLACE, "")),
        method="c14n",
        exclusive=True,
        with_comments=False,
    )
    return base64.b64encode(hashlib.sha256(canonical).digest()).decode()


def signature(
    reference: str, digest: str, key: Any, certificate: bytes, change: tuple[str, str] = ("", "")
) -> str:
    """`change` is made in SignedInfo before it is signed."""
    signed_info = _SIGNED_INFO.format(reference=reference, digest=digest).replace(*change)
    value = key.sign(signed_info.encode(), PKCS1v15(), hashes.SHA256())
    return _SIGNATURE.format(
        signed_info=signed_info,
        value=base64.b64encode(value).decode(),
        certificate=base64.b64encode(certificate).decode(),
    )


def sign(vihf: Vihf, keys: CardKeys) -> str:
    """Sign as a card does, with its signature key."""
    text = vihf.text()
    block = signature(vihf.identifier, digest_of(text), keys.signature_key, keys.signature_certificate)
    return text.replace(SIGNATURE_PLACE, block)


def headers(action: str, url: str = "") -> dict[str, str]:
    """The addressing headers; a test drops or changes one."""
    return {
        "Action": f"<a:Action>{action}</a:Action>",
        "MessageID": f"<a:MessageID>urn:uuid:{uuid.uuid4()}</a:MessageID>",
        "To": f"<a:To>{url}</a:To>",
        "ReplyTo": f"<a:ReplyTo><a:Address>{NS['a']}/anonymous</a:Address></a:ReplyTo>",
    }


def envelope(blocks: dict[str, str], assertion: str, body: str, security: str = "") -> bytes:
    """`security` is raw attributes of wsse:Security."""
    return (
        f'<s:Envelope xmlns:s="{NS["s"]}"><s:Header xmlns:a="{NS["a"]}">{"".join(blocks.values())}'
        '<w:Security xmlns:w="http://docs.oasis-open.org/wss/2004/01/oasis-200401-wss-wssecurity-secext-1.0.xsd"'
        f"{security}>{assertion}</w:Security></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


def hl7_message(name: str, act: str) -> str:
    return (
        f'<{name} xmlns="urn:hl7-org:v3" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" ITSVersion="XML_1.0">'
        f'<id root="1.2.250.1.999.1.10" extension="{uuid.uuid4()}"/>'
        f'<creationTime value="{datetime.now(UTC):%Y%m%d%H%M%S}"/>'
        f'<interactionId root="2.16.840.1.113883.1.6" extension="{name}"/>'
        '<processingCode code="D"/><processingModeCode code="T"/><acceptAckCode code="AL"/>'
        '<receiver typeCode="RCV"><device classCode="DEV" determinerCode="INSTANCE">'
        '<id root="1.2.250.1.213.4.1.1.1"/><softwareName>DMP</softwareName></device></receiver>'
        '<sender typeCode="SND"><device classCode="DEV" determinerCode="INSTANCE">'
        '<id root="1.2.250.1.999.1"/><softwareName>Essai</softwareName></device></sender>'
        f'<controlActProcess classCode="CACT" moodCode="EVN">{act}</controlActProcess></{name}>'
    )


def existence_request(ins_c: str, root: str = "1.2.250.1.213.1.4.2") -> str:
    return hl7_message(
        "PRPA_IN201307UV02",
        '<reasonCode code="TEST_EXST" codeSystem="1.2.250.1.213.1.1.4.11"/><queryByParameter>'
        '<queryId root="1.2.250.1.999.1.11" extension="question-1"/><statusCode code="new"/><parameterList>'
        f'<patientIdentifier><value root="{root}" extension="{ins_c}"/>'
        "<semanticsText>Patient.id</semanticsText></patientIdentifier></parameterList></queryByParameter>",
    )


EXISTENCE = "urn:hl7-org:v3:PRPA_IN201307UV02"
CREATION = "urn:hl7-org:v3:PRPA_IN201311UV02"
_SPECIFIC = "urn:si-dmp-patients:PatientSpecificEndPoint"
CREATE_ACCESS = f"{_SPECIFIC}:createPatientAccess"
UPDATE_ACCESS = f"{_SPECIFIC}:updatePatientAccess"


@dataclass(frozen=True)
class Answer:
    status: int
    root: Any
    headers: Any

    def get(self, path: str) -> str:
        """An XPath value, empty when absent."""
        found = self.root.xpath(f"string({path})", namespaces=NS)
        return str(found)

    @property
    def subcode(self) -> str:
        return self.get("/s:Envelope/s:Body/s:Fault/s:Code/s:Subcode/s:Value")

    @property
    def reason(self) -> str:
        return self.get("/s:Envelope/s:Body/s:Fault/s:Reason/s:Text")

    @property
    def ack(self) -> tuple[str, str]:
        """typeCode and code of the acknowledgement."""
        return self.get("//h:acknowledgement/@typeCode"), self.get("//h:acknowledgementDetail/h:code/@code")

    @property
    def status_code(self) -> str:
        return self.get("//p:output/p:status")


class Desk:
    """The server, its certificates, its control socket, and clients for it."""

    def __init__(self, pki: TrainingPki, directory: Path) -> None:
        self.pki = pki
        self.directory = directory
        self.server = DmpServer(pki, directory)
        self.server.start()
        self.port = urlsplit(self.server.url).port or 0
        self._contexts: dict[str, ssl.SSLContext] = {}

    def control(self, **request: Any) -> dict[str, Any]:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(self.directory / "dmp.sock"))
            control.sendall(json.dumps(request).encode() + b"\n")
            with control.makefile("rb") as lines:
                answer: dict[str, Any] = json.loads(lines.readline())
        return answer

    def keys(self, holder: Holder) -> CardKeys:
        return self.pki.card(holder)

    def context(self, holder: Holder) -> ssl.SSLContext:
        """TLS of one card; cached, so that connections of one card may resume."""
        if holder.card_id not in self._contexts:
            keys = self.keys(holder)
            self._contexts[holder.card_id] = self.context_with(
                keys.authentication_certificate, keys.authentication_key
            )
        return self._contexts[holder.card_id]

    def context_with(self, certificate: bytes | None, key: Any = None) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.pki.server_ca_file))
        if certificate is not None:
            path = self.directory / f"client-{uuid.uuid4()}.pem"
            path.write_bytes(ssl.DER_cert_to_PEM_cert(certificate).encode() + pem(key))
            context.load_cert_chain(path)
        return context

    def connect(self, context: ssl.SSLContext) -> http.client.HTTPSConnection:
        connection = http.client.HTTPSConnection("localhost", self.port, context=context, timeout=20)
        connection.connect()
        return connection

    def post(
        self,
        holder: Holder,
        path: str,
        data: bytes,
        content_type: str = "application/soap+xml; charset=UTF-8",
    ) -> Answer:
        connection = self.connect(self.context(holder))
        try:
            connection.request("POST", BASE + path, data, {"Content-Type": content_type})
            response = connection.getresponse()
            body = response.read()
        finally:
            connection.close()
        root = etree.fromstring(body) if "xml" in response.headers.get_content_type() else None
        return Answer(response.status, root, response.headers)

    def call(self, vihf: Vihf, path: str, action: str, body: str) -> Answer:
        """One well-addressed call with that assertion."""
        assertion = sign(vihf, self.keys(vihf.holder))
        return self.post(vihf.holder, path, envelope(headers(action), assertion, body))

    def existence(self, vihf: Vihf) -> Answer:
        return self.call(vihf, "/patients", EXISTENCE, existence_request(vihf.patient))


def pem(key: Any) -> bytes:
    data: bytes = key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    return data


def hours(count: float) -> timedelta:
    return timedelta(hours=count)

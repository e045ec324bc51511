"""A registry and repository played by hand: descriptions of documents, answers, and the client that asks."""

import hashlib
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr

from dmp_peers import (
    DOCTOR,
    PATIENT,
    SOFTWARE,
    Clock,
    Peer,
    RsaSigner,
    Uuids,
    card_tls,
    http_answer,
    peer,
    server_context,
)
from lxml import etree

from kiosk.dmp.client import DmpClient
from kiosk.dmp.document import DocumentEntry
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.metadata import read_entry
from kiosk.dmp.model import Actor
from kiosk.dmp.profile import HISTORICAL
from kiosk.dmp.vihf import Access

ACCESS = Access(PATIENT)
CX = "0833910461279517589858^^^&1.2.250.1.213.1.4.2&ISO^INS-C"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
APPROVED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
DEPRECATED = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
STATUS_TYPE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:"
RIM = "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0"
NAMES = {
    "rim": RIM,
    "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
    "query": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "xdsb": "urn:ihe:iti:xds-b:2007",
    "s": "http://www.w3.org/2003/05/soap-envelope",
}

AUTHOR = "urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d"
CLASS = "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
FORMAT = "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d"
FACILITY = "urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1"
PRACTICE = "urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead"
TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"
EVENT = "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4"
PATIENT_ID = "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427"
UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"

RESTRICTIONS = "1.2.250.1.213.1.1.4.13"
NORMAL = "2.16.840.1.113883.5.25"


def slot(name: str, *values: str) -> str:
    inside = "".join(f"<Value>{escape(value)}</Value>" for value in values)
    return f'<Slot name="{name}"><ValueList>{inside}</ValueList></Slot>'


def localized(name: str, text: str, lang: str = "FR") -> str:
    return f'<{name}><LocalizedString xml:lang="{lang}" charset="UTF-8" value={quoteattr(text)}/></{name}>'


def coded(uuid: str, scheme: str, code: str, system: str, label: str) -> str:
    return (
        f'<Classification id="urn:uuid:c-{abs(hash((uuid, scheme, code)))}" classificationScheme="{scheme}" '
        f'classifiedObject="{uuid}" nodeRepresentation={quoteattr(code)} '
        'objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Classification">'
        f"{slot('codingScheme', system)}{localized('Name', label)}</Classification>"
    )


def author(uuid: str, *slots: str) -> str:
    return (
        f'<Classification id="urn:uuid:a-{abs(hash(slots))}" classificationScheme="{AUTHOR}" '
        f'classifiedObject="{uuid}" nodeRepresentation="">{"".join(slots)}</Classification>'
    )


def external(uuid: str, scheme: str, value: str, name: str) -> str:
    return (
        f'<ExternalIdentifier id="urn:uuid:e-{name}" identificationScheme="{scheme}" registryObject="{uuid}" '
        f"value={quoteattr(value)}>{localized('Name', name)}</ExternalIdentifier>"
    )


def confidentiality(uuid: str, *restrictions: str) -> str:
    return coded(uuid, CONFIDENTIALITY, "N", NORMAL, "Normal") + "".join(
        coded(uuid, CONFIDENTIALITY, code, RESTRICTIONS, code.lower()) for code in restrictions
    )


GIRAUD = (
    slot(
        "authorInstitution", "CABINET MEDICAL DES ACACIAS^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^499700000001001"
    ),
    slot("authorPerson", "899700000021^GIRAUD^CAMILLE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"),
    slot("authorSpecialty", "G15_10/SM26^Médecin - Qualifié en Médecine Générale (SM)^1.2.250.1.213.1.1.4.5"),
)


def entry(
    number: int = 1,
    *,
    content: bytes = b"<ClinicalDocument/>",
    status: str = APPROVED,
    restrictions: tuple[str, ...] = (),
    title: str = "Consultation du 12 janvier",
    version: str = "1",
) -> str:
    """An ExtrinsicObject, complete."""
    uuid = uuid_of(number)
    return (
        f'<ExtrinsicObject xmlns="{RIM}" id="{uuid}" lid="{uuid}" mimeType="text/xml" status="{status}" '
        'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">'
        + slot("creationTime", "20260112093000")
        + slot("hash", hashlib.sha1(content).hexdigest())
        + slot("languageCode", "fr-FR")
        + slot("legalAuthenticator", "899700000021^GIRAUD^CAMILLE^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS")
        + slot("repositoryUniqueId", REPOSITORY)
        + slot("serviceStartTime", "20260112091500")
        + slot("serviceStopTime", "20260112094500")
        + slot("size", str(len(content)))
        + slot("sourcePatientId", CX)
        + slot("sourcePatientInfo", "PID-5|LACÔTE^ELODIE^ELODIE^^^^L", "PID-7|19840312", "PID-8|F")
        + localized("Name", title)
        + localized("Description", "Suivi annuel")
        + f'<VersionInfo versionName="{version}"/>'
        + author(uuid, *GIRAUD)
        + coded(uuid, CLASS, "10", "1.2.250.1.213.1.1.4.1", "Compte rendu")
        + confidentiality(uuid, *restrictions)
        + coded(uuid, FORMAT, "urn:ihe:iti:xds-sd:pdf:2008", "1.3.6.1.4.1.19376.1.2.3", "PDF")
        + coded(uuid, FACILITY, "SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel")
        + coded(uuid, PRACTICE, "AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")
        + coded(uuid, TYPE, "11488-4", "2.16.840.1.113883.6.1", "CR de consultation")
        + external(uuid, PATIENT_ID, CX, "XDSDocumentEntry.patientId")
        + external(uuid, UNIQUE_ID, oid_of(number), "XDSDocumentEntry.uniqueId")
        + "</ExtrinsicObject>"
    )


def read(described: str) -> DocumentEntry:
    """What the client makes of an ExtrinsicObject."""
    made = read_entry(etree.fromstring(described))
    assert made is not None
    return made


def uuid_of(number: int) -> str:
    return f"urn:uuid:00000000-0000-4000-8000-{number:012d}"


def oid_of(number: int) -> str:
    return f"1.2.250.1.999.1.7.{number}"


def found(*objects: str, status: str = "Success", errors: str = "") -> str:
    """An AdhocQueryResponse."""
    listed = f"<rs:RegistryErrorList>{errors}</rs:RegistryErrorList>" if errors else ""
    return (
        f'<query:AdhocQueryResponse xmlns:query="{NAMES["query"]}" xmlns:rs="{NAMES["rs"]}" '
        f'status="{STATUS_TYPE}{status}">{listed}'
        f'<RegistryObjectList xmlns="{RIM}">{"".join(objects)}</RegistryObjectList></query:AdhocQueryResponse>'
    )


def error(code: str, text: str, severity: str = "Error") -> str:
    kind = f"urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:{severity}"
    return (
        f'<rs:RegistryError errorCode="{code}" codeContext={quoteattr(text)} severity="{kind}" location=""/>'
    )


def registered(status: str = "Success", errors: str = "") -> str:
    listed = f"<rs:RegistryErrorList>{errors}</rs:RegistryErrorList>" if errors else ""
    opening = f'<rs:RegistryResponse xmlns:rs="{NAMES["rs"]}" status="{STATUS_TYPE}{status}">'
    return f"{opening}{listed}</rs:RegistryResponse>"


def envelope(body: str, request: bytes) -> bytes:
    (message_id,) = re.findall(rb"MessageID>([^<]+)<", request)
    return (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f"<a:RelatesTo>{message_id.decode()}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    ).encode()


Answer = Callable[[bytes], bytes]
"""An HTTP answer to a request's body."""


def answer(body: str, status: str = "200 OK") -> Answer:
    return lambda request: http_answer(envelope(body, request), status, "Content-Type: application/soap+xml")


FAULT = (
    "<s:Fault><s:Code><s:Value>s:Sender</s:Value><s:Subcode><s:Value>s:{code}</s:Value></s:Subcode></s:Code>"
    "<s:Reason><s:Text>{text}</s:Text></s:Reason></s:Fault>"
)


def fault(code: str, text: str) -> Answer:
    return answer(FAULT.format(code=code, text=text), "500 Internal Server Error")


class Bench:
    """A client, and the service it calls, which gives `answers` in turn, the last one for ever."""

    def __init__(self, directory: Path, *answers: Answer, actor: Actor = DOCTOR) -> None:
        self.directory = directory
        self.answers = list(answers)
        self.clock, self.signer = Clock(), RsaSigner()
        self._actor = actor

    @contextmanager
    def running(self) -> Iterator["Bench"]:
        with peer(server_context(self.directory), self._script) as self.server:
            channel = HttpsChannel(self.server.url(), card_tls(self.directory))
            self.client = DmpClient(
                HISTORICAL, SOFTWARE, self._actor, self.signer, channel, self.clock, Uuids()
            )
            try:
                yield self
            finally:
                self.client.close()

    def _script(self, tls: ssl.SSLSocket, own: Peer) -> None:
        while (request := own.receive(tls)) is not None:
            respond = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
            data = respond(request[1])
            tls.sendall(data)
            if b"Connection: close" in data:
                return

    def sent(self, index: int = -1) -> etree._Element:
        """What the body of a request held."""
        body = etree.fromstring(self.server.requests[index][1]).find("s:Body", NAMES)
        assert body is not None
        return body[0]

    @property
    def actions(self) -> list[str]:
        heads = [head.decode() for head, _ in self.server.requests]
        return [re.findall(r'action="([^"]+)"', head)[0].rpartition(":")[2] for head in heads]


def values(element: etree._Element, name: str) -> list[str]:
    """The values of a slot, anywhere below."""
    return [str(v) for v in element.xpath(f".//rim:Slot[@name='{name}']//rim:Value/text()", namespaces=NAMES)]

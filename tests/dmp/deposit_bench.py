"""What deposits are tested with: people, documents, and a repository that keeps what it is given."""

import email
import re
import ssl
import threading
from base64 import b64decode
from dataclasses import dataclass, field
from email.message import Message
from uuid import UUID

from dmp_peers import DOCTOR, NOW, PATIENT, SECRETARY, SOFTWARE, Peer, RsaSigner, Uuids, http_answer
from lxml import etree

from kiosk.code import Code
from kiosk.dmp.deposit import (
    BodyFormat,
    DepositPatient,
    LocalId,
    NewDocument,
    PreparedSubmission,
    Submission,
    Writer,
    writer,
)
from kiosk.dmp.model import Actor, Address
from kiosk.dmp.prepare import prepare
from kiosk.dmp.profile import HISTORICAL, ServiceProfile
from kiosk.dmp.signature import Signer
from kiosk.dmp.vihf import Access

NS = {
    "h": "urn:hl7-org:v3",
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "xdsb": "urn:ihe:iti:xds-b:2007",
    "xop": "http://www.w3.org/2004/08/xop/include",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
    "xades": "http://uri.etsi.org/01903/v1.1.1#",
    "s": "http://www.w3.org/2003/05/soap-envelope",
}

WOMAN = DepositPatient(
    patient=PATIENT,
    birth_name="LACÔTE",
    usual_name="BERNARD",
    given_names="ÉLODIE ANNE",
    first_name="ÉLODIE",
    birth_date="19840312",
    sex="F",
    birth_place="75112",
    address=Address("12 RUE DE L'ÉGLISE", "", "75012", "PARIS", "FRANCE"),
    phone="01 99 00 12 34",
    local_id=LocalId("1.2.250.1.999.7.2", "IPP-42"),
)
CONSULTATION = Code("11488-4", "2.16.840.1.113883.6.1", "CR ou fiche de consultation ou de visite")
AMBULATORY = Code("AMBULATOIRE", "1.2.250.1.213.1.1.4.9", "Ambulatoire")
HOSPITAL = Code("ETABLISSEMENT", "1.2.250.1.213.1.1.4.9", "Etablissement de santé")
ME = writer(DOCTOR, prefix="MME", suffix="DR")


def note(**changes: object) -> NewDocument:
    """A consultation note in a PDF, by the doctor."""
    fields: dict[str, object] = {
        "title": "Compte rendu de consultation",
        "type_code": CONSULTATION,
        "format": BodyFormat.PDF,
        "content": b"%PDF-1.4\r\nnot looked into here\n",
        "created": NOW,
        "service_start": NOW,
        "authors": (ME,),
        "legal_authenticator": ME,
        "practice_setting": AMBULATORY,
    }
    return NewDocument(**(fields | changes))  # type: ignore[arg-type]


def submission(*documents: object, actor: Actor = DOCTOR, **changes: object) -> Submission:
    fields: dict[str, object] = {
        "access": Access(PATIENT),
        "patient": WOMAN,
        "documents": documents or (note(),),
        "content_type": actor.sector,
    }
    return Submission(**(fields | changes))  # type: ignore[arg-type]


def made(
    what: Submission | None = None,
    *,
    actor: Actor = DOCTOR,
    profile: ServiceProfile = HISTORICAL,
    signer: Signer | None = None,
) -> PreparedSubmission:
    return prepare(
        what or submission(),
        actor=actor,
        profile=profile,
        software=SOFTWARE,
        signer=signer or RsaSigner(),
        now=NOW,
        new_uuid=Uuids(),
    )


def by_secretary(**changes: object) -> Submission:
    """The secretary of a hospital deposits for one of its doctors (2.1-950)."""
    doctor = Writer(
        "899700000099", "PERRIN", "LUC", ME.speciality, SECRETARY.structure_id, SECRETARY.structure_name
    )
    document = note(
        authors=(doctor, writer(SECRETARY)), legal_authenticator=doctor, practice_setting=HOSPITAL, **changes
    )
    return submission(document, actor=SECRETARY)


def cda_of(prepared: PreparedSubmission, rank: int = 0) -> bytes:
    return b"".join(prepared.documents[rank].content)


def parts_of(head: bytes, body: bytes) -> tuple[Message, list[Message]]:
    """A multipart request as Python's own email parser reads it."""
    (content_type,) = re.findall(rb"(?im)^content-type: (.*?)\r?$", head)
    message = email.message_from_bytes(b"Content-Type: " + content_type + b"\r\n\r\n" + body)
    assert message.is_multipart()
    return message, list(message.get_payload())  # type: ignore[arg-type]


def soap_answer(request: bytes, payload: str, status: str = "200 OK") -> bytes:
    (message_id,) = re.findall(rb"MessageID>([^<]+)<", request)
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f"<a:RelatesTo>{message_id.decode()}</a:RelatesTo></s:Header><s:Body>{payload}</s:Body></s:Envelope>"
    )
    return http_answer(envelope.encode(), status, "Content-Type: application/soap+xml")


def registry_answer(status: str = "Success", error: str = "", text: str = "") -> str:
    errors = (
        f'<rs:RegistryErrorList><rs:RegistryError errorCode="{error}" codeContext="{text}" '
        'severity="urn:oasis:names:tc:ebxml-regrep:ErrorSeverityType:Error"/></rs:RegistryErrorList>'
        if error
        else ""
    )
    return (
        '<rs:RegistryResponse xmlns:rs="urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0" '
        f'status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:{status}">{errors}</rs:RegistryResponse>'
    )


@dataclass
class Repository:
    """Registers what it is given, once; answers GetDocuments by uniqueId. `troubles` happen in turn.

    A trouble is `cut` (registers, then says nothing), `lost` (hears nothing), `fault` (registers, then fails),
    or the code of a refusal.
    """

    troubles: list[str] = field(default_factory=list)
    sets: list[str] = field(default_factory=list)
    documents: dict[str, bytes] = field(default_factory=dict)
    provided: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def script(self, tls: ssl.SSLSocket, own: Peer) -> None:
        while (request := own.receive(tls)) is not None:
            with self.lock:
                answer = self.answer(*request)
            if answer is None:
                return
            tls.sendall(answer)

    def answer(self, head: bytes, body: bytes) -> bytes | None:
        if b"/registry" in head.split(b"\r\n", 1)[0]:
            return self._query(body)
        self.provided += 1
        trouble = self.troubles.pop(0) if self.troubles else ""
        _, parts = parts_of(head, body)
        root = parts[0].get_payload(decode=True)
        assert isinstance(root, bytes)
        if trouble == "lost":
            return None
        if trouble and trouble not in ("cut", "fault"):
            return soap_answer(root, registry_answer("Failure", trouble))
        refusal = self._register(etree.fromstring(root), parts)
        if trouble == "cut":
            return None
        if trouble == "fault":
            fault = "<s:Fault><s:Code><s:Value>s:Receiver</s:Value><s:Subcode>"
            fault += "<s:Value>s:DMPInternalError</s:Value></s:Subcode></s:Code></s:Fault>"
            return soap_answer(root, fault, "500 Error")
        return soap_answer(root, refusal or registry_answer())

    def _register(self, root: etree._Element, parts: list[Message]) -> str:
        scheme = "rim:ExternalIdentifier[contains(rim:Name/rim:LocalizedString/@value, '.uniqueId')]/@value"
        (unique_id,) = root.xpath(f"//rim:RegistryPackage/{scheme}", namespaces=NS)
        by_cid = {part["Content-ID"].strip("<>"): part.get_payload(decode=True) for part in parts}
        given = {}
        for entry in root.iterfind(".//rim:ExtrinsicObject", NS):
            (document,) = entry.xpath(scheme, namespaces=NS)
            (href,) = root.xpath(
                "//xdsb:Document[@id=$id]/xop:Include/@href", namespaces=NS, id=entry.get("id")
            )
            given[document] = by_cid[href.removeprefix("cid:")]
        if unique_id in self.sets or self.documents.keys() & given.keys():
            return registry_answer("Failure", "XDSDuplicateUniqueIdInRegistry")
        self.sets.append(unique_id)
        self.documents.update(given)
        return ""

    def _query(self, body: bytes) -> bytes:
        wanted = re.findall(r"'([0-9.]+)'", body.decode())
        refs = "".join(
            f'<rim:ObjectRef id="urn:uuid:{UUID(int=number + 1)}"/>'
            for number, document in enumerate(self.documents)
            if document in wanted
        )
        payload = (
            '<query:AdhocQueryResponse xmlns:query="urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0" '
            'status="urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success">'
            f'<rim:RegistryObjectList xmlns:rim="{NS["rim"]}">{refs}</rim:RegistryObjectList>'
            "</query:AdhocQueryResponse>"
        )
        return soap_answer(body, payload)

    @property
    def files(self) -> list[bytes]:
        """The wrapped files, as they were chosen."""
        found = []
        for document in self.documents.values():
            text = etree.fromstring(document).findtext("h:component/h:nonXMLBody/h:text", None, NS)
            if text is not None:
                found.append(b64decode(text))
        return found

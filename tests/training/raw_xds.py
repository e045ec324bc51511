"""Document messages by hand, from the published interface: requests, submissions, signatures, answers taken apart."""

import base64
import email.policy
import hashlib
import uuid
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from email.parser import BytesParser
from typing import Any
from xml.sax.saxutils import escape, quoteattr

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree
from raw_dmp import BASE, NS, Answer, Desk, Vihf, envelope, headers, sign

from kiosk.training.dmp_server.identifiers import ins_c
from kiosk.training.people import VITALES, Holder
from kiosk.training.pki import CardKeys

XNS = NS | {
    "rim": "urn:oasis:names:tc:ebxml-regrep:xsd:rim:3.0",
    "rs": "urn:oasis:names:tc:ebxml-regrep:xsd:rs:3.0",
    "lcm": "urn:oasis:names:tc:ebxml-regrep:xsd:lcm:3.0",
    "query": "urn:oasis:names:tc:ebxml-regrep:xsd:query:3.0",
    "xdsb": "urn:ihe:iti:xds-b:2007",
    "ds": "http://www.w3.org/2000/09/xmldsig#",
}
SEARCH = "urn:ihe:iti:2007:RegistryStoredQuery"
RETRIEVE = "urn:ihe:iti:2007:RetrieveDocumentSet"
DEPOSIT = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"
UPDATE = "urn:ihe:iti:2010:UpdateDocumentSet"
REPOSITORY = "1.2.250.1.213.4.1.1.1.2"
STATUS = "urn:oasis:names:tc:ebxml-regrep:StatusType:"
APPROVED, DEPRECATED = f"{STATUS}Approved", f"{STATUS}Deprecated"
ARCHIVED, DELETED = (f"urn:asip:ci-sis:2010:StatusType:{one}" for one in ("Archived", "Deleted"))
SUCCESS = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Success"
FAILURE = "urn:oasis:names:tc:ebxml-regrep:ResponseStatusType:Failure"
HAS_MEMBER = "urn:oasis:names:tc:ebxml-regrep:AssociationType:HasMember"
SIGNS = "urn:ihe:iti:2007:AssociationType:signs"
RPLC = "urn:ihe:iti:2007:AssociationType:RPLC"
NEW_STATUS = "urn:ihe:iti:2010:AssociationType:UpdateAvailabilityStatus"

FIND_DOCUMENTS = "urn:uuid:14d4debf-8f97-4251-9a74-a90016b0af0d"
FIND_SETS = "urn:uuid:f26abbcb-ac74-4422-8a30-edb644bbc1a9"
GET_DOCUMENTS = "urn:uuid:5c4f972b-d56b-40ac-a5fc-c8ca9b40b9d4"
GET_ASSOCIATIONS = "urn:uuid:a7ae438b-4bc2-4642-93e9-be891f7bb155"
GET_SETS = "urn:uuid:51224314-5390-4169-9b91-b1980040715a"
GET_SET_AND_CONTENTS = "urn:uuid:e8e3cb2c-e39c-46b9-99e4-c12f57260b83"
GET_RELATED = "urn:uuid:d90e5407-b356-4d91-a89f-873917b4b0e6"
GET_ALL = "urn:uuid:10b545ea-725c-446d-9b95-8aeb444eddf3"
GET_BOTH = "urn:uuid:bab9529a-4a10-40b3-a01f-f68a615d247a"
FIND_BY_REFERENCE = "urn:uuid:12941a89-e02e-4be5-967c-ce4bfc8fe492"

UNIQUE_ID = "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab"
CONFIDENTIALITY = "urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f"
TYPE = "urn:uuid:f0306f51-975f-434e-a61c-c59651d33983"


def cx(patient: str) -> str:
    return f"{patient}^^^&1.2.250.1.213.1.4.2&ISO^INS-C"


def oid() -> str:
    return f"2.25.{uuid.uuid4().int}"


@dataclass(frozen=True)
class XdsAnswer:
    status: int
    root: Any
    parts: dict[str, bytes]
    headers: Any

    def get(self, path: str) -> str:
        return str(self.root.xpath(f"string({path})", namespaces=XNS))

    def all(self, path: str) -> list[Any]:
        found: list[Any] = self.root.xpath(path, namespaces=XNS)
        return found

    @property
    def outcome(self) -> str:
        """The status of the registry or the repository."""
        return self.get("(//rs:RegistryResponse | //query:AdhocQueryResponse)/@status")

    @property
    def errors(self) -> list[str]:
        return [str(one) for one in self.all("//rs:RegistryError/@errorCode")]

    @property
    def context(self) -> str:
        return self.get("//rs:RegistryError/@codeContext")

    @property
    def subcode(self) -> str:
        return self.get("/s:Envelope/s:Body/s:Fault/s:Code/s:Subcode/s:Value")

    @property
    def documents(self) -> list[Any]:
        return self.all("//rim:ExtrinsicObject")

    @property
    def titles(self) -> list[str]:
        return [text(one, "rim:Name/rim:LocalizedString/@value") for one in self.documents]

    def titled(self, title: str) -> Any:
        (found,) = [
            one for one in self.documents if text(one, "rim:Name/rim:LocalizedString/@value") == title
        ]
        return found


def text(element: Any, path: str) -> str:
    return str(element.xpath(f"string({path})", namespaces=XNS))


def unique_id(entry: Any) -> str:
    return text(entry, f"rim:ExternalIdentifier[@identificationScheme='{UNIQUE_ID}']/@value")


def codes(entry: Any, scheme: str) -> list[str]:
    found = entry.xpath(
        f"rim:Classification[@classificationScheme='{scheme}']/@nodeRepresentation", namespaces=XNS
    )
    return [str(one) for one in found]


def slot(name: str, *values: str) -> str:
    inside = "".join(f"<rim:Value>{escape(one)}</rim:Value>" for one in values)
    return f'<rim:Slot name="{name}"><rim:ValueList>{inside}</rim:ValueList></rim:Slot>'


def query(identifier: str, *slots: str, returns: str = "LeafClass") -> str:
    return (
        f'<query:AdhocQueryRequest xmlns:query="{XNS["query"]}" xmlns:rim="{XNS["rim"]}">'
        f'<query:ResponseOption returnComposedObjects="true" returnType="{returns}"/>'
        f'<rim:AdhocQuery id="{identifier}">{"".join(slots)}</rim:AdhocQuery></query:AdhocQueryRequest>'
    )


def find_documents(
    patient: str, *more: str, status: str = f"('{APPROVED}')", returns: str = "LeafClass"
) -> str:
    return query(
        FIND_DOCUMENTS,
        slot("$XDSDocumentEntryPatientId", f"'{cx(patient)}'"),
        slot("$XDSDocumentEntryStatus", status),
        *more,
        returns=returns,
    )


def retrieve_request(*unique_ids: str, repository: str = REPOSITORY) -> str:
    wanted = "".join(
        f"<x:DocumentRequest><x:RepositoryUniqueId>{repository}</x:RepositoryUniqueId>"
        f"<x:DocumentUniqueId>{escape(one)}</x:DocumentUniqueId></x:DocumentRequest>"
        for one in unique_ids
    )
    return f'<x:RetrieveDocumentSetRequest xmlns:x="{XNS["xdsb"]}">{wanted}</x:RetrieveDocumentSetRequest>'


def search(desk: Desk, vihf: Vihf, body: str) -> XdsAnswer:
    return plain(desk.call(vihf, "/registry", SEARCH, body))


def found(desk: Desk, vihf: Vihf, *more: str, status: str = f"('{APPROVED}')") -> XdsAnswer:
    """FindDocuments for the patient of the VIHF."""
    answer = search(desk, vihf, find_documents(vihf.patient, *more, status=status))
    assert answer.outcome == SUCCESS, answer.context
    return answer


def minor(desk: Desk, holder: Holder) -> str:
    """The INS-C of a child of ten, his record open to `holder`."""
    child = next(one for vitale in VITALES for one in vitale.people if one.given_name == "TOM")
    desk.control(do="record", nir13=child.nir13, authorizations=[[holder.national_id, "VALIDE"]])
    return ins_c(child.given_name, child.birth_date[2:], child.nir13)


def retrieve(desk: Desk, vihf: Vihf, *unique_ids: str, repository: str = REPOSITORY) -> XdsAnswer:
    data = envelope(
        headers(RETRIEVE),
        sign(vihf, desk.keys(vihf.holder)),
        retrieve_request(*unique_ids, repository=repository),
    )
    return post(desk, vihf.holder, *multipart(data, {}, RETRIEVE))


def plain(answer: Answer) -> XdsAnswer:
    return XdsAnswer(answer.status, answer.root, {}, answer.headers)


def multipart(root: bytes, parts: dict[str, bytes], action: str) -> tuple[str, bytes]:
    boundary = f"b{uuid.uuid4().hex}"
    head = 'application/xop+xml; charset=UTF-8; type="application/soap+xml"'
    chunks = [f"--{boundary}\r\nContent-Type: {head}\r\nContent-ID: <root@test>\r\n\r\n".encode(), root]
    for name, data in parts.items():
        chunks += [
            f"\r\n--{boundary}\r\nContent-Type: application/octet-stream\r\nContent-ID: <{name}>\r\n"
            "Content-Transfer-Encoding: binary\r\n\r\n".encode(),
            data,
        ]
    chunks.append(f"\r\n--{boundary}--\r\n".encode())
    content_type = (
        f'multipart/related; type="application/xop+xml"; start="<root@test>"; boundary="{boundary}"; '
        f'start-info="application/soap+xml"; action="{action}"'
    )
    return content_type, b"".join(chunks)


def post(desk: Desk, holder: Holder, content_type: str, data: bytes, path: str = "/repository") -> XdsAnswer:
    """Post to the repository; the answer is taken apart by the standard library's mail parser."""
    connection = desk.connect(desk.context(holder))
    try:
        connection.request("POST", BASE + path, data, {"Content-Type": content_type})
        response = connection.getresponse()
        body = response.read()
    finally:
        connection.close()
    kind = response.headers.get("Content-Type", "")
    assert response.headers.get_content_type() == "multipart/related", (response.status, body[:200])
    whole = BytesParser(policy=email.policy.HTTP).parsebytes(f"Content-Type: {kind}\r\n\r\n".encode() + body)
    parts = {
        str(one["Content-ID"]).strip("<>"): bytes(one.get_payload(decode=True)) for one in whole.iter_parts()
    }
    root = etree.fromstring(parts.pop(str(response.headers.get_param("start")).strip("<>")))
    return XdsAnswer(response.status, root, parts, response.headers)


def received(answer: XdsAnswer, unique: str) -> bytes:
    """The content of one document of an ITI-43 answer."""
    (href,) = answer.all(f"//xdsb:DocumentResponse[xdsb:DocumentUniqueId='{unique}']//@href")
    return answer.parts[str(href).removeprefix("cid:")]


def person(holder: Holder) -> str:
    return (
        f"{holder.national_id}^{holder.family_name}^{holder.given_name}"
        "^^^^^^&1.2.250.1.71.4.2.1&ISO^D^^^IDNPS"
    )


def coded(scheme: str, owner: str, code: str, system: str) -> str:
    return (
        f'<rim:Classification id="{uuid.uuid4()}" classificationScheme="{scheme}" classifiedObject="{owner}" '
        f"nodeRepresentation={quoteattr(code)}>{slot('codingScheme', system)}"
        '<rim:Name><rim:LocalizedString value="libellé"/></rim:Name></rim:Classification>'
    )


def author(scheme: str, owner: str, holder: Holder, structure: str) -> str:
    return (
        f'<rim:Classification id="{uuid.uuid4()}" classificationScheme="{scheme}" classifiedObject="{owner}" '
        f'nodeRepresentation="">{slot("authorPerson", person(holder))}'
        f"{slot('authorInstitution', f'STRUCTURE^^^^^&1.2.250.1.71.4.2.2&ISO^IDNST^^^{structure}')}"
        "</rim:Classification>"
    )


def external(scheme: str, owner: str, value: str) -> str:
    return (
        f'<rim:ExternalIdentifier id="{uuid.uuid4()}" registryObject="{owner}" identificationScheme="{scheme}" '
        f'value={quoteattr(value)}><rim:Name><rim:LocalizedString value="id"/></rim:Name></rim:ExternalIdentifier>'
    )


def association(kind: str, source: str, target: str, *slots: str) -> str:
    return (
        f'<rim:Association id="{uuid.uuid4()}" associationType="{kind}" sourceObject="{source}" '
        f'targetObject="{target}" objectType="urn:oasis:names:tc:ebxml-regrep:ObjectType:RegistryObject:Association">'
        f"{''.join(slots)}</rim:Association>"
    )


def submission_set(patient: str, holder: Holder, structure: str, *, unique: str, submitted: str = "") -> str:
    at = submitted or f"{datetime.now(UTC):%Y%m%d%H%M%S}"
    return (
        f'<rim:RegistryPackage id="lot">{slot("submissionTime", at)}'
        '<rim:Classification id="mark" classifiedObject="lot" '
        'classificationNode="urn:uuid:a54d6aa5-d40d-43f9-88c5-b4633d873bdd"/>'
        f"{author('urn:uuid:a7058bb9-b4e4-4307-ba5b-e3f0ab85e12d', 'lot', holder, structure)}"
        f"{coded('urn:uuid:aa543740-bdda-424e-8c96-df4873be8500', 'lot', 'SA07', '1.2.250.1.71.4.2.4')}"
        f"{external('urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446', 'lot', cx(patient))}"
        f"{external('urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832', 'lot', '1.2.250.1.999.1')}"
        f"{external('urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8', 'lot', unique)}"
        "</rim:RegistryPackage>"
    )


@dataclass
class Document:
    """One document to deposit; a test changes a field."""

    holder: Holder
    patient: str
    structure: str
    id: str = field(default_factory=lambda: f"doc-{uuid.uuid4()}")
    unique: str = field(default_factory=oid)
    title: str = "Consultation de contrôle"
    type_code: str = "11488-4"
    class_code: str = "10"
    restrictions: tuple[str, ...] = ()
    with_normal: bool = True
    slots: dict[str, str] = field(default_factory=dict)
    """Replaces slots; an empty text takes one away."""
    body: bytes = b"Patient vu ce jour."
    media_type: str = "text/plain"
    replaces: str = ""
    """entryUUID."""
    content: bytes = b""
    """Instead of the CDA."""
    cda_patient: str = ""
    cda_unique: str = ""
    cda_author: str = ""
    announced: tuple[str, str] = ("", "")
    """hash, size."""
    written: str = field(default_factory=lambda: f"{datetime.now(UTC):%Y%m%d%H%M%S}")

    def cda(self) -> bytes:
        if self.content:
            return self.content
        at = f"{self.written}+0000"
        who = (
            f'<id root="1.2.250.1.71.4.2.1" extension="{self.cda_author or self.holder.national_id}"/>'
            f"<assignedPerson><name><family>{escape(self.holder.family_name)}</family></name></assignedPerson>"
        )
        return (
            '<ClinicalDocument xmlns="urn:hl7-org:v3"><!-- un commentaire -->'
            '<realmCode code="FR"/><typeId root="2.16.840.1.113883.1.3" extension="POCD_HD000040"/>'
            f'<id root="{self.cda_unique or self.unique}"/>'
            f'<code code="{self.type_code}" codeSystem="2.16.840.1.113883.6.1"/>'
            f'<title>{escape(self.title)}</title><effectiveTime value="{at}"/>'
            '<recordTarget><patientRole><id root="1.2.250.1.213.1.4.2" '
            f'extension="{self.cda_patient or self.patient}"/></patientRole></recordTarget>'
            f'<author><time value="{at}"/><assignedAuthor>{who}</assignedAuthor></author>'
            f'<component><nonXMLBody><text mediaType="{self.media_type}" representation="B64">'
            f"{base64.b64encode(self.body).decode()}</text></nonXMLBody></component></ClinicalDocument>"
        ).encode()

    def entry(self) -> str:
        digest, size = self.announced
        slots = {
            "creationTime": slot("creationTime", self.written),
            "languageCode": slot("languageCode", "fr-FR"),
            "legalAuthenticator": slot("legalAuthenticator", person(self.holder)),
            "serviceStartTime": slot("serviceStartTime", self.written),
            "sourcePatientId": slot("sourcePatientId", cx(self.patient)),
            "sourcePatientInfo": slot("sourcePatientInfo", "PID-5|NOM^PRENOM^PRENOM^^^^L", "PID-8|M"),
            "hash": slot("hash", digest) if digest else "",
            "size": slot("size", size) if size else "",
        } | self.slots
        return self.frame(
            "".join(slots.values()),
            coded(
                "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
                self.id,
                self.class_code,
                "1.2.250.1.213.1.1.4.1",
            )
            + coded(TYPE, self.id, self.type_code, "2.16.840.1.113883.6.1")
            + self.confidentiality()
            + coded(
                "urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d",
                self.id,
                "urn:ihe:iti:xds-sd:text:2008",
                "1.3.6.1.4.1.19376.1.2.3",
            ),
        )

    def confidentiality(self) -> str:
        normal = coded(CONFIDENTIALITY, self.id, "N", "2.16.840.1.113883.5.25") if self.with_normal else ""
        return normal + "".join(
            coded(CONFIDENTIALITY, self.id, one, "1.2.250.1.213.1.1.4.13") for one in self.restrictions
        )

    def frame(self, slots: str, classifications: str) -> str:
        return (
            f'<rim:ExtrinsicObject id="{self.id}" mimeType="text/xml" '
            f'objectType="urn:uuid:7edca82f-054d-47f2-a032-9b2a5b5186c1">{slots}'
            f"<rim:Name><rim:LocalizedString value={quoteattr(self.title)}/></rim:Name>"
            f"{author('urn:uuid:93606bcf-9494-43ec-9b4e-a7748d1a838d', self.id, self.holder, self.structure)}"
            f"{classifications}"
            f"{coded('urn:uuid:f33fb8ac-18af-42cc-ae0e-ed0b0bdb91e1', self.id, 'SA07', '1.2.250.1.71.4.2.4')}"
            f"{coded('urn:uuid:cccf5598-8b07-4b77-a05e-ae952c785ead', self.id, 'AMBULATOIRE', '1.2.250.1.213.1.1.4.9')}"
            f"{external('urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427', self.id, cx(self.patient))}"
            f"{external(UNIQUE_ID, self.id, self.unique)}</rim:ExtrinsicObject>"
        )


class Signature(Document):
    """The entry of the signature: no patient information, no title of its own."""

    def entry(self) -> str:
        shown = replace(self, title="Source", restrictions=("MASQUE_PS", "INVISIBLE_PATIENT"))
        return shown.frame(
            slot("creationTime", "20250101120000") + slot("languageCode", "art"),
            coded(
                "urn:uuid:41a5887f-8865-4c09-adf7-e362475b143a",
                self.id,
                "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1",
                "URN",
            )
            + coded(TYPE, self.id, "E1762", "ASTM")
            + shown.confidentiality()
            + coded("urn:uuid:a09d5840-386c-46f2-b5ad-9c3699a4309d", self.id, XNS["ds"], "URN")
            + coded(
                "urn:uuid:2c6b8cb7-8b2a-4051-b291-b1ae6a575ef4",
                self.id,
                "1.2.840.10065.1.12.1.14",
                "1.2.840.10065.1.12",
            ),
        )


_INCLUSIVE = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
_SHA256 = "http://www.w3.org/2001/04/xmlenc#sha256"


def _digest(data: bytes) -> str:
    return base64.b64encode(hashlib.sha256(data).digest()).decode()


def _canonical(xml: str) -> bytes:
    return etree.tostring(
        etree.fromstring(xml, etree.XMLParser(huge_tree=True)), method="c14n", with_comments=True
    )


def _reference(uri: str, digest: str, kind: str = "", transform: bool = True) -> str:
    transforms = f'<Transforms><Transform Algorithm="{_INCLUSIVE}"/></Transforms>' if transform else ""
    return (
        f'<Reference URI="{uri}"{kind}>{transforms}<DigestMethod Algorithm="{_SHA256}"/>'
        f"<DigestValue>{digest}</DigestValue></Reference>"
    )


def xades(
    keys: CardKeys,
    set_unique: str,
    documents: list[Document],
    *,
    key: Any = None,
    certificate: bytes = b"",
    change: tuple[str, str] = ("", ""),
    after: tuple[str, str] = ("", ""),
) -> bytes:
    """`change` is made in the manifest before it is signed, `after` in the whole once it was."""
    ds, xa = XNS["ds"], "http://uri.etsi.org/01903/v1.1.1#"
    signer, leaf = key or keys.signature_key, certificate or keys.signature_certificate
    named = _reference(f"urn:oid:{set_unique}", "AA==") + "".join(
        _reference(f"urn:oid:{one.unique}", _digest(_canonical(one.cda().decode("utf-8", "replace"))))
        if one.cda().startswith(b"<Clinical")
        else _reference(f"urn:oid:{one.unique}", _digest(one.cda()), transform=False)
        for one in documents
    )
    manifest = f'<Manifest xmlns="{ds}" Id="IHEManifest">{named}</Manifest>'.replace(*change)
    properties = (
        f'<SignedProperties xmlns="{xa}" Id="S0-SignedProperties"><SignedSignatureProperties>'
        f"<SigningTime>{datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}</SigningTime><SigningCertificate><Cert><CertDigest>"
        f'<DigestMethod Algorithm="{_SHA256}"/><DigestValue>{_digest(leaf)}</DigestValue></CertDigest></Cert>'
        "</SigningCertificate><SignaturePolicyIdentifier><SignaturePolicyImplied/></SignaturePolicyIdentifier>"
        "</SignedSignatureProperties><SignedDataObjectProperties/></SignedProperties>"
    )
    info = (
        f'<SignedInfo xmlns="{ds}"><CanonicalizationMethod Algorithm="{_INCLUSIVE}"/>'
        '<SignatureMethod Algorithm="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"/>'
        + _reference("#IHEManifest", _digest(_canonical(manifest)), f' Type="{ds}Manifest"')
        + _reference("#S0-SignedProperties", _digest(_canonical(properties)), f' Type="{xa}SignedProperties"')
        + "</SignedInfo>"
    )
    value = base64.b64encode(signer.sign(_canonical(info), PKCS1v15(), hashes.SHA256())).decode()
    whole = (
        f'<Signature xmlns="{ds}" Id="sig">{info}<SignatureValue>{value}</SignatureValue><KeyInfo><X509Data>'
        f"<X509Certificate>{base64.b64encode(leaf).decode()}</X509Certificate></X509Data></KeyInfo>"
        f'<Object>{manifest}</Object><Object><SignatureProperties xmlns=""><SignatureProperty Id="purposeOfSignature" '
        'Target="#sig">1.2.840.10065.1.12.1.14</SignatureProperty></SignatureProperties></Object>'
        f'<Object><QualifyingProperties xmlns="{xa}" Target="#sig">{properties}</QualifyingProperties></Object>'
        "</Signature>"
    )
    return whole.replace(*after).encode()


@dataclass
class Deposit:
    """A whole lot; a test changes a field."""

    vihf: Vihf
    documents: list[Document]
    structure: str
    set_unique: str = field(default_factory=oid)
    signature: bytes = b""
    submitted: str = ""
    change: tuple[str, str] = ("", "")
    """Made in the request before it leaves."""
    attached: bool = True

    def body(self, desk: Desk) -> tuple[str, dict[str, bytes]]:
        holder = self.vihf.holder
        signature = Signature(holder, self.vihf.patient, self.structure, id="signature")
        xml = self.signature or xades(desk.keys(holder), self.set_unique, self.documents)
        parts = {f"{number}@test": one.cda() for number, one in enumerate(self.documents)} | {"s@test": xml}
        links = "".join(
            association(HAS_MEMBER, "lot", one.id, slot("SubmissionSetStatus", "Original"))
            for one in (*self.documents, signature)
        )
        links += association(SIGNS, signature.id, "lot")
        links += "".join(association(RPLC, one.id, one.replaces) for one in self.documents if one.replaces)
        files = "".join(
            f'<x:Document id="{one.id}"><xop:Include xmlns:xop="http://www.w3.org/2004/08/xop/include" '
            f'href="cid:{name.replace("@", "%40")}"/></x:Document>'
            for one, name in zip((*self.documents, signature), parts, strict=True)
        )
        entries = "".join(one.entry() for one in (*self.documents, signature))
        request = (
            f'<x:ProvideAndRegisterDocumentSetRequest xmlns:x="{XNS["xdsb"]}" xmlns:rim="{XNS["rim"]}" '
            f'xmlns:lcm="{XNS["lcm"]}"><lcm:SubmitObjectsRequest><rim:RegistryObjectList>'
            + submission_set(
                self.vihf.patient, holder, self.structure, unique=self.set_unique, submitted=self.submitted
            )
            + f"{entries}{links}</rim:RegistryObjectList></lcm:SubmitObjectsRequest>{files}"
            "</x:ProvideAndRegisterDocumentSetRequest>"
        )
        return request.replace(*self.change), parts

    def send(self, desk: Desk) -> XdsAnswer:
        request, parts = self.body(desk)
        data = envelope(headers(DEPOSIT), sign(self.vihf, desk.keys(self.vihf.holder)), request)
        return post(desk, self.vihf.holder, *multipart(data, parts if self.attached else {}, DEPOSIT))


def update_request(patient: str, holder: Holder, structure: str, *objects: str, unique: str = "") -> str:
    return (
        f'<lcm:SubmitObjectsRequest xmlns:lcm="{XNS["lcm"]}" xmlns:rim="{XNS["rim"]}"><rim:RegistryObjectList>'
        f"{submission_set(patient, holder, structure, unique=unique or oid())}{''.join(objects)}"
        "</rim:RegistryObjectList></lcm:SubmitObjectsRequest>"
    )


def change_status(desk: Desk, vihf: Vihf, entry: str, before: str, after: str) -> XdsAnswer:
    link = association(NEW_STATUS, "lot", entry, slot("OriginalStatus", before), slot("NewStatus", after))
    body = update_request(vihf.patient, vihf.holder, "499700000001001", link)
    return plain(desk.call(vihf, "/registry", UPDATE, body))


def change_visibility(
    desk: Desk,
    vihf: Vihf,
    entry: Any,
    restrictions: tuple[str, ...],
    change: tuple[str, str] = ("", ""),
    version: str = "",
) -> XdsAnswer:
    """The entry as a search gave it, sent back with other restrictions; `change` is made in its text."""
    raw = etree.tostring(entry, with_tail=False).decode()
    raw = raw.replace(f' id="{entry.get("id")}"', ' id="changed"', 1)
    copy = etree.fromstring(raw)
    for old in copy.xpath(f"rim:Classification[@classificationScheme='{CONFIDENTIALITY}']", namespaces=XNS):
        copy.remove(old)
    where = copy.find("rim:Classification", XNS)
    wanted = [("N", "2.16.840.1.113883.5.25")] + [(one, "1.2.250.1.213.1.1.4.13") for one in restrictions]
    for code, system in wanted:
        block = f'<w xmlns:rim="{XNS["rim"]}">{coded(CONFIDENTIALITY, "changed", code, system)}</w>'
        where.addprevious(etree.fromstring(block)[0])
    sent = etree.tostring(copy).decode().replace(*change)
    previous = version or text(entry, "rim:VersionInfo/@versionName")
    link = association(
        HAS_MEMBER,
        "lot",
        "changed",
        slot("SubmissionSetStatus", "Original"),
        slot("PreviousVersion", previous),
    )
    body = update_request(vihf.patient, vihf.holder, "499700000001001", sent, link)
    return plain(desk.call(vihf, "/registry", UPDATE, body))

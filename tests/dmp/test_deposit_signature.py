"""XAdES of the submission set, verified by tools that did not make it: xmlsec1 and openssl."""

import hashlib
import subprocess
from base64 import b64decode, b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from deposit_bench import NS, cda_of, made, note, submission
from dmp_peers import RsaSigner, authority, key, pem
from lxml import etree

from kiosk.dmp.deposit import PreparedSubmission
from kiosk.dmp.profile import HISTORICAL, SignatureAlgorithm

C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
ALGORITHMS = [SignatureAlgorithm.RSA_SHA256, SignatureAlgorithm.RSA_SHA1]


def xmlsec1(signature: bytes, directory: Path, *options: str) -> tuple[bool, str]:
    file, trusted = directory / "signature.xml", directory / "ca.pem"
    file.write_bytes(signature)
    trusted.write_bytes(pem(authority()))
    ids = ["--id-attr:Id", f"{NS['ds']}:Manifest", "--id-attr:Id", f"{NS['xades']}:SignedProperties"]
    done = subprocess.run(
        ["xmlsec1", "--verify", "--trusted-pem", str(trusted), *ids, *options, str(file)],
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
    )
    return done.returncode == 0, done.stdout + done.stderr


def signature_of(prepared: PreparedSubmission) -> bytes:
    (content,) = prepared.signature.content
    return content


def with_algorithm(algorithm: SignatureAlgorithm) -> PreparedSubmission:
    return made(profile=replace(HISTORICAL, signature_algorithm=algorithm))


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_both_references_verify(algorithm: SignatureAlgorithm, tmp_path: Path) -> None:
    good, said = xmlsec1(signature_of(with_algorithm(algorithm)), tmp_path, "--ignore-manifests")
    assert good, said
    assert "SignedInfo References (ok/all): 2/2" in said


def test_the_manifest_holds_the_digest_of_the_document(tmp_path: Path) -> None:
    """xmlsec1 fetches the document by its URN and canonicalises it itself; the constant one fails by design."""
    prepared = made()
    document = tmp_path / "document.xml"
    document.write_bytes(cda_of(prepared))
    names = (prepared.unique_id, prepared.documents[0].unique_id)
    maps = [option for name in names for option in (f"--url-map:urn:oid:{name}", str(document))]
    _, said = xmlsec1(signature_of(prepared), tmp_path, *maps)
    assert "Manifests References (ok/all): 1/2" in said


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"<SigningTime>2026", b"<SigningTime>2027"),
        (b'URI="urn:oid:2.25.2"', b'URI="urn:oid:2.25.9"'),
    ],
)
def test_a_changed_byte_is_noticed(before: bytes, after: bytes, tmp_path: Path) -> None:
    signature = signature_of(made())
    assert signature.count(before) == 1
    good, said = xmlsec1(signature.replace(before, after), tmp_path, "--ignore-manifests")
    assert not good, said


def test_openssl_verifies_the_signed_bytes(tmp_path: Path) -> None:
    root = etree.fromstring(signature_of(made()))
    alone = etree.fromstring(etree.tostring(root.find("ds:SignedInfo", NS), with_tail=False))
    signed, value, public = tmp_path / "signed", tmp_path / "value", tmp_path / "public.pem"
    signed.write_bytes(etree.tostring(alone, method="c14n", with_comments=True))
    value.write_bytes(b64decode(root.findtext("ds:SignatureValue", "", NS)))
    public.write_bytes(
        key("signature").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    )
    command = ["openssl", "dgst", "-sha256", "-verify", str(public), "-signature", str(value), str(signed)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert done.stdout.strip() == "Verified OK"


@pytest.mark.parametrize("algorithm", ALGORITHMS)
def test_the_form_the_service_takes(algorithm: SignatureAlgorithm) -> None:
    prepared = with_algorithm(algorithm)
    root = etree.fromstring(signature_of(prepared))
    assert root.get("Id") == prepared.signature.unique_id
    info = root.find("ds:SignedInfo", NS)
    assert info is not None
    assert info.find("ds:CanonicalizationMethod", NS).get("Algorithm") == C14N
    assert info.find("ds:SignatureMethod", NS).get("Algorithm").endswith(algorithm.value)
    assert [reference.get("URI") for reference in info.iterfind("ds:Reference", NS)] == [
        "#IHEManifest",
        "#S0-SignedProperties",
    ]
    assert [reference.get("Type") for reference in info.iterfind("ds:Reference", NS)] == [
        "http://www.w3.org/2000/09/xmldsig#Manifest",
        "http://uri.etsi.org/01903/v1.1.1#SignedProperties",
    ]
    manifest = root.find("ds:Object/ds:Manifest", NS)
    assert manifest is not None
    references = manifest.findall("ds:Reference", NS)
    assert [reference.get("URI") for reference in references] == [
        f"urn:oid:{prepared.unique_id}",
        f"urn:oid:{prepared.documents[0].unique_id}",
    ]
    digests = [reference.findtext("ds:DigestValue", "", NS) for reference in references]
    made_digest = hashlib.new("sha256" if "256" in algorithm.value else "sha1", cda_of(prepared)).digest()
    assert digests == ["AA==", b64encode(made_digest).decode()]
    transform = "ds:Transforms/ds:Transform"
    assert references[1].find(transform, NS).get("Algorithm") == C14N


def test_every_document_of_the_set_is_in_the_manifest() -> None:
    prepared = made(submission(note(), note(title="Ordonnance"), note(title="Certificat")))
    root = etree.fromstring(signature_of(prepared))
    uris = [r.get("URI") for r in root.iterfind("ds:Object/ds:Manifest/ds:Reference", NS)]
    assert uris[1:] == [f"urn:oid:{document.unique_id}" for document in prepared.documents]


def test_the_signed_properties_name_the_certificate() -> None:
    signer = RsaSigner()
    root = etree.fromstring(signature_of(made(signer=signer)))
    base = "ds:Object/xades:QualifyingProperties"
    assert root.find(base, NS).get("Target") == f"#{root.get('Id')}"
    signed = f"{base}/xades:SignedProperties/xades:SignedSignatureProperties"
    assert root.findtext(f"{signed}/xades:SigningTime", "", NS) == "2026-03-02T08:15:30Z"
    cert = f"{signed}/xades:SigningCertificate/xades:Cert"
    digest = hashlib.sha256(signer.certificate.public_bytes(Encoding.DER)).digest()
    assert root.findtext(f"{cert}/xades:CertDigest/xades:DigestValue", "", NS) == b64encode(digest).decode()
    serial = root.findtext(f"{cert}/xades:IssuerSerial/ds:X509SerialNumber", "", NS)
    assert int(serial) == signer.certificate.serial_number
    assert root.find(f"{signed}/xades:SignaturePolicyIdentifier/xades:SignaturePolicyImplied", NS) is not None
    certificate = root.findtext("ds:KeyInfo/ds:X509Data/ds:X509Certificate", "", NS)
    assert b64decode(certificate) == signer.certificate.public_bytes(Encoding.DER)


def test_the_purpose_stands_in_no_namespace() -> None:
    root = etree.fromstring(signature_of(made()))
    purpose = root.find("ds:Object/SignatureProperties/SignatureProperty", NS)
    assert purpose is not None
    assert purpose.text == "1.2.840.10065.1.12.1.14"
    assert purpose.get("Target") == f"#{root.get('Id')}"


def test_a_deposit_costs_one_signature_of_the_card() -> None:
    signer = RsaSigner()
    made(submission(note(), note(title="Ordonnance")), signer=signer)
    assert signer.signatures == 1

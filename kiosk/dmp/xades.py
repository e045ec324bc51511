"""The signature of a submission set: a manifest of its documents, signed by the card (XAdES 1.1.1, IHE DSG).

Two references are signed: the manifest and the signed properties. The manifest names the submission set with a
constant digest and each document with the digest of its canonical form.
"""

import hashlib
from base64 import b64encode
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding
from lxml import etree

from kiosk.dmp.profile import SignatureAlgorithm
from kiosk.dmp.signature import DS, Signer, sign_bytes

XADES: Final = "http://uri.etsi.org/01903/v1.1.1#"
PURPOSE: Final = "1.2.840.10065.1.12.1.14"
"""Purpose of signature: « source »."""

_C14N: Final = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315#WithComments"
_MANIFEST: Final = "IHEManifest"
_PROPERTIES: Final = "S0-SignedProperties"
_PURPOSE_MARK: Final = "{purpose}"
# In no namespace, as accepted signatures have it, which libxml2 does not write inside a default one. Not signed.
_PURPOSE_PROPERTIES: Final = (
    '<SignatureProperties xmlns=""><SignatureProperty Id="purposeOfSignature" Target="#%s">'
    f"{PURPOSE}</SignatureProperty></SignatureProperties>"
)
_METHODS: Final = {
    SignatureAlgorithm.RSA_SHA256: (
        "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        "http://www.w3.org/2001/04/xmlenc#sha256",
        "sha256",
    ),
    SignatureAlgorithm.RSA_SHA1: (DS + "rsa-sha1", DS + "sha1", "sha1"),
}


@dataclass(frozen=True)
class Signed:
    """One document of the manifest."""

    unique_id: str
    digest: bytes
    """Of its canonical form, by `digest`."""


def digest(algorithm: SignatureAlgorithm, pieces: Iterable[bytes]) -> bytes:
    """The digest that goes with a signature algorithm."""
    made = hashlib.new(_METHODS[algorithm][2], usedforsecurity=False)
    for piece in pieces:
        made.update(piece)
    return made.digest()


def sign(
    documents: Iterable[Signed],
    *,
    submission: str,
    signature_id: str,
    signer: Signer,
    algorithm: SignatureAlgorithm,
    signed_at: datetime,
) -> bytes:
    """The signature document; one signature of the card. `submission` and `signature_id` are OIDs.

    Raises `CardError`.
    """
    manifest = _ds("Manifest", _reference(f"urn:oid:{submission}", b"\0", algorithm), Id=_MANIFEST)
    for document in documents:
        manifest.append(_reference(f"urn:oid:{document.unique_id}", document.digest, algorithm))
    properties = _signed_properties(signer.certificate, algorithm, signed_at)
    value = _ds("SignatureValue")
    certificate = b64encode(signer.certificate.public_bytes(Encoding.DER)).decode()
    root = _ds(
        "Signature",
        signed_info := _signed_info(manifest, properties, algorithm),
        value,
        _ds("KeyInfo", _ds("X509Data", _ds("X509Certificate", certificate))),
        _ds("Object", manifest),
        _ds("Object", _PURPOSE_MARK),
        _ds("Object", qualifying := etree.Element(f"{{{XADES}}}QualifyingProperties", nsmap=_names(XADES))),
        Id=signature_id,
    )
    qualifying.set("Target", f"#{signature_id}")
    qualifying.append(properties)
    value.text = b64encode(sign_bytes(signer, _canonical(signed_info), algorithm)).decode()
    data: bytes = etree.tostring(root, encoding="utf-8", xml_declaration=False)
    return data.replace(_PURPOSE_MARK.encode(), (_PURPOSE_PROPERTIES % signature_id).encode(), 1)


def _signed_info(
    manifest: etree._Element, properties: etree._Element, algorithm: SignatureAlgorithm
) -> etree._Element:
    references = [
        _reference(
            f"#{_MANIFEST}", digest(algorithm, [_canonical(manifest)]), algorithm, Type=DS + "Manifest"
        ),
        _reference(
            f"#{_PROPERTIES}",
            digest(algorithm, [_canonical(properties)]),
            algorithm,
            Type=XADES + "SignedProperties",
        ),
    ]
    return _ds(
        "SignedInfo",
        _ds("CanonicalizationMethod", Algorithm=_C14N),
        _ds("SignatureMethod", Algorithm=_METHODS[algorithm][0]),
        *references,
    )


def _reference(uri: str, value: bytes, algorithm: SignatureAlgorithm, **attributes: str) -> etree._Element:
    return _ds(
        "Reference",
        _ds("Transforms", _ds("Transform", Algorithm=_C14N)),
        _ds("DigestMethod", Algorithm=_METHODS[algorithm][1]),
        _ds("DigestValue", b64encode(value).decode()),
        URI=uri,
        **attributes,
    )


def _signed_properties(
    certificate: x509.Certificate, algorithm: SignatureAlgorithm, signed_at: datetime
) -> etree._Element:
    """In version 1.1.1 the digest of the certificate has elements of XAdES, not of XML Signature.

    The leaf alone: intermediate authorities are not on the card. [unknown] whether the service wants them.
    """
    der = certificate.public_bytes(Encoding.DER)
    cert_digest = _xades(
        "CertDigest",
        _xades("DigestMethod", Algorithm=_METHODS[algorithm][1]),
        _xades("DigestValue", b64encode(digest(algorithm, [der])).decode()),
    )
    issuer_serial = _xades(
        "IssuerSerial",
        _ds("X509IssuerName", certificate.issuer.rfc4514_string()),
        _ds("X509SerialNumber", str(certificate.serial_number)),
    )
    return _xades(
        "SignedProperties",
        _xades(
            "SignedSignatureProperties",
            _xades("SigningTime", signed_at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")),
            _xades("SigningCertificate", _xades("Cert", cert_digest, issuer_serial)),
            _xades("SignaturePolicyIdentifier", _xades("SignaturePolicyImplied")),
        ),
        _xades("SignedDataObjectProperties"),
        Id=_PROPERTIES,
    )


def _canonical(element: etree._Element) -> bytes:
    """Inclusive C14N with comments of a part of the signature.

    Parsed alone first: libxml2's C14N of a sub-element that inherits its default namespace would write
    `xmlns=""` further down.
    """
    alone = etree.fromstring(etree.tostring(element, with_tail=False))
    data: bytes = etree.tostring(alone, method="c14n", with_comments=True)
    return data


def _ds(name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    return _element(DS, name, *content, **attributes)


def _xades(name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    return _element(XADES, name, *content, **attributes)


def _element(space: str, name: str, *content: etree._Element | str, **attributes: str) -> etree._Element:
    made = etree.Element(f"{{{space}}}{name}", nsmap=_names(space))
    for key, value in attributes.items():
        made.set(key, value)
    for part in content:
        if isinstance(part, str):
            made.text = part
        else:
            made.append(part)
    return made


def _names(default: str) -> dict[str, str]:
    """The default namespace alone: no prefix may be in scope of what is signed."""
    return {None: default}  # type: ignore[dict-item]

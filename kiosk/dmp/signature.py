"""Signing XML with a key that never leaves a card (XML Signature, enveloped, exclusive canonicalisation)."""

from typing import Protocol

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from lxml import etree
from signxml.algorithms import (
    CanonicalizationMethod,
    DigestAlgorithm,
    SignatureConstructionMethod,
    SignatureMethod,
)
from signxml.signer import XMLSigner

from kiosk.dmp.profile import SignatureAlgorithm

DS = "http://www.w3.org/2000/09/xmldsig#"

# RFC 8017 §9.2 note 1: AlgorithmIdentifier and OCTET STRING header in front of the digest.
_DIGEST_INFO = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
}
_METHODS = {
    SignatureAlgorithm.RSA_SHA256: (SignatureMethod.RSA_SHA256, DigestAlgorithm.SHA256),
    SignatureAlgorithm.RSA_SHA1: (SignatureMethod.RSA_SHA1, DigestAlgorithm.SHA1),
}


class Signer(Protocol):
    """The signature key of a professional card. Raises `kiosk.errors.CardError`."""

    @property
    def certificate(self) -> x509.Certificate:
        """The certificate paired with the key (key usage: non-repudiation)."""

    def sign(self, digest_info: bytes) -> bytes:
        """PKCS#1 v1.5 signature block over a DigestInfo."""


class _Key:
    """What signxml takes for a private key: it calls `sign` and nothing else."""

    def __init__(self, signer: Signer) -> None:
        self._signer = signer

    def sign(self, data: bytes, *, padding: PKCS1v15, algorithm: hashes.HashAlgorithm) -> bytes:
        digest = hashes.Hash(algorithm)
        digest.update(data)
        return self._signer.sign(_DIGEST_INFO[algorithm.name] + digest.finalize())


class _ProfileSigner(XMLSigner):
    """signxml refuses SHA-1 by itself; here the service's profile decides."""

    def check_deprecated_methods(self) -> None:
        return


def placeholder() -> etree._Element:
    """Marks where the signature goes.

    It binds the `ds` prefix itself: without it signxml signs under `ns0`, a prefix lxml renames when the
    signature moves, and the signature dies.
    """
    return etree.Element(f"{{{DS}}}Signature", {"Id": "placeholder"}, nsmap={"ds": DS})


def sign_bytes(signer: Signer, data: bytes, algorithm: SignatureAlgorithm) -> bytes:
    """The signature value over `data`. Card errors pass through."""
    name = "sha256" if algorithm is SignatureAlgorithm.RSA_SHA256 else "sha1"
    digest = hashes.Hash(hashes.SHA256() if name == "sha256" else hashes.SHA1())  # noqa: S303 — the profile decides
    digest.update(data)
    return signer.sign(_DIGEST_INFO[name] + digest.finalize())


def sign_enveloped(
    root: etree._Element, signer: Signer, algorithm: SignatureAlgorithm, *, id_attribute: str
) -> bytes:
    """Sign `root`, which holds one `placeholder()`, under its own identifier; the result is final bytes.

    The bytes are spliced into an envelope and never parsed and appended: another tree would rewrite their
    prefixes. KeyInfo holds the leaf certificate alone. Card errors pass through.
    """
    method, digest = _METHODS[algorithm]
    xml_signer = _ProfileSigner(
        method=SignatureConstructionMethod.enveloped,
        signature_algorithm=method,
        digest_algorithm=digest,
        c14n_algorithm=CanonicalizationMethod.EXCLUSIVE_XML_CANONICALIZATION_1_0,
    )
    signed = xml_signer.sign(
        root,
        key=_Key(signer),  # type: ignore[arg-type]  # any object with `sign` serves
        cert=[signer.certificate],
        reference_uri="#" + str(root.get(id_attribute)),
        id_attribute=id_attribute,
    )
    data: bytes = etree.tostring(signed, encoding="utf-8", xml_declaration=False)
    return data

"""The signature of a submission set (XAdES 1.1.1 with the IHE manifest), verified.

Every digest is computed here from the bytes received: the manifest binds the documents, the signed properties the
certificate, SignedInfo both. Algorithms seen in the field are taken, SHA-1 included.
"""

import base64
import binascii
import hashlib
from collections.abc import Mapping

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from lxml import etree

from kiosk.training.dmp_server.authority import may_sign_documents, national_id
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.cda_check import parse
from kiosk.training.dmp_server.names import DS
from kiosk.training.dmp_server.outcomes import INVALID_CERTIFICATE, Fault, Refusal
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, text

INVALID_SIGNATURE = "DMPInvalidSignature"  # [unknown]

_XADES = "http://uri.etsi.org/01903/v1.1.1#"
_MANIFEST_TYPE = f"{DS}Manifest"
_PROPERTIES_TYPE = f"{_XADES}SignedProperties"
_PURPOSE = "1.2.840.10065.1.12.1.14"
_C14N = "http://www.w3.org/TR/2001/REC-xml-c14n-20010315"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
_CANONICAL = {
    _C14N: (False, False),
    f"{_C14N}#WithComments": (False, True),
    _EXCLUSIVE: (True, False),
    f"{_EXCLUSIVE}WithComments": (True, True),
}
"""Exclusive, with comments."""
_METHODS: dict[str, hashes.HashAlgorithm] = {
    f"{DS}rsa-sha1": hashes.SHA1(),  # noqa: S303 - what editors sent until 2022
    "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256": hashes.SHA256(),
}
_DIGESTS = {
    f"{DS}sha1": "sha1",
    "http://www.w3.org/2001/04/xmlenc#sha256": "sha256",
    f"{DS}sha256": "sha256",  # exists nowhere, seen in a real trace and taken there
}
_NOTHING = "AA=="
"""Digest of the submission set itself: a constant."""


def verify(call: Call, data: bytes, set_id: str, documents: Mapping[str, bytes]) -> None:
    """Check a signature over `documents`, by unique id, of the set `set_id`. Raises `Refusal`."""
    root = parse(data)
    if root is None or root.tag != f"{{{DS}}}Signature":
        raise _wrong("ce n'est pas une signature XML")
    certificate = _certificate(root, call)
    _check_value(root, certificate)
    manifest, properties = _signed_parts(root)
    _check_manifest(manifest, set_id, documents)
    _check_properties(properties, certificate)
    purposes = root.xpath("//*[local-name() = 'SignatureProperty']/text()")
    if not isinstance(purposes, list) or _PURPOSE not in [str(one).strip() for one in purposes]:
        raise _wrong("son objet n'est pas celui d'un lot de soumission")


def _certificate(root: Element, call: Call) -> x509.Certificate:
    """The signer's, checked: a card of the authority, its signature key, the caller's."""
    found = find_all(root, DS, "KeyInfo/X509Data/X509Certificate")
    if not found:
        raise _wrong("elle ne porte pas de certificat")
    try:
        certificate = x509.load_der_x509_certificate(base64.b64decode(text(found[0])))
        call.authority.check(certificate, call.now)
    except ValueError:
        raise Refusal(INVALID_CERTIFICATE, "Le certificat de la signature du lot est illisible.") from None
    except Fault as fault:
        raise Refusal(fault.subcode, fault.reason) from None
    if not may_sign_documents(certificate):
        raise Refusal(
            INVALID_CERTIFICATE, "Le lot n'est pas signé avec le certificat de signature de la carte."
        )
    if national_id(certificate) != call.caller.holder.national_id:
        raise Refusal(INVALID_CERTIFICATE, "Le lot n'est pas signé par l'utilisateur du VIHF.")
    return certificate


def _check_value(root: Element, certificate: x509.Certificate) -> None:
    info = find(root, DS, "SignedInfo")
    method = _METHODS.get(attribute(find(root, DS, "SignedInfo/SignatureMethod"), "Algorithm"))
    canonical = attribute(find(root, DS, "SignedInfo/CanonicalizationMethod"), "Algorithm")
    key = certificate.public_key()
    if info is None or method is None or canonical not in _CANONICAL or not isinstance(key, rsa.RSAPublicKey):
        raise _wrong("un algorithme n'est pas connu")
    try:
        value = base64.b64decode("".join(text(find(root, DS, "SignatureValue")).split()), validate=True)
        key.verify(value, _canonical(info, canonical), padding.PKCS1v15(), method)
    except (binascii.Error, ValueError, InvalidSignature):
        raise _wrong("sa valeur est fausse") from None


def _signed_parts(root: Element) -> tuple[Element, Element]:
    """Manifest and signed properties, each where SignedInfo refers to it and as it was signed."""
    parts: dict[str, Element] = {}
    for reference in find_all(root, DS, "SignedInfo/Reference"):
        uri = attribute(reference, "URI")
        owners = [one for one in root.iter(etree.Element) if uri[1:] and attribute(one, "Id") == uri[1:]]
        if not uri.startswith("#") or len(owners) != 1:
            raise _wrong("une référence ne désigne rien")
        steps = [attribute(one, "Algorithm") for one in find_all(reference, DS, "Transforms/Transform")] or [
            _C14N
        ]
        if len(steps) > 1 or steps[0] not in _CANONICAL:
            raise _wrong("une transformation n'est pas connue")
        if _announced(reference) != _digest(reference, _canonical(owners[0], steps[0])):
            raise _wrong("une empreinte de la signature est fausse")
        parts[attribute(reference, "Type")] = owners[0]
    try:
        manifest, properties = parts[_MANIFEST_TYPE], parts[_PROPERTIES_TYPE]
    except KeyError:
        raise _wrong("elle ne couvre pas le manifeste et les propriétés signées") from None
    if manifest.tag != f"{{{DS}}}Manifest" or properties.tag != f"{{{_XADES}}}SignedProperties":
        raise _wrong("elle ne couvre pas le manifeste et les propriétés signées")
    return manifest, properties


def _check_manifest(manifest: Element, set_id: str, documents: Mapping[str, bytes]) -> None:
    pending = dict(documents)
    named_set = False
    for reference in find_all(manifest, DS, "Reference"):
        name = attribute(reference, "URI").removeprefix("urn:oid:")
        if name == set_id and not named_set:
            named_set = True
            if "".join(text(find(reference, DS, "DigestValue")).split()) != _NOTHING:
                raise _wrong("l'empreinte du lot vaut AA==")
            continue
        content = pending.pop(name, None)
        if content is None:
            raise _wrong("le manifeste nomme un document qui n'est pas du lot")
        if _announced(reference) != _digest(reference, _transformed(reference, content)):
            raise _wrong("l'empreinte d'un document est fausse")
    if pending or not named_set:
        raise _wrong("le manifeste ne nomme pas le lot et tous ses documents")


def _check_properties(properties: Element, certificate: x509.Certificate) -> None:
    base = "SignedSignatureProperties"
    if not text(find(properties, _XADES, f"{base}/SigningTime")):
        raise _wrong("sa date manque")
    leaf = find(properties, _XADES, f"{base}/SigningCertificate/Cert/CertDigest")
    if leaf is None:
        raise _wrong("son certificat n'est pas parmi les propriétés signées")
    # 1.1.1 has digest elements of its own, later versions borrow those of XML-DSig: both are taken.
    method, value = (_either(leaf, name) for name in ("DigestMethod", "DigestValue"))
    encoded = certificate.public_bytes(serialization.Encoding.DER)
    known = _DIGESTS.get(attribute(method, "Algorithm"), "")
    if not known or _decoded(text(value)) != hashlib.new(known, encoded, usedforsecurity=False).digest():
        raise _wrong("les propriétés signées nomment un autre certificat")


def _either(parent: Element, name: str) -> Element | None:
    own = find(parent, _XADES, name)
    return find(parent, DS, name) if own is None else own


def _transformed(reference: Element, content: bytes) -> bytes:
    """A document as its reference says: canonical XML, or its bytes where there is no transform."""
    steps = [attribute(one, "Algorithm") for one in find_all(reference, DS, "Transforms/Transform")]
    if not steps:
        return content
    root = parse(content)
    if root is None or len(steps) > 1 or steps[0] not in _CANONICAL:
        raise _wrong("une transformation du manifeste n'est pas connue")
    exclusive, comments = _CANONICAL[steps[0]]
    return etree.tostring(root.getroottree(), method="c14n", exclusive=exclusive, with_comments=comments)


def _canonical(part: Element, algorithm: str) -> bytes:
    exclusive, comments = _CANONICAL[algorithm]
    # Parsed again on its own: lxml writes a false xmlns="" when it canonicalises a part in place.
    alone = etree.fromstring(etree.tostring(part, with_tail=False))
    return etree.tostring(alone, method="c14n", exclusive=exclusive, with_comments=comments)


def _digest(reference: Element, content: bytes) -> bytes:
    known = _DIGESTS.get(attribute(find(reference, DS, "DigestMethod"), "Algorithm"))
    if known is None:
        raise _wrong("un algorithme d'empreinte n'est pas connu")
    return hashlib.new(known, content, usedforsecurity=False).digest()


def _announced(reference: Element) -> bytes:
    return _decoded(text(find(reference, DS, "DigestValue")))


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode("".join(value.split()), validate=True)
    except (binascii.Error, ValueError):
        raise _wrong("une empreinte n'est pas du base64") from None


def _wrong(why: str) -> Refusal:
    return Refusal(INVALID_SIGNATURE, f"La signature du lot est refusée : {why}.")

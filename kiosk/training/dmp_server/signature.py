"""The enveloped signature of the VIHF (XML-DSig), checked so that only what was signed is read afterwards.

A signature can be valid and yet cover something else than what a careless reader finds first (signature
wrapping): one reference, to the assertion itself, two known transforms, and the verified copy is the only
thing that leaves this module.
"""

import base64
from datetime import datetime

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from lxml import etree
from signxml.algorithms import DigestAlgorithm, SignatureMethod
from signxml.exceptions import SignXMLException
from signxml.verifier import SignatureConfiguration, XMLVerifier

from kiosk.training.dmp_server.authority import CardAuthority, may_sign_documents
from kiosk.training.dmp_server.names import DS
from kiosk.training.dmp_server.outcomes import INVALID_CERTIFICATE, Fault, invalid_vihf
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all, text

_ENVELOPED = f"{DS}enveloped-signature"
_EXCLUSIVE = "http://www.w3.org/2001/10/xml-exc-c14n#"
# SHA-1 was what editors sent until 2019-2022; the service took both.
_METHODS = frozenset({SignatureMethod.RSA_SHA256, SignatureMethod.RSA_SHA1})
_DIGESTS = frozenset({DigestAlgorithm.SHA256, DigestAlgorithm.SHA1})


def verify(assertion: Element, authority: CardAuthority, now: datetime) -> tuple[Element, x509.Certificate]:
    """The assertion as it was signed, and the signer's certificate. Raises `Fault`."""
    data = etree.tostring(assertion, with_tail=False)
    signature = _only_signature(assertion)
    _check_form(signature, own_id=attribute(assertion, "ID"))
    certificate = _certificate(signature)
    authority.check(certificate, now)
    if not may_sign_documents(certificate):
        raise Fault(
            "Le VIHF n'est pas signé avec le certificat de signature de la carte.", INVALID_CERTIFICATE
        )
    signed = _signed_part(data, certificate, now)
    if signed.tag != assertion.tag or attribute(signed, "ID") != attribute(assertion, "ID"):
        raise invalid_vihf("La signature ne couvre pas le VIHF.")
    return signed, certificate


def _only_signature(assertion: Element) -> Element:
    if len(list(assertion.iter(f"{{{DS}}}Signature"))) != 1:
        raise invalid_vihf("Le VIHF doit porter une signature, et une seule.")
    signature = find(assertion, DS, "Signature")
    if signature is None:
        raise invalid_vihf("La signature n'est pas à sa place dans le VIHF.")
    return signature


def _check_form(signature: Element, *, own_id: str) -> None:
    references = find_all(signature, DS, "SignedInfo/Reference")
    method = attribute(find(signature, DS, "SignedInfo/CanonicalizationMethod"), "Algorithm")
    if len(references) != 1 or attribute(references[0], "URI") != f"#{own_id}" or method != _EXCLUSIVE:
        raise invalid_vihf("La signature du VIHF n'a pas la forme attendue.")
    transforms = [attribute(one, "Algorithm") for one in find_all(references[0], DS, "Transforms/Transform")]
    if transforms != [_ENVELOPED, _EXCLUSIVE]:
        raise invalid_vihf("Les transformations de la signature du VIHF ne sont pas celles attendues.")


def _certificate(signature: Element) -> x509.Certificate:
    """KeyInfo holds the leaf alone."""
    found = find_all(signature, DS, "KeyInfo/X509Data/X509Certificate")
    try:
        (only,) = found
        return x509.load_der_x509_certificate(base64.b64decode(text(only)))
    except ValueError:
        raise Fault("La signature du VIHF ne porte pas un certificat lisible.", INVALID_CERTIFICATE) from None


def _signed_part(data: bytes, certificate: x509.Certificate, now: datetime) -> Element:
    expected = SignatureConfiguration(
        location="./",
        expect_references=1,
        signature_methods=_METHODS,
        digest_algorithms=_DIGESTS,
        verification_time=now,
    )
    try:
        result = XMLVerifier().verify(data, x509_cert=certificate, id_attribute="ID", expect_config=expected)
    except (SignXMLException, etree.LxmlError, UnsupportedAlgorithm, ValueError, TypeError):
        raise invalid_vihf("La signature du VIHF est fausse.") from None
    if isinstance(result, list) or result.signed_xml is None:
        raise invalid_vihf("La signature du VIHF est fausse.")
    return result.signed_xml

"""The certification authority of the cards: which certificates it issued, and which it revoked."""

from datetime import datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.x509.oid import NameOID

from kiosk.training.dmp_server.outcomes import INVALID_CERTIFICATE, Fault


class CardAuthority:
    """The CA of the cards and its revocation list, read once."""

    def __init__(self, ca_file: Path, crl_file: Path) -> None:
        """`ca_file`: PEM certificates, each trusted; `crl_file`: list of the CA that issues cards, PEM."""
        self._issuers = x509.load_pem_x509_certificates(ca_file.read_bytes())
        self._crl = x509.load_pem_x509_crl(crl_file.read_bytes())

    def check(self, certificate: x509.Certificate, now: datetime) -> None:
        """Issued here, in its period, not revoked. Raises `Fault`."""
        if not any(_issued(issuer, certificate) for issuer in self._issuers):
            raise Fault(
                "Le certificat de signature ne vient pas de l'autorité des cartes.", INVALID_CERTIFICATE
            )
        if not certificate.not_valid_before_utc <= now <= certificate.not_valid_after_utc:
            raise Fault(
                "Le certificat de signature n'est pas dans sa période de validité.", INVALID_CERTIFICATE
            )
        if self._crl.get_revoked_certificate_by_serial_number(certificate.serial_number) is not None:
            raise Fault("Le certificat de signature est révoqué.", INVALID_CERTIFICATE)


def national_id(certificate: x509.Certificate) -> str:
    """The common name, wherever it stands: on a card it shares one RDN with surname and given name."""
    names = certificate.subject.get_attributes_for_oid(NameOID.COMMON_NAME)
    return str(names[0].value) if len(names) == 1 else ""


def may_sign_documents(certificate: x509.Certificate) -> bool:
    """True for the signature certificate of a card, false for its authentication twin (key usage)."""
    try:
        usage = certificate.extensions.get_extension_for_class(x509.KeyUsage).value
    except x509.ExtensionNotFound:
        return False
    return usage.content_commitment


def _issued(issuer: x509.Certificate, certificate: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(issuer)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return issuer.extensions.get_extension_for_class(x509.BasicConstraints).value.ca

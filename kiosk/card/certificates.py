"""What the X.509 certificates of a card say about its holder (IGC-Santé, and the older IGC-CPS2ter).

The subject of a CPS ends with ONE multi-valued RDN {surname, given name, CN}: names are looked up by attribute,
never by position. CN is the national identifier. Sources: cards §2.7, protocol §2.5 (PDT-INF-617).
"""

import re
import warnings
from dataclasses import dataclass, field

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.utils import CryptographyDeprecationWarning
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from kiosk.card import nomenclature
from kiosk.card.model import CardType, KeyUse
from kiosk.card.tlv import first_raw
from kiosk.code import Code
from kiosk.errors import CertificateUnusable
from kiosk.text import clean

_UNREADABLE = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    CryptographyDeprecationWarning,
    x509.InvalidVersion,
    x509.DuplicateExtension,
    x509.UnsupportedGeneralNameType,
)

_PROFESSION_EXTENSION = ObjectIdentifier(nomenclature.G15)
"""[unknown]: a code system used as an extension; read only when the title says nothing."""

_TEST_ISSUER = re.compile(r"\bTEST\b", re.IGNORECASE)
_TEST_NATIONAL_ID = "8997"
"""RPPS numbers kept for tests, behind the identifier type 8. [sure]"""

_NAME_CHARACTERS = re.compile(r"[^\w' -]|[\d_]")
"""PDT-INF-617: only letters, apostrophe, hyphen and space stay in a name made from a certificate."""


@dataclass(frozen=True)
class Identity:
    """The holder as one certificate names him."""

    national_id: str = field(repr=False)
    family_name: str
    given_name: str
    profession: Code
    card_type: CardType
    test_card: bool
    structure_name: str
    structure_id: str
    """Both empty but for a CPE or CPA."""
    anonymous: bool
    """The certificate names nobody: the names were made from structure and number (PDT-INF-617)."""


def load_certificate(content: bytes) -> x509.Certificate:
    """The certificate in a card file, padding dropped. Raises `CertificateUnusable`, or `CardAnswerInvalid`.

    Only RSA certificates pass: the card's signature is PKCS#1 v1.5.
    """
    try:
        with warnings.catch_warnings():
            # What the library merely warns of (a serial number RFC 5280 forbids) it would print on the screen.
            warnings.simplefilter("error", CryptographyDeprecationWarning)
            certificate = x509.load_der_x509_certificate(first_raw(content))
            public = certificate.public_key()
            # Parsed on first use: what is unreadable shows here and not in the middle of a screen.
            _ = (
                certificate.subject,
                certificate.issuer,
                certificate.extensions,
                certificate.not_valid_after_utc,
            )
    except _UNREADABLE as error:
        raise CertificateUnusable(detail=type(error).__name__) from error
    if not isinstance(public, RSAPublicKey):
        raise CertificateUnusable(detail="not RSA")
    return certificate


def use_of(label: str, certificate: x509.Certificate) -> KeyUse | None:
    """What the card means a certificate for: its label says so, else its key usage; None when neither does.

    Labels « Certificat d'Authentification CPS » [sure], « Certificat de Signature CPS » [likely]. Identifiers
    differ between cards and are no help.
    """
    return use_by_label(label) or _use_by_usage(certificate)


def use_by_label(label: str) -> KeyUse | None:
    folded = label.casefold()
    if "authentification" in folded:
        return KeyUse.AUTHENTICATION
    return KeyUse.SIGNATURE if "signature" in folded else None


def _use_by_usage(certificate: x509.Certificate) -> KeyUse | None:
    if _extended_usage(certificate, ExtendedKeyUsageOID.CLIENT_AUTH):
        return KeyUse.AUTHENTICATION
    if _non_repudiation(certificate):
        return KeyUse.SIGNATURE
    return None


def identity_of(certificate: x509.Certificate) -> Identity:
    """The holder. Raises `CertificateUnusable` when the subject has no national identifier."""
    subject = certificate.subject
    national_id = _first(subject, NameOID.COMMON_NAME)
    if not national_id:
        raise CertificateUnusable(detail="no CN")
    title = _first(subject, NameOID.TITLE)
    organization, unit = (
        _first(subject, NameOID.ORGANIZATION_NAME),
        _first(subject, NameOID.ORGANIZATIONAL_UNIT_NAME),
    )
    profession = nomenclature.profession_of_title(title or unit)
    card_type = _card_type(national_id, profession)
    employee = card_type in (CardType.CPE, CardType.CPA)
    if employee:
        profession = nomenclature.profession("SECRETARIAT_MEDICAL", nomenclature.A00)
    family, given = _first(subject, NameOID.SURNAME), _first(subject, NameOID.GIVEN_NAME)
    anonymous = employee and not (family and given)
    if anonymous:
        family, given = _anonymous(organization, national_id)
    return Identity(
        national_id=national_id,
        family_name=family,
        given_name=given,
        profession=profession
        or _profession_by_extension(certificate)
        or Code(title, nomenclature.G15, title),
        card_type=card_type,
        test_card=_is_test(certificate.issuer, national_id),
        structure_name=organization if employee else "",
        structure_id=unit if employee else "",
        anonymous=anonymous,
    )


def _card_type(national_id: str, profession: Code | None) -> CardType:
    """[likely] Told by the form of the identifier and by the profession: the certificate has no field for it."""
    if "/" in national_id:
        return CardType.CPA if "/CPA" in national_id else CardType.CPE
    if profession is not None and profession.system == nomenclature.G16:
        return CardType.CPF
    return CardType.CPS


def _anonymous(organization: str, national_id: str) -> tuple[str, str]:
    """Names of a CPE that has none (PDT-INF-617): family = O, given = CN, special characters replaced."""
    family, given = (
        " ".join(_NAME_CHARACTERS.sub(" ", name).split()) for name in (organization, national_id)
    )
    return family, given or "CPE"  # [unknown]: what to write when the CN holds no letter at all


def _is_test(issuer: x509.Name, national_id: str) -> bool:
    return national_id.startswith(_TEST_NATIONAL_ID) or any(
        _TEST_ISSUER.search(str(attribute.value)) for attribute in issuer
    )


def _profession_by_extension(certificate: x509.Certificate) -> Code | None:
    try:
        extension = certificate.extensions.get_extension_for_oid(_PROFESSION_EXTENSION).value
    except x509.ExtensionNotFound:
        return None
    raw = extension.value if isinstance(extension, x509.UnrecognizedExtension) else b""
    digits = re.search(rb"[0-9]{2}\Z", raw)
    return nomenclature.profession(digits.group().decode()) if digits else None


def _extended_usage(certificate: x509.Certificate, usage: ObjectIdentifier) -> bool:
    try:
        return usage in certificate.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
    except x509.ExtensionNotFound:
        return False


def _non_repudiation(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.KeyUsage).value.content_commitment
    except x509.ExtensionNotFound:
        return False


def _first(name: x509.Name, oid: ObjectIdentifier) -> str:
    values = name.get_attributes_for_oid(oid)
    if not values:
        return ""
    value = values[0].value
    return clean(value if isinstance(value, str) else value.decode("utf-8", errors="replace"), 200)

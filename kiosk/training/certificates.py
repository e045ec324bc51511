"""What each certificate of the training box says: authorities, DMP server, professional cards.

Names, key usages and extensions of the cards follow cards §2.7 (IGC-Santé). Every certificate carries what
`VERIFY_X509_STRICT` asks for: subject and authority key identifiers, basic constraints, key usage.
"""

import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from kiosk.training.people import Holder

AUTHENTICATION = "authentication"
SIGNATURE = "signature"

_ORGANIZATION = "TEST BORNE D'ENTRAINEMENT"
"""The word TEST is how a reader of the certificate knows that the card is none of the real service."""

_CARD_CATEGORY = ObjectIdentifier("1.2.250.1.71.1.2.1")
_CARD_TYPE = ObjectIdentifier("1.2.250.1.71.1.2.2")
_PROFESSION = ObjectIdentifier("1.2.250.1.71.1.2.7")
_SPECIALITY = ObjectIdentifier("1.2.250.1.71.4.2.5")
"""[likely] The code systems G01, G02, G15 and R01 used as extensions; their encoding (UTF8String) is [unknown]."""

_DAY = timedelta(days=1)
_YEAR = timedelta(days=365)
_PERIODS: dict[str, tuple[timedelta, timedelta]] = {
    "valid": (-_DAY, 3 * _YEAR),
    "revoked": (-_DAY, 3 * _YEAR),
    "expired": (-3 * _YEAR, -30 * _DAY),
    "future": (30 * _DAY, 3 * _YEAR),
}
"""Start and end from now, by `Holder.validity`."""
_AUTHORITY_PERIOD = (-4 * _YEAR, 20 * _YEAR)
"""Older than the oldest card it issued."""
_SERVER_PERIOD = (-_DAY, 10 * _YEAR)


@dataclass(frozen=True)
class Issued:
    """A certificate and its key."""

    certificate: x509.Certificate
    key: rsa.RSAPrivateKey = field(repr=False)


def authority_name(common_name: str, organization: str = _ORGANIZATION) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def server_name(hostname: str) -> x509.Name:
    return authority_name(hostname)


def card_name(holder: Holder) -> x509.Name:
    """C, title (CPS) or O and OU (CPE), then ONE multi-valued RDN {surname, given name, CN}. [sure]"""
    single = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")]
    if holder.title:
        single.append(x509.NameAttribute(NameOID.TITLE, holder.title))
    elif holder.practices:
        single.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder.employer))
        single.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, holder.practices[0].structure_id))
    person = [x509.NameAttribute(NameOID.COMMON_NAME, holder.national_id)]
    if holder.family_name:
        person.append(x509.NameAttribute(NameOID.SURNAME, holder.family_name))
    if holder.given_name:
        person.append(x509.NameAttribute(NameOID.GIVEN_NAME, holder.given_name))
    return x509.Name(
        [x509.RelativeDistinguishedName([attribute]) for attribute in single]
        + [x509.RelativeDistinguishedName(person)]
    )


def issue_authority(name: x509.Name, issuer: Issued | None, now: datetime) -> Issued:
    """A root when `issuer` is None, else an authority below it that issues end certificates only."""
    key = _new_key()
    builder = _builder(name, key, issuer, now, _AUTHORITY_PERIOD)
    builder = builder.add_extension(x509.BasicConstraints(ca=True, path_length=0 if issuer else 1), True)
    builder = builder.add_extension(_key_usage(key_cert_sign=True, crl_sign=True), True)
    return _signed(builder, key, issuer)


def issue_server(hostname: str, issuer: Issued, now: datetime) -> Issued:
    """TLS server at `hostname` and at 127.0.0.1."""
    key = _new_key()
    names = [x509.DNSName(hostname), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    builder = _leaf(server_name(hostname), key, issuer, now, _SERVER_PERIOD)
    builder = builder.add_extension(x509.SubjectAlternativeName(names), False)
    builder = builder.add_extension(_key_usage(digital_signature=True, key_encipherment=True), True)
    builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), False)
    return _signed(builder, key, issuer)


def issue_card(holder: Holder, use: str, issuer: Issued, now: datetime) -> Issued:
    """The certificate of one of a card's two keys: `AUTHENTICATION` (TLS) or `SIGNATURE` (VIHF, XAdES)."""
    key = _new_key()
    builder = _leaf(card_name(holder), key, issuer, now, _PERIODS[holder.validity])
    if use == AUTHENTICATION:
        usage = _key_usage(digital_signature=True)
        extended = [ExtendedKeyUsageOID.CLIENT_AUTH, ExtendedKeyUsageOID.SMARTCARD_LOGON]
    else:
        usage = _key_usage(content_commitment=True)
        extended = [ExtendedKeyUsageOID.EMAIL_PROTECTION]
    builder = builder.add_extension(usage, True).add_extension(x509.ExtendedKeyUsage(extended), False)
    for oid, value in (
        (_CARD_CATEGORY, holder.category),
        (_CARD_TYPE, holder.card_type),
        (_PROFESSION, holder.profession),
        (_SPECIALITY, holder.speciality),
    ):
        if value:
            encoded = b"\x0c" + bytes([len(value.encode())]) + value.encode()
            builder = builder.add_extension(x509.UnrecognizedExtension(oid, encoded), False)
    return _signed(builder, key, issuer)


def issue_revocations(
    issuer: Issued, revoked: Iterable[int], now: datetime
) -> x509.CertificateRevocationList:
    """The list of revoked serial numbers, good for as long as its authority."""
    end = issuer.certificate.not_valid_after_utc
    builder = (
        x509.CertificateRevocationListBuilder()
        .issuer_name(issuer.certificate.subject)
        .last_update(now - _DAY)
        .next_update(end)
        .add_extension(x509.CRLNumber(int(now.timestamp())), False)
        .add_extension(_authority_identifier(issuer), False)
    )
    for serial in sorted(set(revoked)):
        entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(now - _DAY).build()
        builder = builder.add_revoked_certificate(entry)
    return builder.sign(issuer.key, SHA256())


def period_state(certificate: x509.Certificate, now: datetime) -> str:
    """`valid`, `expired` or `future`, as `Holder.validity` says it."""
    if now > certificate.not_valid_after_utc:
        return "expired"
    return "future" if now < certificate.not_valid_before_utc else "valid"


def _new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def _leaf(
    name: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: Issued,
    now: datetime,
    period: tuple[timedelta, timedelta],
) -> x509.CertificateBuilder:
    builder = _builder(name, key, issuer, now, period)
    return builder.add_extension(x509.BasicConstraints(ca=False, path_length=None), True)


def _builder(
    name: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: Issued | None,
    now: datetime,
    period: tuple[timedelta, timedelta],
) -> x509.CertificateBuilder:
    start, end = period
    own = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    above = (
        _authority_identifier(issuer)
        if issuer
        else x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)
    )
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(issuer.certificate.subject if issuer else name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + end)
        .add_extension(own, False)
        .add_extension(above, False)
    )


def _authority_identifier(issuer: Issued) -> x509.AuthorityKeyIdentifier:
    own = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(own)


def _signed(builder: x509.CertificateBuilder, key: rsa.RSAPrivateKey, issuer: Issued | None) -> Issued:
    return Issued(builder.sign(issuer.key if issuer else key, SHA256()), key)


def _key_usage(
    *,
    digital_signature: bool = False,
    content_commitment: bool = False,
    key_encipherment: bool = False,
    key_cert_sign: bool = False,
    crl_sign: bool = False,
) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=digital_signature,
        content_commitment=content_commitment,
        key_encipherment=key_encipherment,
        data_encipherment=False,
        key_agreement=False,
        key_cert_sign=key_cert_sign,
        crl_sign=crl_sign,
        encipher_only=False,
        decipher_only=False,
    )

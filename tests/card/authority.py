"""Certificates made on the spot for the TLS tests: an authority, servers right and wrong, a card's key."""

import datetime as dt
import ipaddress
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

NOW = dt.datetime.now(dt.UTC).replace(microsecond=0)
DAY = dt.timedelta(days=1)


def new_key() -> rsa.RSAPrivateKey:
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


def name(common: str) -> x509.Name:
    return x509.Name(
        [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"), x509.NameAttribute(NameOID.COMMON_NAME, common)]
    )


@dataclass
class Authority:
    """A root that signs leaves."""

    directory: Path
    title: str

    def __post_init__(self) -> None:
        self.key = new_key()
        subject = name(self.title)
        usage = x509.KeyUsage(False, False, False, False, False, True, True, False, False)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self.key.public_key())
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW - 30 * DAY)
            .not_valid_after(NOW + 300 * DAY)
            .add_extension(x509.BasicConstraints(True, None), True)
            .add_extension(usage, True)
            .add_extension(identifier, False)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier), False)
            .sign(self.key, hashes.SHA256())
        )
        self.file = self.directory / f"{self.title}.pem"
        self.file.write_bytes(self.certificate.public_bytes(serialization.Encoding.PEM))

    def leaf(
        self, common: str, key: rsa.RSAPrivateKey, *, names: tuple[str, ...] = (), days: tuple[int, int] = (-1, 30),
        client: bool = False, traced: bool = True,
    ) -> x509.Certificate:  # fmt: skip
        """A certificate for `key`; `names` go to the subject alternative name, none leaves it out.

        `traced`: with the identifier of the authority's key, which RFC 5280 demands.
        """
        issuer_id = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        usage = ExtendedKeyUsageOID.CLIENT_AUTH if client else ExtendedKeyUsageOID.SERVER_AUTH
        builder = (
            x509.CertificateBuilder()
            .subject_name(name(common))
            .issuer_name(self.certificate.subject)
            .public_key(key.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(NOW + days[0] * DAY)
            .not_valid_after(NOW + days[1] * DAY)
            .add_extension(x509.BasicConstraints(False, None), True)
            .add_extension(x509.KeyUsage(True, False, False, False, False, False, False, False, False), True)
            .add_extension(x509.ExtendedKeyUsage([usage]), False)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), False)
        )
        if traced:
            identifier = x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id)
            builder = builder.add_extension(identifier, False)
        if names:
            general = [
                x509.IPAddress(ipaddress.ip_address(item)) if item[0].isdigit() else x509.DNSName(item)
                for item in names
            ]
            builder = builder.add_extension(x509.SubjectAlternativeName(general), False)
        return builder.sign(self.key, hashes.SHA256())

    def server(self, label: str, common: str = "localhost", **options: object) -> tuple[Path, Path]:
        """Certificate and key files of a server."""
        key = new_key()
        certificate = self.leaf(common, key, **options)  # type: ignore[arg-type]
        files = self.directory / f"{label}.crt", self.directory / f"{label}.key"
        files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
        files[1].write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        return files

    def crl(self, *revoked: Path, days: tuple[int, int] = (-1, 7)) -> x509.CertificateRevocationList:
        issuer_id = self.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier).value
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self.certificate.subject)
            .last_update(NOW + days[0] * DAY)
            .next_update(NOW + days[1] * DAY)
            .add_extension(x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(issuer_id), False)
            .add_extension(x509.CRLNumber(1), False)
        )
        for file in revoked:
            serial = x509.load_pem_x509_certificate(file.read_bytes()).serial_number
            entry = x509.RevokedCertificateBuilder().serial_number(serial).revocation_date(NOW - DAY).build()
            builder = builder.add_revoked_certificate(entry)
        return builder.sign(self.key, hashes.SHA256())


class SoftCard:
    """What a card does for TLS: a certificate, and raw signatures over a DigestInfo by a key it never shows."""

    PREFIX = bytes.fromhex("3031300d060960864801650304020105000420")

    def __init__(self, authority: Authority) -> None:
        self._key = new_key()
        certificate = authority.leaf("899700000021", self._key, client=True)
        self.der = certificate.public_bytes(serialization.Encoding.DER)
        self.serial = certificate.serial_number
        self.asked: list[bytes] = []

    def sign(self, digest_info: bytes) -> bytes:
        self.asked.append(digest_info)
        assert digest_info.startswith(self.PREFIX)
        digest = digest_info[len(self.PREFIX) :]
        return self._key.sign(digest, padding.PKCS1v15(), Prehashed(hashes.SHA256()))

"""The training authority: one root, an issuing CA for cards, and the certificates they sign.

Everything is made once and kept: a start finds its keys again. Card keys are made when a card is first asked
for. No certificate here is worth anything outside the box: its subjects do not exist.
"""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier

from kiosk.training.people import HOLDERS, Holder

_SMARTCARD_LOGON = ObjectIdentifier("1.3.6.1.4.1.311.20.2.2")
_DAY = timedelta(days=1)
_VALIDITY = {
    "valid": (-30 * _DAY, 1000 * _DAY),
    "revoked": (-30 * _DAY, 1000 * _DAY),
    "expired": (-1000 * _DAY, -2 * _DAY),
    "future": (30 * _DAY, 1000 * _DAY),
}
_USAGES = ("digital_signature", "content_commitment", "key_encipherment", "data_encipherment",
           "key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only")  # fmt: skip


@dataclass(frozen=True)
class CardKeys:
    """Both key pairs of one card, certificates in DER."""

    authentication_certificate: bytes
    authentication_key: RSAPrivateKey = field(repr=False)
    signature_certificate: bytes
    signature_key: RSAPrivateKey = field(repr=False)


@dataclass(frozen=True)
class _Authority:
    certificate: x509.Certificate
    key: RSAPrivateKey = field(repr=False)


class TrainingPki:
    """The authority kept in `directory`; two processes may ask it at once."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            self._root = self._authority("root", _name("AC RACINE TEST ENTRAINEMENT", "TEST"), None)
            self._cards = self._authority("cards", _name("AC TEST PERSONNES", "TEST"), self._root)
            self._real = self._authority("real", _name("AC FICTION PERSONNES", "FICTION"), self._root)
            self._write(self.server_ca_file, _pem(self._root.certificate))
            bundle = (self._root, self._cards, self._real)
            self._write(self.card_ca_file, b"".join(_pem(authority.certificate) for authority in bundle))
            self._write(self.crl_file, self._revocation_list())

    @property
    def server_ca_file(self) -> Path:
        """PEM root that a kiosk trusts for the DMP server."""
        return self._directory / "server-ca.pem"

    @property
    def card_ca_file(self) -> Path:
        """PEM root and issuing authorities that the server trusts for cards."""
        return self._directory / "card-ca.pem"

    @property
    def crl_file(self) -> Path:
        """PEM revocation list of the card authority."""
        return self._directory / "cards.crl.pem"

    def server(self, hostname: str = "localhost") -> tuple[Path, Path]:
        """(certificate PEM, key PEM) of a server by that name, also reachable at 127.0.0.1."""
        path = self._directory / f"server-{hostname}.pem"
        key_path = path.with_suffix(".key")
        with self._locked():
            key = self._key(key_path)
            if not _current(path):
                names: list[x509.GeneralName] = [
                    x509.DNSName(hostname),
                    x509.IPAddress(IPv4Address("127.0.0.1")),
                ]
                builder = (
                    _builder(_name(hostname, "TEST"), key, self._root, "valid")
                    .add_extension(x509.SubjectAlternativeName(names), critical=False)
                    .add_extension(_usage("digital_signature", "key_encipherment"), critical=True)
                    .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
                )
                self._write(path, _pem(builder.sign(self._root.key, SHA256())))
        return path, key_path

    def card(self, holder: Holder) -> CardKeys:
        """Certificates and keys of one card, the same at every call."""
        authentication = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH, _SMARTCARD_LOGON])
        signature = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
        with self._locked():
            aut, aut_key = self._card_certificate(holder, "aut", "digital_signature", authentication)
            sig, sig_key = self._card_certificate(holder, "sig", "content_commitment", signature)
        return CardKeys(aut, aut_key, sig, sig_key)

    def _card_certificate(
        self, holder: Holder, purpose: str, usage: str, extended: x509.ExtendedKeyUsage
    ) -> tuple[bytes, RSAPrivateKey]:
        path = self._directory / f"{holder.card_id}-{purpose}.pem"
        key = self._key(path.with_suffix(".key"))
        if not _current(path, holder.validity):
            issuer = self._real if holder.category < "80" else self._cards
            certificate = (
                _builder(_subject(holder), key, issuer, holder.validity, serial=_serial(holder, purpose))
                .add_extension(_usage(usage), critical=True)
                .add_extension(extended, critical=False)
                .sign(issuer.key, SHA256())
            )
            self._write(path, _pem(certificate))
        return x509.load_pem_x509_certificate(path.read_bytes()).public_bytes(Encoding.DER), key

    def _revocation_list(self) -> bytes:
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(self._cards.certificate.subject)
            .last_update(now - _DAY)
            .next_update(now + 365 * _DAY)
            .add_extension(_authority_key(self._cards), critical=False)
            .add_extension(x509.CRLNumber(1), critical=False)
        )
        for holder in HOLDERS:
            if holder.validity == "revoked":
                for purpose in ("aut", "sig"):
                    revoked = x509.RevokedCertificateBuilder().revocation_date(now - 2 * _DAY)
                    builder = builder.add_revoked_certificate(
                        revoked.serial_number(_serial(holder, purpose)).build()
                    )
        return builder.sign(self._cards.key, SHA256()).public_bytes(Encoding.PEM)

    def _authority(self, name: str, subject: x509.Name, issuer: _Authority | None) -> _Authority:
        path = self._directory / f"ca-{name}.pem"
        key = self._key(path.with_suffix(".key"))
        if not _current(path):
            signer = issuer.key if issuer else key
            builder = _builder(subject, key, issuer, "valid", lifetime=3650 * _DAY)
            builder = builder.add_extension(_usage("key_cert_sign", "crl_sign"), critical=True)
            self._write(path, _pem(builder.sign(signer, SHA256())))
        return _Authority(x509.load_pem_x509_certificate(path.read_bytes()), key)

    def _key(self, path: Path) -> RSAPrivateKey:
        if not path.exists():
            made = generate_private_key(65537, 2048)
            self._write(path, made.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        key = load_pem_private_key(path.read_bytes(), None)
        assert isinstance(key, RSAPrivateKey)
        return key

    def _write(self, path: Path, content: bytes) -> None:
        """All at once, readable by this user only."""
        draft = path.with_name(path.name + ".new")
        with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            file.write(content)
        draft.replace(path)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One maker at a time, across processes."""
        with (self._directory / "lock").open("a") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield


def _builder(
    subject: x509.Name,
    key: RSAPrivateKey,
    issuer: _Authority | None,
    validity: str,
    lifetime: timedelta | None = None,
    serial: int = 0,
) -> x509.CertificateBuilder:
    """Everything but the usages. CAs carry what strict verification asks for: key identifiers, constraints."""
    start, end = _VALIDITY[validity]
    now = datetime.now(UTC).replace(microsecond=0)
    authority = lifetime is not None
    key_identifier = x509.SubjectKeyIdentifier.from_public_key(key.public_key())
    signer = _authority_key(issuer) if issuer else _own_key(key_identifier)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer.certificate.subject if issuer else subject)
        .public_key(key.public_key())
        .serial_number(serial or x509.random_serial_number())
        .not_valid_before(now + start)
        .not_valid_after(now + (lifetime or end))
        .add_extension(x509.BasicConstraints(ca=authority, path_length=None), critical=True)
        .add_extension(key_identifier, critical=False)
        .add_extension(signer, critical=False)
    )


def _subject(holder: Holder) -> x509.Name:
    """IGC-Santé form: names and national identifier share one RDN; a CPE names its employer instead of a title."""
    names = [x509.NameAttribute(NameOID.COMMON_NAME, holder.national_id)]
    if holder.family_name:
        names += [
            x509.NameAttribute(NameOID.SURNAME, holder.family_name),
            x509.NameAttribute(NameOID.GIVEN_NAME, holder.given_name),
        ]
    parts = [x509.NameAttribute(NameOID.COUNTRY_NAME, "FR")]
    if holder.title:
        parts.append(x509.NameAttribute(NameOID.TITLE, holder.title))
    else:
        parts.append(x509.NameAttribute(NameOID.ORGANIZATION_NAME, holder.employer))
        parts.append(x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, holder.practices[0].structure_id))
    return x509.Name(
        [x509.RelativeDistinguishedName([part]) for part in parts] + [x509.RelativeDistinguishedName(names)]
    )


def _serial(holder: Holder, purpose: str) -> int:
    """Known in advance, so that the revocation list needs no certificate to exist yet."""
    return int(f"1{holder.serial}{'1' if purpose == 'aut' else '2'}")


def _name(common_name: str, organization: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "FR"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, organization),
            x509.NameAttribute(NameOID.COMMON_NAME, common_name),
        ]
    )


def _usage(*names: str) -> x509.KeyUsage:
    return x509.KeyUsage(**{usage: usage in names for usage in _USAGES})


def _authority_key(issuer: _Authority) -> x509.AuthorityKeyIdentifier:
    extension = issuer.certificate.extensions.get_extension_for_class(x509.SubjectKeyIdentifier)
    return _own_key(extension.value)


def _own_key(identifier: x509.SubjectKeyIdentifier) -> x509.AuthorityKeyIdentifier:
    return x509.AuthorityKeyIdentifier.from_issuer_subject_key_identifier(identifier)


def _current(path: Path, validity: str = "valid") -> bool:
    """Whether the certificate exists and does not end soon; one made to be out of date stays as it is."""
    if not path.exists():
        return False
    if validity not in ("valid", "revoked"):
        return True
    certificate = x509.load_pem_x509_certificate(path.read_bytes())
    return certificate.not_valid_after_utc > datetime.now(UTC) + 7 * _DAY


def _pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.PEM)

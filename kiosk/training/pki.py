"""The certificates of the training box: made when first asked for, kept for the next start.

Two trees that share nothing, so that neither side of the TLS connection can be mistaken for the other: one
root for the DMP server; a root and an issuing authority for the cards. A card of the real category is issued
by a third authority, which nobody trusts and whose name does not say TEST.

What is kept is checked before it is used again (issuer's signature, subject, period, key) and made anew when it
does not fit: a directory may be years old or half written.
"""

import fcntl
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from kiosk.training import certificates
from kiosk.training.certificates import AUTHENTICATION, SIGNATURE, Issued
from kiosk.training.people import HOLDERS, Holder

_TEST_CATEGORIES = frozenset({"80", "82", "83"})
"""Dictionary G01."""


@dataclass(frozen=True)
class CardKeys:
    """Both key pairs of one professional card; certificates in DER."""

    authentication_certificate: bytes
    authentication_key: RSAPrivateKey = field(repr=False)
    signature_certificate: bytes
    signature_key: RSAPrivateKey = field(repr=False)


class TrainingPki:
    """All of it, under one directory. Several processes and threads may use the same directory at once."""

    def __init__(self, directory: Path, *, clock: Callable[[], datetime] = lambda: datetime.now(UTC)) -> None:
        """Makes the authorities if they are missing (about half a second). Raises `OSError`."""
        self._directory = directory
        self._clock = clock
        self._cards: dict[Holder, CardKeys] = {}
        (directory / "cards").mkdir(mode=0o700, parents=True, exist_ok=True)
        with self._locked():
            self._server_root = self._authority("server-root", "TEST AC RACINE SERVEURS", None)
            self._card_root = self._authority("card-root", "TEST AC RACINE CARTES", None)
            self._card_issuer = self._authority("card-issuer", "TEST AC CARTES PERSONNES", self._card_root)
            bundle = [self._card_root.certificate, self._card_issuer.certificate]
            _write(self.card_ca_file, b"".join(item.public_bytes(Encoding.PEM) for item in bundle))

    @property
    def server_ca_file(self) -> Path:
        """PEM: the root the kiosk trusts for the DMP server."""
        return self._directory / "server-root.pem"

    @property
    def card_ca_file(self) -> Path:
        """PEM: root and issuing authority of the cards."""
        return self._directory / "card-ca.pem"

    @property
    def crl_file(self) -> Path:
        """PEM: what the issuing authority of the cards revoked. Complete for the cast, and for every card made
        before this was asked."""
        with self._locked():
            for holder in HOLDERS:
                if holder.validity == "revoked":
                    self._card(holder)
            self._revoke()
        return self._revocations

    def server(self, hostname: str = "localhost") -> tuple[Path, Path]:
        """Certificate and key files (PEM) of a TLS server at `hostname` and 127.0.0.1."""
        stem = f"server-{hostname}"
        with self._locked():
            self._kept(
                stem,
                certificates.server_name(hostname),
                self._server_root,
                "valid",
                lambda: certificates.issue_server(hostname, self._server_root, self._clock()),
            )
        return self._paths(stem)

    def card(self, holder: Holder) -> CardKeys:
        """The keys of `holder`'s card, dates and revocation as `holder.validity` says."""
        with self._locked():
            return self._card(holder)

    def _card(self, holder: Holder) -> CardKeys:
        if holder not in self._cards:
            issuer = self._card_issuer
            if holder.category not in _TEST_CATEGORIES:
                issuer = self._authority(
                    "real-category-issuer", "AC FICTIVE CATEGORIE REELLE", None, "FICTIF"
                )
            first = self._card_certificate(holder, AUTHENTICATION, issuer)
            second = self._card_certificate(holder, SIGNATURE, issuer)
            self._cards[holder] = CardKeys(
                first.certificate.public_bytes(Encoding.DER),
                first.key,
                second.certificate.public_bytes(Encoding.DER),
                second.key,
            )
            if holder.validity == "revoked":
                self._revoke(first.certificate.serial_number, second.certificate.serial_number)
        return self._cards[holder]

    def _card_certificate(self, holder: Holder, use: str, issuer: Issued) -> Issued:
        return self._kept(
            f"cards/{holder.card_id}-{holder.validity}-{use}",
            certificates.card_name(holder),
            issuer,
            "valid" if holder.validity == "revoked" else holder.validity,
            lambda: certificates.issue_card(holder, use, issuer, self._clock()),
        )

    def _authority(self, stem: str, name: str, issuer: Issued | None, *organization: str) -> Issued:
        subject = certificates.authority_name(name, *organization)
        return self._kept(
            stem,
            subject,
            issuer,
            "valid",
            lambda: certificates.issue_authority(subject, issuer, self._clock()),
        )

    def _kept(
        self, stem: str, subject: x509.Name, issuer: Issued | None, state: str, make: Callable[[], Issued]
    ) -> Issued:
        """What lies under `stem` if it still fits, else a new one. The lock is held by the caller."""
        certificate_file, key_file = self._paths(stem)
        found = _load(certificate_file, key_file)
        if found and self._fits(found, subject, issuer or found, state):
            return found
        made = make()
        _write(key_file, made.key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        _write(certificate_file, made.certificate.public_bytes(Encoding.PEM))
        return made

    def _fits(self, found: Issued, subject: x509.Name, issuer: Issued, state: str) -> bool:
        try:
            found.certificate.verify_directly_issued_by(issuer.certificate)
        except (InvalidSignature, ValueError):
            return False
        return (
            found.certificate.subject == subject
            and found.certificate.public_key() == found.key.public_key()
            and certificates.period_state(found.certificate, self._clock()) == state
        )

    @property
    def _revocations(self) -> Path:
        return self._directory / "card-issuer.crl.pem"

    def _revoke(self, *serials: int) -> None:
        """Add `serials` to the list, making the list if there is none of this authority."""
        known: set[int] = set()
        try:
            old = x509.load_pem_x509_crl(self._revocations.read_bytes())
            if old.is_signature_valid(self._card_issuer.key.public_key()):
                known = {entry.serial_number for entry in old}
                if known.issuperset(serials):
                    return
        except (OSError, ValueError):
            known = set()
        fresh = certificates.issue_revocations(self._card_issuer, known.union(serials), self._clock())
        _write(self._revocations, fresh.public_bytes(Encoding.PEM))

    def _paths(self, stem: str) -> tuple[Path, Path]:
        return self._directory / f"{stem}.pem", self._directory / f"{stem}.key"

    @contextmanager
    def _locked(self) -> Iterator[None]:
        """One maker at a time, among processes and among threads: the lock belongs to the open file."""
        descriptor = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)


def _load(certificate_file: Path, key_file: Path) -> Issued | None:
    """None when a file is missing or unreadable."""
    try:
        certificate = x509.load_pem_x509_certificate(certificate_file.read_bytes())
        # We made it: proving its primes again would cost 36 ms a key at every start.
        key = load_pem_private_key(key_file.read_bytes(), None, unsafe_skip_rsa_key_validation=True)
    except (OSError, ValueError):
        return None
    return Issued(certificate, key) if isinstance(key, RSAPrivateKey) else None


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all, readable by the owner only."""
    draft = path.with_name(path.name + ".new")
    draft.unlink(missing_ok=True)
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
        file.write(content)
    draft.replace(path)

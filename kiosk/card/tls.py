"""TLS to the DMP with the card's authentication key, behind one function: `tls_context`.

The standard `ssl` module does everything but the client signature, which the card makes (`kiosk.card.openssl`).
TLS 1.2 only, the four published suites, PKCS#1 v1.5 over SHA-256 (PDT-INF-579: LPS access; a CPS3 cannot sign
PSS, which TLS 1.3 would demand). The server proves itself to the roots given and to nobody else's.
"""

import socket
import ssl
import threading
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from kiosk.card.openssl import add_der_crl, sign_with_rsa_sha256_only, use_external_key
from kiosk.errors import CardError, CardRemoved, CertificateUnusable, SettingsError

CIPHERS = ":".join(
    (
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES256-SHA384",
        "ECDHE-RSA-CHACHA20-POLY1305",
    )
)
"""PDT-INF-579v4, in OpenSSL's names."""

Sign = Callable[[bytes], bytes]
"""SHA-256 DigestInfo in, PKCS#1 v1.5 signature out; may raise `CardError`."""


class CardContext:
    """One card's TLS: connections, the sessions that spare signatures, and the real cause of a failure.

    May be used by several threads. Dropped with the card session (`close`): nothing of it outlives the card.
    """

    def __init__(
        self, context: ssl.SSLContext, sign: Sign, certificate_der: bytes, public: RSAPublicKey
    ) -> None:
        self._context = context
        self._sign: Sign | None = sign
        self._lock = threading.Lock()
        self._sessions: dict[str, ssl.SSLSession] = {}
        self._failed = threading.local()
        self._signatures = 0
        numbers = public.public_numbers()
        use_external_key(context, certificate_der, numbers.n, numbers.e, self._signed)

    @property
    def signatures(self) -> int:
        """Signatures the card has made for this context so far."""
        return self._signatures

    @property
    def cause(self) -> BaseException | None:
        """What the signer raised in this thread's last handshake: `ssl.SSLError` itself cannot say."""
        return getattr(self._failed, "cause", None)

    def wrap(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        """Handshake over a connected socket, resuming the last session with `host` when the server agrees.

        Raises the signer's own `CardError` when the card failed, `ssl.SSLCertVerificationError` when the server
        is not the one meant, another `ssl.SSLError` or `OSError` otherwise; the socket is then closed.
        """
        self._failed.cause = None
        with self._lock:
            session = self._sessions.get(host)
        try:
            secured = self._context.wrap_socket(connection, server_hostname=host, session=session)
        except (ssl.SSLError, OSError) as error:
            connection.close()
            if isinstance(self.cause, CardError):
                raise self.cause from error
            raise
        self.remember(secured, host)
        return secured

    def remember(self, secured: ssl.SSLSocket, host: str) -> None:
        """Keep the socket's session for the next connection. `wrap` has done so already."""
        session = secured.session
        if session is not None:
            with self._lock:
                self._sessions[host] = session

    def close(self) -> None:
        """Forget the sessions and the signer: any later handshake fails with `CardRemoved`."""
        with self._lock:
            self._sessions.clear()
            self._sign = None

    def _signed(self, digest_info: bytes) -> bytes | None:
        """Called by OpenSSL in the middle of a handshake. No exception may cross it: it is kept for `cause`."""
        try:
            sign = self._sign
            if sign is None:
                raise CardRemoved(detail="TLS context closed")
            signature = sign(digest_info)
        except BaseException as error:
            self._failed.cause = error
            return None
        with self._lock:
            self._signatures += 1
        return signature


def tls_context(certificate_der: bytes, sign: Sign, roots: Path, *, crl: Path | None = None) -> CardContext:
    """A TLS context for the card with that authentication certificate.

    `roots`: PEM of the only authorities that may have signed the server. `crl`: their revocation lists, PEM or
    DER; given, a server whose authority has no current list is refused. Raises `SettingsError` for a file that
    cannot be used and when this Python cannot do it, `CertificateUnusable` for the card's certificate.
    """
    try:
        public = x509.load_der_x509_certificate(certificate_der).public_key()
    except ValueError as error:
        raise CertificateUnusable(detail="DER") from error
    if not isinstance(public, RSAPublicKey):
        raise CertificateUnusable(detail="not RSA")
    return CardContext(dmp_context(roots, crl), sign, certificate_der, public)


def dmp_context(roots: Path, crl: Path | None) -> ssl.SSLContext:
    """How the DMP is spoken to and whom it must be signed by; still without a card. Raises `SettingsError`."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    context.verify_flags |= ssl.VERIFY_X509_STRICT
    context.hostname_checks_common_name = False
    _trust(context, roots, crl)
    sign_with_rsa_sha256_only(context)
    return context


def _trust(context: ssl.SSLContext, roots: Path, crl: Path | None) -> None:
    try:
        context.load_verify_locations(cafile=roots)
    except (OSError, ssl.SSLError) as error:
        raise SettingsError(
            what=f"Le fichier des autorités du service DMP est inutilisable : {roots}",
            detail=type(error).__name__,
        ) from error
    if crl is None:
        return
    try:
        content = crl.read_bytes()
        if content.startswith(b"-----BEGIN"):
            context.load_verify_locations(cafile=crl)
        else:
            add_der_crl(context, content)
    except (OSError, ssl.SSLError, SettingsError) as error:
        raise SettingsError(
            what=f"La liste de révocation est inutilisable : {crl}", detail=type(error).__name__
        ) from error
    context.verify_flags |= ssl.VERIFY_CRL_CHECK_LEAF

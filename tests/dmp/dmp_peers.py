"""What the DMP client is tested against: a small PKI, a real RSA signer, TLS servers in threads."""

import datetime
import socket
import ssl
import subprocess
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import cache
from ipaddress import ip_address
from pathlib import Path
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kiosk.card.tls import CardContext, tls_context
from kiosk.code import Code
from kiosk.dmp import hl7, xml
from kiosk.dmp.model import Actor, PatientId
from kiosk.dmp.profile import Software

INS_C = "1.2.250.1.213.1.4.2"
PATIENT = PatientId(INS_C, "0833910461279517589858")
SOFTWARE = Software("Borne DMP", "1.0.0", "1.2.250.1.999.7", "XXX-000000-0000")
NOW = datetime.datetime(2026, 3, 2, 8, 15, 30, tzinfo=datetime.UTC)

FRAME = hl7.Frame(SOFTWARE, UUID(int=10), UUID(int=11), NOW)
"""The message that hand-written requests and answers are about."""

DOCTOR = Actor(
    national_id="899700000021",
    family_name="GIRAUD",
    given_name="CAMILLE",
    profession=Code("10", "1.2.250.1.71.1.2.7", "Médecin"),
    speciality=Code("SM26", "1.2.250.1.71.4.2.5", "Qualifié en Médecine Générale (SM)"),
    structure_id="499700000001001",
    structure_name="CABINET MEDICAL DES ACACIAS",
    sector=Code("SA07", "1.2.250.1.71.4.2.4", "Cabinet individuel"),
)
SECRETARY = Actor(
    national_id="30B0099991/CPET00011",
    family_name="MARCHAND",
    given_name="LEA",
    profession=Code("SECRETARIAT_MEDICAL", "1.2.250.1.213.1.1.4.6", "Secrétariat médical"),
    speciality=None,
    structure_id="10B0099991",
    structure_name="CENTRE HOSPITALIER DE FICTION",
    sector=Code("SA01", "1.2.250.1.71.4.2.4", "Etablissement public de santé"),
)


def flat(data: bytes) -> list[tuple[str, dict[str, str], str]]:
    """Elements in order, without the white space a person wrote between them."""
    return [(e.tag, dict(e.attrib), (e.text or "").strip()) for e in xml.parse(data).iter()]


class Uuids:
    """UUIDs in order: 00000000-0000-0000-0000-000000000001, then 2, …"""

    def __init__(self) -> None:
        self.last = 0

    def __call__(self) -> UUID:
        self.last += 1
        return UUID(int=self.last)


class Clock:
    def __init__(self, now: datetime.datetime = NOW) -> None:
        self.now = now

    def __call__(self) -> datetime.datetime:
        return self.now

    def advance(self, **duration: float) -> None:
        self.now += datetime.timedelta(**duration)


# --- certificates -----------------------------------------------------------------------------------------


def name(*rdns: dict[x509.ObjectIdentifier, str]) -> x509.Name:
    made = [
        x509.RelativeDistinguishedName([x509.NameAttribute(o, v) for o, v in rdn.items()]) for rdn in rdns
    ]
    return x509.Name(made)


@cache
def key(which: str) -> rsa.RSAPrivateKey:
    """One RSA key for each name, made once."""
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def authority(which: str = "ca") -> x509.Certificate:
    subject = name({NameOID.COUNTRY_NAME: "FR"}, {NameOID.COMMON_NAME: f"TEST {which}"})
    builder = _builder(subject, subject, key(which), x509.KeyUsage(*_usages("key_cert_sign", "crl_sign")))
    return builder.add_extension(x509.BasicConstraints(True, None), True).sign(key(which), hashes.SHA256())


def certificate(
    subject: x509.Name,
    which: str,
    *usages: str,
    issuer: str = "ca",
    days: tuple[int, int] = (-1, 30),
    eku: x509.ObjectIdentifier | None = None,
    names: tuple[str, ...] = (),
) -> x509.Certificate:
    """A leaf for key `which`, valid from `days[0]` to `days[1]` from today."""
    key_usage = x509.KeyUsage(*_usages(*usages))
    builder = _builder(subject, authority(issuer).subject, key(which), key_usage, days)
    builder = builder.add_extension(x509.BasicConstraints(False, None), True)
    builder = builder.add_extension(
        x509.AuthorityKeyIdentifier.from_issuer_public_key(key(issuer).public_key()), False
    )
    if eku is not None:
        builder = builder.add_extension(x509.ExtendedKeyUsage([eku]), False)
    if names:
        alternatives = [x509.IPAddress(ip_address(n)) if n[0].isdigit() else x509.DNSName(n) for n in names]
        builder = builder.add_extension(x509.SubjectAlternativeName(alternatives), False)
    return builder.sign(key(issuer), hashes.SHA256())


def _usages(*wanted: str) -> list[bool]:
    fields = ["digital_signature", "content_commitment", "key_encipherment", "data_encipherment"]
    fields += ["key_agreement", "key_cert_sign", "crl_sign", "encipher_only", "decipher_only"]
    return [field in wanted for field in fields]


def _builder(
    subject: x509.Name,
    issuer: x509.Name,
    own: rsa.RSAPrivateKey,
    key_usage: x509.KeyUsage,
    days: tuple[int, int] = (-1, 30),
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(own.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now + datetime.timedelta(days=days[0]))
        .not_valid_after(now + datetime.timedelta(days=days[1]))
        .add_extension(key_usage, True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), False)
    )


def pem(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.PEM)


def key_pem(which: str) -> bytes:
    return key(which).private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )


CPS_NAME = name(
    {NameOID.COUNTRY_NAME: "FR"},
    {NameOID.TITLE: "Médecin"},
    {NameOID.SURNAME: "GIRAUD", NameOID.GIVEN_NAME: "CAMILLE", NameOID.COMMON_NAME: "899700000021"},
)


class RsaSigner:
    """The signature key of a card that is a file; counts what it signs."""

    def __init__(self, certificate_: x509.Certificate | None = None) -> None:
        self.certificate = certificate_ or certificate(CPS_NAME, "signature", "content_commitment")
        self.signatures = 0

    def sign(self, digest_info: bytes) -> bytes:
        self.signatures += 1
        return raw_signature("signature", digest_info)


def raw_signature(which: str, digest_info: bytes) -> bytes:
    """What a card does: PKCS#1 v1.5 over a DigestInfo, whose header it does not build itself."""
    algorithm, size = (hashes.SHA256(), 32) if len(digest_info) == 51 else (hashes.SHA1(), 20)
    return key(which).sign(digest_info[-size:], PKCS1v15(), Prehashed(algorithm))


def xmlsec1_verifies(signed: bytes, directory: Path) -> bool:
    """What xmlsec1 says of the signature on the assertion in this document, trusting the CA alone."""
    document, trusted = directory / "signed.xml", directory / "trusted.pem"
    document.write_bytes(signed)
    trusted.write_bytes(pem(authority()))
    id_attribute = "urn:oasis:names:tc:SAML:2.0:assertion:Assertion"
    command = ["xmlsec1", "--verify", "--trusted-pem", str(trusted), "--id-attr:ID", id_attribute]
    done = subprocess.run([*command, str(document)], capture_output=True, timeout=20, check=False)
    return done.returncode == 0


# --- TLS servers ------------------------------------------------------------------------------------------


def server_context(directory: Path, *, client_ca: str | None = "ca", **leaf: object) -> ssl.SSLContext:
    """TLS 1.2, asks for a client certificate of `client_ca`."""
    options = {"names": ("localhost", "127.0.0.1"), "eku": ExtendedKeyUsageOID.SERVER_AUTH} | leaf
    cn = name({NameOID.COMMON_NAME: "server"})
    made = certificate(cn, "server", "digital_signature", "key_encipherment", **options)  # type: ignore[arg-type]
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    _load(context, directory, "server", made)
    if client_ca is not None:
        context.verify_mode = ssl.CERT_REQUIRED
        context.load_verify_locations(cadata=pem(authority(client_ca)).decode())
    return context


def card_tls(
    directory: Path, *, trusted: str = "ca", issuer: str = "ca", crl: Path | None = None
) -> CardContext:
    """The kiosk's own TLS, trusting one CA, with a card whose authentication key is an RSA key in memory."""
    made = certificate(
        CPS_NAME, "client", "digital_signature", issuer=issuer, eku=ExtendedKeyUsageOID.CLIENT_AUTH
    )
    (directory / "client.pem").write_bytes(pem(made))
    roots = directory / "roots.pem"
    roots.write_bytes(pem(authority(trusted)))
    der = made.public_bytes(serialization.Encoding.DER)
    return tls_context(der, lambda digest_info: raw_signature("client", digest_info), roots, crl=crl)


class TlsWithoutCard:
    """A TLS client that has no certificate to show."""

    def __init__(self) -> None:
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self._context.maximum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_verify_locations(cadata=pem(authority()).decode())

    def wrap(self, connection: socket.socket, host: str) -> ssl.SSLSocket:
        return self._context.wrap_socket(connection, server_hostname=host)


def _load(context: ssl.SSLContext, directory: Path, which: str, made: x509.Certificate) -> None:
    file = directory / f"{which}.pem"
    file.write_bytes(pem(made) + key_pem(which))
    context.load_cert_chain(file)


Script = Callable[[ssl.SSLSocket, "Peer"], None]
"""Plays one connection, from the end of the handshake."""


class Peer:
    """A TLS server that plays `script` on every connection, each in its own thread."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext, script: Script) -> None:
        self.port: int = listener.getsockname()[1]
        self.requests: list[tuple[bytes, bytes]] = []
        """(head, body) of every request read with `receive`."""
        self.handshakes: list[bool] = []
        """For each, whether the session was resumed."""
        self.moment = threading.Event()
        """For a script to say « now »."""
        self.closing = threading.Event()
        self._listener = listener
        self._context = context
        self._script = script

    def url(self, host: str = "localhost") -> str:
        return f"https://{host}:{self.port}/si-dmp-server/v2/services"

    def accept(self) -> None:
        while not self.closing.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._play, args=(raw,), daemon=True).start()

    def _play(self, raw: socket.socket) -> None:
        raw.settimeout(10)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with suppress(OSError), self._context.wrap_socket(raw, server_side=True) as tls:
            self.handshakes.append(bool(tls.session_reused))
            self._script(tls, self)

    def receive(self, tls: ssl.SSLSocket) -> tuple[bytes, bytes] | None:
        """The next request of this connection; `None` when the client has closed it."""
        data = b""
        while b"\r\n\r\n" not in data:
            block = tls.recv(65536)
            if not block:
                return None
            data += block
        head, _, body = data.partition(b"\r\n\r\n")
        length = next(
            int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length")
        )
        while len(body) < length:
            block = tls.recv(65536)
            if not block:
                return None
            body += block
        self.requests.append((head, body))
        return head, body


@contextmanager
def peer(context: ssl.SSLContext, script: Script) -> Iterator[Peer]:
    listener = socket.create_server(("127.0.0.1", 0))
    made = Peer(listener, context, script)
    thread = threading.Thread(target=made.accept, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.closing.set()
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(5)


def http_answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def serve(answer: Callable[[bytes, bytes], bytes]) -> Script:
    """Answer every request of a connection, kept alive."""

    def script(tls: ssl.SSLSocket, own: Peer) -> None:
        while (request := own.receive(tls)) is not None:
            tls.sendall(answer(*request))

    return script

"""A small HTTPS server of public files, played by the test."""

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, datetime, timedelta
from ipaddress import ip_address
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class WebPeer:
    """Answers every request with `play(target)`; nothing is kept alive."""

    def __init__(self, listener: socket.socket, context: ssl.SSLContext) -> None:
        self.port: int = listener.getsockname()[1]
        self.context = context
        self.play: Callable[[str], bytes] = lambda target: b""
        self.drip = False
        """Send a header that never ends, a byte at a time."""
        self.targets: list[str] = []
        self.versions: set[str | None] = set()
        self._listener = listener
        self._closing = threading.Event()

    def url(self, target: str) -> str:
        return f"https://localhost:{self.port}{target}"

    def accept(self) -> None:
        while not self._closing.is_set():
            try:
                raw, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(raw,), daemon=True).start()

    def close(self) -> None:
        self._closing.set()
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _serve(self, raw: socket.socket) -> None:
        raw.settimeout(10)
        with suppress(OSError), self.context.wrap_socket(raw, server_side=True) as tls:
            self.versions.add(tls.version())
            head = b""
            while b"\r\n\r\n" not in head:
                block = tls.recv(65536)
                if not block:
                    return
                head += block
            target = head.split(b" ", 2)[1].decode()
            self.targets.append(target)
            while self.drip and not self._closing.wait(0.02):
                tls.sendall(b"H")
            tls.sendall(self.play(target))
            with suppress(OSError):
                tls.unwrap().close()


@contextmanager
def web_peer(context: ssl.SSLContext) -> Iterator[WebPeer]:
    listener = socket.create_server(("127.0.0.1", 0))
    peer = WebPeer(listener, context)
    thread = threading.Thread(target=peer.accept, daemon=True)
    thread.start()
    try:
        yield peer
    finally:
        peer.close()
        thread.join(5)


def answer(body: bytes, status: str = "200 OK", *headers: str) -> bytes:
    """`Content-Length` is the body's, unless a header says otherwise."""
    length = (
        ()
        if any(header.startswith(("Content-Length", "Transfer")) for header in headers)
        else (f"Content-Length: {len(body)}",)
    )
    return "\r\n".join([f"HTTP/1.1 {status}", *length, *headers]).encode() + b"\r\n\r\n" + body


class Authority:
    """One root, and a leaf for localhost."""

    def __init__(self, directory: Path) -> None:
        key, leaf_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
        name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "TEST web")])
        root = self._signed(name, name, key, key, x509.BasicConstraints(True, None), ca=True)
        alternatives = x509.SubjectAlternativeName(
            [x509.DNSName("localhost"), x509.IPAddress(ip_address("127.0.0.1"))]
        )
        leaf_name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
        leaf = self._signed(leaf_name, name, leaf_key, key, alternatives, ca=False)
        self.roots = directory / "roots.pem"
        self.roots.write_bytes(root.public_bytes(serialization.Encoding.PEM))
        self.chain = directory / "server.pem"
        self.chain.write_bytes(
            leaf.public_bytes(serialization.Encoding.PEM)
            + leaf_key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )

    @staticmethod
    def _signed(
        subject: x509.Name,
        issuer: x509.Name,
        own: ec.EllipticCurvePrivateKey,
        signing: ec.EllipticCurvePrivateKey,
        extension: x509.ExtensionType,
        *,
        ca: bool,
    ) -> x509.Certificate:
        now = datetime.now(UTC)
        usages = [not ca, False, False, False, False, ca, ca, False, False]
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(issuer)
            .public_key(own.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(now - timedelta(days=1))
            .not_valid_after(now + timedelta(days=30))
            .add_extension(extension, critical=ca)
            .add_extension(x509.KeyUsage(*usages), critical=True)
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(own.public_key()), critical=False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(signing.public_key()), critical=False
            )
        )
        return builder.sign(signing, hashes.SHA256())

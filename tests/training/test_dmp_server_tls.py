"""The channel: TLS 1.2, four suites, card certificates, resumption, HTTP/1.1."""

import socket
import ssl
import subprocess
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from raw_dmp import (
    BASE,
    BY_CARD,
    EXISTENCE,
    JEAN_PIERRE,
    Desk,
    Vihf,
    envelope,
    existence_request,
    headers,
    pem,
    sign,
)

from kiosk.training.dmp_server import DmpServer
from kiosk.training.people import Holder
from kiosk.training.pki import TrainingPki

pytest_plugins = ("dmp_desk",)

SUITES = [
    "ECDHE-RSA-AES256-GCM-SHA384",
    "ECDHE-RSA-AES128-GCM-SHA256",
    "ECDHE-RSA-AES256-SHA384",
    "ECDHE-RSA-CHACHA20-POLY1305",
]


def request(desk: Desk, holder: Holder) -> bytes:
    assertion = sign(Vihf(holder, JEAN_PIERRE), desk.keys(holder))
    return envelope(headers(EXISTENCE), assertion, existence_request(JEAN_PIERRE))


def refused(desk: Desk, context: ssl.SSLContext) -> bool:
    """Whether the server ends the connection before any HTTP."""
    try:
        with (
            socket.create_connection(("127.0.0.1", desk.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost") as channel,
        ):
            channel.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            return channel.recv(1) == b""
    except (ssl.SSLError, ConnectionError):
        return True


def test_a_client_without_certificate_is_refused(desk: Desk) -> None:
    assert refused(desk, desk.context_with(None))


def test_a_certificate_of_a_stranger_is_refused(desk: Desk) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "899700000021")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder(
        name, name, key.public_key(), 1, now - timedelta(days=1), now + timedelta(days=1)
    )
    certificate = builder.sign(key, hashes.SHA256()).public_bytes(serialization.Encoding.DER)
    assert refused(desk, desk.context_with(certificate, key))


def test_the_signature_certificate_does_not_authenticate(desk: Desk, doctor: Holder) -> None:
    keys = desk.keys(doctor)
    assert refused(desk, desk.context_with(keys.signature_certificate, keys.signature_key))


def test_an_expired_card_is_refused(desk: Desk) -> None:
    assert refused(desk, desk.context(BY_CARD["cps-expiree"]))


def test_a_revoked_card_is_refused(tmp_path: Path, doctor: Holder) -> None:
    pki = TrainingPki(tmp_path / "pki")
    revoked = replace(doctor, card_id="cps-revoquee", validity="revoked")
    pki.card(revoked)
    pki.card(doctor)
    own = Desk(pki, tmp_path)
    try:
        assert refused(own, own.context(revoked))
        assert not refused(own, own.context(doctor))
        assertion = sign(Vihf(revoked, JEAN_PIERRE), own.keys(revoked))
        data = envelope(headers(EXISTENCE), assertion, existence_request(JEAN_PIERRE))
        answer = own.post(doctor, "/patients", data)
        assert (answer.status, answer.subcode) == (500, "soap:DMPInvalidCertificate")
        assert "révoqué" in answer.reason
    finally:
        own.server.stop()


def test_tls_1_3_alone_is_refused(desk: Desk, doctor: Holder) -> None:
    keys = desk.keys(doctor)
    context = desk.context_with(keys.authentication_certificate, keys.authentication_key)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    assert refused(desk, context)


@pytest.mark.parametrize("suite", SUITES)
def test_each_published_suite_is_served(desk: Desk, doctor: Holder, suite: str) -> None:
    keys = desk.keys(doctor)
    context = desk.context_with(keys.authentication_certificate, keys.authentication_key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    connection = desk.connect(context)
    assert connection.sock.cipher()[0] == suite
    connection.close()


@pytest.mark.parametrize("suite", ["ECDHE-RSA-AES128-SHA256", "ECDHE-RSA-AES256-SHA", "AES256-GCM-SHA384"])
def test_no_other_suite_is_served(desk: Desk, doctor: Holder, suite: str) -> None:
    keys = desk.keys(doctor)
    context = desk.context_with(keys.authentication_certificate, keys.authentication_key)
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(suite)
    assert refused(desk, context)


def test_openssl_agrees(desk: Desk, doctor: Holder, tmp_path: Path) -> None:
    """A peer nobody here wrote completes the handshake, verifies the server and resumes."""
    keys = desk.keys(doctor)
    client = tmp_path / "client.pem"
    client.write_bytes(
        ssl.DER_cert_to_PEM_cert(keys.authentication_certificate).encode() + pem(keys.authentication_key)
    )
    session = tmp_path / "session"
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{desk.port}", "-servername", "localhost"]
    command += ["-cert", str(client), "-CAfile", str(desk.pki.server_ca_file), "-verify_return_error"]
    command += ["-verify_hostname", "localhost", "-tls1_2"]
    first = subprocess.run([*command, "-sess_out", str(session)], input=b"", capture_output=True, timeout=30)
    assert b"Verify return code: 0 (ok)" in first.stdout, first.stderr
    second = subprocess.run([*command, "-sess_in", str(session)], input=b"", capture_output=True, timeout=30)
    assert b"\nReused, TLSv1.2" in second.stdout


def test_a_resumed_session_still_knows_the_card(desk: Desk, doctor: Holder) -> None:
    keys = desk.keys(doctor)
    context = desk.context_with(keys.authentication_certificate, keys.authentication_key)
    session = None
    for expected in (False, True):
        with (
            socket.create_connection(("127.0.0.1", desk.port), timeout=10) as plain,
            context.wrap_socket(plain, server_hostname="localhost", session=session) as channel,
        ):
            data = request(desk, doctor)
            channel.sendall(
                f"POST {BASE}/patients HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml\r\n"
                f"Content-Length: {len(data)}\r\n\r\n".encode()
                + data
            )
            assert channel.recv(12) == b"HTTP/1.1 200"
            assert channel.session_reused is expected
            session = channel.session
    seen = desk.control(do="log")["log"]
    assert [(entry["resumed"], entry["holder"], entry["outcome"]) for entry in seen] == [
        (False, "cps-medecin", "ok"),
        (True, "cps-medecin", "ok"),
    ]


def test_one_connection_carries_many_requests(desk: Desk, doctor: Holder) -> None:
    connection = desk.connect(desk.context(doctor))
    for _ in range(3):
        connection.request(
            "POST", f"{BASE}/patients", request(desk, doctor), {"Content-Type": "application/soap+xml"}
        )
        response = connection.getresponse()
        assert response.status == 200
        response.read()
    connection.close()
    assert len({entry["connection"] for entry in desk.control(do="log")["log"]}) == 1


def test_a_mute_client_keeps_nobody_waiting(desk: Desk, doctor: Holder) -> None:
    with socket.create_connection(("127.0.0.1", desk.port)):
        assert desk.existence(Vihf(doctor, JEAN_PIERRE)).status == 200


@pytest.mark.parametrize(
    ("method", "path", "fields", "status"),
    [
        ("GET", f"{BASE}/patients", {}, 405),
        ("POST", f"{BASE}/nowhere", {"Content-Type": "application/soap+xml", "Content-Length": "0"}, 404),
        ("POST", "/patients", {"Content-Type": "application/soap+xml", "Content-Length": "0"}, 404),
        ("POST", f"{BASE}/patients", {"Content-Type": "text/xml", "Content-Length": "0"}, 415),
        ("POST", f"{BASE}/patients", {"Content-Type": "application/soap+xml"}, 411),
        (
            "POST",
            f"{BASE}/patients",
            {"Content-Type": "application/soap+xml", "Transfer-Encoding": "chunked"},
            411,
        ),
        ("POST", f"{BASE}/patients", {"Content-Type": "application/soap+xml", "Content-Length": "-1"}, 400),
        (
            "POST",
            f"{BASE}/patients",
            {"Content-Type": "application/soap+xml", "Content-Length": "99999999999"},
            413,
        ),
        ("POST", f"{BASE}/patients", {"Content-Type": "application/soap+xml", "Content-Length": "0"}, 500),
    ],
)
def test_http_errors(
    desk: Desk, doctor: Holder, method: str, path: str, fields: dict[str, str], status: int
) -> None:
    connection = desk.connect(desk.context(doctor))
    connection.putrequest(method, path)
    for name, value in fields.items():
        connection.putheader(name, value)
    connection.endheaders()
    response = connection.getresponse()
    assert response.status == status
    response.read()
    connection.close()


def test_a_client_that_waits_for_the_go_ahead_gets_it(desk: Desk, doctor: Holder) -> None:
    data = request(desk, doctor)
    connection = desk.connect(desk.context(doctor))
    head = f"POST {BASE}/patients HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/soap+xml\r\n"
    connection.sock.sendall(f"{head}Content-Length: {len(data)}\r\nExpect: 100-continue\r\n\r\n".encode())
    assert connection.sock.recv(100) == b"HTTP/1.1 100 Continue\r\n\r\n"
    connection.sock.sendall(data)
    assert connection.sock.recv(12) == b"HTTP/1.1 200"
    connection.close()


def test_a_port_that_is_taken(desk: Desk, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="in use"):
        DmpServer(desk.pki, tmp_path, port=desk.port).start()


def test_stop_ends_idle_connections_and_frees_the_port(
    dmp_pki: TrainingPki, tmp_path: Path, doctor: Holder
) -> None:
    own = Desk(dmp_pki, tmp_path)
    connection = own.connect(own.context(doctor))
    own.server.stop()
    assert connection.sock.recv(1) == b""
    connection.close()
    with pytest.raises(ConnectionRefusedError):
        socket.create_connection(("127.0.0.1", own.port), timeout=5)

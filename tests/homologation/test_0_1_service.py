"""TD0.1, the other half: the service proves who it is; and identifiers of both generations open records."""

import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from access_steps import of_today, outcomes, values
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID
from desk import Desk, play
from web_peer import WebPeer, answer, web_peer

NIR_TEST, INS_C = "1.2.250.1.213.1.4.10", "1.2.250.1.213.1.4.2"


class Authority:
    """Signs servers; the kiosk trusts it or not."""

    def __init__(self, directory: Path, name: str) -> None:
        self.directory, self.name = directory, _named(name)
        self.key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        made = _signed(self.name, self.key, self, x509.BasicConstraints(ca=True, path_length=0), ())
        self.file = directory / f"{name}.pem"
        self.file.write_bytes(made.public_bytes(serialization.Encoding.PEM))

    def server(self, common: str, *alternatives: str) -> ssl.SSLContext:
        """A TLS server that calls itself so."""
        key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
        names = (
            [x509.SubjectAlternativeName([x509.DNSName(one) for one in alternatives])] if alternatives else []
        )
        extensions = (x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), *names)
        leaf = x509.BasicConstraints(ca=False, path_length=None)
        made = _signed(_named(common), key, self, leaf, extensions)
        chain = self.directory / f"{made.serial_number}.pem"
        chain.write_bytes(
            made.public_bytes(serialization.Encoding.PEM)
            + key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.maximum_version = ssl.TLSVersion.TLSv1_2
        context.load_cert_chain(chain)
        return context


def _named(common: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, common)])


def _signed(
    subject: x509.Name,
    key: rsa.RSAPrivateKey,
    issuer: Authority,
    constraints: x509.BasicConstraints,
    extensions: tuple[x509.ExtensionType, ...],
) -> x509.Certificate:
    now, ca = datetime.now(UTC), constraints.ca
    usages = x509.KeyUsage(not ca, False, False, False, False, ca, ca, False, False)
    above = x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer.key.public_key())
    builder = (
        x509.CertificateBuilder(subject_name=subject, issuer_name=issuer.name, public_key=key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=30))
        .add_extension(constraints, critical=True)
        .add_extension(usages, critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(above, critical=False)
    )
    for extension in extensions:
        builder = builder.add_extension(extension, critical=False)
    return builder.sign(issuer.key, hashes.SHA256())


@contextmanager
def instead_of_the_dmp(desk: Desk, context: ssl.SSLContext, trusted: Path) -> Iterator[WebPeer]:
    """Another server at the address of the service; to be said before a card is inserted."""
    with web_peer(context) as peer:
        peer.play = lambda target: answer(b"", "503 Service Unavailable")
        desk.user.app.station = replace(
            desk.user.app.station, dmp_url=peer.url("/services"), dmp_roots=trusted
        )
        yield peer


async def asked_about_simone(desk: Desk) -> str:
    await desk.log_in("cps-medecin")
    return await desk.family("vitale-seule")


def test_0_1_050_the_expected_service_is_spoken_to(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        assert "Pas de DMP" in await asked_about_simone(desk)
        assert await outcomes(desk, "TD0.2") == ["ok"]

    play(story, tmp_path)


def test_0_1_050_a_name_among_the_alternatives_is_enough(tmp_path: Path) -> None:
    """Its common name is another: the channel opens, and what is told is that it does not answer as the DMP."""

    async def story(desk: Desk) -> None:
        expected = Authority(tmp_path, "AC ATTENDUE")
        server = expected.server("frontal-12", "autre.example.org", "localhost")
        with instead_of_the_dmp(desk, server, expected.file) as peer:
            screen = await asked_about_simone(desk)
            assert peer.targets  # a request came through
            assert "DMP-014" not in screen

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("authority", "common", "alternatives"),
    [
        ("AC PIEGE", "localhost", ("localhost",)),
        ("AC ATTENDUE", "localhost", ("piege.example.org",)),
        ("AC ATTENDUE", "localhost", ()),
    ],
)
def test_0_1_050_a_trap_is_told_and_gets_nothing(
    authority: str, common: str, alternatives: tuple[str, ...], tmp_path: Path
) -> None:
    """Signed by somebody else; another name; a common name alone."""

    async def story(desk: Desk) -> None:
        expected = Authority(tmp_path, "AC ATTENDUE")
        signing = expected if authority == "AC ATTENDUE" else Authority(tmp_path, authority)
        with instead_of_the_dmp(desk, signing.server(common, *alternatives), expected.file) as peer:
            assert "DMP : sans réponse (DMP-014)" in await asked_about_simone(desk)
            await desk.user.press("enter")
            await desk.user.see("Cause probable", "À faire", "DMP-014")
            assert peer.targets == []

    play(story, tmp_path)


@pytest.mark.parametrize(("today", "root", "digits"), [(False, INS_C, 22), (True, NIR_TEST, 15)])
def test_0_1_060_an_identifier_read_at_the_desk_finds_the_record_and_no_record(
    today: bool, root: str, digits: int, tmp_path: Path
) -> None:
    """The Vitale card stands for the INSi service; a member of the family has a record, another none."""

    async def story(desk: Desk) -> None:
        if today:
            of_today(desk)
        await desk.log_in("cps-medecin")
        screen = await desk.family("vitale-famille")
        assert "Pas de DMP" in screen
        assert "DMP · autorisé" in screen
        asked = await desk.requests("TD0.2")
        value = "//h:patientIdentifier/h:value"
        assert [values(one, f"{value}/@root") for one in asked] == [[root]] * 3
        assert [len(number) for one in asked for number in values(one, f"{value}/@extension")] == [digits] * 3
        assert await outcomes(desk, "TD0.2") == ["ok"] * 3

    play(story, tmp_path)

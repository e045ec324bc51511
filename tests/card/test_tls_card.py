"""TLS with a key behind a callback: real handshakes with `openssl s_server` and with Python's ssl."""

import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from authority import Authority, SoftCard
from cryptography.hazmat.primitives.serialization import Encoding
from tls_peers import SECONDS, page_of, s_server, said, serving

from kiosk.card.openssl import context_pointer
from kiosk.card.owner import CardOwner
from kiosk.card.tls import CIPHERS, CardContext, tls_context
from kiosk.errors import CardRemoved, CertificateUnusable, PinRequired, SettingsError


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "AC DE TEST")


@pytest.fixture(scope="module")
def good(authority: Authority) -> tuple[Path, Path]:
    return authority.server("good", names=("localhost", "127.0.0.1"))


@pytest.fixture(scope="module")
def card(authority: Authority) -> SoftCard:
    return SoftCard(authority)


@pytest.fixture
def context(authority: Authority, card: SoftCard) -> Iterator[CardContext]:
    made = tls_context(card.der, card.sign, authority.file)
    yield made
    made.close()


def test_the_card_s_key_signs(
    context: CardContext, card: SoftCard, authority: Authority, good: tuple[Path, Path]
) -> None:
    with serving(good, authority) as server:
        assert said(context, server.port) == b"bonjour\n"
    assert context.signatures == 1
    assert server.peers == [card.serial]
    assert context.cause is None


def test_ten_connections_cost_one_signature(
    context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with serving(good, authority) as server:
        for _ in range(10):
            assert said(context, server.port) == b"bonjour\n"
    assert context.signatures == 1
    assert server.resumed == [False] + [True] * 9


def test_a_session_is_offered_to_its_own_host_only(
    context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with serving(good, authority) as server:
        said(context, server.port, "localhost")
        said(context, server.port, "127.0.0.1")
    assert context.signatures == 2
    assert server.resumed == [False, False]


def test_two_cards_share_nothing(authority: Authority, good: tuple[Path, Path]) -> None:
    cards = SoftCard(authority), SoftCard(authority)
    contexts = [tls_context(one.der, one.sign, authority.file) for one in cards]
    with serving(good, authority) as server:
        for context in contexts * 2:
            said(context, server.port)
    assert [context.signatures for context in contexts] == [1, 1]
    assert server.peers == [cards[0].serial, cards[1].serial] * 2


def test_four_threads_at_once(authority: Authority, card: SoftCard, good: tuple[Path, Path]) -> None:
    context = tls_context(card.der, card.sign, authority.file)
    answers: list[bytes] = []
    with serving(good, authority) as server:
        threads = [
            threading.Thread(target=lambda: answers.append(said(context, server.port))) for _ in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(SECONDS)
    assert answers == [b"bonjour\n"] * 4


def test_signing_in_the_card_s_own_thread(
    authority: Authority, card: SoftCard, good: tuple[Path, Path]
) -> None:
    owner = CardOwner()
    threads: list[str] = []

    def sign(digest_info: bytes) -> bytes:
        threads.append(threading.current_thread().name)
        return card.sign(digest_info)

    context = tls_context(card.der, lambda info: owner.call(lambda: sign(info), SECONDS), authority.file)
    with serving(good, authority) as server:
        assert said(context, server.port) == b"bonjour\n"
    owner.stop()
    assert threads == ["card-owner"]


@pytest.mark.parametrize("cipher", CIPHERS.split(":"))
def test_each_published_suite(
    cipher: str, context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with serving(good, authority, maximum=ssl.TLSVersion.TLSv1_2, ciphers=cipher) as server:
        assert said(context, server.port) == b"bonjour\n"
    assert server.ciphers == [cipher]


@pytest.mark.parametrize(
    "cipher", ["AES128-GCM-SHA256", "ECDHE-RSA-AES128-SHA256", "DHE-RSA-AES128-GCM-SHA256"]
)
def test_no_other_suite(
    cipher: str, context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with (
        serving(good, authority, maximum=ssl.TLSVersion.TLSv1_2, ciphers=cipher) as server,
        pytest.raises(ssl.SSLError),
    ):
        said(context, server.port)
    assert context.signatures == 0


def test_tls_1_3_only_server_is_refused(
    context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with serving(good, authority, minimum=ssl.TLSVersion.TLSv1_3) as server, pytest.raises(ssl.SSLError):
        said(context, server.port)
    assert context.signatures == 0


WRONG = {
    "other host": {"names": ("dmp.example.org",)},
    "right name in CN only": {"names": ()},
    "expired": {"names": ("localhost",), "days": (-20, -1)},
    "not yet valid": {"names": ("localhost",), "days": (1, 20)},
    "no authority key identifier": {"names": ("localhost",), "traced": False},
    "client certificate": {"names": ("localhost",), "client": True},
}


@pytest.mark.parametrize("reason", WRONG)
def test_server_that_is_not_the_one_meant(reason: str, context: CardContext, authority: Authority) -> None:
    files = authority.server(reason.replace(" ", "-"), **WRONG[reason])
    with serving(files, authority) as server, pytest.raises(ssl.SSLCertVerificationError):
        said(context, server.port)
    assert context.signatures == 0
    assert server.peers == []


def test_server_of_a_foreign_authority(context: CardContext, authority: Authority, tmp_path: Path) -> None:
    foreign = Authority(tmp_path, "AC ETRANGERE").server("foreign", names=("localhost",))
    with serving(foreign, authority) as server, pytest.raises(ssl.SSLCertVerificationError):
        said(context, server.port)


def test_the_system_s_authorities_are_not_trusted(context: CardContext) -> None:
    assert len(context._context.get_ca_certs()) == 1


@pytest.mark.parametrize("encoding", [Encoding.PEM, Encoding.DER])
def test_revocation_list(
    encoding: Encoding, authority: Authority, card: SoftCard, good: tuple[Path, Path], tmp_path: Path
) -> None:
    revoked = authority.server("revoked", names=("localhost",))
    file = tmp_path / "list.crl"
    file.write_bytes(authority.crl(revoked[0]).public_bytes(encoding))
    context = tls_context(card.der, card.sign, authority.file, crl=file)
    with serving(good, authority) as server:
        assert said(context, server.port) == b"bonjour\n"
    with serving(revoked, authority) as server, pytest.raises(ssl.SSLCertVerificationError, match="revoked"):
        said(context, server.port)


def test_revocation_list_out_of_date(
    authority: Authority, card: SoftCard, good: tuple[Path, Path], tmp_path: Path
) -> None:
    file = tmp_path / "old.crl"
    file.write_bytes(authority.crl(days=(-10, -1)).public_bytes(Encoding.PEM))
    context = tls_context(card.der, card.sign, authority.file, crl=file)
    with serving(good, authority) as server, pytest.raises(ssl.SSLCertVerificationError, match="CRL"):
        said(context, server.port)


@pytest.mark.parametrize("error", [CardRemoved(), PinRequired()])
def test_the_signer_s_own_error_comes_out(
    error: CardRemoved | PinRequired, authority: Authority, card: SoftCard, good: tuple[Path, Path]
) -> None:
    def sign(_: bytes) -> bytes:
        raise error

    context = tls_context(card.der, sign, authority.file)
    with serving(good, authority) as server:
        with pytest.raises(type(error)) as caught:
            said(context, server.port)
        assert caught.value is error
        assert context.cause is error
        assert isinstance(caught.value.__cause__, ssl.SSLError)
    assert context.signatures == 0


def test_a_defect_in_the_signer_does_not_cross_openssl(
    authority: Authority, card: SoftCard, good: tuple[Path, Path]
) -> None:
    context = tls_context(card.der, lambda info: b"x" * (1 // 0), authority.file)
    with serving(good, authority) as server, pytest.raises(ssl.SSLError):
        said(context, server.port)
    assert isinstance(context.cause, ZeroDivisionError)


@pytest.mark.parametrize("size", [0, 255, 257])
def test_a_signature_of_the_wrong_size_is_not_sent(
    size: int, authority: Authority, card: SoftCard, good: tuple[Path, Path]
) -> None:
    context = tls_context(card.der, lambda info: bytes(size), authority.file)
    with serving(good, authority) as server, pytest.raises(ssl.SSLError) as caught:
        said(context, server.port)
    assert (
        "ALERT" not in (caught.value.reason or "").upper()
    )  # it failed here: the server had nothing to refuse


def test_after_the_card_has_left(context: CardContext, authority: Authority, good: tuple[Path, Path]) -> None:
    with serving(good, authority) as server:
        said(context, server.port)
        context.close()
        with pytest.raises(CardRemoved):
            said(context, server.port)
    assert context.signatures == 1


def test_openssl_s_server_sees_the_card_s_certificate(
    context: CardContext, authority: Authority, good: tuple[Path, Path]
) -> None:
    with s_server(authority.file, good) as port:
        for _ in range(3):
            page = page_of(context, port)
            assert b"CN=899700000021" in page.replace(b" ", b"")
            assert b"Protocol  : TLSv1.2" in page
            assert b"Verify return code: 0 (ok)" in page
    assert context.signatures == 1


@pytest.mark.parametrize("der", [b"", b"not a certificate"])
def test_not_a_certificate(der: bytes, authority: Authority) -> None:
    with pytest.raises(CertificateUnusable):
        tls_context(der, lambda info: info, authority.file)


def test_files_that_cannot_be_used(authority: Authority, card: SoftCard, tmp_path: Path) -> None:
    empty = tmp_path / "empty.pem"
    empty.write_bytes(b"")
    for roots, crl in (
        (tmp_path / "absent", None),
        (empty, None),
        (authority.file, empty),
        (authority.file, tmp_path),
    ):
        with pytest.raises(SettingsError):
            tls_context(card.der, card.sign, roots, crl=crl)


class Impostor:
    """An object whose first field points to memory that is no SSL_CTX."""

    __slots__ = ("a_pointer", "options")

    def __init__(self) -> None:
        self.a_pointer, self.options = bytes(8192), 1


@pytest.mark.parametrize("impostor", [[], [1], Impostor()], ids=["null", "odd", "elsewhere"])
def test_the_layout_is_checked_before_it_is_used(impostor: object) -> None:
    with pytest.raises(SettingsError, match="layout"):
        context_pointer(impostor)  # type: ignore[arg-type]

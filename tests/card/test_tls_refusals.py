"""When TLS with the card cannot be, or must not be: what the kiosk says, and that nothing has left by then."""

import ssl
import sys
from pathlib import Path

import pytest
from authority import Authority, SoftCard
from cryptography.hazmat.primitives.serialization import Encoding
from tls_peers import said, serving

from kiosk.card import openssl
from kiosk.card.tls import dmp_context, tls_context
from kiosk.errors import SettingsError


@pytest.fixture(scope="module")
def authority(tmp_path_factory: pytest.TempPathFactory) -> Authority:
    return Authority(tmp_path_factory.mktemp("ca"), "AC DE TEST")


@pytest.fixture(scope="module")
def card(authority: Authority) -> SoftCard:
    return SoftCard(authority)


@pytest.fixture
def looked_at_afresh(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The library is looked at once a process: here as if for the first time, and again afterwards."""
    openssl._library.cache_clear()
    monkeypatch.setattr(openssl, "_kept", list(openssl._kept))
    return monkeypatch


def refusal(authority: Authority, card: SoftCard) -> SettingsError:
    with pytest.raises(SettingsError) as caught:
        tls_context(card.der, card.sign, authority.file)
    openssl._library.cache_clear()
    assert card.asked == []
    assert "connexion par carte" in caught.value.what
    assert "Python du système" in caught.value.todo
    return caught.value


def test_an_openssl_that_hides_its_functions(
    authority: Authority, card: SoftCard, looked_at_afresh: pytest.MonkeyPatch
) -> None:
    """As a Python linked statically does: a function asked for is not among the library's symbols."""
    hidden = {**openssl._SIGNATURES, "SSL_CTX_hidden_in_a_static_build": (None, [])}
    looked_at_afresh.setattr(openssl, "_SIGNATURES", hidden)
    assert "sans en montrer les fonctions" in refusal(authority, card).cause


def test_another_python_than_cpython(
    authority: Authority, card: SoftCard, looked_at_afresh: pytest.MonkeyPatch
) -> None:
    looked_at_afresh.setattr(sys.implementation, "name", "pypy")
    assert "n'est pas CPython" in refusal(authority, card).cause


def test_another_openssl_than_python_was_built_with(
    authority: Authority, card: SoftCard, looked_at_afresh: pytest.MonkeyPatch
) -> None:
    looked_at_afresh.setattr(ssl, "OPENSSL_VERSION_NUMBER", ssl.OPENSSL_VERSION_NUMBER ^ 0x10)
    assert "un autre OpenSSL" in refusal(authority, card).cause


def test_a_python_that_lays_out_its_contexts_otherwise(
    authority: Authority, card: SoftCard, looked_at_afresh: pytest.MonkeyPatch
) -> None:
    """The word where the pointer should be points to memory nobody may write."""
    looked_at_afresh.setattr(openssl, "_is_writable", lambda address: False)
    assert "autrement que les versions connues" in refusal(authority, card).cause


def test_an_openssl_that_takes_no_key_of_others(
    authority: Authority, card: SoftCard, looked_at_afresh: pytest.MonkeyPatch
) -> None:
    """As one built without RSA_METHOD: it gives no method to start from."""
    looked_at_afresh.setattr(openssl._library(), "RSA_meth_dup", lambda method: None)
    assert "refuse une clé" in refusal(authority, card).cause


def test_the_doctor_s_context_has_no_key_but_the_same_demands(authority: Authority) -> None:
    context = dmp_context(authority.file, None)
    assert context.minimum_version == context.maximum_version == ssl.TLSVersion.TLSv1_2
    assert context.verify_mode is ssl.CERT_REQUIRED
    assert context.verify_flags & ssl.VERIFY_X509_STRICT


@pytest.mark.parametrize(
    ("revoked", "days", "told"), [(True, (-1, 7), "revoked"), (False, (-10, -1), "CRL has expired")]
)
def test_dmp_crl_refuses_before_the_card_signs_and_before_anything_is_sent(
    revoked: bool,
    days: tuple[int, int],
    told: str,
    authority: Authority,
    card: SoftCard,
    tmp_path: Path,
) -> None:
    files = authority.server("listed" if revoked else "unlisted", names=("localhost",))
    crl = tmp_path / "list.crl"
    crl.write_bytes(authority.crl(*files[:revoked], days=days).public_bytes(Encoding.DER))
    context = tls_context(card.der, card.sign, authority.file, crl=crl)
    with serving(files, authority) as server, pytest.raises(ssl.SSLCertVerificationError, match=told):
        said(context, server.port)
    assert (context.signatures, server.peers, card.asked) == (0, [], [])


def test_dmp_crl_of_another_authority_is_no_crl(authority: Authority, card: SoftCard, tmp_path: Path) -> None:
    crl = tmp_path / "list.crl"
    crl.write_bytes(Authority(tmp_path, "AC ETRANGERE").crl().public_bytes(Encoding.PEM))
    context = tls_context(card.der, card.sign, authority.file, crl=crl)
    files = authority.server("without-list", names=("localhost",))
    with serving(files, authority) as server, pytest.raises(ssl.SSLCertVerificationError, match="CRL"):
        said(context, server.port)
    assert (context.signatures, server.peers) == (0, [])

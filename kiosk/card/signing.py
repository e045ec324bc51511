"""What a card is given to sign, and whether what it gave back is a signature."""

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.errors import CardAnswerInvalid, CardError

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER in front of a SHA-256 hash (RFC 8017 §9.2): the only DigestInfo the two keys are given."""


def digest_of(digest_info: bytes) -> bytes:
    """The hash inside a SHA-256 DigestInfo. Raises `CardError` for anything else: it is not signed."""
    digest = digest_info.removeprefix(SHA256_DIGEST_INFO)
    if len(digest) != 32 or len(digest_info) != len(SHA256_DIGEST_INFO) + 32:
        raise CardError(detail="sign: not a SHA-256 DigestInfo")
    return digest


def check_signature(certificate: x509.Certificate, digest: bytes, signature: bytes) -> None:
    """Raises `CardAnswerInvalid` unless `signature` was made with the key of `certificate`.

    Another card, were it swapped in unnoticed, could not pass (L3).
    """
    public = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    try:
        public.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except InvalidSignature:
        raise CardAnswerInvalid(detail="signature does not verify") from None

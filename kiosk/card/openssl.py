"""The few OpenSSL calls the standard `ssl` module does not offer, by ctypes on the library `_ssl` itself uses.

They give an `ssl.SSLContext` a client key that lives elsewhere: an RSA_METHOD whose private operation calls back
into Python (cards §5, proved on CPython 3.10-3.13 with OpenSSL 3.0). One thing is not public, the place of the
SSL_CTX pointer inside the Python object: `context_pointer` checks it before anything is written through it.
"""

import _ssl
import ctypes
import ssl
import sys
from collections.abc import Callable
from ctypes import POINTER, c_char_p, c_int, c_long, c_uint64, c_ulong, c_void_p
from functools import cache
from pathlib import Path
from typing import Any

from kiosk.errors import SettingsError

_PKCS1_PADDING = 1
_SET_CLIENT_SIGALGS_LIST = 102

_PRIVATE_ENCRYPT = ctypes.CFUNCTYPE(c_int, c_int, c_void_p, c_void_p, c_void_p, c_int)
"""`int (int flen, const unsigned char *from, unsigned char *to, RSA *rsa, int padding)`."""

_kept: list[Any] = []
"""Methods and callbacks OpenSSL may still reach: never freed. One session process makes one or two."""

_SIGNATURES: dict[str, tuple[Any, list[Any]]] = {
    "OpenSSL_version_num": (c_ulong, []),
    "SSL_CTX_get_options": (c_uint64, [c_void_p]),
    "SSL_CTX_ctrl": (c_long, [c_void_p, c_int, c_long, c_char_p]),
    "SSL_CTX_use_certificate": (c_int, [c_void_p, c_void_p]),
    "SSL_CTX_use_PrivateKey": (c_int, [c_void_p, c_void_p]),
    "SSL_CTX_check_private_key": (c_int, [c_void_p]),
    "SSL_CTX_get_cert_store": (c_void_p, [c_void_p]),
    "X509_STORE_add_crl": (c_int, [c_void_p, c_void_p]),
    "d2i_X509": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "d2i_X509_CRL": (c_void_p, [c_void_p, POINTER(c_char_p), c_long]),
    "X509_free": (None, [c_void_p]),
    "X509_CRL_free": (None, [c_void_p]),
    "RSA_PKCS1_OpenSSL": (c_void_p, []),
    "RSA_meth_dup": (c_void_p, [c_void_p]),
    "RSA_meth_set_flags": (c_int, [c_void_p, c_int]),
    "RSA_meth_set_priv_enc": (c_int, [c_void_p, _PRIVATE_ENCRYPT]),
    "RSA_new": (c_void_p, []),
    "RSA_free": (None, [c_void_p]),
    "RSA_set_method": (c_int, [c_void_p, c_void_p]),
    "RSA_set0_key": (c_int, [c_void_p, c_void_p, c_void_p, c_void_p]),
    "BN_bin2bn": (c_void_p, [c_char_p, c_int, c_void_p]),
    "EVP_PKEY_new": (c_void_p, []),
    "EVP_PKEY_free": (None, [c_void_p]),
    "EVP_PKEY_set1_RSA": (c_int, [c_void_p, c_void_p]),
    "ERR_clear_error": (None, []),
}


def use_external_key(
    context: ssl.SSLContext,
    certificate_der: bytes,
    modulus: int,
    exponent: int,
    sign: Callable[[bytes], bytes | None],
) -> None:
    """Give `context` a client certificate whose key is `sign`: DigestInfo in, signature block out.

    `sign` must not raise; None makes the handshake fail. Raises `SettingsError` when this Python and this
    OpenSSL do not fit together.
    """
    lib = _library()
    pointer = context_pointer(context)
    size = (modulus.bit_length() + 7) // 8
    method = _must(lib.RSA_meth_dup(_must(lib.RSA_PKCS1_OpenSSL())))
    callback = _PRIVATE_ENCRYPT(_private_encrypt(sign, size))
    _kept.append((method, callback))
    _must(lib.RSA_meth_set_flags(method, 0))
    _must(lib.RSA_meth_set_priv_enc(method, callback))
    rsa, key = _must(lib.RSA_new()), _must(lib.EVP_PKEY_new())
    certificate = _must(_decoded(lib.d2i_X509, certificate_der))
    try:
        _must(lib.RSA_set_method(rsa, method))
        _must(lib.RSA_set0_key(rsa, _number(lib, modulus), _number(lib, exponent), None))
        _must(lib.EVP_PKEY_set1_RSA(key, rsa))
        _must(lib.SSL_CTX_use_certificate(pointer, certificate))
        _must(lib.SSL_CTX_use_PrivateKey(pointer, key))
        _must(lib.SSL_CTX_check_private_key(pointer))
    finally:
        # The context holds its own references by now.
        lib.X509_free(certificate)
        lib.EVP_PKEY_free(key)
        lib.RSA_free(rsa)


def sign_with_rsa_sha256_only(context: ssl.SSLContext) -> None:
    """Client signatures PKCS#1 v1.5 over SHA-256 and nothing else: what a CPS3 can do."""
    lib = _library()
    _must(lib.SSL_CTX_ctrl(context_pointer(context), _SET_CLIENT_SIGALGS_LIST, 0, b"RSA+SHA256"))


def add_der_crl(context: ssl.SSLContext, crl: bytes) -> None:
    """Add one DER revocation list to the context's store; `ssl` itself loads PEM files only."""
    lib = _library()
    decoded = _must(_decoded(lib.d2i_X509_CRL, crl))
    try:
        _must(lib.X509_STORE_add_crl(_must(lib.SSL_CTX_get_cert_store(context_pointer(context))), decoded))
    finally:
        lib.X509_CRL_free(decoded)


def context_pointer(context: ssl.SSLContext) -> int:
    """The SSL_CTX* of a context: the first field after the object header in CPython.

    Proved before use: the word found must be an aligned address of mapped, writable memory, and OpenSSL must
    read there the very options Python shows. Raises `SettingsError`.
    """
    lib = _library()
    pointer = c_void_p.from_address(id(context) + object.__basicsize__).value or 0
    if pointer % 8 or not _is_writable(pointer) or lib.SSL_CTX_get_options(pointer) != int(context.options):
        raise _unfit("layout")
    return pointer


def _private_encrypt(
    sign: Callable[[bytes], bytes | None], size: int
) -> Callable[[int, int, int, int, int], int]:
    def operation(length: int, source: int, target: int, _rsa: int, padding: int) -> int:
        if padding != _PKCS1_PADDING:
            return -1
        signature = sign(ctypes.string_at(source, length))
        if signature is None or len(signature) != size:
            return -1
        ctypes.memmove(target, signature, size)
        return size

    return operation


@cache
def _library() -> Any:
    """libssl and libcrypto as `_ssl` sees them: a symbol is looked up in the module and what it links."""
    if sys.implementation.name != "cpython":
        raise _unfit("interpreter")
    library = ctypes.CDLL(getattr(_ssl, "__file__", None))
    try:
        for name, (result, arguments) in _SIGNATURES.items():
            function = getattr(library, name)
            function.restype, function.argtypes = result, arguments
    except AttributeError as error:
        raise _unfit("hidden") from error
    if library.OpenSSL_version_num() != ssl.OPENSSL_VERSION_NUMBER:
        raise _unfit("two")
    return library


def _is_writable(address: int) -> bool:
    """Whether an address may be read and written, as far as the system can tell (Linux)."""
    maps = Path("/proc/self/maps")
    if not maps.exists():
        return address != 0
    for line in maps.read_text(encoding="utf-8", errors="replace").splitlines():
        span, rights, *_ = line.split()
        start, _, end = span.partition("-")
        if int(start, 16) <= address < int(end, 16):
            return rights.startswith("rw")
    return False


def _decoded(decoder: Any, der: bytes) -> int | None:
    found: int | None = decoder(None, ctypes.byref(c_char_p(der)), len(der))
    return found


def _number(lib: Any, value: int) -> int:
    raw = value.to_bytes((value.bit_length() + 7) // 8, "big")
    return _must(lib.BN_bin2bn(raw, len(raw), None))


def _must(result: int | None) -> int:
    """OpenSSL says 0 or NULL when it could not."""
    if not result or result < 0:
        _library().ERR_clear_error()
        raise _unfit("refused")
    return result


_UNFIT = {
    "interpreter": ("Ce Python n'est pas CPython.", "not CPython"),
    "hidden": (
        "Ce Python enferme son propre OpenSSL sans en montrer les fonctions (Python construit d'un seul bloc).",
        "OpenSSL symbols hidden",
    ),
    "two": (
        "Ce Python a été construit avec un autre OpenSSL que celui qu'il utilise maintenant.",
        "two OpenSSL",
    ),
    "layout": (
        "Ce Python range ses contextes TLS autrement que les versions connues de la borne (CPython 3.11 à 3.13).",
        "layout of SSLContext",
    ),
    "refused": (
        "Cet OpenSSL refuse une clé qui reste dans la carte.",
        "OpenSSL refused",
    ),
}
"""Why TLS with the card's key is impossible here: in words, and for the log."""


def _unfit(reason: str) -> SettingsError:
    cause, detail = _UNFIT[reason]
    return SettingsError(
        what="Cette installation de Python ne permet pas la connexion par carte.",
        cause=cause,
        todo="Installez la borne avec le Python du système (voir docs/cards.md), puis relancez-la.",
        detail=detail,
    )

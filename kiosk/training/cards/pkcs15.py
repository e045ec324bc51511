"""The table of contents of an emulated card (PKCS#15 v1.1, ISO/IEC 7816-15), DER.

Paths are absolute, from 3F00. One function a directory file; each entry is an ASN.1 type of the standard with
the members a CPS needs.
"""

from dataclasses import dataclass

from kiosk.training.cards.tlv import bit_string, integer, text, tlv

SEQUENCE = 0x30
OCTETS = 0x04
_UTF8, _ENUMERATED, _NULL, _OBJECT_ID = 0x0C, 0x0A, 0x05, 0x06

_PRIVATE, _MODIFIABLE = 0, 1
"""CommonObjectFlags."""
USAGE_SIGN, USAGE_NON_REPUDIATION = 2, 9
"""KeyUsageFlags."""
COMPUTE_SIGNATURE, HASH = 1, 6
"""Operations."""


@dataclass(frozen=True)
class Algorithm:
    """One algorithm the card computes: known by its PKCS#11 mechanism, asked for by `reference`."""

    mechanism: int
    operation: int
    object_id: bytes
    """Content octets of the OID."""
    reference: int


@dataclass(frozen=True)
class Pin:
    """One PIN of ASCII digits."""

    label: str
    auth_id: bytes
    reference: int
    length: int
    stored_length: int
    pad: int


@dataclass(frozen=True)
class Key:
    label: str
    object_id: bytes
    reference: int
    usage: tuple[int, ...]
    modulus_bits: int


@dataclass(frozen=True)
class Listed:
    """A certificate or a data object: what it is called, and the file it lies in."""

    label: str
    path: bytes
    object_id: bytes = b""
    private: bool = False


def application_template(aid: bytes, label: str, path: bytes) -> bytes:
    """A record of EF.DIR (ISO 7816-4 §8.2.1.1)."""
    return tlv(0x61, tlv(0x4F, aid), text(0x50, label), tlv(0x51, path))


def object_directory(*, pins: bytes, keys: bytes, certificates: bytes, data: bytes) -> bytes:
    """EF.ODF: the paths of AODF, PrKDF, CDF and DODF."""
    listed = ((0xA8, pins), (0xA0, keys), (0xA4, certificates), (0xA7, data))
    return b"".join(tlv(kind, _path(path)) for kind, path in listed)


def token_info(serial: bytes, manufacturer: str, label: str, algorithms: tuple[Algorithm, ...]) -> bytes:
    """EF.TokenInfo, version 1; flags 1, 2, 3: login required, random generator, EID compliant."""
    return tlv(
        SEQUENCE,
        integer(0),
        tlv(OCTETS, serial),
        text(_UTF8, manufacturer),
        text(0x80, label),
        bit_string(1, 2, 3),
        tlv(0xA2, *(_algorithm(number, item) for number, item in enumerate(algorithms, start=1))),
    )


def authentication_objects(pins: tuple[Pin, ...], directory: bytes) -> bytes:
    """EF(AODF)."""
    return b"".join(_pin(pin, directory) for pin in pins)


def private_keys(keys: tuple[Key, ...], auth_id: bytes, directory: bytes) -> bytes:
    """EF(PrKDF): RSA keys made on a card, opened by one PIN."""
    return b"".join(_key(key, auth_id, directory) for key in keys)


def certificates(listed: tuple[Listed, ...]) -> bytes:
    """EF(CDF): X.509 certificates in files."""
    return b"".join(
        tlv(
            SEQUENCE,
            _common(item, b""),
            tlv(SEQUENCE, tlv(OCTETS, item.object_id)),
            tlv(0xA1, tlv(SEQUENCE, _path(item.path))),
        )
        for item in listed
    )


def data_objects(listed: tuple[Listed, ...], auth_id: bytes, application: str) -> bytes:
    """EF(DODF): opaque data objects in files."""
    return b"".join(
        tlv(
            SEQUENCE,
            _common(item, auth_id),
            tlv(SEQUENCE, text(_UTF8, application)),
            tlv(0xA1, _path(item.path)),
        )
        for item in listed
    )


def _algorithm(number: int, algorithm: Algorithm) -> bytes:
    return tlv(
        SEQUENCE,
        integer(number),
        integer(algorithm.mechanism),
        tlv(_NULL),
        bit_string(algorithm.operation),
        tlv(_OBJECT_ID, algorithm.object_id),
        integer(algorithm.reference),
    )


def _pin(pin: Pin, directory: bytes) -> bytes:
    initialized, needs_padding, ascii_numeric = 4, 5, b"\x01"
    attributes = tlv(
        SEQUENCE,
        bit_string(initialized, needs_padding),
        tlv(_ENUMERATED, ascii_numeric),
        integer(pin.length),
        integer(pin.stored_length),
        integer(pin.length),
        integer(pin.reference, 0x80),
        tlv(OCTETS, bytes([pin.pad])),
        _path(directory),
    )
    common = tlv(SEQUENCE, text(_UTF8, pin.label), bit_string(_PRIVATE, _MODIFIABLE))
    return tlv(SEQUENCE, common, tlv(SEQUENCE, tlv(OCTETS, pin.auth_id)), tlv(0xA1, attributes))


def _key(key: Key, auth_id: bytes, directory: bytes) -> bytes:
    sensitive, always_sensitive, never_extractable, local = 0, 2, 3, 4
    common = tlv(SEQUENCE, text(_UTF8, key.label), bit_string(_PRIVATE), tlv(OCTETS, auth_id))
    own = tlv(
        SEQUENCE,
        tlv(OCTETS, key.object_id),
        bit_string(*key.usage),
        bit_string(sensitive, always_sensitive, never_extractable, local),
        integer(key.reference),
    )
    rsa = tlv(0xA1, tlv(SEQUENCE, _path(directory), integer(key.modulus_bits)))
    return tlv(SEQUENCE, common, own, rsa)


def _common(item: Listed, auth_id: bytes) -> bytes:
    guard = bit_string(_PRIVATE) + tlv(OCTETS, auth_id) if item.private else b""
    return tlv(SEQUENCE, text(_UTF8, item.label), guard)


def _path(path: bytes) -> bytes:
    return tlv(SEQUENCE, tlv(OCTETS, path))

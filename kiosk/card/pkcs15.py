"""PKCS#15 (ISO 7816-15): the card's own table of contents.

Which file holds which certificate, which number the card gives a key, how long a PIN may be and how it is
padded: all of it is read on the card, nothing is known beforehand, because the real values of a CPS3 are not
published (cards §2.2, §7.1). Directory files hold DER objects end to end and may be padded.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field

from kiosk.card.tlv import Tlv, bits, find, parse, require, unsigned
from kiosk.errors import CardAnswerInvalid

_SEQUENCE, _OCTETS, _INTEGER, _UTF8, _BITS, _ENUMERATED = 0x30, 0x04, 0x02, 0x0C, 0x03, 0x0A

_PRIVATE_KEYS, _CERTIFICATES, _DATA_OBJECTS, _AUTHENTICATION = 0xA0, 0xA4, 0xA7, 0xA8
"""ODF entries this kiosk follows."""


@dataclass(frozen=True)
class FilePath:
    """Where something is on the card."""

    path: bytes
    """Identifiers from the MF when it begins with 3F00, else from the PKCS#15 directory."""
    offset: int = 0
    length: int | None = None
    """None: the whole file."""

    def within(self, directory: bytes) -> bytes:
        """The path from the MF."""
        return self.path if self.path.startswith(b"\x3f\x00") else directory + self.path


@dataclass(frozen=True)
class ObjectDirectory:
    """EF.ODF: the directory files, by what they list."""

    private_keys: tuple[FilePath, ...]
    certificates: tuple[FilePath, ...]
    data_objects: tuple[FilePath, ...]
    authentication: tuple[FilePath, ...]


@dataclass(frozen=True)
class TokenInfo:
    """EF.TokenInfo."""

    label: str
    serial: bytes = field(repr=False)


@dataclass(frozen=True)
class PinObject:
    """How the card wants the holder's PIN."""

    reference: int
    """P2 of VERIFY."""
    min_length: int
    max_length: int
    stored_length: int
    """Bytes to present once padded; 0 when the card wants no padding."""
    pad: int


@dataclass(frozen=True)
class KeyObject:
    """A private key: known by its number, paired with a certificate by `object_id`."""

    object_id: bytes
    reference: int
    modulus_bits: int
    """0 when the card does not say."""


@dataclass(frozen=True)
class CertificateObject:
    label: str
    object_id: bytes
    file: FilePath


@dataclass(frozen=True)
class DataObject:
    label: str
    private: bool
    """Readable after the PIN only."""
    file: FilePath


def object_directory(odf: bytes) -> ObjectDirectory:
    """EF.ODF. Entries this kiosk has no use for (public keys, trusted CAs) are passed over."""
    entries = parse(odf, padded=True)

    def listed(kind: int) -> tuple[FilePath, ...]:
        return tuple(_path(entry.child(_SEQUENCE)) for entry in entries if entry.tag == kind)

    return ObjectDirectory(
        private_keys=listed(_PRIVATE_KEYS),
        certificates=listed(_CERTIFICATES),
        data_objects=listed(_DATA_OBJECTS),
        authentication=listed(_AUTHENTICATION),
    )


def token_info(content: bytes) -> TokenInfo:
    """EF.TokenInfo: `SEQUENCE { version, serialNumber, manufacturer?, [0] label?, tokenFlags … }`."""
    sequence = require(parse(content, padded=True), _SEQUENCE)
    label = sequence.find(0x80)
    return TokenInfo(_text(label.value) if label else "", sequence.child(_OCTETS).value)


def pins(aodf: bytes) -> tuple[PinObject, ...]:
    """The PINs of an AODF that open the card; unblocking and security officer codes are left out."""
    found = []
    for entry in _entries(aodf):
        attributes = entry.child(0xA1).child(_SEQUENCE).children
        flags = bits(require(attributes, _BITS).value)
        if flags & {6, 7}:  # unblockingPin, soPin
            continue
        numbers = [unsigned(item.value) for item in attributes if item.tag == _INTEGER]
        if len(numbers) < 2:
            raise CardAnswerInvalid(detail="pkcs15: pin lengths")
        reference, pad = find(attributes, 0x80), find(attributes, _OCTETS)
        found.append(
            PinObject(
                reference=_one_byte(reference) if reference else 0,
                min_length=numbers[0],
                max_length=numbers[2] if len(numbers) > 2 else numbers[1],
                stored_length=numbers[1] if 5 in flags else 0,  # needs-padding
                pad=pad.value[0] if pad and pad.value else 0xFF,
            )
        )
    return tuple(found)


def keys(prkdf: bytes) -> tuple[KeyObject, ...]:
    """The RSA private keys of a PrKDF; keys of other kinds are passed over."""
    found = []
    for entry in _entries(prkdf):
        common = _sequences(entry)[1].children
        details = entry.child(0xA1).child(_SEQUENCE).children
        modulus = find(details, _INTEGER)
        found.append(
            KeyObject(
                object_id=require(common, _OCTETS).value,
                reference=_one_byte(require(common, _INTEGER)),
                modulus_bits=unsigned(modulus.value) if modulus else 0,
            )
        )
    return tuple(found)


def certificates(cdf: bytes) -> tuple[CertificateObject, ...]:
    """The X.509 certificates of a CDF that are kept in files."""
    found = []
    for entry in _entries(cdf):
        common, class_attributes = _sequences(entry)
        found.append(
            CertificateObject(
                label=_label(common),
                object_id=class_attributes.child(_OCTETS).value,
                file=_path(entry.child(0xA1).child(_SEQUENCE).child(_SEQUENCE)),
            )
        )
    return tuple(found)


def data_objects(dodf: bytes) -> tuple[DataObject, ...]:
    """The opaque data objects of a DODF."""
    found = []
    for entry in _entries(dodf):
        common = _sequences(entry)[0]
        flags = common.find(_BITS)
        found.append(
            DataObject(
                label=_label(common),
                private=flags is not None and 0 in bits(flags.value),
                file=_path(entry.child(0xA1).child(_SEQUENCE)),
            )
        )
    return tuple(found)


def _entries(directory_file: bytes) -> Iterator[Tlv]:
    """The plain SEQUENCE choice of each kind is the only one a CPS uses: RSA key, X.509, PIN, opaque data."""
    return (entry for entry in parse(directory_file, padded=True) if entry.tag == _SEQUENCE)


def _sequences(entry: Tlv) -> tuple[Tlv, Tlv]:
    """Common object attributes and class attributes: the first two members of every entry."""
    sequences = [child for child in entry.children if child.tag == _SEQUENCE]
    if len(sequences) < 2:
        raise CardAnswerInvalid(detail="pkcs15: entry")
    return sequences[0], sequences[1]


def _label(common: Tlv) -> str:
    label = common.find(_UTF8)
    return _text(label.value) if label else ""


def _text(value: bytes) -> str:
    return value.decode("utf-8", errors="replace")


def _path(sequence: Tlv) -> FilePath:
    """`Path ::= SEQUENCE { path OCTET STRING, index INTEGER?, length [0] INTEGER? }`."""
    path = sequence.child(_OCTETS).value
    if not path or len(path) % 2 or len(path) > 16:
        raise CardAnswerInvalid(detail="pkcs15: path")
    index, length = sequence.find(_INTEGER), sequence.find(0x80)
    return FilePath(path, unsigned(index.value) if index else 0, unsigned(length.value) if length else None)


def _one_byte(reference: Tlv) -> int:
    """A key or PIN number goes into one byte of a command; DER writes 128 and above negative or in two."""
    if not 1 <= len(reference.value) <= 2:
        raise CardAnswerInvalid(detail="pkcs15: reference")
    return int.from_bytes(reference.value, "big") & 0xFF

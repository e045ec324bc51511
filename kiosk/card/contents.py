"""What lies on a professional card before any PIN: serial, PKCS#15 directories, certificates, keys."""

from dataclasses import dataclass, field

from cryptography import x509

from kiosk.card import pkcs15
from kiosk.card.apdu import read_selected, refused, select_path
from kiosk.card.certificates import load_certificate, use_of
from kiosk.card.model import KeyUse
from kiosk.card.pkcs15 import CertificateObject, DataObject, FilePath, KeyObject, PinObject
from kiosk.card.readers import CardLink
from kiosk.card.tlv import parse
from kiosk.errors import CardAnswerInvalid, CertificateUnusable

_MF = bytes.fromhex("3F00")
_SERIAL_FILE = bytes.fromhex("3F00D003")
_SERIAL_HEAD = bytes.fromhex("5A0A8025000001")
_DIRECTORY_FILE = bytes.fromhex("3F002F00")
_APPLICATION = bytes.fromhex("E828BD080F8025000001FF0010")
"""« ASIP CPS », contact face."""
_USUAL_DIRECTORY = bytes.fromhex("3F000001")
"""Where the application is when EF.DIR gives no path."""
_ODF, _TOKEN_INFO = bytes.fromhex("5031"), bytes.fromhex("5032")
"""Identifiers fixed by PKCS#15."""


@dataclass(frozen=True)
class CardContents:
    """One reading. Stays true as long as the card is the same one."""

    serial: str = field(repr=False)
    """Ten digits."""
    directory: bytes
    """Path of the application from the MF."""
    label: str
    pin: PinObject
    certificates: dict[KeyUse, x509.Certificate] = field(repr=False)
    keys: dict[KeyUse, KeyObject]
    data_objects: tuple[DataObject, ...]


def read_contents(link: CardLink) -> CardContents:
    """Read it all. Raises `CertificateUnusable` when one of the two key pairs is missing, else `CardError`."""
    serial = read_serial(link)
    directory = _application_directory(link)
    odf = pkcs15.object_directory(_must_read(link, directory + _ODF))
    token = pkcs15.token_info(_must_read(link, directory + _TOKEN_INFO))
    pins = [pin for file in odf.authentication for pin in pkcs15.pins(read_file(link, file, directory))]
    keys = [key for file in odf.private_keys for key in pkcs15.keys(read_file(link, file, directory))]
    listed = [
        item for file in odf.certificates for item in pkcs15.certificates(read_file(link, file, directory))
    ]
    objects = [
        item for file in odf.data_objects for item in pkcs15.data_objects(read_file(link, file, directory))
    ]
    if not pins:
        raise CardAnswerInvalid(detail="no PIN in the AODF")
    found = _certificates(link, directory, listed)
    return CardContents(
        serial=serial,
        directory=directory,
        label=token.label,
        pin=pins[0],
        certificates={use: certificate for use, (_, certificate) in found.items()},
        keys={use: _paired(item.object_id, keys) for use, (item, _) in found.items()},
        data_objects=tuple(objects),
    )


def read_serial(link: CardLink) -> str:
    """EF.SN.ICC: exactly twelve bytes, five of them the serial number in BCD."""
    content = _must_read(link, _SERIAL_FILE)
    serial = content[7:].hex()
    if len(content) != 12 or not content.startswith(_SERIAL_HEAD) or not serial.isdigit():
        raise CardAnswerInvalid(detail="EF.SN")
    return serial


def read_file(link: CardLink, file: FilePath, directory: bytes) -> bytes:
    """A file named by the card's directories; empty when it is not there (indices may have holes)."""
    if not select_path(link, file.within(directory)):
        return b""
    content = read_selected(link)[file.offset :]
    return content if file.length is None else content[: file.length]


def _must_read(link: CardLink, path: bytes) -> bytes:
    if not select_path(link, path):
        raise refused(0x6A82, 0xA4)
    return read_selected(link)


def _application_directory(link: CardLink) -> bytes:
    """The path EF.DIR gives for the CPS application: templates `61{4F AID, 50 label, 51 path}`."""
    if not select_path(link, _DIRECTORY_FILE):
        return _USUAL_DIRECTORY
    for template in parse(read_selected(link), padded=True):
        aid, path = template.find(0x4F), template.find(0x51)
        if aid and path and aid.value == _APPLICATION and len(path.value) in range(2, 17, 2):
            return path.value if path.value.startswith(_MF) else _MF + path.value
    return _USUAL_DIRECTORY


def _certificates(
    link: CardLink, directory: bytes, listed: list[CertificateObject]
) -> dict[KeyUse, tuple[CertificateObject, x509.Certificate]]:
    found: dict[KeyUse, tuple[CertificateObject, x509.Certificate]] = {}
    for item in listed:
        content = read_file(link, item.file, directory)
        if not content:
            continue
        certificate = load_certificate(content)
        use = use_of(item.label, certificate)
        if use is not None:
            found.setdefault(use, (item, certificate))
    for use in KeyUse:
        if use not in found:
            raise CertificateUnusable(detail=f"no {use.value} certificate")
    return found


def _paired(object_id: bytes, keys: list[KeyObject]) -> KeyObject:
    """The key with the certificate's own identifier: neither order nor value of identifiers is fixed."""
    for key in keys:
        if key.object_id == object_id:
            return key
    raise CertificateUnusable(detail="no key for a certificate")

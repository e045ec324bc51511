"""What is written on an emulated CPS3, CPF or CPE: its files, from a holder and his keys.

File identifiers 2F00, D003, 5031, 5032, 7001, D107 and D120… are those of real cards [sure]; all other
identifiers, the numbers of keys and PIN, and the layouts marked below are inventions [unknown]: a host finds them
through PKCS#15.
"""

from kiosk.training.cards import pkcs15
from kiosk.training.cards.files import MF, Directory, TransparentFile
from kiosk.training.cards.pkcs15 import Algorithm, Key, Listed, Pin
from kiosk.training.cards.tlv import text, tlv
from kiosk.training.people import Holder, Practice
from kiosk.training.pki import CardKeys

APPLICATION = bytes.fromhex("E828BD080F8025000001FF0010")
"""« ASIP CPS », contact face. [sure]"""
PIN_REFERENCE, SIGNATURE_KEY, AUTHENTICATION_KEY = 1, 1, 2
RSA_PKCS1, SHA256, SHA256_RSA_PKCS1 = 0x02, 0x40, 0x42
"""How commands name the algorithms. [sure]"""
PIN_LENGTH, PIN_SIZE, PIN_PAD = 4, 8, 0xFF
"""Digits; bytes VERIFY wants; filler. [sure: seen accepted]"""

_DF, _AODF, _PRKDF, _CDF, _DODF = 0x0001, 0x7001, 0x7002, 0x7004, 0x7006
_AUTHENTICATION_CERTIFICATE, _SIGNATURE_CERTIFICATE = 0x7010, 0x7011
_ID_CARD, _NAME, _INFO, _DATA, _ACTIVITY = 0xD100, 0xD102, 0xD104, 0xD107, 0xD11F
"""`_ACTIVITY` + n is the file of CPS_ACTIVITY_n."""
_SIGNATURE_ID, _AUTHENTICATION_ID = APPLICATION + b"\x10", APPLICATION + b"\x20"
"""As on the one real card described in public; other cards differ. [sure]"""
_AUTH_ID = b"\x01"
_RSA_ARC = bytes.fromhex("2A864886F70D0101")
_ALGORITHMS = (
    Algorithm(0x01, pkcs15.COMPUTE_SIGNATURE, _RSA_ARC + b"\x01", RSA_PKCS1),
    Algorithm(0x40, pkcs15.COMPUTE_SIGNATURE, _RSA_ARC + b"\x0b", SHA256_RSA_PKCS1),
    Algorithm(0x250, pkcs15.HASH, bytes.fromhex("608648016503040201"), SHA256),
)
"""CKM_RSA_PKCS, CKM_SHA256_RSA_PKCS, CKM_SHA256."""
_EF_ATR = bytes.fromhex("4301B8 460404B0ECC1 4703940180 E010 02020104 02020104 02020100 02020100 82029000")
"""Card service, pre-issuing data, capabilities and status as in the contactless ATR of the same chip, and buffer
sizes (IAS-ECC `E0`). [likely] The Cryptolib does not ask for this file; OpenSC does."""


def serial_file(serial: str) -> TransparentFile:
    """EF.SN.ICC: twelve bytes, the last five the serial in BCD. [sure]"""
    return TransparentFile(0xD003, tlv(0x5A, bytes.fromhex("8025000001" + serial)))


def master_file(holder: Holder, keys: CardKeys) -> Directory:
    """The whole card."""
    label = f"CPS3v3-{holder.serial}"
    directory = _path(_DF)
    data = (*_public_data(holder), *(_activity(practice) for practice in holder.practices))
    listed_data = tuple(Listed(name, _path(_DF, file.file_id), private=file.private) for name, file in data)
    pin = Pin("Code porteur", _AUTH_ID, PIN_REFERENCE, PIN_LENGTH, PIN_SIZE, PIN_PAD)
    application = Directory(
        _DF,
        (
            TransparentFile(
                0x5031,
                pkcs15.object_directory(
                    pins=_path(_DF, _AODF),
                    keys=_path(_DF, _PRKDF),
                    certificates=_path(_DF, _CDF),
                    data=_path(_DF, _DODF),
                ),
            ),
            TransparentFile(
                0x5032,
                pkcs15.token_info(
                    bytes.fromhex("8025000001" + holder.serial), "ANS (TEST)", label, _ALGORITHMS
                ),
            ),
            TransparentFile(_AODF, pkcs15.authentication_objects((pin,), directory)),
            TransparentFile(_PRKDF, pkcs15.private_keys(_keys(keys), _AUTH_ID, directory)),
            TransparentFile(_CDF, pkcs15.certificates(_certificates())),
            TransparentFile(_DODF, pkcs15.data_objects(listed_data, _AUTH_ID, "CPS")),
            TransparentFile(_AUTHENTICATION_CERTIFICATE, keys.authentication_certificate),
            TransparentFile(_SIGNATURE_CERTIFICATE, keys.signature_certificate),
            *(file for _, file in data),
        ),
        APPLICATION,
    )
    ef_dir = TransparentFile(0x2F00, pkcs15.application_template(APPLICATION, "ASIP CPS", directory))
    ef_atr = TransparentFile(0x2F01, _EF_ATR)
    return Directory(MF, (serial_file(holder.serial), ef_dir, ef_atr, application))


def _path(*file_ids: int) -> bytes:
    return b"".join(number.to_bytes(2, "big") for number in (MF, *file_ids))


def _keys(keys: CardKeys) -> tuple[Key, ...]:
    sign, pledge = pkcs15.USAGE_SIGN, pkcs15.USAGE_NON_REPUDIATION
    return (
        Key("CPS_PRIV_SIG", _SIGNATURE_ID, SIGNATURE_KEY, (sign, pledge), keys.signature_key.key_size),
        Key(
            "CPS_PRIV_AUT", _AUTHENTICATION_ID, AUTHENTICATION_KEY, (sign,), keys.authentication_key.key_size
        ),
    )


def _certificates() -> tuple[Listed, ...]:
    return (
        Listed(
            "Certificat d'Authentification CPS", _path(_DF, _AUTHENTICATION_CERTIFICATE), _AUTHENTICATION_ID
        ),
        Listed("Certificat de Signature CPS", _path(_DF, _SIGNATURE_CERTIFICATE), _SIGNATURE_ID),
    )


def _public_data(holder: Holder) -> tuple[tuple[str, TransparentFile], ...]:
    """Objects readable before the PIN; their templates are inventions [unknown], but for one fact: the last four
    characters of CPS_INFO_PS are the speciality [sure]."""
    card = tlv(
        0xEA,
        text(0x80, holder.category),
        text(0x81, holder.card_type),
        text(0x82, holder.serial),
        text(0x83, holder.national_id),
    )
    name = tlv(0xEB, text(0x80, holder.family_name), text(0x81, holder.given_name))
    info = tlv(0xEC, text(0x80, holder.profession), text(0x81, holder.speciality.ljust(4)))
    return (
        ("CPS_ID_CARD", TransparentFile(_ID_CARD, card)),
        ("CPS_NAME_PS", TransparentFile(_NAME, name)),
        ("CPS_INFO_PS", TransparentFile(_INFO, info)),
        ("CPS_DATA", TransparentFile(_DATA, bytes(128))),
    )


def _activity(practice: Practice) -> tuple[str, TransparentFile]:
    """`EE{84 name, 85 structure, 86 sector}`, private. [sure; its encoding as UTF-8 is unknown]"""
    content = tlv(
        0xEE,
        text(0x84, practice.structure_name),
        text(0x85, practice.structure_id),
        text(0x86, practice.sector),
    )
    file = TransparentFile(_ACTIVITY + practice.index, content, private=True)
    return f"CPS_ACTIVITY_{practice.index:02}_PS", file

"""A CPS, CPF or CPE over APDUs (`ProfessionalCard`): identity, PIN, activities and both signatures.

Commands are those of cards §2.2-2.4 (observed with the Cryptolib 5.2.2); every identifier of a file, key or PIN
comes from the card's own PKCS#15 directories. On real cards those values were never seen: this back end is
proved on emulated cards, and a site with the Cryptolib uses PKCS#11 instead.
"""

import re
from contextlib import suppress

from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256

from kiosk.card import nomenclature, pin
from kiosk.card.apdu import command, select_path
from kiosk.card.certificates import identity_of
from kiosk.card.contents import CardContents, read_contents, read_file, read_serial
from kiosk.card.model import Activity, KeyUse, PinStatus, Professional
from kiosk.card.readers import CardLink
from kiosk.card.tlv import parse, require
from kiosk.code import Code
from kiosk.errors import CardAnswerInvalid, CardError, CardRemoved
from kiosk.text import clean

SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")
"""DER in front of a SHA-256 hash (RFC 8017 §9.2): the only DigestInfo the two keys are given."""

_ACTIVITY = re.compile(r"CPS_ACTIVITY_([0-9]{2})_PS")
_INFO = "CPS_INFO_PS"
_SPECIALITY = re.compile(r"(?:^|[^A-Z])([A-Z]{1,4}[0-9]{0,2})$")
_R01_FORM = re.compile(r"[A-Z]{2}[0-9]{2}")
"""A code the nomenclature does not hold is believed when it has this form (SM99); a pharmacist's A is not."""


class ApduCard:
    """One card behind one link. Reads what it needs once; asks the card again before each signature."""

    def __init__(self, link: CardLink) -> None:
        self._link = link
        self._contents: CardContents | None = None

    def professional(self) -> Professional:
        contents = self._read()
        authentication = contents.certificates[KeyUse.AUTHENTICATION]
        signature = contents.certificates[KeyUse.SIGNATURE]
        identity = identity_of(authentication)
        if identity_of(signature).national_id != identity.national_id:
            raise CardAnswerInvalid(detail="the two certificates name two people")
        return Professional(
            national_id=identity.national_id,
            family_name=identity.family_name,
            given_name=identity.given_name,
            profession=identity.profession,
            speciality=self._speciality(contents, identity.profession),
            card_type=identity.card_type,
            test_card=identity.test_card,
            card_serial=contents.serial,
            valid_from=max(authentication.not_valid_before_utc, signature.not_valid_before_utc),
            valid_until=min(authentication.not_valid_after_utc, signature.not_valid_after_utc),
            structure_name=identity.structure_name,
            structure_id=identity.structure_id,
        )

    def pin_status(self) -> PinStatus:
        contents = self._read()
        with self._link.exclusive():
            return pin.status(self._link, contents.pin)

    def verify_pin(self, value: bytearray) -> None:
        try:
            wanted = self._read().pin
            pin.check_form(value, wanted)
            with self._link.exclusive():
                pin.present(self._link, value, wanted)
        finally:
            pin.wipe(value)

    def activities(self) -> tuple[Activity, ...]:
        contents = self._read()
        found = []
        with self._link.exclusive():
            for item in contents.data_objects:
                match = _ACTIVITY.fullmatch(item.label)
                content = read_file(self._link, item.file, contents.directory) if match else b""
                if match and content.strip(b"\x00\xff"):
                    found.append(_activity(int(match.group(1)), content))
        return tuple(sorted((item for item in found if item.structure_id), key=lambda item: item.index))

    def certificate(self, use: KeyUse) -> x509.Certificate:
        return self._read().certificates[use]

    def sign(self, use: KeyUse, digest_info: bytes) -> bytes:
        """See `ProfessionalCard.sign`.

        The card's serial is read again first, and the result is checked with the public key of the certificate
        read at the start: another card, were it swapped in unnoticed, could pass neither (L3).
        """
        digest = digest_info.removeprefix(SHA256_DIGEST_INFO)
        if len(digest) != 32 or len(digest_info) != len(SHA256_DIGEST_INFO) + 32:
            raise CardError(detail="sign: not a SHA-256 DigestInfo")
        contents = self._read()
        key = contents.keys[use]
        with self._link.exclusive():
            if read_serial(self._link) != contents.serial:
                raise CardRemoved(
                    cause="Une autre carte a pris sa place dans le lecteur.", detail="serial changed"
                )
            select_path(self._link, contents.directory)
            if use is KeyUse.AUTHENTICATION:
                command(self._link, bytes.fromhex("002241A406800102") + bytes([0x84, 0x01, key.reference]))
                apdu = bytes([0x00, 0x88, 0x00, 0x00, len(digest_info)]) + digest_info
            else:
                command(self._link, bytes.fromhex("002241B606800142") + bytes([0x84, 0x01, key.reference]))
                apdu = bytes.fromhex("002A9E9A20") + digest
            signature = command(self._link, apdu)
        _check_signature(contents.certificates[use], digest, signature)
        return signature

    def close(self) -> None:
        self._link.close()

    def _read(self) -> CardContents:
        if self._contents is None:
            with self._link.exclusive():
                self._contents = read_contents(self._link)
        return self._contents

    def _speciality(self, contents: CardContents, profession: Code) -> Code | None:
        """The last four characters of CPS_INFO_PS at most: the layout before them is not published [unknown]."""
        item = next((item for item in contents.data_objects if item.label == _INFO), None)
        if item is None or profession.system != nomenclature.G15:
            return None
        with self._link.exclusive():
            content = read_file(self._link, item.file, contents.directory)
        tail = content.rstrip(b"\x00\xff")[-4:].decode("latin-1").strip()
        match = _SPECIALITY.search(tail)
        if match is None:
            return None
        code = match.group(1)
        known = nomenclature.is_speciality(code, profession.code)
        return nomenclature.speciality(code, profession.code) if known or _R01_FORM.fullmatch(code) else None


def _activity(index: int, content: bytes) -> Activity:
    """`EE{84 name, 85 structure identifier, 86 sector}`. [sure]"""
    inside = require(parse(content, padded=True), 0xEE)

    def text(tag: int) -> str:
        item = inside.find(tag)
        return clean(_decoded(item.value) if item else "", 200)

    return Activity(index, text(0x84), text(0x85), nomenclature.sector(text(0x86)))


def _decoded(value: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return value.decode("utf-8")
    return value.decode("latin-1")


def _check_signature(certificate: x509.Certificate, digest: bytes, signature: bytes) -> None:
    public = certificate.public_key()
    assert isinstance(public, RSAPublicKey)
    try:
        public.verify(signature, digest, PKCS1v15(), Prehashed(SHA256()))
    except InvalidSignature:
        raise CardAnswerInvalid(detail="signature does not verify") from None

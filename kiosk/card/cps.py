"""A CPS, CPF or CPE over APDUs (`ProfessionalCard`): identity, PIN, activities and both signatures.

Commands are those of cards §2.2-2.4 (observed with the Cryptolib 5.2.2); every identifier of a file, key or PIN
comes from the card's own PKCS#15 directories. On real cards those values were never seen: this back end is
proved on emulated cards, and a site with the Cryptolib uses PKCS#11 instead.
"""

from cryptography import x509

from kiosk.card import pin
from kiosk.card.apdu import command, select_path
from kiosk.card.contents import CardContents, read_contents, read_file, read_serial
from kiosk.card.holder import INFO, activities_of, activity_index, professional_of
from kiosk.card.model import Activity, KeyUse, PinStatus, Professional
from kiosk.card.pinpad import PadLink, PinPad
from kiosk.card.readers import CardLink
from kiosk.card.signing import SHA256_DIGEST_INFO as SHA256_DIGEST_INFO
from kiosk.card.signing import check_signature, digest_of
from kiosk.errors import CardRemoved, ReaderAbsent


class ApduCard:
    """One card behind one link. Reads what it needs once; asks the card again before each signature."""

    def __init__(self, link: CardLink) -> None:
        self._link = link
        self._contents: CardContents | None = None

    def professional(self) -> Professional:
        contents = self._read()
        return professional_of(contents.certificates, self._info(contents), contents.serial)

    def pin_status(self) -> PinStatus:
        contents = self._read()
        with self._link.exclusive():
            return pin.status(self._link, contents.pin)

    def verify_pin(self, value: bytearray) -> None:
        try:
            wanted = self._read().pin
            pin.check_form(value, wanted.min_length, wanted.max_length)
            with self._link.exclusive():
                pin.present(self._link, value, wanted)
        finally:
            pin.wipe(value)

    def has_pin_pad(self) -> bool:
        return self._pad() is not None

    def verify_pin_on_pad(self) -> None:
        wanted = self._read().pin
        with self._link.exclusive():
            pad = self._pad()
            if pad is None:
                raise ReaderAbsent(detail="pin pad gone")
            pad.present(wanted)

    def activities(self) -> tuple[Activity, ...]:
        contents = self._read()
        found = {}
        with self._link.exclusive():
            for item in contents.data_objects:
                index = activity_index(item.label)
                if index is not None:
                    found[index] = read_file(self._link, item.file, contents.directory)
        return activities_of(found)

    def certificate(self, use: KeyUse) -> x509.Certificate:
        return self._read().certificates[use]

    def sign(self, use: KeyUse, digest_info: bytes) -> bytes:
        """See `ProfessionalCard.sign`.

        The card's serial is read again first, and the result is checked with the public key of the certificate
        read at the start: another card, were it swapped in unnoticed, could pass neither (L3).
        """
        digest = digest_of(digest_info)
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
        check_signature(contents.certificates[use], digest, signature)
        return signature

    def close(self) -> None:
        self._link.close()

    def _read(self) -> CardContents:
        if self._contents is None:
            with self._link.exclusive():
                self._contents = read_contents(self._link)
        return self._contents

    def _pad(self) -> PinPad | None:
        link = self._link
        return link.pin_pad() if isinstance(link, PadLink) else None

    def _info(self, contents: CardContents) -> bytes:
        item = next((item for item in contents.data_objects if item.label == INFO), None)
        if item is None:
            return b""
        with self._link.exclusive():
            return read_file(self._link, item.file, contents.directory)

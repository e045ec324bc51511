"""Professional cards behind a PKCS#11 module, with one pair of hands for two modules.

`SoftHsmReader`: SoftHSM through `cps_module.c`, which gives it a reader and a PIN counter; everything particular
to SoftHSM stands here and there. `PcscdReader`: any other module, before real pcscd and the emulated cards.
"""

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, Protocol

import pkcs11
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from peers import Pcscd
from pkcs11 import Attribute, CertificateType, ObjectClass
from pkcs11.util.rsa import decode_rsa_private_key

from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.card.signing import SHA256_DIGEST_INFO
from kiosk.training.cards.tlv import text, tlv
from kiosk.training.people import HOLDERS, Holder, Practice
from kiosk.training.pki import CardKeys, TrainingPki

SOFTHSM = "/usr/lib/softhsm/libsofthsm2.so"
BY_ID = {holder.card_id: holder for holder in HOLDERS}
CARDS = ("cpe-accueil", "cps-medecin", "cps-multi", "cps-pharmacien", "cps-dernier-essai", "cps-bloquee")
"""The cards of the cast that SoftHSM holds too."""
AUTHENTICATION_ID, SIGNATURE_ID = b"carte\x20", b"carte\x10"

Template = dict[Attribute, Any]
Open = Callable[[str], Pkcs11Card]
"""Puts a card into the first slot, by its name in the cast, and opens it."""


class Reader(Protocol):
    """Two slots a module looks into."""

    module: Path

    def insert(self, card_id: str, slot: int = 0) -> None:
        """Swaps what is inside."""

    def remove(self, slot: int = 0) -> None: ...


class PcscdReader:
    def __init__(self, pcscd: Pcscd, module: Path) -> None:
        self._pcscd, self.module = pcscd, module

    def insert(self, card_id: str, slot: int = 0) -> None:
        self._pcscd.insert(slot, card_id)

    def remove(self, slot: int = 0) -> None:
        self._pcscd.remove(slot)


class SoftHsm:
    """The tokens of this test run. Written while no card is open: SoftHSM is initialized once a process."""

    def __init__(self, directory: Path, pki: TrainingPki) -> None:
        self.pki = pki
        (directory / "tokens").mkdir()
        configuration = directory / "softhsm2.conf"
        configuration.write_text(f"directories.tokendir = {directory / 'tokens'}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(configuration)
        self.module = directory / "cps_module.so"
        source = Path(__file__).with_name("cps_module.c")
        compiler = ["gcc", "-std=c11", "-Wall", "-Werror", "-shared", "-fPIC", f'-DSOFTHSM="{SOFTHSM}"']
        subprocess.run([*compiler, "-o", str(self.module), str(source)], check=True)

    def write(self, label: str, *objects: Template) -> None:
        command = ["softhsm2-util", "--init-token", "--free", "--label", label]
        subprocess.run([*command, "--so-pin", "12345678", "--pin", "1234"], check=True, capture_output=True)
        library = pkcs11.lib(SOFTHSM)
        try:
            (token,) = (found for found in library.get_tokens() if found.label == label)
            with token.open(rw=True, user_pin="1234") as session:
                for item in objects:
                    session.create_object({Attribute.TOKEN: True, Attribute.PRIVATE: False} | item)
        finally:
            library.finalize()

    def write_card(self, card_id: str) -> None:
        holder = BY_ID[card_id]
        self.write(label_of(holder), *objects_of(holder, self.pki.card(holder)))


class SoftHsmReader:
    def __init__(self, store: SoftHsm, directory: Path) -> None:
        self.module = store.module
        self._directory = directory
        self._inside: dict[int, tuple[str, int]] = {}
        self._insertions = 0
        os.environ["CPS_READER"] = str(directory)

    def insert(self, card_id: str, slot: int = 0) -> None:
        holder = BY_ID[card_id]
        tries = self._directory / f"tries-{label_of(holder)}"
        if not tries.exists():
            tries.write_text(str(holder.tries_left))
        self.insert_token(label_of(holder), slot)

    def insert_token(self, label: str, slot: int = 0) -> None:
        self._insertions += 1
        self._inside[slot] = label, self._insertions
        self._tell()

    def remove(self, slot: int = 0) -> None:
        del self._inside[slot]
        self._tell()

    def mark(self, name: str) -> None:
        """`no-pin` or `reset`: see cps_module.c."""
        (self._directory / name).touch()

    def _tell(self) -> None:
        lines = (f"{label} {number}\n" for label, number in self._inside.values())
        (self._directory / "inserted").write_text("".join(lines))


def pin(text: str = "1234") -> bytearray:
    return bytearray(text.encode())


def digest_info(message: bytes) -> bytes:
    return SHA256_DIGEST_INFO + hashlib.sha256(message).digest()


def label_of(holder: Holder) -> str:
    return f"CPS3v3-{holder.serial}"


def objects_of(holder: Holder, keys: CardKeys) -> list[Template]:
    """A card as the Cryptolib shows one: signature first, so that nothing is right by its place."""
    info = b"\xec\x08" + text(0x80, holder.profession.ljust(2)) + holder.speciality.ljust(4).encode()
    return [
        certificate("Certificat de Signature CPS", SIGNATURE_ID, keys.signature_certificate),
        certificate("Certificat d'Authentification CPS", AUTHENTICATION_ID, keys.authentication_certificate),
        private_key("CPS_PRIV_SIG", SIGNATURE_ID, keys.signature_key),
        private_key("CPS_PRIV_AUT", AUTHENTICATION_ID, keys.authentication_key),
        data("CPS_DATA", bytes(128)),
        data("CPS_INFO_PS", info),
        *(activity(practice) for practice in reversed(holder.practices)),
    ]


def certificate(label: str, object_id: bytes, der: bytes) -> Template:
    subject = x509.load_der_x509_certificate(der).subject
    return {
        Attribute.CLASS: ObjectClass.CERTIFICATE,
        Attribute.CERTIFICATE_TYPE: CertificateType.X_509,
        Attribute.LABEL: label,
        Attribute.ID: object_id,
        Attribute.SUBJECT: subject.public_bytes(),
        Attribute.VALUE: der,
    }


def private_key(label: str, object_id: bytes, key: RSAPrivateKey) -> Template:
    der = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    own: Template = {Attribute.LABEL: label, Attribute.ID: object_id, Attribute.PRIVATE: True}
    return decode_rsa_private_key(der) | own | {Attribute.SIGN: True, Attribute.SENSITIVE: True}


def data(label: str, content: bytes, *, private: bool = False) -> Template:
    return {
        Attribute.CLASS: ObjectClass.DATA,
        Attribute.LABEL: label,
        Attribute.APPLICATION: "CPS",
        Attribute.PRIVATE: private,
        Attribute.VALUE: content,
    }


def activity(practice: Practice) -> Template:
    fields = (
        text(0x84, practice.structure_name),
        text(0x85, practice.structure_id),
        text(0x86, practice.sector),
    )
    return data(f"CPS_ACTIVITY_{practice.index:02}_PS", tlv(0xEE, *fields), private=True)

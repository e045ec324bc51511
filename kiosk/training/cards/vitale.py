"""An emulated Vitale 2, free zone: who is on the card and each person's own NIR.

SFI 2 of the MF and of the application are read so by two public readers [likely]; SFI 1, tags 83, C0 and C1 and
all file identifiers are inventions [unknown]. No PIN, no keys.
"""

from kiosk.training.cards.card import Card, FileCard
from kiosk.training.cards.files import MF, Directory, TransparentFile
from kiosk.training.cards.tlv import text, tlv
from kiosk.training.people import Insured, Vitale

ATR = bytes.fromhex("3B751300004509EA9000")

_MF_NAME = bytes.fromhex("D2500000024D465F564954414C45")
_APPLICATION = bytes.fromhex("D250000002564954414C45")
_APPLICATION_ID, _CARD, _PEOPLE, _RIGHTS = 0x7F00, 0x2F10, 0x2F11, 0x2001
_UNCOMPUTABLE_KEY = "99"
"""For a number that is no number; no key is above 97."""


def vitale_card(vitale: Vitale) -> Card:
    card = tlv(0xE1, text(0x5A, vitale.serial), text(0xC0, vitale.nature))
    people = b"".join(_person(person) for person in vitale.people)
    rights = b"".join(_rights(person) for person in vitale.people)
    application = Directory(_APPLICATION_ID, (TransparentFile(_RIGHTS, rights, sfi=2),), _APPLICATION)
    files = (TransparentFile(_CARD, card, sfi=1), TransparentFile(_PEOPLE, people, sfi=2), application)
    return FileCard(ATR, Directory(MF, files, _MF_NAME), exact_length=True)


def nir_key(nir13: str) -> str:
    """Two digits: 97 - N mod 97, Corsica's 2A and 2B counted as 19 and 18."""
    number = nir13[:5] + nir13[5:7].replace("2A", "19").replace("2B", "18") + nir13[7:]
    return f"{97 - int(number) % 97:02}" if number.isdecimal() else _UNCOMPUTABLE_KEY


def _person(person: Insured) -> bytes:
    return tlv(
        0x65,
        _latin(0x80, person.usual_name),
        _latin(0x81, person.given_name),
        _latin(0x82, person.birth_date),
        _latin(0x83, person.birth_name),
        text(0xC1, "0" if person.insured else "1"),
    )


def _rights(person: Insured) -> bytes:
    if not person.nir13:
        return tlv(0x65, text(0x90, "F"))
    key = nir_key(person.nir13)
    if person.wrong_key:
        key = f"{int(key) % 97 + 1:02}"
    return tlv(0x65, text(0x90, "F"), text(0x93, person.nir13 + key))


def _latin(tag: int, value: str) -> bytes:
    """ISO-8859-1 has no œ: the issuer writes oe."""
    return text(tag, value.replace("Œ", "OE").replace("œ", "oe"), "latin-1")

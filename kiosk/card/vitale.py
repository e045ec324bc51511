"""A Vitale 2 read directly, without PIN and without CPS.

This is not the approved « API de lecture Vitale »: two public readers agree on the files below, nothing official
does, so it is off by default on a real service and never the base of a qualified INS (cards §3).

* MF: SFI 1, card file [unknown: made for the training cards]; SFI 2, one `65` per beneficiary [likely];
* application VITALE: SFI 2, one `65` per beneficiary, in the same order [likely].
"""

from kiosk.card.apdu import read_short_file, refused, select_application, select_path
from kiosk.card.atr import is_first_generation_vitale
from kiosk.card.model import Beneficiary, VitaleCard
from kiosk.card.readers import CardLink
from kiosk.card.tlv import Tlv, parse, require
from kiosk.errors import CardAnswerInvalid, CardUnknown
from kiosk.text import clean

_MF = bytes.fromhex("3F00")
_APPLICATION = bytes.fromhex("D250000002564954414C45")
_CARD_FILE, _PEOPLE = 1, 2
_REAL = b"R"
_INSURED = b"0"


def read_vitale(link: CardLink) -> VitaleCard:
    """Everything the kiosk uses of a Vitale card, in one go. Raises `CardError`.

    Two lists of different lengths are refused: the order alone says which NIR is whose.
    """
    if is_first_generation_vitale(link.atr):
        raise CardUnknown(
            what="Cette carte Vitale est d'un modèle trop ancien.",
            cause="La borne ne sait pas lire les cartes Vitale 1.",
            todo="Demandez au patient sa carte Vitale récente.",
        )
    with link.exclusive():
        if not select_path(link, _MF):
            raise refused(0x6A82, 0xA4)
        card = require(parse(read_short_file(link, _CARD_FILE), padded=True), 0xE1)
        people = _templates(read_short_file(link, _PEOPLE))
        if not select_application(link, _APPLICATION):
            raise refused(0x6A82, 0xA4)
        rights = _templates(read_short_file(link, _PEOPLE))
    if not people or len(people) != len(rights):
        raise CardAnswerInvalid(detail=f"people={len(people)} rights={len(rights)}")
    nature = card.find(0xC0)
    return VitaleCard(
        serial=_text(card, 0x5A),
        # A nature that cannot be read counts as a test: refused by the real service, not the reverse.
        test_card=nature is None or nature.value != _REAL,
        beneficiaries=tuple(
            _beneficiary(rank, person, own)
            for rank, (person, own) in enumerate(zip(people, rights, strict=True), start=1)
        ),
    )


def _templates(content: bytes) -> tuple[Tlv, ...]:
    return tuple(item for item in parse(content, padded=True) if item.tag == 0x65)


def _beneficiary(rank: int, person: Tlv, own: Tlv) -> Beneficiary:
    quality = person.find(0xC1)  # [unknown] tag; without it the insured is the first one [likely]
    return Beneficiary(
        rank=rank,
        usual_name=_text(person, 0x80),
        birth_name=_text(person, 0x83),  # [unknown] tag
        given_name=_text(person, 0x81),
        birth_date=_text(person, 0x82),
        nir=_text(own, 0x93),
        insured=quality.value == _INSURED if quality else rank == 1,
    )


def _text(template: Tlv, tag: int) -> str:
    item = template.find(tag)
    return clean(item.value.decode("latin-1") if item else "", 100)

"""The holder and his situations d'exercice, out of what any back end read on the card.

Over APDUs or over PKCS#11 the same three things come up: two certificates, the content of CPS_INFO_PS and the
contents of CPS_ACTIVITY_nn_PS. What they mean is told here, once.
"""

import re
from collections.abc import Mapping
from contextlib import suppress

from cryptography import x509

from kiosk.card import nomenclature
from kiosk.card.certificates import identity_of
from kiosk.card.model import Activity, KeyUse, Professional
from kiosk.card.tlv import parse, require
from kiosk.code import Code
from kiosk.errors import CardAnswerInvalid
from kiosk.text import clean

INFO = "CPS_INFO_PS"
"""Label of the public data object that ends with the speciality."""

_ACTIVITY = re.compile(r"CPS_ACTIVITY_([0-9]{2})_PS")
_SPECIALITY = re.compile(r"(?:^|[^A-Z])([A-Z]{1,4}[0-9]{0,2})$")
_R01_FORM = re.compile(r"[A-Z]{2}[0-9]{2}")
"""A code the nomenclature does not hold is believed when it has this form (SM99); a pharmacist's A is not."""
_PADDING = b"\x00\xff"


def professional_of(
    certificates: Mapping[KeyUse, x509.Certificate], info: bytes, serial: str
) -> Professional:
    """The holder. `info` is the content of CPS_INFO_PS, empty when the card has none.

    Raises `CertificateUnusable`, and `CardAnswerInvalid` when the two certificates name two people.
    """
    authentication, signature = certificates[KeyUse.AUTHENTICATION], certificates[KeyUse.SIGNATURE]
    identity = identity_of(authentication)
    if identity_of(signature).national_id != identity.national_id:
        raise CardAnswerInvalid(detail="the two certificates name two people")
    return Professional(
        national_id=identity.national_id,
        family_name=identity.family_name,
        given_name=identity.given_name,
        profession=identity.profession,
        speciality=_speciality(info, identity.profession),
        card_type=identity.card_type,
        test_card=identity.test_card,
        card_serial=serial,
        valid_from=max(authentication.not_valid_before_utc, signature.not_valid_before_utc),
        valid_until=min(authentication.not_valid_after_utc, signature.not_valid_after_utc),
        structure_name=identity.structure_name,
        structure_id=identity.structure_id,
        anonymous=identity.anonymous,
    )


def activity_index(label: str) -> int | None:
    """Number of the situation d'exercice a data object with that label holds; None for any other object."""
    match = _ACTIVITY.fullmatch(label)
    return int(match.group(1)) if match else None


def activities_of(contents: Mapping[int, bytes]) -> tuple[Activity, ...]:
    """The situations d'exercice in the order of their indices, which may have holes.

    `contents`: index to content. A blank content, or one without a structure, is none. Raises
    `CardAnswerInvalid`.
    """
    found = (
        _activity(index, content) for index, content in sorted(contents.items()) if content.strip(_PADDING)
    )
    return tuple(activity for activity in found if activity.structure_id)


def _activity(index: int, content: bytes) -> Activity:
    """`EE{84 name, 85 structure identifier, 86 sector}`. [sure]"""
    inside = require(parse(content, padded=True), 0xEE)

    def text(tag: int) -> str:
        item = inside.find(tag)
        return clean(_decoded(item.value) if item else "", 200)

    return Activity(index, text(0x84), text(0x85), nomenclature.sector(text(0x86)))


def _speciality(info: bytes, profession: Code) -> Code | None:
    """The last four characters of CPS_INFO_PS at most: the layout before them is not published [unknown]."""
    if profession.system != nomenclature.G15:
        return None
    match = _SPECIALITY.search(info.rstrip(_PADDING)[-4:].decode("latin-1").strip())
    if match is None:
        return None
    code = match.group(1)
    known = nomenclature.is_speciality(code, profession.code)
    return nomenclature.speciality(code, profession.code) if known or _R01_FORM.fullmatch(code) else None


def _decoded(value: bytes) -> str:
    with suppress(UnicodeDecodeError):
        return value.decode("utf-8")
    return value.decode("latin-1")

"""INS-C: the identifier computed from three traits of a Vitale card. Legacy: the historical DMP uses it.

Seed = first name folded to ten characters ‖ birth date AAMMJJ as on the card ‖ NIR without its key, 29 ASCII
bytes; the first eight bytes of its SHA-256, big-endian, written on 20 digits; key = 97 − (value mod 97).
Source: ASIP, « Dossier de conception INS-C » v1.0.0, checked on the official sample (14,369 rows of 14,369).
"""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, field
from hashlib import sha256

from kiosk.card.model import Beneficiary
from kiosk.card.nir import Nir, is_agricultural, is_nir13, is_provisional, parse_nir
from kiosk.errors import InscCause, InscImpossible

_NOT_A_LETTER = re.compile("[^A-Z]+")
_SIX_DIGITS = re.compile("[0-9]{6}")
_BIRTH_DATE = re.compile("[0-9]{6}(?:[0-9]{2})?")
_LIGATURES = str.maketrans({"Œ": "OE", "œ": "OE", "Æ": "AE", "æ": "AE"})  # [unknown]: not in the sample


@dataclass(frozen=True)
class InsC:
    """20 digits and their key. `str()` gives the 22 digits; the repr gives nothing away."""

    digits: str = field(repr=False)
    key: str = field(repr=False)
    """`01` to `97`."""

    def __str__(self) -> str:
        return self.digits + self.key


def compute(first_name: str, birth_yymmdd: str, nir13: str) -> InsC:
    """The INS-C of three traits, as the card gives them.

    A blank first name counts as ten spaces; the birth date is never corrected: day 00, month 00 or a month
    past 12 enter the seed as they are. Raises `ValueError` for a date that is not six digits or a NIR that
    has not the form of one.
    """
    if not _SIX_DIGITS.fullmatch(birth_yymmdd) or not is_nir13(nir13):
        raise ValueError("the traits do not have the form an INS-C is computed from")
    seed = f"{_folded(first_name):<10}{birth_yymmdd}{nir13}"
    value = int.from_bytes(sha256(seed.encode("ascii")).digest()[:8], "big")
    return InsC(f"{value:020d}", f"{97 - value % 97:02d}")


def check(insc22: str) -> bool:
    """Whether 22 digits may be an INS-C: a 64-bit value on 20 digits and the right key."""
    if len(insc22) != 22 or not insc22.isascii() or not insc22.isdigit():
        return False
    value = int(insc22[:20])
    return value < 1 << 64 and int(insc22[20:]) == 97 - value % 97


def insc_of(beneficiary: Beneficiary, family: Iterable[Beneficiary] = ()) -> InsC:
    """The INS-C of one person read on a Vitale card; raises `InscImpossible` with the one cause.

    A child must never get a parent's identifier, yet whether the card's NIR is the person's own is not
    documented [unknown]. Three guards, none of which refuses a lunar date:

    * year of the NIR = year of the birth date, always (a lunar date has a true year);
    * month of the NIR = month of the date, when both are months of the calendar. A NIR month past 12 (20–42,
      50–99) or 00 and a card month 00 or past 12 are conventions for an incomplete civil status: they
      contradict nothing;
    * pass the whole `family` of the card: a dependant who shows the NIR of somebody else on it is refused even
      when the dates agree (spouses born the same month).

    What stays open: two people of one month on two cards. Sex cannot help, the card writes none.
    """
    nir = _own_nir(beneficiary.nir.strip())
    birth = birth_yymmdd(beneficiary.birth_date)
    _check_owner(nir, birth, beneficiary, family)
    return compute(beneficiary.given_name, birth, nir.number)


def nir_of(beneficiary: Beneficiary, family: Iterable[Beneficiary] = ()) -> Nir:
    """The NIR of one person read on a Vitale card: the key of today's records. Raises `InscImpossible`.

    The guards of `insc_of` that ask whose number it is hold here too. The birth date is no part of the number: one
    that is missing or unreadable stops nobody, and the insured's number is his own whatever it says.
    """
    nir = _own_nir(beneficiary.nir.strip())
    birth = "" if beneficiary.insured else _birth_if_readable(beneficiary.birth_date)
    _check_owner(nir, birth, beneficiary, family)
    return nir


def _birth_if_readable(birth_date: str) -> str:
    try:
        return birth_yymmdd(birth_date)
    except InscImpossible:
        return ""


def _check_owner(nir: Nir, birth: str, beneficiary: Beneficiary, family: Iterable[Beneficiary]) -> None:
    """`birth` is AAMMJJ; empty when it has nothing to say. Raises `InscImpossible`."""
    if birth and contradicts(nir, birth):
        raise InscImpossible(InscCause.CONTRADICTION)
    twins = [
        other for other in family if other.rank != beneficiary.rank and other.nir.strip()[:13] == nir.number
    ]
    if twins and (not beneficiary.insured or any(other.insured for other in twins)):
        raise InscImpossible(InscCause.SHARED)


def birth_yymmdd(birth_date: str) -> str:
    """AAMMJJ out of a card's AAAAMMJJ or AAMMJJ. Raises `InscImpossible`; never asks for a real calendar day."""
    value = birth_date.strip()
    if not value or value == "00000000":
        raise InscImpossible(InscCause.NO_BIRTH_DATE)
    if not _BIRTH_DATE.fullmatch(value):
        raise InscImpossible(InscCause.BAD_BIRTH_DATE)
    return value[-6:]


def from_jjmmaaaa(value: str) -> str:
    """AAMMJJ out of the JJMMAAAA of the « API de lecture Vitale » (`date`; its `dateEnCarte` is AAMMJJ already).

    Eight digits do not tell which end the year is at: the caller knows its source. Raises `InscImpossible`.
    """
    digits = value.strip()
    if not digits:
        raise InscImpossible(InscCause.NO_BIRTH_DATE)
    if len(digits) != 8 or not _BIRTH_DATE.fullmatch(digits):
        raise InscImpossible(InscCause.BAD_BIRTH_DATE)
    return digits[6:8] + digits[2:4] + digits[0:2]


def contradicts(nir: Nir, birth: str) -> bool:
    """Whether a NIR cannot belong to somebody born on `birth` (AAMMJJ). See `insc_of` for the reasons."""
    if nir.year != birth[:2]:
        return True
    return nir.month_is_known and "01" <= birth[2:4] <= "12" and nir.month != birth[2:4]


def _own_nir(value: str) -> Nir:
    if not value:
        raise InscImpossible(InscCause.NO_OWN_NIR)
    if is_agricultural(value):
        raise InscImpossible(InscCause.AGRICULTURAL)
    if is_provisional(value):
        raise InscImpossible(InscCause.PROVISIONAL)
    try:
        nir = parse_nir(value)
    except ValueError:
        raise InscImpossible(InscCause.MALFORMED) from None
    if not nir.key_is_right:
        raise InscImpossible(InscCause.WRONG_KEY)
    return nir


def _folded(first_name: str) -> str:
    """At most ten letters A–Z: accents dropped, everything else (space, hyphen, apostrophe) deleted."""
    if not first_name.isascii():
        first_name = unicodedata.normalize("NFKD", first_name.translate(_LIGATURES))
    return _NOT_A_LETTER.sub("", first_name.upper())[:10]

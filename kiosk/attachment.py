"""Where somebody works whose card does not say: people in training (CPF) and substitutes (0.1-170, 0.1-180).

Such a card holds no situation d'exercice. Its holder declares a structure, its sector and, where the profession
wants one, a speciality, up to an end date; `kiosk.memory.attachments` remembers it until then. Whether the structure
exists only the DMP can tell.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk.card import nomenclature
from kiosk.card.model import Activity, CardType, Professional
from kiosk.code import Code
from kiosk.record.form import Check, check_length, date_digits

NAME_LENGTH = 80
_LONG = timedelta(days=366)
_SEPARATORS = re.compile(r"[\s.-]+")


@dataclass(frozen=True)
class IdKind:
    """One register of structures. Its digit opens the Struct_IdNat, so that nobody has to know it."""

    digit: str
    label: str
    length: int
    pattern: str

    def fits(self, number: str) -> bool:
        return re.fullmatch(self.pattern, number, re.ASCII) is not None


ID_KINDS = (
    IdKind("1", "FINESS", 9, r"[0-9][0-9AB][0-9]{7}"),
    IdKind("3", "SIRET", 14, r"[0-9]{14}"),
    IdKind("4", "RPPS et rang", 14, r"[0-9]{14}"),  # [likely]: 11 digits of the RPPS, 3 of the rank
    IdKind("2", "SIREN", 9, r"[0-9]{9}"),  # [likely]: no sample seen
)
"""The first is what a hospital or a pharmacy has."""


@dataclass(frozen=True)
class Attachment:
    """One declared place of work."""

    structure_id: str
    """Struct_IdNat, as `Activity.structure_id`."""
    structure_name: str
    sector: Code
    speciality: Code | None
    """None when the card says it, or when the profession has none."""
    until: date
    """Last day, local time."""

    def activity(self) -> Activity:
        """The situation d'exercice it stands for; index 0, which no card uses."""
        return Activity(0, self.structure_name, self.structure_id, self.sector)


def may_declare(who: Professional, activities: tuple[Activity, ...]) -> bool:
    """Whether the holder has to say where he works. An employee's card (CPE) without a structure is a faulty card."""
    return not activities and who.card_type in (CardType.CPS, CardType.CPF)


def must_give_speciality(who: Professional) -> bool:
    """Doctors and pharmacists, in training or not, when the card does not say it."""
    return who.speciality is None and who.profession.code in (nomenclature.DOCTOR, nomenclature.PHARMACIST)


def kind_of(structure_id: str) -> IdKind:
    """The register a Struct_IdNat belongs to."""
    return next((kind for kind in ID_KINDS if structure_id.startswith(kind.digit)), ID_KINDS[0])


def bare_number(text: str) -> str:
    """What was typed as the register writes it: `'0b 0099991'` → `'0B0099991'`."""
    return _SEPARATORS.sub("", text).upper()


def check_number(kind: IdKind, text: str) -> Check:
    """The number within its register, without the digit of the register."""
    number = bare_number(text)
    if not number:
        return Check("Le numéro de la structure est obligatoire.")
    if kind.fits(number):
        odd = kind.label in ("SIRET", "SIREN") and not _luhn(number)
        return Check(hint="La clé de ce numéro n'est pas juste : relisez-le." if odd else "")
    if number.startswith(kind.digit) and kind.fits(number[1:]):
        return Check(f"Sans le premier {kind.digit} : la borne ajoute elle-même le chiffre du type.")
    nature = "caractères" if kind.label == "FINESS" else "chiffres"
    return Check(f"{kind.label} : {kind.length} {nature} attendus ({len(number)} tapés).")


def check_name(text: str) -> Check:
    if not text.strip():
        return Check("Le nom de la structure est obligatoire.")
    return check_length(text, NAME_LENGTH)


def parse_end(text: str) -> date | None:
    """`JJ/MM/AAAA`, or None."""
    digits = date_digits(text)
    try:
        return date(int(digits[:4]), int(digits[4:6]), int(digits[6:]))
    except ValueError:
        return None


def check_end(text: str, *, today: date, card_end: date) -> Check:
    """The last day: neither past nor beyond the card's own."""
    if not text.strip():
        return Check("La date de fin est obligatoire : le rattachement s'efface ensuite de la borne.")
    end = parse_end(text)
    if end is None:
        return Check("Date attendue : JJ/MM/AAAA.")
    if end < today:
        return Check("Cette date est passée.")
    if end > card_end:
        return Check(
            f"Votre carte expire le {card_end:%d/%m/%Y} : la date de fin ne peut pas être plus tard."
        )
    return Check(hint="C'est dans plus d'un an : vérifiez l'année." if end - today > _LONG else "")


def _luhn(number: str) -> bool:
    """ISO/IEC 7812-1, annex B."""
    doubled = (int(digit) * (1 + index % 2) for index, digit in enumerate(reversed(number)))
    return sum(value // 10 + value % 10 for value in doubled) % 10 == 0

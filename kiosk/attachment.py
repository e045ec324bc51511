"""Where somebody works whose card does not say: people in training (CPF) and substitutes (0.1-170, 0.1-180).

Such a card holds no situation d'exercice. Its holder declares structure, sector and, where the profession wants
one, speciality, up to an end date; the kiosk remembers it until then.
"""

import re
from dataclasses import dataclass
from datetime import date, timedelta

from kiosk.card import nomenclature
from kiosk.card.model import Activity, CardType, Professional
from kiosk.code import Code
from kiosk.form import Check, birth_digits, check_length

MAX_STRUCTURE_NAME = 80
_LONG = timedelta(days=366)


@dataclass(frozen=True)
class IdKind:
    """One way to identify a structure. Its digit stands first in the Struct_IdNat; nobody has to know it."""

    digit: str
    label: str
    form: str
    """What the number looks like, for the user."""
    pattern: re.Pattern[str]

    @property
    def length(self) -> int:
        """Characters of the longest number."""
        return max(len(example) for example in self.form.split())


def _kind(digit: str, label: str, form: str, pattern: str) -> IdKind:
    return IdKind(digit, label, form, re.compile(pattern, re.ASCII))

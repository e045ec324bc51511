"""Identity vigilance: the identity the DMP returned against the card's. Only the user decides (EX_GEN-1230)."""

import unicodedata
from dataclasses import dataclass

from kiosk.card.model import Beneficiary
from kiosk.dmp.model import PatientTraits
from kiosk.text import card_birth_date

NOT_FILLED_IN = "NON_RENSEIGNE"


@dataclass(frozen=True, repr=False)
class Difference:
    """One trait that does not agree."""

    trait: str
    card: str
    dmp: str


def differences(person: Beneficiary, traits: PatientTraits | None) -> tuple[Difference, ...]:
    """Birth name, first given name, date of birth: what both sides say and do not say alike.

    A trait one side leaves out, or fills with `NON_RENSEIGNE`, proves nothing.
    """
    if traits is None:
        return ()
    found = []
    if not _same_name(person.birth_name or person.usual_name, person.usual_name, traits):
        found.append(Difference("Nom", person.birth_name or person.usual_name, traits.birth_name))
    if not _compatible(_first(person.given_name), _first(traits.given_name)):
        found.append(Difference("Prénom", person.given_name, traits.given_name))
    if not _same_date(person.birth_date, traits.birth_date):
        found.append(
            Difference(
                "Date de naissance", card_birth_date(person.birth_date), card_birth_date(traits.birth_date)
            )
        )
    return tuple(found)


def shown(name: str) -> str:
    """A name the DMP returned, as people read it."""
    return "non renseigné" if name == NOT_FILLED_IN else name


def _same_name(birth: str, usual: str, traits: PatientTraits) -> bool:
    """The card may hold one name only: it may be either of the two the DMP knows."""
    ours = {_letters(birth), _letters(usual)} - {""}
    theirs = {_letters(traits.birth_name), _letters(traits.usual_name)} - {"", _letters(NOT_FILLED_IN)}
    return not ours or not theirs or bool(ours & theirs)


def _compatible(ours: str, theirs: str) -> bool:
    return not ours or theirs in ("", _letters(NOT_FILLED_IN)) or ours == theirs


def _same_date(ours: str, theirs: str) -> bool:
    """Six digits of the card against eight of the DMP: the century is not held against anybody."""
    if not ours or not theirs:
        return True
    return ours[-6:] == theirs[-6:] if len(theirs) >= 8 and len(ours) >= 6 else ours.startswith(theirs)


def _first(given_names: str) -> str:
    names = given_names.replace(",", " ").split()
    return _letters(names[0]) if names else ""


def _letters(text: str) -> str:
    """Capitals without accents, hyphens or spaces: spelling is no difference."""
    plain = unicodedata.normalize("NFKD", text.replace("œ", "oe").replace("Œ", "OE")).upper()
    return "".join(letter for letter in plain if letter.isalnum())

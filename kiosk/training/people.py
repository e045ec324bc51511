"""The cast: synthetic professionals and patients. Nobody here exists.

Numbers lie in ranges kept for tests: RPPS beginning with 99700, FINESS and SIRET with letters or nines, NIR of
people born « 99 » (abroad) in the invented commune 999, e-mail under `example.org`, telephone 06 39 98 …
(reserved for fiction). The trainee picks a card by its `card_id`; the DMP server knows the same people by
their records.
"""

from kiosk.training.characters import Holder, Insured, Practice, Record, Vitale
from kiosk.training.patients import NEIGHBOURS, RECORDS, VITALES
from kiosk.training.professionals import HOLDERS, REGULATION_CENTRES

__all__ = [
    "HOLDERS",
    "NEIGHBOURS",
    "RECORDS",
    "REGULATION_CENTRES",
    "UNKNOWN_CARDS",
    "VITALES",
    "Holder",
    "Insured",
    "Practice",
    "Record",
    "Vitale",
    "card_ids",
]

UNKNOWN_CARDS: tuple[tuple[str, str], ...] = (
    ("carte-inconnue", "Une carte de fidélité : ni CPS, ni Vitale"),
    ("carte-muette", "Une carte à l'envers : aucune réponse"),
    ("carte-sans-contact", "Une CPS lue sans contact"),
)


def card_ids() -> tuple[str, ...]:
    """Every card of the tray, by the name one inserts it with."""
    return (
        *(holder.card_id for holder in HOLDERS),
        *(vitale.card_id for vitale in VITALES),
        *(card_id for card_id, _ in UNKNOWN_CARDS),
    )

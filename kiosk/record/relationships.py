"""Who may act for a minor or a protected adult, kept as data in `kiosk/data/relationships.csv`.

The thirteen family relationships the DMP's creation message knows, by HL7's codes [sure]; French labels are ours.
"""

from functools import cache

from kiosk.code import Code
from kiosk.dmp import nomenclature


@cache
def relationships() -> tuple[Code, ...]:
    """Parents first, then who is met most often at a desk."""
    return tuple(Code(row["code"], row["system"], row["label"]) for row in nomenclature.rows(_FILE))


@cache
def civility(code: str) -> str:
    """`M` or `Mme` where the relationship says it, else an empty text."""
    return next((row["civility"] for row in nomenclature.rows(_FILE) if row["code"] == code), "")


_FILE = "relationships.csv"

"""A coded value: what cards, messages and screens have in common."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Code:
    """One value of a French health nomenclature.

    An unknown code is kept and shown as it came (REC_GEN-1370): `label` is then the code itself.
    """

    code: str
    system: str
    """OID of the code system, e.g. `1.2.250.1.71.1.2.7` for the professions (G15)."""
    label: str

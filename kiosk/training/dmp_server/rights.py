"""Who may do what, in which access mode: the service's own copy of the published rights.

The editors' manual contradicts itself in places; cells it does not write are marked ~ (inferred from sibling
rows). The treating doctor has the doctor's rights in every row below.
"""

from enum import Enum

from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.outcomes import RIGHT_MISSING, Fault


class Kind(Enum):
    """The columns of the table."""

    DOCTOR = "médecin"
    OTHER = "professionnel de santé non médecin"
    CPE = "porteur d'une CPE"


_NORMAL = frozenset({(Kind.DOCTOR, "normal"), (Kind.OTHER, "normal"), (Kind.CPE, "normal")})
_BREAK_GLASS = frozenset({(Kind.DOCTOR, "bris_de_glace"), (Kind.OTHER, "bris_de_glace")})
_REGULATION = frozenset({(Kind.DOCTOR, "centre_15")})  # ~

RIGHTS: dict[str, frozenset[tuple[Kind, str]]] = {
    "TD0.2": _NORMAL | _BREAK_GLASS | _REGULATION,
    "TD1.1": _NORMAL,
    "TD1.5a": _NORMAL,
    "TD1.5d": _NORMAL,  # ~ for doctors
}


def check(transaction: str, caller: Caller) -> None:
    """Raises `Fault` when this caller may not, in this mode."""
    if (_kind(caller), caller.vihf.purpose) not in RIGHTS[transaction]:
        raise Fault("Vous n'avez pas le droit de faire cette opération dans ce mode d'accès.", RIGHT_MISSING)


def _kind(caller: Caller) -> Kind:
    if caller.is_cpe:
        return Kind.CPE
    return Kind.DOCTOR if caller.is_doctor else Kind.OTHER

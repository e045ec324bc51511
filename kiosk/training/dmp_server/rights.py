"""Who may do what, in which access mode: the service's own copy of the published rights.

The editors' manual contradicts itself. Marks: ~ written nowhere, taken from sibling rows; ! written but doubtful.
Decided here: a doctor, like anybody, may give up his own authorisation, which the manual's big table refuses to
all and the homologation tests ask for; a CPE may, likewise, and may list the records opened to a professional of
its structure; only who is the treating doctor may stop being so.

Which documents a right over documents is about is told in `document_rights`.
"""

from enum import Enum

from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.outcomes import RIGHT_MISSING, Fault
from kiosk.training.dmp_server.vihf import BREAK_GLASS, NORMAL, REGULATION


class Kind(Enum):
    """Who: the columns of the table, two or three modes each."""

    DOCTOR = "médecin"
    OTHER = "professionnel de santé non médecin"
    CPE = "porteur d'une CPE"


_TREATING = "médecin traitant"
_COLUMNS: tuple[tuple[Kind | str, str], ...] = (
    (Kind.OTHER, NORMAL),
    (Kind.OTHER, BREAK_GLASS),
    (Kind.OTHER, REGULATION),
    (Kind.DOCTOR, NORMAL),
    (Kind.DOCTOR, BREAK_GLASS),
    (Kind.DOCTOR, REGULATION),
    (_TREATING, NORMAL),
    (_TREATING, BREAK_GLASS),
    (_TREATING, REGULATION),
    (Kind.CPE, NORMAL),
)
"""A treating doctor never gets as far as the glass: he is authorised. The manual fills the column all the same.

The manual has no column for professionals who are no doctors, nor for treating doctors, in a regulation centre; the
service's own rights sheet gives non-doctors « all modes » for what is read and deposited: it holds. Who in a centre
holds such a card is [unknown]: the manual names doctors only, other texts the call takers too."""

# In each group: normal, break-glass, regulation (~ nearly everywhere).
#                                           other doctor treating CPE
_TABLE = {
    "TD0.2": "                               ooo   ooo    ooo    o",
    "TD0.3": "                               o--   o--    o--    o",
    "TD0.3 se déclarer autorisé": "          o--   o--    o--    o",
    "TD0.3 supprimer son autorisation": "    o--   o--    o--    o",  # ! ~
    "TD0.3 se déclarer MT": "                ---   o--    ---    -",
    "TD0.3 se supprimer MT": "               ---   ---    o--    -",  # !
    "TD0.4": "                               ooo   ooo    ooo    o",  # ~
    "TD0.5": "                               ooo   ooo    ooo    -",  # ~
    "TD1.1": "                               o--   o--    o--    o",
    "TD1.2": "                               o--   o--    o--    o",  # ~
    "TD1.3a": "                              ooo   ooo    ooo    o",
    "TD1.3b": "                              o--   o--    o--    o",
    "TD1.4": "                               o--   o--    o--    -",  # ~
    "TD1.5a": "                              o--   o--    o--    o",
    "TD1.5b": "                              o--   o--    o--    o",  # ~
    "TD1.5d": "                              o--   o--    o--    o",  # ~
    "TD1.6": "                               o--   o--    o--    -",  # ~
    "TD2.1": "                               ooo   ooo    ooo    -",
    "TD2.2": "                               ---   ---    ---    o",
    "TD3.1": "                               ooo   ooo    ooo    -",
    "TD3.1b": "                              ooo   ooo    ooo    o",
    "TD3.2": "                               ooo   ooo    ooo    -",
    "TD3.3a": "                              o--   o--    o--    -",
    "TD3.3b": "                              o--   o--    o--    -",
    "TD3.3d": "                              o--   ooo    ooo    -",  # ! in break-glass, ~ in regulation
    "TD3.3c": "                              ooo   ooo    ooo    o",  # CPE: documents of its structure
}
"""One row a transaction; where a transaction does several things, further rows named `TDx.y what`."""

RIGHTS = {
    row: frozenset(
        column for column, cell in zip(_COLUMNS, cells.replace(" ", ""), strict=True) if cell == "o"
    )
    for row, cells in _TABLE.items()
}


def check(row: str, caller: Caller, *, treating_doctor: bool = False) -> None:
    """Raises `Fault` when this caller may not, in the mode of his VIHF."""
    who: Kind | str = _TREATING if treating_doctor else kind_of(caller)
    if (who, caller.vihf.purpose) not in RIGHTS[row]:
        raise Fault("Vous n'avez pas le droit de faire cette opération dans ce mode d'accès.", RIGHT_MISSING)


def kind_of(caller: Caller) -> Kind:
    """Whom the table takes this caller for."""
    if caller.is_cpe:
        return Kind.CPE
    return Kind.DOCTOR if caller.is_doctor else Kind.OTHER

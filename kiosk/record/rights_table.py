"""The rights table as it was published, read from `kiosk/data/rights.csv`: one row an action, one column a situation.

Cells: `oui`, `non`, `ses propres documents`, `oui sauf docs du patient`, `si autorisé par le patient`, `?` lost;
`~` inferred from the rows around, `(!)` and `(?)` written but contradicted elsewhere.
Source: a public software manual of 2018 and the service's own matrix; where they disagree, the note says so.
"""

import csv
import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import cache
from importlib.resources import files


class Answer(Enum):
    """What a cell says, without its marks."""

    YES = "oui"
    NO = "non"
    OWN = "ses propres documents"
    NOT_PATIENT_S = "oui sauf docs du patient"
    IF_PATIENT_ALLOWS = "si autorisé par le patient"
    LOST = "?"


@dataclass(frozen=True)
class Cell:
    answer: Answer
    doubtful: bool


@dataclass(frozen=True)
class Row:
    label: str
    """In French, an infinitive."""
    cells: Mapping[str, Cell]
    """By column: `other_normal`, `other_break_glass`, `doctor_…`, `doctor_regulation`, `treating_…`, `cpe_normal`."""
    open_to: str
    """Who may in normal mode, doubtful cells among them: completes « pour … »."""


_CELL = re.compile(r"(~?)(.*?)( \([!?]\))?")
_ACTORS = {
    "other_normal": "un PS non médecin",
    "doctor_normal": "un médecin non traitant",
    "treating_normal": "le médecin traitant",
    "cpe_normal": "un porteur de CPE",
}
_CPS = ["other_normal", "doctor_normal", "treating_normal"]


@cache
def table() -> Mapping[str, Row]:
    """Rows by `'TD1.4 close'`: transaction and role."""
    text = (files("kiosk") / "data" / "rights.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(text.splitlines(), delimiter=";")
    return {f"{row['transaction']} {row['role']}": _row(row) for row in rows}


def _row(row: Mapping[str, str]) -> Row:
    columns = [name for name in row if name not in ("transaction", "role", "label", "note")]
    cells = {name: _cell(row[name]) for name in columns}
    may = [name for name in _ACTORS if cells[name].doubtful or cells[name].answer is not Answer.NO]
    open_to = "les porteurs de CPS" if may == _CPS else ", ".join(_ACTORS[name] for name in may)
    return Row(row["label"], cells, open_to)


def _cell(text: str) -> Cell:
    found = _CELL.fullmatch(text)
    if found is None:
        raise ValueError("not a cell of the rights table")
    answer = Answer(found[2])
    return Cell(answer, bool(found[1] or found[3]) or answer is Answer.LOST)

"""Resident memory of a process, and whose child it is, as Linux tells them."""

import re
from dataclasses import dataclass
from pathlib import Path

_KIBIBYTES = 1024


@dataclass(frozen=True)
class Memory:
    """MiB."""

    resident: float
    proportional: float | None
    """A page shared by n processes counts for 1/n (PSS). None: the kiosk's processes tell it to root alone."""


def memory(pid: int) -> Memory:
    """Raises `OSError` when the process is gone."""
    resident = _size(Path(f"/proc/{pid}/status").read_text(encoding="utf-8"), "VmRSS")
    try:
        return Memory(resident, _size(Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii"), "Pss"))
    except PermissionError:
        return Memory(resident, None)


def only_child(pid: int) -> int:
    """The one child of a process: the supervisor's session. Raises `ValueError` when there are others."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(child)


def _size(table: str, name: str) -> float:
    line = re.search(rf"^{name}:\s+(\d+) kB$", table, re.MULTILINE)
    assert line is not None
    return int(line[1]) / _KIBIBYTES

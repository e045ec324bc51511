"""Resident memory of a process, and whose child it is, as Linux tells them."""

from dataclasses import dataclass
from pathlib import Path

_KIBIBYTES = 1024


@dataclass(frozen=True)
class Memory:
    """MiB. `shared_out` counts a page shared by n processes for 1/n (PSS): what one more process costs."""

    resident: float
    shared_out: float


def memory(pid: int) -> Memory:
    """Raises `OSError` when the process is gone, or forbids its inspection to this user: the kiosk's do."""
    sizes = {}
    for line in Path(f"/proc/{pid}/smaps_rollup").read_text(encoding="ascii").splitlines()[1:]:
        name, size, _ = line.split()
        sizes[name] = int(size) / _KIBIBYTES
    return Memory(sizes["Rss:"], sizes["Pss:"])


def only_child(pid: int) -> int:
    """The one child of a process: the supervisor's session. Raises `ValueError` when there are others."""
    (child,) = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii").split()
    return int(child)

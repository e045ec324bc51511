"""Composing a sheet in a process of its own: what it costs in time and memory, against drawing it in a session.

    python bench/sheet.py [--runs 9] [--json]

The reference is what a session would wait for if it drew the sheet itself: importing the layout, then drawing.
"""

import argparse
import json
import os
import platform
import resource
import subprocess
import sys
import time
from datetime import datetime
from pathlib import Path

from figure import Figure, table

sys.path.insert(0, str(Path(__file__).parents[1] / "tests" / "printing"))
from sheet_contents import a_sheet

from kiosk.printing.composer import Composer

_IN_A_SESSION = f"""
import sys, time
from kiosk import launch
launch._preload()
sys.path.insert(0, {sys.path[0]!r})
from sheet_contents import a_sheet
start = time.perf_counter()
from kiosk.printing.sheet import secrets_sheet
secrets_sheet(a_sheet())
print(time.perf_counter() - start)
"""
_MIB = 1024


def figures(runs: int) -> list[Figure]:
    with Composer() as composer:
        composer.sheet(a_sheet())
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / _MIB
    drawn_here, cold, started, composed = [], [], [], []
    for _ in range(runs):
        drawn_here.append(_drawn_in_a_session())
        start = time.perf_counter()
        with Composer() as composer:
            composer.sheet(a_sheet())
            cold.append(time.perf_counter() - start)
        start = time.perf_counter()
        with Composer() as composer:
            _wait_until_ready(composer.pid)
            ready = time.perf_counter()
            composer.sheet(a_sheet())
            started.append(ready - start)
            composed.append(time.perf_counter() - ready)
    here = tuple(drawn_here)
    return [
        Figure("dans la session : chargement et dessin", "s", here),
        Figure("processus à part, tout compris", "s", tuple(cold), "dans la session", here),
        Figure("… démarrage, pendant la demande des codes", "s", tuple(started)),
        Figure("… feuille, une fois prêt", "s", tuple(composed), "dans la session", here),
        Figure("… mémoire la plus haute, rendue ensuite", "Mio", (peak,)),
    ]


def _drawn_in_a_session() -> float:
    done = subprocess.run([sys.executable, "-B", "-c", _IN_A_SESSION], capture_output=True, check=True)
    return float(done.stdout)


def _wait_until_ready(pid: int) -> None:
    """Confined: it reads what it is sent from then on."""
    while "Seccomp:\t2" not in Path(f"/proc/{pid}/status").read_text(encoding="ascii"):
        time.sleep(0.002)


def main() -> int:
    parser = argparse.ArgumentParser(description="La feuille de secrets, composée dans un processus à part.")
    parser.add_argument("--runs", type=int, default=9)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    found = figures(options.runs)
    machine = {"date": f"{datetime.now():%Y-%m-%d %H:%M}", "python": platform.python_version(),
               "cores": os.cpu_count(), "load": os.getloadavg()[0], "runs": options.runs}  # fmt: skip
    if options.json:
        print(json.dumps({**machine, "figures": [f.as_json() for f in found]}, ensure_ascii=False, indent=2))
    else:
        print("  ".join(f"{name} {value}" for name, value in machine.items()))
        print(table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())

"""What deciding costs: every action of a screen decided and explained, against reading as many cells of a dict."""

import argparse
import time
from collections.abc import Callable

from figure import Figure, table

from kiosk.dmp.profile import HISTORICAL
from kiosk.record.rights import Action, Kind, Mode, Situation, decide

_SITUATIONS = [
    Situation(kind, mode, treating) for kind in Kind for mode in Mode for treating in (False, True)
]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=30)
    runs = parser.parse_args().runs
    first = _milliseconds(_decide_all, _SITUATIONS[0])
    cells = dict.fromkeys(Action, "")
    samples, reference = [], []
    for run in range(runs):
        samples.append(_milliseconds(_decide_all, _SITUATIONS[run % len(_SITUATIONS)]))
        reference.append(_milliseconds(lambda _: [cells[action] for action in Action], _SITUATIONS[0]))
    figures = [
        Figure(f"first {len(Action)} decisions, table read", "ms", (first,)),
        Figure(
            f"{len(Action)} decisions with their words", "ms", tuple(samples), "dict", tuple(reference), 1.0
        ),
    ]
    print(table(figures))
    return 0 if all(figure.held is not False for figure in figures) else 1


def _decide_all(situation: Situation) -> None:
    for action in Action:
        decide(action, situation, HISTORICAL)


def _milliseconds(work: Callable[[Situation], object], situation: Situation) -> float:
    start = time.perf_counter()
    work(situation)
    return (time.perf_counter() - start) * 1000


if __name__ == "__main__":
    raise SystemExit(main())

"""A depositing kiosk killed all over its work (the whole bench is bench/kills.py): nothing lost, nothing twice."""

import json
import subprocess
import sys
from pathlib import Path

BENCH = Path(__file__).parents[2] / "bench" / "kills.py"
RUNS = 40


def test_nothing_lost_nothing_twice_and_the_next_start_tells_the_truth() -> None:
    """In a process of its own: it forks, which a test runner with threads must not."""
    done = subprocess.run(
        [sys.executable, BENCH, f"--runs={RUNS}", "--json"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    report = json.loads(done.stdout)
    assert report["killed"] > RUNS // 2
    assert report["documents"] == RUNS + 1
    assert (report["lost"], report["double"], report["acknowledged_and_absent"]) == (0, 0, 0)
    assert (report["told_wrong"], report["left_open"], report["failed"]) == (0, 0, 0)
    assert report["told_right"] > 0

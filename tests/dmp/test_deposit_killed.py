"""A process that deposits is killed at points all over its work: nothing is lost, nothing arrives twice."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from deposit_bench import Repository
from dmp_peers import key_pem, peer, server_context

from kiosk.deposit.outbox import Outbox

PROGRAM = Path(__file__).parent / "programs" / "depositor.py"
RUNS = 40


@pytest.mark.parametrize("nasty", [False, True])
def test_nothing_lost_nothing_twice(nasty: bool, tmp_path: Path) -> None:
    """The nasty service also registers, then cuts, every fourth deposit; or does not hear it."""
    troubles = ["", "", "", "cut", "", "", "lost", ""] * RUNS if nasty else []
    repository = Repository(troubles=troubles)
    for which in ("ca", "client", "signature"):
        (tmp_path / f"{which}.key").write_bytes(key_pem(which))
    with peer(server_context(tmp_path), repository.script) as server:
        done = subprocess.run(
            [sys.executable, PROGRAM, tmp_path, server.url(), str(RUNS)],
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
        )
    assert done.returncode == 0, done.stderr
    files, killed = map(int, done.stdout.split())
    assert killed > RUNS // 2
    numbers = sorted(int(re.fullmatch(rb"%PDF-1.4 file (\d+)", file)[1]) for file in repository.files)
    assert numbers == list(range(files))
    assert Outbox(tmp_path / "outbox.sqlite", b"k" * 32, None).open_deposits() == ()

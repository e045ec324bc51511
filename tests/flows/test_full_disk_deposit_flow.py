"""A disk that is full, by the kernel's own word (ENOSPC): what cannot be noted does not leave, what left is told so."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).parent / "programs" / "full_disk.py"


@pytest.mark.parametrize("story", ["before", "answered", "doubt"])
def test_a_full_disk(story: str, tmp_path: Path) -> None:
    """In a mount namespace of its own, where an ordinary user may mount a small disk too."""
    disk, folder = tmp_path / "disk", tmp_path / "folder"
    disk.mkdir()
    mount = f'mount -t tmpfs -o size=512k tmpfs {disk} && exec "$@"'
    done = subprocess.run(
        ["unshare", "-rm", "sh", "-c", mount, "sh", sys.executable, PROGRAM, story, disk, folder],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert not list(disk.iterdir()), "the disk was the process's own"

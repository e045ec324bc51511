"""Files that fail or change while they are read: a whole file, or an error that says so; never a part of one."""

import os
import threading
from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.deposit import source
from kiosk.deposit.source import Kind, Place, SourceFile
from kiosk.errors import FileUnreadable

LINE = b"Ligne fictive, sans personne.\n"


def listed(folder: Path) -> SourceFile:
    [file] = source.listing(Place("Clé", folder)).files
    return file


def test_a_medium_that_fails_in_the_middle_is_told() -> None:
    """EIO, as of a key that is pulled: the kernel gives it for this process's own memory, read from its first byte."""
    status = Path("/proc/self/mem").stat()
    stamp = (status.st_ino, status.st_size, status.st_mtime_ns)
    file = SourceFile(Place("Clé", Path("/proc/self")), ("mem",), Kind.PDF, 1, datetime.now(UTC), stamp)
    with pytest.raises(FileUnreadable) as told:
        source.read(file)
    assert "la clé retirée" in told.value.cause
    assert "Rebranchez" in told.value.todo


@pytest.mark.parametrize("act", ["truncate", "grow", "overwrite", "replace", "delete"])
def test_a_file_that_changes_while_it_is_read_is_whole_or_told(act: str, tmp_path: Path) -> None:
    whole = LINE * 500_000
    path, spare = tmp_path / "scan.txt", tmp_path.with_suffix(".spare")

    def change() -> None:
        if act == "truncate":
            with path.open("r+b") as file:
                file.truncate(len(whole) // 2)
        elif act == "grow":
            with path.open("ab") as file:
                file.write(LINE)
        elif act == "overwrite":
            with path.open("r+b") as file:
                file.write(LINE.upper() * 400_000)
        elif act == "replace":
            spare.write_bytes(LINE.upper())
            spare.rename(path)
        else:
            path.unlink()

    for _ in range(10):
        path.write_bytes(whole)
        os.utime(path, (1_700_000_000, 1_700_000_000))  # scanned a while ago: any change has another time
        file = listed(tmp_path)
        begins = threading.Barrier(2)

        def at_once(begins: threading.Barrier = begins) -> None:
            begins.wait()
            change()

        changing = threading.Thread(target=at_once)
        changing.start()
        begins.wait()
        try:
            assert source.read(file) == whole
        except FileUnreadable:
            pass  # told: that is the other answer
        finally:
            changing.join()

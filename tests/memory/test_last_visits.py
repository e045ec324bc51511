"""The memory of last visits: dates under keyed marks, and nothing that names anybody."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from kiosk.memory.last_visits import LastVisitStore

FIRST, SECOND = datetime(2025, 1, 2, 3, 4, 5, tzinfo=UTC), datetime(2025, 6, 7, 8, 9, 10, tzinfo=UTC)


def test_each_pair_has_its_own_last_visit(tmp_path: Path) -> None:
    store = LastVisitStore(tmp_path / "deep" / "visits.sqlite", b"k" * 32)
    assert store.of("899700000021", "0833910461") is None
    store.record("899700000021", "0833910461", FIRST)
    store.record("899700000021", "0833910461", SECOND)
    store.record("899700000099", "0833910461", FIRST)
    assert store.of("899700000021", "0833910461") == SECOND
    assert store.of("899700000099", "0833910461") == FIRST
    assert store.of("899700000021", "9999999999") is None


def test_the_file_names_nobody_and_is_the_owners_alone(tmp_path: Path) -> None:
    store = LastVisitStore(tmp_path / "visits.sqlite", b"k" * 32)
    store.record("899700000021", "0833910461", FIRST)
    kept = store.path.read_bytes()
    assert b"899700000021" not in kept
    assert b"0833910461" not in kept
    assert store.path.stat().st_mode & 0o077 == 0
    assert LastVisitStore(store.path, b"other key" + bytes(23)).of("899700000021", "0833910461") is None


def test_a_file_that_is_no_database_forgets_and_says_so_when_written(tmp_path: Path) -> None:
    store = LastVisitStore(tmp_path / "visits.sqlite", b"k" * 32)
    store.path.write_bytes(b"not a database" * 100)
    assert store.of("1", "2") is None
    with pytest.raises(OSError, match=r"^last visits: [A-Za-z]+$"):
        store.record("1", "2", FIRST)

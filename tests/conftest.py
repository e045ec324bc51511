"""What every test shares: a state directory of its own, so that no test meets the developer's journal or keys."""

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from verapdf import Judge, judge

_STATE = tempfile.TemporaryDirectory(prefix="dmp-kiosk-test-")
os.environ["XDG_STATE_HOME"] = _STATE.name
os.environ["XDG_CONFIG_HOME"] = _STATE.name


@pytest.fixture(scope="session", autouse=True)
def state_home() -> Iterator[Path]:
    """One state directory for the whole run: the training authority is made once, not per test."""
    with _STATE as name:
        yield Path(name)


@pytest.fixture(scope="session")
def verapdf() -> Iterator[Judge]:
    """Started at first use: tests that ask it are of the group "verapdf", so that one worker does."""
    with judge() as rules_broken:
        yield rules_broken

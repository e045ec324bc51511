"""The training box's card tray as the other side of the reader seam."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from card_bench import Bench

from kiosk.training.pki import TrainingPki
from kiosk.training.tray import CardTray


@pytest.fixture(scope="session")
def pki(tmp_path_factory: pytest.TempPathFactory) -> TrainingPki:
    """Made once: keys take their time."""
    return TrainingPki(tmp_path_factory.mktemp("pki"))


@pytest.fixture
def box(tmp_path_factory: pytest.TempPathFactory, pki: TrainingPki) -> Iterator[Path]:
    """Directory of a tray of its own: PIN counters start afresh."""
    directory = tmp_path_factory.mktemp("box")
    tray = CardTray(directory, pki)
    tray.start()
    yield directory
    tray.stop()


@pytest.fixture
def bench(box: Path) -> Iterator[Bench]:
    made = Bench(box)
    yield made
    made.close()

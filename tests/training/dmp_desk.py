"""Fixtures of the DMP server tests, offered to a module by `pytest_plugins = ("dmp_desk",)`."""

from collections.abc import Iterator

import pytest
from raw_dmp import BY_CARD, Desk

from kiosk.training.people import Holder
from kiosk.training.pki import TrainingPki


@pytest.fixture(scope="session")
def dmp_pki(tmp_path_factory: pytest.TempPathFactory) -> TrainingPki:
    return TrainingPki(tmp_path_factory.mktemp("dmp-pki"))


@pytest.fixture(scope="session")
def running_desk(dmp_pki: TrainingPki, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Desk]:
    desk = Desk(dmp_pki, tmp_path_factory.mktemp("dmp"))
    yield desk
    desk.server.stop()


@pytest.fixture
def desk(running_desk: Desk) -> Desk:
    """The server at the start of a training day."""
    running_desk.control(do="reset")
    return running_desk


@pytest.fixture
def doctor() -> Holder:
    return BY_CARD["cps-medecin"]


@pytest.fixture
def clerk() -> Holder:
    return BY_CARD["cpe-accueil"]

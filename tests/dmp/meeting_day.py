"""Fixtures of the tests where client and training server meet: `pytest_plugins = ("meeting_day",)`."""

from collections.abc import Iterator

import pytest
from meeting import Meeting

from kiosk.training.dmp_server import DmpServer
from kiosk.training.pki import TrainingPki


@pytest.fixture(scope="module")
def running_meeting(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Meeting]:
    pki = TrainingPki(tmp_path_factory.mktemp("pki"))
    directory = tmp_path_factory.mktemp("dmp")
    server = DmpServer(pki, directory)
    server.start()
    yield Meeting(server, directory, pki)
    server.stop()


@pytest.fixture
def meeting(running_meeting: Meeting) -> Iterator[Meeting]:
    """The start of a training day."""
    running_meeting.order(do="reset")
    yield running_meeting
    running_meeting.close()

"""Fixtures of the tests where client and training server meet: `pytest_plugins = ("meeting_day",)`."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from meeting import Meeting, xmlsec1_takes
from schemas.official import cda_complaints

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
def meeting(running_meeting: Meeting, tmp_path: Path) -> Iterator[Meeting]:
    """The start of a training day. At its end xmlsec1 verifies what was signed, the CDA schema what was written."""
    running_meeting.order(do="reset")
    running_meeting.signed.clear()
    yield running_meeting
    running_meeting.close()
    for prepared in running_meeting.signed:
        xmlsec1_takes(prepared, running_meeting.pki, tmp_path)
        for document in prepared.documents:
            assert cda_complaints(b"".join(document.content)) == []

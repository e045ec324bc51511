"""The message bus every ippeveprinter needs: one for all the printing tests."""

from collections.abc import Iterator

import pytest
from ippeve import message_bus


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with message_bus(tmp_path_factory.mktemp("bus")) as address:
        yield address

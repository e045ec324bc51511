"""Fixtures of the PKCS#11 tests, offered to a module by `pytest_plugins = ("pkcs11_fixtures",)`."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from peers import Pcscd
from pkcs11_bench import CARDS, Open, PcscdReader, Reader, SoftHsm, SoftHsmReader

from kiosk.card.cryptolib import VARIABLE
from kiosk.card.pkcs11 import Pkcs11Card
from kiosk.training.pki import TrainingPki


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory, pki: TrainingPki) -> SoftHsm:
    made = SoftHsm(tmp_path_factory.mktemp("softhsm"), pki)
    for card_id in CARDS:
        made.write_card(card_id)
    return made


@pytest.fixture
def softhsm(store: SoftHsm, tmp_path_factory: pytest.TempPathFactory) -> SoftHsmReader:
    """Two empty slots; every card has its first tries again."""
    return SoftHsmReader(store, tmp_path_factory.mktemp("reader"))


@pytest.fixture
def token(request: pytest.FixtureRequest, pki: TrainingPki) -> Iterator[Reader]:
    """The slots of the module under test."""
    named = os.environ.get(VARIABLE)
    if not named:
        yield request.getfixturevalue("softhsm")
        return
    with Pcscd(pki.server_ca_file.parent) as pcscd:
        yield PcscdReader(pcscd, Path(named))


@pytest.fixture
def opened(token: Reader) -> Iterator[Open]:
    cards = []

    def open_card(card_id: str) -> Pkcs11Card:
        token.insert(card_id)
        cards.append(Pkcs11Card(token.module))
        return cards[-1]

    yield open_card
    for card in cards:
        card.close()

"""Peers and content for the printing tests."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Any

import pytest
from ippeve import message_bus

from kiosk.printing.model import CreationReceipt, Issuer, SecretsSheet, SheetPatient
from kiosk.secret import Secret

PATIENT = SheetPatient(
    usual_name="ŒUVRARD",
    birth_name="D'ÉTRÉVILLE",
    given_name="Simone",
    birth_date="19470214",
    insc="0833910461234567890123",
)
ISSUER = Issuer("Dr Noël BŒUF-LEROY", "CENTRE HOSPITALIER DE FICTION")
ISSUED = datetime(2025, 11, 21, 10, 42)
LOGIN, PASSWORD = "pzrv2481", "9i7xRTE:"


@pytest.fixture
def sheet() -> Callable[..., SecretsSheet]:
    """A secrets sheet; a test names what differs."""

    def make(**changed: Any) -> SecretsSheet:
        fields: dict[str, Any] = {
            "number": "K7F3A-92",
            "patient": PATIENT,
            "issuer": ISSUER,
            "issued_at": ISSUED,
            "login": Secret(LOGIN),
            "password": Secret(PASSWORD),
            "site_address": "dmp.example.org",
            "support": "Une question ? 01 99 00 00 00, du lundi au vendredi, de 8 h 30 à 17 h 30.",
        }
        return SecretsSheet(**{**fields, **changed})

    return make


@pytest.fixture
def receipt() -> Callable[..., CreationReceipt]:
    def make(**changed: Any) -> CreationReceipt:
        fields: dict[str, Any] = {
            "number": "R7F3A-93",
            "patient": PATIENT,
            "issuer": ISSUER,
            "issued_at": ISSUED,
            "site_address": "dmp.example.org",
            "support": "Une question ? 01 99 00 00 00.",
        }
        return CreationReceipt(**{**fields, **changed})

    return make


@pytest.fixture(scope="session")
def bus(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with message_bus(tmp_path_factory.mktemp("bus")) as address:
        yield address

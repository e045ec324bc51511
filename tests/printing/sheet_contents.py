"""What the printing tests print: synthetic people, and sheets of which a test names only what differs."""

from datetime import datetime
from typing import Any

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


def a_sheet(**changed: Any) -> SecretsSheet:
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


def a_receipt(**changed: Any) -> CreationReceipt:
    fields: dict[str, Any] = {
        "number": "R7F3A-93",
        "patient": PATIENT,
        "issuer": ISSUER,
        "issued_at": ISSUED,
        "site_address": "dmp.example.org",
        "support": "Une question ? 01 99 00 00 00.",
    }
    return CreationReceipt(**{**fields, **changed})

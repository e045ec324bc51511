"""TD1.5a and TD1.5d: the patient's internet account. The password leaves once and is forgotten."""

import random
import re
import secrets
import string
from datetime import datetime

from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.names import PATIENTS
from kiosk.training.dmp_server.outcomes import (
    ACCOUNT_EXISTS,
    ACCOUNT_NOT_FOUND,
    ATTACHED_TO_MES,
    INVALID_DATA,
    RECORD_CLOSED,
    RECORD_NOT_FOUND,
    Refusal,
)
from kiosk.training.dmp_server.xml import Element, element, text

_CHANNELS = {"SMS": re.compile(r"(0|\+33)[67][0-9]{8}"), "EMAIL": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")}
_SYMBOLS = ":!?$%+="


def create(call: Call) -> Element:
    """TD1.5a: `type` SMS or EMAIL, and its `canal`."""
    kind, channel = _parameter(call.payload, "type"), _parameter(call.payload, "canal")
    form = _CHANNELS.get(kind)
    if form is None or not form.fullmatch(channel):
        raise Refusal(INVALID_DATA, "Le canal d'envoi du code à usage unique est incorrect.")
    _check_record(call)
    login, password = _login(), _password()
    if not call.store.open_account(call.patient, login, password):
        raise Refusal(ACCOUNT_EXISTS, "Le compte internet de ce patient existe déjà.")
    return _output(call.payload, "DMPOk", "", login, password)


def renew(call: Call) -> Element:
    """TD1.5d: new login and password for an account that exists."""
    _check_record(call)
    login, password = _login(), _password()
    if not call.store.renew_account(call.patient, login, password):
        raise Refusal(ACCOUNT_NOT_FOUND, "Ce patient n'a pas de compte internet.")
    return _output(call.payload, "DMPOk", "", login, password)


def refuse(payload: Element, refusal: Refusal, _now: datetime) -> Element:
    """The refusal as a status."""
    return _output(payload, refusal.code, refusal.text)


def _check_record(call: Call) -> None:
    record = call.store.find(call.patient)
    if record is None:
        raise Refusal(RECORD_NOT_FOUND, "Ce patient n'a pas de DMP.")
    if record.state != "active":
        raise Refusal(RECORD_CLOSED, "Le DMP de ce patient est fermé.")
    if record.attached_to_mes:
        raise Refusal(ATTACHED_TO_MES, "Ce DMP est rattaché à Mon espace santé.")


def _parameter(payload: Element, name: str) -> str:
    """A parameter, with or without the name space of the service."""
    return text(payload.find(f"{{{PATIENTS}}}{name}")) or text(payload.find(name))


def _output(payload: Element, status: str, context: str, *access: str) -> Element:
    """`access` is empty, or login and password."""
    tag = payload.tag.removeprefix(f"{{{PATIENTS}}}")
    secret = [
        element(PATIENTS, name, value) for name, value in zip(("login", "password"), access, strict=False)
    ]
    output = element(
        PATIENTS,
        "output",
        *secret,
        element(PATIENTS, "status", status),
        element(PATIENTS, "context", context),
    )
    return element(PATIENTS, f"{tag}Response", output)


def _login() -> str:
    """Four letters, four digits."""
    return _draw(string.ascii_lowercase, 4) + _draw(string.digits, 4)


def _password() -> str:
    """Eight characters: small and capital letters, a digit, a symbol, shuffled."""
    drawn = list(
        _draw(string.ascii_lowercase, 1)
        + _draw(string.ascii_uppercase, 1)
        + _draw(string.digits, 1)
        + _draw(_SYMBOLS, 1)
        + _draw(string.ascii_letters + string.digits, 4)
    )
    random.SystemRandom().shuffle(drawn)
    return "".join(drawn)


def _draw(alphabet: str, count: int) -> str:
    return "".join(secrets.choice(alphabet) for _ in range(count))

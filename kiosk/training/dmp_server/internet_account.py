"""TD1.5a, TD1.5b and TD1.5d: the patient's internet account. The password leaves once and is forgotten."""

import random
import re
import secrets
import string

from kiosk.training.dmp_server import specific
from kiosk.training.dmp_server.access import managed_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import (
    ACCOUNT_EXISTS,
    ACCOUNT_NOT_FOUND,
    ATTACHED_TO_MES,
    CHANNEL_EXISTS,
    CHANNEL_NOT_FOUND,
    INVALID_DATA,
    Refusal,
)
from kiosk.training.dmp_server.xml import Element

_CHANNELS = {"SMS": re.compile(r"(0|\+33)[67][0-9]{8}"), "EMAIL": re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")}
_SYMBOLS = ":!?$%+="


def create(call: Call) -> Element:
    """TD1.5a: `type` SMS or EMAIL, and its `canal`. Raises `Refusal`."""
    kind, channel = _channel(call)
    _check_record(call)
    login, password = _login(), _password()
    with call.store.transaction():
        if not call.store.open_account(call.patient, login, password):
            raise Refusal(ACCOUNT_EXISTS, "Le compte internet de ce patient existe déjà.")
        call.store.add_channel(call.patient, kind, channel)
    return specific.output(call.payload, *specific.fields(call.payload, login=login, password=password))


def renew(call: Call) -> Element:
    """TD1.5d: new login and password for an account that exists. Raises `Refusal`."""
    _check_record(call)
    login, password = _login(), _password()
    if not call.store.renew_account(call.patient, login, password):
        raise Refusal(ACCOUNT_NOT_FOUND, "Ce patient n'a pas de compte internet.")
    return specific.output(call.payload, *specific.fields(call.payload, login=login, password=password))


def change_channel(call: Call) -> Element:
    """TD1.5b: `type`, `canal` and `action` AJOUT, MODIFICATION or SUPPRESSION. Raises `Refusal`.

    One channel of each type; to remove one, naming it is not required. [unknown]
    """
    action = specific.parameter(call.payload, "action")
    if action not in ("AJOUT", "MODIFICATION", "SUPPRESSION"):
        raise Refusal(INVALID_DATA, "L'action sur le canal n'est pas connue.")
    kind, channel = _channel(call, optional=action == "SUPPRESSION")
    _check_record(call)
    if not call.store.has_account(call.patient):
        raise Refusal(ACCOUNT_NOT_FOUND, "Ce patient n'a pas de compte internet.")
    if action == "AJOUT":
        if not call.store.add_channel(call.patient, kind, channel):
            raise Refusal(CHANNEL_EXISTS, "Un canal de ce type existe déjà : il se modifie.")
    elif action == "MODIFICATION":
        if not call.store.change_channel(call.patient, kind, channel):
            raise Refusal(CHANNEL_NOT_FOUND, "Ce patient n'a pas de canal de ce type.")
    elif not call.store.remove_channel(call.patient, kind):
        raise Refusal(CHANNEL_NOT_FOUND, "Ce patient n'a pas de canal de ce type.")
    return specific.output(call.payload)


def _channel(call: Call, *, optional: bool = False) -> tuple[str, str]:
    """Type and value of a channel, well-formed; the value may be empty when `optional`. Raises `Refusal`."""
    kind, channel = specific.parameter(call.payload, "type"), specific.parameter(call.payload, "canal")
    shape = _CHANNELS.get(kind)
    if shape is None or not (shape.fullmatch(channel) or (optional and not channel)):
        raise Refusal(INVALID_DATA, "Le canal d'envoi du code à usage unique est incorrect.")
    return kind, channel


def _check_record(call: Call) -> None:
    if managed_record(call).attached_to_mes:
        raise Refusal(ATTACHED_TO_MES, "Ce DMP est rattaché à Mon espace santé.")


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

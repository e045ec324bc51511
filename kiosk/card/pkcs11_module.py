"""A PKCS#11 module inside this process: load it, find the one professional card in it, translate its errors.

One instance per process, and never across a fork: a child would share the parent's connection to the card
without its login (cards §2.6). So only the session process may load a module; the supervisor never does.
"""

import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pkcs11
from pkcs11 import Attribute, PKCS11Error, Session, Token
from pkcs11._pkcs11 import OperationContext, SearchIter  # type: ignore[attr-defined]
from pkcs11.types import Object

from kiosk.card.elf import is_cut
from kiosk.errors import (
    CardAnswerInvalid,
    CardError,
    CardModuleUnusable,
    CardRemoved,
    CardUnknown,
    ContactlessRefused,
    PinBlocked,
    PinMalformed,
    PinRequired,
    TwoProfessionalCards,
)
from kiosk.text import clean

_LABEL = "CPS"
"""How the labels of professional cards begin: `CPS3v3-…`, `CPS4v1-…` [sure]; a CPS2ter's is [unknown]."""

_ERRORS: dict[type[PKCS11Error], type[CardError]] = {
    pkcs11.SessionHandleInvalid: CardRemoved,  # what the Cryptolib answers once the card has left [sure: observed]
    pkcs11.SessionClosed: CardRemoved,
    pkcs11.TokenNotPresent: CardRemoved,
    pkcs11.DeviceRemoved: CardRemoved,
    pkcs11.SlotIDInvalid: CardRemoved,
    pkcs11.TokenNotRecognised: CardUnknown,
    pkcs11.PinLocked: PinBlocked,
    pkcs11.PinLenRange: PinMalformed,  # refused by the module, before the card could count [likely]
    pkcs11.PinInvalid: PinMalformed,
    pkcs11.UserNotLoggedIn: PinRequired,
    pkcs11.ObjectHandleInvalid: PinRequired,  # a private object vanished with the login, just after it was found
    pkcs11.KeyHandleInvalid: PinRequired,
    pkcs11.UserPinNotInitialized: ContactlessRefused,  # the contactless face has no PIN [sure: documented]
}

_loaded_by: dict[Path, int] = {}
"""Modules loaded so far, and the process that did it."""


@contextmanager
def card_errors() -> Iterator[None]:
    """Whatever the module answers inside, only a `CardError` comes out."""
    try:
        yield
    except PKCS11Error as error:
        name = type(error).__name__
        raise _ERRORS.get(type(error), CardError)(detail=f"pkcs11={name}") from error
    except (ValueError, struct.error, MemoryError) as error:  # attributes that are not what they should be
        raise CardAnswerInvalid(detail=f"pkcs11: {type(error).__name__}") from error


def search(session: Session, template: dict[Attribute, Any]) -> list[Object]:
    """The session's objects that fit. Raises `PKCS11Error`.

    In the place of `Session.get_objects`: when the card has left, that one leaves behind an operation whose
    clean-up prints a traceback over the screen.
    """
    operation = SearchIter(session, template, 16)
    try:
        with operation:
            return [found for batch in operation for found in batch]
    except PKCS11Error:
        OperationContext._finalize(operation)
        raise


class CardModule:
    """One loaded and initialised module."""

    def __init__(self, path: Path) -> None:
        """Raises `CardModuleUnusable`, which names `path` and says why."""
        if _loaded_by.setdefault(path, os.getpid()) != os.getpid():
            raise CardModuleUnusable(
                cause=f"{path} a été chargé par un autre processus de la borne.", detail="loaded before fork"
            )
        try:
            if is_cut(path):
                raise CardModuleUnusable(cause=f"{path} : fichier incomplet.", detail="cut ELF file")
            self._library = pkcs11.lib(str(path))
        except (PKCS11Error, OSError) as error:
            reason = clean(str(error) or type(error).__name__, 300)
            raise CardModuleUnusable(cause=f"{path} : {reason}", detail=type(error).__name__) from error

    def professional_token(self) -> Token:
        """The professional card, in whichever slot it is.

        Slots are not paired with PC/SC readers: their descriptions need not be readers' names. Raises
        `CardUnknown` when the module sees no professional card, `TwoProfessionalCards` when it sees several.
        """
        found = []
        with card_errors():
            for slot in self._library.get_slots(token_present=True):
                with suppress(pkcs11.TokenNotPresent, pkcs11.TokenNotRecognised):
                    token = slot.get_token()
                    if token.label.startswith(_LABEL):
                        found.append(token)
        if len(found) > 1:
            raise TwoProfessionalCards
        if not found:
            raise CardUnknown(
                cause="Le module des cartes professionnelles n'en voit aucune dans les lecteurs.",
                detail="pkcs11: no token",
            )
        return found[0]

    def token_now(self, slot_id: int) -> Token:
        """What is in that slot now. Raises `CardRemoved` when it is empty.

        All slots are listed again: some modules (OpenSC) look at the readers then, and only then.
        """
        with card_errors():
            for slot in self._library.get_slots(token_present=True):
                if slot.slot_id == slot_id:
                    return slot.get_token()
        raise CardRemoved(detail="pkcs11: empty slot")

    def close(self) -> None:
        """Let the module go: every session, login and reader it holds. May be called again; never raises."""
        with suppress(PKCS11Error):
            self._library.finalize()

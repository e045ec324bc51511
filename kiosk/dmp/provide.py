"""TD2.1 and TD2.2, deposit of documents (ITI-41), and the question that settles a doubtful one (TD3.1b)."""

from typing import Final

from lxml import etree

from kiosk.dmp import xds
from kiosk.dmp.registry import read_outcome
from kiosk.errors import AnswerUnreadable

PATH: Final = "/repository"
ACTION: Final = "urn:ihe:iti:2007:ProvideAndRegisterDocumentSet-b"

_RESPONSE: Final = f"{{{xds.RS}}}RegistryResponse"


def check_registered(answer: etree._Element) -> None:
    """Return when the documents were taken. Raises `Refused`, or `AnswerUnreadable`.

    There is no partial success: a submission set is registered whole or not at all.
    """
    if answer.tag != _RESPONSE:
        raise AnswerUnreadable(detail="not the answer to a deposit")
    if not (answer.get("status") or "").endswith(":Success"):
        read_outcome(answer)
        raise AnswerUnreadable(detail="neither success nor failure")

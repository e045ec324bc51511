"""Closing a record and opening it again: an answer lost on the way is cleared up, nothing is asked twice."""

from collections.abc import Callable

from kiosk.dmp.management import Closing, Reactivation
from kiosk.dmp.model import RecordState
from kiosk.errors import AnswerCut, AnswerUnreadable, KioskError, Refused, ServerTooSlow
from kiosk.record.visit import Visit

CLOSED, FOUND, ABSENT = "DMPClosed", "DMPFound", "NF"
"""What the service says of a record that is closed, active, or not there."""


def reactivate(visit: Visit, form: Reactivation) -> bool:
    """TD1.2. True when the record is active again by this, False when it was already. Then `visit.status` says so.

    Raises `KioskError`; after a lost answer, only once the existence test found the record still closed.
    """
    return _settle(
        visit,
        lambda: visit.reactivate(form),
        RecordState.ACTIVE,
        FOUND,
        "Vérification faite : le DMP n'a pas été réactivé. Vous pouvez recommencer.",
    )


def close(visit: Visit, form: Closing) -> bool:
    """TD1.4. True when the record was closed by this, False when it was already. Raises like `reactivate`."""
    return _settle(
        visit,
        lambda: visit.close(form),
        RecordState.CLOSED,
        CLOSED,
        "Vérification faite : le DMP n'a pas été fermé. Vous pouvez recommencer.",
    )


def gone(error: KioskError) -> bool:
    """Whether the service refused because the record is not open any more: somebody else closed it meanwhile."""
    return isinstance(error, Refused) and error.server_code in (CLOSED, ABSENT)


def _settle(visit: Visit, act: Callable[[], object], wanted: RecordState, already: str, undone: str) -> bool:
    try:
        act()
    except (AnswerCut, ServerTooSlow, AnswerUnreadable) as doubt:
        if visit.test_existence().state is not wanted:
            raise type(doubt)(todo=undone) from None
    except Refused as refusal:
        if refusal.server_code != already:
            raise
        visit.test_existence()
        return False
    return True

"""The acts that change a record as a whole: closing, opening again, its administrative data.

An answer lost on the way is cleared up: nothing is asked twice, and the user is told what was found.
"""

from collections.abc import Callable

from kiosk.dmp.management import AdministrativeData, Closing, Reactivation
from kiosk.dmp.model import RecordState
from kiosk.doubt import UNKNOWN, told
from kiosk.errors import KioskError, Refused
from kiosk.record.refusals import CLOSED, FOUND
from kiosk.record.visit import Visit


def reactivate(visit: Visit, form: Reactivation) -> bool:
    """TD1.2. True when the record is active again by this, False when it was already. Then `visit.status` says so.

    Raises `KioskError`; after a lost answer, only once the existence test found the record still closed.
    """
    undone = "Vérification faite : le DMP n'a pas été réactivé. Vous pouvez recommencer."
    return _settle(
        visit,
        "TD1.2",
        lambda: visit.reactivate(form),
        wanted=RecordState.ACTIVE,
        already=FOUND,
        undone=undone,
    )


def close(visit: Visit, form: Closing) -> bool:
    """TD1.4. True when the record was closed by this, False when it was already. Raises like `reactivate`."""
    undone = "Vérification faite : le DMP n'a pas été fermé. Vous pouvez recommencer."
    return _settle(
        visit, "TD1.4", lambda: visit.close(form), wanted=RecordState.CLOSED, already=CLOSED, undone=undone
    )


def update(visit: Visit, before: AdministrativeData, after: AdministrativeData) -> None:
    """TD1.3b. Raises `KioskError`; after a lost answer, only once the data were read again and still are `before`."""
    try:
        visit.update(after)
    except UNKNOWN as doubt:
        try:
            unchanged = visit.administrative_data() == before
        except KioskError:
            todo = (
                "La modification est peut-être faite : relisez les données du DMP (F5) avant de recommencer."
            )
            raise told(doubt, todo) from None
        if unchanged:
            todo = "Vérification faite : rien n'a été modifié. Vous pouvez recommencer."
            raise told(doubt, todo) from None


def _settle(
    visit: Visit, act: str, do: Callable[[], object], *, wanted: RecordState, already: str, undone: str
) -> bool:
    try:
        visit.session.doubts.settle(
            act,
            visit.patient.extension,
            do,
            done=lambda: visit.test_existence().state is wanted,
            undone=undone,
        )
    except Refused as refusal:
        if refusal.server_code != already:
            raise
        visit.test_existence()
        return False
    return True

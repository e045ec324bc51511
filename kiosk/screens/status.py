"""The permanent line: who, profession, card, structure, mode — and readers, DMP, printer — in 80 columns."""

from kiosk.card.readers import Snapshot
from kiosk.session import Session
from kiosk.station import StationState

_NAME, _PROFESSION = 20, 14


def status_line(session: Session | None, snapshot: Snapshot | None, state: StationState, width: int) -> str:
    """Exactly `width` columns. States are words, never a colour."""
    states = f"Lect.{_readers(snapshot)} DMP.{state.dmp} Impr.{state.printer}"
    room = width - len(states) - 1
    return f"{_who(session, room):<{room}} {states}"


def _readers(snapshot: Snapshot | None) -> str:
    if snapshot is None:
        return "--"
    return "OK" if snapshot.service_ok and snapshot.slots else "HS"


def _who(session: Session | None, room: int) -> str:
    """Everything in `room` columns: the structure is what gives way first."""
    if session is None or not session.logged_in:
        return "Borne DMP"
    who, mode = session.professional, session.access_mode
    profession = who.profession.label
    if len(profession) > _PROFESSION:
        profession = profession.split()[0][:_PROFESSION]
    first = f"{who.display_name[:_NAME]}·{profession}·{who.card_type.name}·"
    left = room - len(first) - len(mode) - 1
    structure = session.actor.structure_name
    return f"{first}{structure if len(structure) <= left else structure[: left - 1] + '…'}·{mode}"

"""The door of every record: is there one, is it open, and may this caller come in, in this mode?

`rights` says what a profession may do in a mode; this module says whether this patient's record is one of
those the caller may do it with. Sources: protocol 2.4 and 6.1, requirements 0.2 to 0.5.
"""

from dataclasses import dataclass

from kiosk.training.dmp_server.authorisations import BLOCKED, EXPIRED, VALID
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import (
    ACCESS_FORBIDDEN,
    ALREADY_AUTHORISED,
    AUTHORISATION_BLOCKED,
    AUTHORISATION_EXPIRED,
    AUTHORISATION_MISSING,
    RECORD_CLOSED,
    RECORD_NOT_FOUND,
    Refusal,
)
from kiosk.training.dmp_server.records import StoredRecord
from kiosk.training.dmp_server.rights import Kind, kind_of
from kiosk.training.dmp_server.vihf import BREAK_GLASS, REGULATION

_WHY_NOT = {
    BLOCKED: (AUTHORISATION_BLOCKED, "Le patient a bloqué l'accès de ce professionnel à son DMP."),
    EXPIRED: (
        AUTHORISATION_EXPIRED,
        "L'autorisation d'accès à ce DMP a expiré : il faut la déclarer à nouveau.",
    ),
    "EN_ATTENTE": (AUTHORISATION_MISSING, "L'autorisation d'accès à ce DMP n'est pas encore valable."),
    "": (AUTHORISATION_MISSING, "Ce professionnel n'est pas autorisé à accéder à ce DMP."),
}


@dataclass(frozen=True)
class AccessRight:
    """In what quality somebody entered a record."""

    kind: Kind
    mode: str
    """`normal`, `bris_de_glace` or `centre_15`."""
    treating_doctor: bool
    actor: str
    """National id of the professional or of the CPE holder."""
    structure: str
    secret: bool
    """The legal representatives of this minor do not see it."""


def open_record(call: Call) -> AccessRight:
    """Enter the record of the VIHF's patient. Raises `Refusal`."""
    record = _open(call)
    mode, authorisation = call.caller.vihf.purpose, authorisation_of(call)
    if mode == REGULATION:
        _check_regulation(record)
    elif mode == BREAK_GLASS:
        _check_break_glass(record, authorisation)
    elif authorisation != VALID:
        raise Refusal(*_WHY_NOT.get(authorisation, _WHY_NOT[""]))
    return AccessRight(
        kind=kind_of(call.caller),
        mode=mode,
        treating_doctor=is_treating_doctor(call),
        actor=call.caller.holder.national_id,
        structure=call.caller.vihf.structure_id,
        secret=call.caller.vihf.secret,
    )


def managed_record(call: Call) -> StoredRecord:
    """The open record of the VIHF's patient, for an act of management made at his request. Raises `Refusal`.

    Like a creation, and unlike a look inside, such an act wants no authorisation: [unknown]. Who is blocked stays
    out.
    """
    record = _open(call)
    if authorisation_of(call) == BLOCKED:
        raise Refusal(*_WHY_NOT[BLOCKED])
    return record


def existing_record(call: Call) -> StoredRecord:
    """The record of the VIHF's patient, open or closed. Raises `Refusal`."""
    record = call.store.find(call.patient)
    if record is None:
        raise Refusal(RECORD_NOT_FOUND, "Ce patient n'a pas de DMP.")
    return record


def actor_of(call: Call) -> str:
    """To whom an authorisation is given: the professional himself, the structure of a CPE."""
    caller = call.caller
    return caller.vihf.structure_id if caller.is_cpe else caller.holder.national_id


def authorisation_of(call: Call) -> str:
    """`VALIDE`, `EXPIRE`, `INTERDIT`, another value of the cast, or empty.

    A treating doctor needs no authorisation besides, unless the patient blocked him.
    """
    value = call.store.authorisation(call.patient, actor_of(call), call.now)
    return VALID if value in ("", EXPIRED) and is_treating_doctor(call) else value


def is_treating_doctor(call: Call) -> bool:
    return call.store.is_treating_doctor(call.patient, call.caller.holder.national_id)


def _open(call: Call) -> StoredRecord:
    record = existing_record(call)
    if record.state != "active":
        raise Refusal(RECORD_CLOSED, "Le DMP de ce patient est fermé.")
    return record


def _check_regulation(record: StoredRecord) -> None:
    if record.opposed_to_regulation:
        raise Refusal(ACCESS_FORBIDDEN, "Le patient s'oppose à l'accès des centres de régulation médicale.")


def _check_break_glass(record: StoredRecord, authorisation: str) -> None:
    if record.opposed_to_break_glass:
        raise Refusal(ACCESS_FORBIDDEN, "Le patient s'oppose à l'accès en mode bris de glace.")
    if authorisation == VALID:
        raise Refusal(ALREADY_AUTHORISED, "Le bris de glace est réservé à qui n'est pas déjà autorisé.")
    # [unknown]: no source says whether an emergency outweighs a block; the patient's word is kept.
    if authorisation == BLOCKED:
        raise Refusal(ACCESS_FORBIDDEN, "Le patient a bloqué l'accès de ce professionnel à son DMP.")

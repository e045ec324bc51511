"""TD0.3: a professional declares or gives up his own authorisation, or that he is the treating doctor.

Nobody acts on the authorisation of somebody else; a CPE acts on that of its structure. Being the treating doctor
is a status on top of an authorisation, so that giving up the access gives up the status with it. [unknown]
"""

from kiosk.training.dmp_server import rights, specific
from kiosk.training.dmp_server.access import actor_of, is_treating_doctor, managed_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import (
    ALREADY_TREATING_DOCTOR,
    AUTHORISATION_MISSING,
    INVALID_DATA,
    NO_TREATING_DOCTOR,
    Refusal,
)
from kiosk.training.dmp_server.xml import Element

_ADD, _REMOVE = "AJOUT", "SUPPRESSION"
_TREATING_DOCTOR = "MEDECIN_TRAITANT"
_ACTS = {
    (_ADD, ""): "TD0.3 se déclarer autorisé",
    (_ADD, _TREATING_DOCTOR): "TD0.3 se déclarer MT",
    (_REMOVE, ""): "TD0.3 supprimer son autorisation",
    (_REMOVE, _TREATING_DOCTOR): "TD0.3 se supprimer MT",
}
"""Row of the rights, by action and role."""


def answer(call: Call) -> Element:
    """`action`, and perhaps `role`. Raises `Fault` or `Refusal`."""
    act = specific.parameter(call.payload, "action"), specific.parameter(call.payload, "role")
    if act not in _ACTS:
        raise Refusal(INVALID_DATA, "L'action ou le rôle demandé n'est pas connu.")
    treating = is_treating_doctor(call)
    if treating and act == (_ADD, _TREATING_DOCTOR):
        raise Refusal(ALREADY_TREATING_DOCTOR, "Vous êtes déjà déclaré médecin traitant de ce patient.")
    if not treating and act == (_REMOVE, _TREATING_DOCTOR) and call.caller.is_doctor:
        raise Refusal(NO_TREATING_DOCTOR, "Vous n'êtes pas déclaré médecin traitant de ce patient.")
    rights.check(_ACTS[act], call.caller, treating_doctor=treating)
    managed_record(call)
    if act[0] == _ADD:
        _add(call, as_treating_doctor=bool(act[1]))
    else:
        _remove(call, as_treating_doctor=bool(act[1]))
    return specific.output(call.payload)


def _add(call: Call, *, as_treating_doctor: bool) -> None:
    with call.store.transaction():
        call.store.authorise(call.patient, actor_of(call), call.now)
        if as_treating_doctor:
            call.store.add_treating_doctor(call.patient, actor_of(call))


def _remove(call: Call, *, as_treating_doctor: bool) -> None:
    with call.store.transaction():
        call.store.drop_treating_doctor(call.patient, actor_of(call))
        if as_treating_doctor:
            return
        if not call.store.withdraw(call.patient, actor_of(call)):
            raise Refusal(AUTHORISATION_MISSING, "Vous n'avez pas d'autorisation d'accès à ce DMP.")

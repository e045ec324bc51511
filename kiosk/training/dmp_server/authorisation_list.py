"""TD1.6: who is authorised, and who is blocked, in the record one has open."""

from kiosk.training.dmp_server import directory, specific
from kiosk.training.dmp_server.access import open_record
from kiosk.training.dmp_server.authorisations import BLOCKED, EXPIRED, Authorisation
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.outcomes import INVALID_DATA, Refusal
from kiosk.training.dmp_server.xml import Element

_ITEM = "authorizationlistData"  # [unknown]: named like the item of TD0.4
_ALL, _ACTIVE, _BLOCKED = "TOUTE", "ACTIVE", "INTERDITE"
_EXPIRED = "EXPIREE"  # [unknown]: no sample shows an authorisation that is over; only TOUTE lists it
_MODES = (_ALL, _ACTIVE, _BLOCKED)


def answer(call: Call) -> Element:
    """`mode`: ACTIVE, INTERDITE or TOUTE. Raises `Refusal`."""
    mode = specific.parameter(call.payload, "mode")
    if mode not in _MODES:
        raise Refusal(INVALID_DATA, "Le mode de la liste n'est pas connu.")
    open_record(call)
    items = [
        _item(call, one, _mode(call, one))
        for one in call.store.authorisations_for(call.patient)
        if mode in (_ALL, _mode(call, one))
    ]
    return specific.output(call.payload, *items)


def _mode(call: Call, one: Authorisation) -> str:
    return {BLOCKED: _BLOCKED, EXPIRED: _EXPIRED}.get(one.state(call.now), _ACTIVE)


def _item(call: Call, one: Authorisation, mode: str) -> Element:
    code, label = directory.speciality(one.actor)
    speciality = {"codeSpeciality": code, "libSpeciality": label} if code else {}
    right = {"specificRight": "MEDECIN_TRAITANT"} if one.treating_doctor else {}
    return specific.group(
        call.payload,
        _ITEM,
        *specific.fields(
            call.payload,
            **directory.identity(one.actor),
            **speciality,
            startOfAuthorization=one.since,
            lastActionDate=call.store.last_access(call.patient, one.actor) or one.since,
            mode=mode,
            **right,
        ),
    )

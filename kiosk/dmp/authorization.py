"""Authorisations on one record: the caller's own (TD0.3), and those of all professionals (TD1.6)."""

from typing import Final

from lxml import etree

from kiosk.dmp import hl7, services
from kiosk.dmp.listing import AuthorizationFilter, AuthorizedParty
from kiosk.dmp.management import AuthorizationChange

SET_TRANSACTION: Final = "TD0.3"
LIST_TRANSACTION: Final = "TD1.6"
SERVICE: Final = services.HABILITATIONS
SET: Final = "setAuthorization"
LIST: Final = "listAuthorizationByPatient"

_TREATING_DOCTOR = "MEDECIN_TRAITANT"


def set_request(change: AuthorizationChange) -> bytes:
    """TD0.3: the body. Who and on which record, the assertion says."""
    action, role = change.value
    return services.request(SERVICE, SET, action=action, role=role or None)


def check_set(answer: etree._Element) -> None:
    """Return when it was done. Raises `Refused` or `AnswerUnreadable`."""
    services.read(SERVICE, SET, answer)


def list_request(which: AuthorizationFilter) -> bytes:
    """TD1.6: the body."""
    return services.request(SERVICE, LIST, mode=which.value)


def parties(answer: etree._Element) -> tuple[AuthorizedParty, ...]:
    """Everybody the answer lists, in its order. Raises `Refused` or `AnswerUnreadable`.

    The name of the list's elements is [unknown]: they are known by their `nationalId`.
    """
    output = services.output(SERVICE, LIST, answer)
    rows = (identifier.getparent() for identifier in output.iter("{*}nationalId"))
    return tuple(_party(row) for row in rows if row is not None)


def _party(row: etree._Element) -> AuthorizedParty:
    mode = services.text(row, "mode")
    return AuthorizedParty(
        national_id=services.text(row, "nationalId"),
        is_structure=services.text(row, "nationalIdType") == hl7.STRUCTURES,
        family_name=services.text(row, "lastName"),
        given_name=services.text(row, "firstName"),
        specialities=services.texts(row, "libSpeciality") or services.texts(row, "codeSpeciality"),
        since=hl7.moment(services.text(row, "startOfAuthorization")),
        last_action=hl7.moment(services.text(row, "lastActionDate")),
        blocked=mode.upper() == AuthorizationFilter.BLOCKED.value,
        treating_doctor=_TREATING_DOCTOR in services.texts(row, "specificRight"),
        raw_mode=mode,
    )

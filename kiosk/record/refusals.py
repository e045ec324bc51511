"""What the service's codes say of the record itself, whatever was asked."""

from kiosk.errors import KioskError, Refused

CLOSED, FOUND, ABSENT = "DMPClosed", "DMPFound", "NF"
"""The record is closed, active, not there."""


def gone(error: KioskError) -> bool:
    """Whether the service refused because the record is not open any more: somebody else closed it meanwhile."""
    return isinstance(error, Refused) and error.server_code in (CLOSED, ABSENT)

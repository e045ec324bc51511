"""TD1.5, the patient's internet account: opened (a), its channels of one-time codes (b), new codes (d)."""

from typing import Any, Final

from lxml import etree

from kiosk.dmp import services
from kiosk.dmp.management import ChannelAction
from kiosk.dmp.model import InternetAccess, OtpChannel
from kiosk.errors import AnswerUnreadable
from kiosk.secret import Secret

CREATE_TRANSACTION: Final = "TD1.5a"
CHANNEL_TRANSACTION: Final = "TD1.5b"
RENEW_TRANSACTION: Final = "TD1.5d"
SERVICE: Final = services.PATIENTS
CREATE: Final = "createPatientAccess"
CHANNEL: Final = "patientOTPUpdate"
RENEW: Final = "updatePatientAccess"


def create_access_request(channel: OtpChannel, address: str) -> bytes:
    """TD1.5a: the body that opens an account; the one-time codes will go to `address` by `channel`."""
    return services.request(SERVICE, CREATE, type=channel.value, canal=address)


def channel_request(channel: OtpChannel, address: str, action: ChannelAction) -> bytes:
    """TD1.5b: the body that adds, changes or removes a channel."""
    return services.request(SERVICE, CHANNEL, type=channel.value, canal=address, action=action.value)


def renew_access_request() -> bytes:
    """TD1.5d: the body that asks for new codes."""
    return services.request(SERVICE, RENEW)


def created_access(answer: etree._Element) -> InternetAccess:
    """The codes of a new account.

    Raises `Refused` (`DMPPatientAccessAlreadyExists`…) or `AnswerUnreadable`.
    """
    return _access(services.read(SERVICE, CREATE, answer))


def check_channel_set(answer: etree._Element) -> None:
    """Return when it was done. Raises `Refused` (`DMPPatientAccessOTPAlreadyExists`…) or `AnswerUnreadable`."""
    services.read(SERVICE, CHANNEL, answer)


def renewed_access(answer: etree._Element) -> InternetAccess:
    """The new codes of an account. Raises `Refused` or `AnswerUnreadable`."""
    return _access(services.read(SERVICE, RENEW, answer))


def _access(output: Any) -> InternetAccess:
    if not output.login or not output.password:
        raise AnswerUnreadable(detail="accepted, but no login or no password")
    return InternetAccess(login=Secret(output.login), password=Secret(output.password))

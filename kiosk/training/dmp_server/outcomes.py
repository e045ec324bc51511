"""The two ways of saying no, and the words of the service.

    Fault      the message or its sender is refused: SOAP fault, HTTP 500
    Refusal    the message was understood and the DMP says no: the business answer of the transaction

The complete list of codes is in no public document. Those marked [unknown] are inventions of this training
server, shaped like the others: a client must show any code with its text, whatever it is.
"""

from dataclasses import dataclass
from enum import Enum

from kiosk.training.dmp_server.names import SOAP, WSA

INVALID_CERTIFICATE = "DMPInvalidCertificate"
RECORD_FOUND = "DMPFound"
RECORD_CLOSED = "DMPClosed"
ACCESS_FORBIDDEN = "DMPAccessForbidden"
ACCOUNT_EXISTS = "DMPPatientAccessAlreadyExists"
CHANNEL_EXISTS = "DMPPatientAccessOTPAlreadyExists"
TOO_MANY_RESULTS = "DMPTooManyResult"
RIGHT_MISSING = "DMPAccessDeniedByRightsService"  # [sure] on the web access, [likely] as a fault
INVALID_VIHF = "DMPInvalidVIHF"  # [unknown]
EXPIRED_VIHF = "DMPExpiredVIHF"  # [unknown]; the text « VIHF expiré » is sure
UNKNOWN_STRUCTURE = "DMPUnknownStructure"  # [unknown]; the text is sure
PATIENT_MISMATCH = "DMPPatientIdMismatch"  # [unknown]
INVALID_MESSAGE = "DMPInvalidMessage"  # [unknown]
INVALID_DATA = "DMPInvalidData"  # [unknown]
RECORD_NOT_FOUND = "DMPNotFound"  # [unknown]
AUTHORISATION_MISSING = "DMPAuthorizationNotFound"  # [unknown]
AUTHORISATION_EXPIRED = "DMPAuthorizationExpired"  # [unknown]
AUTHORISATION_BLOCKED = "DMPAuthorizationBlocked"  # [unknown]
ALREADY_AUTHORISED = "DMPAuthorizationAlreadyValid"  # [unknown]
ALREADY_TREATING_DOCTOR = "DMPTreatingDoctorAlreadyExists"  # [unknown]
NO_TREATING_DOCTOR = "DMPTreatingDoctorNotFound"  # [unknown]
NOT_A_REGULATION_CENTRE = "DMPNotARegulationCentre"  # [unknown]
CHANNEL_NOT_FOUND = "DMPPatientAccessOTPNotFound"  # [unknown]
ACCOUNT_NOT_FOUND = "DMPPatientAccessNotFound"  # [unknown]
ATTACHED_TO_MES = "DMPAttachedToENS"  # [unknown]
INTERNAL = "DMPInternalError"  # [unknown]


class Party(Enum):
    """SOAP 1.2 fault codes (Part 1, 5.4.6)."""

    SENDER = "Sender"
    RECEIVER = "Receiver"
    MUST_UNDERSTAND = "MustUnderstand"
    VERSION = "VersionMismatch"


@dataclass(eq=False)
class Fault(Exception):
    """A SOAP fault. The service writes its own codes in the SOAP name space: `soap:DMPInvalidCertificate`."""

    reason: str
    subcode: str = ""
    party: Party = Party.SENDER
    namespace: str = SOAP
    language: str = "fr"


@dataclass(eq=False)
class Refusal(Exception):
    """A business refusal, told in the acknowledgement (HL7 v3) or in `output/status` (specific services)."""

    code: str
    text: str


def addressing_fault(subcode: str, reason: str) -> Fault:
    """A predefined fault of WS-Addressing 1.0 SOAP Binding, 6.4: its code and its English sentence."""
    return Fault(reason, subcode, namespace=WSA, language="en")


def invalid_vihf(reason: str) -> Fault:
    return Fault(reason, INVALID_VIHF)


def invalid_message(reason: str) -> Fault:
    return Fault(reason, INVALID_MESSAGE)

"""Which function answers which action: one row a transaction."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server import creation, existence, hl7, internet_account
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.names import HL7, PATIENTS
from kiosk.training.dmp_server.outcomes import Refusal, addressing_fault, invalid_message
from kiosk.training.dmp_server.xml import Element

BASE_PATH = "/si-dmp-server/v2/services"
_SPECIFIC = f"{PATIENTS}:PatientSpecificEndPoint"


@dataclass(frozen=True)
class Transaction:
    """One row."""

    code: str
    """`TD0.2`: the key of the rights too."""
    path: str
    action: str
    answer_action: str
    payload: str
    """Qualified name of the body's child."""
    answer: Callable[[Call], Element]
    refuse: Callable[[Element, Refusal, datetime], Element]
    reason: str = ""
    """HL7 v3 alone: the reason that tells transactions of one interaction apart."""


TRANSACTIONS = (
    Transaction(
        "TD0.2", "/patients", f"{HL7}:{existence.REQUEST}", f"{HL7}:{existence.ANSWER}",
        f"{{{HL7}}}{existence.REQUEST}", existence.answer, existence.refuse, reason="TEST_EXST",
    ),
    Transaction(
        "TD1.1", "/patients", f"{HL7}:{creation.REQUEST}", f"{HL7}:PRPA_IN201311ResponseUV02",
        f"{{{HL7}}}{creation.REQUEST}", creation.answer, creation.refuse, reason="CREA_RD",
    ),
    Transaction(
        "TD1.5a", "/patientsSpecific", f"{_SPECIFIC}:createPatientAccess",
        f"{_SPECIFIC}:createPatientAccessResponse", f"{{{PATIENTS}}}createPatientAccess",
        internet_account.create, internet_account.refuse,
    ),
    Transaction(
        "TD1.5d", "/patientsSpecific", f"{_SPECIFIC}:updatePatientAccess",
        f"{_SPECIFIC}:updatePatientAccessResponse", f"{{{PATIENTS}}}updatePatientAccess",
        internet_account.renew, internet_account.refuse,
    ),
)  # fmt: skip

PATHS = frozenset(BASE_PATH + row.path for row in TRANSACTIONS)


def find(path: str, action: str, payload: Element) -> Transaction:
    """The row of a request posted to `path`. Raises `Fault`."""
    service = path.removeprefix(BASE_PATH)
    offered = [row for row in TRANSACTIONS if (row.path, row.action) == (service, action)]
    if not offered:
        raise addressing_fault("ActionNotSupported", "The action cannot be processed at the receiver")
    offered = [row for row in offered if row.payload == payload.tag]
    if not offered:
        raise invalid_message("Le corps du message ne correspond pas à son action.")
    for row in offered:
        if not row.reason or row.reason == hl7.reason(payload):
            return row
    raise invalid_message("Le motif du message (reasonCode) manque ou n'est pas pris en charge.")

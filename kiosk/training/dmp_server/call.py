"""One admitted request on its way to the transaction that answers it."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.names import INS_C
from kiosk.training.dmp_server.outcomes import PATIENT_MISMATCH, Fault
from kiosk.training.dmp_server.store import Store
from kiosk.training.dmp_server.xml import Element, attribute


@dataclass(frozen=True)
class Call:
    """Who, what, when, and the memory of the service."""

    caller: Caller
    payload: Element
    store: Store
    now: datetime
    """The clock of the service, UTC."""

    @property
    def patient(self) -> str:
        """INS-C of the VIHF's `resource-id`."""
        return self.caller.vihf.patient

    def require_same_patient(self, identifier: Element | None) -> None:
        """An HL7 `II` of the payload must name the patient of the VIHF. Raises `Fault`."""
        if (attribute(identifier, "root"), attribute(identifier, "extension")) != (INS_C, self.patient):
            raise Fault("Le patient du message n'est pas celui du VIHF (resource-id).", PATIENT_MISMATCH)

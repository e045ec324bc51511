"""One admitted request on its way to the transaction that answers it."""

from dataclasses import dataclass
from datetime import datetime

from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.authority import CardAuthority
from kiosk.training.dmp_server.identifiers import from_cx, is_ins_c, is_nir
from kiosk.training.dmp_server.mtom import Package
from kiosk.training.dmp_server.names import INS_C, NIR, NIR_TEST
from kiosk.training.dmp_server.outcomes import PATIENT_MISMATCH, Fault
from kiosk.training.dmp_server.shelf import Shelf
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
    documents: Shelf
    package: Package
    """The message as it came, with its attachments."""
    authority: CardAuthority
    """Who issues the certificates that sign."""
    cumulative: bool = False
    """Whether a document may be masked from professionals and invisible to the patient at once (parameter file)."""

    @property
    def patient(self) -> str:
        """Key of the record of the VIHF's `resource-id`: its INS-C, whichever identifier was given.

        A NIR that no record has is its own key: nothing is found by it.
        """
        vihf = self.caller.vihf
        return self._key(vihf.patient_root, vihf.patient)

    def require_same_patient(self, identifier: Element | None) -> None:
        """An HL7 `II` of the payload must name the patient of the VIHF. Raises `Fault`."""
        key = self._key(attribute(identifier, "root"), attribute(identifier, "extension"))
        if not key or key != self.patient:
            raise Fault("Le patient du message n'est pas celui du VIHF (resource-id).", PATIENT_MISMATCH)

    def names_patient(self, cx: str) -> bool:
        """Whether a CX text of document metadata names the patient of the VIHF."""
        try:
            number, root = from_cx(cx)
        except Fault:
            return False
        return self._key(root, number) == self.patient

    def _key(self, root: str, number: str) -> str:
        """Empty for what identifies nobody."""
        if root == INS_C and is_ins_c(number):
            return number
        if root in (NIR, NIR_TEST) and is_nir(number):
            return self.store.key_of_nir(number) or number
        return ""

"""The Web DMP for professionals (TD0.9): a link to open elsewhere, with the professional's own card (PDT-INF-547).

The kiosk opens no browser: it shows the address, and the same as a QR code.
"""

from dataclasses import dataclass
from typing import Final

from kiosk.dmp.model import PatientId, RecordState
from kiosk.record.visit import Visit

_PATH: Final = "/AccesDirect"


@dataclass(frozen=True)
class Page:
    """One page of the Web DMP."""

    name: str
    label: str
    of_patient: bool = True


DASHBOARD: Final = Page("TableauDeBord", "Mon tableau de bord (aucun patient dans le lien)", of_patient=False)
PAGES: Final = (
    Page("DossierPatient", "Le DMP du patient"),
    Page("Documents", "Ses documents"),
    Page("ParcoursDeSoins", "Son parcours de soins"),
    Page("CarnetVaccination", "Son carnet de vaccination"),
    Page("VolontesEtDroits", "Ses volontés et ses droits"),
    Page("HistoriqueAcces", "L'historique des accès"),
    Page("GestionDMPPatient", "La gestion de son DMP"),
    DASHBOARD,
)


def offered(visit: Visit) -> tuple[Page, ...]:
    """A record that is closed or unknown shows nothing but an error: the dashboard alone."""
    return PAGES if visit.status.state is RecordState.ACTIVE else (DASHBOARD,)


def link(base_url: str, page: Page, patient: PatientId) -> str:
    """`https://…/AccesDirect/DossierPatient/<INS>/<OID>`; without the patient where the page has none."""
    address = f"{base_url.rstrip('/')}{_PATH}/{page.name}"
    return f"{address}/{patient.extension}/{patient.root}" if page.of_patient else address


def qr_rows(text: str) -> list[list[bool]]:
    """Dark modules of the smallest QR code that holds `text`, without its quiet zone."""
    import segno

    code = segno.make(text, error="l", boost_error=False, micro=False)
    return [[bool(module) for module in row] for row in code.matrix]

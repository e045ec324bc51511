"""Lists the DMP answers: records open to a professional, professionals allowed in a record, people found."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.dmp.model import PatientId


class ListedBy(Enum):
    """TD0.4, `dateType`: which date counts from."""

    AUTHORIZATION = "LASTAUTORIZATION"  # the service's own spelling
    DOCUMENT = "LASTDOC"


@dataclass(frozen=True, repr=False)
class ListedRecord:
    """TD0.4: one record the caller may open."""

    patients: tuple[PatientId, ...]
    """Every identifier the service gave: INS-C, NIR or both."""
    civility: str
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD; may be lunar. Names may be `NON_RENSEIGNE`."""
    treating_doctor: bool
    message: str
    last_access: datetime | None
    """The caller's own last visit, UTC."""
    last_update: datetime | None
    last_document: datetime | None
    """When the last document was added, UTC."""


class AuthorizationFilter(Enum):
    """TD1.6, `mode`."""

    ALL = "TOUTE"
    ACTIVE = "ACTIVE"
    BLOCKED = "INTERDITE"


@dataclass(frozen=True)
class AuthorizedParty:
    """TD1.6: a professional or a structure with an authorisation on the record, or blocked from it."""

    national_id: str
    is_structure: bool
    family_name: str
    given_name: str
    specialities: tuple[str, ...]
    """Labels, e.g. `Médecin - Médecine générale`."""
    since: datetime | None
    last_action: datetime | None
    blocked: bool
    treating_doctor: bool
    raw_mode: str


@dataclass(frozen=True, repr=False)
class RegulationSearch:
    """TD0.5: what a regulation centre knows of a caller. At least a name of two letters or a birth date."""

    family_name: str = ""
    given_name: str = ""
    approximate_name: bool = False
    birth_date: str = ""
    """YYYYMMDD."""
    sex: str = ""
    """M, F or empty."""
    postal_code: str = ""
    city: str = ""
    approximate_city: bool = False


@dataclass(frozen=True, repr=False)
class FoundPatient:
    """TD0.5: one candidate."""

    patient: PatientId
    """Only to open the record; never shown (EX_0.5-1020)."""
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    sex: str
    city: str
    postal_code: str
    likeness: int | None
    """Per cent."""


@dataclass(frozen=True, repr=False)
class SearchResult:
    """TD0.5: what was found, and how many more there are."""

    patients: tuple[FoundPatient, ...]
    remaining: int = 0

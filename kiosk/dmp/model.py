"""What the DMP says, as plain values. No XML leaves `kiosk.dmp`."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kiosk.code import Code
from kiosk.secret import Secret


@dataclass(frozen=True)
class PatientId:
    """The identifier the service's profile uses: INS-C (historical) or NIR (current)."""

    root: str
    """OID, e.g. `1.2.250.1.213.1.4.2` for the INS-C."""
    extension: str = field(repr=False)


class RecordState(Enum):
    """TD0.2, `patient/statusCode`."""

    NONE = "none"
    """queryResponseCode NF: this patient has no DMP."""
    ACTIVE = "active"
    CLOSED = "terminated"
    UNKNOWN = "unknown"
    """A status this version does not know: `DmpStatus.raw_state` holds it, shown as it came."""


class Authorization(Enum):
    """TD0.2, attentionLine AUTORISATION."""

    VALID = "VALIDE"
    NONE = "NON_EXISTE"
    EXPIRED = "EXPIRE"  # [likely]: two API enumerations agree, no trace seen
    FORBIDDEN = "INTERDIT"  # [likely]: the same
    UNKNOWN = ""


@dataclass(frozen=True)
class PatientTraits:
    """Identity the server returned: compared with the card's, not shown by default (EX_0.2-1020)."""

    birth_name: str
    usual_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD or shorter; may be lunar. Empty when absent; names may be `NON_RENSEIGNE`."""
    sex: str
    """M, F or U."""


@dataclass(frozen=True)
class DmpStatus:
    """Answer of TD0.2: does the record exist, may I open it, am I the treating doctor."""

    state: RecordState
    authorization: Authorization = Authorization.UNKNOWN
    treating_doctor: bool = False
    closed_at: datetime | None = None
    """UTC; only when closed and given."""
    closing_reason: str = ""
    internet_account: bool | None = None
    attached_to_mes: bool | None = None
    """RATTACHEMENT_ENS: the record belongs to a Mon espace santé account."""
    traits: PatientTraits | None = field(default=None, repr=False)
    raw_state: str = ""
    raw_authorization: str = ""


@dataclass(frozen=True)
class Actor:
    """Who calls: the card holder in one situation d'exercice, as the VIHF states it."""

    national_id: str
    family_name: str
    given_name: str
    profession: Code
    speciality: Code | None
    structure_id: str
    structure_name: str
    sector: Code
    """Read from the same activity as the structure, else the service answers « Structure introuvable »."""
    anonymous: bool = False
    """No person is named: the names tell structure and card, and the VIHF says them too (PDT-INF-617)."""


@dataclass(frozen=True)
class Address:
    lines: str = ""
    complement: str = ""
    postal_code: str = ""
    city: str = ""
    country: str = ""


@dataclass(frozen=True)
class CardTraits:
    """The `CARTE_SESAM_VITALE` contact party: read on the card, never corrected (EX_GEN-1265)."""

    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """Six characters AAMMJJ, as on the card."""


@dataclass(frozen=True, repr=False)
class LegalRepresentative:
    """Who acts for a minor or a protected adult (`personalRelationship`)."""

    relationship: Code
    """In `2.16.840.1.113883.1.11.19579`: MTH, FTH, RESPRSN…; an unknown code is kept."""
    civility: str
    family_name: str
    given_name: str
    address: Address
    phone: str = ""
    mobile: str = ""
    email: str = ""


@dataclass(frozen=True, repr=False)
class Creation:
    """TD1.1: what the creation form collected."""

    patient: PatientId
    card: CardTraits
    civility: str
    """`M` or `Mme`."""
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD, lunar allowed."""
    sex: str
    birth_country: str
    address: Address
    email: str
    phone: str
    mobile: str
    consent_at: datetime
    """When the professional ticked the patient's consent; UTC. A creation without it cannot be built."""
    opposed_to_break_glass: bool
    opposed_to_regulation: bool
    representative: LegalRepresentative | None = None


class OtpChannel(Enum):
    """How the patient receives the one-time code (TD1.5a)."""

    SMS = "SMS"
    EMAIL = "EMAIL"


@dataclass(frozen=True)
class InternetAccess:
    """TD1.5a / TD1.5d: goes to paper and nowhere else (EX_1.5-1090)."""

    login: Secret
    password: Secret

"""What a record says about its patient beside documents: identity, representative, the two oppositions."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.dmp.model import Address, LegalRepresentative, PatientId

__all__ = [
    "AdministrativeData",
    "AuthorizationChange",
    "ChannelAction",
    "Closing",
    "LegalRepresentative",
    "Reactivation",
]


@dataclass(frozen=True, repr=False)
class AdministrativeData:
    """TD1.3a: read; TD1.3b: written back whole. Names may be `NON_RENSEIGNE`, dates lunar."""

    civility: str
    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """YYYYMMDD or shorter."""
    sex: str
    """M, F or U."""
    birth_country: str
    address: Address
    email: str
    phone: str
    mobile: str
    representative: LegalRepresentative | None
    opposed_to_break_glass: bool | None
    """None when the service does not say."""
    opposed_to_regulation: bool | None
    deceased: bool | None = None
    internet_account: bool | None = None
    attached_to_mes: bool | None = None


@dataclass(frozen=True, repr=False)
class Reactivation:
    """TD1.2: open a closed record again."""

    patient: PatientId
    civility: str
    usual_name: str
    birth_name: str
    given_name: str
    consent_at: datetime
    """When the professional ticked the patient's consent; UTC. There is no reactivation without it."""
    opposed_to_break_glass: bool
    opposed_to_regulation: bool


@dataclass(frozen=True, repr=False)
class Closing:
    """TD1.4, at the patient's request: the only reason a professional's software may give."""

    patient: PatientId
    civility: str
    usual_name: str
    birth_name: str
    given_name: str
    reason: str
    """In the professional's words; may be empty."""


class AuthorizationChange(Enum):
    """TD0.3: what a professional may do with his own authorisation. Value: (action, role)."""

    DECLARE = ("AJOUT", "")
    GIVE_UP = ("SUPPRESSION", "")
    BECOME_TREATING_DOCTOR = ("AJOUT", "MEDECIN_TRAITANT")
    STOP_TREATING_DOCTOR = ("SUPPRESSION", "MEDECIN_TRAITANT")


class ChannelAction(Enum):
    """TD1.5b: what is done with a channel of the one-time codes."""

    ADD = "AJOUT"
    CHANGE = "MODIFICATION"
    REMOVE = "SUPPRESSION"

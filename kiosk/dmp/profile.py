"""Which DMP this kiosk speaks to: the generation of the service, and what the software says of itself.

The service changed its identifiers, its assertion and its transactions between 2010 and today. Everything
that depends on the generation stands here, so that the rest of the code asks the profile, never the year.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum
from types import MappingProxyType
from typing import Final

from kiosk.errors import SettingsError


class SignatureAlgorithm(Enum):
    """RSA signature (PKCS#1 v1.5) of the assertion, by its short name in XML Signature."""

    RSA_SHA256 = "rsa-sha256"
    RSA_SHA1 = "rsa-sha1"
    """Seen until 2019; never a default."""


@dataclass(frozen=True)
class ServiceProfile:
    """One generation of the DMP service."""

    name: str
    patient_roots: Mapping[str, str]
    """OID of the patient's identifier by nature of the card: `real`, `test`, `demo`."""
    identifier_type: str
    """Last part of the CX form of the identifier the service opens records by: `INS-C` or `NH`."""
    vihf_version: str
    transactions: frozenset[str]
    """Transactions the service still offers, `TD0.2`…; any other is refused before anything is sent."""
    texts: str
    """Which French texts the screens show: consent to the creation, or record opened by default."""
    names_treating_doctor: bool = False
    """Whether a doctor may declare himself treating doctor (TD0.3); giving it up is always possible."""
    signature_algorithm: SignatureAlgorithm = SignatureAlgorithm.RSA_SHA256
    base_urls: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    """Web service base by environment, as a default for the settings (EX_GEN-1221); may be empty."""

    @property
    def authorizes_on_consent(self) -> bool:
        """Whether TD0.3 follows the patient's word at once; today it waits for somebody to consult (EX_0.3-1030)."""
        return self.texts == "consent"

    @property
    def identifier_name(self) -> str:
        """`INS-C` or `INS`, as people call the patient's identifier."""
        return "INS-C" if self.identifier_type == "INS-C" else "INS"

    def offers(self, transaction: str) -> bool:
        return transaction in self.transactions

    def accepts(self, root: str) -> bool:
        """Whether an identifier under this OID opens a record. A waiting number (NIA) never does."""
        return root in self.patient_roots.values()


@dataclass(frozen=True)
class Software:
    """What the kiosk says of itself. Name and version are those of the « À propos » screen (EX_GEN-1180)."""

    name: str
    version: str
    installation_oid: str
    """Root OID of this installation, unique in the world (EX_GEN-1350): identifiers are branches of it."""
    homologation: str = field(repr=False)
    """Homologation number, secret (EX_GEN-1490)."""


_ALWAYS = frozenset(
    {"TD0.2", "TD0.3", "TD0.4", "TD0.5", "TD0.9", "TD1.3a", "TD1.6"}  # TD0.5: for regulation centres alone
    | {"TD2.1", "TD2.2", "TD3.1", "TD3.2", "TD3.3a", "TD3.3b", "TD3.3c", "TD3.3d"}
)
# The management of records, by professionals. Today's service has withdrawn it, or still answers for the few
# records outside Mon espace santé only: the current profile offers none of it.
_MANAGEMENT = frozenset({"TD1.1", "TD1.2", "TD1.3b", "TD1.4", "TD1.5a", "TD1.5b", "TD1.5d"})
INS_C: Final = "1.2.250.1.213.1.4.2"
"""OID of the computed identifier."""
NIA: Final = "1.2.250.1.213.1.4.9"
"""OID of the waiting number, whose bearer's record stays shut until the final one is known (0.2-080)."""

HISTORICAL = ServiceProfile(
    name="historical",
    patient_roots=MappingProxyType({"real": INS_C, "test": INS_C, "demo": INS_C}),
    identifier_type="INS-C",
    vihf_version="2.0",  # [likely]: 1.0 and 2.0 are both named for the services of 2010-2018
    transactions=_ALWAYS | _MANAGEMENT,
    texts="consent",
    names_treating_doctor=True,
)

CURRENT = ServiceProfile(
    name="current",
    patient_roots=MappingProxyType(
        {"real": "1.2.250.1.213.1.4.8", "test": "1.2.250.1.213.1.4.10", "demo": "1.2.250.1.213.1.4.11"}
    ),
    identifier_type="NH",
    vihf_version="3.0",  # [likely] still accepted beside 4.0 in direct authentication
    transactions=_ALWAYS,
    texts="default-opening",
    base_urls=MappingProxyType(
        {
            "production": "https://lps2.dmp.gouv.fr/si-dmp-server/v2/services",
            "homologation": "https://lps.dev1.dmp.gouv.fr/si-dmp-server/v2/services",
            "training": "https://lps.df1.dmp.gouv.fr/si-dmp-server/v2/services",
        }
    ),
)

_PROFILES = {profile.name: profile for profile in (HISTORICAL, CURRENT)}


def profile(name: str) -> ServiceProfile:
    """The profile of that name. Raises `SettingsError`: a kiosk without a profile does not start."""
    try:
        return _PROFILES[name]
    except KeyError:
        known = ", ".join(sorted(_PROFILES))
        raise SettingsError(cause=f"Le profil du service DMP doit être l'un de : {known}.") from None

"""What cards tell the rest of the kiosk: plain values, and the protocol every back end speaks.

No APDU, PKCS#11 handle or PC/SC context leaves `kiosk.card`; these do.
"""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import Protocol, runtime_checkable

from cryptography import x509

from kiosk.code import Code


class CardKind(Enum):
    """What a card is, told by its ATR alone (a reader's name tells nothing: two identical ones get swapped)."""

    PROFESSIONAL = "professional"
    """CPS3, CPS4 or CPS2ter, contact face; the card itself says whether it is a CPS, CPF or CPE."""
    CONTACTLESS = "contactless"
    VITALE = "vitale"
    UNKNOWN = "unknown"
    MUTE = "mute"
    """In the reader, but gives no ATR."""


class CardType(Enum):
    """Card types of dictionary G02."""

    CPS = "00"
    CPF = "01"
    CPE = "02"
    CPA = "03"


class KeyUse(Enum):
    """The two key pairs of a professional card. The DMP refuses one used for the other's purpose."""

    AUTHENTICATION = "authentication"
    """TLS client authentication."""
    SIGNATURE = "signature"
    """VIHF and XAdES."""


@dataclass(frozen=True)
class Activity:
    """One « situation d'exercice » (CPS_ACTIVITY_nn_PS). Structure and sector always travel together."""

    index: int
    """1 to 16, as on the card: there may be holes; 0 when its holder declared it."""
    structure_name: str
    structure_id: str
    """Struct_IdNat: `1`+FINESS, `3`+SIRET, `4`+RPPS rank…"""
    sector: Code
    """Secteur d'activité, SAxx of 1.2.250.1.71.4.2.4."""


@dataclass(frozen=True)
class Professional:
    """The holder, from public data of the card: certificates, CPS_INFO_PS (readable before the PIN)."""

    national_id: str
    """PS_IdNat: `8`+RPPS for a CPS, `3`+FINESS+`/`+internal number for a CPE."""
    family_name: str
    given_name: str
    """On an anonymous CPE both are made from the certificate, see `anonymous`."""
    profession: Code
    """G15 code for a professional of health; role of TRE_A00 for a CPE."""
    speciality: Code | None
    """Savoir-faire R01 (`SM26`…), mandatory in the VIHF of doctors and pharmacists."""
    card_type: CardType
    test_card: bool
    """Category 80/82/83 of dictionary G01."""
    card_serial: str = field(repr=False)
    valid_from: datetime
    """Both certificates' common validity, timezone-aware UTC."""
    valid_until: datetime
    structure_name: str = ""
    """CPE only: the employer read in the certificate (O)."""
    structure_id: str = ""
    """CPE only: the employer's identifier read in the certificate (OU), for a CPE without any activity."""
    anonymous: bool = False
    """A CPE whose certificate names nobody: both names were made from employer and number (PDT-INF-617)."""

    @property
    def display_name(self) -> str:
        """`'GIRAUD Camille'`."""
        return f"{self.family_name} {self.given_name}".strip()


@dataclass(frozen=True)
class PinStatus:
    """The card's own counter, read without spending a try."""

    tries_left: int
    max_tries: int
    min_length: int
    max_length: int


class ProfessionalCard(Protocol):
    """One CPS, CPF or CPE in one reader. Implemented over APDUs (`kiosk.card.cps`), later over PKCS#11.

    Every method blocks, raises `kiosk.errors.CardError` and nothing else, and is called from the card's one
    owner thread (`kiosk.card.owner`).
    """

    def professional(self) -> Professional:
        """The holder. Needs no PIN."""

    def pin_status(self) -> PinStatus:
        """Tries left and the PIN's length. Spends nothing."""

    def verify_pin(self, pin: bytearray) -> None:
        """Present the PIN once, then wipe the buffer whatever happens. Never retried.

        Raises `PinMalformed` (the card was not touched), `PinWrong`, `PinBlocked`, `CardRemoved`.
        """

    def activities(self) -> tuple[Activity, ...]:
        """The situations d'exercice, in card order; none on a CPF, a substitute's card, a bare CPE. After the PIN."""

    def certificate(self, use: KeyUse) -> x509.Certificate:
        """The certificate paired with that key."""

    def sign(self, use: KeyUse, digest_info: bytes) -> bytes:
        """PKCS#1 v1.5 signature block over a DigestInfo built by the caller (SHA-256). After the PIN."""

    def close(self) -> None:
        """Let the card go and leave it powered. May be called again."""


@runtime_checkable
class PadCard(ProfessionalCard, Protocol):
    """A card whose reader may have a keypad of its own: the PIN then never enters this program."""

    def has_pin_pad(self) -> bool:
        """Whether `verify_pin_on_pad` can be used."""

    def verify_pin_on_pad(self) -> None:
        """Have the PIN typed on the reader and presented, once. Blocks for as long as the user takes.

        Raises what `verify_pin` raises, and `PinNotEntered`: cancelled or too late, no try spent.
        """


@dataclass(frozen=True)
class Beneficiary:
    """One person of a Vitale card, as the card gives it: strict traits, never corrected (EX_GEN-1265)."""

    rank: int
    """Order on the card, from 1. Not the birth rank."""
    usual_name: str
    birth_name: str
    """Empty when the card gives only one name."""
    given_name: str
    birth_date: str
    """AAAAMMJJ or AAMMJJ as on the card; day, month 00 or month past 12 when the date is lunar."""
    nir: str = field(repr=False)
    """The beneficiary's own NIR, 15 characters with its key; empty when the card holds none for this person."""
    insured: bool
    """The insured himself (« assuré »), not a dependant."""


@dataclass(frozen=True)
class VitaleCard:
    """What one reading of a Vitale card gave."""

    serial: str = field(repr=False)
    """To notice that the card was swapped between reading and use."""
    test_card: bool
    beneficiaries: tuple[Beneficiary, ...]

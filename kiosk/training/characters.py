"""What is known of a character of the cast: a professional and his card, a Vitale card, a record.

Who they are is in `professionals` and `patients`; `people` is where the box asks.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Practice:
    """One activity written on a professional card."""

    index: int
    structure_name: str
    structure_id: str
    sector: str


@dataclass(frozen=True)
class Holder:
    """A professional card and its holder."""

    card_id: str
    purpose: str
    """One French line for the card tray: who, and what this card is good for."""
    card_type: str
    """Dictionary G02: 00 CPS, 01 CPF, 02 CPE."""
    national_id: str
    family_name: str
    given_name: str
    title: str
    """Profession label as the certificate's `title` attribute writes it; empty for a CPE."""
    profession: str
    """G15 code, G16 for a CPF; empty for a CPE."""
    speciality: str
    """R01 / G05 code, last four characters of CPS_INFO_PS; empty when there is none."""
    practices: tuple[Practice, ...]
    """None on the card of somebody in training or of a substitute."""
    serial: str
    """Ten digits, EF.SN."""
    category: str = "80"
    """Dictionary G01: 80 test CPS, 00 real."""
    pin: str = "1234"
    tries_left: int = 3
    validity: str = "valid"
    """`valid`, `expired`, `future` or `revoked`."""

    @property
    def employer(self) -> str:
        return self.practices[0].structure_name if self.practices else ""


@dataclass(frozen=True)
class Insured:
    """One person on a Vitale card."""

    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """AAAAMMJJ on the card; may be lunar (month 00 or past 12, day 00) or empty."""
    nir13: str
    """The person's own NIR without key; empty when the card holds none."""
    insured: bool = False
    wrong_key: bool = False
    """The card carries a NIR whose key is false: a card that was written badly."""


@dataclass(frozen=True)
class Vitale:
    card_id: str
    purpose: str
    serial: str
    people: tuple[Insured, ...]
    nature: str = "T"
    """R real, T test, D demonstration."""


@dataclass(frozen=True)
class Record:
    """The DMP of one person at the start of a training day; people not listed here have none."""

    nir13: str
    state: str = "active"
    """`active` or `terminated`; `none`: no record, but what follows holds for its creation."""
    authorizations: tuple[tuple[str, str], ...] = ()
    """(national id of a professional or structure id, VALIDE | EXPIRE | INTERDIT or a value nobody expects)."""
    treating_doctors: tuple[str, ...] = ()
    closed_at: str = ""
    """UTC, YYYYMMDDhhmmss."""
    closing_reason: str = ""
    internet_account: bool = False
    attached_to_mes: bool = False
    refuses_creation: str = ""
    """A DMP error code the server answers to TD1.1 for this person (a training trap), record or not."""
    opposed_to_break_glass: bool = False
    opposed_to_regulation: bool = False
    ins_c_only: bool = False
    """Made by the first version of the interface: nobody finds it by the NIR."""
    deceased: bool = False
    traits: tuple[tuple[str, str], ...] = ()
    """(field of the person, value) where the record says otherwise than the card; empty: not filled in."""
    telecoms: tuple[tuple[str, str], ...] = ()
    """(HL7 use, `tel:` or `mailto:` URL); the use may be empty."""
    address: tuple[str, ...] = ()
    """Street, postal code, city."""
    representative: tuple[str, ...] = ()
    """Code of the relation (FTH, MTH, RESPRSN…), family name, given name."""
    last_document: str = ""
    """UTC, YYYYMMDDhhmmss, when a document was last added; empty when the day of the start has none."""

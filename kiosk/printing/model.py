"""What is printed, and what a printer says about it, as plain values."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kiosk.secret import Secret
from kiosk.text import clean


@dataclass(frozen=True, repr=False)
class SheetPatient:
    """Identity on a sheet. Any field but the usual name may be empty: a card often gives no birth name."""

    usual_name: str
    birth_name: str
    given_name: str
    birth_date: str
    """AAAAMMJJ or AAMMJJ as on the card, lunar allowed."""
    insc: str
    """22 digits."""

    @property
    def initials(self) -> str:
        """`'É. B.'`: all that the part with the password says about the person."""
        return " ".join(f"{name[0]}." for name in (clean(self.given_name), clean(self.usual_name)) if name)


@dataclass(frozen=True)
class Issuer:
    """Who hands the sheet over."""

    professional: str
    structure: str


@dataclass(frozen=True, repr=False)
class SecretsSheet:
    """The "document des secrets": EX_1.5-1031 after TD1.5a, EX_1.5-1032 after TD1.5d, EX_GEN-1470."""

    number: str
    """Nonce of this sheet: the job's name at the printer and the reference in the journal."""
    patient: SheetPatient
    issuer: Issuer
    issued_at: datetime
    """Local time, printed as it is."""
    login: Secret
    password: Secret
    site_address: str
    """Where the patient connects, as people type it."""
    support: str
    """Telephone, hours, price: a setting, they change."""
    renewed: bool = False
    """The codes replace older ones (TD1.5d)."""
    simulation: bool = True


@dataclass(frozen=True, repr=False)
class CreationReceipt:
    """The "accusé de création du DMP": EX_1.X-1320, after TD1.1 or TD1.2."""

    number: str
    patient: SheetPatient
    issuer: Issuer
    issued_at: datetime
    site_address: str
    support: str
    reactivated: bool = False
    """TD1.2: the record existed and was closed."""
    opposed_to_break_glass: bool = False
    opposed_to_regulation: bool = False
    simulation: bool = True


DOCUMENT_COLUMNS = 94
"""Characters of one line of a printed document."""
PAGE_PIXELS = (1240, 1754)
"""Size in which a page is asked for: 150 dots an inch."""

TextLine = Sequence[tuple[str, bool]]
"""Pieces of one line: the text, and whether it is set in bold."""


@dataclass(frozen=True, repr=False)
class Mark:
    """What every sheet of a printed document says of itself."""

    patient: str
    title: str
    printed: str
    """By whom, where and when, in words."""
    simulation: bool


@dataclass(frozen=True, repr=False)
class Picture:
    """One page, `width` × `height` pixels of three bytes."""

    width: int
    height: int
    rgb: bytes


@dataclass(frozen=True)
class PrinterStatus:
    """Answer to "could you print an A4 sheet of this format now?"."""

    ready: bool
    reasons: tuple[str, ...]
    """`printer-state-reasons` keywords with their severity, e.g. `media-empty-warning`; never `none`."""
    formats: tuple[str, ...]
    media_ready: tuple[str, ...]
    """Paper loaded; empty when the printer does not say."""
    accepting: bool
    stopped: bool
    a4: bool
    """A4 is loaded; where the printer does not say what is loaded, that it knows A4."""
    cause: str
    """What keeps it from being ready, one French sentence; empty when ready."""


@dataclass(frozen=True)
class PrintJob:
    """A document the printer has taken."""

    id: int
    name: str


class PrintState(Enum):
    """Where a job is. The last four are final."""

    WAITING = "waiting"
    PRINTING = "printing"
    BLOCKED = "blocked"
    """The printer waits for somebody: paper, jam, door, pause. `PrintProgress.reasons` say which."""
    COMPLETED = "completed"
    ABORTED = "aborted"
    CANCELED = "canceled"
    UNKNOWN = "unknown"
    """The printer stopped answering, forgot the job, or kept it in spite of the cancel."""

    @property
    def final(self) -> bool:
        return self in (PrintState.COMPLETED, PrintState.ABORTED, PrintState.CANCELED, PrintState.UNKNOWN)


@dataclass(frozen=True)
class PrintProgress:
    state: PrintState
    reasons: tuple[str, ...] = ()
    """Keywords of the job and of the printer; never `none`."""
    impressions: int | None = None
    """Sides printed so far; `None` when the printer does not count."""

    @property
    def paper_may_be_out(self) -> bool:
        """Whether somebody must look: only a job cancelled before its first side is surely not out."""
        return not (self.state is PrintState.CANCELED and self.impressions == 0)

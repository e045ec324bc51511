"""Composition root: settings → readers, DMP client, printer — the real ones, or the training box's.

What is heavy is imported when it is first needed, here and nowhere else.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol
from uuid import uuid4

from kiosk import SOFTWARE_NAME, __version__
from kiosk.card.readers import Readers, SlotState
from kiosk.dmp.profile import ServiceProfile, Software
from kiosk.errors import PrinterError
from kiosk.idle import IdleLimits
from kiosk.journal import Entry
from kiosk.parameters.file import ParameterFile
from kiosk.settings import REGULATION

if TYPE_CHECKING:
    from kiosk.card.model import ProfessionalCard, VitaleCard
    from kiosk.dmp.client import DmpClient
    from kiosk.dmp.model import Actor
    from kiosk.memory import Memory
    from kiosk.record.handover import Printer
    from kiosk.seat import CardSeat
    from kiosk.session import Session


class JournalWriter(Protocol):
    """Returns once the row is on disk; raises `JournalError` when it cannot be."""

    @property
    def last_crash(self) -> str:
        """Code and place of the fault that ended the session before; empty after a good end."""

    def write(self, entry: Entry) -> None: ...


def utc_now() -> datetime:
    """The system's clock, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True)
class Sheets:
    """What sheets for the patient say besides the patient."""

    site: str
    support: str
    simulation: bool


@dataclass(frozen=True)
class StationState:
    """State of the DMP and the printer in words short enough for the permanent line."""

    dmp: str = "--"
    printer: str = "--"


@dataclass(frozen=True)
class Station:
    """One workstation, put together."""

    name: str
    profile: ServiceProfile
    production: bool
    software: Software
    dmp_url: str
    dmp_roots: Path
    dmp_crl: Path | None
    readers: Readers
    open_card: "Callable[[SlotState], ProfessionalCard]"
    """Opens the professional card in a slot, by the back end of this station."""
    read_vitale: "Callable[[SlotState], VitaleCard]"
    """Reads the Vitale card in a slot, by the back end of this station, and lets it go."""
    printer: "Printer"
    sheets: Sheets
    journal: JournalWriter
    site_key: bytes = field(repr=False)
    memory: "Memory"
    parameters: ParameterFile
    theme: str = ""
    page_images: bool = False
    """Whether pages may be drawn in the terminal's own graphics, where it has them."""
    vitale_notice: str = ""
    """What the family screen must say of the way Vitale cards are read; empty when there is nothing to say."""
    scan_folder: Path | None = None
    """Where scanners put files to deposit; None when the site has none."""
    web_url: str = ""
    """Base of the Web DMP for professionals (EX_0.9-1030); empty: no link is offered."""
    training: Path | None = None
    """Directory of the training box, for the card tray's drawers; None in production."""
    clock: Callable[[], datetime] = utc_now
    ticks: Callable[[], float] = time.monotonic
    """Seconds of a clock that nobody sets: how long a break-glass access lasts."""
    idle: IdleLimits = field(default_factory=IdleLimits)
    """How long nobody may be at the keyboard."""
    post: str = "accueil"
    """Decides the home screen, never the rights."""
    search_on_opening: bool = False
    """Whether opening a record searches its documents at once: one search, which the patient sees (EX_3.1-2030)."""
    shows_identity: bool = False
    """Whether identities returned by the DMP are shown (EX_0.2-1020: not by default)."""

    @property
    def regulation(self) -> bool:
        """A regulation centre (« centre 15 »): it knows that mode only (LDRM-01)."""
        return self.post == REGULATION

    def seat(self, slot: SlotState) -> "CardSeat":
        """The professional card in that slot, not opened yet, on a thread of its own."""
        from kiosk.seat import CardSeat

        return CardSeat(lambda: self.open_card(slot))

    def dmp_client(self, seat: "CardSeat", actor: "Actor") -> "DmpClient":
        """A client of the DMP for one situation d'exercice: TLS and VIHF by the card in `seat`."""
        from kiosk.dmp.client import DmpClient
        from kiosk.dmp.http import HttpsChannel

        channel = HttpsChannel(self.dmp_url, seat.tls(self.dmp_roots, self.dmp_crl))
        return DmpClient(
            profile=self.profile,
            software=self.software,
            actor=actor,
            signer=seat.signer(),
            channel=channel,
            clock=self.clock,
            new_uuid=uuid4,
            nature="real" if self.production else "test",
        )

    def look_around(self, session: "Session | None") -> StationState:
        """Ask the printer; remember whether the DMP answered last."""
        try:
            printer = "OK" if self.printer.status().ready else "NON"
        except PrinterError:
            printer = "HS"
        answers = session.dmp_answers if session else None
        return StationState(dmp={True: "OK", False: "HS", None: "--"}[answers], printer=printer)


def software(installation_oid: str, homologation: str) -> Software:
    """The strings of « À propos » and of the VIHF: the same (EX_GEN-1180)."""
    return Software(SOFTWARE_NAME, __version__, installation_oid, homologation)

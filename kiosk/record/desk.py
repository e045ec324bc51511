"""What a handover needs for one patient: the service's codes, the sheet's content, the journal."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property

from kiosk.dmp.model import Creation, InternetAccess, OtpChannel
from kiosk.patient import Member
from kiosk.printing.composer import Composer
from kiosk.printing.model import CreationReceipt, Issuer, SecretsSheet, SheetPatient
from kiosk.record.handover import Compose, Printer
from kiosk.session import Session, identified
from kiosk.station import Station


@dataclass(frozen=True, repr=False)
class PatientDesk:
    """Joins the session and the printer for one person. See `kiosk.record.handover.Desk`."""

    station: Station
    session: Session
    member: Member
    channel: OtpChannel | None = None
    address: str = ""
    """Telephone or e-mail of the account's one-time codes."""
    creation: Creation | None = None
    """What was just created, for the receipt."""

    @cached_property
    def issued_at(self) -> datetime:
        """Of the first print: the same sheet printed again says the same."""
        return self.session.now().astimezone()

    @property
    def printer(self) -> Printer:
        return self.station.printer

    def open_account(self) -> InternetAccess:
        """TD1.5a."""
        patient, channel = identified(self.member), self.channel
        assert channel is not None
        return self.session.call(
            "TD1.5a", patient, lambda dmp: dmp.create_internet_access(patient, channel, self.address)
        )

    def account_is_open(self) -> bool | None:
        """TD0.2; None when the service does not say."""
        return self.session.existence(self.member).internet_account

    def renew_codes(self) -> InternetAccess:
        """TD1.5d."""
        patient = identified(self.member)
        return self.session.call("TD1.5d", patient, lambda dmp: dmp.renew_internet_access(patient))

    @contextmanager
    def composing(self) -> Iterator[Compose]:
        """A process that composes one sheet of this patient's, and ends."""
        with Composer() as composer:
            yield lambda number, access, renewed: composer.sheet(
                self._receipt(number) if access is None else self._secrets(number, access, renewed)
            )

    def trace_sheet(self, number: str, phase: str, result: str) -> None:
        """A sheet's life in the journal: that it was issued, never what it says."""
        self.session.trace("SHEET", phase, patient=identified(self.member), result=result, reference=number)

    def _receipt(self, number: str) -> CreationReceipt:
        creation, settings = self.creation, self.station.sheets
        return CreationReceipt(
            number=number,
            patient=self._patient(),
            issuer=self._issuer(),
            issued_at=self.issued_at,
            site_address=settings.site,
            support=settings.support,
            opposed_to_break_glass=bool(creation and creation.opposed_to_break_glass),
            opposed_to_regulation=bool(creation and creation.opposed_to_regulation),
            simulation=settings.simulation,
        )

    def _secrets(self, number: str, access: InternetAccess, renewed: bool) -> SecretsSheet:
        settings = self.station.sheets
        return SecretsSheet(
            number=number,
            patient=self._patient(),
            issuer=self._issuer(),
            issued_at=self.issued_at,
            login=access.login,
            password=access.password,
            site_address=settings.site,
            support=settings.support,
            renewed=renewed,
            simulation=settings.simulation,
        )

    def _patient(self) -> SheetPatient:
        person = self.member.beneficiary
        return SheetPatient(
            usual_name=person.usual_name,
            birth_name=person.birth_name,
            given_name=person.given_name,
            birth_date=person.birth_date,
            insc=identified(self.member).extension,
        )

    def _issuer(self) -> Issuer:
        return Issuer(self.session.professional.display_name, self.session.actor.structure_name)

"""The document des secrets, from the printer's check to the human answer; and the creation receipt.

    composer started → printer checked → journal → codes asked (TD1.5a) → sheet composed → printed and followed
      → human question
      yes → journal, wipe      no → one reprint in this session, then new codes (TD1.5d), then wipe

A crash at any arrow is safe: codes live in this process and, a moment, in the one that composes; and a journal row
without its « remis » says that codes may be lost and that new ones are needed (EX_1.5-1090: stored nowhere, in no
form).
"""

import uuid
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from typing import Protocol

from kiosk.dmp.model import InternetAccess
from kiosk.doubt import UNKNOWN, told
from kiosk.errors import KioskError, Refused
from kiosk.printing.model import PrinterStatus, PrintJob, PrintProgress, PrintState

Tell = Callable[[str], None]
"""Says in French what is being done; called from the thread that works."""

Compose = Callable[[str, InternetAccess | None, bool], bytearray]
"""Sheet's number, codes, whether they replace others → its PDF, in memory; the caller wipes it. Once."""

ACCOUNT_EXISTS = "DMPPatientAccessAlreadyExists"


class Printer(Protocol):
    """What a handover asks of a printer (`kiosk.printing.printer.IppPrinter`)."""

    def status(self) -> PrinterStatus: ...

    def ensure_ready(self) -> PrinterStatus: ...

    def submit(self, document: bytes | bytearray, job_name: str) -> PrintJob: ...

    def follow(self, job: PrintJob, cancelled: Callable[[], bool]) -> Iterator[PrintProgress]: ...


class Desk(Protocol):
    """What a handover asks of the session: the DMP's answers, the sheet's content, the journal."""

    @property
    def printer(self) -> Printer: ...

    def open_account(self) -> InternetAccess: ...

    def account_is_open(self) -> bool | None: ...

    def renew_codes(self) -> InternetAccess: ...

    def composing(self) -> AbstractContextManager[Compose]: ...

    def trace_sheet(self, number: str, phase: str, result: str) -> None: ...


class Handover:
    """One sheet for one patient, until somebody says that it was handed over."""

    def __init__(self, desk: Desk, *, secret: bool, renew: bool = False) -> None:
        """`renew`: the account is open, its first codes are not wanted any more: begin with TD1.5d."""
        self._desk, self._secret, self._renew = desk, secret, renew
        self._access: InternetAccess | None = None
        self._renewed = False
        self._number = ""
        self._stop = False
        self._taken = False
        """Whether a printer took this sheet at least once: from then on a second sheet is a reprint."""
        self._reprints_left = 1

    @property
    def secret(self) -> bool:
        """Whether the sheet carries codes: then reprints are counted."""
        return self._secret

    @property
    def codes_issued(self) -> bool:
        """Whether the service gave codes that this process still holds."""
        return self._access is not None

    @property
    def can_reprint(self) -> bool:
        """Whether the same sheet may be printed again without asking the service."""
        if not self._secret:
            return self._taken
        return self.codes_issued and (not self._taken or self._reprints_left > 0)

    def first_print(self, tell: Tell) -> PrintProgress:
        """Check the printer, and only then ask the service for codes; print and follow to the end."""
        with self._desk.composing() as compose:  # gets ready while the codes are asked for
            tell("Vérification de l'imprimante")
            self._desk.printer.ensure_ready()
            self._number = uuid.uuid4().hex[:12]
            self._desk.trace_sheet(self._number, "intent", "new codes" if self._renew else "")
            if self._secret:
                tell("Demande des codes au DMP")
                self._access = self._ask_for_codes()
            return self._print(compose, tell)

    def reprint(self, tell: Tell) -> PrintProgress:
        """The same sheet once more, in the same session; counted when a printer took it before."""
        with self._desk.composing() as compose:
            self._desk.printer.ensure_ready()
            if self._taken:
                self._reprints_left -= 1
            self._desk.trace_sheet(self._number, "intent", "reprint")
            return self._print(compose, tell)

    def new_codes(self, tell: Tell) -> PrintProgress:
        """TD1.5d: other codes, the earlier sheet is dead."""
        with self._desk.composing() as compose:
            tell("Vérification de l'imprimante")
            self._desk.printer.ensure_ready()
            self.wipe()
            self._number = uuid.uuid4().hex[:12]
            self._desk.trace_sheet(self._number, "intent", "new codes")
            tell("Demande de nouveaux codes au DMP")
            self._access = self._desk.renew_codes()
            self._renewed = True
            self._taken, self._reprints_left = False, 1
            return self._print(compose, tell)

    def answer(self, handed_over: bool) -> None:
        """What the human saw; the codes are wiped either way once nothing more can be printed."""
        self._desk.trace_sheet(self._number, "outcome", "handed over" if handed_over else "not handed over")
        if handed_over:
            self.wipe()

    def cancel(self) -> None:
        """Ask the printer to stop. Only a wish: the sheet may still come out."""
        self._stop = True

    def wipe(self) -> None:
        """Overwrite the codes."""
        if self._access is not None:
            self._access.login.wipe()
            self._access.password.wipe()
            self._access = None

    def _ask_for_codes(self) -> InternetAccess:
        """TD1.5a; an account that is there already, or was opened by a lost answer, leads to new codes (TD1.5d)."""
        try:
            if not self._renew:
                return self._desk.open_account()
        except UNKNOWN as doubt:
            # The account may be open and its codes lost on the way: then only new ones can be printed.
            if self._desk.account_is_open() is False:
                raise told(
                    doubt, "Vérification faite : le compte n'a pas été ouvert. Vous pouvez recommencer."
                ) from None
        except Refused as refusal:
            if refusal.server_code != ACCOUNT_EXISTS:
                raise
        self._renewed = True
        return self._desk.renew_codes()

    def _print(self, compose: Compose, tell: Tell) -> PrintProgress:
        tell("Mise en page")
        document = compose(self._number, self._access, self._renewed)
        try:
            tell("Envoi à l'imprimante")
            self._stop = False
            job = self._desk.printer.submit(document, self._number)
            self._taken = True
            last = PrintProgress(PrintState.UNKNOWN)
            for last in self._desk.printer.follow(job, lambda: self._stop):
                tell(_words(last))
        except KioskError as error:
            self._desk.trace_sheet(self._number, "outcome", error.code)
            raise
        finally:
            document[:] = bytes(len(document))
        self._desk.trace_sheet(self._number, "outcome", last.state.value)
        return last


def _words(progress: PrintProgress) -> str:
    match progress.state:
        case PrintState.WAITING:
            return "En attente à l'imprimante"
        case PrintState.BLOCKED:
            return "L'imprimante attend : papier, capot ou pause — regardez-la"
        case _:
            return "Impression"

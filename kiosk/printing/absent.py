"""A workstation without a printer: every question gets the same clear answer."""

from collections.abc import Callable, Iterator

from kiosk.errors import PrinterUnreachable
from kiosk.printing.model import PrinterStatus, PrintJob, PrintProgress


class AbsentPrinter:
    """Stands where a printer would; see `kiosk.record.handover.Printer`."""

    def status(self) -> PrinterStatus:
        raise _absent()

    def ensure_ready(self) -> PrinterStatus:
        raise _absent()

    def submit(self, document: bytes | bytearray, job_name: str) -> PrintJob:
        raise _absent()

    def follow(self, job: PrintJob, cancelled: Callable[[], bool]) -> Iterator[PrintProgress]:
        raise _absent()


def _absent() -> PrinterUnreachable:
    return PrinterUnreachable(
        what="Ce poste n'a pas d'imprimante.",
        cause="Aucune imprimante n'est réglée ([printer] uri).",
        todo="Utilisez un poste qui imprime, ou demandez le réglage à l'assistance.",
    )

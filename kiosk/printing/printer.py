"""A printer, and one job followed to its end.

The document goes from memory to the printer: no spool, no file. A job's title is read in queues and on
printer screens: it is the sheet's nonce, and its owner is the kiosk.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path

from kiosk.errors import PrinterError, PrinterNotReady, PrinterUnreachable, PrintOutcomeUnknown
from kiosk.printing.channel import Channel
from kiosk.printing.ipp import Attribute, Group, Message, Operation, Tag, decode, encode
from kiosk.printing.model import PrinterStatus, PrintJob, PrintProgress, PrintState
from kiosk.printing.readiness import A4, ASKED, needs_somebody, printer_status, spoken

PDF = "application/pdf"
USER = "borne-dmp"
"""`requesting-user-name`: the same on every kiosk, for everybody."""

ASK_SECONDS = 3.0
SUBMIT_SECONDS = 10.0
POLL_SECONDS = 0.25
PATIENCE_SECONDS = 120.0
"""How long a job may stand still, out of paper for instance, before it is cancelled."""
CANCEL_SECONDS = 10.0
"""How long to wait for the end of a cancelled job."""
_MISSES = 3
"""Questions in a row without an answer, or with "no such job", before the outcome is unknown."""

_JOB_STATES = {
    3: PrintState.WAITING,
    4: PrintState.WAITING,
    5: PrintState.PRINTING,
    6: PrintState.BLOCKED,
    7: PrintState.CANCELED,
    8: PrintState.ABORTED,
    9: PrintState.COMPLETED,
}
_FORMAT_NOT_SUPPORTED = 0x040A


class IppPrinter:
    """One printer at `ipp://` or `ipps://`. Calls block; use from a worker thread, one at a time.

    `wait` and `clock` count seconds; they are arguments so that a session can wake the wait up, and tests
    need not live through it.
    """

    def __init__(
        self,
        uri: str,
        pinned: Path | None = None,
        *,
        wait: Callable[[float], object] = time.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raises `SettingsError` for an address or a certificate that cannot be used."""
        self._channel = Channel(uri, pinned)
        self._wait = wait
        self._clock = clock
        self._numbers = count(1)

    def status(self, media_type: str = PDF) -> PrinterStatus:
        """Could it print now? Ask before asking the DMP for a secret. Raises `PrinterError`."""
        return printer_status(self._printer(*ASKED), media_type)

    def ensure_ready(self, media_type: str = PDF) -> PrinterStatus:
        """The same; raises `PrinterNotReady` with the printer's own reason when it could not print."""
        status = self.status(media_type)
        if not status.ready:
            raise PrinterNotReady(cause=status.cause, detail=" ".join(status.reasons))
        return status

    def submit(self, document: bytes | bytearray, job_name: str, media_type: str = PDF) -> PrintJob:
        """Hand the document over, one-sided on A4, under a nonce as `job_name`.

        When the answer is lost the printer is asked whether it knows the nonce. Raises `PrinterUnreachable`
        or `PrinterNotReady` (no paper can come out), or `PrintOutcomeUnknown` (somebody must look).
        """
        try:
            answer = self._ask(
                Operation.PRINT_JOB,
                ("job-name", Tag.NAME, (job_name,)),
                ("document-format", Tag.MIME_TYPE, (media_type,)),
                template=(
                    ("copies", Tag.INTEGER, (1,)),
                    ("media", Tag.KEYWORD, (A4,)),
                    ("sides", Tag.KEYWORD, ("one-sided",)),
                ),
                document=document,
            )
            job_id = _first(_accepted(answer).of(Tag.JOB), "job-id")
            if job_id is not None:
                return PrintJob(job_id, job_name)
        except (PrinterNotReady, PrinterUnreachable):
            raise
        except PrinterError:
            pass  # the document left; its answer did not arrive or makes no sense
        return self._found_again(job_name)

    def follow(self, job: PrintJob, cancelled: Callable[[], bool] = lambda: False) -> Iterator[PrintProgress]:
        """Every change of the job up to its final state; never raises for what the printer does.

        `cancelled`, or a job that stands still for `PATIENCE_SECONDS`, sends Cancel-Job, which is only a
        wish: the states go on until the printer says how it ended.
        """
        last = PrintProgress(PrintState.WAITING)
        yield last
        cancelling, until, misses = False, self._clock() + PATIENCE_SECONDS, 0
        while True:
            try:
                now, misses = self._progress(job), 0
            except PrinterError:
                misses += 1
                now = last if misses < _MISSES else PrintProgress(PrintState.UNKNOWN)
            late = self._clock() >= until
            if late and cancelling and not now.state.final:
                now = PrintProgress(PrintState.UNKNOWN, now.reasons, now.impressions)
            if now != last:
                yield now
            if now.state.final:
                return
            if now.state is not last.state and not cancelling:
                late, until = False, self._clock() + PATIENCE_SECONDS
            last = now
            if not cancelling and (late or cancelled()):
                cancelling, until = True, self._clock() + CANCEL_SECONDS
                with suppress(PrinterError):
                    self.cancel(job)
            self._wait(POLL_SECONDS)

    def cancel(self, job: PrintJob) -> None:
        """Ask for a cancel; the sheet may come out all the same. Raises `PrinterError`."""
        _accepted(self._ask(Operation.CANCEL_JOB, job_id=job.id))

    def _progress(self, job: PrintJob) -> PrintProgress:
        answer = self._ask(
            Operation.GET_JOB_ATTRIBUTES,
            (
                "requested-attributes",
                Tag.KEYWORD,
                ("job-state", "job-state-reasons", "job-impressions-completed"),
            ),
            job_id=job.id,
        )
        groups = _accepted(answer).of(Tag.JOB)
        state = _JOB_STATES.get(_first(groups, "job-state") or 0, PrintState.UNKNOWN)
        reasons = spoken(groups[0].texts("job-state-reasons")) if groups else ()
        if not state.final:
            printer = self._printer("printer-state", "printer-state-reasons")
            reasons += spoken(printer.texts("printer-state-reasons"))
            state = PrintState.BLOCKED if needs_somebody(printer) else state
        return PrintProgress(state, reasons, _first(groups, "job-impressions-completed"))

    def _found_again(self, job_name: str) -> PrintJob:
        for _ in range(_MISSES):
            self._wait(1.0)
            try:
                job = self._find(job_name)
            except PrinterError:
                continue
            if job is None:
                raise PrintOutcomeUnknown(
                    cause="La connexion a été coupée ; l'imprimante dit ne pas connaître ce travail."
                )
            return job
        raise PrintOutcomeUnknown

    def _find(self, job_name: str) -> PrintJob | None:
        for which in ("not-completed", "completed"):
            answer = self._ask(
                Operation.GET_JOBS,
                ("which-jobs", Tag.KEYWORD, (which,)),
                ("requested-attributes", Tag.KEYWORD, ("job-id", "job-name")),
            )
            for job in _accepted(answer).of(Tag.JOB):
                job_id = _first((job,), "job-id")
                if job_id is not None and job_name in job.texts("job-name"):
                    return PrintJob(job_id, job_name)
        return None

    def _printer(self, *names: str) -> Group:
        answer = self._ask(Operation.GET_PRINTER_ATTRIBUTES, ("requested-attributes", Tag.KEYWORD, names))
        groups = _accepted(answer).of(Tag.PRINTER)
        return groups[0] if groups else Group(Tag.PRINTER, {})

    def _ask(
        self,
        operation: Operation,
        *attributes: Attribute,
        job_id: int | None = None,
        template: Sequence[Attribute] = (),
        document: bytes | bytearray = b"",
    ) -> Message:
        """One exchange; its answer may be a refusal. A question whose answer is lost changed nothing."""
        number = next(self._numbers)
        opening: list[Attribute] = [  # RFC 8011 4.1.5: charset, language and target first, in this order
            ("attributes-charset", Tag.CHARSET, ("utf-8",)),
            ("attributes-natural-language", Tag.LANGUAGE, ("fr",)),
            ("printer-uri", Tag.URI, (self._channel.uri,)),
        ]
        if job_id is not None:
            opening.append(("job-id", Tag.INTEGER, (job_id,)))
        opening.append(("requesting-user-name", Tag.NAME, (USER,)))
        groups: list[tuple[Tag, Sequence[Attribute]]] = [(Tag.OPERATION, [*opening, *attributes])]
        if template:
            groups.append((Tag.JOB, template))
        seconds = SUBMIT_SECONDS if document else ASK_SECONDS
        try:
            body = self._channel.exchange(encode(operation, number, groups), seconds, document)
        except PrintOutcomeUnknown as error:
            if document:
                raise
            raise PrinterUnreachable(detail=error.detail) from None
        answer = decode(body)
        if answer.request_id != number:
            raise PrinterError(cause="L'imprimante a répondu à une autre demande.", detail="ipp: request-id")
        return answer


def _accepted(answer: Message) -> Message:
    """Raises `PrinterNotReady` for a status that is not one of success (RFC 8011 appendix B)."""
    if answer.code < 0x0100:
        return answer
    known = {_FORMAT_NOT_SUPPORTED: "Elle ne sait pas imprimer ce format de document."}
    raise PrinterNotReady(
        cause=known.get(answer.code, "Elle a refusé la demande."), detail=f"ipp: 0x{answer.code:04x}"
    )


def _first(groups: Sequence[Group], name: str) -> int | None:
    return next((value for group in groups for value in group.integers(name)), None)

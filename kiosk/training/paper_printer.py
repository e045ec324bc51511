"""What the box's printer answers to a request (RFC 8011). No socket here.

CUPS' own conformance test for IPP/1.1 passes on it: a peer that says yes to everything would teach nothing.
"""

import threading
from enum import IntEnum
from pathlib import Path

from kiosk.training.paper_jobs import STOPPING_REASONS, JobState, PaperJob, PaperQueue
from kiosk.training.paper_wire import (
    CHARSET,
    ENUM,
    JOB_GROUP,
    KEYWORD,
    LANGUAGE,
    MIME,
    NAME,
    NO_VALUE,
    PRINTER_GROUP,
    RANGE,
    TEXT,
    URI,
    IppRequest,
    Item,
    build_answer,
    flag,
    number,
    read_request,
    words,
)

_A4, _LETTER = "iso_a4_210x297mm", "na_letter_8.5x11in"
_ONE_SIDED, _TWO_SIDED = "one-sided", "two-sided-long-edge"
_PDF = "application/pdf"
_EVERYTHING = {"all", "printer-description", "job-description", "job-template"}

Groups = list[tuple[int, list[Item]]]


class Operation(IntEnum):
    PRINT_JOB = 2
    VALIDATE_JOB = 4
    CANCEL_JOB = 8
    GET_JOB = 9
    GET_JOBS = 10
    GET_PRINTER = 11


class Status(IntEnum):
    OK = 0x0000
    BAD_REQUEST = 0x0400
    NOT_POSSIBLE = 0x0404
    NOT_FOUND = 0x0406
    FORMAT_NOT_SUPPORTED = 0x040A
    VALUES_NOT_SUPPORTED = 0x040B
    OPERATION_NOT_SUPPORTED = 0x0501
    VERSION_NOT_SUPPORTED = 0x0503


class _RequestRefusedError(Exception):
    def __init__(self, status: Status) -> None:
        self.status = status


class PaperPrinter:
    """Safe for several threads: one request at a time."""

    def __init__(self, sheets: Path) -> None:
        self._queue = PaperQueue(sheets)
        self._lock = threading.Lock()

    @property
    def mode(self) -> str:
        return self._queue.mode

    @mode.setter
    def mode(self, mode: str) -> None:
        with self._lock:
            self._queue.mode = mode

    def printed(self) -> list[PaperJob]:
        """The jobs whose paper came out, oldest first."""
        with self._lock:
            return self._queue.printed()

    def clear(self) -> None:
        with self._lock:
            self._queue.clear()

    def answer(self, data: bytes, uri: str) -> bytes | None:
        """The answer to a request sent to `uri`; `None` when the printer dies with the document in it."""
        version, request_id = data[:2].ljust(2, b"\0"), int.from_bytes(data[4:8], "big")
        with self._lock:
            try:
                groups = self._perform(read_request(data), uri)
            except ValueError:
                return build_answer(version, Status.BAD_REQUEST, request_id)
            except _RequestRefusedError as refusal:
                return build_answer(version, refusal.status, request_id)
            return None if groups is None else build_answer(version, Status.OK, request_id, groups)

    def _perform(self, request: IppRequest, uri: str) -> Groups | None:
        if request.version[0] not in (1, 2):
            raise _RequestRefusedError(Status.VERSION_NOT_SUPPORTED)
        if not (request.text("printer-uri") or request.text("job-uri")):
            raise _RequestRefusedError(Status.BAD_REQUEST)
        match request.operation:
            case Operation.GET_PRINTER:
                return [(PRINTER_GROUP, _wanted(request, self._description(uri)))]
            case Operation.GET_JOBS:
                jobs = self._listed(request)
                return [
                    (JOB_GROUP, _wanted(request, self._about(job, uri), "job-id", "job-uri")) for job in jobs
                ]
            case Operation.GET_JOB:
                job = self._job(request)
                self._queue.advance(job)
                return [(JOB_GROUP, _wanted(request, self._about(job, uri)))]
            case Operation.CANCEL_JOB:
                job = self._job(request)
                if job.state.over:
                    raise _RequestRefusedError(Status.NOT_POSSIBLE)
                self._queue.cancel(job)
                return []
            case Operation.VALIDATE_JOB:
                _check_ticket(request)
                return []
            case Operation.PRINT_JOB:
                return self._print(request, uri)
        raise _RequestRefusedError(Status.OPERATION_NOT_SUPPORTED)

    def _print(self, request: IppRequest, uri: str) -> Groups | None:
        _check_ticket(request)
        if not request.document.startswith(b"%PDF-"):
            raise _RequestRefusedError(Status.FORMAT_NOT_SUPPORTED)
        job = self._queue.take(
            name=request.text("job-name", "sans titre"),
            user=request.text("requesting-user-name", "anonymous"),
            document=request.document,
            media=request.text("media", _LETTER),  # what office printers take when told nothing
            sides=request.text("sides", _TWO_SIDED),
        )
        if self._queue.mode == "dies-after-receipt":
            self._queue.put_out(job)
            return None
        return [(JOB_GROUP, self._about(job, uri))]

    def _listed(self, request: IppRequest) -> list[PaperJob]:
        jobs = self._queue.jobs(over=request.text("which-jobs") == "completed")
        if request.attributes.get("my-jobs") == [b"\x01"]:
            jobs = [job for job in jobs if job.user == request.text("requesting-user-name")]
        return jobs[: request.number("limit", len(jobs))]

    def _job(self, request: IppRequest) -> PaperJob:
        tail = request.text("job-uri").rpartition("/")[2]
        job = self._queue.find(int(tail) if tail.isdecimal() else request.number("job-id"))
        if job is None:
            raise _RequestRefusedError(Status.NOT_FOUND)
        return job

    def _about(self, job: PaperJob, uri: str) -> list[Item]:
        times = (("creation", job.created), ("processing", job.started), ("completed", job.ended))
        return [
            number("job-id", job.id),
            words("job-uri", URI, f"{uri}/{job.id}"),
            words("job-printer-uri", URI, uri),
            words("job-name", NAME, job.name),
            words("job-originating-user-name", NAME, job.user),
            number("job-state", job.state, ENUM),
            words("job-state-reasons", KEYWORD, job.reason),
            number("job-impressions-completed", job.impressions),
            number("job-printer-up-time", self._queue.uptime),
            *(
                number(f"time-at-{name}", at) if at else (f"time-at-{name}", NO_VALUE, [b""])
                for name, at in times
            ),
        ]

    def _description(self, uri: str) -> list[Item]:
        reasons = STOPPING_REASONS.get(self._queue.mode)
        waiting = self._queue.jobs(over=False)
        busy = any(job.state is JobState.PROCESSING for job in waiting)
        return [
            words("printer-uri-supported", URI, uri),
            words("uri-security-supported", KEYWORD, "none"),
            words("uri-authentication-supported", KEYWORD, "requesting-user-name"),
            words("printer-name", NAME, "Bac d'entraînement"),
            words("printer-info", TEXT, "Imprimante d'entraînement : rien de réel n'en sort"),
            words("printer-make-and-model", TEXT, "Borne d'entraînement"),
            number("printer-state", 5 if reasons else 4 if busy else 3, ENUM),
            words("printer-state-reasons", KEYWORD, *(reasons or ("none",))),
            flag("printer-is-accepting-jobs", True),
            number("queued-job-count", len(waiting)),
            number("printer-up-time", self._queue.uptime),
            words("ipp-versions-supported", KEYWORD, "1.1", "2.0"),
            ("operations-supported", ENUM, [operation.to_bytes(4, "big") for operation in Operation]),
            words("charset-configured", CHARSET, "utf-8"),
            words("charset-supported", CHARSET, "utf-8"),
            words("natural-language-configured", LANGUAGE, "fr"),
            words("generated-natural-language-supported", LANGUAGE, "fr"),
            words("document-format-default", MIME, _PDF),
            words("document-format-supported", MIME, _PDF),
            words("pdl-override-supported", KEYWORD, "not-attempted"),
            words("compression-supported", KEYWORD, "none"),
            ("copies-supported", RANGE, [(1).to_bytes(4, "big") * 2]),
            number("copies-default", 1),
            words("media-default", KEYWORD, _LETTER),
            words("media-supported", KEYWORD, _LETTER, _A4),
            ("media-ready", NO_VALUE, [b""]) if reasons == STOPPING_REASONS["media-empty"]
            else words("media-ready", KEYWORD, _A4),
            words("sides-default", KEYWORD, _TWO_SIDED),
            words("sides-supported", KEYWORD, _ONE_SIDED, _TWO_SIDED),
        ]  # fmt: skip


def _check_ticket(request: IppRequest) -> None:
    if request.text("document-format", _PDF) != _PDF:
        raise _RequestRefusedError(Status.FORMAT_NOT_SUPPORTED)
    if request.text("media", _A4) not in (_A4, _LETTER):
        raise _RequestRefusedError(Status.VALUES_NOT_SUPPORTED)


def _wanted(request: IppRequest, items: list[Item], *default: str) -> list[Item]:
    """What `requested-attributes` names; what the operation gives by `default` when it names nothing."""
    names = set(request.texts("requested-attributes") or default)
    return items if not names or names & _EVERYTHING else [item for item in items if item[0] in names]

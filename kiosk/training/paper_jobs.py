"""The jobs of the box's printer and the paper that comes out of it.

A job moves one step each time somebody asks how it is, so that an exercise does not depend on a clock:
waiting, printing, first side out, completed. The mode, which a trainer sets, bends that road.
"""

import re
import time
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path

MODES = ("ready", "off", "media-empty", "paused", "dies-after-receipt", "abort", "stuck")
"""`dies-after-receipt`: the sheet comes out, but nobody is told; `stuck`: it never ends, not even cancelled."""

STOPPING_REASONS = {"media-empty": ("media-empty-error", "media-needed-error"), "paused": ("paused",)}


class JobState(IntEnum):
    """RFC 8011 5.3.7."""

    PENDING = 3
    PROCESSING = 5
    STOPPED = 6
    CANCELED = 7
    ABORTED = 8
    COMPLETED = 9

    @property
    def over(self) -> bool:
        return self >= JobState.CANCELED


@dataclass
class PaperJob:
    id: int
    name: str
    user: str
    document: bytes
    media: str
    sides: str
    created: int
    """Seconds since the printer was switched on; so are the two below, 0 for not yet."""
    started: int = 0
    ended: int = 0
    state: JobState = JobState.PENDING
    reason: str = "none"
    impressions: int = 0
    sheet: Path | None = None

    @property
    def pages(self) -> int:
        return len(re.findall(rb"/Type\s*/Page\b", self.document))


class PaperQueue:
    """Not safe for several threads: `PaperPrinter` takes one request at a time."""

    def __init__(self, sheets: Path) -> None:
        self.mode = "ready"
        self._sheets = sheets
        self._jobs: list[PaperJob] = []
        self._last = 0
        self._switched_on = time.monotonic()

    @property
    def uptime(self) -> int:
        return 1 + int(time.monotonic() - self._switched_on)

    def take(self, *, name: str, user: str, document: bytes, media: str, sides: str) -> PaperJob:
        self._last += 1
        job = PaperJob(self._last, name, user, document, media, sides, self.uptime)
        self._jobs.append(job)
        return job

    def jobs(self, *, over: bool) -> list[PaperJob]:
        return [job for job in self._jobs if job.state.over is over]

    def find(self, job_id: int) -> PaperJob | None:
        return next((job for job in self._jobs if job.id == job_id), None)

    def printed(self) -> list[PaperJob]:
        return [job for job in self._jobs if job.sheet]

    def clear(self) -> None:
        for job in self.printed():
            if job.sheet:
                job.sheet.unlink(missing_ok=True)
        self._jobs.clear()

    def advance(self, job: PaperJob) -> None:
        """One step."""
        if job.state.over:
            return
        if self.mode in STOPPING_REASONS:
            state = JobState.PENDING if job.state is JobState.PENDING else JobState.STOPPED
            self._move(job, state, "printer-stopped")
        elif self.mode == "abort":
            self._move(job, JobState.ABORTED, "aborted-by-system")
        elif job.state is not JobState.PROCESSING:
            self._move(job, JobState.PROCESSING, "job-printing")
        elif self.mode != "stuck":
            if job.impressions == 0:
                self.put_out(job)
            else:
                self._move(job, JobState.COMPLETED, "job-completed-successfully")

    def cancel(self, job: PaperJob) -> None:
        if self.mode == "stuck":
            job.reason = "processing-to-stop-point"
        else:
            self._move(job, JobState.CANCELED, "job-canceled-by-user")

    def put_out(self, job: PaperJob) -> None:
        """The paper comes out, as a file named by time, number and job name."""
        self._sheets.mkdir(mode=0o700, parents=True, exist_ok=True)
        title = re.sub(r"[^\w.-]+", "_", job.name, flags=re.ASCII)[:60]
        job.sheet = self._sheets / f"{datetime.now():%Y%m%d-%H%M%S}-{job.id:03d}-{title}.pdf"
        job.sheet.write_bytes(job.document)
        self._move(job, JobState.PROCESSING, "job-printing")
        job.impressions = max(job.pages, 1)

    def _move(self, job: PaperJob, state: JobState, reason: str) -> None:
        job.state, job.reason = state, reason
        if state is JobState.PROCESSING:
            job.started = job.started or self.uptime
        if state.over:
            job.ended = self.uptime

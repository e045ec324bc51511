"""Printing one document that is open: asked for, traced, marked, and followed to the end of the job."""

import uuid
from collections.abc import Iterator

from kiosk.errors import Cancelled, KioskError
from kiosk.printing.composer import Composer, Work
from kiosk.printing.model import (
    DOCUMENT_COLUMNS,
    PAGE_PIXELS,
    Mark,
    Picture,
    PrintProgress,
    PrintState,
    TextLine,
)
from kiosk.record.reading import OpenDocument
from kiosk.record.visit import Visit
from kiosk.rendering.layout import Line, header_lines, lines
from kiosk.rendering.page import Kind, Rendered, Span, Style
from kiosk.rendering.width import cells
from kiosk.station import Station

PRINTED = {
    PrintState.COMPLETED: "L'imprimante dit que les feuilles sont sorties : ramassez-les.",
    PrintState.ABORTED: "L'imprimante a abandonné le travail.",
    PrintState.CANCELED: "Impression annulée ; des feuilles sont peut-être sorties quand même.",
    PrintState.UNKNOWN: "L'imprimante ne répond plus : regardez si des feuilles sont sorties.",
}
"""What is told at the end of a job."""

_DRAWN_KINDS = (Kind.PDF, Kind.PICTURE)
"""What is printed as pictures of its pages alone: their text would come twice."""


class Printing:
    """One job. `run` blocks; `cancel` comes from any thread."""

    def __init__(self, station: Station, visit: Visit, opened: OpenDocument) -> None:
        self._station, self._visit, self._opened = station, visit, opened
        self._stop = False

    def run(self) -> PrintProgress:
        """Printer, journal, sheets, job. Raises `PrinterError`, `JournalError`, `DocumentNotShown`, `Cancelled`."""
        with Composer(Work.DOCUMENT) as composer:
            self._station.printer.ensure_ready()
            self._trace("intent")
            try:
                progress = self._print(composer)
            except KioskError as error:
                self._trace("outcome", error.code)
                raise
            self._trace("outcome", progress.state.value)
            return progress

    def cancel(self) -> None:
        """Only a wish once the printer has the sheets."""
        self._stop = True

    def _print(self, composer: Composer) -> PrintProgress:
        printer = self._station.printer
        sheets = self._sheets(composer)
        try:
            if self._stop:
                raise Cancelled
            job = printer.submit(sheets, uuid.uuid4().hex[:12])
        finally:
            sheets[:] = bytes(len(sheets))
        return list(printer.follow(job, lambda: self._stop))[-1]

    def _sheets(self, composer: Composer) -> bytearray:
        rendered, entry = self._opened.rendered, self._opened.entry
        assert rendered is not None
        by_patient = "DOCUMENT DU PATIENT · " if entry.by_patient or rendered.by_patient else ""
        session, now = self._visit.session, self._visit.session.now().astimezone()
        mark = Mark(
            patient=self._visit.member.name,
            title=f"{by_patient}{entry.title or '(sans titre)'}",
            printed=f"Imprimé le {now:%d/%m/%Y à %H:%M} par {session.professional.display_name}, "
            f"{session.actor.structure_name}, poste {self._station.name}",
            simulation=self._station.sheets.simulation,
        )
        text = [_pieces(line) for line in _text(rendered, DOCUMENT_COLUMNS)]
        count = len(rendered.pages)
        return composer.document(mark, text, self._pictures(count), count)

    def _pictures(self, count: int) -> Iterator[Picture]:
        for page in range(count):
            if self._stop:
                raise Cancelled
            drawn = self._opened.rendering.picture(page, *PAGE_PIXELS)
            yield Picture(drawn.width, drawn.height, drawn.rgb)

    def _trace(self, phase: str, result: str = "") -> None:
        self._visit.session.trace(
            "PRINT",
            phase,
            patient=self._visit.patient,
            result=result,
            reference=self._opened.entry.unique_id,
        )


def _text(rendered: Rendered, width: int) -> list[Line]:
    """Header and body as on the screen."""
    if rendered.kind in _DRAWN_KINDS and rendered.pages:
        return []
    header = header_lines(rendered.header, width)
    return [*header, *([()] if header else []), *lines(rendered, width)]


def _pieces(line: Line) -> TextLine:
    """On a grid of characters: what is two columns wide is given the second one."""
    return [(_gridded(span), span.style in (Style.STRONG, Style.ABNORMAL)) for span in line]


def _gridded(span: Span) -> str:
    if cells(span.text) == len(span.text):
        return span.text
    return "".join(character + " " * (cells(character) - 1) for character in span.text)

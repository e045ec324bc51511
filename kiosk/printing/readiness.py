"""What a printer's words mean for a sheet of A4: `printer-state-reasons` (RFC 8011 5.4.12, PWG 5100.9)."""

from collections.abc import Iterable

from kiosk.printing.ipp import Group
from kiosk.printing.model import PrinterStatus

A4 = "iso_a4_210x297mm"
ASKED = (
    "printer-state",
    "printer-state-reasons",
    "printer-is-accepting-jobs",
    "document-format-supported",
    "media-ready",
    "media-supported",
)
"""What `printer_status` reads."""
_STOPPED = 5

_SENTENCES = {
    "media-empty": "Il n'y a plus de papier.",
    "media-needed": "Elle demande du papier A4.",
    "media-jam": "Du papier est coincé.",
    "cover-open": "Un capot est ouvert.",
    "door-open": "Une porte est ouverte.",
    "interlock-open": "Un capot est ouvert.",
    "input-tray-missing": "Le bac à papier est retiré.",
    "output-tray-missing": "Le bac de sortie est retiré.",
    "output-area-full": "Le bac de sortie est plein.",
    "toner-empty": "Il n'y a plus de toner.",
    "marker-supply-empty": "Il n'y a plus d'encre ou de toner.",
    "marker-waste-full": "Le bac de récupération est plein.",
    "paused": "Elle est en pause.",
    "moving-to-paused": "Elle est en pause.",
    "shutdown": "Elle est à l'arrêt.",
    "offline": "Elle est hors ligne.",
}


def printer_status(printer: Group, media_type: str) -> PrinterStatus:
    """Whether a document of `media_type` can be printed on A4 now."""
    states = printer.integers("printer-state")
    reasons = spoken(printer.texts("printer-state-reasons"))
    formats = printer.texts("document-format-supported")
    media_ready = printer.texts("media-ready")
    accepting = printer.flag("printer-is-accepting-jobs") is not False
    stopped = _STOPPED in states
    a4 = A4 in (media_ready or printer.texts("media-supported"))
    serious = [reason for reason in reasons if _severity(reason) == "error"]
    if stopped or serious:
        cause = explained(serious or reasons) or "Elle est arrêtée."
    elif not accepting:
        cause = "Elle n'accepte pas de travaux."
    elif media_type not in formats:
        cause = "Elle ne sait pas imprimer ce format de document."
    elif not a4:
        cause = "Il n'y a pas de papier A4 dans ses bacs."
    else:
        cause = ""
    return PrinterStatus(not cause, reasons, formats, media_ready, accepting, stopped, a4, cause)


def needs_somebody(printer: Group) -> bool:
    """Whether a job already taken waits for a person. A warning counts: paper runs out while printing."""
    return _STOPPED in printer.integers("printer-state") or any(
        _keyword(reason) in _SENTENCES and _severity(reason) != "report"
        for reason in printer.texts("printer-state-reasons")
    )


def explained(reasons: Iterable[str]) -> str:
    """The first reason that has a French sentence; empty when none has."""
    return next((_SENTENCES[_keyword(reason)] for reason in reasons if _keyword(reason) in _SENTENCES), "")


def spoken(reasons: tuple[str, ...]) -> tuple[str, ...]:
    """Without `none`, which says that there is nothing to say."""
    return tuple(reason for reason in reasons if reason != "none")


def _keyword(reason: str) -> str:
    stem, _, severity = reason.rpartition("-")
    return stem if severity in ("error", "warning", "report") else reason


def _severity(reason: str) -> str:
    """A reason this table knows and that carries no suffix is taken at its worst."""
    severity = reason.rpartition("-")[2]
    if severity in ("error", "warning", "report"):
        return severity
    return "error" if reason in _SENTENCES else "report"

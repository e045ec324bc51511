"""What printers say about themselves, and what the kiosk concludes."""

import pytest

from kiosk.printing.ipp import Tag, decode
from kiosk.printing.model import PrinterStatus
from kiosk.printing.readiness import printer_status
from kiosk.training.paper_wire import ENUM, KEYWORD, MIME, PRINTER_GROUP, build_answer, flag, number, words

A4, LETTER = "iso_a4_210x297mm", "na_letter_8.5x11in"


def status(
    *reasons: str, state: int = 3, accepting: bool = True, ready: tuple[str, ...] = (A4,), known: str = A4
) -> PrinterStatus:
    items = [
        number("printer-state", state, ENUM),
        words("printer-state-reasons", KEYWORD, *(reasons or ("none",))),
        flag("printer-is-accepting-jobs", accepting),
        words("document-format-supported", MIME, "application/pdf"),
        words("media-ready", KEYWORD, *ready),
        words("media-supported", KEYWORD, LETTER, known),
    ]
    (printer,) = decode(build_answer(b"\x02\x00", 0, 1, [(PRINTER_GROUP, items)])).of(Tag.PRINTER)
    return printer_status(printer, "application/pdf")


@pytest.mark.parametrize(
    "reasons", [(), ("media-low-warning",), ("media-empty-warning",), ("paused-report",)]
)
def test_a_printer_that_can_print(reasons):
    """One tray of several may be empty: a warning of an idle printer that has A4 loaded is only shown."""
    assert status(*reasons).ready
    assert status(*reasons).cause == ""
    assert status(*reasons).reasons == reasons


@pytest.mark.parametrize(
    ("said", "word"),
    [
        ({"reasons": ("media-jam-error",)}, "coincé"),
        ({"reasons": ("toner-low-warning", "cover-open")}, "capot"),
        ({"reasons": ("com.example-on-fire-error",)}, "arrêtée"),
        ({"state": 5}, "arrêtée"),
        ({"state": 5, "reasons": ("media-empty-warning",)}, "papier"),
        ({"accepting": False}, "n'accepte pas"),
        ({"ready": (LETTER,)}, "A4"),
        ({"ready": (), "known": "iso_a3_297x420mm"}, "A4"),
    ],
)
def test_a_printer_that_cannot_says_why_in_french(said, word):
    found = status(*said.get("reasons", ()), **{key: said[key] for key in said if key != "reasons"})
    assert not found.ready
    assert word in found.cause


def test_a_printer_that_does_not_say_what_is_loaded_is_trusted_to_have_what_it_knows():
    assert status(ready=()).ready

"""Whether a PDF is a PDF/A-1, by the kiosk's own reading: the file's values, its objects, then the rules.

`examine` is all that the rest of the kiosk knows of it. It runs where a stranger's file may be opened: in the
confined process (`kiosk.deposit.worker`), and in tests.
"""

from kiosk.deposit.pdfa.rules import PdfReport, examine, warm_up

__all__ = ["PdfReport", "examine", "warm_up"]

"""Files to deposit, one of each format the DMP takes, made here."""

import io

from fpdf import FPDF
from PIL import Image

from kiosk.deposit.conversion import to_pdfa
from kiosk.deposit.examination import examine

TEXT = "Compte rendu fictif.\nTension artérielle 12/7, rien à signaler.\n".encode()
RTF = rb"{\rtf1\ansi Compte rendu fictif, r\'e9sum\'e9.}"


def pdfa(words: str = "Compte rendu fictif, PDF/A.") -> bytes:
    return to_pdfa(examine(words.encode()), "Essai")


def plain_pdf() -> bytes:
    """A PDF that claims to be nothing more."""
    document = FPDF()
    document.add_page()
    document.set_font("helvetica", size=14)
    document.cell(text="Ordonnance fictive")
    return bytes(document.output())


def picture(kind: str, colour: str = "white") -> bytes:
    """`JPEG` or `TIFF`."""
    written = io.BytesIO()
    Image.new("RGB", (60, 80), colour).save(written, kind)
    return written.getvalue()

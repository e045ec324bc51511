"""The embedded fonts, made ready for a process that can open no file later."""

from collections.abc import Iterable
from importlib import import_module
from pathlib import Path
from typing import Final

from fpdf import FPDF

_FONTS: Final = Path(__file__).parent / "fonts"
_LOADED_LATE: Final = (
    "encodings.utf_32_be",
    "fontTools.ttLib.tables._c_v_t",
    "fontTools.ttLib.tables._f_p_g_m",
    "fontTools.ttLib.tables._g_a_s_p",
    "fontTools.ttLib.tables._p_r_e_p",
)
"""What fpdf2 imports only while it writes these fonts."""


def add_faces(pdf: FPDF, faces: Iterable[tuple[str, str, str]]) -> None:
    """Family, style and file of each. The files stay open: their glyphs are read when the PDF is written."""
    for family, style, file in faces:
        pdf.add_font(family, style, _FONTS / file)
    for module in _LOADED_LATE:
        import_module(module)

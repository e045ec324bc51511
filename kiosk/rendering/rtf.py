"""RTF: its text, through striprtf. Fonts, colours, pictures and objects are left out."""

import codecs
from contextlib import suppress
from typing import Final

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering.page import Field, Kind, Rendered
from kiosk.rendering.plain import paragraphs

MAX_BYTES: Final = 20_000_000
"""Pictures are written in hexadecimal: a scanned page is several megabytes of it."""


_CODE_PAGES: Final = ("utf-16-le", "utf-8", "cp1252", "cp1250", "cp850", "cp437", "cp10000", "mac_roman")


def warm_up() -> None:
    """With every code page a document may name: Python loads each one from a file."""
    from striprtf.striprtf import charset_map, rtf_to_text

    for encoding in {*charset_map.values(), *_CODE_PAGES}:
        with suppress(LookupError):
            codecs.lookup(encoding)
    rtf_to_text(r"{\rtf1\ansi\ansicpg1252 {\fonttbl{\f0\fcharset0 A;}}\f0 \'e9\u233?}")  # type: ignore[no-untyped-call]


def read(data: bytes) -> Rendered:
    """Raises `DocumentNotShown`."""
    from striprtf.striprtf import rtf_to_text

    if len(data) > MAX_BYTES:
        raise DocumentNotShown(DocumentFault.TOO_HEAVY)
    source = data.decode("latin-1")
    try:
        text: str = rtf_to_text(source, errors="replace")  # type: ignore[no-untyped-call]
        whole = text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    except Exception:
        # striprtf checks nothing: int(None), unknown code pages, indexes…
        raise DocumentNotShown(DocumentFault.DAMAGED) from None
    blocks, warnings = paragraphs(whole.replace("\x00", ""))
    if "\\pict" in source or "\\object" in source:
        warnings += ("les images de ce document ne sont pas affichées.",)
    return Rendered(Kind.RTF, "", (Field("Format", "RTF"),), blocks, warnings=warnings)

"""Plain text, in whatever encoding it came."""

import codecs
from typing import Final

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering.page import Block, Field, Kind, Paragraph, Rendered, Span
from kiosk.text import clean_lines

MAX_TEXT: Final = 2_000_000
"""Characters."""
_MARKS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def warm_up() -> None:
    """Python loads each encoding from a file."""
    for encoding in ("utf-16", "utf-8-sig", "cp1252", "latin-1"):
        codecs.lookup(encoding)


def read(data: bytes) -> Rendered:
    """Its paragraphs. Raises `DocumentNotShown` when nothing is written."""
    encoding, text = decoded(data[: 4 * MAX_TEXT])
    blocks, warnings = paragraphs(text)
    header = (Field("Format", f"texte ({encoding})"),)
    return Rendered(Kind.TEXT, "", header, blocks, warnings=warnings)


def paragraphs(text: str) -> tuple[tuple[Block, ...], tuple[str, ...]]:
    """Cut at empty lines and form feeds; what is beyond the limit is said to be cut."""
    shown = clean_lines(text.replace("\f", "\n\n").replace("\xad", ""), limit=MAX_TEXT)
    parts: list[list[str]] = [[]]
    for line in shown.split("\n"):
        if line.strip():
            parts[-1].append(line.rstrip())
        elif parts[-1]:
            parts.append([])
    blocks = tuple(Paragraph((Span("\n".join(part)),)) for part in parts if part)
    if not blocks:
        raise DocumentNotShown(DocumentFault.EMPTY)
    cut = len(text) > MAX_TEXT
    return blocks, ("ce document est trop long, sa fin n'est pas affichée.",) if cut else ()


def decoded(data: bytes) -> tuple[str, str]:
    """What a byte order mark says, else UTF-8 when it is, else Windows-1252 as French software writes."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return encoding.removesuffix("-sig").upper(), data.decode(encoding, "replace")
    try:
        return "UTF-8", data.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.start >= len(data) - 3 and error.reason == "unexpected end of data":  # cut at the limit
            return "UTF-8", data.decode("utf-8", "replace")
        return "Windows-1252", data.decode("cp1252", "replace")

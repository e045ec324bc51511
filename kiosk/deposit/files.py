"""What a chosen file is, once it was examined: by its content, never by its name.

A stranger's file is opened by a process of its own (`kiosk.deposit.child`); here is what both sides agree on.
"""

import re
from dataclasses import dataclass
from enum import Enum, StrEnum
from typing import Final

from kiosk.dmp.deposit import BodyFormat
from kiosk.errors import FileFault, FileUnfit

MAX_BYTES: Final = 50_000_000
MAX_PIXELS: Final = 50_000_000
MAX_PAGES: Final = 500
TEXT_CONTROLS = re.compile("[\x00-\x08\x0b\x0e-\x1f]")
"""What no text holds: such a file is something else."""


class Conversion(Enum):
    """What the kiosk offers to make of a file."""

    TEXT = "text"
    """PDF/A-1b that keeps the words as words."""
    PICTURE = "picture"
    """PDF/A-1b of one picture a page."""
    PAGES = "pages"
    """A PDF that is no PDF/A-1: its pages as pictures. Words can no longer be searched or copied."""


class Obstacle(StrEnum):
    """Why a PDF is no PDF/A-1: a sentence for the user."""

    UNCLAIMED = "Il ne se déclare pas PDF/A-1."
    STRUCTURE = "Sa structure interne n'est pas celle d'un PDF/A-1."
    PROGRAM = "Il contient un programme (JavaScript)."
    ACTION = "Il contient une action interdite."
    ATTACHED = "Il contient un fichier joint ou dépend d'un autre."
    ANNOTATION = "Une annotation ou un champ de formulaire n'est pas permis."
    COMPRESSION = "Il emploie une compression interdite."
    LAYERS = "Il a des calques."
    TRANSPARENCY = "Il emploie la transparence."
    PICTURE = "Une image n'est pas permise en PDF/A-1."
    DRAWING = "Ses couleurs ou ses dessins ne sont pas ceux d'un PDF/A-1."
    FONTS = "Une police n'est pas incorporée comme il faut."
    METADATA = "Ses métadonnées manquent ou se contredisent."


_CONVERSIONS: Final = {
    BodyFormat.TEXT: Conversion.TEXT,
    BodyFormat.JPEG: Conversion.PICTURE,
    BodyFormat.TIFF: Conversion.PICTURE,
}


@dataclass(frozen=True, repr=False)
class Examined:
    """A file that may go out, as it is or converted."""

    content: bytes
    """A text is UTF-8 here, whatever it was."""
    format: BodyFormat | None
    """None for a CDA, which goes out by itself (`kiosk.dmp.cda_check`)."""
    pages: int = 1
    """1 where pages mean nothing."""
    obstacles: tuple[Obstacle, ...] = ()
    """Why it cannot go out as it is."""

    @property
    def is_cda(self) -> bool:
        return self.format is None

    @property
    def obstacle(self) -> str:
        """Why it cannot go out as it is, in French; empty when it can."""
        return " ".join(self.obstacles)

    @property
    def conversion(self) -> Conversion | None:
        """What may be made of it; None when it is a PDF/A, an RTF or a CDA."""
        if self.obstacles:
            return Conversion.PAGES
        return None if self.format is None else _CONVERSIONS.get(self.format)


def told(content: bytes) -> BodyFormat | None:
    """What the first bytes make of it: None for anything of XML, a text for what is nothing else."""
    if b"%PDF-" in content[:1024]:
        return BodyFormat.PDF
    if content.startswith(b"\xff\xd8\xff"):
        return BodyFormat.JPEG
    if content.startswith((b"II*\0", b"MM\0*")):
        return BodyFormat.TIFF
    if content[:1024].lstrip().startswith(b"{\\rtf"):
        return BodyFormat.RTF
    return None if _looks_like_xml(content[:1024]) else BodyFormat.TEXT


def check_size(content: bytes) -> None:
    """Raises `FileUnfit` for nothing and for too much."""
    if not content.strip():
        raise FileUnfit(FileFault.EMPTY)
    if len(content) > MAX_BYTES:
        raise FileUnfit(FileFault.TOO_LARGE, len(content) // 1_000_000, MAX_BYTES // 1_000_000)


def _looks_like_xml(head: bytes) -> bool:
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.replace(b"\0", b"")[2:]
    return head.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<")

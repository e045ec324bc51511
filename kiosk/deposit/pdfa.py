"""Whether a PDF is a PDF/A-1, as far as can be told without a validator.

Checked: header and end of file, that it opens and has pages, no encryption, an XMP that claims part 1 and level
A or B, and none of what PDF/A-1 forbids by name (scripts, launched programs, embedded files, sound, movies,
LZW). Not checked: embedded fonts, colour spaces, transparency, the agreement of XMP and Info; veraPDF does.
The checks look at what is not compressed: PDF/A-1 has no object streams, so all of it is in sight.
"""

import re
from dataclasses import dataclass
from typing import Final

_PART = re.compile(rb"pdfaid:part(?:\s*=\s*[\"']|[^<>]*>\s*)(\d)")
_LEVEL = re.compile(rb"pdfaid:conformance(?:\s*=\s*[\"']|[^<>]*>\s*)([A-Za-z])")
_STREAM = re.compile(rb"\bstream\r?\n.*?\bendstream", re.DOTALL)
_FORBIDDEN: Final = (
    (re.compile(rb"/(?:JavaScript|JS)\b"), "Il contient un programme (JavaScript)."),
    (re.compile(rb"/(?:Launch|ImportData|SubmitForm|ResetForm)\b"), "Il contient une action interdite."),
    (re.compile(rb"/(?:EmbeddedFiles?|EF)\b"), "Il contient un fichier joint."),
    (re.compile(rb"/(?:Sound|Movie|RichMedia|3D)\b"), "Il contient du son ou de la vidéo."),
    (re.compile(rb"/LZWDecode\b"), "Il emploie une compression interdite (LZW)."),
    (re.compile(rb"/ObjStm\b"), "Il est d'une version plus récente que PDF/A-1."),
)
_TAIL: Final = 1024


@dataclass(frozen=True)
class PdfReport:
    """What was found."""

    pages: int
    """0 when it does not open."""
    protected: bool
    faults: tuple[str, ...]
    """Why it is no PDF/A-1, one sentence each; empty when nothing was found against it."""


def examine(content: bytes) -> PdfReport:
    """Read-only, in memory; any bytes are taken."""
    pages, protected = _open(content)
    if protected or not pages:
        return PdfReport(pages, protected, ())
    faults = []
    if not content.startswith(b"%PDF-1."):
        faults.append("Son en-tête n'est pas celui d'un PDF/A-1.")
    if b"%%EOF" not in content[-_TAIL:]:
        faults.append("Il est coupé avant la fin.")
    if not _claims_part_one(content):
        faults.append("Il ne se déclare pas PDF/A-1.")
    structure = _STREAM.sub(b"stream endstream", content)
    faults += [sentence for pattern, sentence in _FORBIDDEN if pattern.search(structure)]
    return PdfReport(pages, False, tuple(faults))


def _claims_part_one(content: bytes) -> bool:
    part, level = _PART.search(content), _LEVEL.search(content)
    return part is not None and part[1] == b"1" and level is not None and level[1] in b"AaBb"


def _open(content: bytes) -> tuple[int, bool]:
    """Pages, and whether it is encrypted."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        with pypdfium2.PdfDocument(content) as document:
            return len(document), raw.FPDF_GetSecurityHandlerRevision(document) >= 0
    except pypdfium2.PdfiumError as error:
        return 0, "password" in str(error).lower()

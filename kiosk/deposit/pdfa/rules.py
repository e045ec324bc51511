"""Whether a PDF is a PDF/A-1, read by the rules of ISO 19005-1 for level B.

Nothing is taken on trust: what cannot be read, or is allowed only in cases too rare to be told apart here, counts as
a fault, and the file can be converted. Level A asks for a structure besides, which is not looked at. Neither are
the glyphs the pages draw: a letter missing from an embedded font is not found.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from kiosk.deposit.files import Obstacle
from kiosk.deposit.pdfa.drawing import INTENTS, colours_fit
from kiosk.deposit.pdfa.file import PdfFile, Stream, nested, read
from kiosk.deposit.pdfa.fonts import fonts_fit, load_readers
from kiosk.deposit.pdfa.metadata import metadata_fits
from kiosk.deposit.pdfa.values import Malformed, Name, Value

_PART = re.compile(rb"pdfaid:part(?:\s*=\s*[\"']|[^<>]*>\s*)(\d)")
_ACTIONS: Final = ("GoTo", "GoToR", "Thread", "URI", "Named", "SubmitForm")
_STEPS: Final = ("NextPage", "PrevPage", "FirstPage", "LastPage")
_MARKS: Final = ("Highlight", "Underline", "Squiggly", "StrikeOut", "Stamp", "Ink", "Popup")
_ANNOTATIONS: Final = (
    "Text",
    "Link",
    "FreeText",
    "Line",
    "Square",
    "Circle",
    "Widget",
    "PrinterMark",
    *_MARKS,
)
_HIDING, _PRINTED = 1 | 2 | 32, 4


@dataclass(frozen=True)
class PdfReport:
    """What was found."""

    pages: int
    """0 when it does not open."""
    protected: bool
    faults: tuple[Obstacle, ...]
    """Why it is no PDF/A-1; empty when it is one."""


def warm_up() -> None:
    """Load what reading takes: afterwards nothing can be opened."""
    import pypdfium2

    load_readers()
    pypdfium2.PdfDocument.new().close()


def examine(content: bytes) -> PdfReport:
    """Read-only, in memory; any bytes are taken."""
    pages, protected = _open(content)
    if protected or not pages:
        return PdfReport(pages, protected, ())
    claim = _PART.search(content)
    if claim is None or claim[1] != b"1":
        return PdfReport(pages, False, (Obstacle.UNCLAIMED,))
    try:
        file = read(content)
    except Malformed:
        return PdfReport(pages, False, (Obstacle.STRUCTURE,))
    return PdfReport(pages, False, tuple(dict.fromkeys(_faults(file))))


def _open(content: bytes) -> tuple[int, bool]:
    """Pages, and whether it is encrypted."""
    import pypdfium2
    from pypdfium2 import raw

    try:
        with pypdfium2.PdfDocument(content) as document:
            return len(document), raw.FPDF_GetSecurityHandlerRevision(document) >= 0
    except pypdfium2.PdfiumError as error:
        return 0, "password" in str(error).lower()


def _faults(file: PdfFile) -> Iterator[Obstacle]:
    checks: tuple[tuple[Callable[[PdfFile], bool], Obstacle], ...] = (
        (_objects_fit, Obstacle.STRUCTURE),
        (_metadata_fits, Obstacle.METADATA),
        (colours_fit, Obstacle.DRAWING),
        (fonts_fit, Obstacle.FONTS),
    )
    try:
        for value in file.objects.values():
            for one in nested(value):
                if isinstance(one, dict):
                    yield from _entries_faults(file, one)
                elif isinstance(one, Stream):
                    yield from _stream_faults(file, one)
    except (Malformed, TypeError, ValueError, AttributeError):
        yield Obstacle.STRUCTURE
    for fits, sentence in checks:
        try:
            if not fits(file):
                yield sentence
        except MemoryError:
            raise
        except Exception:  # a damaged font or profile makes its reader raise about anything
            yield sentence


_FORBIDDEN: Final[dict[str, tuple[Callable[[Value], bool], Obstacle]]] = {
    "JS": (lambda _: True, Obstacle.PROGRAM),
    "JavaScript": (lambda _: True, Obstacle.PROGRAM),
    "AA": (lambda _: True, Obstacle.ACTION),
    "EF": (lambda _: True, Obstacle.ATTACHED),
    "EmbeddedFiles": (lambda _: True, Obstacle.ATTACHED),
    "OCProperties": (lambda _: True, Obstacle.LAYERS),
    "NeedAppearances": (lambda value: value is not False, Obstacle.ANNOTATION),
    "SMask": (lambda value: value != "None", Obstacle.TRANSPARENCY),
    "BM": (lambda value: value not in ("Normal", "Compatible"), Obstacle.TRANSPARENCY),
    "ca": (lambda value: value != 1, Obstacle.TRANSPARENCY),
    "CA": (lambda value: isinstance(value, int | float) and value != 1, Obstacle.TRANSPARENCY),
    "Interpolate": (lambda value: value is not False, Obstacle.PICTURE),
    "Alternates": (lambda _: True, Obstacle.PICTURE),
    "OPI": (lambda _: True, Obstacle.PICTURE),
    "Intent": (lambda value: value not in INTENTS, Obstacle.PICTURE),
}
"""Entries that tell by their name alone, wherever they are."""


def _entries_faults(file: PdfFile, entries: dict[str, Value]) -> Iterator[Obstacle]:
    for key in _FORBIDDEN.keys() & entries.keys():
        forbidden, sentence = _FORBIDDEN[key]
        if forbidden(file.value(entries[key])):
            yield sentence
    if file.entries(entries.get("Group")).get("S") == "Transparency":
        yield Obstacle.TRANSPARENCY
    for key in ("A", "PA", "OpenAction", "Next"):
        for one in file.items(entries.get(key)):
            if isinstance(one, dict) and "S" in one and not _action_fits(file, one):
                yield Obstacle.ACTION
    states = file.value(entries.get("ExtGState"))
    for one in states.values() if isinstance(states, dict) else ():
        state = file.entries(one)
        intent = state.get("RI", INTENTS[0])
        if "TR" in state or state.get("TR2", "Default") != "Default" or intent not in INTENTS:
            yield Obstacle.DRAWING
    drawn = file.value(entries.get("XObject"))
    for one in drawn.values() if isinstance(drawn, dict) else ():
        if file.entries(one).get("Subtype") not in ("Image", "Form"):
            yield Obstacle.DRAWING
    if not all(_annotation_fits(file, file.entries(one)) for one in file.items(entries.get("Annots"))):
        yield Obstacle.ANNOTATION


def _action_fits(file: PdfFile, action: dict[str, Value]) -> bool:
    kind = file.value(action["S"])
    return kind in _ACTIONS and (kind != "Named" or file.value(action.get("N")) in _STEPS)


def _annotation_fits(file: PdfFile, annotation: dict[str, Value]) -> bool:
    kind = file.value(annotation.get("Subtype"))
    flags = file.value(annotation.get("F"))
    if kind not in _ANNOTATIONS or not isinstance(flags, int) or flags & (_HIDING | _PRINTED) != _PRINTED:
        return False
    looks = file.value(annotation.get("AP"))
    if looks is not None and (not isinstance(looks, dict) or set(looks) != {"N"}):
        return False
    normal = file.value(looks["N"]) if looks else None
    if kind == "Widget":
        parent = file.entries(annotation.get("Parent"))
        button = file.value(annotation.get("FT", parent.get("FT"))) == "Btn"
        states = list(normal.values()) if button and isinstance(normal, dict) else [] if button else [normal]
        drawn = all(file.entries(one).get("Subtype") == "Form" for one in states)
        return "A" not in annotation and bool(states) and drawn
    coloured = "C" in annotation or "IC" in annotation
    shown = looks is None or file.entries(normal).get("Subtype") == "Form"
    return shown and (not coloured or _rgb(file))


def _stream_faults(file: PdfFile, stream: Stream) -> Iterator[Obstacle]:
    entries = stream.entries
    kind = file.value(entries.get("Subtype"))
    if {"F", "FFilter", "FDecodeParms"} & entries.keys():
        yield Obstacle.ATTACHED
    if {"LZWDecode", "JPXDecode", "Crypt"} & set(file.items(entries.get("Filter"))):
        yield Obstacle.COMPRESSION
    if kind == "PS" or {"PS", "Ref", "Subtype2"} & entries.keys():
        yield Obstacle.DRAWING
    if kind == "Image":
        depth = file.value(entries.get("BitsPerComponent"))
        masks = file.value(entries.get("ImageMask")) is True
        if depth not in ((None, 1) if masks else (None, 1, 2, 4, 8)):
            yield Obstacle.PICTURE


def _objects_fit(file: PdfFile) -> bool:
    """A tree of pages that says what it is made of, and no object of a later version."""
    types = {file.entries(value).get("Type") for value in file.objects.values()}
    pages = file.entries(file.trailer.get("Root")).get("Pages")
    leaves = list(_leaves(file, pages, set()))
    return (
        not types & {"ObjStm", "XRef"}
        and all(one.get("Type") == "Page" for one in leaves)
        and file.value(file.entries(pages).get("Count")) == len(leaves)
    )


def _leaves(file: PdfFile, node: Value, above: set[int]) -> Iterator[dict[str, Value]]:
    """Of the tree of pages. Where it bites its tail there is no page."""
    entries = file.entries(node)
    if entries.get("Type") != "Pages" or id(entries) in above:
        yield entries
        return
    for kid in file.items(entries.get("Kids")):
        yield from _leaves(file, kid, above | {id(entries)})


def _rgb(file: PdfFile) -> bool:
    """Whether the output intent is of RGB: what colours of annotations are counted in."""
    for one in file.items(file.entries(file.trailer.get("Root")).get("OutputIntents")):
        profile = file.entries(one).get("DestOutputProfile")
        if file.entries(one).get("S") == "GTS_PDFA1" and file.entries(profile).get("N") == 3:
            return True
    return False


def _metadata_fits(file: PdfFile) -> bool:
    stream = file.value(file.entries(file.trailer.get("Root")).get("Metadata"))
    if not isinstance(stream, Stream) or "Filter" in stream.entries:
        return False
    if (stream.entries.get("Type"), stream.entries.get("Subtype")) != (Name("Metadata"), Name("XML")):
        return False
    information = file.entries(file.trailer.get("Info"))
    return metadata_fits(stream.raw, {key: file.value(value) for key, value in information.items()})

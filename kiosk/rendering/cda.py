"""A CDA of any level: its header, and its body section by section or as the document it carries.

The kiosk walks the elements itself. No style sheet runs, neither the document's own nor any other.
"""

import base64
import binascii
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Final

from lxml import etree

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering import biology, summary
from kiosk.rendering.cda_header import header, written_by_patient
from kiosk.rendering.medication import medications, prescription_table, vaccination_table
from kiosk.rendering.narrative import Pictures, blocks
from kiosk.rendering.page import Block, Heading, Illustration, Kind, Paragraph, Rendered, Result, Span, Style
from kiosk.rendering.xml import HL7, attribute, child, children, label, parsed, text

_DEEPEST: Final = 12
"""Sections inside sections."""
_SUMMARIES: Final = frozenset({"60591-5", "SYNTH"})
_BIOLOGY: Final = frozenset({"11502-2", "26436-6"})
_VACCINATIONS: Final = frozenset({"11369-6", "87273-9", "96874-3"})
_PRESCRIPTIONS: Final = frozenset({"57833-6", "57828-6", "PRESC"})

_SELF_PRESENTING: Final = (
    "ce document apporte sa propre mise en page, que la borne n'exécute pas : elle affiche son contenu."
)
_NO_BODY: Final = "ce document n'a pas de corps : seul son en-tête est affiché."
_ELSEWHERE: Final = "le corps de ce document n'est pas dans le DMP : il ne contient qu'une adresse."


@dataclass(frozen=True, repr=False)
class Media:
    """A file that the document carries in its text."""

    identifier: str
    """Of its `observationMedia`."""
    media_type: str
    data: bytes


def read(
    data: bytes, read_body: Callable[[bytes], Rendered], count_pages: Callable[[bytes], int]
) -> Rendered:
    """Header and body. A body that cannot be read becomes a warning: the header is shown all the same.

    Raises `DocumentNotShown` when there is no CDA at all.
    """
    document, warnings = _opened(data)
    code = attribute(child(document, "code"), "code")
    title = text(child(document, "title")) or label(child(document, "code"))
    rendered = Rendered(
        Kind.CDA, title, header(document), (), warnings=warnings, by_patient=written_by_patient(document)
    )
    structured = child(document, "component", "structuredBody")
    if structured is not None:
        return _structured(rendered, structured, code, count_pages)
    body = body_of(document)
    if body is None:
        return replace(rendered, warnings=(*warnings, _ELSEWHERE if _refers(document) else _NO_BODY))
    try:
        inner = read_body(body)
    except DocumentNotShown as refusal:
        return replace(rendered, warnings=(*warnings, f"le corps n'a pas pu être lu. {refusal.cause}"))
    return replace(
        inner,
        title=title or inner.title,
        header=(*rendered.header, *inner.header),
        warnings=(*warnings, *inner.warnings),
        by_patient=rendered.by_patient,
    )


def carried(data: bytes) -> list[bytes]:
    """The files whose pages can be drawn, in the order of `Rendered.pages`. Raises `DocumentNotShown`."""
    document, _ = _opened(data)
    structured = child(document, "component", "structuredBody")
    if structured is not None:
        return [media.data for media in _media(structured)]
    body = body_of(document)
    return [] if body is None else [body]


def body_of(document: etree._Element) -> bytes | None:
    """The bytes of a `nonXMLBody`; None without one."""
    content = child(document, "component", "nonXMLBody", "text")
    if content is None or child(content, "reference") is not None:
        return None
    written = "".join(map(str, content.itertext()))
    if content.get("representation") == "B64":
        return _unpacked(written)
    return written.strip().encode() or None


def _opened(data: bytes) -> tuple[etree._Element, tuple[str, ...]]:
    """The `ClinicalDocument`, wherever a self-presenting document keeps it, and what to say of that."""
    root = parsed(data)
    tag = f"{{{HL7}}}ClinicalDocument"
    if root.tag == tag:
        return root, ()
    document = next(root.iter(tag), None)
    if document is None:
        raise DocumentNotShown(DocumentFault.UNKNOWN_FORMAT)
    return document, (_SELF_PRESENTING,)


def _refers(document: etree._Element) -> bool:
    return child(document, "component", "nonXMLBody", "text", "reference") is not None


def _unpacked(written: str) -> bytes | None:
    """Base64 with whatever white space; None when it is not."""
    packed = "".join(written.split())
    try:
        return base64.b64decode(packed + "=" * (-len(packed) % 4)) or None
    except (binascii.Error, ValueError):
        return None


# --- structured bodies ------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class _Context:
    """What a section needs to know of the whole."""

    kind: Kind
    pictures: Pictures
    said: biology.References


def _structured(
    rendered: Rendered, body: etree._Element, code: str, count_pages: Callable[[bytes], int]
) -> Rendered:
    pages, pictures = _pages(body, count_pages)
    context = _Context(_kind(code, body), pictures, biology.references(body))
    results = _all_results(body, context)
    sections: list[Block] = []
    for section in children(body, "component", "section"):
        sections += _section(section, context, 1)
    sections += _unplaced(sections, pictures)
    warnings = rendered.warnings if sections else (*rendered.warnings, _NO_BODY)
    return replace(
        rendered,
        kind=context.kind,
        blocks=(*_first(body, context, results), *sections),
        pages=tuple(pages),
        warnings=warnings,
        results=tuple(results),
    )


def _kind(code: str, body: etree._Element) -> Kind:
    if code in _BIOLOGY:
        return Kind.BIOLOGY
    if code in _VACCINATIONS:
        return Kind.VACCINATION
    if code in _PRESCRIPTIONS or code.startswith("PRESC-"):
        return Kind.PRESCRIPTION
    if code in _SUMMARIES or summary.is_summary(body):
        return Kind.SUMMARY
    return Kind.CDA


def _first(body: etree._Element, context: _Context, results: list[Result]) -> list[Block]:
    """What the reader came for, before the document's own order."""
    match context.kind:
        case Kind.SUMMARY:
            return summary.essentials(body)
        case Kind.BIOLOGY:
            return biology.heading_blocks(results)
        case Kind.VACCINATION:
            told = [each for each in summary.sections(body) if child(each, "text") is not None]
            given = [each for section in told for each in medications(section)]
            return [Heading(f"Vaccinations ({len(given)})"), vaccination_table(given)] if given else []
    return []


def _all_results(body: etree._Element, context: _Context) -> list[Result]:
    return [
        result
        for section in summary.sections(body)
        for result in biology.results(section, context.said, any_observation=context.kind is Kind.BIOLOGY)
    ]


def _section(section: etree._Element, context: _Context, level: int) -> Iterator[Block]:
    """Title, results, the author's text, then the sections inside."""
    title = text(child(section, "title")) or label(child(section, "code"))
    if title:
        yield Heading(title, level)
    written = blocks(child(section, "text"), context.pictures)
    coded = _coded(section, context)
    inner = list(children(section, "component", "section")) if level < _DEEPEST else []
    if not (written or coded or inner):
        written = [Paragraph((Span("(rien d'écrit dans cette rubrique)", Style.MUTED),))]
    yield from coded
    if coded and written:
        yield Paragraph((Span("Texte du document", Style.MUTED),))
    yield from written
    for each in inner:
        yield from _section(each, context, level + 1)


def _coded(section: etree._Element, context: _Context) -> list[Block]:
    """What the entries say and the text may not: every result; drugs and vaccines when there is no text."""
    results = biology.results(section, context.said, any_observation=context.kind is Kind.BIOLOGY)
    if results:
        return [biology.table(results)]
    found = medications(section)
    if not found or child(section, "text") is not None:
        return []
    return [vaccination_table(found) if context.kind is Kind.VACCINATION else prescription_table(found)]


def _media(body: etree._Element) -> Iterator[Media]:
    for media in body.iter(f"{{{HL7}}}observationMedia"):
        value = child(media, "value")
        if value is not None and value.get("representation") == "B64":
            data = _unpacked("".join(map(str, value.itertext())))
            if data:
                yield Media(attribute(media, "ID"), attribute(value, "mediaType"), data)


def _pages(body: etree._Element, count_pages: Callable[[bytes], int]) -> tuple[list[str], Pictures]:
    """A label for each page of each picture carried, and the first page of each by its ID."""
    labels: list[str] = []
    pictures: Pictures = {}
    for number, media in enumerate(_media(body), 1):
        count = count_pages(media.data)
        first = len(labels) if count else -1
        shown = (
            f"Image jointe {number}" if count else f"Pièce jointe {number}, que la borne ne sait pas afficher"
        )
        pictures[media.identifier or f"#{number}"] = Illustration(first, shown)
        for page in range(1, count + 1):
            labels.append(f"{shown}, page {page} sur {count}" if count > 1 else shown)
    return labels, pictures


def _unplaced(sections: list[Block], pictures: Pictures) -> Iterator[Illustration]:
    """Pictures that no text points to."""
    placed = [block for block in sections if isinstance(block, Illustration)]
    return (picture for picture in pictures.values() if picture not in placed)

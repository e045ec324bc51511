"""The text of a CDA section as blocks: paragraphs, lists, tables, emphasis, notes of what was revised.

The narrative block is what the author vouched for, so nothing in it is left out; its layout attributes are.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from kiosk.rendering.narrative_table import table_of
from kiosk.rendering.page import Block, Illustration, Paragraph, Preformatted, Span, Style, Table
from kiosk.rendering.runs import cleaned, inline, spans_of, trimmed
from kiosk.rendering.xml import name
from kiosk.text import clean

_INDENT: Final = 2

Pictures = dict[str, Illustration]
"""ID of an `observationMedia` → how its first page is shown."""
_ABSENT: Final = Illustration(-1, "Image absente du document")


def blocks(narrative: etree._Element | None, pictures: Pictures) -> list[Block]:
    """What a `text` element says."""
    if narrative is None:
        return []
    return [block for block in _flow(narrative, pictures, 0) if not _is_empty(block)]


def said(narrative: etree._Element | None) -> list[str]:
    """The same as short items, one for each row, list item or paragraph; for a summary."""
    items: list[str] = []
    for block in blocks(narrative, {}):
        match block:
            case Paragraph():
                items += "".join(span.text for span in block.spans).split("\n")
            case Table():
                items += [" · ".join(filter(_says, (cell.text for cell in row))) for row in block.rows]
    return [clean(item) for item in items if _says(item)]


def _says(text: str) -> bool:
    return text.strip() not in ("", "-", "–")


def _is_empty(block: Block) -> bool:
    match block:
        case Paragraph():
            return not any(span.text.strip() for span in block.spans)
        case Table():
            return not block.rows and not any(column.title for column in block.columns)
    return False


def _flow(element: etree._Element, pictures: Pictures, indent: int) -> Iterator[Block]:
    """Loose text between blocks becomes paragraphs of its own."""
    loose: list[Span] = []

    def gathered() -> Iterator[Block]:
        spans = trimmed(loose)
        loose.clear()
        if spans:
            yield Paragraph(spans, indent=indent)

    loose += spans_of(element.text, Style.PLAIN)
    for part in element:
        match name(part):
            case "paragraph" | "caption" | "title" | "footnote":
                yield from gathered()
                style = Style.STRONG if name(part) in ("caption", "title") else Style.PLAIN
                if any(name(each) in _BLOCKS for each in part):
                    yield from _flow(part, pictures, indent)
                else:
                    yield Paragraph(trimmed(list(inline(part, style))), indent=indent)
            case "list":
                yield from gathered()
                yield from _list(part, pictures, indent)
            case "table":
                yield from gathered()
                yield table_of(part)
                yield from _illustrations(part, pictures)
            case "pre":
                yield from gathered()
                yield Preformatted(cleaned("".join(map(str, part.itertext()))))
            case "renderMultiMedia":
                yield from gathered()
                yield from _illustrations(part, pictures)
            case _:
                if any(name(each) in _BLOCKS for each in part.iterdescendants()):
                    yield from gathered()
                    yield from _flow(part, pictures, indent)
                else:
                    loose += inline(part, Style.PLAIN)
        loose += spans_of(part.tail, Style.PLAIN)
    yield from gathered()


_BLOCKS: Final = frozenset({"paragraph", "list", "table", "renderMultiMedia", "pre"})


def _list(element: etree._Element, pictures: Pictures, indent: int) -> Iterator[Block]:
    ordered = element.get("listType") == "ordered"
    number = 0
    for item in element:
        if name(item) == "caption":
            yield Paragraph(trimmed(list(inline(item, Style.STRONG))), indent=indent)
        if name(item) != "item":
            continue
        number += 1
        bullet = f"{number}." if ordered else "•"
        for block in _flow(item, pictures, indent + _INDENT):
            if bullet and isinstance(block, Paragraph):
                block = Paragraph(block.spans, bullet, indent)
            bullet = ""
            yield block


def _illustrations(element: etree._Element, pictures: Pictures) -> Iterator[Illustration]:
    for part in element.iter():
        if name(part) == "renderMultiMedia":
            for reference in (part.get("referencedObject") or "").split():
                yield pictures.get(reference, _ABSENT)

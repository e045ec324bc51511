"""What a summary says first: allergies, treatments, vigilance; for the VSM and any document that has the three."""

import re
from collections.abc import Callable, Sequence
from typing import Final

from lxml import etree

from kiosk.rendering.medication import medications
from kiosk.rendering.narrative import blocks, said
from kiosk.rendering.page import Block, Heading, Paragraph, Span, Style, Table
from kiosk.rendering.xml import HL7, attribute, child, label, text

_ALLERGIES: Final = frozenset({"48765-2"})
_TREATMENTS: Final = frozenset({"10160-0", "10183-2", "42346-7", "57828-6"})
"""LOINC of the medication sections; 42346-7 on admission, 10183-2 on discharge."""
_VIGILANCE: Final = re.compile(r"vigilance", re.IGNORECASE)
"""The VSM carries its points of vigilance in a results section (30954-2) that only its title tells."""
_DRUG_COLUMNS: Final = re.compile(r"m[ée]dicament|produit|traitement|posologie|dose|dci", re.IGNORECASE)
_ROOM: Final = 280
"""Characters for treatments and for vigilance: the three hold in the first lines. Allergies are never cut."""


def sections(body: etree._Element) -> list[etree._Element]:
    return list(body.iter(f"{{{HL7}}}section"))


def is_summary(body: etree._Element) -> bool:
    found = {attribute(child(each, "code"), "code") for each in sections(body)}
    return bool(found & _ALLERGIES) and bool(found & _TREATMENTS)


def essentials(body: etree._Element) -> list[Block]:
    """Three paragraphs, each saying so when the document has nothing."""
    every = sections(body)
    allergies = [each for each in every if _code(each) in _ALLERGIES]
    treatments = [each for each in every if _code(each) in _TREATMENTS]
    vigilance = [each for each in every if _VIGILANCE.search(text(child(each, "title")))]
    return [
        Heading("L'essentiel"),
        _line("ALLERGIES", _items(allergies, _allergies), None),
        _line("TRAITEMENTS", _items(treatments, _drugs), _ROOM),
        _line("VIGILANCE", _items(vigilance, _plain), _ROOM),
    ]


def _code(section: etree._Element) -> str:
    return attribute(child(section, "code"), "code")


def _line(name: str, items: list[str] | None, room: int | None) -> Paragraph:
    if items is None:
        words = "rubrique absente de ce document"
    elif not items:
        words = "rien d'écrit dans cette rubrique"
    else:
        words = _within(items, room)
    return Paragraph((Span(f"{name} : ", Style.STRONG), Span(words)), bullet="•")


def _within(items: Sequence[str], room: int | None) -> str:
    kept: list[str] = []
    for item in items:
        if room is not None and kept and len(" ; ".join([*kept, item])) > room:
            break
        kept.append(item)
    left = len(items) - len(kept)
    return " ; ".join(kept) + (
        f" ; … et {left} autres plus bas" if left > 1 else " ; … et 1 autre plus bas" if left else ""
    )


def _items(found: list[etree._Element], read: Callable[[etree._Element], list[str]]) -> list[str] | None:
    if not found:
        return None
    items: list[str] = []
    for section in found:
        for inner in section.iter(f"{{{HL7}}}section"):
            items += read(inner)
    return list(dict.fromkeys(items))


def _plain(section: etree._Element) -> list[str]:
    return said(child(section, "text"))


def _allergies(section: etree._Element) -> list[str]:
    """The author's own text; the entries when there is none."""
    return _plain(section) or [
        label(child(each, "value"))
        or label(child(each, "participant", "participantRole", "playingEntity", "code"))
        for each in section.iter(f"{{{HL7}}}observation")
    ]


def _drugs(section: etree._Element) -> list[str]:
    """Drug and dose only, when the table says which columns they are."""
    items: list[str] = []
    for block in blocks(child(section, "text"), {}):
        if isinstance(block, Table):
            places = [n for n, column in enumerate(block.columns) if _DRUG_COLUMNS.search(column.title)]
            rows = [[row[n].text for n in places or range(len(row))] for row in block.rows]
            items += [", ".join(filter(lambda cell: cell.strip(" -–"), row)) for row in rows]
        elif isinstance(block, Paragraph):
            items.append("".join(span.text for span in block.spans))
    written = [" ".join(item.split()) for item in items if item.strip(" -–\n")]
    return written or [medication.drug for medication in medications(section)]

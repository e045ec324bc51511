"""Names and values in a parameter file of which nobody has published the schema."""

import unicodedata
from collections.abc import Iterator
from typing import Final

from lxml import etree

from kiosk.markup import parse_untrusted

_FORMS: Final = {"secrets": "document-des-secrets", "accuse": "accuse-de-creation"}
"""Parts of names, and the template of the service they tell of."""
_NAMING: Final = frozenset({"name", "nom", "key", "cle", "id", "code", "parametre", "parameter", "libelle"})
_VALUING: Final = frozenset({"value", "valeur", "val"})
_MOST_NAMES: Final = 4
"""Of one element: a file made to be slow gets no more."""


def named_values(xml: bytes, *, limit: int) -> Iterator[tuple[str, str, str]]:
    """(name, value, template it belongs to or nothing) of everything that may be a parameter.

    One value is given under each name it may go by: its element's, its attribute's, the one written beside it.
    Names come `folded`. Raises `UnreadableMarkup`.
    """
    root = parse_untrusted(xml, limit=limit)
    forms: dict[etree._Element, str] = {}
    known: dict[etree._Element, list[str]] = {}
    for element in root.iter(etree.Element):
        parent = element.getparent()
        tag = folded(etree.QName(element).localname)
        known[element] = names = _names(element)
        inherited = forms.get(parent, "") if parent is not None else ""
        forms[element] = form = next((f for name in names if (f := _form(name))), inherited)
        for key, text in _attributes(element):
            yield key, text, form or _form(key)
            if key in _VALUING:
                yield from ((name, text, form) for name in names)
        text = (element.text or "").strip()
        if not text or _has_value(element):  # beside a value, the text is a comment for people
            continue
        yield from ((name, text, form) for name in names)
        if tag in _VALUING and parent is not None:
            yield from ((name, text, form) for name in known[parent])


def _names(element: etree._Element) -> list[str]:
    """What an element goes by: its tag, its naming attributes, the text of its naming children."""
    names = [folded(etree.QName(element).localname)]
    names += [folded(text) for key, text in _attributes(element) if key in _NAMING]
    names += [folded(child.text or "") for child in _children(element, _NAMING)]
    return [name for name in names if name][:_MOST_NAMES]


def _has_value(element: etree._Element) -> bool:
    return bool(_children(element, _VALUING)) or any(key in _VALUING for key, _ in _attributes(element))


def _children(element: etree._Element, tags: frozenset[str]) -> list[etree._Element]:
    children = element.iterchildren(etree.Element)
    return [child for child in children if folded(etree.QName(child).localname) in tags]


def _attributes(element: etree._Element) -> list[tuple[str, str]]:
    pairs = element.attrib.items()
    return [(folded(etree.QName(str(key)).localname), str(text).strip()) for key, text in pairs]


def _form(name: str) -> str:
    return next((form for part, form in _FORMS.items() if part in name), "")


def folded(name: str) -> str:
    """Without case, accents and punctuation: `'âge-majorité'` → `'agemajorite'`."""
    letters = unicodedata.normalize("NFKD", name[:200]).casefold()
    return "".join(letter for letter in letters if letter.isalnum())

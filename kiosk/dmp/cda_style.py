"""The style sheet a self-presenting CDA carries: it must stand alone and hold no script (EX_2.1-1115).

A document that only names a style sheet kept elsewhere, as the examples of the ANS do, is not self-presenting: it is
plain CDA, and goes as it is. Nothing of the kiosk follows the reference.
"""

import re
from typing import Any, Final

from lxml import etree

from kiosk.errors import DocumentInvalid

XSL: Final = "http://www.w3.org/1999/XSL/Transform"
_STYLE: Final = "xml-stylesheet"
_HREF: Final = re.compile(r"href\s*=\s*[\"']([^\"']*)[\"']")
_REMOTE: Final = re.compile(
    r"^\s*(?:[a-z][a-z0-9+.-]*:)?//|^\s*(?:https?|ftp|file|javascript|vbscript):", re.IGNORECASE
)
_FETCHING: Final = re.compile(r"\b(?:document|unparsed-text|doc)\s*\(")
_CSS_FETCHING: Final = re.compile(r"@import|url\(\s*[\"']?(?!data:|#)", re.IGNORECASE)
_ACTIVE: Final = frozenset({"script", "object", "embed", "applet", "iframe", "frame", "link", "base"})
_SOURCES: Final = ("src", "href", "data", "action", "background", "poster")


def check_stylesheet(tree: etree._ElementTree) -> bool:
    """Whether it carries its own style sheet, which must stand alone (EX_2.1-1115)."""
    root = tree.getroot()
    instructions = [node for node in _instructions(tree) if node.target == _STYLE]
    inside = [_is_inside(instruction) for instruction in instructions]
    sheets = list(root.iter(f"{{{XSL}}}stylesheet", f"{{{XSL}}}transform"))
    if any(inside) and not sheets:
        raise unfit("La feuille de style qu'il annonce n'est pas dans le fichier.", "stylesheet")
    if sheets and not all(inside):
        raise unfit("Il renvoie à une feuille de style qui n'est pas dans le fichier.", "stylesheet")
    for sheet in sheets:
        for element in sheet.iter():
            if isinstance(element.tag, str):
                _check_style_element(element)
    return bool(sheets)


def _is_inside(instruction: Any) -> bool:
    href = _HREF.search(instruction.text or "")
    return href is not None and href[1].startswith("#")


def _instructions(tree: etree._ElementTree) -> list[Any]:
    found: Any = tree.xpath("//processing-instruction()")
    return list(found)


def _check_style_element(element: etree._Element) -> None:
    name = etree.QName(element)
    if name.namespace == XSL:
        if name.localname in ("import", "include", "result-document", "import-schema"):
            raise unfit("Sa feuille de style fait appel à un autre fichier.", "stylesheet: include")
        made = element.get("name", "").strip().lower()
        if (name.localname == "attribute" and made.startswith("on")) or (
            name.localname == "element" and made in _ACTIVE
        ):
            raise unfit("Sa feuille de style contient un script.", "stylesheet: script")
    elif name.localname.lower() in _ACTIVE:
        raise unfit("Sa feuille de style contient un script ou un élément externe.", "stylesheet: active")
    for key, raw in element.attrib.items():
        value = str(raw)
        attribute = etree.QName(key).localname.lower()
        if attribute.startswith("on") and name.namespace != XSL:
            raise unfit("Sa feuille de style contient un script.", "stylesheet: script")
        if attribute in _SOURCES and _REMOTE.match(value):
            raise unfit("Sa feuille de style fait appel à une adresse externe.", "stylesheet: remote")
        if name.namespace == XSL and _FETCHING.search(value):
            raise unfit("Sa feuille de style ouvre d'autres fichiers.", "stylesheet: document()")
        if attribute == "style" and _CSS_FETCHING.search(value):
            raise unfit("Sa feuille de style fait appel à une adresse externe.", "stylesheet: css")
    if name.localname.lower() == "style" and _CSS_FETCHING.search("".join(map(str, element.itertext()))):
        raise unfit("Sa feuille de style fait appel à une adresse externe.", "stylesheet: css")


def unfit(cause: str, detail: str) -> DocumentInvalid:
    """What is wrong with a CDA, and who has to put it right."""
    return DocumentInvalid(
        what="Ce CDA ne peut pas être déposé.",
        cause=cause,
        todo="Faites-le corriger par le logiciel qui l'a produit : la borne ne modifie pas un CDA.",
        detail=f"CDA {detail}",
    )

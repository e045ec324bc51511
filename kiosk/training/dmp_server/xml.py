"""Reading XML that anyone may have sent, and writing XML without surprises."""

from typing import Any

from lxml import etree

from kiosk.training.dmp_server.names import GDP, HABILITATIONS, HL7, PATIENTS, SOAP, WSA, XSI
from kiosk.training.dmp_server.outcomes import invalid_message

Element = etree._Element

_PREFIXES: dict[str, dict[Any, str]] = {
    SOAP: {"soap": SOAP, "wsa": WSA},
    WSA: {"wsa": WSA},
    HL7: {None: HL7, "xsi": XSI},
    GDP: {"gdp": GDP},
    PATIENTS: {None: PATIENTS},
    HABILITATIONS: {None: HABILITATIONS},
}


def parse(data: bytes) -> Element:
    """One document without DOCTYPE, entities, comments or processing instructions. Raises `Fault`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(data, parser)
    except (etree.XMLSyntaxError, ValueError):
        raise invalid_message("Le message n'est pas du XML bien formé.") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise invalid_message("Une déclaration DOCTYPE n'est pas admise.")
    return root


def find(parent: Element | None, namespace: str, path: str) -> Element | None:
    """The first element at `a/b/c`, every step in `namespace`."""
    return None if parent is None else parent.find(_qualified(namespace, path))


def find_all(parent: Element, namespace: str, path: str) -> list[Element]:
    return parent.findall(_qualified(namespace, path))


def text(element: Element | None) -> str:
    """The trimmed text of an element, empty when it is absent."""
    return "" if element is None else (element.text or "").strip()


def attribute(element: Element | None, name: str) -> str:
    """A trimmed attribute, empty when it or its element is absent."""
    return "" if element is None else element.get(name, "").strip()


def is_a(element: Element, type_name: str) -> bool:
    """Whether `xsi:type` names that type, whatever the prefix."""
    return attribute(element, f"{{{XSI}}}type").rpartition(":")[2] == type_name


def element(namespace: str, tag: str, *children: Element | str | None, **attributes: str) -> Element:
    """Build `tag`; a child that is None is left out, a string is the text. `type_` is `xsi:type`."""
    made = etree.Element(f"{{{namespace}}}{tag}", nsmap=_PREFIXES[namespace])
    for name, value in attributes.items():
        made.set(f"{{{XSI}}}type" if name == "type_" else name, value)
    for child in children:
        if isinstance(child, str):
            made.text = child
        elif child is not None:
            made.append(child)
    return made


def _qualified(namespace: str, path: str) -> str:
    return "/".join(f"{{{namespace}}}{step}" for step in path.split("/"))

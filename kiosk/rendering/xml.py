"""Reading a CDA: the hardened parser with room for one large body, and how elements are asked.

The kiosk's usual parser (`kiosk.markup`) refuses a text node over 10 MB, which is a PDF of 7.5 MB in a CDA.
This one accepts it: it only ever runs in the confined child, which bounds memory and time.
"""

from collections.abc import Iterator
from typing import Final

from lxml import etree

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.text import clean

HL7: Final = "urn:hl7-org:v3"
_XSI_TYPE: Final = "{http://www.w3.org/2001/XMLSchema-instance}type"


def parsed(document: bytes) -> etree._Element:
    """The root. No entity, DTD, network, comment or instruction. Raises `DocumentNotShown`."""
    parser = etree.XMLParser(
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=True,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        if b"<!DOCTYPE" in document[:_DOCTYPE_WITHIN]:
            raise ValueError
        root = etree.fromstring(document, parser)
        if root is None or root.getroottree().docinfo.internalDTD is not None:
            raise ValueError
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise DocumentNotShown(DocumentFault.DAMAGED) from None
    return root


_DOCTYPE_WITHIN: Final = 65_536
"""Before the parser may expand anything; a DOCTYPE written otherwise is refused after it."""


def children(element: etree._Element | None, *path: str) -> Iterator[etree._Element]:
    """Every CDA element at the end of a path of local names."""
    if element is None:
        return
    if not path:
        yield element
        return
    for child in element.iterchildren(f"{{{HL7}}}{path[0]}"):
        yield from children(child, *path[1:])


def child(element: etree._Element | None, *path: str) -> etree._Element | None:
    """The first of them."""
    return next(children(element, *path), None)


def name(element: etree._Element) -> str:
    """The local name, in any namespace; empty for what is no element."""
    return etree.QName(element).localname if isinstance(element.tag, str) else ""


def attribute(element: etree._Element | None, name: str) -> str:
    return clean(element.get(name)) if element is not None else ""


def xsi_type(element: etree._Element) -> str:
    """`'PQ'` whatever the prefix."""
    return (element.get(_XSI_TYPE) or "").rpartition(":")[2]


def text(element: etree._Element | None) -> str:
    """Everything written inside, on one clean line."""
    return clean("".join(map(str, element.itertext()))) if element is not None else ""


def label(code: etree._Element | None) -> str:
    """A coded value as people read it: the display name, the original text, a translation, else the code."""
    if code is None:
        return ""
    found = attribute(code, "displayName") or text(child(code, "originalText"))
    if not found:
        found = next(
            filter(None, (attribute(each, "displayName") for each in children(code, "translation"))), ""
        )
    return found or attribute(code, "code")

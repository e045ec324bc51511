"""Documents from outside: one hardened XML parser for whatever a server or a library hands over."""

from lxml import etree


class UnreadableMarkup(Exception):
    """Not well-formed, too large, or with a DOCTYPE. The text says which and quotes nothing of the document."""


def parse_untrusted(document: bytes, *, limit: int, encoding: str | None = None) -> etree._Element:
    """The root: no entity, DTD, network access, comment or instruction; at most `limit` bytes.

    `encoding` outranks what the document declares. The parser's own message may quote a name and is dropped.
    """
    if len(document) > limit:
        raise UnreadableMarkup("too large")
    parser = etree.XMLParser(
        encoding=encoding,
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise UnreadableMarkup("not well-formed XML") from None
    if root.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMarkup("DOCTYPE refused")
    return root

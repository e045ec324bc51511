"""Documents from outside: one hardened XML parser for whatever a server or a library hands over."""

from collections.abc import Callable
from typing import Any, Final

from lxml import etree

_DISTRUST: Final[dict[str, Any]] = {
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}


class UnreadableMarkup(Exception):
    """Not well-formed, too large, or with a DOCTYPE. The text says which and quotes nothing of the document."""


def parse_untrusted(document: bytes, *, limit: int, encoding: str | None = None) -> etree._Element:
    """The root: no entity, DTD, network access, comment or instruction; at most `limit` bytes.

    `encoding` outranks what the document declares. The parser's own message may quote a name and is dropped.
    """
    if len(document) > limit:
        raise UnreadableMarkup("too large")
    parser = etree.XMLParser(encoding=encoding, **_DISTRUST)
    try:
        root = etree.fromstring(document, parser)
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise UnreadableMarkup("not well-formed XML") from None
    _refuse_doctype(root)
    return root


def parse_whole(document: bytes, *, limit: int) -> etree._ElementTree:
    """The same distrust, keeping comments, instructions and texts of any size: for what is signed as it stands."""
    if len(document) > limit:
        raise UnreadableMarkup("too large")
    kept = {"huge_tree": True, "remove_comments": False, "remove_pis": False}
    try:
        root = etree.fromstring(document, etree.XMLParser(**(_DISTRUST | kept)))
    except (etree.XMLSyntaxError, ValueError, LookupError):
        raise UnreadableMarkup("not well-formed XML") from None
    _refuse_doctype(root)
    return root.getroottree()


class UntrustedStream:
    """The same distrust for a long document: parsed as it comes, its `tag` elements handed over and let go.

    `take` gets each element that is complete, with its ancestors in place. One element, and what stands between
    two of them, holds at most `element_limit` bytes; the caller bounds the whole.
    """

    def __init__(self, tag: str, take: Callable[[etree._Element], None], *, element_limit: int) -> None:
        self._parser = etree.XMLPullParser(("end",), tag=tag, **_DISTRUST)
        self._take = take
        self._element_limit = element_limit
        self._pending = 0

    def feed(self, block: bytes) -> None:
        """Raises `UnreadableMarkup`, or what `take` raises."""
        self._pending += len(block)
        if self._pending > self._element_limit:
            raise UnreadableMarkup("element too large")
        try:
            self._parser.feed(block)
            complete = [
                element for _, element in self._parser.read_events() if isinstance(element, etree._Element)
            ]
        except (etree.XMLSyntaxError, ValueError, LookupError):
            raise UnreadableMarkup("not well-formed XML") from None
        for element in complete:
            self._pending = 0
            _refuse_doctype(element)
            self._take(element)
            element.clear()
            parent, before = element.getparent(), element.getprevious()
            if parent is not None and before is not None and before.tag == element.tag:
                parent.remove(before)

    def close(self) -> etree._Element:
        """The root, without the inside of what was handed over. Raises `UnreadableMarkup`."""
        try:
            root = self._parser.close()
        except (etree.XMLSyntaxError, ValueError, LookupError):
            raise UnreadableMarkup("not well-formed XML") from None
        _refuse_doctype(root)
        return root


def _refuse_doctype(element: etree._Element) -> None:
    if element.getroottree().docinfo.internalDTD is not None:
        raise UnreadableMarkup("DOCTYPE refused")

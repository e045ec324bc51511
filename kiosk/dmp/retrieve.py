"""TD3.2: documents of the repository (ITI-43), checked against the hash of their entries (§4.7)."""

import hashlib
from collections.abc import Sequence
from typing import Final

from lxml import etree

from kiosk.dmp import faults, registry, xds, xml
from kiosk.dmp.document import DocumentEntry, RetrievedDocument
from kiosk.dmp.multipart import Package, content
from kiosk.dmp.search import gone
from kiosk.errors import AnswerUnreadable, DocumentAltered
from kiosk.text import clean

PATH: Final = "/repository"
ACTION: Final = "urn:ihe:iti:2007:RetrieveDocumentSet"
TRANSACTION: Final = "TD3.2"

_HASHES: Final = {40: "sha1", 64: "sha256"}
"""By length in hexadecimal: SHA-1 is the rule, the other has been seen nowhere yet. [likely]"""


def request(entries: Sequence[DocumentEntry]) -> bytes:
    """`RetrieveDocumentSetRequest`: by uniqueId, an entryUUID is refused (XDSDocumentUniqueIdError)."""
    root = etree.Element(f"{{{xds.XDSB}}}RetrieveDocumentSetRequest", nsmap={"xdsb": xds.XDSB})
    for entry in entries:
        wanted = etree.SubElement(root, f"{{{xds.XDSB}}}DocumentRequest")
        values = {
            "HomeCommunityId": entry.home,
            "RepositoryUniqueId": entry.repository_id,
            "DocumentUniqueId": entry.unique_id,
        }
        for name, value in values.items():
            if value:
                etree.SubElement(wanted, f"{{{xds.XDSB}}}{name}").text = xml.legal(value)
    return xml.serialize(root)


def documents(
    payload: etree._Element, package: Package, entries: Sequence[DocumentEntry]
) -> tuple[RetrievedDocument, ...]:
    """The documents of an answer, in the order they were asked for; one that the DMP kept back is not among them.

    Raises `Refused` when it gives none, `DocumentAltered` when one is not what its entry says, and
    `AnswerUnreadable` for a document nobody asked for.
    """
    if payload.tag != f"{{{xds.XDSB}}}RetrieveDocumentSetResponse":
        raise AnswerUnreadable(detail="no retrieve response")
    response = payload.find("rs:RegistryResponse", xds.NAMES)
    if response is None:
        raise AnswerUnreadable(detail="no registry response")
    outcome = registry.read_outcome(response)
    asked = {entry.unique_id: entry for entry in entries}
    found: dict[str, RetrievedDocument] = {}
    for element in payload.iterfind("xdsb:DocumentResponse", xds.NAMES):
        unique_id = _text(element, "DocumentUniqueId")
        if unique_id not in asked or unique_id in found:
            raise AnswerUnreadable(detail="not the document asked for")
        found[unique_id] = _document(element, package, asked[unique_id])
    if not found:
        raise faults.refusal(outcome.notes[0].code, outcome.notes[0].text) if outcome.notes else gone()
    return tuple(found[entry.unique_id] for entry in entries if entry.unique_id in found)


def _document(element: etree._Element, package: Package, entry: DocumentEntry) -> RetrievedDocument:
    body = element.find("xdsb:Document", xds.NAMES)
    if body is None:
        raise AnswerUnreadable(detail="no document in the response")
    data = content(package, body)
    return RetrievedDocument(
        unique_id=entry.unique_id,
        repository_id=_text(element, "RepositoryUniqueId") or entry.repository_id,
        mime_type=_text(element, "mimeType").lower() or entry.mime_type,
        content=data,
        verified=_verified(data, entry),
    )


def _verified(data: bytes, entry: DocumentEntry) -> bool:
    """Whether the entry's hash could be checked; without one, its size is. Raises `DocumentAltered`."""
    algorithm = _HASHES.get(len(entry.hash))
    if algorithm is not None:
        if hashlib.new(algorithm, data, usedforsecurity=False).hexdigest() != entry.hash:
            raise DocumentAltered(detail=algorithm)
        return True
    if entry.size is not None and entry.size != len(data):
        raise DocumentAltered(detail="size")
    return False


def _text(element: etree._Element, name: str) -> str:
    return clean(element.findtext(f"xdsb:{name}", "", xds.NAMES), 256)

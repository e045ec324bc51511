"""A deposited file against its metadata: size and hash, and the header of a CDA.

Lenient where no public text says what the service compares: a value that the header lacks is not an error, one
that contradicts the metadata is.
"""

import base64
import binascii
import hashlib

from lxml import etree

from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.names import HL7, INS_C, NIR, NIR_TEST, PROFESSIONALS
from kiosk.training.dmp_server.outcomes import Fault, Refusal
from kiosk.training.dmp_server.registry_names import TYPE, UNIQUE
from kiosk.training.dmp_server.rim import RegistryObject
from kiosk.training.dmp_server.submission_rules import mismatch, wrong
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all

_SELF_PRESENTING = "application/xslt+xml"
_CDA_TYPES = ("text/xml", _SELF_PRESENTING)
_CDA = f"{{{HL7}}}ClinicalDocument"
_MAGIC = {
    "application/pdf": (b"%PDF-",),
    "image/jpeg": (b"\xff\xd8\xff",),
    "image/tiff": (b"II*\0", b"MM\0*"),
    "text/rtf": (b"{\\rtf",),
    "application/rtf": (b"{\\rtf",),
}


def check_file(entry: RegistryObject, content: bytes) -> None:
    """Raises `Refusal` when the announced size or hash is not the file's."""
    digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
    announced = entry.slot("hash").lower()
    if (announced and announced != digest) or (
        entry.slot("size") and entry.slot("size") != str(len(content))
    ):
        raise Refusal(
            "XDSRepositoryMetadataError", "La taille ou l'empreinte d'un document n'est pas celle annoncée."
        )
    if not content:
        raise Refusal("XDSRepositoryMetadataError", "Un document est vide.")


def check_cda(call: Call, entry: RegistryObject, content: bytes) -> None:
    """Raises `Refusal`."""
    if entry.mime_type not in _CDA_TYPES:
        return
    root = parse(content)
    if root is not None and entry.mime_type == _SELF_PRESENTING:
        root = next(root.iter(_CDA), root)  # the style sheet is the document, and holds the CDA
    if root is None or root.tag != _CDA:
        raise wrong("un document n'est pas un CDA R2")
    if attribute(find(root, HL7, "id"), "root") != entry.identifier(UNIQUE):
        raise wrong("l'identifiant du CDA n'est pas l'uniqueId du document")
    if attribute(find(root, HL7, "code"), "code") != entry.code(TYPE):
        raise wrong("le code du CDA n'est pas le typeCode du document")
    _check_patient(call, root)
    _check_authors(entry, root)
    _check_body(root)


def parse(content: bytes) -> Element | None:
    """A document as it is, comments included; None for what is not sane XML."""
    parser = etree.XMLParser(resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True)
    try:
        root = etree.fromstring(content, parser)
    except (etree.XMLSyntaxError, ValueError):
        return None
    return None if root.getroottree().docinfo.internalDTD is not None else root


def _check_patient(call: Call, root: Element) -> None:
    kinds = {INS_C: "INS-C", NIR: "NH", NIR_TEST: "NH"}
    named = [
        f"{attribute(one, 'extension')}^^^&{attribute(one, 'root')}&ISO^{kinds[attribute(one, 'root')]}"
        for one in find_all(root, HL7, "recordTarget/patientRole/id")
        if attribute(one, "root") in kinds
    ]
    try:
        same = any(call.names_patient(one) for one in named)
    except Fault:
        same = False
    if not same:
        raise mismatch("Le patient du CDA n'est pas celui du VIHF.")


def _check_authors(entry: RegistryObject, root: Element) -> None:
    owners = facts_of(entry).owners
    ids = [
        attribute(one, "extension")
        for path in ("author/assignedAuthor/id", "legalAuthenticator/assignedEntity/id")
        for one in find_all(root, HL7, path)
        if attribute(one, "root") == PROFESSIONALS
    ]
    if not ids:
        raise wrong("le CDA n'a pas d'auteur")
    if not set(ids) & set(owners):
        raise wrong("les auteurs du CDA ne sont pas ceux du document")


def _check_body(root: Element) -> None:
    wrapped = find(root, HL7, "component/nonXMLBody/text")
    if wrapped is None:
        if find(root, HL7, "component/structuredBody") is None:
            raise wrong("le CDA n'a pas de corps")
        return
    if attribute(wrapped, "representation") != "B64":
        raise wrong("le corps du CDA doit être en base64")
    try:
        content = base64.b64decode("".join((wrapped.text or "").split()), validate=True)
    except binascii.Error:
        raise wrong("le corps du CDA n'est pas du base64") from None
    beginnings = _MAGIC.get(attribute(wrapped, "mediaType"), (b"",))
    if not content or not content.startswith(beginnings):
        raise wrong("le corps du CDA n'est pas du type annoncé")

"""ITI-41 ProvideAndRegisterDocumentSet-b (TD2.1; TD2.2 for the holder of a CPE): a signed set, whole or not.

No authorisation of the patient is needed to deposit.
"""

import base64
import binascii
import hashlib

from kiosk.training.dmp_server import cda_check, rim, submission_rules, submission_signature
from kiosk.training.dmp_server.access import existing_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_entries import Entry
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.document_rights import is_author
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.outcomes import RECORD_CLOSED, Fault, Refusal
from kiosk.training.dmp_server.registry_answers import registry_response
from kiosk.training.dmp_server.registry_names import (
    APPROVED,
    CONFIDENTIALITY,
    DEPRECATED,
    NOT_FOR_GUARDIANS,
    NOT_FOR_PATIENT,
    REPLACES,
    REPOSITORY,
    SET_UNIQUE,
    UNIQUE,
    XDSB,
    XOP,
)
from kiosk.training.dmp_server.rim import Association, RegistryObject, Submission
from kiosk.training.dmp_server.submission_rules import wrong
from kiosk.training.dmp_server.submission_sets import fresh, registered, set_of
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all

REQUEST = f"{{{XDSB}}}ProvideAndRegisterDocumentSetRequest"


def answer(call: Call) -> Payload:
    """Raises `Refusal`, or `Fault` when it is no MTOM."""
    if not call.package.multipart:
        raise Fault("Le dépôt se fait en MTOM/XOP.", "DMPInvalidMessage")
    if existing_record(call).state != "active":
        raise Refusal(RECORD_CLOSED, "Le DMP de ce patient est fermé.")
    submission = rim.read_submission(call.payload)
    received = submission_rules.check_set(call, submission)
    files = _files(call, submission)
    signature = submission_rules.check_documents(call, submission)
    signed: dict[str, bytes] = {}
    for one in submission.documents:
        cda_check.check_file(one, files[one.id])
        if one is not signature:
            cda_check.check_cda(call, one, files[one.id])
            signed[one.identifier(UNIQUE)] = files[one.id]
    submission_signature.verify(call, files[signature.id], received.identifier(SET_UNIQUE), signed)
    store = call.documents.open(call.patient)
    with store.transaction():
        _check_new(store, received, submission, files)
        replaced = _replaced(call, store, submission)
        _keep(call, store, received, submission, files, replaced)
    call.store.document_added(call.patient, call.now)
    return registry_response()


def _files(call: Call, submission: Submission) -> dict[str, bytes]:
    """The content of each document by the id of its entry. Identifiers are compared whatever their case."""
    contents: dict[str, bytes] = {}
    for one in find_all(call.payload, XDSB, "Document"):
        name = attribute(one, "id").lower()
        if name in contents:
            raise wrong("un document est joint deux fois")
        contents[name] = _content(call, one)
    files: dict[str, bytes] = {}
    for entry in submission.documents:
        content = contents.pop(entry.id.lower(), None)
        if content is None:
            raise Refusal("XDSMissingDocument", "Un document décrit n'est pas joint.")
        files[entry.id] = content
    if contents:
        raise Refusal("XDSMissingDocumentMetadata", "Un document joint n'est pas décrit.")
    return files


def _content(call: Call, document: Element) -> bytes:
    """Attached, or in place: both are valid XOP."""
    include = find(document, XOP, "Include")
    if include is not None:
        part = call.package.part(attribute(include, "href"))
        if part is None:
            raise Refusal("XDSMissingDocument", "Une pièce jointe manque.")
        return part
    try:
        return base64.b64decode("".join((document.text or "").split()), validate=True)
    except (binascii.Error, ValueError):
        raise wrong("un document n'est pas du base64") from None


def _check_new(
    store: DocumentStore, received: RegistryObject, submission: Submission, files: dict[str, bytes]
) -> None:
    if store.sets_by("unique_id", [received.identifier(SET_UNIQUE)]):
        raise Refusal("XDSDuplicateUniqueIdInRegistry", "Ce lot a déjà été reçu.")
    digests = {one.identifier(UNIQUE): _sha1(files[one.id]) for one in submission.documents}
    for known in store.by_unique_id(digests):
        if known.facts.content_hash != digests[known.unique_id]:
            raise Refusal("XDSNonIdenticalHash", "Un autre document porte déjà cet uniqueId.")
        raise Refusal("XDSDuplicateUniqueIdInRegistry", "Ce document a déjà été reçu.")


def _replaced(call: Call, store: DocumentStore, submission: Submission) -> dict[str, Entry]:
    """The entry that each document replaces, by the id of the document. Raises `Refusal`."""
    found: dict[str, Entry] = {}
    documents = {one.id: one for one in submission.documents}
    for one in submission.associations:
        if one.kind != REPLACES:
            continue
        if one.source not in documents or one.source in found:
            raise wrong("un remplacement ne part pas d'un document du lot")
        target = next(iter(store.by_uuid([one.target])), None)
        if target is None or target.ins_c != call.patient or target.status != APPROVED:
            raise Refusal(
                "XDSReplaceFailed", "Le document à remplacer n'existe pas, ou n'est plus la version active."
            )
        if any(target.uuid == other.uuid for other in found.values()):
            raise Refusal("XDSReplaceFailed", "Un document est remplacé deux fois.")
        if not is_author(target, call.caller):
            raise wrong("seul un auteur remplace un document")
        restrictions = submission_rules.check_restrictions(call, documents[one.source])
        for code in (NOT_FOR_PATIENT, NOT_FOR_GUARDIANS):
            if code in restrictions and code not in target.facts.bare(CONFIDENTIALITY):
                raise wrong("un document visible ne redevient pas invisible")
        found[one.source] = target
    return found


def _keep(
    call: Call,
    store: DocumentStore,
    received: RegistryObject,
    submission: Submission,
    files: dict[str, bytes],
    replaced: dict[str, Entry],
) -> None:
    names = {one.id: registered(store, one.id) for one in (received, *submission.documents)}
    store.add_set(set_of(call, names[received.id], received))
    for one in submission.documents:
        content = files[one.id]
        digest = _sha1(content)
        known = (("hash", (digest,)), ("size", (str(len(content)),)), ("repositoryUniqueId", (REPOSITORY,)))
        completed = rim.with_slots(one, known)
        store.add_entry(
            Entry(
                *(
                    names[one.id],
                    names[one.id],
                    1,
                    call.patient,
                    one.identifier(UNIQUE),
                    APPROVED,
                    one.mime_type,
                ),
                facts=facts_of(completed),
                chunks=(rim.head(completed), rim.tail(completed)),
            ),
            content,
        )
    for target in replaced.values():
        store.set_status(target.uuid, DEPRECATED)
        names[target.uuid] = target.uuid
    for link in submission.associations:
        if link.source in names and link.target in names:
            store.associate(
                Association(fresh(), link.kind, names[link.source], names[link.target], link.slots)
            )


def _sha1(content: bytes) -> str:
    return hashlib.sha1(content, usedforsecurity=False).hexdigest()

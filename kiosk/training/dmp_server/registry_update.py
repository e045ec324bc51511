"""ITI-57 UpdateDocumentSet: TD3.3a hide and show again, TD3.3b make visible, TD3.3c delete, TD3.3d archive.

A change of status is an association alone; a change of visibility sends the whole entry again, with nothing but
its confidentiality codes changed.
"""

from collections.abc import Callable

from kiosk.training.dmp_server import document_rights, rim, submission_rules
from kiosk.training.dmp_server.access import AccessRight, existing_record, is_treating_doctor, open_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_entries import Entry
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.outcomes import RECORD_CLOSED, RIGHT_MISSING, Refusal
from kiosk.training.dmp_server.registry_answers import registry_response
from kiosk.training.dmp_server.registry_names import (
    APPROVED,
    ARCHIVED,
    CONFIDENTIALITY,
    DELETED,
    HAS_MEMBER,
    HIDDEN,
    LCM,
    NOT_FOR_GUARDIANS,
    NOT_FOR_PATIENT,
    SET_UNIQUE,
    UPDATES_STATUS,
)
from kiosk.training.dmp_server.rim import Association, RegistryObject, Submission
from kiosk.training.dmp_server.submission_rules import wrong
from kiosk.training.dmp_server.submission_sets import fresh, registered, set_of
from kiosk.training.dmp_server.xml import Element

REQUEST = f"{{{LCM}}}SubmitObjectsRequest"
_TRANSITIONS = {(APPROVED, ARCHIVED), (ARCHIVED, APPROVED), (APPROVED, DELETED), (ARCHIVED, DELETED)}


def is_deletion(request: Element) -> bool:
    """TD3.3c."""
    return any(one.slot("NewStatus") == DELETED for one in _status_changes(rim.read_submission(request)))


def is_archiving(request: Element) -> bool:
    """TD3.3d: any other change of status."""
    return bool(_status_changes(rim.read_submission(request))) and not is_deletion(request)


def answer_deletion(call: Call) -> Payload:
    """TD3.3c: needs no authorisation of the patient. Raises `Refusal`."""
    if existing_record(call).state != "active":
        raise Refusal(RECORD_CLOSED, "Le DMP de ce patient est fermé.")
    treating_doctor = is_treating_doctor(call)

    def allowed(entry: Entry) -> bool:
        return document_rights.may_delete(entry, call.caller, treating_doctor=treating_doctor)

    return _change_status(call, allowed)


def answer_archiving(call: Call) -> Payload:
    """TD3.3d. Raises `Refusal`."""
    right = open_record(call)

    def allowed(entry: Entry) -> bool:
        seen = document_rights.sees(entry, right, call.caller)
        return seen and document_rights.may_archive(entry, right, call.caller)

    return _change_status(call, allowed)


def answer_visibility(call: Call) -> Payload:
    """TD3.3a and TD3.3b. Raises `Refusal`."""
    right = open_record(call)
    submission = rim.read_submission(call.payload)
    received = submission_rules.check_set(call, submission)
    if not submission.documents:
        raise wrong("aucun document n'est décrit")
    store = call.documents.open(call.patient)
    with store.transaction():
        _check_set_new(store, received)
        identifier = registered(store, received.id)
        store.add_set(set_of(call, identifier, received))
        for sent in submission.documents:
            _change_visibility(call, store, right, submission, sent, identifier)
    return registry_response()


def _change_status(call: Call, allowed: Callable[[Entry], bool]) -> Payload:
    submission = rim.read_submission(call.payload)
    received = submission_rules.check_set(call, submission)
    store = call.documents.open(call.patient)
    with store.transaction():
        _check_set_new(store, received)
        identifier = registered(store, received.id)
        store.add_set(set_of(call, identifier, received))
        for change in _status_changes(submission):
            target = _target(call, store, change.target)
            before, after = change.slot("OriginalStatus"), change.slot("NewStatus")
            if before != target.status or (before, after) not in _TRANSITIONS:
                raise Refusal("XDSMetadataUpdateError", "Ce changement d'état n'est pas possible.")
            if not allowed(target):
                raise Refusal(RIGHT_MISSING, "Vous n'avez pas le droit de changer l'état de ce document.")
            if after == DELETED:
                store.delete(target.uuid)
            else:
                store.set_status(target.uuid, after)
            store.associate(Association(fresh(), change.kind, identifier, target.uuid, change.slots))
    return registry_response()


def _change_visibility(
    call: Call,
    store: DocumentStore,
    right: AccessRight,
    submission: Submission,
    sent: RegistryObject,
    owner: str,
) -> None:
    # The original entry by its lid; whoever sends the current entry's own id means the same document.
    current = store.by_lid(sent.lid) or next(iter(store.by_uuid([sent.lid])), None)
    if (
        current is None
        or current.ins_c != call.patient
        or not document_rights.sees(current, right, call.caller)
    ):
        raise Refusal("XDSMetadataUpdateError", "Le document à modifier n'existe pas.")
    if current.status not in (APPROVED, ARCHIVED):
        raise Refusal("XDSMetadataUpdateError", "Ce document n'est plus la version active.")
    member = next(
        (
            one
            for one in submission.associations
            if (one.kind, one.source, one.target) == (HAS_MEMBER, submission.sets[0].id, sent.id)
        ),
        None,
    )
    if member is None:
        raise wrong("le document n'est pas rattaché au lot (HasMember)")
    if member.slot("PreviousVersion") != str(current.version):
        raise Refusal(
            "XDSMetadataVersionError", "La version précédente annoncée n'est pas la version courante."
        )
    _check_unchanged(current, sent)
    before = frozenset(current.facts.bare(CONFIDENTIALITY)) - {"N"}
    after = submission_rules.check_restrictions(call, sent)
    _check_change(call, right, current, before, after)
    identifier = registered(store, sent.id)
    store.add_entry(
        Entry(
            *(identifier, current.lid, current.version + 1, call.patient, current.unique_id, current.status),
            current.mime_type,
            facts=facts_of(sent),
            chunks=(rim.head(sent), rim.tail(sent)),
        ),
        None,
    )
    store.follow(current.uuid, identifier)
    store.associate(Association(fresh(), HAS_MEMBER, owner, identifier, member.slots))


def _check_change(
    call: Call, right: AccessRight, entry: Entry, before: frozenset[str], after: frozenset[str]
) -> None:
    """Which transaction it is, and whether the caller may. Raises `Refusal`."""
    if before == after:
        raise Refusal("XDSMetadataUpdateError", "La visibilité du document n'est pas modifiée.")
    for code in (NOT_FOR_PATIENT, NOT_FOR_GUARDIANS):
        if code in after - before:
            raise wrong("un document visible ne redevient pas invisible")
    if NOT_FOR_GUARDIANS in before - after and right.secret:
        raise wrong("en connexion secrète, un document reste invisible aux représentants légaux")
    if HIDDEN in before - after and not document_rights.may_unhide(entry, right, call.caller):
        raise Refusal(RIGHT_MISSING, "Vous n'avez pas le droit de changer la visibilité de ce document.")


def _check_unchanged(current: Entry, sent: RegistryObject) -> None:
    """Everything but the visibility is the entry the registry holds, byte for byte. Raises `Refusal`."""
    known = rim.read_xml(current.xml())
    # What the registry filled in itself may come back or not.
    optional = {"repositoryUniqueId", "hash", "size"}

    def slots(entry: RegistryObject) -> dict[str, tuple[str, ...]]:
        return {name: values for name, values in entry.slots if name not in optional or sent.has_slot(name)}

    def codes(entry: RegistryObject) -> list[tuple[object, ...]]:
        return sorted(
            (one.scheme, one.code, one.name, one.slots)
            for one in entry.classifications
            if one.scheme != CONFIDENTIALITY
        )

    if (
        slots(known) != slots(sent)
        or codes(known) != codes(sent)
        or sorted(known.identifiers) != sorted(sent.identifiers)
        or (known.title, known.comments, known.mime_type) != (sent.title, sent.comments, sent.mime_type)
    ):
        raise wrong("une autre métadonnée que la confidentialité est modifiée")


def _check_set_new(store: DocumentStore, received: RegistryObject) -> None:
    if store.sets_by("unique_id", [received.identifier(SET_UNIQUE)]):
        raise Refusal("XDSDuplicateUniqueIdInRegistry", "Ce lot a déjà été reçu.")


def _target(call: Call, store: DocumentStore, uuid: str) -> Entry:
    found = next(iter(store.by_uuid([uuid])), None)
    if found is None or found.ins_c != call.patient:
        raise Refusal("XDSMetadataUpdateError", "Le document visé n'existe pas.")
    return found


def _status_changes(submission: Submission) -> list[Association]:
    return [one for one in submission.associations if one.kind == UPDATES_STATUS]

"""Submission sets as the registry keeps them, and the identifiers it gives."""

import uuid

from kiosk.training.dmp_server import rim
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_entries import SubmissionSet
from kiosk.training.dmp_server.document_facts import facts_of
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.query_parameters import completed
from kiosk.training.dmp_server.registry_names import SET_UNIQUE
from kiosk.training.dmp_server.rim import RegistryObject

_PREFIX = "urn:uuid:"


def set_of(call: Call, identifier: str, received: RegistryObject) -> SubmissionSet:
    """The set under the registry's `identifier`; its time is the one the sender gave."""
    return SubmissionSet(
        identifier,
        received.identifier(SET_UNIQUE),
        call.patient,
        completed(received.slot("submissionTime")),
        facts_of(received),
        (rim.head(received), rim.tail(received)),
    )


def registered(store: DocumentStore, identifier: str) -> str:
    """The registry's id of a new object: a uuid stays, a symbolic name gets one. Raises `Refusal`."""
    if not identifier.startswith(_PREFIX):
        return fresh()
    try:
        kept = f"{_PREFIX}{uuid.UUID(identifier.removeprefix(_PREFIX))}"
    except ValueError:
        return fresh()
    if store.knows(kept):
        raise Refusal(
            "XDSRegistryMetadataError", "L'identifiant d'un objet du lot est déjà connu du registre."
        )
    return kept


def fresh() -> str:
    return f"{_PREFIX}{uuid.uuid4()}"

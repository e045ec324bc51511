"""ITI-43 RetrieveDocumentSet (TD3.2): documents by repository and unique id, never by entry id."""

from kiosk.training.dmp_server.access import open_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_rights import sees
from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.registry_answers import Retrieved, retrieve_response
from kiosk.training.dmp_server.registry_names import (
    DELETED,
    FAILURE,
    PARTIAL,
    REPOSITORY,
    SUCCESS,
    VACCINATIONS_REPOSITORY,
    XDSB,
)
from kiosk.training.dmp_server.xml import Element, find, find_all, text

REQUEST = f"{{{XDSB}}}RetrieveDocumentSetRequest"
_REPOSITORIES = (REPOSITORY, VACCINATIONS_REPOSITORY)


def answer(call: Call) -> Payload:
    """Raises `Refusal`."""
    right = open_record(call)
    store = call.documents.open(call.patient)
    found: list[Retrieved] = []
    refusals: list[Refusal] = []
    for repository, unique_id in _wanted(call.payload):
        if repository not in _REPOSITORIES:
            refusals.append(Refusal("XDSUnknownRepositoryId", "Cet entrepôt de documents n'est pas connu."))
            continue
        entry = next(iter(store.by_unique_id([unique_id])), None)
        content = store.content(unique_id)
        # A document one may not see is told as one that does not exist.
        if (
            entry is None
            or content is None
            or entry.ins_c != call.patient
            or entry.status == DELETED
            or not sees(entry, right, call.caller)
        ):
            refusals.append(
                Refusal("XDSDocumentUniqueIdError", "Aucun document ne porte cet identifiant (uniqueId).")
            )
            continue
        found.append(Retrieved(repository, unique_id, entry.mime_type, content))
    status = SUCCESS if not refusals else PARTIAL if found else FAILURE
    return retrieve_response(found, status, refusals)


def _wanted(request: Element) -> list[tuple[str, str]]:
    wanted = [
        (text(find(one, XDSB, "RepositoryUniqueId")), text(find(one, XDSB, "DocumentUniqueId")))
        for one in find_all(request, XDSB, "DocumentRequest")
    ]
    if not wanted:
        raise Refusal("XDSRepositoryError", "La demande ne nomme aucun document.")
    return wanted

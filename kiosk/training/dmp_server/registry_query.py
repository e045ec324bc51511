"""ITI-18 RegistryStoredQuery (TD3.1, TD3.1b): the frame of every query, and who may ask what.

A reference search (TD3.1b: GetDocuments answering identifiers) is open to everybody, authorised or not: it comes
before a replacement or a deletion. Everything else is a consultation, counted against the threshold.
"""

from kiosk.training.dmp_server import query_parameters, registry_queries
from kiosk.training.dmp_server.access import existing_record, open_record
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.document_entries import Entry
from kiosk.training.dmp_server.document_rights import sees
from kiosk.training.dmp_server.mtom import Payload
from kiosk.training.dmp_server.outcomes import RECORD_CLOSED, Refusal
from kiosk.training.dmp_server.registry_answers import query_response
from kiosk.training.dmp_server.registry_names import GET_DOCUMENTS, QUERY
from kiosk.training.dmp_server.rim import object_ref
from kiosk.training.dmp_server.xml import Element, attribute, find

REQUEST = f"{{{QUERY}}}AdhocQueryRequest"
_LEAF_CLASS, _OBJECT_REF = "LeafClass", "ObjectRef"


def is_reference_search(request: Element) -> bool:
    """TD3.1b."""
    query = query_parameters.query_of(request)
    return attribute(query, "id") == GET_DOCUMENTS and _return_type(request) == _OBJECT_REF


def answer(call: Call) -> Payload:
    """Raises `Refusal`."""
    request = call.payload
    kind = _return_type(request)
    if kind not in (_LEAF_CLASS, _OBJECT_REF):
        raise Refusal("XDSRegistryError", "Le type de réponse est LeafClass ou ObjectRef.")
    query = query_parameters.query_of(request)
    if query is None:
        raise Refusal("XDSRegistryError", "La requête (AdhocQuery) est absente.")
    parameters = query_parameters.read(query)
    run = registry_queries.QUERIES.get(parameters.query)
    if run is None:
        raise Refusal("XDSUnknownStoredQuery", "Cette requête n'est pas connue.")
    visible = _filter(call)
    search = registry_queries.Search(
        call.documents.open(call.patient), call.patient, call.names_patient, visible
    )
    found = run(search, parameters)
    return query_response(
        found.xml() if kind == _LEAF_CLASS else (object_ref(uuid) for uuid in found.uuids())
    )


def _filter(call: Call) -> registry_queries.Visible:
    """What the caller sees. Raises `Refusal` when he may not search at all."""
    if is_reference_search(call.payload):
        if existing_record(call).state != "active":
            raise Refusal(RECORD_CLOSED, "Le DMP de ce patient est fermé.")
        return lambda entry: True
    right = open_record(call)
    call.documents.threshold.take(call.caller.holder.national_id)

    def visible(entry: Entry) -> bool:
        return sees(entry, right, call.caller)

    return visible


def _return_type(request: Element) -> str:
    return attribute(find(request, QUERY, "ResponseOption"), "returnType")

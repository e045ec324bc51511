"""The stored queries themselves: parameters in, registry objects out (IHE ITI TF-2 3.18.4.1.2.3.7)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from kiosk.training.dmp_server.document_entries import Entry, SubmissionSet
from kiosk.training.dmp_server.documents import DocumentStore
from kiosk.training.dmp_server.outcomes import Refusal
from kiosk.training.dmp_server.query_parameters import Parameters, missing, within
from kiosk.training.dmp_server.registry_criteria import any_code, criteria, like
from kiosk.training.dmp_server.registry_names import (
    APPROVED,
    CONFIDENTIALITY,
    FIND_BY_REFERENCE,
    FIND_DOCUMENTS,
    FIND_SETS,
    FORMAT,
    GET_ALL,
    GET_ASSOCIATIONS,
    GET_DOCUMENTS,
    GET_DOCUMENTS_AND_ASSOCIATIONS,
    GET_RELATED,
    GET_SET_AND_CONTENTS,
    GET_SETS,
    HAS_MEMBER,
    SET_CONTENT,
)
from kiosk.training.dmp_server.rim import Association, association

Visible = Callable[[Entry], bool]
_MOST_UNIQUE_IDS = 20
_MOST_ENTRIES = 88
_MOST_IDS = 1000
_DOCUMENT, _SET = "$XDSDocumentEntry", "$XDSSubmissionSet"


@dataclass(frozen=True)
class Search:
    store: DocumentStore
    patient: str
    names_patient: Callable[[str], bool]
    """Whether a CX text is that patient's."""
    visible: Visible

    def kept(self, entries: list[Entry]) -> list[Entry]:
        """Entries of this patient that the caller sees."""
        return [one for one in entries if one.ins_c == self.patient and self.visible(one)]

    def kept_sets(self, sets: list[SubmissionSet]) -> list[SubmissionSet]:
        return [one for one in sets if one.ins_c == self.patient]

    def kept_associations(self, found: list[Association]) -> list[Association]:
        """Those between objects that the caller sees."""
        ends = {end for one in found for end in (one.source, one.target)}
        known = {one.uuid for one in self.kept(self.store.by_uuid(ends))}
        known |= {one.uuid for one in self.kept_sets(self.store.sets_by("uuid", ends))}
        return [one for one in found if one.source in known and one.target in known]


@dataclass(frozen=True)
class Found:
    sets: tuple[SubmissionSet, ...] = ()
    entries: tuple[Entry, ...] = ()
    associations: tuple[Association, ...] = ()

    def xml(self) -> Iterator[bytes]:
        yield from (one.xml() for one in self.sets)
        yield from (one.xml() for one in self.entries)
        yield from (association(one) for one in self.associations)

    def uuids(self) -> Iterator[str]:
        yield from (one.uuid for one in self.sets)
        yield from (one.uuid for one in self.entries)
        yield from (one.id for one in self.associations)


def _find_documents(search: Search, parameters: Parameters) -> Found:
    _check_patient(search, parameters, f"{_DOCUMENT}PatientId")
    statuses = _statuses(parameters, f"{_DOCUMENT}Status")
    matches = criteria(parameters)
    entries = search.kept(search.store.entries(search.patient, statuses))
    return Found(entries=tuple(one for one in entries if matches(one.facts)))


def _find_by_reference(search: Search, parameters: Parameters) -> Found:
    wanted = parameters.all_of(f"{_DOCUMENT}ReferenceIdList")
    if not any(wanted):
        raise missing(f"{_DOCUMENT}ReferenceIdList")
    found = _find_documents(search, parameters)
    return Found(
        entries=tuple(
            one
            for one in found.entries
            if all(
                any(like(pattern, value) for pattern in some for value in one.facts.references)
                for some in wanted
            )
        )
    )


def _find_sets(search: Search, parameters: Parameters) -> Found:
    _check_patient(search, parameters, f"{_SET}PatientId")
    if APPROVED not in _statuses(parameters, f"{_SET}Status"):
        return Found()
    period = parameters.period(f"{_SET}SubmissionTime")
    contents, sources = parameters.any_of(f"{_SET}ContentType"), parameters.any_of(f"{_SET}SourceId")
    author = parameters.single(f"{_SET}AuthorPerson")
    return Found(
        sets=tuple(
            one
            for one in search.store.sets(search.patient)
            if within(one.submitted, period)
            and any_code(contents, one.facts.codes.get(SET_CONTENT, []))
            and (not sources or one.facts.source in sources)
            and (not author or any(like(author, person) for person in one.facts.authors))
        )
    )


def _get_all(search: Search, parameters: Parameters) -> Found:
    _check_patient(search, parameters, "$patientId")
    statuses = _statuses(parameters, f"{_DOCUMENT}Status")
    sets = search.store.sets(search.patient) if APPROVED in _statuses(parameters, f"{_SET}Status") else []
    entries = search.kept(search.store.entries(search.patient, statuses))
    uuids = [one.uuid for one in entries] + [one.uuid for one in sets]
    return Found(tuple(sets), tuple(entries), _between(search, uuids))


def _get_documents(search: Search, parameters: Parameters) -> Found:
    return Found(entries=tuple(_entries_by_id(search, parameters)))


def _get_documents_and_associations(search: Search, parameters: Parameters) -> Found:
    entries = _entries_by_id(search, parameters)
    found = search.store.associations(one.uuid for one in entries)
    return Found(entries=tuple(entries), associations=tuple(search.kept_associations(found)))


def _get_associations(search: Search, parameters: Parameters) -> Found:
    found = search.store.associations(_ids(parameters, "$uuid", _MOST_IDS))
    return Found(associations=tuple(search.kept_associations(found)))


def _get_sets(search: Search, parameters: Parameters) -> Found:
    """The sets that hold these documents, and how."""
    wanted = _ids(parameters, "$uuid", _MOST_IDS)
    members = [
        one
        for one in search.kept_associations(search.store.associations(wanted))
        if one.kind == HAS_MEMBER and one.target in wanted
    ]
    sets = search.kept_sets(search.store.sets_by("uuid", [one.source for one in members]))
    return Found(sets=tuple(sets), associations=tuple(members))


def _get_set_and_contents(search: Search, parameters: Parameters) -> Found:
    uuid, unique_id = parameters.single(f"{_SET}EntryUUID"), parameters.single(f"{_SET}UniqueId")
    if not uuid and not unique_id:
        raise missing(f"{_SET}EntryUUID")
    column = ("uuid", uuid) if uuid else ("unique_id", unique_id)
    sets = search.kept_sets(search.store.sets_by(column[0], [column[1]]))
    members = [
        one
        for one in search.store.associations(one.uuid for one in sets)
        if one.kind == HAS_MEMBER and one.source == sets[0].uuid
    ]
    formats = parameters.any_of(f"{_DOCUMENT}FormatCode")
    confidentiality = parameters.any_of(f"{_DOCUMENT}ConfidentialityCode")
    entries = [
        one
        for one in search.kept(search.store.by_uuid(one.target for one in members))
        if any_code(formats, one.facts.codes.get(FORMAT, []))
        and any_code(confidentiality, one.facts.codes.get(CONFIDENTIALITY, []))
    ]
    uuids = [one.uuid for one in sets] + [one.uuid for one in entries]
    return Found(tuple(sets), tuple(entries), _between(search, uuids))


def _get_related(search: Search, parameters: Parameters) -> Found:
    """The document, those linked to it by these associations, and the links."""
    kinds = parameters.any_of("$AssociationTypes")
    if not kinds:
        raise missing("$AssociationTypes")
    start = _entries_by_id(search, parameters)
    found = [
        one
        for one in search.kept_associations(search.store.associations(one.uuid for one in start))
        if one.kind in kinds or one.kind.rpartition(":")[2] in kinds
    ]
    ends = {end for one in found for end in (one.source, one.target)}
    entries = search.kept(search.store.by_uuid(ends)) if found else []
    uuids = {one.uuid for one in entries}
    linked = tuple(one for one in found if one.source in uuids and one.target in uuids)
    return Found(entries=tuple(entries) if linked else (), associations=linked)


QUERIES: dict[str, Callable[[Search, Parameters], Found]] = {
    FIND_DOCUMENTS: _find_documents,
    FIND_BY_REFERENCE: _find_by_reference,
    FIND_SETS: _find_sets,
    GET_ALL: _get_all,
    GET_DOCUMENTS: _get_documents,
    GET_ASSOCIATIONS: _get_associations,
    GET_DOCUMENTS_AND_ASSOCIATIONS: _get_documents_and_associations,
    GET_SETS: _get_sets,
    GET_SET_AND_CONTENTS: _get_set_and_contents,
    GET_RELATED: _get_related,
}


def _check_patient(search: Search, parameters: Parameters, name: str) -> None:
    """One quoted value without parentheses, as a real test server demands it."""
    values = parameters.raw(name)
    if not values:
        raise missing(name)
    quoted = len(values) == 1 and len(values[0]) > 2 and values[0][0] == values[0][-1] == "'"
    if not quoted or not search.names_patient(values[0][1:-1]):
        raise Refusal(
            "XDSPatientIdDoesNotMatch", "Le patient de la requête n'est pas celui du VIHF (resource-id)."
        )


def _statuses(parameters: Parameters, name: str) -> list[str]:
    statuses = parameters.any_of(name)
    if not statuses:
        raise missing(name)
    return statuses


def _entries_by_id(search: Search, parameters: Parameters) -> list[Entry]:
    uuids = parameters.any_of(f"{_DOCUMENT}EntryUUID")
    unique_ids = parameters.any_of(f"{_DOCUMENT}UniqueId")
    if not uuids and not unique_ids:
        raise missing("$XDSDocumentEntryEntryUUID")
    if len(uuids) > _MOST_ENTRIES or len(unique_ids) > _MOST_UNIQUE_IDS:
        raise Refusal("XDSRegistryError", "La requête porte trop d'identifiants.")
    found = search.store.by_uuid(uuids) if uuids else search.store.by_unique_id(unique_ids)
    return search.kept(found)


def _ids(parameters: Parameters, name: str, most: int) -> list[str]:
    values = parameters.any_of(name)
    if not values:
        raise missing(name)
    if len(values) > most:
        raise Refusal("XDSRegistryError", "La requête porte trop d'identifiants.")
    return values


def _between(search: Search, uuids: list[str]) -> tuple[Association, ...]:
    """Associations whose two ends are there."""
    known = set(uuids)
    return tuple(
        one for one in search.store.associations(uuids) if one.source in known and one.target in known
    )

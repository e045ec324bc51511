"""Registry objects read from ebXML RIM, and the pieces of RIM the service writes itself.

An object keeps its XML in two chunks, before and after what the registry owns (status, version, identifiers):
a search answers thousands of entries by joining bytes. Inside a chunk the entry's own id is `SELF`.
"""

import re
from dataclasses import dataclass, replace
from xml.sax.saxutils import escape, quoteattr

from kiosk.training.dmp_server import xml
from kiosk.training.dmp_server.registry_names import (
    ASSOCIATION_TYPE,
    PACKAGE_TYPE,
    RIM,
    STABLE_DOCUMENT,
    SUBMISSION_SET,
)
from kiosk.training.dmp_server.xml import Element, attribute, find, find_all

SELF = "urn:x-self"
_OPENING = f'xmlns:rim="{RIM}"'


@dataclass(frozen=True)
class Classification:
    """A coded value, an author, or the mark of a submission set."""

    scheme: str
    """Empty for a mark, which has a node."""
    node: str
    code: str
    name: str
    slots: tuple[tuple[str, tuple[str, ...]], ...]

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.slots).get(name, ())

    @property
    def system(self) -> str:
        return next(iter(self.values("codingScheme")), "")


@dataclass(frozen=True, repr=False)
class RegistryObject:
    """A document entry or a submission set, as it was sent."""

    id: str
    lid: str
    mime_type: str
    object_type: str
    title: str
    comments: str
    slots: tuple[tuple[str, tuple[str, ...]], ...]
    classifications: tuple[Classification, ...]
    identifiers: tuple[tuple[str, str], ...]
    """Scheme and value."""
    repeated: tuple[str, ...] = ()
    """Slots and identifiers that were said twice."""

    def slot(self, name: str) -> str:
        """The first value, empty when there is none."""
        return next(iter(self.values(name)), "")

    def values(self, name: str) -> tuple[str, ...]:
        return dict(self.slots).get(name, ())

    def has_slot(self, name: str) -> bool:
        return any(name == one for one, _ in self.slots)

    def coded(self, scheme: str) -> tuple[Classification, ...]:
        return tuple(one for one in self.classifications if one.scheme == scheme)

    def code(self, scheme: str) -> str:
        return next((one.code for one in self.coded(scheme)), "")

    def identifier(self, scheme: str) -> str:
        return dict(self.identifiers).get(scheme, "")


@dataclass(frozen=True)
class Association:
    id: str
    kind: str
    source: str
    target: str
    slots: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def slot(self, name: str) -> str:
        values = dict(self.slots).get(name, ())
        return values[0] if values else ""


@dataclass(frozen=True, repr=False)
class Submission:
    """What a `SubmitObjectsRequest` holds."""

    sets: tuple[RegistryObject, ...]
    documents: tuple[RegistryObject, ...]
    associations: tuple[Association, ...]


def read_submission(request: Element) -> Submission:
    """Read a `RegistryObjectList`; objects of other kinds are left out."""
    objects = request.find(f".//{{{RIM}}}RegistryObjectList")
    children: list[Element] = [] if objects is None else list(objects)
    marks = [read_classification(one) for one in children if _is(one, "Classification")]
    marked = (
        {attribute(one, "classifiedObject") for one in children if _is(one, "Classification")}
        if any(mark.node == SUBMISSION_SET for mark in marks)
        else set()
    )
    packages = [read_object(one) for one in children if _is(one, "RegistryPackage")]
    return Submission(
        sets=tuple(
            one
            for one in packages
            if one.id in marked or any(mark.node == SUBMISSION_SET for mark in one.classifications)
        ),
        documents=tuple(read_object(one) for one in children if _is(one, "ExtrinsicObject")),
        associations=tuple(_association(one) for one in children if _is(one, "Association")),
    )


def read_object(source: Element) -> RegistryObject:
    slots = [_slot(one) for one in find_all(source, RIM, "Slot")]
    identifiers = [
        (attribute(one, "identificationScheme"), attribute(one, "value"))
        for one in find_all(source, RIM, "ExternalIdentifier")
    ]
    names = [name for name, _ in slots] + [scheme for scheme, _ in identifiers]
    return RegistryObject(
        id=attribute(source, "id"),
        lid=attribute(source, "lid"),
        mime_type=attribute(source, "mimeType"),
        object_type=attribute(source, "objectType"),
        title=_localized(source, "Name"),
        comments=_localized(source, "Description"),
        slots=tuple(slots),
        classifications=tuple(read_classification(one) for one in find_all(source, RIM, "Classification")),
        identifiers=tuple(identifiers),
        repeated=tuple(sorted({name for name in names if names.count(name) > 1})),
    )


def read_xml(data: bytes) -> RegistryObject:
    """An object this service wrote."""
    return read_object(xml.parse(data))


def read_classification(source: Element) -> Classification:
    return Classification(
        scheme=attribute(source, "classificationScheme"),
        node=attribute(source, "classificationNode"),
        code=attribute(source, "nodeRepresentation"),
        name=_localized(source, "Name"),
        slots=tuple(_slot(one) for one in find_all(source, RIM, "Slot")),
    )


def with_slots(entry: RegistryObject, more: tuple[tuple[str, tuple[str, ...]], ...]) -> RegistryObject:
    """The entry with those of these slots that it lacks."""
    return replace(entry, slots=entry.slots + tuple(one for one in more if not entry.has_slot(one[0])))


def head(entry: RegistryObject) -> bytes:
    """Slots, title and comments."""
    return (
        slots_xml(entry.slots) + localized("Name", entry.title) + localized("Description", entry.comments)
    ).encode()


def tail(entry: RegistryObject) -> bytes:
    """Classifications and external identifiers."""
    parts = [
        f'<rim:Classification id="{SELF}.c{number}" classifiedObject="{SELF}"'
        + (f" classificationScheme={quoteattr(one.scheme)}" if one.scheme else "")
        + (f" classificationNode={quoteattr(one.node)}" if one.node else "")
        + (f" nodeRepresentation={quoteattr(one.code)}" if one.scheme else "")
        + f">{slots_xml(one.slots)}{localized('Name', one.name)}</rim:Classification>"
        for number, one in enumerate(entry.classifications)
    ]
    parts += [
        f'<rim:ExternalIdentifier id="{SELF}.i{number}" registryObject="{SELF}" '
        f"identificationScheme={quoteattr(scheme)} value={quoteattr(value)}>"
        f"{localized('Name', _NAMES.get(scheme, ''))}</rim:ExternalIdentifier>"
        for number, (scheme, value) in enumerate(entry.identifiers)
    ]
    return "".join(parts).encode()


def extrinsic(
    uuid: str, lid: str, version: int, status: str, mime_type: str, chunks: tuple[bytes, bytes]
) -> bytes:
    """A document entry as the registry answers it."""
    own = uuid.encode()
    opening = (
        f'<rim:ExtrinsicObject {_OPENING} id="{uuid}" lid="{lid}" objectType="{STABLE_DOCUMENT}" '
        f'status="{status}" mimeType={quoteattr(mime_type)} isOpaque="false">'
    )
    versions = f'<rim:VersionInfo versionName="{version}"/>'
    return b"".join(
        (
            opening.encode(),
            chunks[0],
            versions.encode(),
            chunks[1].replace(SELF.encode(), own),
            b"</rim:ExtrinsicObject>",
        )
    )


def package(uuid: str, status: str, chunks: tuple[bytes, bytes]) -> bytes:
    """A submission set as the registry answers it."""
    opening = f'<rim:RegistryPackage {_OPENING} id="{uuid}" lid="{uuid}" objectType="{PACKAGE_TYPE}" status="{status}">'
    own = uuid.encode()
    return b"".join(
        (
            opening.encode(),
            chunks[0],
            b'<rim:VersionInfo versionName="1"/>',
            chunks[1].replace(SELF.encode(), own),
            b"</rim:RegistryPackage>",
        )
    )


def association(one: Association) -> bytes:
    return (
        f"<rim:Association {_OPENING} id={quoteattr(one.id)} associationType={quoteattr(one.kind)} "
        f'objectType="{ASSOCIATION_TYPE}" status="urn:oasis:names:tc:ebxml-regrep:StatusType:Approved" '
        f"sourceObject={quoteattr(one.source)} targetObject={quoteattr(one.target)}>"
        f"{slots_xml(one.slots)}</rim:Association>"
    ).encode()


def object_ref(uuid: str) -> bytes:
    return f'<rim:ObjectRef {_OPENING} id="{uuid}"/>'.encode()


def slots_xml(slots: tuple[tuple[str, tuple[str, ...]], ...]) -> str:
    return "".join(
        f"<rim:Slot name={quoteattr(name)}><rim:ValueList>"
        + "".join(f"<rim:Value>{escape(value)}</rim:Value>" for value in values)
        + "</rim:ValueList></rim:Slot>"
        for name, values in slots
    )


def localized(tag: str, value: str) -> str:
    if not value:
        return ""
    return f'<rim:{tag}><rim:LocalizedString xml:lang="FR" charset="UTF-8" value={quoteattr(value)}/></rim:{tag}>'


def _slot(source: Element) -> tuple[str, tuple[str, ...]]:
    values = find_all(source, RIM, "ValueList/Value")
    return attribute(source, "name"), tuple((one.text or "").strip() for one in values)


def _association(source: Element) -> Association:
    return Association(
        id=attribute(source, "id"),
        kind=attribute(source, "associationType"),
        source=attribute(source, "sourceObject"),
        target=attribute(source, "targetObject"),
        slots=tuple(_slot(one) for one in find_all(source, RIM, "Slot")),
    )


def _localized(source: Element, tag: str) -> str:
    # Not trimmed: a metadata update must repeat a title byte for byte.
    string = find(source, RIM, f"{tag}/LocalizedString")
    return "" if string is None else string.get("value", "")


def _is(source: Element, tag: str) -> bool:
    return bool(source.tag == f"{{{RIM}}}{tag}")


_NAMES = {
    "urn:uuid:58a6f841-87b3-4a3e-92fd-a8ffeff98427": "XDSDocumentEntry.patientId",
    "urn:uuid:2e82c1f6-a085-4c72-9da3-8640a32e42ab": "XDSDocumentEntry.uniqueId",
    "urn:uuid:6b5aea1a-874d-4603-a4bc-96a0a7b38446": "XDSSubmissionSet.patientId",
    "urn:uuid:554ac39e-e3fe-47fe-b233-965d2a147832": "XDSSubmissionSet.sourceId",
    "urn:uuid:96fdda7c-d067-4183-912e-bf5ee74998a8": "XDSSubmissionSet.uniqueId",
}
OID = re.compile(r"[0-2](\.(0|[1-9][0-9]*))+")

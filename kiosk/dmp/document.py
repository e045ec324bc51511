"""Documents as the DMP's registry describes them, and what is asked of it. No XML leaves `kiosk.dmp`."""

from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Final

from kiosk.code import Code

PATIENT_CLASS: Final = "90"
"""classCode of what the patient wrote (« Expression du titulaire », EX_3.1-1040)."""
_PATIENT_TYPES = ("DOCPAT", "EXPPAT")
SIGNATURE_CLASS: Final = "urn:oid:1.3.6.1.4.1.19376.1.2.1.1.1"
"""classCode of the signature that travels with every submission."""


class DocumentStatus(Enum):
    """`availabilityStatus` of an entry (§4.6)."""

    CURRENT = "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved"
    OBSOLETE = "urn:oasis:names:tc:ebxml-regrep:StatusType:Deprecated"
    """A newer version of the document, or of its description, took its place."""
    ARCHIVED = "urn:asip:ci-sis:2010:StatusType:Archived"
    DELETED = "urn:asip:ci-sis:2010:StatusType:Deleted"
    UNKNOWN = ""
    """A status this version does not know: `DocumentEntry.raw_status` holds it, shown as it came."""


@dataclass(frozen=True)
class Visibility:
    """Who may not see a document: the restrictions of its confidentialityCode list."""

    hidden_from_professionals: bool = False
    """`MASQUE_PS`: reversible."""
    invisible_to_patient: bool = False
    """`INVISIBLE_PATIENT`: lifted once and for all (EX_3.3-1040)."""
    invisible_to_representatives: bool = False
    """`INVISIBLE_REPRESENTANTS_LEGAUX`: the same (EX_3.3-1045)."""


@dataclass(frozen=True, repr=False, slots=True)
class Institution:
    """A structure among the authors (XON)."""

    name: str
    id: str = ""
    """Struct_IdNat, e.g. `10B0099991`; empty when not given."""


@dataclass(frozen=True, repr=False, slots=True)
class Author:
    """One author: a person, a structure, a device, or the patient; any field may be empty."""

    family_name: str = ""
    given_name: str = ""
    national_id: str = ""
    """PS_IdNat, or an identifier of the structure's own; a patient's is never kept."""
    specialities: tuple[Code, ...] = ()
    """Profession and speciality in one code, e.g. `G15_10/SM26`."""
    institutions: tuple[Institution, ...] = ()
    roles: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """`NOM Prénom`; else the first structure; may be empty."""
        person = f"{self.family_name} {self.given_name}".strip()
        return person or next((institution.name for institution in self.institutions), "")


@dataclass(frozen=True, repr=False, slots=True)
class DocumentEntry:
    """One document of the list (XDS DocumentEntry).

    Texts are clean and may be empty; codes the kiosk does not know are kept and shown as they came.
    """

    entry_uuid: str
    """`urn:uuid:…`: valid until the next change of the entry, so never stored (RG_2710)."""
    unique_id: str
    """OID of the document: what is retrieved, and what may be remembered."""
    repository_id: str
    home: str
    """Home community; empty in the DMP."""
    title: str
    description: str
    class_code: Code
    type_code: Code
    format_code: Code
    mime_type: str
    created: datetime | None
    """UTC; from the document's own header."""
    service_start: datetime | None
    """UTC; start of what it documents. See `service_precision`."""
    service_stop: datetime | None
    service_precision: int
    """Digits given for `service_start`: 4 year, 6 month, 8 day, more with a time. Fewer than 10 name a day, month
    or year in nobody's time zone: shown without conversion. 0 when there is none."""
    submitted: datetime | None
    """UTC; only known when the search went by submission (`find_since`)."""
    authors: tuple[Author, ...]
    status: DocumentStatus
    raw_status: str
    visibility: Visibility
    confidentialities: tuple[Code, ...]
    """Every confidentialityCode, as it came."""
    size: int | None
    """Bytes."""
    hash: str
    """SHA-1, in lower-case hexadecimal; empty when not given."""
    language: str
    version: str
    """Version of the description (`versionName`), not of the document."""
    logical_id: str
    """`lid`: what the successive descriptions of one document share."""
    reference_ids: tuple[str, ...]
    """referenceIdList, in CX form (imaging)."""
    practice_setting: Code
    facility_type: Code
    events: tuple[Code, ...]

    @property
    def by_patient(self) -> bool:
        """Written by the patient: must look different (EX_3.1-1040)."""
        return self.class_code.code == PATIENT_CLASS or self.type_code.code.startswith(_PATIENT_TYPES)

    @property
    def is_signature(self) -> bool:
        """The signature of a submission, which is nobody's document."""
        return self.class_code.code == SIGNATURE_CLASS

    @property
    def by_date(self) -> datetime | None:
        """The date a reader looks for: of the act, else of the document; UTC."""
        return self.service_start or self.created


@dataclass(frozen=True, repr=False)
class DocumentQuery:
    """What to search: every criterion given must hold, one code of each list is enough. Datetimes are aware.

    The default is the whole record but for archived and obsolete documents (EX_3.1-1030).
    """

    types: tuple[Code, ...] = ()
    classes: tuple[Code, ...] = ()
    formats: tuple[Code, ...] = ()
    practice_settings: tuple[Code, ...] = ()
    facility_types: tuple[Code, ...] = ()
    events: tuple[Code, ...] = ()
    confidentialities: tuple[Code, ...] = ()
    author: str = ""
    """Part of an author's name or identifier."""
    created_from: datetime | None = None
    created_to: datetime | None = None
    service_from: datetime | None = None
    """The act began at that time or later…"""
    service_to: datetime | None = None
    """… and before that one."""
    service_stop_from: datetime | None = None
    service_stop_to: datetime | None = None
    reference_ids: tuple[str, ...] = ()
    """In CX form. With any, the search goes by reference (EX_3.1-2000)."""
    include_archived: bool = False
    include_obsolete: bool = False

    @property
    def statuses(self) -> tuple[DocumentStatus, ...]:
        wanted = [DocumentStatus.CURRENT]
        if self.include_archived:
            wanted.append(DocumentStatus.ARCHIVED)
        if self.include_obsolete:
            wanted.append(DocumentStatus.OBSOLETE)
        return tuple(wanted)


ANYTHING: Final = DocumentQuery()
"""The whole record but for what is archived or obsolete."""


@dataclass(frozen=True)
class ServerNote:
    """What the registry adds to an answer that is not a refusal; verbatim, clean."""

    code: str
    text: str


@dataclass(frozen=True, repr=False)
class FoundDocuments:
    """The answer to a search."""

    entries: tuple[DocumentEntry, ...]
    """In the order they came; empty when the caller took them as they arrived."""
    partial: bool = False
    """The DMP says that there is more than it could give: the screen says so too."""
    notes: tuple[ServerNote, ...] = ()
    unreadable: int = 0
    """Entries without an identifier, which could not be opened: left out, counted."""


@dataclass(frozen=True, repr=False)
class RetrievedDocument:
    """A document, in memory only (EX_3.2-1010)."""

    unique_id: str
    repository_id: str
    mime_type: str
    content: bytes
    """As it was deposited: a CDA, or what its type says."""
    verified: bool
    """The hash of the entry was there and is the content's: no content with another one is ever given."""

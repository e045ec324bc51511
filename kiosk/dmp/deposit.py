"""What goes into a record: documents, who wrote them, who may see them, and the submission that carries them."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum

from kiosk.code import Code
from kiosk.dmp.document import Visibility
from kiosk.dmp.hl7 import AUTHOR_SPECIALITIES, PROFESSIONALS
from kiosk.dmp.model import Actor, Address, PatientId
from kiosk.dmp.nomenclature import CodeSet, author_code, labelled
from kiosk.dmp.vihf import Access

G15 = "1.2.250.1.71.1.2.7"
G16 = "1.2.250.1.71.1.2.8"
_PROFESSIONS = {G15: "G15", G16: "G16"}


class BodyFormat(Enum):
    """What a level 1 CDA may wrap. Value: (media type, formatCode)."""

    PDF = ("application/pdf", "urn:ihe:iti:xds-sd:pdf:2008")
    TEXT = ("text/plain", "urn:ihe:iti:xds-sd:text:2008")
    RTF = ("text/rtf", "urn:ihe:iti-fr:xds-sd:rtf:2010")  # [likely]: `application/rtf` exists too
    JPEG = ("image/jpeg", "urn:ihe:iti-fr:xds-sd:jpeg:2010")
    TIFF = ("image/tiff", "urn:ihe:iti-fr:xds-sd:tiff:2010")

    @property
    def media_type(self) -> str:
        return self.value[0]

    @property
    def code(self) -> Code:
        return labelled(CodeSet.FORMAT, self.value[1], "", "")


@dataclass(frozen=True, repr=False)
class LocalId:
    """The patient in this site's own register (IPP)."""

    root: str
    extension: str


@dataclass(frozen=True, repr=False)
class DepositPatient:
    """Whose record it goes to: identifier and traits, as the card or the identity service gave them."""

    patient: PatientId
    birth_name: str
    usual_name: str
    """Empty, or the birth name again, when there is no other."""
    given_names: str
    """All those of birth, separated by spaces."""
    first_name: str
    """The first of them, which may be a compound one."""
    birth_date: str
    """YYYYMMDD; day and month may be 00 (lunar)."""
    sex: str
    """M, F or U."""
    used_first_name: str = ""
    """When it is not the first of birth."""
    birth_place: str = ""
    """COG code of the birthplace, 5 characters; empty when unknown."""
    address: Address = field(default_factory=Address)
    phone: str = ""
    local_id: LocalId | None = None


@dataclass(frozen=True, repr=False)
class Writer:
    """An author, or who answers for a document: a person in a structure."""

    national_id: str
    """PS_IdNat, as the card or the directory writes it; under another `id_root`, whatever stands there."""
    family_name: str
    given_name: str
    speciality: Code
    """Profession and speciality in one code of J01: `G15_10/SM26`, `SECRETARIAT_MEDICAL`…"""
    structure_id: str
    structure_name: str
    prefix: str = ""
    """Civility, e.g. `MME`."""
    suffix: str = ""
    """Title, e.g. `DR`."""
    id_root: str = PROFESSIONALS
    """Another one, in a CDA made elsewhere, for an identifier of the structure's own."""
    role: str = ""
    """Towards the patient, in the words of a CDA made elsewhere."""

    @property
    def is_national(self) -> bool:
        return self.id_root == PROFESSIONALS


@dataclass(frozen=True)
class Replaced:
    """The version a new document takes the place of."""

    entry_uuid: str
    """Asked for right before (TD3.1b): it changes with every change of the entry."""
    unique_id: str
    set_id: str = ""
    """OID all versions share; empty when the old document had none."""
    version: int = 1
    visibility: Visibility = field(default_factory=Visibility)
    """Of that version: what it showed cannot be hidden again from the patient or the representatives."""


@dataclass(frozen=True, repr=False)
class NewDocument:
    """A file to be wrapped in a level 1 CDA."""

    title: str
    """At most 128 characters, never cut (EX_2.1-1020)."""
    type_code: Code
    format: BodyFormat
    content: bytes
    created: datetime
    service_start: datetime
    """When what it tells about began; timezone-aware like every other date here."""
    authors: tuple[Writer, ...]
    legal_authenticator: Writer
    practice_setting: Code
    visibility: Visibility = field(default_factory=Visibility)
    description: str = ""
    service_stop: datetime | None = None
    events: tuple[Code, ...] = ()
    replaces: Replaced | None = None


@dataclass(frozen=True, repr=False)
class ReadyCda:
    """A CDA made by another program and checked here (`kiosk.dmp.cda_check`): it goes out byte for byte."""

    content: bytes
    unique_id: str
    title: str
    type_code: Code
    format_code: Code
    created: datetime
    service_start: datetime
    authors: tuple[Writer, ...]
    legal_authenticator: Writer
    practice_setting: Code
    facility: Code
    """Sector of activity of the place it tells of."""
    local_id: LocalId | None = None
    """The patient in the register of its maker."""
    visibility: Visibility = field(default_factory=Visibility)
    language: str = "fr-FR"
    mime_type: str = "text/xml"
    description: str = ""
    service_stop: datetime | None = None
    events: tuple[Code, ...] = ()
    replaces: Replaced | None = None


@dataclass(frozen=True)
class Rules:
    """What the service's parameters and the patient's age change in the rules of visibility."""

    hidden_and_invisible: bool = False
    """`cumul-invisible_patient-masque_ps`."""
    minor: bool | None = None
    """None when it cannot be known: the rule of adults is then the service's to enforce."""


@dataclass(frozen=True)
class ReservedIds:
    """Identifiers an earlier attempt may have deposited under: used again, the DMP refuses the second copy."""

    submission: str
    documents: tuple[str, ...]


@dataclass(frozen=True, repr=False)
class Submission:
    """Everything one deposit carries: documents of one patient, one signature (EX_2.1-1130, 1140)."""

    access: Access
    patient: DepositPatient
    documents: tuple[NewDocument | ReadyCda, ...]
    content_type: Code
    """What the documents come from: sector or kind of stay (JDV_J59)."""
    title: str = ""
    rules: Rules = field(default_factory=Rules)
    ids: ReservedIds | None = None


@dataclass(frozen=True, repr=False)
class PreparedDocument:
    """One part of the request: what the outbox remembers, and the bytes."""

    unique_id: str
    content_id: str
    content: tuple[bytes, ...]
    """In pieces, so that a large file is not copied again."""
    sha256: str
    """Of the whole, in hexadecimal."""


@dataclass(frozen=True, repr=False)
class PreparedSubmission:
    """A deposit signed once: sent again, it is the same to the byte but for its envelope."""

    access: Access
    unique_id: str
    transaction: str
    """TD2.1, or TD2.2 by the holder of a CPE."""
    body: bytes
    """`ProvideAndRegisterDocumentSetRequest`, without the documents."""
    documents: tuple[PreparedDocument, ...]
    signature: PreparedDocument

    @property
    def parts(self) -> tuple[PreparedDocument, ...]:
        return (*self.documents, self.signature)


def is_professional(actor: Actor) -> bool:
    """A professional of health, in training or not; else an employee (CPE), for whom the structure answers."""
    return actor.profession.system in _PROFESSIONS


def author_speciality(actor: Actor) -> Code:
    """Profession and speciality in one code (value set J01): `G15_10/SM26`.

    The profession alone when that set does not join it with the speciality (students have none in it, `G16_10`);
    others have the code of their role. A profession it does not hold at all keeps its own words: see
    `deposit_rules`.
    """
    dictionary = _PROFESSIONS.get(actor.profession.system)
    if dictionary is None:
        return actor.profession
    alone = f"{dictionary}_{actor.profession.code}"
    joined = f"{alone}/{actor.speciality.code}" if actor.speciality is not None else alone
    held = author_code(joined, AUTHOR_SPECIALITIES) or author_code(alone, AUTHOR_SPECIALITIES)
    return held or Code(alone, AUTHOR_SPECIALITIES, actor.profession.label)


def writer(actor: Actor, *, prefix: str = "", suffix: str = "") -> Writer:
    """The card holder as an author."""
    return Writer(
        national_id=actor.national_id,
        family_name=actor.family_name,
        given_name=actor.given_name,
        speciality=author_speciality(actor),
        structure_id=actor.structure_id,
        structure_name=actor.structure_name,
        prefix=prefix,
        suffix=suffix,
    )


def confidentialities(visibility: Visibility) -> tuple[Code, ...]:
    """confidentialityCode of an entry: `N`, then its restrictions (never these without `N`)."""
    wanted = (
        ("N", True),
        ("MASQUE_PS", visibility.hidden_from_professionals),
        ("INVISIBLE_PATIENT", visibility.invisible_to_patient),
        ("INVISIBLE_REPRESENTANTS_LEGAUX", visibility.invisible_to_representatives),
    )
    return tuple(labelled(CodeSet.CONFIDENTIALITY, code, "", "") for code, holds in wanted if holds)

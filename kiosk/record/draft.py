"""From a chosen file to the draft of a document: what it is, what the form starts from, what is signed in the end.

Nothing here asks the DMP or the disk.
"""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Final

from kiosk.card.nir import is_nir13, sex_of
from kiosk.code import Code
from kiosk.deposit.child import Apart
from kiosk.deposit.files import Conversion, Examined
from kiosk.dmp import cda_check
from kiosk.dmp.cda_check import CdaFacts
from kiosk.dmp.deposit import (
    BodyFormat,
    DepositPatient,
    NewDocument,
    ReadyCda,
    Replaced,
    Rules,
    Writer,
    is_professional,
    writer,
)
from kiosk.dmp.deposit_rules import offered_types, settings_of
from kiosk.dmp.document import DocumentEntry, Visibility
from kiosk.dmp.model import Actor, DmpStatus, PatientId
from kiosk.dmp.nomenclature import CodeSet, codes, known, rows
from kiosk.dmp.profile import INS_C
from kiosk.errors import DocumentInvalid
from kiosk.parameters.file import Parameters, is_minor
from kiosk.patient import Member

CONVERTED_TITLE: Final = "Document converti en PDF/A"
"""Title inside a converted file: always the same, so that the same file always gives the same bytes."""
_UNKNOWN: Final = ("", "NON_RENSEIGNE")
_NAMES: Final = {
    None: "CDA",
    BodyFormat.PDF: "PDF/A",
    BodyFormat.TEXT: "Texte",
    BodyFormat.RTF: "RTF",
    BodyFormat.JPEG: "JPEG",
    BodyFormat.TIFF: "TIFF",
}
_EVERYBODY_ELSE: Final = "*"


# --- files ------------------------------------------------------------------------------------------------


@dataclass(frozen=True, repr=False)
class Chosen:
    """A file that may go out, read into memory."""

    examined: Examined
    facts: CdaFacts | None = None
    """What a CDA says of itself; None for any other file."""
    converted: bool = False
    """Made by the kiosk: looked at before it is signed."""
    file: bytes = b""
    """As it lay on its medium: known again in a list by these bytes, whatever was made of them."""

    @property
    def content(self) -> bytes:
        return self.examined.content

    @property
    def words(self) -> str:
        """What it is, for a line of a list."""
        pages = f", {self.examined.pages} pages" if self.examined.pages > 1 else ""
        return f"{_NAMES[self.examined.format]}{pages}"


def choose(content: bytes, patient: DepositPatient, apart: Apart | None = None) -> Chosen:
    """Examine a file for this patient's record. Raises `FileUnfit`, `FileNotOpened`, `DocumentInvalid`.

    `apart`: the process that opens it, for whoever may want to end it: `Cancelled` then.
    """
    examined = (apart or Apart()).examine(content)
    facts = cda_check.read(content, patient) if examined.is_cda else None
    return Chosen(examined, facts, file=content)


def convert(chosen: Chosen, apart: Apart | None = None) -> Chosen:
    """PDF/A-1 made of it, in the same way."""
    made = (apart or Apart()).convert(chosen.examined, CONVERTED_TITLE)
    return Chosen(made, converted=True, file=chosen.file)


def loss(chosen: Chosen) -> str:
    """What converting changes, said before it is done."""
    if chosen.examined.conversion is Conversion.PAGES:
        return (
            "Chaque page devient une image : ce qui se voit reste, mais les mots ne pourront plus être cherchés ni "
            "copiés. Mieux : l'exporter en PDF/A-1 depuis le logiciel qui l'a fait."
        )
    return "Le contenu est repris tel quel dans un PDF/A-1, que vous relirez avant de le signer."


# --- what the form starts from ----------------------------------------------------------------------------


def type_choices(actor: Actor) -> tuple[Code, ...]:
    """The types one may deposit, those this profession uses most first (EX_2.1-1010)."""
    offered = offered_types()
    found = (known(CodeSet.TYPE, one) for one in _usual(actor))
    usual = [code for code in found if code is not None and code in offered]
    return tuple(dict.fromkeys((*usual, *offered)))


def _usual(actor: Actor) -> list[str]:
    """The list of the speciality, else of the profession, else of those who deposit for others."""
    lists = {row["who"]: row["types"].split() for row in rows("usual_types.csv")}
    if not is_professional(actor):
        return lists[_EVERYBODY_ELSE]
    profession = actor.profession.code
    by_speciality = lists.get(f"{profession}/{actor.speciality.code}" if actor.speciality else "", [])
    return by_speciality or lists.get(profession, [])


def setting_choices(actor: Actor) -> tuple[Code, ...]:
    """The care settings that go with the sector (EX_GEN-1377); all of them for a sector nobody knows."""
    return settings_of(actor.sector) or codes(CodeSet.PRACTICE)


def usual_setting(actor: Actor, kept: str) -> Code:
    """What this professional chose last, by its code; the sector's first one else."""
    choices = setting_choices(actor)
    return next((code for code in choices if code.code == kept), choices[0])


def rules_of(member: Member, today: date, parameters: Parameters) -> Rules:
    """What the service's parameters and the patient's age change in the rules of visibility."""
    return Rules(parameters.hidden_and_invisible, is_minor(member.beneficiary.birth_date, today, parameters))


def patient_of(member: Member, status: DmpStatus) -> DepositPatient:
    """The patient as the card says, completed by what the DMP said where the card is silent.

    Raises `DocumentInvalid` when neither gives a whole date of birth.
    """
    person, traits = member.beneficiary, status.traits
    birth_date = person.birth_date
    if len(birth_date) != 8:
        said = traits.birth_date if traits else ""
        if len(said) != 8 or not said.endswith(birth_date):
            raise DocumentInvalid(
                cause="La carte ne dit pas le siècle de naissance du patient, le DMP non plus.",
                todo="Déposez ce document depuis un logiciel qui connaît l'identité complète du patient.",
                detail="birth date without century",
            )
        birth_date = said
    birth_name = person.birth_name or (traits.birth_name if traits else "")
    assert member.patient is not None
    return DepositPatient(
        patient=member.patient,
        birth_place=_birth_place(member.patient),
        birth_name=person.usual_name if birth_name in _UNKNOWN else birth_name,
        usual_name=person.usual_name,
        given_names=person.given_name,  # [unknown] the whole list: a card writes the first one
        first_name=person.given_name,
        birth_date=birth_date,
        sex=sex_of(person.nir) or (traits.sex if traits else "") or "U",
    )


def _birth_place(patient: PatientId) -> str:
    """COG code of the birthplace, which the traits of an INS hold; empty with an INS-C, which has no such trait.

    [likely] what the NIR says of it (département and commune, or 99 and the country): the two are made at birth from
    the same list, but only the teleservice INSi gives the trait itself.
    """
    nir = patient.extension[:13]
    return nir[5:10] if patient.root != INS_C and is_nir13(nir) else ""


# --- who deposits, what is signed -------------------------------------------------------------------------


def needs_author(actor: Actor) -> bool:
    """Whether the holder deposits for a professional, who is to be named (2.1-950)."""
    return not is_professional(actor)


def is_own(entry: DocumentEntry, actor: Actor) -> bool:
    """Whether the caller is an author; for the holder of a CPE, whether the structure is (EX_2.1-1140)."""
    if is_professional(actor):
        return any(author.national_id == actor.national_id for author in entry.authors)
    return any(place.id == actor.structure_id for author in entry.authors for place in author.institutions)


def replacing_words(old: DocumentEntry) -> str:
    """What a deposit replaces, for a line; the title of what was deposited from here is not kept."""
    which = f"de « {old.title} »" if old.title else "d'un document déposé d'ici"
    return f"Nouvelle version {which}"


@dataclass(frozen=True, repr=False)
class Draft:
    """One document of a lot, as the form describes it."""

    chosen: Chosen
    title: str
    type_code: Code
    act_day: date
    setting: Code
    visibility: Visibility
    description: str = ""
    author: Writer | None = None
    """The professional for whom the holder of a CPE deposits."""
    replaces: DocumentEntry | None = None


def document_of(
    draft: Draft, actor: Actor, now: datetime, replaced: Replaced | None = None
) -> NewDocument | ReadyCda:
    """What is wrapped and signed. A CDA speaks for itself."""
    if draft.chosen.facts is not None:
        return cda_check.ready(
            draft.chosen.content,
            draft.chosen.facts,
            visibility=draft.visibility,
            replaces=replaced,
        )
    me = writer(actor)
    authors = (me,) if draft.author is None else (draft.author, me)
    body = draft.chosen.examined.format
    assert body is not None
    start = datetime.combine(draft.act_day, time()).astimezone(UTC)
    return NewDocument(
        title=draft.title,
        type_code=draft.type_code,
        format=body,
        content=draft.chosen.content,
        created=now,
        service_start=min(start, now),
        authors=authors,
        legal_authenticator=authors[0],
        practice_setting=draft.setting,
        visibility=draft.visibility,
        description=draft.description,
        replaces=replaced,
    )

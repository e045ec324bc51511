"""What the DMP asks of a document before it may go out: checked here, so that nothing is signed for a refusal.

Every check raises `DocumentInvalid` with what to correct.
"""

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from kiosk.code import Code
from kiosk.dmp.deposit import (
    DepositPatient,
    NewDocument,
    ReadyCda,
    Rules,
    Submission,
    Writer,
    is_professional,
)
from kiosk.dmp.document import Visibility
from kiosk.dmp.habilitations import class_of
from kiosk.dmp.model import Actor
from kiosk.dmp.nomenclature import CodeSet, author_code, codes, known, rows
from kiosk.dmp.oid import is_oid
from kiosk.dmp.profile import INS_C
from kiosk.errors import DocumentInvalid

TITLE_LENGTH = 128
VACCINATION_NOTE = "87273-9"
VACCINATION_HISTORY = "11369-6"

_FORBIDDEN_CLASSES = ("60", "90")
_FORBIDDEN_TYPES = ("REMB", VACCINATION_HISTORY, "E1762")
_OF_PATIENTS = ("DOCPAT", "EXPPAT")
_HOSPITAL = "ETABLISSEMENT"
_EXTERNAL_CARE = Code("07", "1.2.250.1.213.2.2", "Consultations et soins externes")


def offered_types() -> tuple[Code, ...]:
    """The types a professional's software may deposit (EX_2.1-1010), in the order of the nomenclature."""
    return tuple(code for code in codes(CodeSet.TYPE) if is_offered(code))


def is_offered(document_type: Code) -> bool:
    """Neither the patient's own words, nor reimbursements, nor the history of vaccinations; of a known class."""
    of = class_of(document_type)
    return (
        of is not None
        and of.code not in _FORBIDDEN_CLASSES
        and document_type.code not in _FORBIDDEN_TYPES
        and not document_type.code.startswith(_OF_PATIENTS)
    )


def settings_of(sector: Code) -> tuple[Code, ...]:
    """Practice settings coherent with a sector (EX_GEN-1377), the usual one first; none for an unknown sector.

    The pairs are [likely]: the official association is not public, and the file may be replaced.
    """
    for row in rows("sector_settings.csv"):
        if row["sector"] == sector.code:
            return tuple(
                code for code in (known(CodeSet.PRACTICE, one) for one in row["settings"].split()) if code
            )
    return ()


def content_type_of(sector: Code) -> Code:
    """contentTypeCode of a submission (JDV_J59): the sector itself, but external care for a hospital.

    [likely]: the reference gives both families of codes and no rule between them.
    """
    settings = settings_of(sector)
    return _EXTERNAL_CARE if settings and settings[0].code == _HOSPITAL else sector


def effective_visibility(visibility: Visibility, *, secret: bool) -> Visibility:
    """In a secret connection the representatives never see the document (EX_2.1-1050)."""
    return replace(visibility, invisible_to_representatives=True) if secret else visibility


def check_visibility(visibility: Visibility, rules: Rules, *, replaces: Visibility | None = None) -> None:
    """EX_2.1-1050: no document hidden from everybody; what was shown stays shown, across versions too."""
    if (
        visibility.hidden_from_professionals
        and visibility.invisible_to_patient
        and not rules.hidden_and_invisible
    ):
        raise DocumentInvalid(
            cause="Il serait à la fois masqué aux professionnels et invisible au patient.",
            todo="Choisissez l'un des deux.",
            detail="visibility: hidden and invisible",
        )
    if visibility.invisible_to_representatives and rules.minor is False:
        raise DocumentInvalid(
            cause="« Invisible aux représentants légaux » ne vaut que pour un mineur.",
            todo="Retirez ce choix.",
            detail="visibility: representatives of an adult",
        )
    if replaces is None:
        return
    from_patient = visibility.invisible_to_patient and not replaces.invisible_to_patient
    from_representatives = (
        visibility.invisible_to_representatives and not replaces.invisible_to_representatives
    )
    if from_patient or from_representatives:
        raise DocumentInvalid(
            cause="La version que ce document remplace est déjà visible : elle ne peut plus être cachée.",
            todo="Laissez la nouvelle version visible.",
            detail="visibility: hiding what was shown",
        )


def check_title(title: str) -> None:
    """EX_2.1-1020: one line that says something, at most 128 characters; never cut."""
    if not title.strip():
        raise DocumentInvalid(cause="Le titre est vide.", todo="Donnez un titre au document.", detail="title")
    if len(title) > TITLE_LENGTH:
        raise DocumentInvalid(
            cause=f"Le titre a {len(title)} caractères ; le DMP en admet {TITLE_LENGTH}.",
            todo="Raccourcissez-le : la borne ne le coupe pas à votre place.",
            detail="title: too long",
        )


def check_author(actor: Actor, authors: Iterable[Writer], authenticator: Writer) -> None:
    """EX_2.1-1140: a professional is an author, or answers for the document; an employee's structure is an author."""
    authors = tuple(authors)
    if not authors:
        raise DocumentInvalid(cause="Aucun auteur n'est nommé.", todo="Nommez-le.", detail="author: none")
    if is_professional(actor):
        if actor.national_id not in {one.national_id for one in (*authors, authenticator) if one.is_national}:
            raise DocumentInvalid(
                cause="Vous n'êtes ni un auteur ni le signataire de ce document.",
                todo="Seul un auteur dépose ou remplace un document.",
                detail="author: not the card holder",
            )
    elif actor.structure_id not in {writer.structure_id for writer in authors}:
        raise DocumentInvalid(
            cause="Aucun auteur de ce document n'est de votre structure.",
            todo="Choisissez le professionnel de votre structure pour qui vous déposez.",
            detail="author: another structure",
        )


def check_document(document: NewDocument | ReadyCda, actor: Actor, rules: Rules, *, secret: bool) -> None:
    """Everything above, for one document of a submission."""
    check_title(document.title)
    _check_type(document.type_code, document.visibility, secret=secret)
    replaces = document.replaces.visibility if document.replaces else None
    check_visibility(effective_visibility(document.visibility, secret=secret), rules, replaces=replaces)
    check_author(actor, document.authors, document.legal_authenticator)
    if isinstance(document, NewDocument):
        for writer in (*document.authors, document.legal_authenticator):
            _check_writer(writer)
        _check_setting(actor.sector, document.practice_setting)
    else:
        _check_setting(document.facility, document.practice_setting)
    _check_dates(document.created, document.service_start, document.service_stop)
    if document.replaces and not is_oid(document.replaces.unique_id):
        raise DocumentInvalid(
            cause="La version à remplacer n'a pas d'identifiant.",
            todo="Cherchez-la de nouveau dans le DMP.",
            detail="replaces: no OID",
        )


def check_patient(patient: DepositPatient) -> None:
    """What the header of a CDA must say of the patient; with an INS, all its traits, the birthplace among them."""
    wanted = {
        "le nom de naissance": patient.birth_name,
        "le prénom de naissance": patient.first_name and patient.given_names,
        "la date de naissance": patient.birth_date,
        "le code du lieu de naissance": patient.birth_place or patient.patient.root == INS_C,
    }
    missing = [what for what, value in wanted.items() if not value]
    if missing:
        raise DocumentInvalid(
            cause=f"Il manque à l'identité du patient : {', '.join(missing)}.",
            todo="Déposez ce document depuis un logiciel qui connaît l'identité complète du patient.",
            detail="patient: traits",
        )


def check_submission(submission: Submission, actor: Actor) -> None:
    """Every document, and what holds between them and the access they go through."""
    if not submission.documents:
        raise DocumentInvalid(cause="Il n'y a aucun document.", todo="Choisissez-en un.", detail="empty")
    if submission.access.patient != submission.patient.patient:
        raise ValueError("the documents of one patient, the record of another")
    if any(isinstance(document, NewDocument) for document in submission.documents):
        check_patient(submission.patient)
    for document in submission.documents:
        check_document(document, actor, submission.rules, secret=submission.access.secret)
    ids = submission.ids
    if ids is not None and len(ids.documents) != len(submission.documents):
        raise ValueError("reserved identifiers of another submission")


def _check_type(document_type: Code, visibility: Visibility, *, secret: bool) -> None:
    if not is_offered(document_type):
        raise DocumentInvalid(
            cause=f"Un logiciel ne dépose pas de document du type « {document_type.label} ».",
            todo="Choisissez un autre type de document.",
            detail="type not offered",
        )
    if document_type.code == VACCINATION_NOTE and (secret or visibility != Visibility()):
        raise DocumentInvalid(  # EX_2.1-2005
            cause="Une note de vaccination est visible de tous.",
            todo="Hors connexion secrète, sans restriction de visibilité.",
            detail="vaccination note with restrictions",
        )


def _check_writer(writer: Writer) -> None:
    """An author the checker takes: a person with a code of J01, in a structure."""
    who = f"{writer.given_name} {writer.family_name}".strip() or "l'auteur"
    if not (writer.family_name and writer.given_name and writer.national_id):
        raise DocumentInvalid(
            cause="Le nom ou l'identifiant d'un auteur manque.",
            todo="Choisissez un auteur dont l'identité est complète.",
            detail="author: identity",
        )
    if not (writer.structure_id and writer.structure_name):
        raise DocumentInvalid(
            cause=f"La structure où exerce {who} manque.",
            todo="Un document du DMP dit dans quelle structure il est fait : choisissez une situation d'exercice.",
            detail="author: structure",
        )
    if author_code(writer.speciality.code, writer.speciality.system) is None:
        raise DocumentInvalid(
            cause=f"La nomenclature des auteurs ne connaît pas la profession de {who} : {writer.speciality.label}.",
            todo="Signalez-le à l'assistance : la nomenclature de la borne est peut-être à mettre à jour.",
            detail="author: not in J01",
        )


def _check_setting(sector: Code, setting: Code) -> None:
    allowed = settings_of(sector)
    if allowed and setting.code not in {code.code for code in allowed}:
        raise DocumentInvalid(
            cause=f"Le cadre de soins « {setting.label} » ne va pas avec « {sector.label} ».",
            todo="Choisissez : " + ", ".join(code.label for code in allowed) + ".",
            detail="sector and practice setting",
        )


def _check_dates(created: datetime, start: datetime, stop: datetime | None) -> None:
    if any(moment is not None and moment.tzinfo is None for moment in (created, start, stop)):
        raise ValueError("a date without a time zone")
    if stop is not None and stop <= start:
        raise DocumentInvalid(
            cause="L'acte finit avant de commencer.", todo="Corrigez les dates.", detail="service stop"
        )

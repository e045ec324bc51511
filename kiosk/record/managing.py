"""What may be done with one document of the record, why not, and what is asked before (TD2.1 RPLC, TD3.3a to d)."""

from dataclasses import dataclass
from enum import Enum

from kiosk.code import Code
from kiosk.deposit.outbox import Deposit, Kept
from kiosk.dmp import metadata, visibility
from kiosk.dmp.deposit_rules import is_offered
from kiosk.dmp.document import Author, DocumentEntry, DocumentStatus, Institution
from kiosk.dmp.status_change import StatusChange
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import OutboxUnwritable
from kiosk.record.draft import is_own
from kiosk.record.rights import Action
from kiosk.record.visit import Visit


@dataclass(frozen=True)
class Terms:
    """How one change is offered, asked for and confirmed."""

    label: str
    action: Action
    how: VisibilityChange | StatusChange
    doing: str
    question: str
    done: str
    word: str = ""
    """What must be typed to confirm what cannot be undone; empty when O says yes."""


class Change(Enum):
    """In the order of the menu."""

    HIDE = Terms(
        "Masquer aux professionnels",
        Action.HIDE,
        VisibilityChange.HIDE,
        "Masquage",
        "Les professionnels ne le verront plus, sauf son auteur et le médecin traitant du patient ; en urgence, "
        "seulement si le patient l'a permis. Le patient continue de le voir. Vous pourrez le démasquer.",
        "Le document est masqué aux professionnels.",
    )
    UNHIDE = Terms(
        "Démasquer : le montrer de nouveau aux professionnels",
        Action.UNHIDE,
        VisibilityChange.UNHIDE,
        "Démasquage",
        "Tous les professionnels autorisés dont la profession le permet le verront de nouveau.",
        "Le document est de nouveau visible des professionnels.",
    )
    SHOW_TO_PATIENT = Terms(
        "Rendre visible au patient (définitif)",
        Action.MAKE_VISIBLE,
        VisibilityChange.SHOW_TO_PATIENT,
        "Envoi au DMP",
        "Le patient verra ce document dans Mon espace santé et en sera averti. C'EST DÉFINITIF : il ne pourra plus "
        "lui être caché. L'annonce a-t-elle eu lieu ?",
        "Le document est visible du patient.",
        "VISIBLE",
    )
    SHOW_TO_REPRESENTATIVES = Terms(
        "Rendre visible aux représentants légaux (définitif)",
        Action.MAKE_VISIBLE,
        VisibilityChange.SHOW_TO_REPRESENTATIVES,
        "Envoi au DMP",
        "Les représentants légaux du mineur verront ce document. C'EST DÉFINITIF : il ne pourra plus leur être "
        "caché. Le patient est-il d'accord ?",
        "Le document est visible des représentants légaux.",
        "VISIBLE",
    )
    ARCHIVE = Terms(
        "Archiver",
        Action.ARCHIVE,
        StatusChange.ARCHIVE,
        "Archivage",
        "Il reste dans le DMP, mais seules les recherches qui demandent les archives le montrent.",
        "Le document est archivé.",
    )
    UNARCHIVE = Terms(
        "Désarchiver",
        Action.UNARCHIVE,
        StatusChange.UNARCHIVE,
        "Désarchivage",
        "Il reparaît dans toutes les recherches.",
        "Le document est désarchivé.",
    )
    DELETE = Terms(
        "Supprimer du DMP (dépublier, définitif)",
        Action.DELETE,
        StatusChange.DELETE,
        "Suppression",
        "Le document et ses anciennes versions disparaissent du DMP, pour le patient comme pour les professionnels. "
        "C'EST DÉFINITIF. Votre propre dossier n'en est pas changé.",
        "Le document n'est plus dans le DMP.",
        "SUPPRIMER",
    )


def relevant(entry: DocumentEntry) -> tuple[Change, ...]:
    """The changes that say something about the document as it is: nobody shows what is shown."""
    seen, archived = entry.visibility, entry.status is DocumentStatus.ARCHIVED
    possible = {
        Change.HIDE: not seen.hidden_from_professionals,
        Change.UNHIDE: seen.hidden_from_professionals,
        Change.SHOW_TO_PATIENT: seen.invisible_to_patient,
        Change.SHOW_TO_REPRESENTATIVES: seen.invisible_to_representatives,
        Change.ARCHIVE: not archived,
        Change.UNARCHIVE: archived,
        Change.DELETE: True,
    }
    return tuple(change for change in Change if possible[change])


def why_not(visit: Visit, entry: DocumentEntry, change: Change, *, both_allowed: bool) -> str:
    """Why a change is not offered, in French; empty when it is. The rights first, then the document's own state."""
    terms = change.value
    own = is_own(entry, visit.session.actor)
    decision = visit.decide(terms.action).for_document(own=own, by_patient=entry.by_patient)
    if not decision.offered:
        return decision.why
    if entry.status not in (DocumentStatus.CURRENT, DocumentStatus.ARCHIVED):
        return _FOLLOWS
    if isinstance(terms.how, VisibilityChange):
        return visibility.obstacle(
            terms.how, entry.visibility, secret=visit.secret, both_allowed=both_allowed
        )
    return "" if entry.status in terms.how.starts else _FOLLOWS


def why_not_replaced(visit: Visit, entry: DocumentEntry) -> str:
    """Only an author replaces (EX_2.1-1140), the version in force, of a type that software may deposit."""
    decision = visit.decide(Action.DEPOSIT)
    if not decision.offered:
        return decision.why
    if not is_own(entry, visit.session.actor):
        return (
            "Vous n'êtes pas un auteur de ce document.\nRègle : seul un auteur remplace (TD2.1, EX_2.1-1140)."
        )
    if entry.status is not DocumentStatus.CURRENT:
        return _FOLLOWS
    if not is_offered(entry.type_code):
        return f"Un logiciel ne dépose pas de document du type « {entry.type_code.label} »."
    return ""


def apply(visit: Visit, entry: DocumentEntry, change: Change) -> None:
    """Do it; blocks. What was unpublished may be deposited again by an act of its own (EX_3.3-1050)."""
    how = change.value.how
    if isinstance(how, VisibilityChange):
        visit.change_visibility(entry, how)
        return
    visit.change_status(entry, how)
    if how is StatusChange.DELETE:
        forget_unpublished(visit, entry.unique_id)


def forget_unpublished(visit: Visit, unique_id: str) -> None:
    """The outbox forgets the file of a document that is gone; that it cannot changes nothing in the DMP."""
    try:
        if visit.session.memory.outbox.path.exists():
            visit.session.memory.outbox.withdrawn(unique_id)
    except OutboxUnwritable:
        return


def deposited(visit: Visit) -> tuple[Deposit, ...]:
    """What the caller deposited into this record from here, the last one first."""
    session = visit.session
    who = session.actor.national_id
    return tuple(
        deposit
        for deposit in session.memory.outbox.arrived(session.mark_of(visit.patient))
        if session.memory.deposits.sent_by(deposit.submission, who)
    )


def entry_deposited(visit: Visit, kept: Kept) -> DocumentEntry:
    """One's own document as far as this workstation remembers it: to be replaced by who may not consult (2.1-140).

    Its visibility is that of the deposit: made visible since, the service refuses to hide it again.
    """
    actor = visit.session.actor
    nothing = Code("", "", "")
    confidentialities = tuple(Code(code, "", "") for code in kept.restrictions)
    author = Author(
        actor.family_name,
        actor.given_name,
        actor.national_id,
        institutions=(Institution(actor.structure_name, actor.structure_id),),
    )
    return DocumentEntry(
        entry_uuid="",
        unique_id=kept.unique_id,
        repository_id="",
        home="",
        title="",
        description="",
        class_code=nothing,
        type_code=nothing,
        format_code=nothing,
        mime_type="",
        created=None,
        service_start=None,
        service_stop=None,
        service_precision=0,
        submitted=None,
        authors=(author,),
        status=DocumentStatus.CURRENT,
        raw_status=DocumentStatus.CURRENT.value,
        visibility=metadata.visibility(confidentialities),
        confidentialities=confidentialities,
        size=None,
        hash="",
        language="",
        version="",
        logical_id="",
        reference_ids=(),
        practice_setting=nothing,
        facility_type=nothing,
        events=(),
    )


def why_not_unpublished(visit: Visit) -> str:
    """Why one's own deposit cannot be unpublished; empty when it can."""
    decision = visit.decide(Action.DELETE).for_document(own=True, by_patient=False)
    return "" if decision.offered else decision.why


def unpublish(visit: Visit, deposit: Deposit) -> None:
    """Every document of one's own deposit; what is gone already stays gone."""
    for kept in deposit.documents:
        if not kept.content_mark:
            continue
        if visit.knows_document(visit.access, kept.unique_id):
            visit.delete_deposited(kept.unique_id)
        forget_unpublished(visit, kept.unique_id)


_FOLLOWS = (
    "C'est une ancienne version : elle suit le sort de la version en cours, que vous pouvez ouvrir (V)."
)

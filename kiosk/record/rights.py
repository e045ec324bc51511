"""What the screens offer, to whom and in which mode: the rights table of `kiosk/data/rights.csv`.

Never what the service allows: it alone decides, and its answer is shown. A cell the public texts leave in doubt
is offered all the same (`TRIED`), but for what the kiosk refuses itself: break-glass by the treating doctor, who
has access by definition; reading a deleted document; ceasing to be the treating doctor when one is not; searching
without INS out of regulation; managing the record in break-glass or regulation, which give access and no more.
"""

from dataclasses import dataclass
from enum import Enum

from kiosk.card import nomenclature
from kiosk.card.model import CardType, Professional
from kiosk.dmp.model import Authorization, DmpStatus, RecordState
from kiosk.dmp.profile import ServiceProfile
from kiosk.record.rights_table import Answer, Row, table

_PROFESSIONS = (nomenclature.G15, nomenclature.G16)
_WITHDRAWN = {
    "TD1.1": "la création par un professionnel",
    "TD1.2": "la réactivation d'un DMP",
    "TD1.3b": "la modification de ces données",
    "TD1.4": "la fermeture d'un DMP",
    "TD1.5a": "le compte internet du patient",
    "TD1.5b": "le compte internet du patient",
    "TD1.5d": "le compte internet du patient",
}
_CPE_ONLY_NORMAL = "un porteur de CPE n'agit qu'en mode NORMAL"
_ONLY_WITHOUT_ACCESS = "le bris de glace est pour qui n'a pas d'autorisation valide"
_DOUBT = "Les textes publics ne le disent pas sûrement : le service DMP décidera."
_PATIENT_ALLOWS = "Selon ce que le patient a permis : le service DMP décidera."
_PATIENT_S = "Ce document a été déposé par le patient.\nRègle : seul son médecin traitant peut le faire."


class Mode(Enum):
    """How a record is accessed; the value is what the screens call it."""

    NORMAL = "NORMAL"
    BREAK_GLASS = "BRIS DE GLACE"
    REGULATION = "RÉGULATION"
    """Centre 15: for the software of regulation centres, not for a kiosk as it is delivered."""


class Kind(Enum):
    """Who acts, as far as the table tells people apart."""

    DOCTOR = "doctor"
    OTHER = "other"
    CPE = "cpe"


class Action(Enum):
    """One row of the table each; the value is its transaction and role."""

    AUTHENTICATE = "TD0.1 authenticate"
    CHECK_STATUS = "TD0.2 check-status"
    DECLARE = "TD0.3 declare"
    GIVE_UP = "TD0.3 give-up"
    BECOME_TREATING_DOCTOR = "TD0.3 become-treating"
    STOP_TREATING_DOCTOR = "TD0.3 stop-treating"
    DASHBOARD = "TD0.4 dashboard"
    SEARCH_WITHOUT_INS = "TD0.5 search-without-ins"
    OPEN_WEB_PS = "TD0.9 web-ps"
    CREATE = "TD1.1 create"
    REACTIVATE = "TD1.2 reactivate"
    READ_ADMINISTRATIVE = "TD1.3a read-administrative"
    UPDATE_ADMINISTRATIVE = "TD1.3b update-administrative"
    CLOSE = "TD1.4 close"
    OPEN_ACCOUNT = "TD1.5a open-account"
    ADD_CHANNEL = "TD1.5b add-channel"
    RENEW_ACCOUNT = "TD1.5d renew-account"
    LIST_AUTHORIZATIONS = "TD1.6 list-authorizations"
    DEPOSIT = "TD2.1 deposit"
    SEARCH_DOCUMENTS = "TD3.1 search-documents"
    READ_DOCUMENT = "TD3.2 read-document"
    READ_HIDDEN = "TD3.2 read-hidden"
    READ_DELETED = "TD3.2 read-deleted"
    HIDE = "TD3.3a hide"
    UNHIDE = "TD3.3a unhide"
    MAKE_VISIBLE = "TD3.3b make-visible"
    ARCHIVE = "TD3.3d archive"
    UNARCHIVE = "TD3.3d unarchive"
    DELETE = "TD3.3c delete"

    @property
    def label(self) -> str:
        """In French, an infinitive: `'fermer un DMP'`."""
        return table()[self.value].label

    def transaction(self, kind: Kind) -> str:
        """`'TD1.4'`; a CPE deposits by a transaction of its own."""
        if self is Action.DEPOSIT and kind is Kind.CPE:
            return "TD2.2"
        return self.value.partition(" ")[0]


class Verdict(Enum):
    """What a screen does with an action."""

    OFFERED = "offered"
    TRIED = "tried"
    """Offered although the rule is in doubt: the service's answer is shown."""
    OWN = "own"
    """For the documents the user is the author of, only."""
    REFUSED = "refused"


@dataclass(frozen=True)
class Situation:
    """Who asks, how, and whether the record names this doctor as its treating doctor (TD0.2)."""

    kind: Kind
    mode: Mode = Mode.NORMAL
    treating_doctor: bool = False


@dataclass(frozen=True)
class Decision:
    """A verdict, and `why`: French, at most two lines of 76 columns; empty when there is nothing to explain."""

    verdict: Verdict
    why: str = ""
    spares_patient: bool = False
    """Documents the patient deposited are left out: only the treating doctor (and the patient) may."""

    @property
    def offered(self) -> bool:
        """Whether the screen shows the action at all, for some document at least."""
        return self.verdict is not Verdict.REFUSED

    def for_document(self, *, own: bool, by_patient: bool) -> "Decision":
        """The same for one document: `own` when the user is among its authors."""
        if self.spares_patient and by_patient:
            return Decision(Verdict.REFUSED, _PATIENT_S)
        if self.verdict is Verdict.OWN:
            return Decision(Verdict.OFFERED) if own else Decision(Verdict.REFUSED, self.why)
        return self


def kind_of(professional: Professional) -> Kind:
    """By the card first, then by the profession, in training or not. Whoever is not known is no doctor."""
    if professional.card_type in (CardType.CPE, CardType.CPA):
        return Kind.CPE
    profession = professional.profession
    doctor = profession.code == nomenclature.DOCTOR and profession.system in _PROFESSIONS
    return Kind.DOCTOR if doctor else Kind.OTHER


def decide(action: Action, situation: Situation, profile: ServiceProfile) -> Decision:
    """Whether a screen offers `action`, and what it tells otherwise."""
    transaction = action.transaction(situation.kind)
    if action is not Action.AUTHENTICATE and not profile.offers(transaction):
        what = _WITHDRAWN.get(transaction)
        absent = f"n'offre plus {what}." if what else "n'offre pas cette fonction."
        return _refused(
            f"Le service DMP de cette borne {absent}",
            f"{transaction}, {_generation(profile)}",
        )
    if action is Action.BECOME_TREATING_DOCTOR and not profile.names_treating_doctor:
        return _refused(
            "Ce service DMP n'offre plus la déclaration du médecin traitant.",
            f"{transaction}, {_generation(profile)}",
        )
    refusal = _refused_here(action, situation)
    if refusal is not None:
        return refusal
    return _from_cell(action, situation)


def break_glass_offered(status: DmpStatus, situation: Situation) -> Decision:
    """Whether the screen proposes to break the glass of this record (EX_0.2-1040): only where access is missing.

    Whether the patient is opposed is the service's to say.
    """
    if situation.kind is Kind.CPE:
        return _refused("Un porteur de CPE ne peut pas ouvrir un DMP en bris de glace.", _CPE_ONLY_NORMAL)
    if situation.mode is not Mode.NORMAL:
        return _refused(f"Le DMP est déjà ouvert en mode {situation.mode.value}.", "un seul mode à la fois")
    if status.treating_doctor or situation.treating_doctor or status.authorization is Authorization.VALID:
        return _refused(
            "Vous avez déjà accès à ce DMP : le bris de glace n'est pas permis.", _ONLY_WITHOUT_ACCESS
        )
    if status.state in (RecordState.NONE, RecordState.CLOSED):
        return _refused("Ce patient n'a pas de DMP ouvert.", "le bris de glace n'ouvre qu'un DMP actif")
    sure = status.state is RecordState.ACTIVE and status.authorization in (
        Authorization.NONE,
        Authorization.EXPIRED,
    )
    return Decision(Verdict.OFFERED) if sure else Decision(Verdict.TRIED, _DOUBT)


# --- one cell ---------------------------------------------------------------------------------------------


def _from_cell(action: Action, situation: Situation) -> Decision:
    row = table()[action.value]
    cell = row.cells[_column(situation)]
    # The table has no column for a non-doctor in regulation, the service's own sheet opens it what is read and
    # deposited: the doctor's column, in doubt, so that the service decides.
    doubtful = cell.doubtful or (situation.mode is Mode.REGULATION and situation.kind is Kind.OTHER)
    match cell.answer:
        case Answer.NO if not doubtful:
            return _refused(f"{_who(situation)} ne peut pas {row.label}.", _open_to(action, situation))
        case Answer.OWN:
            return Decision(Verdict.OWN, _own(row, situation))
        case Answer.IF_PATIENT_ALLOWS:
            return Decision(Verdict.TRIED, _PATIENT_ALLOWS)
    spares = cell.answer is Answer.NOT_PATIENT_S
    return Decision(Verdict.TRIED, _DOUBT, spares) if doubtful else Decision(Verdict.OFFERED, "", spares)


def _column(situation: Situation) -> str:
    match situation.kind, situation.mode:
        case Kind.CPE, _:
            return "cpe_normal"
        case _, Mode.REGULATION:
            return "doctor_regulation"
        case Kind.OTHER, mode:
            who = "other"
        case Kind.DOCTOR, mode:
            who = "treating" if situation.treating_doctor else "doctor"
    return f"{who}_break_glass" if mode is Mode.BREAK_GLASS else f"{who}_normal"


def _refused_here(action: Action, situation: Situation) -> Decision | None:
    """What the kiosk refuses itself, whatever the cell says."""
    who, label, mode = _who(situation), action.label, situation.mode
    if situation.kind is Kind.CPE and mode is not Mode.NORMAL:
        return _refused(f"{who} ne peut pas {label}.", _CPE_ONLY_NORMAL)
    if action is Action.READ_DELETED:
        return _refused(
            f"{who} ne peut pas {label}.", f"ce qui est supprimé l'est pour tous (TD3.2, mode {mode.value})"
        )
    treating = situation.treating_doctor and situation.kind is Kind.DOCTOR
    if treating and mode is Mode.BREAK_GLASS:
        return _refused("Le médecin traitant n'a pas à passer par le bris de glace.", _ONLY_WITHOUT_ACCESS)
    if action is Action.STOP_TREATING_DOCTOR and not treating:
        return _refused(
            f"{who} ne peut pas {label}.", f"TD0.3 en mode {mode.value}, pour le médecin traitant de ce DMP"
        )
    if action is Action.SEARCH_WITHOUT_INS and mode is not Mode.REGULATION:
        only = f"TD0.5 seulement en mode {Mode.REGULATION.value}, pas en {mode.value}"
        return _refused(f"{who} ne peut pas {label}.", only)
    if mode is not Mode.NORMAL and _manages(action):
        return _refused(f"{who} ne peut pas {label}.", _open_to(action, situation))
    return None


def _manages(action: Action) -> bool:
    """Whether the action is about the record itself: its life, its data, its account, who may open it."""
    transaction = action.transaction(Kind.DOCTOR)
    return transaction == "TD0.3" or (transaction.startswith("TD1.") and transaction != "TD1.3a")


# --- what is told -----------------------------------------------------------------------------------------


def _refused(what: str, rule: str) -> Decision:
    return Decision(Verdict.REFUSED, f"{what}\nRègle : {rule}.")


def _open_to(action: Action, situation: Situation) -> str:
    """Where, and to whom, the action is open instead."""
    transaction = action.transaction(situation.kind)
    if situation.mode is Mode.NORMAL:
        return f"{transaction} en mode NORMAL, pour {table()[action.value].open_to}"
    return f"{transaction} seulement en mode NORMAL, pas en {situation.mode.value}"


def _generation(profile: ServiceProfile) -> str:
    """In words, with the name it has in the settings."""
    words = {"historical": "génération historique", "current": "génération actuelle"}.get(
        profile.name, "génération"
    )
    return f"{words} du service ({profile.name})"


def _own(row: Row, situation: Situation) -> str:
    return f"{_who(situation)} ne peut {row.label}\nque s'il en est l'auteur (mode {situation.mode.value})."


def _who(situation: Situation) -> str:
    if situation.kind is Kind.CPE:
        return "Un porteur de CPE"
    if situation.kind is Kind.OTHER:
        return "Un PS non médecin"
    return "Le médecin traitant" if situation.treating_doctor else "Un médecin"

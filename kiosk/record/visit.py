"""One person's record at this desk, from the existence test until it is left.

Everything asked of the record goes through here: in which access mode, as whom seen by the rights table, and for
how long. Methods that reach the DMP block and are called from worker threads.
"""

from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TypeVar

from kiosk.dmp.client import DmpClient
from kiosk.dmp.deposit import PreparedSubmission, Submission
from kiosk.dmp.document import (
    ANYTHING,
    DocumentEntry,
    DocumentQuery,
    FoundDocuments,
    RetrievedDocument,
)
from kiosk.dmp.listing import AuthorizationFilter, AuthorizedParty
from kiosk.dmp.management import (
    AdministrativeData,
    AuthorizationChange,
    ChannelAction,
    Closing,
    Reactivation,
)
from kiosk.dmp.model import Authorization, DmpStatus, OtpChannel, PatientId, RecordState
from kiosk.dmp.search import OnEntries
from kiosk.dmp.search import gone as document_gone
from kiosk.dmp.status_change import StatusChange
from kiosk.dmp.vihf import Access, Purpose
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import ConsentNotKept, GlassMended, GlassNotNeeded, Refused
from kiosk.memory.consents import Consent
from kiosk.patient import Member
from kiosk.record.known_documents import Listed
from kiosk.record.refusals import CLOSED, gone
from kiosk.record.rights import Action, Decision, Mode, Situation, break_glass_offered, decide, kind_of
from kiosk.session import Session, identified

Answer = TypeVar("Answer")

BREAK_GLASS_SECONDS = 30 * 60
"""Longest life of a break-glass access; it ends earlier with the record or the session (EX_0.2-1040)."""

_PURPOSES = {
    Mode.NORMAL: Purpose.NORMAL,
    Mode.BREAK_GLASS: Purpose.BREAK_GLASS,
    Mode.REGULATION: Purpose.REGULATION,
}


_CLOSED_MEANWHILE = "Le DMP de ce patient vient d'être fermé : plus personne n'y a accès."
_OTHER_WAYS = (
    "Pour le soigner, appelez le SAMU (15) ou son médecin traitant. La liste dit depuis quand il est fermé."
)


@dataclass(frozen=True)
class BrokenGlass:
    """An access taken without the patient's word."""

    reason: str = field(repr=False)
    ends_at: float
    """By the session's ticks: setting the clock neither lengthens nor shortens it."""


class Visit:
    """Built with the DMP's answer to the existence test; `access` is what every further call is made with."""

    def __init__(self, session: Session, member: Member, status: DmpStatus, *, secret: bool = False) -> None:
        self.session, self.member, self.status = session, member, status
        self.patient: PatientId = identified(member)
        self.secret = secret
        """« Connexion secrète » of a minor."""
        self.glass: BrokenGlass | None = None
        self.over: GlassMended | None = None
        """Why a break-glass access ended by itself; nothing more is asked then, and the record is to be left."""
        self.listed = Listed()
        """What its searches brought."""
        self._last_visit: datetime | None = None
        self._last_visit_known = False

    # --- who, how, for how long ---------------------------------------------------------------------------

    @property
    def mode(self) -> Mode:
        if self.session.regulation:
            return Mode.REGULATION
        return Mode.BREAK_GLASS if self.glass is not None else Mode.NORMAL

    @property
    def access(self) -> Access:
        """For the next call. Raises `GlassMended` when a break-glass access has come to its end."""
        if self.over is not None:
            raise self.over
        if self.glass is not None and self.seconds_left() <= 0:
            raise GlassMended()
        reason = self.glass.reason if self.glass else ""
        return Access(self.patient, _PURPOSES[self.mode], reason, secret=self.secret)

    @property
    def open(self) -> bool:
        """Whether documents may be asked for now."""
        return self.status.state is RecordState.ACTIVE and (
            self.mode is not Mode.NORMAL or self.status.authorization is Authorization.VALID
        )

    def decide(self, action: Action) -> Decision:
        """What the rights table says of an action here and now; the server alone decides."""
        return decide(action, self._situation(), self.session.profile)

    def break_glass_offered(self) -> Decision:
        """Whether the emergency door may be shown at all."""
        return break_glass_offered(self.status, self._situation())

    def _situation(self) -> Situation:
        kind = kind_of(self.session.professional)
        return Situation(kind, self.mode, self.status.treating_doctor)

    def break_glass(self, reason: str) -> None:
        """Open the emergency door: the journal first, the first request only afterwards (EX_0.2-1040).

        Raises `GlassNotNeeded` where access exists, `JournalError` when it cannot be written down: no access then.
        """
        if not self.break_glass_offered().offered:
            raise GlassNotNeeded()
        self.session.trace("BREAK_GLASS", "intent", patient=self.patient, reason=reason)
        self.glass = BrokenGlass(reason, self.session.ticks() + BREAK_GLASS_SECONDS)

    def seconds_left(self) -> float:
        """Of the break-glass access; zero without one."""
        return self.glass.ends_at - self.session.ticks() if self.glass else 0.0

    def leave(self, why: str = "") -> None:
        """The record is left: a break-glass access ends with it. May be called again."""
        if self.glass is not None:
            self.glass = None
            why = why or ("TIMEOUT" if self.over is not None else "CLOSED")
            self.session.trace("BREAK_GLASS", "outcome", patient=self.patient, result=why)

    def _end_glass(self, why: str) -> None:
        """The record was closed under the user's hands: so ends a break-glass access to it, at once."""
        if self.glass is not None:
            self.over = GlassMended(cause=_CLOSED_MEANWHILE, todo=_OTHER_WAYS)
            self.leave(why)

    # --- the DMP ------------------------------------------------------------------------------------------

    def test_existence(self) -> DmpStatus:
        """TD0.2 again: before every access, whatever is known."""
        access = Access(self.patient, self.session.purpose, secret=self.secret)
        self.status = self._call("TD0.2", lambda dmp: dmp.test_existence(access))
        if self.status.state in (RecordState.CLOSED, RecordState.NONE):
            self._end_glass(CLOSED)
        return self.status

    def change_authorization(self, change: AuthorizationChange) -> DmpStatus:
        """TD0.3, then the existence test: what holds now."""
        access = self.access
        self._call("TD0.3", lambda dmp: dmp.set_authorization(access, change), reason=change.name)
        return self.test_existence()

    def recorded_consent(self) -> Consent | None:
        """What the patient said to somebody of the same structure at this desk."""
        return self.session.memory.consents.of(self.patient.extension, self.session.actor.structure_id)

    def record_consent(self) -> None:
        """The patient, informed, agreed; kept here for the structure. Raises `ConsentNotKept`."""
        who, structure = self.session.actor.national_id, self.session.actor.structure_id
        self.session.trace("CONSENT", "outcome", patient=self.patient, result="GIVEN")
        try:
            self.session.memory.consents.record(
                self.patient.extension, structure, Consent(self.session.now(), who)
            )
        except OSError:
            raise ConsentNotKept() from None

    def declare(self) -> DmpStatus:
        """The patient agreed: kept here, then TD0.3 (EX_0.3-1010)."""
        self.record_consent()
        return self.change_authorization(AuthorizationChange.DECLARE)

    def withdraw(self) -> DmpStatus:
        """The patient takes his word back: kept here, and TD0.3 at once where one was sent before (EX_0.3-1040).

        Raises `ConsentNotKept` when the word was nowhere but here and stays.
        """
        self.session.trace("CONSENT", "outcome", patient=self.patient, result="WITHDRAWN")
        kept = self._keep_withdrawal()
        if self._authorized() or self.test_existence().authorization is Authorization.VALID:
            return self.change_authorization(AuthorizationChange.GIVE_UP)
        if not kept:
            raise ConsentNotKept()
        return self.status

    def _keep_withdrawal(self) -> bool:
        """Whether the disk took it; the journal has it anyway."""
        structure = self.session.actor.structure_id
        try:
            self.session.memory.consents.withdraw(self.patient.extension, structure, self.session.now())
        except OSError:
            return False
        return True

    def _authorized(self) -> bool:
        return self.status.authorization is Authorization.VALID

    def withdrawn(self) -> datetime | None:
        """When the patient took back his word to the structure, if the caller's authorisation is from before (UTC).

        Nobody but its holder may remove an authorisation: what a colleague could not do at once is done now. That of
        a structure is held by its employees (CPE), who may not ask since when (TD1.6): an authorisation the structure
        was given elsewhere meanwhile goes with the old one, and the patient is asked again.
        """
        actor = self.session.actor
        moment = self.session.memory.consents.withdrawn(self.patient.extension, actor.structure_id)
        if moment is None or not self._authorized() or not self.decide(Action.GIVE_UP).offered:
            return None
        if not self.decide(Action.LIST_AUTHORIZATIONS).offered:
            return moment
        own = [
            one for one in self.authorized(AuthorizationFilter.ACTIVE) if one.national_id == actor.national_id
        ]
        return moment if any(one.since is not None and one.since <= moment for one in own) else None

    def opposed_since(self) -> datetime | None:
        """Since when the patient wants no new document of the structure, UTC (EX_0.2-1100).

        Raises `ConsentNotKept` when that cannot be read.
        """
        try:
            return self.session.memory.consents.opposed(
                self.patient.extension, self.session.actor.structure_id
            )
        except (OSError, ValueError):
            what = "La borne ne peut pas lire si le patient s'oppose aux dépôts."
            raise ConsentNotKept(what=what) from None

    def oppose_deposits(self, *, opposed: bool) -> None:
        """The patient says no to new documents, or yes again. Raises `JournalError`, `ConsentNotKept`."""
        consents, structure = self.session.memory.consents, self.session.actor.structure_id
        self.session.trace(
            "OPPOSITION", "outcome", patient=self.patient, result="GIVEN" if opposed else "WITHDRAWN"
        )
        try:
            if opposed:
                consents.oppose(self.patient.extension, structure, self.session.now())
            else:
                consents.lift(self.patient.extension, structure)
        except OSError:
            what = "La réponse du patient n'a pas pu être enregistrée sur ce poste."
            raise ConsentNotKept(what=what) from None

    def administrative_data(self) -> AdministrativeData:
        """TD1.3a."""
        access = self.access
        return self._call("TD1.3a", lambda dmp: dmp.read_administrative_data(access))

    def update(self, data: AdministrativeData) -> None:
        """TD1.3b: the whole, changed."""
        self._call("TD1.3b", lambda dmp: dmp.update_administrative_data(self.patient, data))

    def reactivate(self, form: Reactivation) -> DmpStatus:
        """TD1.2, then the existence test."""
        self._call("TD1.2", lambda dmp: dmp.reactivate_record(form))
        return self.test_existence()

    def close(self, form: Closing) -> DmpStatus:
        """TD1.4, then the existence test."""
        self._call("TD1.4", lambda dmp: dmp.close_record(form))
        return self.test_existence()

    def set_channel(self, channel: OtpChannel, address: str, action: ChannelAction) -> None:
        """TD1.5b."""
        self._call("TD1.5b", lambda dmp: dmp.set_otp_channel(self.patient, channel, address, action))

    def authorized(self, which: AuthorizationFilter) -> tuple[AuthorizedParty, ...]:
        """TD1.6."""
        access = self.access
        return self._call("TD1.6", lambda dmp: dmp.list_authorizations(access, which))

    def last_visit(self) -> datetime | None:
        """When the professional looked at these documents before this visit; UTC."""
        if not self._last_visit_known:
            who = self.session.actor.national_id
            self._last_visit = self.session.memory.last_visits.of(who, self.patient.extension)
            self._last_visit_known = True
        return self._last_visit

    def find_documents(
        self, query: DocumentQuery = ANYTHING, on_entries: OnEntries | None = None
    ) -> FoundDocuments:
        """TD3.1; with `on_entries`, as they arrive and in the thread of the call."""
        access = self.access
        return self._look(lambda dmp: dmp.find_documents(access, query, on_entries))

    def find_since(self, since: datetime, query: DocumentQuery = ANYTHING) -> FoundDocuments:
        """TD3.1 by submission: what reached the record from `since` on."""
        access = self.access
        return self._look(lambda dmp: dmp.find_since(access, since, query))

    def find_versions(self, entry: DocumentEntry) -> FoundDocuments:
        """TD3.1: the document, those it replaced and those that replaced it."""
        access = self.access
        return self._call("TD3.1", lambda dmp: dmp.find_versions(access, entry), reference=entry.unique_id)

    def find_linked(self, entry: DocumentEntry) -> FoundDocuments:
        """TD3.1: what came with a document, hangs on it, or carries one of its references; itself not included."""
        access = self.access
        query = DocumentQuery(reference_ids=entry.reference_ids, include_archived=True)

        def ask(dmp: DmpClient) -> FoundDocuments:
            found = dmp.find_linked(access, entry)
            if not entry.reference_ids:
                return found
            by_reference = dmp.find_documents(access, query)
            each = {one.unique_id: one for one in (*found.entries, *by_reference.entries)}
            each.pop(entry.unique_id, None)
            return replace(found, entries=tuple(each.values()), partial=found.partial or by_reference.partial)

        return self._call("TD3.1", ask, reference=entry.unique_id)

    def retrieve(self, entry: DocumentEntry) -> RetrievedDocument:
        """TD3.2: one document that somebody opened."""
        access = self.access
        found = self._call("TD3.2", lambda dmp: dmp.retrieve(access, [entry]), reference=entry.unique_id)
        if not found:
            raise document_gone()
        return found[0]

    def _look(self, ask: Callable[[DmpClient], FoundDocuments]) -> FoundDocuments:
        """A search, and that it took place. A disk that forgets it keeps nobody from reading."""
        begun = self.session.now()
        self.last_visit()
        found = self._call("TD3.1", ask)
        with suppress(OSError):
            self.session.memory.last_visits.record(
                self.session.actor.national_id, self.patient.extension, begun
            )
        return found

    def find_reference(self, unique_id: str) -> str:
        """TD3.1b: entryUUID for a replacement, never to be kept."""
        access = self.access
        return self._call("TD3.1b", lambda dmp: dmp.find_reference(access, unique_id), reference=unique_id)

    def prepare(self, submission: Submission) -> PreparedSubmission:
        """Wrap and sign a deposit by the card; nothing is sent."""
        return self._call("SIGN", lambda dmp: dmp.prepare(submission))

    def provide(self, submission: PreparedSubmission, leaving: Callable[[], None]) -> None:
        """TD2.1 or TD2.2; `leaving` is called once the journal has the intent, right before the first byte."""

        def ask(dmp: DmpClient) -> None:
            leaving()
            dmp.provide(submission.access, submission)

        self._call(submission.transaction, ask, reference=submission.unique_id)

    def knows_document(self, access: Access, unique_id: str) -> bool:
        """TD3.1b: whether the DMP holds what was deposited with `access`."""
        return self._call("TD3.1b", lambda dmp: dmp.knows_document(access, unique_id), reference=unique_id)

    def change_visibility(self, entry: DocumentEntry, change: VisibilityChange) -> None:
        """TD3.3a, TD3.3b."""
        access = self.access

        def ask(dmp: DmpClient) -> None:
            match change:
                case VisibilityChange.HIDE:
                    dmp.hide(access, entry)
                case VisibilityChange.UNHIDE:
                    dmp.unhide(access, entry)
                case _:
                    dmp.make_visible(access, entry, change)

        self._call(change.transaction, ask, reference=entry.unique_id, reason=change.name)

    def change_status(self, entry: DocumentEntry, change: StatusChange) -> None:
        """TD3.3c, TD3.3d."""
        access = self.access

        def ask(dmp: DmpClient) -> None:
            act = {
                StatusChange.ARCHIVE: dmp.archive,
                StatusChange.UNARCHIVE: dmp.unarchive,
                StatusChange.DELETE: dmp.delete,
            }[change]
            act(access, entry)

        self._call(change.transaction, ask, reference=entry.unique_id, reason=change.name)

    def delete_deposited(self, unique_id: str) -> None:
        """TD3.3c without a right to consult: what was deposited from here (EX_3.3-1060)."""
        access = self.access
        self._call(
            "TD3.3c",
            lambda dmp: dmp.delete_deposited(access, unique_id),
            reference=unique_id,
            reason="DELETE",
        )

    def _call(
        self, act: str, ask: Callable[[DmpClient], Answer], *, reason: str = "", reference: str = ""
    ) -> Answer:
        try:
            return self.session.call(act, self.patient, ask, reason=reason, reference=reference)
        except Refused as refusal:
            if gone(refusal):
                self._end_glass(refusal.server_code)
            raise

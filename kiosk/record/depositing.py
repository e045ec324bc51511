"""The story of one deposit, from a lot of drafts to « déposé »: nothing lost, nothing twice.

    lot ─▶ check ─▶ sign ─▶ send ─▶ DONE
                             │ in doubt
                             └─▶ ask ─▶ DONE, or the same bytes again

Screens do one step after the other, each in a worker thread. `kiosk.deposit` writes down what must survive a
`kill -9` before the first byte leaves; this process keeps the signed bytes, so that the same are sent again.
"""

from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from kiosk.deposit import delivery
from kiosk.deposit.outbox import Deposit, KeptFile, Outbox
from kiosk.dmp.deposit import NewDocument, PreparedSubmission, ReadyCda, Replaced, Rules, Submission
from kiosk.dmp.deposit_rules import content_type_of
from kiosk.dmp.model import Actor, RecordState
from kiosk.dmp.vihf import Access
from kiosk.errors import (
    AnswerCut,
    Cancelled,
    DepositInDoubt,
    DocumentInvalid,
    JournalError,
    KioskError,
    NotOffered,
    OutboxUnwritable,
    Refused,
    ServiceFailed,
)
from kiosk.record.draft import Draft, document_of, is_own, patient_of
from kiosk.record.visit import Visit

KEPT: Final = timedelta(days=400)
"""How long the outbox remembers what is settled: as long, an unchanged file is not sent again (EX_GEN-1060)."""

Step = tuple[str, Callable[[], None]]
"""What the message line says, and what blocks meanwhile."""


@dataclass
class Depositing:
    """One lot on its way. After an error, `steps` starts again from where nothing was lost."""

    visit: Visit
    drafts: tuple[Draft, ...]
    rules: Rules = field(default_factory=Rules)
    prepared: PreparedSubmission | None = None
    """Signed once; the same bytes go out again after a doubt."""
    unnoted: bool = False
    """It arrived, and the outbox could not write that down: the next session asks the DMP again."""

    def steps(self) -> Iterator[Step]:
        """To be done in order; the last one returns when the DMP holds everything."""
        yield "1/3 Le DMP est-il ouvert ?", self.check
        if self.prepared is None:
            yield "2/3 Signature par votre carte", self.sign
            yield "3/3 Envoi au DMP", self.send
        else:
            yield "Est-il arrivé ? Question au DMP, puis envoi s'il le faut", self.ask

    def check(self) -> None:
        """TD0.2 before every deposit, whatever is known (0.2-040), and the patient's word. Raises `NotOffered`."""
        if self.visit.test_existence().state is not RecordState.ACTIVE:
            raise NotOffered(
                what="Rien n'a été envoyé : ce DMP n'est plus ouvert.",
                cause="Il a été fermé depuis que vous l'avez ouvert ici.",
                todo="Revenez au dossier pour en voir l'état.",
                detail="deposit into a closed record",
            )
        if any(draft.replaces is None for draft in self.drafts) and self.visit.opposed_since() is not None:
            raise NotOffered(
                what="Rien n'a été envoyé : le patient s'oppose aux dépôts.",
                cause="Il l'a dit à votre structure, sur ce poste.",
                todo="Le dossier du patient permet d'enregistrer qu'il les accepte de nouveau.",
                detail="opposed to deposits",
            )

    def sign(self) -> None:
        """Wrap, sign, write down; nothing has left. Raises what `delivery.begin` raises."""
        session, outbox = self.visit.session, self.visit.session.memory.outbox
        actor, now = session.actor, session.now()
        documents = tuple(self._document(draft, actor, now) for draft in self.drafts)
        submission = Submission(
            access=self.visit.access,
            patient=patient_of(self.visit.member, self.visit.status),
            documents=documents,
            content_type=content_type_of(actor.sector),
            rules=self.rules,
        )
        outbox.forget(KEPT)
        outbox.remember_files(
            KeptFile(outbox.mark(one.file), len(one.file), outbox.mark(one.content))
            for one in (draft.chosen for draft in self.drafts)
        )
        prepared = delivery.begin(
            Traced(self.visit), outbox, submission, patient_mark=session.mark_of(self.visit.patient)
        )
        try:
            session.memory.deposits.remember_sender(prepared.unique_id, actor.national_id)
        except OSError as error:
            raise OutboxUnwritable(detail=type(error).__name__) from None
        self.prepared = prepared

    def send(self) -> None:
        """Raises `DepositInDoubt`, or what kept it from leaving."""
        assert self.prepared is not None
        self._deliver(delivery.deliver, self.prepared)

    def ask(self) -> None:
        """After a doubt or a failure: the DMP is asked first, the same bytes are sent only if it has nothing."""
        assert self.prepared is not None
        self._deliver(delivery.resume, self.prepared)

    @property
    def uncertain(self) -> bool:
        """Whether something may have arrived without our knowing; so it is when the outbox cannot be read."""
        try:
            return any(deposit.uncertain for deposit in self._open())
        except OutboxUnwritable:
            return self.prepared is not None

    def let_go(self) -> None:
        """The user changes the lot or leaves it: what was signed and never left is dropped. A doubt stays."""
        for deposit in self._open():
            if not deposit.uncertain:
                delivery.give_up(self.visit.session.memory.outbox, deposit)
                self.prepared = None

    def _deliver(
        self,
        deliver: Callable[[delivery.Service, Outbox, PreparedSubmission], None],
        prepared: PreparedSubmission,
    ) -> None:
        service = Traced(self.visit)
        try:
            deliver(service, self.visit.session.memory.outbox, prepared)
            self._forget_replaced()
        except OutboxUnwritable as full:
            self.unnoted = service.arrived
            self._tell_fate(service, full)
        finally:
            with suppress(OutboxUnwritable):
                if not self._open():  # settled: what is signed next is another submission
                    self.prepared = None

    @staticmethod
    def _tell_fate(service: "Traced", full: OutboxUnwritable) -> None:
        """What the outbox could not write down. Its own words, « rien n'a été envoyé », hold only when nothing left."""
        failure = service.failure
        if isinstance(failure, Refused) and not isinstance(failure, ServiceFailed):
            raise failure from None
        if failure is not None:
            cause = f"{failure.cause} Et le registre des dépôts ne s'écrit plus."
            raise DepositInDoubt(cause=cause, detail=full.code) from failure
        if not service.arrived:
            raise full

    def _forget_replaced(self) -> None:
        """An older version is nobody's to replace or unpublish any more; that it cannot changes nothing in the DMP."""
        for draft in self.drafts:
            if draft.replaces is not None:
                with suppress(OutboxUnwritable):
                    self.visit.session.memory.outbox.withdrawn(draft.replaces.unique_id)

    def _open(self) -> tuple[Deposit, ...]:
        if self.prepared is None:
            return ()
        mark = self.visit.session.mark_of(self.visit.patient)
        unique_id = self.prepared.unique_id
        found = self.visit.session.memory.outbox.open_deposits(mark)
        return tuple(deposit for deposit in found if deposit.submission == unique_id)

    def _document(self, draft: Draft, actor: Actor, now: datetime) -> NewDocument | ReadyCda:
        old = draft.replaces
        if old is None:
            return document_of(draft, actor, now)
        check_replacement(draft, actor, self.visit)
        replaced = Replaced(
            entry_uuid=self.visit.find_reference(old.unique_id),
            unique_id=old.unique_id,
            visibility=old.visibility,
        )
        return document_of(draft, actor, now, replaced)


def check_replacement(draft: Draft, actor: Actor, visit: Visit) -> None:
    """Only an author replaces (EX_2.1-1140), and something must have changed (EX_GEN-1060)."""
    old = draft.replaces
    assert old is not None
    if not is_own(old, actor):
        raise DocumentInvalid(
            cause="Vous n'êtes pas un auteur du document à remplacer.",
            todo="Seul un auteur remplace un document ; vous pouvez en déposer un autre.",
            detail="replaces: not an author",
        )
    outbox, mark = visit.session.memory.outbox, visit.session.mark_of(visit.patient)
    before = outbox.sent_before(mark, outbox.mark(draft.chosen.content))
    same_file = before is not None and any(kept.unique_id == old.unique_id for kept in before.documents)
    same_words = (draft.title, draft.description, draft.type_code.code, draft.visibility) == (
        old.title,
        old.description,
        old.type_code.code,
        old.visibility,
    )
    if same_file and same_words:
        raise DocumentInvalid(
            cause="Rien ne change : c'est le même fichier, sous la même description.",
            todo="Choisissez la nouvelle version, ou changez le titre ou la visibilité.",
            detail="replaces: unchanged",
        )


@dataclass
class Traced:
    """The DMP as `kiosk.deposit.delivery` wants it, every call in the journal."""

    visit: Visit
    arrived: bool = field(default=False, init=False)
    """Whether the DMP said that it holds what was asked about, or sent."""
    failure: KioskError | None = field(default=None, init=False)
    """Why what was sent did not arrive, or may not have."""

    def prepare(self, submission: Submission) -> PreparedSubmission:
        return self.visit.prepare(submission)

    def provide(self, access: Access, submission: PreparedSubmission) -> None:
        """A journal that fails once the request has left leaves a doubt, not a failure."""
        left = False

        def leaving() -> None:
            nonlocal left
            left = True

        try:
            self.visit.provide(submission, leaving)
        except JournalError as error:
            if not left:
                raise
            self.failure = AnswerCut(cause=error.cause, detail=error.code)
            raise self.failure from error
        except KioskError as error:
            self.failure = error if left else None
            raise
        self.arrived = True

    def knows_document(self, access: Access, unique_id: str) -> bool:
        self.arrived = self.visit.knows_document(access, unique_id)
        return self.arrived


def was_given_up(error: BaseException) -> bool:
    """Whether a doubt comes from the user's own Escape: then he decides what comes next."""
    return isinstance(error.__cause__, Cancelled)

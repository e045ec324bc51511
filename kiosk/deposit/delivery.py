"""Delivers a prepared submission: nothing lost, nothing twice, whatever breaks in between.

PREPARED ──▶ SENT ──▶ DONE            the DMP took it
   ▲          │  ├──▶ REFUSED         the DMP said no: it holds nothing of it
   │          │  └──▶ DOUBT           no answer: ask by unique id, then DONE, or send the same bytes again
   │          └─ (the process dies)   found open at the next start: the same question
   └─ nothing had left
"""

from dataclasses import replace
from typing import Final, Protocol

from kiosk.deposit.outbox import Deposit, Outbox, State
from kiosk.dmp.deposit import PreparedSubmission, Submission, confidentialities
from kiosk.dmp.deposit_rules import effective_visibility
from kiosk.dmp.vihf import Access
from kiosk.errors import (
    AnswerCut,
    AnswerUnreadable,
    Cancelled,
    DepositInDoubt,
    FileUnfit,
    KioskError,
    Refused,
    ServerTooSlow,
    ServiceFailed,
)

_UNCERTAIN: Final = (AnswerCut, AnswerUnreadable, ServerTooSlow, Cancelled)
_DUPLICATE: Final = ("XDSDuplicateUniqueIdInRegistry", "XDSNonIdenticalHash")
_SAID_NO: Final = ("DMP", "XDS")
"""How the codes of a DMP that knows what it refuses begin."""
_OWN_CODE: Final = "BORNE"


class Service(Protocol):
    """What is needed of the DMP: `kiosk.dmp.client.DmpClient`."""

    def prepare(self, submission: Submission) -> PreparedSubmission: ...

    def provide(self, access: Access, submission: PreparedSubmission) -> None: ...

    def knows_document(self, access: Access, unique_id: str) -> bool: ...


def begin(
    service: Service, outbox: Outbox, submission: Submission, *, patient_mark: str
) -> PreparedSubmission:
    """Prepare it and write it down; nothing is deposited. An open attempt with the same files lends its identifiers,
    after the DMP was asked about it if it was uncertain.

    Raises `FileUnfit` for a file that is in this record already (EX_GEN-1060), `DocumentInvalid`, `CardError`,
    `DmpError`, `OutboxUnwritable`.
    """
    contents = tuple(outbox.mark(document.content) for document in submission.documents)
    earlier = outbox.open_with(patient_mark, contents)
    if earlier is None:
        for document, content in zip(submission.documents, contents, strict=True):
            if document.replaces is None and outbox.sent_before(patient_mark, content):
                raise _unchanged()
    elif earlier.uncertain and inquire(service, outbox, submission.access, earlier):
        raise _unchanged()
    prepared = service.prepare(replace(submission, ids=earlier.ids) if earlier else submission)
    secret = submission.access.secret
    outbox.begin(
        prepared,
        patient_mark=patient_mark,
        contents=contents,
        restrictions=tuple(
            tuple(
                code.code
                for code in confidentialities(effective_visibility(document.visibility, secret=secret))[1:]
            )
            for document in submission.documents
        ),
    )
    return prepared


def deliver(service: Service, outbox: Outbox, prepared: PreparedSubmission) -> None:
    """Send it for the first time. Returns when the DMP holds it.

    Raises `DepositInDoubt` when nobody knows (`resume`), the DMP's refusal, or what kept it from leaving:
    `resume` then sends it as well.
    """
    _send(service, outbox, prepared)


def resume(service: Service, outbox: Outbox, prepared: PreparedSubmission) -> None:
    """After a doubt or a failure: ask whether it arrived, and only if not, send the same bytes. As `deliver`."""
    if service.knows_document(prepared.access, prepared.documents[0].unique_id):
        outbox.set_state(prepared.unique_id, State.DONE)
        return
    _send(service, outbox, prepared)


def inquire(service: Service, outbox: Outbox, access: Access, deposit: Deposit) -> bool:
    """Whether a deposit found open at a start arrived; `access` is to the record of its patient.

    If not, it stays open as PREPARED: done again, it takes the same identifiers, so that a request that was still
    on its way cannot make a second copy.
    """
    arrived = deposit.uncertain and service.knows_document(access, deposit.documents[0].unique_id)
    outbox.set_state(deposit.submission, State.DONE if arrived else State.PREPARED)
    return arrived


def give_up(outbox: Outbox, deposit: Deposit) -> None:
    """The user does not want it any more. Not for an uncertain one, which only the DMP can settle."""
    if deposit.uncertain:
        raise ValueError("an uncertain deposit is settled by the DMP")
    outbox.set_state(deposit.submission, State.REFUSED, _OWN_CODE)


def _unchanged() -> FileUnfit:
    return FileUnfit(
        cause="Ce fichier est déjà dans le DMP de ce patient, inchangé.",
        todo="Pour en donner une nouvelle version, remplacez le document du DMP.",
        detail="unchanged",
    )


def _send(service: Service, outbox: Outbox, prepared: PreparedSubmission) -> None:
    outbox.set_state(prepared.unique_id, State.SENT)
    try:
        service.provide(prepared.access, prepared)
    except _UNCERTAIN as error:
        outbox.set_state(prepared.unique_id, State.DOUBT, error.code)
        raise DepositInDoubt(cause=error.cause, detail=error.code) from error
    except Refused as refusal:
        if refusal.server_code in _DUPLICATE and _known(service, prepared):
            outbox.set_state(prepared.unique_id, State.DONE)
            return
        # A server that failed may have failed after the deed.
        if isinstance(refusal, ServiceFailed) or not refusal.server_code.startswith(_SAID_NO):
            outbox.set_state(prepared.unique_id, State.DOUBT, refusal.server_code)
            raise DepositInDoubt(
                cause="Le DMP a répondu par une erreur interne.",
                server_code=refusal.server_code,
                server_text=refusal.server_text,
            ) from refusal
        outbox.set_state(prepared.unique_id, State.REFUSED, refusal.server_code)
        raise
    except KioskError as error:  # nothing left: no connection, no card, not offered
        outbox.set_state(prepared.unique_id, State.PREPARED, error.code)
        raise
    outbox.set_state(prepared.unique_id, State.DONE)


def _known(service: Service, prepared: PreparedSubmission) -> bool:
    """A refused duplicate is our own first copy when the record holds the document."""
    try:
        return service.knows_document(prepared.access, prepared.documents[0].unique_id)
    except KioskError as error:
        raise DepositInDoubt(cause=error.cause, detail=error.code) from error

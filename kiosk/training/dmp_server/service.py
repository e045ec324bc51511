"""One request from bytes to bytes: parse, address, admit, allow, answer. HTTP and TLS are elsewhere."""

import logging
import threading
from collections import deque
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from cryptography import x509

from kiosk.training.dmp_server import admission, dispatch, envelope, mtom, rights, xml
from kiosk.training.dmp_server.admission import Caller
from kiosk.training.dmp_server.authority import CardAuthority
from kiosk.training.dmp_server.call import Call
from kiosk.training.dmp_server.dispatch import Transaction
from kiosk.training.dmp_server.envelope import Envelope
from kiosk.training.dmp_server.history import Access
from kiosk.training.dmp_server.misbehaviour import Misbehaviour
from kiosk.training.dmp_server.mtom import Attachment, Package, Payload
from kiosk.training.dmp_server.names import HL7
from kiosk.training.dmp_server.outcomes import (
    INTERNAL,
    NOT_A_REGULATION_CENTRE,
    UNKNOWN_STRUCTURE,
    Fault,
    Party,
    Refusal,
    addressing_fault,
    invalid_vihf,
)
from kiosk.training.dmp_server.parameters import Board, may_be_minor
from kiosk.training.dmp_server.shelf import Shelf
from kiosk.training.dmp_server.store import Store
from kiosk.training.dmp_server.vihf import REGULATION
from kiosk.training.dmp_server.xml import Element
from kiosk.training.people import REGULATION_CENTRES

SOAP_TYPE = "application/soap+xml; charset=UTF-8"
_REMEMBERED_IDS = 10_000
_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Reply:
    """What goes back over HTTP, and what the trace says of it."""

    status: int
    body: bytes
    transaction: str = ""
    action: str = ""
    message_id: str = ""
    outcome: str = ""
    content_type: str = SOAP_TYPE


class Service:
    """The DMP behind its listener. Called from many threads."""

    def __init__(self, authority: CardAuthority, store: Store, documents: Shelf, parameters: Board) -> None:
        self._authority = authority
        self._store = store
        self._documents = documents
        self._parameters = parameters
        self._lock = threading.Lock()
        self._seen_ids: deque[str] = deque(maxlen=_REMEMBERED_IDS)

    def handle(
        self,
        path: str,
        content_type: str,
        action: str,
        data: bytes,
        channel: x509.Certificate,
        trouble: Misbehaviour | None = None,
    ) -> Reply:
        """Answer one SOAP request posted to `path`, whatever its bytes.

        `action` is the parameter of the content type, empty when there is none; `channel` the TLS client's
        certificate.
        """
        reply, attachments = self._reply(path, content_type, action, data, channel, trouble)
        if path not in dispatch.MULTIPART_PATHS or not reply.body:
            return reply
        # The repository answers in MTOM whatever was asked, a fault too.
        kind = "" if trouble is None else trouble.kind
        sent_type, body = mtom.write(
            reply.body, mtom.damaged(kind, attachments), reply.action, closed=kind != "boundary-cut"
        )
        return replace(reply, body=body, content_type=sent_type)

    def _reply(
        self,
        path: str,
        content_type: str,
        action: str,
        data: bytes,
        channel: x509.Certificate,
        trouble: Misbehaviour | None,
    ) -> tuple[Reply, tuple[Attachment, ...]]:
        root: Element | None = None
        try:
            package = mtom.read(content_type, data)
            root = xml.parse(package.root)
            if trouble is not None and trouble.kind == "soap-fault":
                raise Fault(trouble.text, trouble.code)
            if trouble is not None and trouble.kind == "failure":
                raise Fault(trouble.text, trouble.code, Party.RECEIVER)
            return self._answer(root, package, path, action, channel, trouble)
        except Fault as fault:
            return _faulty(fault, root), ()
        except Exception as error:  # the service outlives its own defects; data stays out of the log
            _log.error("unexpected %s", type(error).__name__)
            return _faulty(Fault("Erreur interne du service.", INTERNAL, Party.RECEIVER), root), ()

    def _answer(
        self,
        root: Element,
        package: Package,
        path: str,
        action: str,
        channel: x509.Certificate,
        trouble: Misbehaviour | None,
    ) -> tuple[Reply, tuple[Attachment, ...]]:
        request = envelope.read(root, path=path)
        if action and action != request.action:
            raise addressing_fault("ActionMismatch", "The SOAPAction and the wsa:Action differ")
        transaction = dispatch.find(path, request.action, request.payload)
        self._refuse_replay(request.message_id)
        skew = trouble.seconds if trouble is not None and trouble.kind == "clock" else 0.0
        now = datetime.now(UTC) + timedelta(seconds=skew)
        caller = admission.admit(request.assertion, channel, self._authority, now)
        transaction = dispatch.seen_from(transaction, caller)
        rights.check(transaction.code, caller)
        call = Call(
            *(caller, request.payload, self._store, now, self._documents, package, self._authority),
            cumulative=self._parameters.current.cumulative,
        )
        try:
            self._check_secret(call)
            _check_structure(transaction, caller)
            if trouble is not None and trouble.kind == "ack-error":
                raise Refusal(trouble.code, trouble.text)
            payload, outcome = transaction.answer(call), "ok"
        except Refusal as refusal:
            payload, outcome = transaction.refuse(request.payload, refusal, now), refusal.code
        else:
            self._trace_access(call, transaction)
        if trouble is not None and trouble.kind == "commit-then-failure":
            fault = Fault(trouble.text, trouble.code, Party.RECEIVER)
            return replace(_faulty(fault, root), transaction=transaction.code), ()
        attachments = payload.attachments if isinstance(payload, Payload) else ()
        return _reply(200, transaction.answer_action, payload, request, transaction, outcome), attachments

    def _refuse_replay(self, message_id: str) -> None:
        with self._lock:
            if message_id in self._seen_ids:
                raise addressing_fault(
                    "InvalidAddressingHeader", "The MessageID of this message was already received"
                )
            self._seen_ids.append(message_id)

    def _trace_access(self, call: Call, transaction: Transaction) -> None:
        if not transaction.about_patient or self._store.find(call.patient) is None:
            return
        claims = call.caller.vihf
        self._store.trace(
            Access(
                call.now,
                call.patient,
                transaction.code,
                claims.purpose,
                call.caller.holder.national_id,
                claims.structure_id,
                claims.reason,
                claims.secret,
            )
        )

    def _check_secret(self, call: Call) -> None:
        """A secret connection is for minors; of a patient without a record the age is not known here."""
        if not call.caller.vihf.secret:
            return
        record, parameters = self._store.find(call.patient), self._parameters.current
        if not parameters.minors:
            raise invalid_vihf("La connexion secrète n'est pas gérée par ce service.")
        if record and not may_be_minor(record.person.birth_date, parameters.majority, call.now.date()):
            raise invalid_vihf("La connexion secrète est réservée aux patients mineurs.")


def _check_structure(transaction: Transaction, caller: Caller) -> None:
    """HL7 v3 services say it in the acknowledgement (seen on a real test server), the others by a fault."""
    if not admission.practises_there(caller):
        code, reason = UNKNOWN_STRUCTURE, "Structure introuvable ou inactive"
    elif caller.vihf.purpose == REGULATION and caller.vihf.structure_id not in REGULATION_CENTRES:
        code, reason = NOT_A_REGULATION_CENTRE, "Cette structure n'est pas un centre de régulation médicale."
    else:
        return
    if transaction.payload.startswith(f"{{{HL7}}}"):
        raise Refusal(code, reason)
    raise Fault(reason, code)


def _reply(
    status: int,
    action: str,
    payload: Element | Payload,
    request: Envelope,
    transaction: Transaction,
    outcome: str,
) -> Reply:
    body = envelope.answer(action, request.message_id, payload)
    return Reply(status, body, transaction.code, request.action, request.message_id, outcome)


def _faulty(fault: Fault, root: Element | None) -> Reply:
    action, relates_to = ("", "") if root is None else envelope.addressed(root)
    return Reply(
        500,
        envelope.fault_answer(fault, relates_to),
        action=action,
        message_id=relates_to,
        outcome=fault.subcode or fault.party.value,
    )

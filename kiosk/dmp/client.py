"""The DMP as the session sees it: one method per transaction, plain values in and out."""

from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from uuid import UUID

from lxml import etree

from kiosk.dmp import (
    administrative,
    authorization,
    creation,
    existence,
    hl7,
    internet_account,
    oid,
    provide,
    record,
    record_list,
    registry,
    regulation,
    retrieve,
    revision,
    search,
    status_change,
    visibility,
)
from kiosk.dmp.caller import Caller
from kiosk.dmp.deposit import PreparedSubmission, Submission, writer
from kiosk.dmp.deposit_rules import content_type_of
from kiosk.dmp.document import (
    ANYTHING,
    DocumentEntry,
    DocumentQuery,
    DocumentStatus,
    FoundDocuments,
    RetrievedDocument,
)
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.listing import (
    AuthorizationFilter,
    AuthorizedParty,
    ListedBy,
    ListedRecord,
    RegulationSearch,
    SearchResult,
)
from kiosk.dmp.management import (
    AdministrativeData,
    AuthorizationChange,
    ChannelAction,
    Closing,
    Reactivation,
)
from kiosk.dmp.model import Actor, Creation, DmpStatus, InternetAccess, OtpChannel, PatientId
from kiosk.dmp.prepare import prepare
from kiosk.dmp.profile import NIA, ServiceProfile, Software
from kiosk.dmp.reply import Attached, Streamed
from kiosk.dmp.signature import Signer
from kiosk.dmp.status_change import StatusChange
from kiosk.dmp.submission_set import SubmissionSet
from kiosk.dmp.vihf import Access, Assertions, Purpose, nobody, resource_id
from kiosk.dmp.visibility import VisibilityChange
from kiosk.errors import NotOffered, Refused

Clock = Callable[[], datetime]
"""Now, timezone-aware."""

_REGISTRY_CODES = "XDS"
"""How codes begin that speak of metadata, not of rights. [unknown] which of them a wrong state gets."""


class DmpClient:
    """The DMP for one professional in one situation d'exercice, from the PIN to the end of the card session.

    Every transaction blocks and raises `DmpError`, `CardError` or `Cancelled`. Calls come from one thread;
    only `cancel` may come from another. What the service's profile does not offer is refused (`NotOffered`)
    before anything is signed or sent.
    """

    def __init__(
        self,
        profile: ServiceProfile,
        software: Software,
        actor: Actor,
        signer: Signer,
        channel: HttpsChannel,
        clock: Clock,
        new_uuid: Callable[[], UUID],
        nature: str = "real",
    ) -> None:
        """`nature` is that of the cards this workstation takes: `real`, `test` or `demo`."""
        self._profile = profile
        self._software = software
        self._actor = actor
        self._signer = signer
        self._clock = clock
        self._new_uuid = new_uuid
        assertions = Assertions(profile, software, actor, signer, clock, new_uuid)
        self._caller = Caller(channel, assertions, clock, new_uuid)
        self._nobody = nobody(profile, nature)

    # --- existence and authorisations -------------------------------------------------------------------

    def test_existence(self, access: Access) -> DmpStatus:
        """TD0.2. May be repeated at will."""
        self._check_offered(existence.TRANSACTION, access.patient)
        frame = self._frame()
        body = existence.request(access.patient, frame)
        answer = self._caller.call(record.PATH, record.ACTION, body, access, repeatable=True)
        return existence.status(answer, access.patient, frame)

    def set_authorization(self, access: Access, change: AuthorizationChange) -> None:
        """TD0.3: declare or give up one's own authorisation, or the role of treating doctor."""
        self._check_offered(authorization.SET_TRANSACTION, access.patient)
        if change is AuthorizationChange.BECOME_TREATING_DOCTOR and not self._profile.names_treating_doctor:
            raise NotOffered(detail=f"{authorization.SET_TRANSACTION} {change.name}, {self._profile.name}")
        answer = self._caller.serve(
            authorization.SERVICE, authorization.SET, authorization.set_request(change), access
        )
        authorization.check_set(answer)

    def list_authorizations(self, access: Access, which: AuthorizationFilter) -> tuple[AuthorizedParty, ...]:
        """TD1.6: professionals and structures allowed in the record, or blocked from it."""
        self._check_offered(authorization.LIST_TRANSACTION, access.patient)
        body = authorization.list_request(which)
        answer = self._caller.serve(authorization.SERVICE, authorization.LIST, body, access, repeatable=True)
        return authorization.parties(answer)

    def list_records(self, since: datetime | None, by: ListedBy, owner: str = "") -> tuple[ListedRecord, ...]:
        """TD0.4: the records open to the caller, by authorisations or documents added `since`.

        `owner`: national identifier of the professional for whom the holder of a CPE asks.
        """
        self._check_offered(record_list.TRANSACTION, self._nobody)
        body = record_list.request(since, by, owner)
        answer = self._caller.serve(
            record_list.SERVICE, record_list.LIST, body, Access(self._nobody), repeatable=True
        )
        return record_list.records(answer)

    def search_patients(self, search: RegulationSearch) -> SearchResult:
        """TD0.5, by a regulation centre. Raises `Refused` with `DMPTooManyResult` when it must be refined."""
        self._check_offered(regulation.TRANSACTION, self._nobody)
        frame = self._frame()
        body = regulation.request(search, frame)
        access = Access(self._nobody, Purpose.REGULATION)
        answer = self._caller.call(regulation.PATH, regulation.ACTION, body, access, repeatable=True)
        return regulation.result(answer, self._profile, frame)

    # --- management of the record -----------------------------------------------------------------------

    def create_record(self, form: Creation) -> None:
        """TD1.1. Raises `Refused` with `DMPFound` when the record exists.

        After an error that leaves the outcome unknown, `test_existence` tells what was done.
        """
        self._check_offered(creation.TRANSACTION, form.patient)
        frame = self._frame()
        body = creation.request(form, self._actor, frame)
        answer = self._caller.call(
            creation.PATH, creation.ACTION, body, Access(form.patient), repeatable=False
        )
        creation.check_created(answer, frame)

    def reactivate_record(self, form: Reactivation) -> None:
        """TD1.2. Raises `Refused` with `DMPFound` when the record is active already."""
        self._check_offered(revision.REACTIVATION, form.patient)
        frame = self._frame()
        body = revision.reactivation(form, self._actor, frame)
        self._revise(form.patient, body, frame)

    def read_administrative_data(self, access: Access) -> AdministrativeData:
        """TD1.3a. Raises `Refused` with `NF` when there is no record."""
        self._check_offered(administrative.TRANSACTION, access.patient)
        frame = self._frame()
        body = administrative.request(access.patient, frame)
        answer = self._caller.call(record.PATH, record.ACTION, body, access, repeatable=True)
        return administrative.data(answer, access.patient, frame)

    def update_administrative_data(self, patient: PatientId, data: AdministrativeData) -> None:
        """TD1.3b: write back everything that `read_administrative_data` gave, with its changes."""
        self._check_offered(revision.UPDATE, patient)
        frame = self._frame()
        body = revision.update(patient, data, self._actor, frame)
        self._revise(patient, body, frame)

    def close_record(self, form: Closing) -> None:
        """TD1.4. Raises `Refused` with `DMPClosed` when the record is closed already."""
        self._check_offered(revision.CLOSING, form.patient)
        frame = self._frame()
        body = revision.closing(form, self._actor, frame)
        self._revise(form.patient, body, frame)

    def _revise(self, patient: PatientId, body: bytes, frame: hl7.Frame) -> None:
        answer = self._caller.call(revision.PATH, revision.ACTION, body, Access(patient), repeatable=False)
        revision.check_done(answer, frame)

    # --- the patient's internet account -----------------------------------------------------------------

    def create_internet_access(self, patient: PatientId, channel: OtpChannel, address: str) -> InternetAccess:
        """TD1.5a: open the patient's internet account; `address` is a mobile number or an e-mail address.

        Raises `Refused` with `DMPPatientAccessAlreadyExists` when there is one: `renew_internet_access`.
        """
        self._check_offered(internet_account.CREATE_TRANSACTION, patient)
        body = internet_account.create_access_request(channel, address)
        answer = self._caller.serve(internet_account.SERVICE, internet_account.CREATE, body, Access(patient))
        return internet_account.created_access(answer)

    def set_otp_channel(
        self, patient: PatientId, channel: OtpChannel, address: str, action: ChannelAction
    ) -> None:
        """TD1.5b. Raises `Refused` with `DMPPatientAccessOTPAlreadyExists` for a channel added twice."""
        self._check_offered(internet_account.CHANNEL_TRANSACTION, patient)
        body = internet_account.channel_request(channel, address, action)
        answer = self._caller.serve(internet_account.SERVICE, internet_account.CHANNEL, body, Access(patient))
        internet_account.check_channel_set(answer)

    def renew_internet_access(self, patient: PatientId) -> InternetAccess:
        """TD1.5d: new codes for an existing account; the former ones stop working."""
        self._check_offered(internet_account.RENEW_TRANSACTION, patient)
        body = internet_account.renew_access_request()
        answer = self._caller.serve(internet_account.SERVICE, internet_account.RENEW, body, Access(patient))
        return internet_account.renewed_access(answer)

    # --- documents --------------------------------------------------------------------------------------

    def find_documents(
        self, access: Access, query: DocumentQuery, on_entries: search.OnEntries | None = None
    ) -> FoundDocuments:
        """TD3.1. The patient is notified of it: never without an explicit act (EX_3.1-2030).

        With `on_entries` the entries go there by batches as they arrive, from the calling thread, and are not
        in the result; after an error, those already given are to be forgotten.
        """
        self._check_offered(registry.TRANSACTION, access.patient)
        return search.find(self._registry(access), self._cx(access), query, on_entries)

    def find_since(self, access: Access, since: datetime, query: DocumentQuery = ANYTHING) -> FoundDocuments:
        """TD3.1 by submission: what reached the record from `since` on (3.1-400); of `query`, the statuses."""
        self._check_offered(registry.TRANSACTION, access.patient)
        return search.since(self._registry(access), self._cx(access), since, query)

    def find_versions(self, access: Access, entry: DocumentEntry) -> FoundDocuments:
        """TD3.1: the document, all it replaced and all that replaced it, whatever their status."""
        self._check_offered(registry.TRANSACTION, access.patient)
        return search.versions(self._registry(access), entry)

    def find_linked(self, access: Access, entry: DocumentEntry) -> FoundDocuments:
        """TD3.1: what came with the document, completes it or says it in another format."""
        self._check_offered(registry.TRANSACTION, access.patient)
        return search.linked(self._registry(access), entry)

    def find_reference(self, access: Access, unique_id: str) -> str:
        """TD3.1b: entryUUID of a document, for a replacement; needs no right to consult. Never to be kept.

        Raises `Refused` when the record does not hold it: how a deposit in doubt is settled.
        """
        self._check_offered(registry.TRANSACTION, access.patient)
        return search.reference(self._registry(access), unique_id)

    def retrieve(self, access: Access, entries: Sequence[DocumentEntry]) -> tuple[RetrievedDocument, ...]:
        """TD3.2: documents somebody opened (never in bulk, EX_3.2-1010), hashes checked.

        One that the DMP keeps back while it gives others is not in the result.
        """
        self._check_offered(retrieve.TRANSACTION, access.patient)
        if not entries:
            return ()
        body = retrieve.request(entries)
        payload, package = self._caller.ask(
            retrieve.PATH, retrieve.ACTION, body, access, Attached, repeatable=True
        )
        return retrieve.documents(payload, package, entries)

    def hide(self, access: Access, entry: DocumentEntry) -> None:
        """TD3.3a: from professionals, but for its author and the treating doctor; reversible."""
        self._change_visibility(access, entry, VisibilityChange.HIDE)

    def unhide(self, access: Access, entry: DocumentEntry) -> None:
        """TD3.3a."""
        self._change_visibility(access, entry, VisibilityChange.UNHIDE)

    def make_visible(self, access: Access, entry: DocumentEntry, to: VisibilityChange) -> None:
        """TD3.3b: to the patient or the legal representatives; irreversible, confirmed before (EX_3.3-1040)."""
        if to not in (VisibilityChange.SHOW_TO_PATIENT, VisibilityChange.SHOW_TO_REPRESENTATIVES):
            raise ValueError(f"{to.name} shows a document to nobody new")
        self._change_visibility(access, entry, to)

    def archive(self, access: Access, entry: DocumentEntry) -> None:
        """TD3.3d."""
        self._change_status(access, entry.unique_id, entry.status, StatusChange.ARCHIVE)

    def unarchive(self, access: Access, entry: DocumentEntry) -> None:
        """TD3.3d."""
        self._change_status(access, entry.unique_id, entry.status, StatusChange.UNARCHIVE)

    def delete(self, access: Access, entry: DocumentEntry) -> None:
        """TD3.3c: irreversible; a document of one's own."""
        self._change_status(access, entry.unique_id, entry.status, StatusChange.DELETE)

    def delete_deposited(self, access: Access, unique_id: str) -> None:
        """TD3.3c without any right to consult: one's own document, known by the deposit (EX_3.3-1060).

        Its state cannot be looked up: one that is not current may have been archived meanwhile.
        """
        try:
            self._change_status(access, unique_id, DocumentStatus.CURRENT, StatusChange.DELETE)
        except Refused as refusal:
            if not refusal.server_code.startswith(_REGISTRY_CODES):
                raise
            try:
                self._change_status(access, unique_id, DocumentStatus.ARCHIVED, StatusChange.DELETE)
            except Refused:
                raise refusal from None

    def _change_status(
        self, access: Access, unique_id: str, status: DocumentStatus, change: StatusChange
    ) -> None:
        """Asks for the technical identifier right before (EX_3.1-1090)."""
        self._check_offered(change.transaction, access.patient)
        change.check_possible(status)
        entry_uuid = self.find_reference(access, unique_id)
        body = status_change.request(entry_uuid, status, change, self._submission(), access.patient)
        self._update(access, body)

    def _change_visibility(self, access: Access, entry: DocumentEntry, change: VisibilityChange) -> None:
        """Reads the description right before: a change made meanwhile by somebody else is kept."""
        self._check_offered(change.transaction, access.patient)
        source = search.source(self._registry(access), entry.unique_id)
        if not visibility.is_done(source, change):
            self._update(access, visibility.request(source, change, self._submission(), access.patient))

    def _update(self, access: Access, body: bytes) -> None:
        answer = self._caller.call(status_change.PATH, status_change.ACTION, body, access, repeatable=False)
        status_change.check_done(answer)

    def _submission(self) -> SubmissionSet:
        return SubmissionSet(
            object_id="SubmissionSet01",
            unique_id=oid.of_uuid(self._new_uuid()),
            source_id=self._software.installation_oid,
            title="",
            content_type=content_type_of(self._actor.sector),
            author=writer(self._actor),
            sent_at=self._clock(),
        )

    def _registry(self, access: Access) -> search.Ask:
        def ask(body: bytes, take: Callable[[etree._Element], None] | None = None) -> etree._Element:
            if take is None:
                return self._caller.call(registry.PATH, registry.ACTION, body, access, repeatable=True)
            reply = partial(Streamed, tag=registry.EXTRINSIC_OBJECT, take=take)
            return self._caller.ask(registry.PATH, registry.ACTION, body, access, reply, repeatable=True)

        return ask

    def _cx(self, access: Access) -> str:
        return resource_id(access.patient)

    # --- deposit of documents ---------------------------------------------------------------------------

    def prepare(self, submission: Submission) -> PreparedSubmission:
        """Check, wrap and sign what is to be deposited, once; nothing is sent.

        Raises `DocumentInvalid` before anything is signed.
        """
        return prepare(
            submission,
            actor=self._actor,
            profile=self._profile,
            software=self._software,
            signer=self._signer,
            now=self._clock(),
            new_uuid=self._new_uuid,
        )

    def provide(self, access: Access, submission: PreparedSubmission) -> None:
        """TD2.1, or TD2.2 by the holder of a CPE. Sent again after a doubt, the DMP refuses the second copy.

        After an error that leaves the outcome unknown, `knows_document` tells what was done.
        """
        if access != submission.access:
            raise ValueError("prepared for another record or another mode")
        self._check_offered(submission.transaction, access.patient)
        payload, _ = self._caller.ask(
            provide.PATH,
            provide.ACTION,
            submission.body,
            access,
            Attached,
            repeatable=False,
            parts=submission.parts,
        )
        provide.check_registered(payload)

    def knows_document(self, access: Access, unique_id: str) -> bool:
        """TD3.1b: whether the DMP holds this document, in whatever state; needs no right to consult."""
        self._check_offered(registry.TRANSACTION, access.patient)
        answer = self._registry(access)(
            registry.get_documents_by_unique_id([unique_id], references_only=True)
        )
        registry.outcome(answer)
        return bool(registry.object_refs(answer))

    # --- the channel ------------------------------------------------------------------------------------

    def cancel(self) -> None:
        """End the call under way, from any thread: it raises `Cancelled`."""
        self._caller.cancel()

    def close(self) -> None:
        """Forget the assertions and close the channel."""
        self._caller.close()

    def _check_offered(self, transaction: str, patient: PatientId) -> None:
        if not self._profile.offers(transaction):
            raise NotOffered(detail=f"{transaction}, {self._profile.name}")
        if patient.root == NIA:
            raise NotOffered(
                what="Accès au DMP interdit avec un numéro d'attente (NIA).",
                cause="Le numéro de cette personne n'est pas encore certifié par l'Insee.",
                todo="Attendez son numéro définitif.",
                detail=f"identifier {NIA}",
            )
        if not self._profile.accepts(patient.root):
            raise NotOffered(
                what="Cet identifiant n'ouvre pas de dossier dans ce service DMP.",
                cause="Il n'est pas de la nature que ce service attend.",
                detail=f"identifier {patient.root}, {self._profile.name}",
            )

    def _frame(self) -> hl7.Frame:
        return hl7.Frame(self._software, self._new_uuid(), self._new_uuid(), self._clock())

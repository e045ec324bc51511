"""The DMP as the session sees it: one method per transaction, plain values in and out."""

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from lxml import etree

from kiosk.dmp import creation, existence, services, soap
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.model import Actor, Creation, DmpStatus, InternetAccess, OtpChannel, PatientId
from kiosk.dmp.profile import ServiceProfile, Software
from kiosk.dmp.signature import Signer
from kiosk.dmp.transport_errors import clock_gap
from kiosk.dmp.vihf import Access, Assertions
from kiosk.errors import ClockWrong, NotOffered

Clock = Callable[[], datetime]
"""Now, timezone-aware."""


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
    ) -> None:
        self._profile = profile
        self._software = software
        self._actor = actor
        self._channel = channel
        self._clock = clock
        self._new_uuid = new_uuid
        self._assertions = Assertions(profile, software, actor, signer, clock, new_uuid)

    def test_existence(self, patient: PatientId) -> DmpStatus:
        """TD0.2. May be repeated at will."""
        self._check_offered(existence.TRANSACTION, patient)
        message_id, query_id = self._new_uuid(), self._new_uuid()
        body = existence.request(
            patient, software=self._software, message_id=message_id, query_id=query_id, created=self._clock()
        )
        answer = self._call(existence.PATH, existence.ACTION, body, Access(patient), repeatable=True)
        return existence.status(
            answer, patient=patient, software=self._software, message_id=message_id, query_id=query_id
        )

    def create_record(self, form: Creation) -> None:
        """TD1.1. Raises `Refused` with `DMPFound` when the record exists.

        After an error that leaves the outcome unknown, `test_existence` tells what was done.
        """
        self._check_offered(creation.TRANSACTION, form.patient)
        message_id = self._new_uuid()
        body = creation.request(
            form, actor=self._actor, software=self._software, message_id=message_id, created=self._clock()
        )
        answer = self._call(creation.PATH, creation.ACTION, body, Access(form.patient), repeatable=False)
        creation.check_created(answer, software=self._software, message_id=message_id)

    def create_internet_access(self, patient: PatientId, channel: OtpChannel, address: str) -> InternetAccess:
        """TD1.5a: open the patient's internet account; `address` is a mobile number or an e-mail address.

        Raises `Refused` with `DMPPatientAccessAlreadyExists` when there is one: `renew_internet_access`.
        """
        self._check_offered(services.CREATE_TRANSACTION, patient)
        body = services.create_access_request(channel, address)
        answer = self._call(services.PATH, services.CREATE_ACTION, body, Access(patient), repeatable=False)
        return services.created_access(answer)

    def renew_internet_access(self, patient: PatientId) -> InternetAccess:
        """TD1.5d: new codes for an existing account; the former ones stop working."""
        self._check_offered(services.RENEW_TRANSACTION, patient)
        body = services.renew_access_request()
        answer = self._call(services.PATH, services.RENEW_ACTION, body, Access(patient), repeatable=False)
        return services.renewed_access(answer)

    def cancel(self) -> None:
        """End the call under way, from any thread: it raises `Cancelled`."""
        self._channel.cancel()

    def close(self) -> None:
        """Forget the assertions and close the channel."""
        self._assertions.clear()
        self._channel.close()

    def _check_offered(self, transaction: str, patient: PatientId) -> None:
        if not self._profile.offers(transaction):
            raise NotOffered(detail=f"{transaction}, {self._profile.name}")
        if not self._profile.accepts(patient.root):
            raise NotOffered(
                what="Cet identifiant n'ouvre pas de dossier dans ce service DMP.",
                cause="Il n'est pas de la nature que ce service attend.",
                detail=f"identifier {patient.root}, {self._profile.name}",
            )

    def _call(
        self, path: str, action: str, body: bytes, access: Access, *, repeatable: bool
    ) -> etree._Element:
        """Send; sign again, once, if the DMP finds a kept assertion expired: it did nothing then."""
        kept = self._assertions.holds(access)
        try:
            return self._exchange(path, action, body, access, repeatable=repeatable)
        except ClockWrong:
            if not kept:
                raise
        self._assertions.forget(access)
        return self._exchange(path, action, body, access, repeatable=repeatable)

    def _exchange(
        self, path: str, action: str, body: bytes, access: Access, *, repeatable: bool
    ) -> etree._Element:
        message_id = f"urn:uuid:{self._new_uuid()}"
        request = soap.envelope(
            action=action,
            to=self._channel.url(path),
            message_id=message_id,
            assertion=self._assertions.get(access),
            body=body,
        )
        answer = self._channel.post(path, soap.content_type(action), request, repeatable=repeatable)
        try:
            return soap.payload(answer.body, status=answer.status, message_id=message_id)
        except ClockWrong as error:
            if answer.date is not None:
                error.cause = clock_gap(answer.date - self._clock()) or error.cause
            raise

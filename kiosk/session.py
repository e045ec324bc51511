"""One card session: who is logged in, whose Vitale card is in, and what is asked of the DMP for them.

Every method that reaches a card, the network or the disk blocks and is called from a worker thread; screens
touch none of them. A session lives in a process of its own and dies with it.
"""

import threading
import uuid
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, TypeVar

from kiosk.attachment import Attachment, may_declare
from kiosk.card.admission import admit_professional, admit_vitale
from kiosk.card.model import Activity, PinStatus, Professional, VitaleCard
from kiosk.card.readers import SlotState
from kiosk.code import Code
from kiosk.dmp.client import DmpClient
from kiosk.dmp.listing import ListedBy, ListedRecord
from kiosk.dmp.model import Actor, Authorization, Creation, DmpStatus, PatientId, RecordState
from kiosk.dmp.profile import ServiceProfile
from kiosk.dmp.vihf import Access, Purpose
from kiosk.doubt import Doubts
from kiosk.errors import KioskError, NoActivity, PinBlocked, PinError, Refused, TransportError
from kiosk.journal import Entry, patient_mark
from kiosk.patient import Family, Member, identify, waiting_numbers
from kiosk.patient_cards import PatientCards
from kiosk.seat import CardSeat
from kiosk.station import Station

if TYPE_CHECKING:
    from kiosk.memory import Memory
    from kiosk.record.visit import Visit

Answer = TypeVar("Answer")


class Session:
    """Built once a professional card answers; then `check_card`, `present_pin`, `choose`, and the DMP is open."""

    def __init__(self, station: Station, seat: CardSeat) -> None:
        """Open the card, read its public face and its PIN counter. Raises `CardError`."""
        self._station = station
        self._seat = seat
        seat.open()
        self.professional: Professional = seat.run(lambda card: card.professional())
        self.pin_status: PinStatus = seat.run(lambda card: card.pin_status())
        self.pin_pad: bool = seat.has_pin_pad()
        """Whether the PIN is typed on the reader."""
        self.activities: tuple[Activity, ...] = ()
        self.attachment: Attachment | None = None
        """What was declared in place of a situation d'exercice, once it is worked in."""
        self.attachment_kept = True
        """Whether it is remembered for the next time."""
        self.dmp_answers: bool | None = None
        """Whether the last call got an answer of any kind; None before the first."""
        self._actor: Actor | None = None
        self._dmp: DmpClient | None = None
        self.today_patients: list[tuple[Member, DmpStatus]] = []
        """Since this card was inserted, the last one first."""
        self.visit: Visit | None = None
        """The one record that is open."""
        self._one_call = threading.Lock()
        """The client takes one call at a time; a screen that was left may still have one under way."""
        self.doubts = Doubts()
        """What may have been carried out without our knowing."""
        self.patient_cards = PatientCards(station.read_vitale)

    # --- the professional ---------------------------------------------------------------------------------

    def check_card(self) -> None:
        """Refuse a card of the wrong world, out of date or blocked, before its PIN is asked for."""
        admit_professional(self.professional, now=self._station.clock(), production=self._station.production)
        if self.pin_status.tries_left == 0:
            raise PinBlocked()

    def present_pin(self, pin: bytearray) -> None:
        """Once, never retried; the card's code wipes the buffer. Afterwards `pin_status` is the card's new count."""
        self._present(lambda: self._seat.run(lambda card: card.verify_pin(pin)))

    def present_pin_on_pad(self) -> None:
        """The same on the reader's keypad; blocks until the user is done there."""
        self._present(self._seat.verify_pin_on_pad)

    def _present(self, verify: Callable[[], None]) -> None:
        try:
            verify()
        except PinError:
            self.pin_status = self._seat.run(lambda card: card.pin_status())
            self.trace("LOGIN", "outcome", result="PIN")
            raise
        self.activities = self._seat.run(lambda card: card.activities())

    @property
    def may_declare(self) -> bool:
        """Whether the holder says himself where he works: his card does not."""
        return may_declare(self.professional, self.activities)

    def remembered(self) -> tuple[Attachment, ...]:
        """What the holder declared here before and is still valid, the last used first."""
        return self._station.memory.attachments.of(self.professional.card_serial, self.local_date())

    def attach(self, attachment: Attachment, *, instead_of: Attachment | None = None) -> None:
        """Work there from now on, and remember it; a disk that refuses to remember keeps nobody from working."""
        self.choose(attachment.activity(), attachment.speciality)
        self.attachment = attachment
        try:
            self._station.memory.attachments.remember(
                self.professional.card_serial, attachment, self.local_date(), instead_of=instead_of
            )
        except OSError:
            self.attachment_kept = False
        else:
            self.attachment_kept = True

    def choose(self, activity: Activity, speciality: Code | None = None) -> None:
        """Work in this situation d'exercice from now on: it goes into every call.

        `speciality` is what the holder declared; the card's own goes first.
        """
        who = self.professional
        if self._dmp is not None:
            self._dmp.close()
        self._actor = Actor(
            national_id=who.national_id,
            family_name=who.family_name,
            given_name=who.given_name,
            profession=who.profession,
            speciality=who.speciality or speciality,
            structure_id=activity.structure_id,
            structure_name=activity.structure_name,
            sector=activity.sector,
            anonymous=who.anonymous,
        )
        self.trace("LOGIN", "outcome", result="OK")
        self._dmp = self._station.dmp_client(self._seat, self._actor)

    @property
    def profile(self) -> ServiceProfile:
        """The generation of the DMP service."""
        return self._station.profile

    @property
    def memory(self) -> "Memory":
        """What this workstation remembers."""
        return self._station.memory

    def mark_of(self, patient: PatientId) -> str:
        """The patient as the journal and the outbox name them: a keyed hash."""
        return patient_mark(self._station.site_key, patient.extension)

    @property
    def regulation(self) -> bool:
        """Whether this workstation belongs to a regulation centre (« centre 15 »): then it knows no other mode."""
        return self._station.regulation

    @property
    def access_mode(self) -> str:
        """In words, on every screen."""
        if self.regulation:
            return "RÉGULATION"
        if self.visit is None:
            return "NORMAL"
        mode = "BRIS DE GLACE" if self.visit.glass is not None else "NORMAL"
        return f"{mode}·SECRET" if self.visit.secret else mode

    @property
    def purpose(self) -> Purpose:
        """In which mode a record is asked about: a regulation centre knows its own only (LDRM-01)."""
        return Purpose.REGULATION if self.regulation else Purpose.NORMAL

    def ticks(self) -> float:
        """Seconds of a clock that nobody sets."""
        return self._station.ticks()

    @property
    def logged_in(self) -> bool:
        """Whether a situation d'exercice was chosen."""
        return self._actor is not None

    @property
    def actor(self) -> Actor:
        """Who calls. Raises `NoActivity` when the card has nothing to call with."""
        if self._actor is None:
            raise NoActivity()
        return self._actor

    # --- the patient's card -------------------------------------------------------------------------------

    def read_family(self, slot: SlotState) -> Family:
        """Read the Vitale card and work out each person's identifier."""
        return self.family_of(self._station.read_vitale(slot))

    def family_of(self, card: VitaleCard) -> Family:
        """The same for a card that was read before the login, on a workstation with one reader."""
        admit_vitale(card, production=self._station.production)
        family = identify(self._station.profile, card)
        self.patient_cards.note(family)
        for number in waiting_numbers(family):
            self.trace("IDENTITY", "outcome", patient=number, result="NIA")
        return family

    # --- the record ---------------------------------------------------------------------------------------

    def existence(self, member: Member) -> DmpStatus:
        """TD0.2 for one person."""
        patient = identified(member)
        return self.call("TD0.2", patient, lambda dmp: dmp.test_existence(Access(patient, self.purpose)))

    def create(self, creation: Creation) -> bool:
        """TD1.1. True when the record is new; False when it was there already.

        A call whose outcome is unknown is never sent twice: TD0.2 tells first whether it was carried out.
        """
        patient = creation.patient
        try:
            self.doubts.settle(
                "TD1.1",
                patient.extension,
                lambda: self.call("TD1.1", patient, lambda dmp: dmp.create_record(creation)),
                done=lambda: self._is_active(patient),
                undone="Vérification faite : le DMP n'a pas été créé. Vous pouvez recommencer.",
            )
        except Refused as refusal:
            if refusal.server_code != "DMPFound":
                raise
            return False
        return True

    def seen(self, member: Member, status: DmpStatus) -> None:
        """Remember who was here, for the list of today's patients: in this process only."""
        self.today_patients = [one for one in self.today_patients if one[0].patient != member.patient]
        self.today_patients.insert(0, (member, status))

    def authorized_records(
        self, since: datetime | None, by: ListedBy, owner: str = ""
    ) -> Sequence[ListedRecord]:
        """TD0.4: the records open to the caller, or to `owner` of the same structure.

        Today's patients among the caller's own are known from then on as active and open to him (REC_0.4-1010).
        """
        records = self.call("TD0.4", None, lambda dmp: dmp.list_records(since, by, owner))
        if not owner:
            found = {one.extension: record for record in records for one in record.patients}
            self.today_patients = [
                (member, self._known(member, status, found)) for member, status in self.today_patients
            ]
        return records

    def _known(self, member: Member, status: DmpStatus, found: dict[str, ListedRecord]) -> DmpStatus:
        """Not of who took back his word to the structure: that authorisation ends when the record opens next."""
        number = identified(member).extension
        record = found.get(number)
        if record is None or self.memory.consents.withdrawn(number, self.actor.structure_id) is not None:
            return status
        return replace(
            status,
            state=RecordState.ACTIVE,
            authorization=Authorization.VALID,
            treating_doctor=record.treating_doctor,
        )

    def _is_active(self, patient: PatientId) -> bool:
        status = self.call("TD0.2", patient, lambda dmp: dmp.test_existence(Access(patient)))
        return status.state is RecordState.ACTIVE

    @property
    def calling(self) -> bool:
        """Whether a call to the DMP is under way: something `cancel` can end."""
        return self._one_call.locked()

    def cancel(self) -> None:
        """End the call under way, if any, from any thread: `Cancelled`, or `CardGivenUp` if it waits for the card."""
        if self._dmp is not None:
            self._dmp.cancel()
        self._seat.give_up()

    # --- calls and traces ---------------------------------------------------------------------------------

    def call(
        self,
        act: str,
        patient: PatientId | None,
        ask: Callable[[DmpClient], Answer],
        *,
        reason: str = "",
        reference: str = "",
    ) -> Answer:
        """Intent on disk, then the call, then its outcome: an act that cannot be traced is not done.

        `reference` names what the act is about, for instance a document; a nonce otherwise. Raises `VitaleSwapped`
        before anything when the act needs the patient and somebody else's card lies in the reader.
        """
        dmp = self._dmp
        if dmp is None:
            raise NoActivity()
        if patient is not None:
            self.patient_cards.check(act, patient)
        with self._one_call:
            return self._traced(act, patient, lambda: ask(dmp), reason, reference or uuid.uuid4().hex[:12])

    def _traced(
        self, act: str, patient: PatientId | None, ask: Callable[[], Answer], reason: str, reference: str
    ) -> Answer:
        self.trace(act, "intent", patient=patient, reference=reference, reason=reason)
        try:
            answer = ask()
        except KioskError as error:
            self.dmp_answers = not isinstance(error, TransportError)
            self.trace(
                act, "outcome", patient=patient, reference=reference, result=error.server_code or error.code
            )
            raise
        self.dmp_answers = True
        self.trace(act, "outcome", patient=patient, reference=reference, result="OK")
        return answer

    def trace(
        self,
        act: str,
        phase: str,
        *,
        patient: PatientId | None = None,
        result: str = "",
        reference: str = "",
        reason: str = "",
    ) -> None:
        """One row of the journal; returns once it is on disk, else raises `JournalError`."""
        station = self._station
        station.journal.write(
            Entry(
                act=act,
                phase=phase,
                who=self.professional.national_id,
                structure=self._actor.structure_id if self._actor else "",
                post=station.name,
                patient=patient_mark(station.site_key, patient.extension) if patient else "",
                result=result,
                reason=reason,
                reference=reference,
                version=station.software.version,
            )
        )

    def today(self) -> str:
        """YYYYMMDD, local."""
        return f"{self.local_date():%Y%m%d}"

    def local_date(self) -> date:
        """Today where the workstation is."""
        return self.now().astimezone().date()

    def now(self) -> datetime:
        """The station's clock, UTC."""
        return self._station.clock()

    def close(self) -> None:
        """End the call under way, if any; let the connection and the card go."""
        self.cancel()
        with self._one_call:
            if self._dmp is not None:
                self._dmp.close()
        self._seat.close()


def identified(member: Member) -> PatientId:
    """The person's identifier. Raises the obstacle when there is none."""
    if member.patient is None:
        assert member.obstacle is not None
        raise member.obstacle
    return member.patient

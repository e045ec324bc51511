"""The kiosk as the user meets it: one Textual app per card session, told as one story from card in to card out."""

import asyncio
import math
from collections.abc import Awaitable, Callable
from contextlib import suppress
from typing import TYPE_CHECKING, ClassVar

from textual import events, work
from textual.app import App
from textual.binding import Binding, BindingType
from textual.timer import Timer

from kiosk import attendance, workplace
from kiosk.card.admission import vitale_slot
from kiosk.card.model import CardKind, VitaleCard
from kiosk.card.readers import SlotState, Snapshot
from kiosk.ending import Ending
from kiosk.errors import CardError, GlassMended, JournalError, KioskError, TwoProfessionalCards
from kiosk.idle import Idle, Presence
from kiosk.parameters.file import Parameters
from kiosk.patient import Family
from kiosk.screens.about import about
from kiosk.screens.account import ChooseChannel
from kiosk.screens.attachment import AttachmentScreen
from kiosk.screens.attract import READING, Attract
from kiosk.screens.base import Dialog, KioskScreen
from kiosk.screens.creation import CreationScreen
from kiosk.screens.dialogs import ConfirmDialog, ErrorDialog, TextDialog
from kiosk.screens.home import Home
from kiosk.screens.paper import PaperScreen
from kiosk.screens.pin import lock_screen, pin_screen
from kiosk.screens.record import RecordScreen
from kiosk.screens.status import status_line
from kiosk.screens.stop import Stop
from kiosk.session import Session
from kiosk.station import Station, StationState
from kiosk.terminal import LockedApp

if TYPE_CHECKING:
    from kiosk.seat import CardSeat

READ_AHEAD_SECONDS = 120
"""How long a Vitale card read before the login is kept, on a workstation with one reader."""

CARD_PATIENCE_SECONDS = 5
"""A slow card takes about that long to be read; later on, giving it up is offered."""


class Kiosk(LockedApp[int]):
    """`leave` is called with the exit status the moment the card leaves. In production it ends the process at
    once, so that nothing of the session outlives it; a rehearsal lets the app return instead."""

    CSS_PATH = "screens/kiosk.tcss"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f8", "about", show=False),
        Binding("f9", "tray", show=False),
    ]

    def __init__(self, station: Station, leave: Callable[[int], None] | None = None) -> None:
        super().__init__(theme_setting=station.theme or "auto", allows_pictures=station.page_images)
        self.station = station
        self.snapshot: Snapshot | None = None
        self.session: Session | None = None
        self.state = StationState()
        self._leave = leave or self.exit
        self._seat: CardSeat | None = None
        self._held: SlotState | None = None
        """The slot of the card this session belongs to, from the moment it was recognised."""
        self._home: Home | None = None
        self._glass_timer: Timer | None = None
        self._idle = Idle(station.idle, station.ticks)
        self._locked = False
        self._parameters: asyncio.Future[KioskError | None] | None = None
        """The one request of this session for the service's parameters."""
        self.vitale_ahead: VitaleCard | None = None
        """Read before the login, on a workstation with one reader."""

    # --- the professional's story -------------------------------------------------------------------------

    def on_mount(self) -> None:
        self.station.readers.watch(self._readers_spoke)
        self.set_interval(1, self._watch_idle)
        self.receive()

    @work(exclusive=True, group="professional")
    async def receive(self) -> None:
        """Attract → card → PIN → situation d'exercice → home; the card's removal ends it wherever it stands."""
        attract = Attract()
        await self.push_screen(attract)
        self._held = slot = await attract.recognised
        try:
            self._seat = seat = self.station.seat(slot)
            self.session = session = await attract.work(READING, lambda: Session(self.station, seat))
            self._tell_vitale()
            session.check_card()
        except KioskError as error:
            self.stop_at(error)
            return
        self.back_to_first_screen()
        await self.push_screen_wait(pin_screen(session))
        await self._work_where(workplace.ask)

    def give_up(self) -> None:
        """Escape while something is being done: end the wait for the DMP and for the professional card."""
        if self.session is not None:
            self.session.cancel()
        elif self._seat is not None:
            self._seat.give_up()

    def way_out(self, seconds: int) -> bool:
        """Whether Escape would end what has been going on for that long. Cards are slow: they get some patience."""
        calling = self.session is not None and self.session.calling
        return calling or (seconds >= CARD_PATIENCE_SECONDS and self._seat is not None and self._seat.awaited)

    @work(exclusive=True, group="professional")
    async def change_activity(self) -> None:
        """Another situation d'exercice of the same card."""
        await self._work_where(workplace.ask)

    @work(exclusive=True, group="professional")
    async def correct_attachment(self) -> None:
        """The DMP does not know the structure the professional declared."""
        await self._work_where(workplace.correct)

    async def _work_where(
        self, ask: Callable[[App[int], Session], Awaitable[workplace.Begin | None]]
    ) -> None:
        """Home, in the place `ask` finds out."""
        session = self.session
        assert session is not None
        try:
            begin = await ask(self, session)
            if begin is None:
                return
            await asyncio.to_thread(begin)
        except KioskError as error:
            self.stop_at(error)
            return
        self._home = Home(session)
        self.back_to_first_screen()
        await self.push_screen(self._home)
        self.refresh_states()
        self._learn_parameters()
        self._read_waiting_vitale()

    @work(exclusive=True, group="ahead")
    async def read_ahead(self, slot: SlotState) -> None:
        """One reader for both cards in turn: read the Vitale card before the login, keep it two minutes."""
        attract = self.screen
        assert isinstance(attract, Attract)
        try:
            card = await attract.work("Lecture de la carte Vitale", lambda: self.station.read_vitale(slot))
        except CardError as error:
            attract.tell_trouble(error)
            return
        self.vitale_ahead = card
        attract.tell_read_ahead(len(card.beneficiaries))
        self.set_timer(READ_AHEAD_SECONDS, self._forget_ahead)

    def _forget_ahead(self) -> None:
        self.vitale_ahead = None
        if isinstance(self.screen, Attract):
            self.screen.show(self.snapshot)

    def stop_at(self, error: KioskError) -> None:
        """This card cannot go on: say why until it is taken out."""
        who = self.session.professional.display_name if self.session else ""
        self.push_screen(Stop(error, who))

    def end_session(self) -> None:
        """The card left: nothing more is drawn, nothing is kept."""
        self._leave(Ending.NEXT)

    def action_leave(self) -> None:
        """F10 on the first screen."""
        self._leave(Ending.OPERATOR_STOP)

    # --- the patient's story ------------------------------------------------------------------------------

    @work(exclusive=True, group="patient")
    async def attend(self, read: Callable[[], Family]) -> None:
        """Vitale in → family → record, creation, paper, again and again until the user goes back home."""
        session, home = self.session, self._home
        assert session is not None
        assert home is not None
        self.back_to(home)
        family = await home.attempt("Lecture de la carte Vitale", read)
        if family is None:
            return
        await attendance.attend(self, session, family)

    def action_read_vitale(self) -> None:
        """F5, or the home menu: read the Vitale card that is in a reader."""
        if self._home is not None and not self._read_waiting_vitale():
            self._home.say("Aucune carte Vitale dans les lecteurs.")

    def _read_waiting_vitale(self) -> bool:
        """Read the Vitale card that lies in a reader, or the one read before the login; False without any."""
        session = self.session
        assert session is not None
        slot = vitale_slot(self.snapshot) if self.snapshot else None
        if slot is not None:
            self.attend(lambda: session.read_family(slot))
        elif self.vitale_ahead is not None:
            card, self.vitale_ahead = self.vitale_ahead, None
            self.attend(lambda: session.family_of(card))
        else:
            return False
        return True

    @work(exclusive=True, group="swap")
    async def another_vitale(self, slot: SlotState) -> None:
        """A Vitale card came in: at once when nothing is at stake, after a question when a form is open."""
        open_screens = self.screen_stack
        if self._locked or any(isinstance(screen, PaperScreen | AttachmentScreen) for screen in open_screens):
            return  # codes or the place of work are at stake: the card waits for the home screen
        if any(isinstance(screen, CreationScreen | ChooseChannel | RecordScreen) for screen in open_screens):
            visiting = self.session is not None and self.session.visit is not None
            loses = "ferme le dossier ouvert" if visiting else "abandonne la saisie en cours"
            if not await self.push_screen_wait(
                ConfirmDialog(
                    "Une autre carte Vitale est insérée",
                    f"Lire cette carte {loses} ; rien n'en sera envoyé.",
                    yes="lire la nouvelle carte",
                    no="continuer",
                )
            ):
                return
        session = self.session
        assert session is not None
        self.attend(lambda: session.read_family(slot))

    def glass_broken(self) -> None:
        """From now on every screen says so, and the access ends by itself."""
        if self._glass_timer is None:
            self._glass_timer = self.set_interval(1, self.watch_glass)
        self.watch_glass()

    def watch_glass(self) -> None:
        """Once a second while the emergency door is open: an access that came to its end closes the record."""
        visit = self.session.visit if self.session else None
        if visit is not None and visit.glass is not None and visit.seconds_left() <= 0:
            visit.over = GlassMended()
        if visit is not None and visit.over is not None:
            self._close_record()
        self.draw_status()
        if self._glass_timer is not None and (visit is None or visit.glass is None):
            self._glass_timer.stop()
            self._glass_timer = None

    def _close_record(self) -> None:
        """The access is over: the record is left, whatever stands over it."""
        for screen in reversed(self.screen_stack):
            if isinstance(screen, RecordScreen):
                self.back_to(screen)
                screen.dismiss(None)
                return

    def banner(self) -> str:
        """The first line of every screen and dialog while the emergency door is open; else empty (EX_0.2-1050)."""
        visit = self.session.visit if self.session else None
        if visit is None or visit.glass is None:
            return ""
        left = math.ceil(visit.seconds_left() / 60)
        return f"! BRIS DE GLACE · {visit.member.name[:30]} · encore {left} min · le patient en sera averti"

    # --- nobody there -------------------------------------------------------------------------------------

    def _watch_idle(self) -> None:
        """Once a second: warn, cover, and in the end let the session go (a card left behind)."""
        screen, session = self.screen, self.session
        if session is None or not session.logged_in:
            return
        if isinstance(screen, KioskScreen) and screen.busy:
            self._idle.touch()
            return
        presence = self._idle.presence
        if presence is Presence.GONE:
            self.end_session()
        elif presence is Presence.LOCKED and not self._locked:
            self._lock(session)
        elif presence is Presence.WARNED and isinstance(screen, KioskScreen):
            screen.say(f"Sans touche, l'écran se verrouille dans {self._idle.seconds_left} s.")

    @work(exclusive=True, group="lock")
    async def _lock(self, session: Session) -> None:
        """What was open is there again afterwards, but for the emergency door."""
        self._locked = True
        unlocked = self.push_screen(lock_screen(session), wait_for_dismiss=True)
        emergency = session.visit is not None and session.visit.glass is not None
        with suppress(JournalError):  # the cover does not wait for a disk
            if session.visit is not None:
                await asyncio.to_thread(session.visit.leave, "LOCK")
            await asyncio.to_thread(lambda: session.trace("LOCK", "intent"))
        await unlocked
        self._locked = False
        self._idle.touch()
        if emergency:
            self._close_record()
        with suppress(JournalError):
            await asyncio.to_thread(lambda: session.trace("LOCK", "outcome", result="OK"))

    # --- keys ---------------------------------------------------------------------------------------------

    async def on_event(self, event: events.Event) -> None:
        """While a screen is at work its keys wait for nobody: they are dropped, but Escape."""
        if isinstance(event, events.Key) and not self._locked:
            if self._idle.presence is Presence.WARNED and isinstance(self.screen, KioskScreen):
                self.screen.say("")
            self._idle.touch()
        if isinstance(event, events.Key) and isinstance(self.screen, KioskScreen) and self.screen.busy:
            if event.key == "escape":
                self.screen.cancel_work()
            return
        await super().on_event(event)

    # --- readers ------------------------------------------------------------------------------------------

    def _readers_spoke(self, snapshot: Snapshot) -> None:
        """In the watcher's thread: hand over to the app's own."""
        self.call_later(self.readers_changed, snapshot)

    def readers_changed(self, snapshot: Snapshot) -> None:
        """Every event of the readers comes through here, on the app's own thread."""
        before, self.snapshot = self.snapshot, snapshot
        self._tell_vitale()
        if self._held is not None and not still_holds(snapshot, self._held):
            self.end_session()
            return
        if isinstance(self.screen, Attract):
            self.screen.show(snapshot)
        elif self._home is not None:
            self._look_for_new_cards(before, snapshot)
        self.draw_status()

    def _tell_vitale(self) -> None:
        """The session knows which Vitale card lies in a reader: another patient's stops what changes a record."""
        if self.session is not None:
            self.session.patient_cards.slot = vitale_slot(self.snapshot) if self.snapshot else None

    def _look_for_new_cards(self, before: Snapshot | None, now: Snapshot) -> None:
        for slot in now.slots:
            if before is not None and still_holds(before, slot):
                continue
            if slot.kind is CardKind.VITALE:
                self.another_vitale(slot)
            elif slot.kind is CardKind.PROFESSIONAL:
                self.push_screen(ErrorDialog(TwoProfessionalCards()))

    def _learn_parameters(self) -> None:
        """Once a week the service's own parameters are asked for, beside everything else (EX_GEN-1540)."""
        if self._parameters is None:
            self._parameters = asyncio.ensure_future(
                asyncio.to_thread(self.station.parameters.refresh_if_old)
            )
            if self.station.profile.offers("TD1.5a"):
                self._learn_templates()

    @work(group="templates")
    async def _learn_templates(self) -> None:
        """The forms those parameters announce, for nobody to wait for (EX_1.X-1400)."""
        await self.parameters()
        await asyncio.to_thread(self.station.parameters.refresh_templates)

    async def parameters(self) -> Parameters:
        """The last good ones, waiting for those being asked for: a minor is known before the access (EX_GEN-1550)."""
        if self._parameters is not None:
            await asyncio.wait([self._parameters])
        return self.station.parameters.current()

    # --- what every screen shows --------------------------------------------------------------------------

    @work(exclusive=True, group="states")
    async def refresh_states(self) -> None:
        """Ask the printer, remember whether the DMP answered: the permanent line tells both."""
        self.state = await asyncio.to_thread(self.station.look_around, self.session)
        self.draw_status()

    def draw_status(self) -> None:
        """Draw the permanent line again on every screen that has one."""
        for screen in self.screen_stack:
            if isinstance(screen, KioskScreen | Dialog):
                screen.refresh_status()

    def status_line(self) -> str:
        """Who is logged in and what works; the same on every screen."""
        return status_line(self.session, self.snapshot, self.state, self.size.width)

    def titled(self, heading: str) -> str:
        """A screen's title; training says so on every screen."""
        return " — ".join(
            filter(None, ("ENTRAÎNEMENT (simulation)" if self.station.training else "", heading))
        )

    # --- navigation ---------------------------------------------------------------------------------------

    def back_to(self, screen: KioskScreen[None]) -> None:
        """Close what stands over `screen`."""
        while self.screen is not screen and len(self.screen_stack) > 1:
            self.pop_screen()

    def back_to_first_screen(self) -> None:
        """Close everything but Textual's own base screen."""
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_about(self) -> None:
        self.push_screen(TextDialog("À propos", self._about()))

    def _about(self) -> str:
        station = self.station
        models = station.parameters.template_states()
        return about(station.software, station.profile, models, regulation=station.regulation)

    async def action_tray(self) -> None:
        """F9, in training only: the card tray."""
        if self.station.training is not None:
            from kiosk.screens.tray import TrayDialog

            await self.push_screen(TrayDialog(self.station.training))


def still_holds(snapshot: Snapshot, slot: SlotState) -> bool:
    """Whether the card of `slot` never left its reader: same reader, same event counter."""
    return any(now.reader == slot.reader and now.count == slot.count for now in snapshot.slots)

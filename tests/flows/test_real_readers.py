"""The real screens over the real pcscd: cards, cables, keypads and the service itself come and go.

Everything but the readers is the training box; card and DMP trust the same training authority.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path

import pytest
from pluggable import PluggableReaders
from smartcard import scard

from kiosk.box import Box, training_box
from kiosk.card import tray
from kiosk.card.cps import ApduCard
from kiosk.card.pcsc import PcscReaders
from kiosk.card.readers import Apdu, CardLink, Readers, Snapshot
from kiosk.card.tray import TrayReaders
from kiosk.card.vitale import read_vitale
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.player import Player, played
from kiosk.rehearsal import DirectJournal
from kiosk.settings import state_directory
from kiosk.station import Station

INVITATION = "Insérez votre carte CPS ou CPE"
LEFT, RIGHT = 0, 1


@pytest.fixture(scope="module")
def box() -> Iterator[Box]:
    with training_box() as process:
        yield process.ready()


@pytest.fixture(scope="module")
def pcscd(box: Box) -> Iterator[PluggableReaders]:
    with PluggableReaders(state_directory() / "training" / "authority") as made:
        yield made


@pytest.fixture
def peer(pcscd: PluggableReaders) -> Iterator[PluggableReaders]:
    yield pcscd
    for slot in (LEFT, RIGHT):
        pcscd.plug(slot)
        pcscd.key_in(slot, None)
        pcscd.remove(slot)


def station(box: Box, readers: Readers, tmp_path: Path) -> Station:
    return replace(
        training_station(box, DirectJournal(Journal(tmp_path / "journal.sqlite"))),
        readers=readers,
        open_card=lambda slot: ApduCard(readers.connect(slot.reader)),
        read_vitale=lambda slot: read_vitale(readers.connect(slot.reader)),
    )


def play(story: Callable[[Player], Awaitable[None]], box: Box, tmp_path: Path) -> None:
    async def run() -> None:
        async with played(station(box, PcscReaders(), tmp_path)) as user:
            await story(user)

    asyncio.run(run())


async def do(act: Callable[..., None], *arguments: object) -> None:
    """Something done to the readers, while the app lives on."""
    await asyncio.to_thread(act, *arguments)


async def present_pin(user: Player) -> None:
    await user.see("Saisissez votre code porteur")
    await user.type("1234")
    await user.press("enter")


def test_from_card_in_to_card_out(box: Box, peer: PluggableReaders, tmp_path: Path) -> None:
    async def story(user: Player) -> None:
        await user.see(INVITATION)
        await do(peer.insert, LEFT, "cpe-accueil")
        await present_pin(user)
        await user.see("Mode d'accès : NORMAL")
        await do(peer.insert, RIGHT, "vitale-seule")
        await user.see("Personne(s) présente(s)", "Pas de DMP")
        await do(peer.remove, LEFT)
        await user.gone()

    play(story, box, tmp_path)


def test_the_service_restarts_before_anybody_came(box: Box, peer: PluggableReaders, tmp_path: Path) -> None:
    async def story(user: Player) -> None:
        await user.see(INVITATION, "Lect.OK")
        for _ in range(2):
            await do(peer.stop_daemon)
            await user.see("Le service des lecteurs de cartes ne répond pas.", "CARTE-010", "Lect.HS")
            await do(peer.start_daemon)
            await user.see(INVITATION, "Lect.OK")
        await do(peer.insert, RIGHT, "cps-medecin")
        await present_pin(user)
        await user.see("Mode d'accès : NORMAL")

    play(story, box, tmp_path)


def test_the_cables_are_pulled_before_anybody_came(box: Box, peer: PluggableReaders, tmp_path: Path) -> None:
    async def story(user: Player) -> None:
        await user.see(INVITATION)
        for slot in (LEFT, RIGHT):
            peer.unplug(slot)
        await user.see("Aucun lecteur de cartes n'est branché.", "CARTE-011", "Lect.HS")
        peer.plug(RIGHT)
        await user.see(INVITATION, "Lect.OK")

    play(story, box, tmp_path)


@pytest.mark.parametrize("loss", ["service", "cable"])
def test_losing_the_readers_ends_the_session(
    loss: str, box: Box, peer: PluggableReaders, tmp_path: Path
) -> None:
    async def story(user: Player) -> None:
        await do(peer.insert, LEFT, "cpe-accueil")
        await present_pin(user)
        await user.see("Mode d'accès : NORMAL")
        if loss == "service":
            await do(peer.stop_daemon)
        else:
            peer.unplug(LEFT)
        await user.gone()

    play(story, box, tmp_path)
    if loss == "service":
        peer.start_daemon()


def test_another_program_keeps_the_reader(box: Box, peer: PluggableReaders, tmp_path: Path) -> None:
    async def story(user: Player) -> None:
        await user.see("Le lecteur est occupé par un autre programme.", "CARTE-012")
        scard.SCardDisconnect(taken, scard.SCARD_LEAVE_CARD)
        await do(peer.remove, LEFT)
        await user.gone()

    peer.stop_daemon()  # a rehearsed session lets its card go with its process: the one before lives on here
    peer.start_daemon()
    peer.insert(LEFT, "cps-medecin")
    _, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
    both = scard.SCARD_PROTOCOL_T0 | scard.SCARD_PROTOCOL_T1
    result, taken, _ = scard.SCardConnect(context, peer.readers[LEFT], scard.SCARD_SHARE_EXCLUSIVE, both)
    assert result == scard.SCARD_S_SUCCESS
    play(story, box, tmp_path)
    scard.SCardReleaseContext(context)


def test_the_pin_is_typed_on_the_reader(box: Box, peer: PluggableReaders, tmp_path: Path) -> None:
    async def story(user: Player) -> None:
        peer.key_in(LEFT, "cancel")
        await do(peer.insert, LEFT, "cpe-accueil")
        await user.see("Tapez votre code sur le clavier du lecteur", "annulée", "Essais restants : 3 sur 3")
        peer.key_in(LEFT, "4321")
        await user.press("enter")
        await user.see("Code porteur faux.", "Essais restants : 2 sur 3")
        peer.key_in(LEFT, "1234")
        await user.press("enter")
        await user.see("Mode d'accès : NORMAL")
        assert user.keys_pressed == 2

    play(story, box, tmp_path)


def test_the_last_try_on_the_reader_is_confirmed_first(
    box: Box, peer: PluggableReaders, tmp_path: Path
) -> None:
    async def story(user: Player) -> None:
        peer.key_in(LEFT, "4321")
        await do(peer.insert, LEFT, "cps-dernier-essai")
        await user.see("DERNIER ESSAI")
        await user.press("n")
        await user.see("Tapez votre code sur le clavier du lecteur", "Essais restants : 1 sur 3")
        await user.press("enter")
        await user.see("DERNIER ESSAI")
        await user.press("o")
        await user.see("Votre carte est bloquée.", "CARTE-053")

    play(story, box, tmp_path)


# --- the card leaves at each command of a login ---------------------------------------------------------------


class CountingLink:
    """A link to a card that is taken out just before its n-th command."""

    def __init__(self, link: CardLink, spend: Callable[[], None]) -> None:
        self._link, self._spend = link, spend

    @property
    def atr(self) -> bytes:
        return self._link.atr

    def transmit(self, apdu: Apdu) -> bytes:
        self._spend()
        return self._link.transmit(apdu)

    def exclusive(self) -> AbstractContextManager[None]:
        return self._link.exclusive()

    def close(self) -> None:
        self._link.close()


class ImpatientReaders:
    """The training tray with somebody who pulls the card before the command numbered `last`, from 0."""

    def __init__(self, directory: Path, last: int) -> None:
        self._tray = TrayReaders(directory, 2)
        self._directory, self._left = directory, last
        self.pulled = False

    def watch(self, on_change: Callable[[Snapshot], None]) -> None:
        self._tray.watch(on_change)

    def connect(self, reader: str) -> CardLink:
        return CountingLink(self._tray.connect(reader), self._spend)

    def close(self) -> None:
        self._tray.close()

    def _spend(self) -> None:
        if self._left == 0:
            self.pulled = True
            tray.remove(self._directory, slot=0)
        self._left -= 1


def test_card_out_at_every_command_of_a_login_ends_the_session(box: Box, tmp_path: Path) -> None:
    """Wherever it leaves, the session ends; what it still said meanwhile carried a support code."""

    async def login(last: int) -> bool:
        readers = ImpatientReaders(box.directory, last)
        async with played(station(box, readers, tmp_path)) as user:
            await asyncio.to_thread(tray.insert, box.directory, "cps-medecin", 0)
            await user.until(lambda: user.app._exit or "Saisissez votre code" in user.screen())
            if not user.app._exit:
                await user.type("1234")
                await user.press("enter")
                await user.until(lambda: user.app._exit or "Mode d'accès : NORMAL" in user.screen())
            if readers.pulled:
                await user.gone()
            else:
                await asyncio.to_thread(lambda: tray.remove(box.directory, slot=0))
                await user.gone()
            assert user.app._exception is None
        return readers.pulled

    commands = 0
    while asyncio.run(login(commands)):
        commands += 1
    assert commands > 30

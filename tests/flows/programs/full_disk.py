"""Stories on a disk that gets full, for a process whose mount namespace holds one: `full_disk.py STORY DISK FOLDER`.

DISK is a small tmpfs of that process alone; nothing outside sees it, and it is gone with it.
"""

import os
import sys
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[2]))

from conftest import _STATE
from deposit_desk import (
    deposit,
    describe,
    dismissed,
    documents,
    into_lot,
    scan,
    show,
    sign_and_send,
    states,
    visit_of,
)
from deposit_files import pdfa
from desk import Desk, play

from kiosk.deposit.outbox import State
from kiosk.record import interrupted
from kiosk.record.visit import Visit
from kiosk.screens.deposit import DepositScreen

DISK, FOLDER = Path(sys.argv[2]), Path(sys.argv[3])
FILL = DISK / "fill"


def fill() -> None:
    """Until the kernel says that there is no room (ENOSPC), to the last byte."""
    with FILL.open("ab", buffering=0) as file, suppress(OSError):
        while file.write(bytes(4096)):
            pass
    room = os.statvfs(DISK)
    assert room.f_bavail == 0, room


def empty() -> None:
    FILL.unlink()


async def at_the_desk(desk: Desk) -> Visit:
    """The outbox on the small disk, everything else elsewhere."""
    station = desk.user.app.station
    outbox = replace(station.memory.outbox, path=DISK / "outbox.sqlite")
    desk.user.app.station = replace(station, memory=replace(station.memory, outbox=outbox))
    return await visit_of(desk)


async def lot_ready(desk: Desk, title: str) -> tuple[Visit, list[bool]]:
    """A register that has been written before, one document in the lot."""
    scan(FOLDER, "avant.pdf", pdfa("Avant"))
    visit = await at_the_desk(desk)
    assert await deposit(desk, visit, "Avant")
    (FOLDER / "scans" / "avant.pdf").unlink()
    scan(FOLDER, "scan.pdf", pdfa(title))
    results = await show(desk, DepositScreen(visit))
    await desk.user.see("scan.pdf")
    await desk.user.press("enter")
    await describe(desk, title)
    await into_lot(desk)
    return visit, results


async def before_it_is_signed(desk: Desk) -> None:
    """Nothing leaves; with room again, the same lot goes."""
    visit, results = await lot_ready(desk, "Plus de place")
    fill()
    await sign_and_send(desk)
    await desk.user.see("rien n'a été envoyé", "Le disque est plein", "À faire", "DEPOT-030")
    assert (await desk.transactions()).count("TD2.1") == 1
    await desk.user.press("enter")
    await desk.user.see("F10 Signer et envoyer", "Plus de place")
    empty()
    await sign_and_send(desk)
    await desk.user.see("Déposé dans le DMP")
    assert "n'a pas pu le noter" not in desk.user.screen()
    await desk.user.press("enter")
    assert await dismissed(desk, results) is True
    assert (await desk.transactions()).count("TD2.1") == 2
    assert states(visit) == [State.DONE, State.DONE]


async def while_the_answer_is_on_its_way(desk: Desk) -> None:
    """It arrived and cannot be noted: the user is told both, and the DMP is asked the next time."""
    visit, results = await lot_ready(desk, "Arrivé sans trace")
    await desk.dmp(do="fault", kind="slow", seconds=0)
    await desk.dmp(do="fault", kind="slow", seconds=3)
    await sign_and_send(desk)
    await desk.arrived("TD2.1", 2)
    fill()
    screen = await desk.user.see("Déposé dans le DMP", "n'a pas pu le noter", "prévenez l'assistance")
    assert "rien n'a été envoyé" not in screen
    await desk.user.press("enter")
    assert await dismissed(desk, results) is True
    empty()
    assert states(visit) == [State.DONE, State.SENT]
    await settled_the_next_time(desk, visit, "Arrivé sans trace")


async def while_nobody_knows(desk: Desk) -> None:
    """The user gives up a sending that lasts, and that cannot be noted: told as a doubt; with room, the DMP says."""
    visit, results = await lot_ready(desk, "Dans le doute")
    await desk.dmp(do="fault", kind="slow", seconds=0)
    await desk.dmp(do="fault", kind="drip", seconds=60)
    await sign_and_send(desk)
    await desk.arrived("TD2.1", 2)
    fill()
    await desk.user.press("escape")
    screen = await desk.user.see("ne sait pas encore si le document est arrivé", "DEPOT-031")
    assert "rien n'a été envoyé" not in screen
    await desk.user.press("enter")
    await desk.user.see("Envoi à reprendre : F10", "Dans le doute")
    empty()
    await desk.user.press("f10")
    await desk.user.see("Déposé dans le DMP")
    await desk.user.press("enter")
    assert await dismissed(desk, results) is True
    assert (await desk.transactions()).count("TD2.1") == 2
    assert list(await documents(visit)).count("Dans le doute") == 1
    assert states(visit) == [State.DONE, State.DONE]


async def settled_the_next_time(desk: Desk, visit: Visit, title: str) -> None:
    [told] = interrupted.told_at_login(visit.session)
    assert "s'est interrompu" in told
    await show(desk, DepositScreen(visit))
    await desk.user.see("Dépôt interrompu", "est bien arrivé dans le")
    await desk.user.press("enter")
    await desk.user.see("Choisir un fichier à déposer", "scan.pdf", "déjà au DMP")
    assert states(visit) == [State.DONE, State.DONE]
    assert list(await documents(visit)).count(title) == 1
    assert (await desk.transactions()).count("TD2.1") == 2


STORIES = {
    "before": before_it_is_signed,
    "answered": while_the_answer_is_on_its_way,
    "doubt": while_nobody_knows,
}

if __name__ == "__main__":
    with _STATE:
        play(STORIES[sys.argv[1]], FOLDER)

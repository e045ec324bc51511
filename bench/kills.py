"""A kiosk that deposits is killed at points all over its work: lost 0, double 0, and the next start tells the truth.

    kills.py [--runs N] [--json]

Every run is a process of its own before one training box: card, PIN, existence test; then what a start does (ask the
DMP about what was left open) and the deposit of every file that is not in the record yet. At one call into C of that
part, another one each run, it ends itself with SIGKILL; every third deposit also meets a service that takes the
documents and cuts the line, or hears nothing. Status 1 when a document was lost, doubled, or told wrongly.
"""

import argparse
import json
import os
import random
import signal
import socket
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

_STATE = tempfile.TemporaryDirectory(prefix="dmp-kills-")
os.environ["XDG_STATE_HOME"] = _STATE.name

from kiosk.box import Box, training_box  # noqa: E402
from kiosk.card.readers import CardKind, SlotState  # noqa: E402
from kiosk.card.tray import insert  # noqa: E402
from kiosk.dmp.document import DocumentQuery, Visibility  # noqa: E402
from kiosk.dmp.nomenclature import CodeSet, known  # noqa: E402
from kiosk.errors import DepositInDoubt, KioskError, TransportError  # noqa: E402
from kiosk.journal import Journal  # noqa: E402
from kiosk.launch import _preload, training_station  # noqa: E402
from kiosk.memory import memory_in  # noqa: E402
from kiosk.record import draft, interrupted  # noqa: E402
from kiosk.record.depositing import Depositing  # noqa: E402
from kiosk.record.draft import Draft  # noqa: E402
from kiosk.record.visit import Visit  # noqa: E402
from kiosk.rehearsal import DirectJournal  # noqa: E402
from kiosk.session import Session  # noqa: E402
from kiosk.station import utc_now  # noqa: E402

Value = TypeVar("Value")

_PATIENCE = 4
CARD, VITALE = "cps-medecin", "vitale-suivi"
NASTY = ("commit-then-cut", "cut-before")


@dataclass(frozen=True)
class Desk:
    """One workstation: what stays when a session is killed."""

    box: Box
    state: Path
    drawers: tuple[str, str]

    def visit(self) -> Visit:
        """Card, PIN, Vitale, existence test."""
        station = replace(
            training_station(self.box, DirectJournal(Journal(self.state / "journal.sqlite"))),
            memory=memory_in(self.state, bytes(32), utc_now),
        )
        professional, vitale = self.drawers
        seat = station.seat(SlotState(professional, CardKind.PROFESSIONAL, b"", 1))
        session = Session(station, seat)
        session.present_pin(bytearray(b"1234"))
        session.choose(session.activities[0])
        family = session.read_family(SlotState(vitale, CardKind.VITALE, b"", 1))
        member = family.members[0]
        return Visit(session, member, session.existence(member))

    def tell_dmp(self, **request: object) -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.connect(str(self.box.directory / "dmp.sock"))
            with connection.makefile("rwb") as lines:
                lines.write(json.dumps(request).encode() + b"\n")
                lines.flush()
                lines.readline()


class Killer:
    """Counts calls into C of every thread, and ends the process at one of them."""

    def __init__(self, kill_at: int) -> None:
        self.calls, self._kill_at = 0, kill_at

    def start(self) -> None:
        threading.setprofile(self._count)
        sys.setprofile(self._count)

    def stop(self) -> None:
        sys.setprofile(None)
        threading.setprofile(None)  # type: ignore[arg-type]

    def _count(self, frame: object, event: str, argument: object) -> None:
        if event == "c_call":
            self.calls += 1
            if self.calls == self._kill_at:
                os.kill(os.getpid(), signal.SIGKILL)


def title(number: int) -> str:
    return f"Essai {number}"


def content(number: int) -> bytes:
    return f"Document fictif numéro {number}.\n".encode()


def titles(visit: Visit) -> Counter[str]:
    """What the record holds, as the DMP tells it."""
    return Counter(entry.title for entry in visit.find_documents(DocumentQuery()).entries)


def run(desk: Desk, number: int, kill_at: int, told: int) -> int:
    """What one start does; the calls into C it took. Verdicts go to `told`, one line each."""
    visit = again(desk.visit)
    outbox, mark = visit.session.memory.outbox, visit.session.mark_of(visit.patient)
    killer = Killer(kill_at)
    killer.start()
    login = interrupted.told_at_login(visit.session)
    settled = again(lambda: interrupted.settle(visit))
    killer.stop()
    if settled:
        _check_verdicts(visit, settled, login, number, told)
    for each in range(number + 1):
        mark_of_file = outbox.mark(content(each))
        if outbox.open_with(mark, (mark_of_file,)) is None and outbox.sent_before(mark, mark_of_file):
            continue
        if (number + each) % 3 == 0:
            desk.tell_dmp(do="fault", kind="slow", seconds=0)  # the existence test goes through
            desk.tell_dmp(do="fault", kind=NASTY[number % 2])
        killer.start()
        _deposit(visit, each)
        killer.stop()
        os.write(told, f"done {each}\n".encode())
    return killer.calls


def _check_verdicts(
    visit: Visit, settled: tuple[interrupted.Settled, ...], login: tuple[str, ...], number: int, told: int
) -> None:
    """Against what the record holds; a file that may have arrived must have been told of at login."""
    there = again(lambda: titles(visit))
    marks = {visit.session.memory.outbox.mark(content(each)): each for each in range(number + 1)}
    for one in settled:
        each = marks[one.deposit.documents[0].content_mark]
        right = one.arrived == (there[title(each)] == 1) and (bool(login) or not one.deposit.uncertain)
        os.write(told, f"{'right' if right else 'wrong'} {each}\n".encode())


def _deposit(visit: Visit, number: int) -> None:
    chosen = draft.choose(content(number), draft.patient_of(visit.member, visit.status))
    kind = known(CodeSet.TYPE, "11488-4")
    assert kind is not None
    setting = draft.usual_setting(visit.session.actor, "")
    one = Draft(chosen, title(number), kind, visit.session.local_date(), setting, Visibility())
    lot = Depositing(visit, (one,))
    again(lambda: [step() for _, step in lot.steps()])


def again(act: Callable[[], Value]) -> Value:
    """As a user who tries again: a trouble meant for a session that was killed may meet this one."""
    for _ in range(_PATIENCE):
        with suppress(TransportError, DepositInDoubt):
            return act()
    return act()


def in_a_process(desk: Desk, number: int, kill_at: int, told: int) -> int:
    """A forked session; its wait status."""
    child = os.fork()
    if child == 0:
        status = 1
        with suppress(KioskError):
            run(desk, number, kill_at, told)
            status = 0
        os._exit(status)
    _, status = os.waitpid(child, 0)
    return status


def kills(runs: int, state: Path) -> dict[str, object]:
    """The whole bench, as figures."""
    _preload()
    pick = random.Random(runs)  # the same points every time
    reader, writer = os.pipe()
    start = time.monotonic()
    with training_box() as process:
        box = process.ready()
        drawers = tuple(
            next(slot.name for slot in insert(box.directory, card).slots if slot.card_id == card)
            for card in (CARD, VITALE)
        )
        desk = Desk(box, state, (drawers[0], drawers[1]))
        desk.tell_dmp(do="threshold", searches=1_000_000)
        whole = _measured(desk, writer)
        statuses = []
        for number in range(1, runs + 1):
            kill_at = max(1, number * whole // runs + pick.randrange(-20, 20)) if number < runs else 0
            statuses.append(in_a_process(desk, number, kill_at, writer))
        last = in_a_process(desk, runs, 0, writer)
        there = _final(desk, runs, writer)
        os.close(writer)
        lines = _read(reader)
    verdicts = Counter(line.split()[0] for line in lines)
    acknowledged = {int(line.split()[1]) for line in lines if line.startswith("done")}
    counts = [there["titles"].get(title(each), 0) for each in range(runs + 1)]
    return {
        "runs": runs,
        "killed": sum(
            os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL for status in statuses
        ),
        "failed": sum(os.WIFEXITED(status) and os.WEXITSTATUS(status) != 0 for status in (*statuses, last)),
        "documents": runs + 1,
        "lost": counts.count(0),
        "double": sum(count > 1 for count in counts),
        "acknowledged_and_absent": sum(counts[each] == 0 for each in acknowledged),
        "left_open": there["open"],
        "told_right": verdicts["right"],
        "told_wrong": verdicts["wrong"],
        "journal_intact": there["journal"],
        "calls": whole,
        "seconds": round(time.monotonic() - start, 1),
    }


def _read(pipe: int) -> list[str]:
    with open(pipe) as lines:
        return lines.readlines()


def _measured(desk: Desk, told: int) -> int:
    """The calls into C of a whole run, counted in a process of its own."""
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(question, str(run(desk, 0, 0, told)).encode())
        os._exit(0)
    os.waitpid(child, 0)
    os.close(question)
    return int(os.read(answer, 100))


def _final(desk: Desk, runs: int, told: int) -> dict[str, object]:
    """What stands in the record, the outbox and the journal at the end."""
    answer, question = os.pipe()
    child = os.fork()
    if child == 0:
        visit = again(desk.visit)
        found = {
            "titles": {
                name: count
                for name, count in again(lambda: titles(visit)).items()
                if name.startswith("Essai ")
            },
            "open": len(visit.session.memory.outbox.open_deposits()),
            "journal": Journal(desk.state / "journal.sqlite").verify().intact,
        }
        with open(question, "w") as pipe:
            json.dump(found, pipe)
        os._exit(0)
    os.close(question)
    with open(answer) as pipe:
        found = json.load(pipe)
    os.waitpid(child, 0)
    return found


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=420)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="dmp-kills-") as state:
        report = kills(arguments.runs, Path(state))
    if arguments.json:
        print(json.dumps(report))
    else:
        for name, value in report.items():
            print(f"{name:<26} {value}")
    bad = ("lost", "double", "acknowledged_and_absent", "left_open", "told_wrong", "failed")
    return 1 if any(report[name] for name in bad) or not report["journal_intact"] else 0


if __name__ == "__main__":
    raise SystemExit(main())

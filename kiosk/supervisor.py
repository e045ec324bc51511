"""The parent of every card session: it forks them, writes their journal, and wipes the terminal after them.

One card session is one process, because what a process knew is only gone when it is dead. The supervisor
imports everything heavy once, starts no thread, holds no patient's data, and forks a session ready to paint.
However a session ends (card out, fault, `kill -9`), the terminal is wiped before anything else happens.

    supervisor ── fork ──▶ session            rows of the journal: socket pair, answered once on disk
        ▲                     │               end of the session: pidfd
        └── reap, wipe ◀──────┘               end of the supervisor: the session receives SIGTERM
"""

import gc
import os
import select
import signal
import socket
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Final, NoReturn

from kiosk.ending import Ending, crash_of
from kiosk.errors import JournalError
from kiosk.hardening import forbid_inspection, forbid_privileges, harden_session
from kiosk.journal import Entry, Journal, JournalLink
from kiosk.journal.link import PACKET_BYTES, serve
from kiosk.tty import Terminal

Session = Callable[[JournalLink], int]
"""One card session, run in a process of its own; its exit status is an `Ending`."""

_STOPPERS: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
_IGNORED: Final = (signal.SIGINT, signal.SIGTSTP, signal.SIGTTIN, signal.SIGTTOU)
_GRACE_SECONDS: Final = 3.0
"""What a session told to stop has to leave cleanly; then it is killed."""
_QUICK_CRASH_SECONDS: Final = 2.0
_QUICK_END_SECONDS: Final = 0.05
_QUICK_ENDS: Final = 5
"""That many sessions in a row that lived less than that are a fault that repeats, not people at work."""
_SILENT_ENDS: Final = (Ending.NEXT, Ending.OPERATOR_STOP, Ending.TERMINAL_GONE)
PAUSES: Final = (5.0, 10.0, 30.0, 60.0)
"""Seconds between two attempts while sessions keep ending at once; the last one stays."""


def supervise(
    session: Session,
    journal: Journal,
    *,
    preload: Callable[[], None],
    sweep: Callable[[], object] = lambda: None,
    pauses: Sequence[float] = PAUSES,
) -> int:
    """Run one session after the other until the kiosk is to stop; the exit status.

    `sweep` runs after each of them, however it ended: it removes what other software left of the session.
    0 after an operator's stop (`Ending.OPERATOR_STOP`, SIGTERM, SIGQUIT), `Ending.TERMINAL_GONE` when the
    terminal went away. Raises `RuntimeError` when `preload` started a thread: a fork would lose it.
    """
    preload()
    _require_one_thread()
    forbid_inspection()
    forbid_privileges()
    gc.freeze()  # what is loaded stays shared with every session; collecting it first takes 30 ms and finds nothing
    gc.enable()
    terminal = Terminal()
    last_crash = ""
    quick = 0
    with _stop_signals() as stop:
        while not stop.asked:
            begin = time.monotonic()
            ending, last_crash = _one_session(session, journal, terminal, stop, last_crash)
            sweep()
            if ending is Ending.TERMINAL_GONE:
                return ending
            if ending is Ending.OPERATOR_STOP:
                break
            least = _QUICK_CRASH_SECONDS if ending is Ending.CRASHED else _QUICK_END_SECONDS
            quick = quick + 1 if time.monotonic() - begin < least else 0
            if quick >= _QUICK_ENDS:
                pause = pauses[min(quick - _QUICK_ENDS, len(pauses) - 1)]
                terminal.say(f"La borne s'arrête sans cesse ({last_crash or 'sans code'}).")
                terminal.say(f"Prévenez l'assistance. Nouvel essai dans {pause:.0f} s.")
                stop.wait(pause)
    return 0


def _require_one_thread() -> None:
    """A fork keeps the calling thread alone: locks the others hold stay locked for ever in the child."""
    if len(os.listdir("/proc/self/task")) > 1:
        raise RuntimeError("a thread runs in the supervisor: nothing imported there may start one")


@dataclass
class _Stop:
    """Whether the supervisor is to stop, and a descriptor that becomes readable when it is."""

    reader: int
    asked: bool = False
    hung_up: bool = False

    def note(self, number: int, _frame: object) -> None:
        self.asked = True
        self.hung_up |= number == signal.SIGHUP

    def wait(self, seconds: float) -> None:
        """Sleep, unless told to stop."""
        if not self.asked:
            select.select([self.reader], [], [], seconds)


@contextmanager
def _stop_signals() -> Iterator[_Stop]:
    """Turn SIGTERM, SIGHUP and SIGQUIT into a wish to stop; ignore what stops a program in front of a user."""
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    stop = _Stop(reader)
    before = {number: signal.signal(number, stop.note) for number in _STOPPERS}
    before |= {number: signal.signal(number, signal.SIG_IGN) for number in _IGNORED}
    old_wakeup = signal.set_wakeup_fd(writer, warn_on_full_buffer=False)
    try:
        yield stop
    finally:
        signal.set_wakeup_fd(old_wakeup)
        for number, handler in before.items():
            signal.signal(number, handler)
        os.close(reader)
        os.close(writer)


def _one_session(
    session: Session, journal: Journal, terminal: Terminal, stop: _Stop, last_crash: str
) -> tuple[Ending, str]:
    """Fork, serve and bury one session: how it ended, and the code of its crash if it crashed."""
    journal.close()  # no session inherits the file
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    signal.pthread_sigmask(signal.SIG_BLOCK, _STOPPERS)  # none is lost between the fork and its own handlers
    child = os.fork()
    if child == 0:
        ours.close()
        _be_the_session(session, JournalLink(theirs, last_crash), parent)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPERS)
    theirs.close()
    with ours:
        life = _Life(child, ours, journal)
        life.watch(stop)
        status = life.bury()
        present = terminal.wipe()
        life.serve_rest()
    if not present or stop.hung_up:
        return Ending.TERMINAL_GONE, ""
    if status in _SILENT_ENDS:
        return Ending(status), ""
    crash = life.last_words or _unspoken_crash(status)
    if not stop.asked:
        _note_crash(journal, crash)
    return Ending.CRASHED, crash


def _be_the_session(session: Session, link: JournalLink, parent: int) -> NoReturn:
    """The child's whole life. It leaves by `_exit`: nothing of the parent's is run, flushed or closed."""
    status = int(Ending.CRASHED)
    try:
        signal.set_wakeup_fd(-1)
        for number in _STOPPERS:
            signal.signal(number, signal.SIG_DFL)
        signal.pthread_sigmask(signal.SIG_UNBLOCK, _STOPPERS)
        harden_session(parent)
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, 2)  # C libraries write there: neither on the screen nor with a name in a log
        status = int(session(link))
    except BaseException as error:
        link.report(crash_of(error))
    finally:
        os._exit(status)


@dataclass
class _Life:
    """One session seen from its parent, from the fork to the grave."""

    child: int
    connection: socket.socket
    journal: Journal
    last_words: str = ""
    pidfd: int = field(init=False)

    def __post_init__(self) -> None:
        self.pidfd = os.pidfd_open(self.child)
        self.connection.setblocking(False)

    def watch(self, stop: _Stop) -> None:
        """Write what the session asks for, until it ends. Told to stop: SIGTERM, and SIGKILL after the grace."""
        kill_at: float | None = None
        listened = [self.pidfd, self.connection.fileno(), stop.reader]
        while True:
            if stop.asked and kill_at is None:
                kill_at = time.monotonic() + _GRACE_SECONDS
                listened.remove(stop.reader)
                self._signal(signal.SIGTERM)
            left = None if kill_at is None else max(0.0, kill_at - time.monotonic())
            ready, _, _ = select.select(listened, [], [], left)
            if self.pidfd in ready:
                return
            if kill_at is not None and time.monotonic() >= kill_at:
                self._signal(signal.SIGKILL)
                kill_at += _GRACE_SECONDS
            if self.connection.fileno() in ready and not self._serve_one():
                listened.remove(self.connection.fileno())

    def bury(self) -> int:
        """Reap it; its exit status, negative for a signal."""
        _, status = os.waitpid(self.child, 0)
        os.close(self.pidfd)
        return os.waitstatus_to_exitcode(status)

    def serve_rest(self) -> None:
        """Write what it still asked for with its last breath."""
        while self._serve_one():
            pass

    def _serve_one(self) -> bool:
        """`False` when there is nothing to read, for now or for ever."""
        try:
            packet = self.connection.recv(PACKET_BYTES)
        except OSError:
            return False
        if not packet:
            return False
        self.last_words = serve(self.journal, packet, self.connection) or self.last_words
        return True

    def _signal(self, number: signal.Signals) -> None:
        with suppress(ProcessLookupError):
            signal.pidfd_send_signal(self.pidfd, number)


def _unspoken_crash(status: int) -> str:
    """What to call an end without a word."""
    return signal.Signals(-status).name if status < 0 else f"STATUS-{status}"


def _note_crash(journal: Journal, crash: str) -> None:
    """A session that crashed leaves a row: what it had begun may have no outcome."""
    with suppress(JournalError):  # the next session will be told, when it has something to trace
        journal.append(
            Entry(act="CRASH", phase="outcome", who="", result=crash.partition(" ")[0], reason=crash)
        )

"""Peers that nobody here wrote, started for one test and gone with it.

`Pcscd`: the real PC/SC daemon with vsmartcard's virtual readers and the box's emulated cards in them. All of it
lives in its own user, mount, network and process namespaces: the virtual readers' driver listens on every
interface without asking who calls, so it must never see a real one. Only the daemon's socket directory is shared
with the test, which reaches it through PCSCLITE_CSOCK_NAME. When the test run ends, however it ends, the
shell that is process 1 inside reads the end of its input and takes everything with it.
"""

import atexit
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from smartcard import scard

DRIVER = "/usr/lib/pcsc/drivers/serial/libifdvpcd.so"
_READER = "Lecteur virtuel"
_PORTS = (35963, 35964)
"""Inside the network namespace, so always free; the driver takes two in a row."""
_DEADLINE = 20.0
"""Seconds any of the peers may take to do what it was told."""

_session: Path | None = None


def session_directory() -> Path:
    """Where the daemon's socket of this process lies. libpcsclite reads the variable once a process, so there is
    one such place a process, short enough for a socket's name."""
    global _session
    if _session is None:
        _session = Path(tempfile.mkdtemp(prefix="pcscd-"))
        atexit.register(shutil.rmtree, _session, ignore_errors=True)
        os.environ["PCSCLITE_CSOCK_NAME"] = str(_session / "pcscd.comm")
    return _session


class Pcscd:
    """`with Pcscd(pki_directory) as peer:` a running daemon with two empty readers.

    `PCSCLITE_CSOCK_NAME` stays set for the life of the process; without a `Pcscd` running, no daemon is there.
    """

    ports = _PORTS
    """Where the driver listens, by slot."""

    def __init__(self, pki: Path) -> None:
        self._pki = pki
        self._directory = session_directory()
        self._inside: dict[int, str] = {}
        self.readers = (f"{_READER} 00 00", f"{_READER} 00 01")
        """Names as PC/SC gives them, by slot."""

    def __enter__(self) -> Self:
        with ExitStack() as started:
            self._configuration = Path(
                started.enter_context(tempfile.TemporaryDirectory(prefix="pcscd-conf-"))
            )
            self._write_configuration()
            for left_over in self._directory.iterdir():
                left_over.unlink()
            self._shell = started.enter_context(_piped(["unshare", "-rmnpf", "--kill-child", "sh"]))
            self._order(
                "ip link set lo up && mount -t tmpfs tmpfs /run && mkdir /run/pcscd"
                f" && mount --bind {self._directory} /run/pcscd"
            )
            enter = ["nsenter", "-t", str(self._shell.pid), "-U", "-n", "--preserve-credentials", "--"]
            rack = [sys.executable, "-m", "kiosk.training.cards.rack", "--pki", str(self._pki)]
            ports = [f"--port={port}" for port in self.ports]
            self._rack = started.enter_context(_piped([*enter, *rack, *ports]))
            self.start_daemon()
            self._started = started.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._started.close()

    def insert(self, slot: int, card_id: str, *, wait: bool = True) -> None:
        """Put a card into a reader, swapping what is inside; `wait` until the daemon has seen it."""
        self._rack_order(f"insert {slot} {card_id}")
        self._inside[slot] = card_id
        if wait:
            self._wait_for(slot, scard.SCARD_STATE_PRESENT)

    def remove(self, slot: int, *, wait: bool = True) -> None:
        """Take the card out; `wait` until the daemon has seen it."""
        self._rack_order(f"remove {slot}")
        self._inside.pop(slot, None)
        if wait:
            self._wait_for(slot, scard.SCARD_STATE_EMPTY)

    def stop_daemon(self) -> None:
        """As an administrator does: SIGTERM, by its number. The cards stay where they are."""
        self._order("kill -TERM $daemon && { wait $daemon || true; }")

    def start_daemon(self, *, inside: bool = True) -> None:
        """Returns when clients can connect and, if `inside`, the cards that lay in the readers are in them again."""
        self._order(f"pcscd -f -c {self._configuration}/readers >{self._configuration}/log 2>&1 & daemon=$!")
        _poll((self._directory / "pcscd.comm").exists, "pcscd has no socket")
        if inside:
            left, self._inside = self._inside, {}
            for slot, card_id in left.items():
                self.insert(slot, card_id)

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """The daemon is there and answers nobody."""
        self._order("kill -STOP $daemon")
        try:
            yield
        finally:
            self._order("kill -CONT $daemon")

    def _write_configuration(self) -> None:
        """A directory for this one file: pcscd reads whatever else lies there as well."""
        readers = self._configuration / "readers"
        readers.mkdir()
        (readers / "vpcd").write_text(
            f'FRIENDLYNAME "{_READER}"\nDEVICENAME /dev/null:{_PORTS[0]}\n'
            f"LIBPATH {DRIVER}\nCHANNELID {_PORTS[0]}\n"
        )

    def _order(self, command: str) -> None:
        """One command line for the shell inside, done when this returns."""
        self._write(self._shell.stdin, f"{command}\necho $?\n")
        status = self._read(self._shell.stdout)
        assert status == "0", f"{command}: {status}"

    def _rack_order(self, line: str) -> None:
        self._write(self._rack.stdin, line + "\n")
        answer = self._read(self._rack.stdout)
        assert answer == "ok", f"{line}: {answer}"

    @staticmethod
    def _write(pipe: IO[str] | None, text: str) -> None:
        assert pipe is not None
        pipe.write(text)
        pipe.flush()

    @staticmethod
    def _read(pipe: IO[str] | None) -> str:
        assert pipe is not None
        return pipe.readline().strip()

    def _wait_for(self, slot: int, wanted: int) -> None:
        """Block in SCardGetStatusChange until the reader is so. PC/SC polls at 0.4 s."""
        result, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_SYSTEM)
        assert result == scard.SCARD_S_SUCCESS, scard.SCardGetErrorMessage(result)
        try:
            name, state, end = self.readers[slot], scard.SCARD_STATE_UNAWARE, time.monotonic() + _DEADLINE
            while not state & wanted:
                left = int(1000 * (end - time.monotonic()))
                assert left > 0, f"{name} is not as it should be: {state:X}"
                result, states = scard.SCardGetStatusChange(context, left, [(name, state)])
                if result == scard.SCARD_S_SUCCESS:
                    state = states[0][1]
        finally:
            scard.SCardReleaseContext(context)


@contextmanager
def _piped(arguments: list[str]) -> "Iterator[subprocess.Popen[str]]":
    """A process that ends when its standard input does."""
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        try:
            yield process
        finally:
            assert process.stdin is not None
            process.stdin.close()
            try:
                process.wait(_DEADLINE)
            except subprocess.TimeoutExpired:
                process.kill()


def _poll(ready: Callable[[], bool], failure: str) -> None:
    end = time.monotonic() + _DEADLINE
    while not ready():
        assert time.monotonic() < end, failure
        time.sleep(0.01)

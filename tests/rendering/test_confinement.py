"""What a document that took the child over could still do: nothing."""

import subprocess
import sys

import pytest

ATTEMPTS = {
    "read a file": "open('/etc/hostname').read()",
    "list a folder": "os.listdir('/')",
    "write a file": "open('/tmp/dmp-kiosk-escaped', 'w').write('x')",
    "write to a file already open": "os.write(held, b'x')",
    "connect": "socket.socket().connect(('127.0.0.1', 9))",
    "connect with a socket already open": "made.connect(('127.0.0.1', 9))",
    "make a pair of sockets": "socket.socketpair()",
    "make a pipe": "os.pipe()",
    "start a program": "os.execv('/bin/true', ['true'])",
    "fork": "os.fork()",
    "start a thread": "threading.Thread(target=print).start()",
    "kill the parent": "os.kill(os.getppid(), 0)",
    "keep memory on a descriptor": "os.memfd_create('x')",
    "gain a terminal": "os.open('/dev/tty', os.O_RDWR)",
    "raise a limit": "resource.setrlimit(resource.RLIMIT_AS, (-1, -1))",
    "take more memory": "bytearray(2 << 30)",
}

PROGRAM = """
import os, resource, socket, sys, threading
from kiosk.rendering import confinement
held = os.open(os.devnull, os.O_WRONLY) if {held!r} == '' else os.open({held!r}, os.O_WRONLY)
made = socket.socket()
confinement.limit_resources()
assert confinement.{granted}
try:
    {attempt}
except (OSError, MemoryError, RuntimeError, ValueError) as refusal:
    os.write(1, b'refused')
else:
    os.write(1, b'done')
os._exit(0)
"""


def outcome(attempt: str, granted: str = "confine()", held: str = "") -> str:
    """`'refused'` or `'done'`, or nothing when the kernel ended the process."""
    program = PROGRAM.format(attempt=attempt, granted=granted, held=held)
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False, timeout=30)
    assert not done.stderr, done.stderr
    return done.stdout.decode()


@pytest.mark.parametrize("attempt", [name for name in ATTEMPTS if name != "write to a file already open"])
def test_nothing_gets_out_of_the_child(attempt: str) -> None:
    assert outcome(ATTEMPTS[attempt]) == "refused"


def test_a_file_open_by_accident_cannot_grow(tmp_path) -> None:
    leaked = tmp_path / "leaked"
    leaked.touch()
    assert outcome(ATTEMPTS["write to a file already open"], held=str(leaked)) == "refused"
    assert leaked.read_bytes() == b""


def test_the_program_would_do_all_that_without_confinement() -> None:
    """So that the refusals above are the confinement's doing."""
    for name in ("read a file", "list a folder", "make a pipe", "start a thread", "make a pair of sockets"):
        assert outcome(ATTEMPTS[name], granted="MAX_MEMORY") == "done", name


@pytest.mark.parametrize("name", ["read a file", "write a file", "list a folder"])
def test_landlock_alone_keeps_files_away(name: str) -> None:
    """For a kernel without seccomp, or a machine whose calls are not listed."""
    assert outcome(ATTEMPTS[name], granted="_deny_files_and_ports()") == "refused"


@pytest.mark.parametrize("name", ["read a file", "connect with a socket already open", "fork"])
def test_seccomp_alone_keeps_the_system_away(name: str) -> None:
    assert outcome(ATTEMPTS[name], granted="_deny_calls()") == "refused"


def test_time_is_bounded() -> None:
    """The kernel ends what computes without end; its limit is lowered here so that the test does not wait for it."""
    attempt = (
        "resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\n    confinement.confine()\n    while True: pass"
    )
    program = PROGRAM.format(attempt=attempt, granted="MAX_CPU_SECONDS", held="")
    done = subprocess.run([sys.executable, "-I", "-c", program], capture_output=True, check=False, timeout=60)
    assert done.returncode < 0
    assert done.stdout == b""

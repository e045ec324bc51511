"""What the kernel says of a hardened process, asked from outside and from inside."""

import subprocess
import sys
from pathlib import Path

import pytest

PROJECT = Path(__file__).parents[2]
NOBODY = 65534

HARDENED = f"""
import ctypes, os, resource, sys
from kiosk.hardening import harden_session
if os.geteuid() == 0:
    os.setgid({NOBODY}); os.setuid({NOBODY})
if sys.argv[1] == "hard":
    harden_session(os.getppid())
else:
    ctypes.CDLL(None).prctl(4, 1, 0, 0, 0)
libc = ctypes.CDLL(None)
signal = ctypes.c_int()
libc.prctl(2, ctypes.byref(signal), 0, 0, 0)
print(libc.prctl(3, 0, 0, 0, 0), libc.prctl(39, 0, 0, 0, 0), resource.getrlimit(resource.RLIMIT_CORE)[1],
      signal.value, flush=True)
sys.stdin.read()
"""

READER = f"""
import os, sys
if os.geteuid() == 0:
    os.setgid({NOBODY}); os.setuid({NOBODY})
refused = 0
for name in ("mem", "environ", "maps", "fd"):
    try:
        os.close(os.open(f"/proc/{{sys.argv[1]}}/{{name}}", os.O_RDONLY))
    except PermissionError:
        refused += 1
print(refused)
"""


@pytest.mark.parametrize(("how", "refused"), [("hard", "4"), ("soft", "0")])
def test_another_program_of_the_same_user_cannot_look_into_a_session(how: str, refused: str) -> None:
    """`soft` is the control: without hardening all four are open."""
    with subprocess.Popen(
        [sys.executable, "-c", HARDENED, how],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        cwd=PROJECT,
    ) as session:
        assert session.stdout is not None
        answer = session.stdout.readline().split()
        looked = subprocess.run(
            [sys.executable, "-c", READER, str(session.pid)], capture_output=True, text=True, check=True
        )
        assert session.stdin is not None
        session.stdin.close()
    assert looked.stdout.strip() == refused
    if how == "hard":
        assert answer == ["0", "1", "0", "15"], "dumpable, no_new_privs, core limit, parent-death signal"


def test_a_session_whose_parent_is_already_dead_leaves_at_once() -> None:
    code = "import os; from kiosk.hardening import end_with; end_with(os.getppid() + 1); print('alive')"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=False
    )
    assert done.returncode == -15
    assert done.stdout == ""


def test_the_clock_s_state_is_known() -> None:
    code = "from kiosk.hardening import clock_synchronised; print(clock_synchronised())"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stdout.strip() in ("True", "False")


def test_a_lock_of_memory_that_is_refused_leaves_the_session_alive() -> None:
    code = (
        "import os, resource; from kiosk.hardening import lock_memory\n"
        "resource.setrlimit(resource.RLIMIT_MEMLOCK, (4096, 4096))\n"
        f"os.geteuid() or os.setuid({NOBODY})\n"
        "print(lock_memory(), len(bytearray(50_000_000)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, cwd=PROJECT, check=True
    )
    assert done.stdout.split() == ["False", "50000000"]

"""What the kernel can refuse for us: reading a session's memory, dumping it, swapping it, gaining rights.

Linux only, and best effort: a container or an old kernel may refuse; the process's short life is the real
protection. Every call returns whether the kernel granted it.
"""

import ctypes
import os
import resource
import signal
from typing import Final

# <linux/prctl.h>
_PR_SET_PDEATHSIG: Final = 1
_PR_SET_DUMPABLE: Final = 4
_PR_SET_NO_NEW_PRIVS: Final = 38
# <asm-generic/mman.h>
_MCL_CURRENT: Final = 1
_MCL_FUTURE: Final = 2
_MCL_ONFAULT: Final = 4
# <linux/timex.h>
_TIME_ERROR: Final = 5
_TIMEX_BYTES: Final = 256
"""More than `struct timex` on any architecture (208 bytes on x86-64)."""

_libc = ctypes.CDLL(None, use_errno=True)


def _prctl(option: int, value: int) -> bool:
    return int(_libc.prctl(option, ctypes.c_ulong(value), 0, 0, 0)) == 0


def forbid_inspection() -> bool:
    """No core dump, and no reading of our memory, environment or files by the same user's other programs."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    return _prctl(_PR_SET_DUMPABLE, 0)


def forbid_privileges() -> bool:
    """No set-user-ID program gives us, or what we start, more rights than we have."""
    return _prctl(_PR_SET_NO_NEW_PRIVS, 1)


def end_with(parent: int) -> bool:
    """Receive SIGTERM when the supervisor `parent` dies; leave at once when it already has."""
    granted = _prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:
        os.kill(os.getpid(), signal.SIGTERM)
    return granted


def lock_memory() -> bool:
    """Keep what we touch out of swap. Needs LimitMEMLOCK=infinity; otherwise the site does without swap.

    On fault, because locking at once would copy every page shared with the supervisor.
    """
    return int(_libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)) == 0


def harden_session(parent: int) -> None:
    """Everything above, for the process of one card session."""
    forbid_inspection()
    forbid_privileges()
    lock_memory()
    end_with(parent)


def clock_synchronised() -> bool:
    """Whether the kernel's clock follows a time server (adjtimex does not answer TIME_ERROR)."""
    state = int(_libc.adjtimex(ctypes.create_string_buffer(_TIMEX_BYTES)))
    return 0 <= state < _TIME_ERROR

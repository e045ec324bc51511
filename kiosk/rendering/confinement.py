"""What the kernel takes away from a process that reads documents or composes sheets: files, network, programs,
memory, time.

Landlock denies every file and port, seccomp leaves the few calls that computing needs, resource limits bound the
rest. Each stands alone when the kernel lacks another; with neither Landlock nor seccomp nothing is read at all.
"""

import ctypes
import os
import platform
import resource
import struct
from typing import Final

from kiosk.hardening import forbid_inspection, forbid_privileges, lock_memory

MAX_MEMORY: Final = 1 << 30
"""Bytes of address space."""
MAX_CPU_SECONDS: Final = 15

# <linux/landlock.h>; the three calls have the same numbers everywhere
_LANDLOCK_CREATE_RULESET: Final = 444
_LANDLOCK_RESTRICT_SELF: Final = 446
_LANDLOCK_VERSION_FLAG: Final = 1
_FILE_RIGHTS: Final = (0, 13, 14, 15, 15, 16, 16, 16)
"""By version of the interface: how many rights over files it knows."""
_NET_RIGHTS: Final = 2
_SCOPES: Final = 2

# <linux/prctl.h>, <linux/seccomp.h>, <linux/filter.h>, <linux/audit.h>
_PR_SET_SECCOMP: Final = 22
_SECCOMP_MODE_FILTER: Final = 2
_RET_ALLOW: Final = 0x7FFF0000
_RET_EPERM: Final = 0x00050001
_RET_KILL: Final = 0x80000000
_LOAD, _EQUAL, _RETURN = 0x20, 0x15, 0x06
_AT_NUMBER, _AT_ARCHITECTURE = 0, 4

_ARCHITECTURES: Final = {"x86_64": (0, 0xC000003E), "aarch64": (1, 0xC00000B7)}
"""Machine → its column below, and its audit architecture."""
_CALLS_LEFT: Final = {
    "read": (0, 63),
    "write": (1, 64),
    "close": (3, 57),
    "fstat": (5, 80),
    "lseek": (8, 62),
    "mmap": (9, 222),
    "mprotect": (10, 226),
    "munmap": (11, 215),
    "brk": (12, 214),
    "rt_sigaction": (13, 134),
    "rt_sigprocmask": (14, 135),
    "rt_sigreturn": (15, 139),
    "sched_yield": (24, 124),
    "mremap": (25, 216),
    "madvise": (28, 233),
    "getpid": (39, 172),
    "exit": (60, 93),
    "gettimeofday": (96, 169),
    "getrusage": (98, 165),
    "sigaltstack": (131, 132),
    "gettid": (186, 178),
    "futex": (202, 98),
    "sched_getaffinity": (204, 123),
    "restart_syscall": (219, 128),
    "clock_gettime": (228, 113),
    "clock_nanosleep": (230, 115),
    "exit_group": (231, 94),
    "tgkill": (234, 131),
    "getrandom": (318, 278),
    "rseq": (334, 293),
}
"""What computing on memory and answering on an open pipe need."""

_libc = ctypes.CDLL(None, use_errno=True)


def limit_resources(cpu_seconds: int = MAX_CPU_SECONDS) -> None:
    """First thing in the process: no dump, no gain of rights, bounded memory and time, no file ever written."""
    forbid_inspection()
    forbid_privileges()
    if resource.getrlimit(resource.RLIMIT_MEMLOCK)[0] == resource.RLIM_INFINITY:
        lock_memory()  # with a limit, a later allocation would fail for it
    resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY, MAX_MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (cpu_seconds, cpu_seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))


def confine() -> bool:
    """Last thing before a document is read; for good. Whether the kernel granted Landlock or seccomp."""
    landlock = _deny_files_and_ports()
    resource.setrlimit(resource.RLIMIT_NOFILE, (0, 0))
    resource.setrlimit(resource.RLIMIT_NPROC, (0, 0))
    return _deny_calls() or landlock


def _deny_files_and_ports() -> bool:
    """Landlock with every right handled and none granted."""
    version = _libc.syscall(_LANDLOCK_CREATE_RULESET, None, ctypes.c_size_t(0), _LANDLOCK_VERSION_FLAG)
    if version < 1:
        return False
    files = (1 << _FILE_RIGHTS[min(version, len(_FILE_RIGHTS) - 1)]) - 1
    handled = [files]
    if version >= 4:
        handled.append((1 << _NET_RIGHTS) - 1)
    if version >= 6:
        handled.append((1 << _SCOPES) - 1)
    attributes = struct.pack(f"={len(handled)}Q", *handled)
    ruleset = _libc.syscall(_LANDLOCK_CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), 0)
    if ruleset < 0:
        return False
    granted = int(_libc.syscall(_LANDLOCK_RESTRICT_SELF, ruleset, 0)) == 0
    os.close(ruleset)
    return granted


def _deny_calls() -> bool:
    """seccomp: any call that is not listed fails with EPERM; another architecture's calls end the process."""
    known = _ARCHITECTURES.get(platform.machine())
    if known is None:
        return False
    column, architecture = known
    numbers = [each[column] for each in _CALLS_LEFT.values()]
    program = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_EQUAL, 1, 0, architecture),
        (_RETURN, 0, 0, _RET_KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
        *((_EQUAL, len(numbers) - place, 0, number) for place, number in enumerate(numbers)),
        (_RETURN, 0, 0, _RET_EPERM),
        (_RETURN, 0, 0, _RET_ALLOW),
    ]
    code = ctypes.create_string_buffer(b"".join(struct.pack("=HBBI", *each) for each in program))
    filters = ctypes.create_string_buffer(struct.pack("@HP", len(program), ctypes.addressof(code)))
    return int(_libc.prctl(_PR_SET_SECCOMP, ctypes.c_ulong(_SECCOMP_MODE_FILTER), filters, 0, 0)) == 0

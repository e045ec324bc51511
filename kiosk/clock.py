"""Whether this computer's clock follows a time source, as the kernel itself knows it."""

import ctypes

_TRUSTED_MICROSECONDS = 16_000_000
"""The kernel gives itself this much error, and no less, once nothing has set the clock right for hours: the limit
timedatectl goes by too."""


class _Timex(ctypes.Structure):
    """The beginning of adjtimex(2)'s `struct timex`; `modes` 0 only reads."""

    _fields_ = (
        ("modes", ctypes.c_uint),
        ("offset", ctypes.c_long),
        ("frequency", ctypes.c_long),
        ("maximum_error", ctypes.c_long),
        ("rest", ctypes.c_byte * 256),
    )


def is_synchronised() -> bool:
    """False too where the system cannot tell (not Linux, or a sandbox that forbids asking)."""
    adjtimex = getattr(ctypes.CDLL(None), "adjtimex", None)
    timex = _Timex(modes=0)
    if adjtimex is None or adjtimex(ctypes.byref(timex)) < 0:
        return False
    return bool(timex.maximum_error < _TRUSTED_MICROSECONDS)

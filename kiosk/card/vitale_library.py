"""The process in which the « API de lecture Vitale » runs, away from the session.

A C library that waits for a reader or dies of a bad pointer takes its process with it: here, that process is only
this. `python -I -m kiosk.card.vitale_library LIBRARY CONFIGURATION WAIT PARENT` calls the three functions on its one
thread and writes one `LibraryAnswer` in JSON on standard output. What the library itself prints goes nowhere.

Prototypes, success as 0, the buffer's length in and out: [likely], from public bindings. All return `unsigned short`.
"""

import ctypes
import json
import os
import signal
import sys
from dataclasses import asdict, dataclass, field
from typing import Final

if sys.platform == "linux":
    from kiosk.hardening import harden_session

FIRST_BYTES: Final = 65_536
"""Of the buffer: enough for every public integration."""
LAST_BYTES: Final = 1_000_000
"""Never more, whatever the library asks for."""

_END_SECONDS: Final = 2
"""What `Hn_Finir` may take to let the reader go."""

LOAD: Final = "load"
INIT: Final = "Hn_Init"
READ: Final = "Hn_LectureVitaleDonneesIdentification"
_END: Final = "Hn_Finir"

_WORD = ctypes.POINTER(ctypes.c_ushort)
_PROTOTYPES: Final = {
    INIT: (ctypes.c_char_p, _WORD, _WORD),
    READ: (
        ctypes.c_short,
        ctypes.c_char_p,
        ctypes.POINTER(ctypes.c_uint),
        ctypes.POINTER(ctypes.c_short),
        _WORD,
    ),
    _END: (_WORD,),
}


@dataclass(frozen=True)
class LibraryAnswer:
    """How far the calls went, and what the last one gave. `Hn_Finir` comes after the answer and changes nothing."""

    step: str
    """`LOAD` when there is no usable library, `INIT` when it did not start, else `READ`."""
    returned: int = 0
    """0 for success; after `LOAD`, 1 when a function is missing."""
    error: int = 0
    """The library's own error code."""
    state: int = 0
    """What it says of the card; meaning [unknown]."""
    document: str = field(default="", repr=False)
    """The XML's bytes, each as the character of that number."""


def main(arguments: list[str]) -> int:
    """Do it; always 0: the answer says what happened, and no answer says the rest."""
    library, configuration, wait, parent = arguments
    if sys.platform == "linux":
        harden_session(int(parent))  # holds a patient's data: no core dump, and ends with the session
    with os.fdopen(os.dup(1), "w", encoding="ascii") as output:
        os.dup2(os.open(os.devnull, os.O_WRONLY), 1)
        try:
            api = _loaded(library)
        except (OSError, AttributeError) as error:
            answer = LibraryAnswer(LOAD, returned=int(isinstance(error, AttributeError)))
        else:
            answer = _asked(api, os.fsencode(configuration), int(wait))
        json.dump(asdict(answer), output)
    if answer.step == READ:
        if sys.platform == "linux":
            signal.alarm(_END_SECONDS)  # kills this process: the answer is out already
        getattr(api, _END)(ctypes.byref(ctypes.c_ushort()))
    return 0


def _loaded(library: str) -> ctypes.CDLL:
    """The library with its prototypes. Raises `OSError`, or `AttributeError` for a function it has not."""
    api = ctypes.CDLL(library)
    for name, arguments in _PROTOTYPES.items():
        function = getattr(api, name)
        function.argtypes, function.restype = arguments, ctypes.c_ushort
    return api


def _asked(api: ctypes.CDLL, configuration: bytes, wait: int) -> LibraryAnswer:
    mode, error, state = ctypes.c_ushort(), ctypes.c_ushort(), ctypes.c_short()
    returned = getattr(api, INIT)(configuration, ctypes.byref(mode), ctypes.byref(error))
    if returned:
        return LibraryAnswer(INIT, returned, error.value)
    size = FIRST_BYTES
    while True:
        buffer, length = ctypes.create_string_buffer(size), ctypes.c_uint(size)
        returned = getattr(api, READ)(
            wait, buffer, ctypes.byref(length), ctypes.byref(state), ctypes.byref(error)
        )
        if not size < length.value <= LAST_BYTES:
            break
        size = length.value  # [likely]: too small a buffer is told by the length it takes
    document = "" if returned else buffer.raw[: length.value].decode("latin-1")
    return LibraryAnswer(READ, returned, error.value, state.value, document)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

"""The confined process that opens one chosen file: one question on standard input, one answer, then its end.

`python -I -B -m kiosk.deposit.worker PARENT examine|convert`. The question is a message of `kiosk.deposit.wire` with
the file: none of its own values to examine it; what to make of it, its pages and a title to convert it. The answer is
`examined`, `made`, `unfit` or `trouble`. Where the kernel cannot confine nothing is read. What a library prints
goes nowhere.
"""

import os
import sys
from collections.abc import Callable
from typing import Any, Final

from kiosk.deposit import wire
from kiosk.deposit.files import told
from kiosk.errors import FileUnfit, OpeningFault

CPU_SECONDS: Final = {"examine": 20, "convert": 300}

Act = Callable[[], list[bytes]]


def main(arguments: list[str]) -> None:
    """Does not come back: leaving Python the usual way would call what is now forbidden."""
    parent, act = arguments
    if sys.platform == "linux":
        from kiosk.hardening import end_with
        from kiosk.rendering.confinement import limit_resources

        end_with(int(parent))
        limit_resources(CPU_SECONDS[act])
    with open(0, "rb", closefd=False) as source:
        values, content = wire.opened(source.read())
    try:
        answer = _answer(ready(act, values, content))
    except MemoryError:
        answer = _trouble(OpeningFault.TOO_HEAVY)
    _send(answer)
    os._exit(0)


def ready(act: str, values: list[Any], content: bytes) -> Act | None:
    """What opens the file, once it needs no other one and can have none; None where the kernel cannot confine."""
    opens = converter(values, content) if act == "convert" else examiner(content)
    if sys.platform != "linux":
        return None
    from kiosk.rendering.confinement import confine

    return opens if confine() else None


def examiner(content: bytes) -> Act:
    from kiosk.deposit import examination

    examination.warm_up(told(content))
    return lambda: wire.found(examination.examine(content), content)


def converter(values: list[Any], content: bytes) -> Act:
    from kiosk.deposit import conversion

    examined, title = wire.asked_to_convert(values, content)
    blank = conversion.warm_up(examined.conversion)
    return lambda: wire.message(["made"], conversion.to_pdfa(examined, title, blank))


def _answer(opens: Act | None) -> list[bytes]:
    if opens is None:
        return _trouble(OpeningFault.NOT_CONFINED)
    try:
        return opens()
    except FileUnfit as unfit:
        return wire.unfitted(unfit)
    except MemoryError:
        return _trouble(OpeningFault.TOO_HEAVY)
    except Exception:
        # A file made one of the libraries raise: its words could quote the file, so they stay here.
        return _trouble(OpeningFault.CRASHED)


def _trouble(fault: OpeningFault) -> list[bytes]:
    return wire.message(["trouble", fault.value])


def _send(pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(sys.argv[1:])

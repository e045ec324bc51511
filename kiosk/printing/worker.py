"""The process that composes one sheet, or the sheets of one document, and ends: what it drew is gone with it.

`python -I -B -m kiosk.printing.worker PARENT sheet|document`. It loads what drawing takes, gives up files, network
and programs, and only then reads what is to be drawn: frames of `kiosk.printing.wire` on standard input, the answer
on standard output. Where the kernel cannot confine it draws all the same: what it draws is no stranger's file.
"""

import gc
import os
import sys
from collections.abc import Callable, Iterator
from typing import Any, Final

from kiosk.printing import wire
from kiosk.printing.model import SecretsSheet

Frames = Iterator[tuple[Any, bytes]]

CPU_SECONDS: Final = {"sheet": 15, "document": 60}


def main(arguments: list[str]) -> None:
    """Does not come back: leaving Python the usual way would call what is now forbidden."""
    parent, kind = arguments
    if sys.platform == "linux":
        from kiosk.hardening import end_with
        from kiosk.rendering.confinement import limit_resources

        end_with(int(parent))
        limit_resources(CPU_SECONDS[kind])
    gc.disable()  # the process ends with the sheet
    draw = ready(kind)
    with open(0, "rb", closefd=False) as source:
        _send(_answer(draw, wire.frames(source)))
    os._exit(0)


def ready(kind: str) -> Callable[[Frames], bytearray]:
    """What draws, once it needs no file any more and can have none."""
    draw = _sheet_ready() if kind == "sheet" else _document_ready()
    if sys.platform == "linux":
        from kiosk.rendering.confinement import confine

        confine()
    return draw


def _sheet_ready() -> Callable[[Frames], bytearray]:
    from kiosk.printing.page import Page
    from kiosk.printing.sheet import creation_receipt, secrets_sheet

    page = Page()

    def draw(frames: Frames) -> bytearray:
        content = wire.sheet_of(*next(frames))
        if isinstance(content, SecretsSheet):
            return secrets_sheet(content, page)
        return creation_receipt(content, page)

    return draw


def _document_ready() -> Callable[[Frames], bytearray]:
    from kiosk.printing.document import Blank, document_sheets

    blank = Blank()

    def draw(frames: Frames) -> bytearray:
        mark, text, pages = wire.document_of(next(frames)[0])
        return document_sheets(mark, text, (wire.picture_of(*each) for each in frames), pages, blank)

    return draw


def _answer(draw: Callable[[Frames], bytearray], frames: Frames) -> list[bytes | bytearray]:
    from kiosk.errors import SheetNotComposed

    try:
        return wire.composed(draw(frames))
    except SheetNotComposed as error:
        return wire.failed(error.detail)
    except Exception as error:
        # Words of a library could quote what it was drawing: the name of the fault alone leaves.
        return wire.failed(type(error).__name__)


def _send(pieces: list[bytes | bytearray]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(sys.argv[1:])

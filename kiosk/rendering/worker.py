"""The confined process: one request on standard input, one answer on standard output, then its end.

`python -I -B -m kiosk.rendering.worker PARENT`. The request is a line of JSON (`act`, and for a picture `page`,
`width`, `height`) and the document up to the end of the input. The answer is a frame of `kiosk.rendering.wire`:
`["read", …]`, `["picture", …]` with its pixels, or `["fault", word]`. What a library prints goes nowhere.
"""

import gc
import json
import os
import sys
from typing import Any

from kiosk.errors import DocumentFault, DocumentNotShown
from kiosk.rendering import reader
from kiosk.rendering.sniff import formats_within
from kiosk.rendering.wire import frame, packed


def main(arguments: list[str]) -> None:
    """Does not come back: leaving Python the usual way would call what is now forbidden."""
    if sys.platform == "linux":
        from kiosk.hardening import end_with
        from kiosk.rendering.confinement import confine, limit_resources

        end_with(int(arguments[0]))
        limit_resources()
    gc.disable()  # the process ends with the document
    request, document = _received()
    try:
        reader.warm_up(formats_within(document))
        confined = confine() if sys.platform == "linux" else False
        answer = _answer(request, document) if confined else _fault(DocumentFault.NOT_CONFINED)
    except MemoryError:
        answer = _fault(DocumentFault.TOO_HEAVY)
    _send(answer)
    os._exit(0)


def _received() -> tuple[dict[str, Any], bytes]:
    with open(0, "rb", closefd=False) as source:
        request = json.loads(source.readline())
        return request, source.read()


def _answer(request: dict[str, Any], document: bytes) -> list[bytes]:
    try:
        if request["act"] == "read":
            return frame(["read", packed(reader.read(document))])
        drawn = reader.picture(document, request["page"], request["width"], request["height"])
        return frame(["picture", [drawn.width, drawn.height, drawn.page, drawn.pages]], drawn.rgb)
    except DocumentNotShown as refusal:
        return _fault(refusal.fault)
    except MemoryError:
        return _fault(DocumentFault.TOO_HEAVY)
    except Exception:
        # A document made one of the libraries raise: its words could quote the document, so they stay here.
        return _fault(DocumentFault.DAMAGED)


def _fault(fault: DocumentFault) -> list[bytes]:
    return frame(["fault", fault.value])


def _send(pieces: list[bytes]) -> None:
    for piece in pieces:
        view = memoryview(piece)
        while view:
            view = view[os.write(1, view) :]


if __name__ == "__main__":
    main(sys.argv[1:])

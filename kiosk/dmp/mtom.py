"""A SOAP request with attachments (MTOM/XOP, mandatory for a deposit: EX_2.1-1260), in pieces of memory."""

from collections.abc import Sequence
from uuid import UUID

from kiosk.dmp.deposit import PreparedDocument

_XOP = "application/xop+xml"
_SOAP = "application/soap+xml"


def write(
    root: bytes, parts: Sequence[PreparedDocument], *, action: str, boundary: UUID
) -> tuple[str, tuple[bytes, ...]]:
    """Content-Type and body, in pieces: nothing of a document is copied into another buffer.

    `root` is the envelope, whose `xop:Include` name the parts. A new random `boundary` for each message.
    """
    line, start = f"MIME-{boundary}", f"root-{boundary}@borne"
    chunks = [
        _head(
            line,
            start,
            f'{_XOP}; charset=UTF-8; type="{_SOAP}; action=\\"{action}\\""',
            first=True,
        ),
        root,
    ]
    for part in parts:
        chunks.append(_head(line, part.content_id, "application/octet-stream"))
        chunks.extend(part.content)
    chunks.append(f"\r\n--{line}--\r\n".encode())
    content_type = (
        f'multipart/related; type="{_XOP}"; start-info="{_SOAP}"; action="{action}"; '
        f'boundary="{line}"; start="<{start}>"'
    )
    return content_type, tuple(chunks)


def _head(boundary: str, content_id: str, content_type: str, *, first: bool = False) -> bytes:
    return (
        f"{'' if first else chr(13) + chr(10)}--{boundary}\r\n"
        f"Content-Type: {content_type}\r\n"
        "Content-Transfer-Encoding: binary\r\n"
        f"Content-ID: <{content_id}>\r\n\r\n"
    ).encode()

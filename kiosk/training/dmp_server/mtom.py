"""MTOM: a SOAP envelope and its attachments in one multipart body (RFC 2387, XOP 1.0).

The body is cut by searching, never decoded as text: an attachment keeps every byte it had. Seen on the wire and
accepted: line feeds without carriage returns, folded headers, a quoted boundary, `%40` and `%3A` in references.
"""

import base64
import binascii
import quopri
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from email.message import Message
from urllib.parse import unquote

from kiosk.training.dmp_server.outcomes import Fault, invalid_message

MULTIPART = "multipart/related"
XOP_TYPE = "application/xop+xml"
_SOAP_TYPE = "application/soap+xml"
_MOST_PARTS = 200
_BLANKS = b" \t"


@dataclass(frozen=True, repr=False)
class Package:
    """A message taken apart."""

    root: bytes
    """The envelope."""
    parts: Mapping[str, bytes] = field(default_factory=dict)
    """Attachments by content id, without its angle brackets."""
    multipart: bool = False

    def part(self, reference: str) -> bytes | None:
        """The attachment an `xop:Include` names, `cid:…`; None when there is none."""
        scheme, _, name = reference.partition(":")
        if scheme.lower() != "cid":
            return None
        return self.parts.get(unquote(name), self.parts.get(name))


@dataclass(frozen=True, repr=False)
class Attachment:
    content_id: str
    data: bytes
    media_type: str = "application/octet-stream"


@dataclass(frozen=True, repr=False)
class Payload:
    """The child of an answer's body, serialised already: searches answer megabytes."""

    xml: bytes
    attachments: tuple[Attachment, ...] = ()


def read(content_type: str, data: bytes) -> Package:
    """Take a request apart. A body that is no multipart is the envelope itself. Raises `Fault`."""
    header = Message()
    header["Content-Type"] = _one_line(content_type)
    if header.get_content_type() != MULTIPART:
        return Package(data)
    boundary, start = header.get_param("boundary"), header.get_param("start", "")
    if not isinstance(boundary, str) or not 1 <= len(boundary) <= 200 or not boundary.isascii():
        raise _malformed("sa frontière manque")
    parts: dict[str, bytes] = {}
    root: bytes | None = None
    wanted = start.strip("<>") if isinstance(start, str) else ""
    for number, raw in enumerate(_cut(data, boundary.encode("ascii"))):
        if number >= _MOST_PARTS:
            raise _malformed("il a trop de parties")
        headers, content = _part(raw)
        content_id = headers.get("content-id", "").strip("<> ")
        if root is None and (content_id == wanted or not wanted):
            root = content
        elif content_id in parts:
            raise _malformed("deux parties ont le même identifiant")
        else:
            parts[content_id] = content
    if root is None:
        raise _malformed("sa partie principale manque")
    return Package(root, parts, multipart=True)


def write(
    root: bytes, attachments: tuple[Attachment, ...], action: str, *, closed: bool = True
) -> tuple[str, bytes]:
    """Content type and body of an answer. Not `closed`, it ends within its last delimiter (RFC 2046, 5.1.1)."""
    boundary, start = f"dmp-{uuid.uuid4()}", f"root-{uuid.uuid4()}@dmp"
    heads = [(start, f'{XOP_TYPE}; charset=UTF-8; type="{_SOAP_TYPE}"', root)]
    heads += [(one.content_id, one.media_type, one.data) for one in attachments]
    chunks: list[bytes] = []
    for content_id, media_type, data in heads:
        chunks += [
            f"\r\n--{boundary}\r\nContent-Type: {media_type}\r\nContent-Transfer-Encoding: binary\r\n"
            f"Content-ID: <{content_id}>\r\n\r\n".encode(),
            data,
        ]
    closing = f"\r\n--{boundary}--\r\n".encode()
    chunks.append(closing if closed else closing[: len(closing) // 2])
    content_type = (
        f'{MULTIPART}; type="{XOP_TYPE}"; boundary="{boundary}"; start="<{start}>"; '
        f'start-info="{_SOAP_TYPE}"; action="{action}"'
    )
    return content_type, b"".join(chunks)


def damaged(kind: str, attachments: tuple[Attachment, ...]) -> tuple[Attachment, ...]:
    """The attachments as an order of the trainer leaves them; the references of the envelope stay (XOP 1.0, 3.2)."""
    if kind == "part-missing":
        return ()
    if kind == "part-renamed":
        return tuple(replace(one, content_id=f"autre-{one.content_id}") for one in attachments)
    return attachments


def _cut(data: bytes, boundary: bytes) -> Iterator[bytes]:
    """The bytes between delimiters, the line break before each not being part of them."""
    delimiter = b"--" + boundary
    at, begin = -1, -1
    while True:
        at = data.find(delimiter, at + 1)
        if at < 0:
            raise _malformed("sa fin manque")
        after = at + len(delimiter)
        closing = data[after : after + 2] == b"--"
        line_end = data.find(b"\n", after)
        padded = data[after : line_end if line_end >= 0 else len(data)].rstrip(b"\r").strip(_BLANKS)
        if at and data[at - 1 : at] != b"\n":
            continue
        if not closing and (padded or line_end < 0):
            continue
        if begin >= 0:
            end = at - 1
            if data[end - 1 : end] == b"\r" and end > begin:
                end -= 1
            yield data[begin : max(begin, end)]
        if closing:
            return
        begin = line_end + 1


def _part(raw: bytes) -> tuple[dict[str, str], bytes]:
    """Headers of a part, names in small letters, and its content, its transfer encoding undone."""
    headers: dict[str, str] = {}
    name, at = "", 0
    while True:
        end = raw.find(b"\n", at)
        if end < 0:
            raise _malformed("une partie n'a pas de contenu")
        line, at = raw[at:end].rstrip(b"\r"), end + 1
        if not line:
            break
        text = line.decode("latin-1")
        if text[0] in " \t" and name:
            headers[name] += " " + text.strip()
            continue
        name, colon, value = text.partition(":")
        name = name.strip().lower()
        if not colon or name in headers:
            raise _malformed("un en-tête de partie est faux")
        headers[name] = value.strip()
    return headers, _decoded(raw[at:], headers.get("content-transfer-encoding", "binary").lower())


def _decoded(content: bytes, encoding: str) -> bytes:
    if encoding in ("binary", "8bit", "7bit"):
        return content
    if encoding == "quoted-printable":
        return quopri.decodestring(content)
    if encoding == "base64":
        try:
            return base64.b64decode(b"".join(content.split()), validate=True)
        except binascii.Error:
            raise _malformed("une partie en base64 est fausse") from None
    raise _malformed("le codage d'une partie n'est pas connu")


def _one_line(content_type: str) -> str:
    return " ".join(content_type.split())


def _malformed(why: str) -> Fault:
    return invalid_message(f"Le message MTOM est mal formé : {why}.")

"""Reads an MTOM answer: `multipart/related` with one XML root and its attachments (XOP 1.0, RFC 2387).

Split by bytes, nothing rewritten: a document that ends in a line break keeps it, so that its hash holds.
"""

import base64
import binascii
import quopri
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from email.message import Message
from email.utils import collapse_rfc2231_value
from typing import Final
from urllib.parse import unquote

from lxml import etree

from kiosk.dmp import xds
from kiosk.errors import AnswerUnreadable

_MOST_PARTS: Final = 500
_LONGEST_HEADER: Final = 16_384
_LONGEST_BOUNDARY: Final = 200
_FOLD: Final = re.compile(r"\r?\n[ \t]+")
_BLANK_LINE: Final = re.compile(rb"\A\r?\n|\r?\n\r?\n")


@dataclass(frozen=True, repr=False)
class Package:
    """An answer taken apart."""

    root: bytes
    """The SOAP envelope."""
    attachments: Mapping[str, memoryview]
    """Every other part, by Content-ID without its brackets."""


@dataclass(frozen=True, repr=False)
class _Part:
    id: str
    content: memoryview


def read(content_type: str, body: bytes) -> Package:
    """Take an answer apart; one that is not multipart is its own root.

    Raises `AnswerUnreadable` when delimiters or headers are not what MIME says, or two parts share an id.
    """
    header = _header(content_type)
    if header.get_content_maintype() != "multipart":
        return Package(body, {})
    boundary = header.get_boundary("")
    if not boundary or len(boundary) > _LONGEST_BOUNDARY or not boundary.isascii():
        raise AnswerUnreadable(detail="multipart without a boundary")
    parts = [_part(view) for view in _split(body, boundary.encode())]
    if not parts:
        raise AnswerUnreadable(detail="multipart without parts")
    start = _bare(collapse_rfc2231_value(header.get_param("start", "")))
    root = next((part for part in parts if start and part.id == start), parts[0])
    attachments = {part.id: part.content for part in parts if part is not root and part.id}
    if len(attachments) != len([part for part in parts if part is not root and part.id]):
        raise AnswerUnreadable(detail="two parts share a Content-ID")
    return Package(bytes(root.content), attachments)


def content(package: Package, element: etree._Element) -> bytes:
    """What a base64Binary element holds: the attachment its `xop:Include` names, or its own base64 text.

    Raises `AnswerUnreadable` when the attachment is missing, or is anywhere but in this answer.
    """
    include = element.find("xop:Include", xds.NAMES)
    if include is None:
        return _base64((element.text or "").encode())
    href = include.get("href", "").strip()
    if href[:4].lower() != "cid:":
        raise AnswerUnreadable(detail="attachment elsewhere")
    for name in (_bare(href[4:]), _bare(unquote(href[4:]))):
        if name in package.attachments:
            return bytes(package.attachments[name])
    raise AnswerUnreadable(detail="attachment missing")


def _split(body: bytes, boundary: bytes) -> Iterator[memoryview]:
    """Each part, headers and content. The line break of the first delimiter is that of all, to the byte."""
    first = re.compile(rb"(?:\A|\n)--" + re.escape(boundary) + rb"[ \t]*(\r?\n)").search(body)
    if first is None:
        raise AnswerUnreadable(detail="no first delimiter")
    newline, view = first[1], memoryview(body)
    delimiter = newline + b"--" + boundary
    after = re.compile(rb"(--)?[ \t]*(?:" + newline + rb"|\Z)")
    start = at = first.end()
    at -= len(newline)  # a part may be empty: its delimiter then follows the first one at once
    count = 0
    while (at := body.find(delimiter, at)) >= 0:
        following = after.match(body, at + len(delimiter))
        if following is None:  # the boundary is the beginning of something longer: it is content
            at += 1
            continue
        yield view[start : max(start, at)]
        if following[1]:
            return
        count += 1
        if count > _MOST_PARTS:
            raise AnswerUnreadable(detail="too many parts")
        start = following.end()
        at = start - len(newline)
    raise AnswerUnreadable(detail="multipart not ended")


def _part(view: memoryview) -> _Part:
    head = bytes(view[:_LONGEST_HEADER])
    blank = _BLANK_LINE.search(head)
    if blank is None:
        raise AnswerUnreadable(detail="part without a header")
    fields = _fields(head[: blank.start()])
    encoding = fields.get("content-transfer-encoding", "").lower()
    data = view[blank.end() :]
    if encoding == "base64":
        data = memoryview(_base64(bytes(data)))
    elif encoding == "quoted-printable":
        data = memoryview(quopri.decodestring(bytes(data)))
    return _Part(_bare(fields.get("content-id", "")), data)


def _fields(head: bytes) -> dict[str, str]:
    """The header fields of a part, unfolded, by lower-case name."""
    lines = _FOLD.sub(" ", head.decode("latin-1")).splitlines()
    pairs = (line.partition(":") for line in lines)
    return {name.strip().lower(): value.strip() for name, _, value in pairs}


def _header(content_type: str) -> Message:
    header = Message()
    header["Content-Type"] = _FOLD.sub(" ", content_type)
    return header


def _bare(identifier: str) -> str:
    """A Content-ID without brackets, quotes and spaces."""
    return identifier.strip(' \t"').removeprefix("<").removesuffix(">")


def _base64(text: bytes) -> bytes:
    try:
        return base64.b64decode(text.translate(None, b" \t\r\n"), validate=True)
    except (binascii.Error, ValueError):
        raise AnswerUnreadable(detail="not base64") from None

"""What goes over the wire between client and service: the client's own channel, with an ear on it."""

import base64
from dataclasses import dataclass, replace
from email import message_from_bytes, policy
from typing import Any

from lxml import etree
from schemas.official import ADDRESSING, SOAP

from kiosk.dmp.connection import Answer, Reading
from kiosk.dmp.http import HttpsChannel

_INCLUDE = "{http://www.w3.org/2004/08/xop/include}Include"
_WRAPPERS = "{asip:ci-sis:gdp:2010}"


@dataclass(frozen=True)
class Message:
    """A request or an answer."""

    envelope: etree._Element
    """Whole: what travelled as attachments is back in its place."""
    attachments: tuple[bytes, ...]

    @property
    def action(self) -> str:
        return self.envelope.findtext(f".//{{{ADDRESSING}}}Action", "")

    @property
    def body(self) -> etree._Element:
        """The message proper, out of the wrapper that the service puts around some of its answers."""
        (content,) = self.envelope.find(f"{{{SOAP}}}Body")
        return content[0] if content.tag.startswith(_WRAPPERS) else content


class Overheard(HttpsChannel):
    """Every message of every channel opened since `heard` was last emptied."""

    heard: list[Message] = []  # noqa: RUF012 - emptied by the day that opens the channels

    def post(
        self, path: str, content_type: str, body: Any, *, repeatable: bool, reading: Reading | None = None
    ) -> Answer:
        self.heard.append(_message(content_type, body if isinstance(body, bytes) else b"".join(body)))
        fed = bytearray()
        if reading is not None and reading.feed is not None:
            reading = replace(reading, feed=_both(fed, reading.feed))
        answer = super().post(path, content_type, body, repeatable=repeatable, reading=reading)
        self.heard.append(_message(answer.content_type, answer.body or bytes(fed)))
        return answer


def _both(fed: bytearray, feed: Any) -> Any:
    def take(block: bytes) -> None:
        fed.extend(block)
        feed(block)

    return take


def _message(content_type: str, content: bytes) -> Message:
    whole = message_from_bytes(
        b"Content-Type: %b\r\n\r\n" % content_type.encode() + content, policy=policy.HTTP
    )
    parts = list(whole.iter_parts()) if whole.is_multipart() else []
    files = {str(part["Content-ID"]).strip("<>"): part.get_payload(decode=True) for part in parts[1:]}
    root = parts[0].get_payload(decode=True) if parts else content
    envelope = etree.fromstring(root, etree.XMLParser(huge_tree=True))
    for include in list(envelope.iter(_INCLUDE)):
        holder = include.getparent()
        name = include.get("href").removeprefix("cid:").replace("%40", "@")
        holder.remove(include)
        holder.text = base64.b64encode(files[name]).decode()
    return Message(envelope, tuple(files.values()))

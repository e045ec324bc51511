"""Ways to read a SOAP answer: whole, as a stream of objects, or with attachments.

A reply is made for one request, named by its MessageID, tells the channel how to read (`reading`), then gives
what the caller wants of the answer.
"""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar

from lxml import etree

from kiosk.dmp import multipart, soap
from kiosk.dmp.connection import Answer, Reading

MAX_LONG_ANSWER: Final = 90_000_000
"""Bytes: ten thousand descriptions of documents hold 66 million. No answer of 100 million is read."""
LONG_CALL: Final = 180.0
"""Seconds, for a slow line."""

Result = TypeVar("Result", covariant=True)


class Reply(Protocol[Result]):
    """Raises what `soap.payload` raises."""

    reading: Reading | None

    def read(self, answer: Answer) -> Result: ...


class Whole:
    """The one element of the body."""

    reading: Reading | None = None

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id

    def read(self, answer: Answer) -> etree._Element:
        return soap.payload(answer.body, status=answer.status, message_id=self._message_id)


class Streamed:
    """The same, but every `tag` element goes to `take` as it arrives and is not in the result."""

    def __init__(self, message_id: str, tag: str, take: Callable[[etree._Element], None]) -> None:
        self._stream = soap.Stream(message_id, tag, take)
        self.reading: Reading | None = Reading(MAX_LONG_ANSWER, LONG_CALL, self._stream.feed)

    def read(self, answer: Answer) -> etree._Element:
        return self._stream.payload(status=answer.status)


class Attached:
    """The one element of the body, and the attachments it refers to. A fault may come as multipart too."""

    def __init__(self, message_id: str) -> None:
        self._message_id = message_id
        self.reading: Reading | None = Reading(MAX_LONG_ANSWER, LONG_CALL)

    def read(self, answer: Answer) -> tuple[etree._Element, multipart.Package]:
        package = multipart.read(answer.content_type, answer.body)
        payload = soap.payload(package.root, status=answer.status, message_id=self._message_id)
        return payload, package

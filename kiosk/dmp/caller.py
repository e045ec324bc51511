"""One signed request and its answer: assertion, envelope, transport, and once more when a kept assertion is old."""

from collections.abc import Callable
from datetime import datetime
from typing import TypeVar
from uuid import UUID

from lxml import etree

from kiosk.dmp import mtom, services, soap
from kiosk.dmp.connection import Body
from kiosk.dmp.deposit import PreparedDocument
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.reply import Reply, Whole
from kiosk.dmp.transport_errors import clock_gap
from kiosk.dmp.vihf import Access, Assertions
from kiosk.errors import ClockWrong

Result = TypeVar("Result")


class Caller:
    """Every call of one actor. Blocks and raises `DmpError`, `CardError` or `Cancelled`."""

    def __init__(
        self,
        channel: HttpsChannel,
        assertions: Assertions,
        clock: Callable[[], datetime],
        new_uuid: Callable[[], UUID],
    ) -> None:
        """`clock`: now, timezone-aware."""
        self._channel = channel
        self._assertions = assertions
        self._clock = clock
        self._new_uuid = new_uuid

    def cancel(self) -> None:
        """End the call under way, from any thread: it raises `Cancelled`."""
        self._channel.cancel()

    def close(self) -> None:
        """Forget the assertions and close the channel."""
        self._assertions.clear()
        self._channel.close()

    def serve(
        self,
        service: services.Service,
        operation: str,
        body: bytes,
        access: Access,
        *,
        repeatable: bool = False,
    ) -> etree._Element:
        """`call` for the typed services."""
        return self.call(service.path, service.action(operation), body, access, repeatable=repeatable)

    def call(
        self, path: str, action: str, body: bytes, access: Access, *, repeatable: bool
    ) -> etree._Element:
        """Send, and read the one element of the answer."""
        return self.ask(path, action, body, access, Whole, repeatable=repeatable)

    def ask(
        self,
        path: str,
        action: str,
        body: bytes,
        access: Access,
        reply: Callable[[str], Reply[Result]],
        *,
        repeatable: bool,
        parts: tuple[PreparedDocument, ...] = (),
    ) -> Result:
        """Send; sign again, once, if the DMP finds a kept assertion expired: it did nothing then.

        `reply` makes, for a MessageID, what reads the answer to it.
        """
        kept = self._assertions.holds(access)
        try:
            return self._exchange(path, action, body, access, reply, repeatable=repeatable, parts=parts)
        except ClockWrong:
            if not kept:
                raise
        self._assertions.forget(access)
        return self._exchange(path, action, body, access, reply, repeatable=repeatable, parts=parts)

    def _exchange(
        self,
        path: str,
        action: str,
        body: bytes,
        access: Access,
        reply: Callable[[str], Reply[Result]],
        *,
        repeatable: bool,
        parts: tuple[PreparedDocument, ...] = (),
    ) -> Result:
        message_id = f"urn:uuid:{self._new_uuid()}"
        request = soap.envelope(
            action=action,
            to=self._channel.url(path),
            message_id=message_id,
            assertion=self._assertions.get(access),
            body=body,
        )
        content_type = soap.content_type(action)
        message: Body = request
        if parts:
            content_type, message = mtom.write(request, parts, action=action, boundary=self._new_uuid())
        reader = reply(message_id)
        answer = self._channel.post(
            path, content_type, message, repeatable=repeatable, reading=reader.reading
        )
        try:
            return reader.read(answer)
        except ClockWrong as error:
            if answer.date is not None:
                error.cause = clock_gap(answer.date - self._clock()) or error.cause
            raise

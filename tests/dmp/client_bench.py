"""A DMP client and the service it calls: a real HTTPS server that plays answers in turn."""

import datetime
import re
import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from email.utils import format_datetime
from pathlib import Path

from dmp_peers import (
    DOCTOR,
    NOW,
    SOFTWARE,
    Clock,
    Peer,
    RsaSigner,
    Uuids,
    card_tls,
    http_answer,
    peer,
    server_context,
)

from kiosk.dmp.client import DmpClient
from kiosk.dmp.http import HttpsChannel
from kiosk.dmp.profile import ServiceProfile

Respond = Callable[[bytes], bytes]
"""The HTTP answer to a request's body."""


def enveloped(body: str, request: bytes, date: datetime.datetime = NOW, status: str = "200 OK") -> bytes:
    (message_id,) = re.findall(rb"MessageID>([^<]+)<", request)
    envelope = (
        '<s:Envelope xmlns:s="http://www.w3.org/2003/05/soap-envelope" '
        'xmlns:a="http://www.w3.org/2005/08/addressing"><s:Header>'
        f"<a:RelatesTo>{message_id.decode()}</a:RelatesTo></s:Header><s:Body>{body}</s:Body></s:Envelope>"
    )
    return http_answer(envelope.encode(), status, f"Date: {format_datetime(date, usegmt=True)}")


class Bench:
    """A client and the service it calls, which plays `responses` in turn, the last one for ever."""

    def __init__(self, directory: Path, generation: ServiceProfile, responses: list[Respond]) -> None:
        self.directory = directory
        self.responses = responses
        self.clock, self.signer = Clock(), RsaSigner()
        self._generation = generation

    @contextmanager
    def running(self) -> Iterator["Bench"]:
        with peer(server_context(self.directory), self._script) as self.server:
            channel = HttpsChannel(self.server.url(), card_tls(self.directory))
            self.client = DmpClient(
                self._generation, SOFTWARE, DOCTOR, self.signer, channel, self.clock, Uuids()
            )
            try:
                yield self
            finally:
                self.client.close()

    def _script(self, tls: ssl.SSLSocket, own: Peer) -> None:
        while (request := own.receive(tls)) is not None:
            respond = self.responses.pop(0) if len(self.responses) > 1 else self.responses[0]
            answer = respond(request[1])
            tls.sendall(answer)
            if b"Connection: close" in answer:
                return

"""The same work without the kiosk: what its figures are compared with."""

import base64
import hashlib
import http.client
import json
import socket
import ssl
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from uuid import uuid4

from kiosk.box import Box
from kiosk.card.cps import ApduCard
from kiosk.card.insc import compute
from kiosk.card.tray import TrayReaders, insert, remove
from kiosk.dmp.soap import content_type

PIN = "1234"
CARD = "cpe-accueil"
_TRAITS = ("JEAN PIERRE", "820725", "1820799999012")
_INSC_ROUNDS = 20_000


@dataclass(frozen=True)
class CardAlone:
    """Seconds."""

    identity: float
    """Insertion, certificates, identity and PIN counter, by the kiosk's APDUs."""
    pin: float
    """PIN and situations d'exercice."""
    removal: float
    """The tray's own answer to a removal."""


def card_alone(box: Box) -> CardAlone:
    """A professional card in the tray, without a screen."""
    readers = TrayReaders(box.directory)
    start = time.perf_counter()
    drawer = next(slot.name for slot in insert(box.directory, CARD).slots if slot.card_id == CARD)
    link = readers.connect(drawer)
    card = ApduCard(link)
    card.professional()
    card.pin_status()
    known = time.perf_counter()
    card.verify_pin(bytearray(PIN, "ascii"))
    card.activities()
    opened = time.perf_counter()
    remove(box.directory, card_id=CARD)
    removed = time.perf_counter()
    link.close()
    return CardAlone(known - start, opened - known, removed - opened)


@dataclass(frozen=True)
class Request:
    """One request of the kiosk as the server of the box received it."""

    path: str
    action: str
    transaction: str
    message_id: str
    body: bytes

    def renewed(self) -> bytes:
        """The body under another message identifier: the server takes each one once. Nothing signed changes."""
        return self.body.replace(self.message_id.encode(), f"urn:uuid:{uuid4()}".encode())


def requests_seen(box: Box) -> tuple[Request, ...]:
    """The last requests, oldest first."""
    bodies = [base64.b64decode(body) for body in ask_dmp(box, "requests")["requests"]]
    rows = ask_dmp(box, "log")["log"][-len(bodies) :]
    return tuple(
        Request(row["path"], row["action"], row["transaction"], row["message_id"], body)
        for row, body in zip(rows, bodies, strict=True)
    )


def post_again(box: Box, requests: Sequence[Request], authority: Path, card: str = CARD) -> float:
    """Seconds `http.client` alone takes for these requests: one connection, the key in a file."""
    context = ssl.create_default_context(cafile=str(box.server_roots))
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    certificate = authority / "cards" / f"{card}-valid-authentication.pem"
    context.load_cert_chain(certificate, certificate.with_suffix(".key"))
    place = urlsplit(box.dmp_url)
    start = time.perf_counter()
    connection = http.client.HTTPSConnection(place.hostname or "", place.port, context=context)
    for request in requests:
        headers = {"Content-Type": content_type(request.action)}
        connection.request("POST", request.path, request.renewed(), headers)
        answer = connection.getresponse()
        answer.read()
        if answer.status != http.client.OK:
            raise RuntimeError(f"{request.transaction} sent again: HTTP {answer.status}")
    seconds = time.perf_counter() - start
    connection.close()
    return seconds


def ask_dmp(box: Box, do: str, **order: Any) -> dict[str, Any]:
    """One order to the control socket of the training server."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as control:
        control.connect(str(box.directory / "dmp.sock"))
        with control.makefile("rwb") as lines:
            lines.write(json.dumps({"do": do} | order).encode() + b"\n")
            lines.flush()
            answer: dict[str, Any] = json.loads(lines.readline())
    return answer


def insc_a_second() -> float:
    """INS-C computed in one second on one core."""
    start = time.perf_counter()
    for _ in range(_INSC_ROUNDS):
        compute(*_TRAITS)
    return _INSC_ROUNDS / (time.perf_counter() - start)


def sha256_a_second() -> float:
    """What no INS-C can do without: the hash of as many bytes."""
    seed = "".join(_TRAITS)[:29].encode()
    start = time.perf_counter()
    for _ in range(_INSC_ROUNDS):
        hashlib.sha256(seed).digest()
    return _INSC_ROUNDS / (time.perf_counter() - start)

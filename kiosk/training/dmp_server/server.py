"""The training DMP server: service, HTTPS listener and control socket, started and stopped together."""

import base64
import socket
import threading
from pathlib import Path

from kiosk.training.control import Answer, Request, serve_control
from kiosk.training.dmp_server.authority import CardAuthority
from kiosk.training.dmp_server.dispatch import BASE_PATH
from kiosk.training.dmp_server.listener import Listener, server_context
from kiosk.training.dmp_server.misbehaviour import Switchboard
from kiosk.training.dmp_server.service import Service
from kiosk.training.dmp_server.store import Store
from kiosk.training.dmp_server.trace import Trace
from kiosk.training.people import Record
from kiosk.training.pki import TrainingPki


class DmpServer:
    """`start()` listens on 127.0.0.1; the records stay in `directory` for the next start.

    Control socket `directory/dmp.sock`:
    `{"do":"fault","kind":…,"times":n,…}` misbehave for the next n requests (`misbehaviour.KINDS`);
    `{"do":"history"}` accesses to the records; `{"do":"log"}` requests seen; `{"do":"requests"}` bytes of the
    last ones, base64; `{"do":"record","nir13":…,…}` the record of a member of the cast becomes exactly this
    (fields of `people.Record`); `{"do":"reset"}` the start of a training day.
    """

    def __init__(self, pki: TrainingPki, directory: Path, *, port: int = 0) -> None:
        self._pki = pki
        self._directory = directory
        self._port = port
        self._switchboard = Switchboard()
        self._trace = Trace()

    def start(self) -> None:
        """Open the store, listen. Raises `OSError` when the port is taken."""
        certificate, key = self._pki.server()
        authority = CardAuthority(self._pki.card_ca_file, self._pki.crl_file)
        context = server_context(certificate, key, self._pki.card_ca_file, self._pki.crl_file)
        self._store = Store(self._directory / "dmp.sqlite3")
        service = Service(authority, self._store)
        try:
            self._listener = Listener(self._port, context, service, self._switchboard, self._trace)
        except OSError:
            self._store.close()
            raise
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self._control = serve_control(self._directory / "dmp.sock", self._command)

    @property
    def url(self) -> str:
        """Base of the services."""
        return f"https://localhost:{self._listener.server_address[1]}{BASE_PATH}"

    def stop(self) -> None:
        """Close every connection and the store."""
        self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        (self._directory / "dmp.sock").unlink(missing_ok=True)
        self._listener.close()
        self._thread.join()
        self._store.close()

    def _command(self, request: Request) -> Answer:
        """Raises `ValueError` for what is not understood."""
        match request:
            case {"do": "fault", **order}:
                self._switchboard.give(order)
            case {"do": "history"}:
                return {"history": self._store.history()}
            case {"do": "log"}:
                return {"log": self._trace.entries()}
            case {"do": "requests"}:
                return {"requests": [base64.b64encode(body).decode() for body in self._trace.bodies()]}
            case {"do": "record", **fields}:
                self._put(fields)
            case {"do": "reset"}:
                self._store.reset()
                self._switchboard.clear()
                self._trace.clear()
            case _:
                raise ValueError("do is one of: fault, history, log, requests, record, reset")
        return {"ok": True}

    def _put(self, fields: Request) -> None:
        pairs = tuple((str(actor), str(value)) for actor, value in fields.pop("authorizations", ()))
        doctors = tuple(str(actor) for actor in fields.pop("treating_doctors", ()))
        try:
            record = Record(**fields, authorizations=pairs, treating_doctors=doctors)
        except TypeError:
            raise ValueError("a record has the fields of people.Record") from None
        self._store.put(record)

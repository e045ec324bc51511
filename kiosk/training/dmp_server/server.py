"""The training DMP server: service, HTTPS listener and control socket, started and stopped together."""

import base64
import socket
import threading
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from kiosk.training.control import Answer, Request, serve_control
from kiosk.training.dmp_server import crowd
from kiosk.training.dmp_server.authority import CardAuthority
from kiosk.training.dmp_server.dispatch import BASE_PATH
from kiosk.training.dmp_server.history import in_words
from kiosk.training.dmp_server.listener import Listener, server_context
from kiosk.training.dmp_server.misbehaviour import Switchboard
from kiosk.training.dmp_server.parameters import PATH, Board, ParameterServer
from kiosk.training.dmp_server.records import ins_c_of, insured_with
from kiosk.training.dmp_server.service import Service
from kiosk.training.dmp_server.shelf import Shelf
from kiosk.training.dmp_server.store import Store
from kiosk.training.dmp_server.trace import Trace
from kiosk.training.people import Record
from kiosk.training.pki import TrainingPki

_ORDERS = "fault, history, expire, crowd, parameters, log, requests, record, documents, threshold, reset"


class DmpServer:
    """`start()` listens on 127.0.0.1; the records stay in `directory` for the next start.

    Control socket `directory/dmp.sock`:
    `{"do":"fault","kind":…,"times":n,…}` misbehave for the next n requests (`misbehaviour.KINDS`);
    `{"do":"history"[,"for":"representative"]}` accesses to the records, and `words` as the patient reads them;
    `{"do":"log"}` requests seen; `{"do":"requests"}` bytes of the last ones, base64;
    `{"do":"record","nir13":…,…}` the record of a member of the cast becomes exactly this (fields of
    `people.Record`); `{"do":"expire","nir13":…,"actor":…}` lets an authorisation be over;
    `{"do":"crowd","count":n,"actor":…}` adds n patients who authorise him;
    `{"do":"parameters",…}` changes the public file (`parameters.Parameters`);
    `{"do":"documents","count":n,"patient":nir13}` adds n entries to that record;
    `{"do":"threshold","searches":n}` refuses each professional's searches after n, null for no limit;
    `{"do":"reset"}` the start of a training day.
    """

    def __init__(self, pki: TrainingPki, directory: Path, *, port: int = 0) -> None:
        self._pki = pki
        self._directory = directory
        self._port = port
        self._switchboard = Switchboard()
        self._trace = Trace()
        self._board = Board()

    def start(self) -> None:
        """Open the store, listen. Raises `OSError` when the port is taken."""
        certificate, key = self._pki.server()
        authority = CardAuthority(self._pki.card_ca_file, self._pki.crl_file)
        context = server_context(certificate, key, self._pki.card_ca_file, self._pki.crl_file)
        self._store = Store(self._directory / "dmp.sqlite3")
        self._documents = Shelf(self._directory / "documents.sqlite3", self._store)
        service = Service(authority, self._store, self._documents, self._board)
        try:
            self._listener = Listener(self._port, context, service, self._switchboard, self._trace)
        except OSError:
            self._documents.close()
            self._store.close()
            raise
        self._thread = threading.Thread(target=self._listener.serve_forever, args=(0.05,), daemon=True)
        self._thread.start()
        self._public = ParameterServer(certificate, key, self._board)
        self._public.start()
        self._control = serve_control(self._directory / "dmp.sock", self._command)

    @property
    def url(self) -> str:
        """Base of the services."""
        return f"https://localhost:{self._listener.server_address[1]}{BASE_PATH}"

    @property
    def parameters_url(self) -> str:
        """Where the public parameter file is."""
        return self._public.base_url + PATH

    def stop(self) -> None:
        """Close every connection and the store."""
        self._control.shutdown(socket.SHUT_RDWR)
        self._control.close()
        (self._directory / "dmp.sock").unlink(missing_ok=True)
        self._public.stop()
        self._listener.close()
        self._thread.join()
        self._documents.close()
        self._store.close()

    def _command(self, request: Request) -> Answer:
        """Raises `ValueError` for what is not understood."""
        match request:
            case {"do": "fault", **order}:
                self._switchboard.give(order)
            case {"do": "history", **reader}:
                lines = self._store.history(to_representative=reader == {"for": "representative"})
                return {"history": lines, "words": [in_words(line) for line in lines]}
            case {"do": "expire", "nir13": str(nir13), "actor": str(actor)}:
                if not self._store.expire(ins_c_of(insured_with(nir13)), actor, datetime.now(UTC)):
                    raise ValueError("this actor has no authorisation for this patient")
            case {"do": "crowd", "count": int(count), "actor": str(actor)} if 0 < count <= crowd.LARGEST:
                self._store.add_crowd(count, actor, datetime.now(UTC))
            case {"do": "parameters", **changes}:
                self._board.order(changes)
            case {"do": "log"}:
                return {"log": self._trace.entries()}
            case {"do": "requests"}:
                return {"requests": [base64.b64encode(body).decode() for body in self._trace.bodies()]}
            case {"do": "record", **fields}:
                self._put(fields)
            case {"do": "documents", "count": int(count), "patient": str(nir13)}:
                self._documents.add_bulk(nir13, count)
            case {"do": "threshold", "searches": int() | None as most}:
                self._documents.threshold.order(most)
            case {"do": "reset"}:
                self._store.reset()
                self._documents.reset()
                self._switchboard.clear()
                self._board.reset()
                self._trace.clear()
            case _:
                raise ValueError(f"do is one of: {_ORDERS}")
        return {"ok": True}

    def _put(self, fields: Request) -> None:
        try:
            pairs = {name: _pairs(fields.pop(name, ())) for name in ("authorizations", "traits", "telecoms")}
            lists = {
                name: tuple(str(value) for value in fields.pop(name, ()))
                for name in ("treating_doctors", "address", "representative")
            }
            record = Record(**fields, **pairs, **lists)  # type: ignore[arg-type]
        except TypeError:
            raise ValueError("a record has the fields of people.Record") from None
        self._store.put(record)


def _pairs(values: Any) -> tuple[tuple[str, str], ...]:
    """Raises `ValueError`."""
    return tuple((str(first), str(second)) for first, second in values)

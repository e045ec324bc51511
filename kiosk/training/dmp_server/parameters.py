"""The parameter file of the DMP, which anybody may read: HTTPS without a client certificate.

The real file is in no public place: its element names and nesting are [unknown], `document` is the one place that
decides them. What it holds is sure: the management of minors, the age of majority, whether hidden from the patient
and masked from professionals go together, a mark of the environment, the models of the printed sheets.
"""

import hashlib
import ssl
import threading
from dataclasses import dataclass, replace
from datetime import date
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any

from lxml import etree

PATH = "/param-lps"
_MOVED = "/param-lps-moved"
_IDLE_SECONDS = 10
_TROUBLES = ("", "http-400", "garbage")
_MODELS = {
    "document-des-secrets": "Document des secrets du compte internet (modèle d'entraînement)\n",
    "accuse-de-creation": "Accusé de création du DMP (modèle d'entraînement)\n",
}
"""Text of each model, served under its name."""


@dataclass(frozen=True)
class Parameters:
    """What the file says."""

    minors: bool = True
    """Whether the service manages minors: secret connection, legal representatives."""
    majority: int = 18
    """In years."""
    cumulative: bool = False
    """Whether a document may be invisible to the patient and masked from professionals at once."""
    production: bool = False
    trouble: str = ""
    """`http-400` or `garbage`: what is answered instead."""


class Board:
    """The parameters in force, and how a trainer changes them."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._current = Parameters()

    @property
    def current(self) -> Parameters:
        with self._lock:
            return self._current

    def order(self, changes: dict[str, Any]) -> None:
        """Change some of them. Raises `ValueError`."""
        try:
            changed = replace(self.current, **changes)
        except TypeError:
            raise ValueError("parameters are minors, majority, cumulative, production, trouble") from None
        flags = (changed.minors, changed.cumulative, changed.production)
        if (
            not all(type(flag) is bool for flag in flags)
            or type(changed.majority) is not int
            or changed.trouble not in _TROUBLES
        ):
            raise ValueError(
                "minors, cumulative, production: booleans; majority: years; trouble: http-400, garbage"
            )
        with self._lock:
            self._current = changed

    def reset(self) -> None:
        with self._lock:
            self._current = Parameters()


def may_be_minor(birth_date: str, majority: int, today: date) -> bool:
    """Whether somebody born on that day, maybe a lunar one, can be younger than `majority` years."""
    year, month, day = int(birth_date[:4]), int(birth_date[4:6]), int(birth_date[6:8])
    if not 1 <= month <= 12:
        month, day = 12, 31
    return (today.year - year - ((today.month, today.day) < (month, day or 31))) < majority


def document(parameters: Parameters, base_url: str) -> bytes:
    """The file, UTF-8."""
    root = etree.Element("parametres", version="1")
    values = {
        "environnement": "PRODUCTION" if parameters.production else "FORMATION",
        "fonctions-gestion-mineurs": str(parameters.minors).lower(),
        "age-majorite": str(parameters.majority),
        "cumul-invisible_patient-masque_ps": str(parameters.cumulative).lower(),
    }
    for name, value in values.items():
        etree.SubElement(root, name).text = value
    models = etree.SubElement(root, "modeles")
    for name, text in _MODELS.items():
        digest = hashlib.sha256(text.encode()).hexdigest()
        etree.SubElement(models, "modele", nom=name, url=f"{base_url}/{name}", sha256=digest)
    return etree.tostring(root, xml_declaration=True, encoding="UTF-8", pretty_print=True)


class ParameterServer(ThreadingHTTPServer):
    """The public web server: `start()` listens on a free port of 127.0.0.1."""

    daemon_threads = True

    def __init__(self, certificate: Path, key: Path, board: Board) -> None:
        self.board = board
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.minimum_version = ssl.TLSVersion.TLSv1_2
        self._context.load_cert_chain(certificate, key)
        super().__init__(("127.0.0.1", 0), _Handler)

    def start(self) -> None:
        threading.Thread(target=self.serve_forever, args=(0.05,), daemon=True).start()

    def stop(self) -> None:
        self.shutdown()
        self.server_close()

    @property
    def base_url(self) -> str:
        return f"https://localhost:{self.server_address[1]}"

    def server_bind(self) -> None:
        """Bind without asking the name service who we are."""
        TCPServer.server_bind(self)

    def get_request(self) -> tuple[ssl.SSLSocket, Any]:
        """The handshake is left to the thread of the connection: a mute client blocks nobody."""
        connection, address = self.socket.accept()
        connection.settimeout(_IDLE_SECONDS)
        wrapped = self._context.wrap_socket(connection, server_side=True, do_handshake_on_connect=False)
        return wrapped, address

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A refused handshake or a lost client is nothing to report."""


class _Handler(BaseHTTPRequestHandler):
    server: ParameterServer
    server_version = "DMP"
    sys_version = ""
    timeout = _IDLE_SECONDS

    def do_GET(self) -> None:
        parameters = self.server.board.current
        if self.path == _MOVED:
            self._send(302, "text/plain", b"", Location=self.server.base_url + PATH)
        elif self.path == PATH and parameters.trouble == "http-400":
            self._send(400, "text/html", b"<html><body>Bad Request</body></html>")
        elif self.path == PATH and parameters.trouble == "garbage":
            self._send(200, "application/xml", b"\x00\xff<<< ceci n'est pas du XML")
        elif self.path == PATH:
            self._send(200, "application/xml", document(parameters, self.server.base_url))
        elif self.path.removeprefix("/") in _MODELS:
            self._send(200, "text/plain; charset=UTF-8", _MODELS[self.path.removeprefix("/")].encode())
        else:
            self._send(404, "text/plain", b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - name of the base class
        """Nothing is logged."""

    def _send(self, status: int, content_type: str, body: bytes, **headers: str) -> None:
        self.send_response(status)
        headers |= {"Content-Type": content_type, "Content-Length": str(len(body))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

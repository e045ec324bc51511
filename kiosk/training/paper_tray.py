"""The box's paper tray: an IPP printer on the loopback, and the socket that tells it to misbehave.

Control socket `printer.sock`: `{"do":"state"}` and `{"do":"state","value":"media-empty"}` (see `MODES`),
`{"do":"sheets"}`, `{"do":"clear"}`.
"""

import socket
import threading
from contextlib import suppress
from http.server import BaseHTTPRequestHandler
from pathlib import Path

from kiosk.training.control import Answer, Request, serve_control
from kiosk.training.paper_jobs import MODES
from kiosk.training.paper_printer import PaperPrinter

_LONGEST_REQUEST = 64 << 20


class PaperTray:
    """`start`, then `uri`. Sheets are kept in `directory/sheets` for the trainee to look at."""

    def __init__(self, directory: Path, *, port: int = 0) -> None:
        self._directory = directory
        self._port = port
        self._printer = PaperPrinter(directory / "sheets")
        self._listener: socket.socket | None = None
        self._control: socket.socket | None = None

    @property
    def uri(self) -> str:
        return f"ipp://127.0.0.1:{self._port}/ipp/print"

    def start(self) -> None:
        (self._directory / "sheets").mkdir(mode=0o700, parents=True, exist_ok=True)
        self._switch_on()
        self._control = serve_control(self._directory / "printer.sock", self._obey)

    def stop(self) -> None:
        """Leaves the sheets where they are."""
        self._switch_off()
        if self._control is not None:
            _close(self._control)
        (self._directory / "printer.sock").unlink(missing_ok=True)

    def _obey(self, request: Request) -> Answer:
        match request.get("do"):
            case "state":
                self._set(request.get("value", self._printer.mode))
                return {"state": self._printer.mode, "states": list(MODES)}
            case "sheets":
                return {
                    "sheets": [
                        {
                            "name": job.name,
                            "pages": job.pages,
                            "path": str(job.sheet),
                            "media": job.media,
                            "sides": job.sides,
                            "user": job.user,
                        }
                        for job in self._printer.printed()
                    ]
                }
            case "clear":
                self._printer.clear()
                return {"sheets": []}
        raise ValueError("do: state, sheets or clear")

    def _set(self, mode: object) -> None:
        if mode not in MODES:
            raise ValueError(f"value: one of {', '.join(MODES)}")
        self._printer.mode = str(mode)
        if mode == "off":
            self._switch_off()
        elif self._listener is None:
            self._switch_on()

    def _switch_on(self) -> None:
        """The same port each time: kiosks know the printer by its address."""
        self._listener = socket.create_server(("127.0.0.1", self._port))
        self._port = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, args=(self._listener,), daemon=True).start()

    def _switch_off(self) -> None:
        if self._listener is not None:
            _close(self._listener)
            self._listener = None

    def _accept(self, listener: socket.socket) -> None:
        while True:
            try:
                connection, address = listener.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(connection, address), daemon=True).start()

    def _serve(self, connection: socket.socket, address: object) -> None:
        with connection, suppress(OSError):
            _Exchange(connection, address, self)

    def take(self, data: bytes) -> bytes | None:
        """The answer to one request; `None` after the printer died, and it is off by then."""
        answer = self._printer.answer(data, self.uri)
        if answer is None:
            self._set("off")
        return answer


class _Exchange(BaseHTTPRequestHandler):
    """One HTTP request: a POST with a length or in chunks, as RFC 8010 4 asks of a printer."""

    protocol_version = "HTTP/1.1"
    timeout = 30

    def __init__(self, connection: socket.socket, address: object, tray: PaperTray) -> None:
        self._tray = tray
        super().__init__(connection, address, None)  # type: ignore[arg-type]

    def do_POST(self) -> None:
        self.close_connection = True
        answer = self._tray.take(self._body())
        if answer is None:
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/ipp")
        self.send_header("Content-Length", str(len(answer)))
        self.send_header("Connection", "close")
        self.end_headers()
        self.wfile.write(answer)

    def _body(self) -> bytes:
        if self.headers.get("Transfer-Encoding", "").lower() != "chunked":
            return self.rfile.read(min(int(self.headers.get("Content-Length", "0")), _LONGEST_REQUEST))
        body = b""
        while (size := int(self.rfile.readline(20).split(b";")[0], 16)) and len(body) < _LONGEST_REQUEST:
            body += self.rfile.read(size)
            self.rfile.readline(4)
        self.rfile.readline(4)
        return body

    def log_message(self, *_: object) -> None:
        """A printer says nothing on the kiosk's screen."""


def _close(listener: socket.socket) -> None:
    """Closing alone would leave a thread inside `accept`, and the port open with it."""
    with suppress(OSError):
        listener.shutdown(socket.SHUT_RDWR)
    listener.close()

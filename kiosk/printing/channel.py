"""One IPP exchange over HTTP or HTTPS (RFC 8010 4), bounded in time, straight from memory.

What a failure means for the paper is decided here: before the request leaves, `PrinterUnreachable` (nothing
was sent); after, `PrintOutcomeUnknown` (the printer may have it).
"""

import hmac
import http.client
import socket
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from kiosk.errors import PrinterNotReady, PrinterUnreachable, PrintOutcomeUnknown, SettingsError

_LONGEST_ANSWER = 1 << 20
_REFUSALS = {
    401: "Elle demande un mot de passe.",
    403: "Elle refuse ce poste.",
    404: "Son adresse ne mène pas à une file d'impression.",
    426: "Elle exige une connexion chiffrée (ipps).",
}


class Channel:
    """Where a printer is, and how it proves it: system authorities, or the very `pinned` certificate (PEM).

    Office printers sign their own certificate, with a name and dates nobody looks after: pinning compares the
    certificate itself, and the handshake proves that the printer has its key.
    """

    def __init__(self, uri: str, pinned: Path | None) -> None:
        """Raises `SettingsError` for an address that is not `ipp://` or `ipps://`, or an unreadable PEM."""
        try:
            address = urlsplit(uri)
            self._host, port = address.hostname or "", address.port
            self._certificate = ssl.PEM_cert_to_DER_cert(pinned.read_text("ascii").strip()) if pinned else b""
        except (ValueError, OSError) as error:
            raise SettingsError(
                cause="L'adresse de l'imprimante ou son certificat est illisible.",
                detail=f"printer: {type(error).__name__}",
            ) from None
        if address.scheme not in ("ipp", "ipps") or not self._host:
            raise SettingsError(cause="L'adresse de l'imprimante doit commencer par ipp:// ou ipps://.")
        self._port = port or 631
        self._path = address.path or "/"
        self._tls = _tls_context(pin=bool(pinned)) if address.scheme == "ipps" else None
        self.uri = f"{address.scheme}://{address.netloc.rpartition('@')[2]}{self._path}"

    def exchange(self, request: bytes, seconds: float, document: bytes | bytearray = b"") -> bytes:
        """Send `request` then `document`, give the answer's body; `seconds` for the whole.

        Raises `PrinterUnreachable`, `PrintOutcomeUnknown` or, for an HTTP refusal, `PrinterNotReady`.
        """
        with _Deadline(seconds) as deadline:
            connection = http.client.HTTPConnection(self._host, self._port)
            connection.sock = self._connected(deadline)
            try:
                answer = self._post(connection, request, document)
                deadline.check()
            except (OSError, http.client.HTTPException) as error:
                raise PrintOutcomeUnknown(detail=f"printer: {type(error).__name__}") from None
            finally:
                connection.close()
            return answer

    def _connected(self, deadline: "_Deadline") -> socket.socket:
        try:
            connection = socket.create_connection((self._host, self._port), deadline.seconds)
        except OSError as error:
            raise PrinterUnreachable(detail=f"printer: {type(error).__name__}") from None
        deadline.watch(connection)
        if self._tls is None:
            return connection
        secured = self._tls.wrap_socket(connection, server_hostname=self._host, do_handshake_on_connect=False)
        deadline.watch(secured)
        try:
            secured.do_handshake()
            proof = secured.getpeercert(binary_form=True) or b""
            if self._certificate and not hmac.compare_digest(proof, self._certificate):
                raise ssl.SSLCertVerificationError("not the pinned certificate")
        except OSError as error:
            secured.close()
            refused = isinstance(error, ssl.SSLCertVerificationError)
            raise PrinterUnreachable(
                cause="Son certificat n'est pas celui qui est attendu." if refused else "",
                todo="N'imprimez pas ; donnez ce code à l'assistance." if refused else "",
                detail=f"printer: {type(error).__name__}",
            ) from None
        return secured

    def _post(
        self, connection: http.client.HTTPConnection, request: bytes, document: bytes | bytearray
    ) -> bytes:
        connection.putrequest("POST", self._path, skip_accept_encoding=True)
        connection.putheader("Content-Type", "application/ipp")
        connection.putheader("Content-Length", str(len(request) + len(document)))
        connection.putheader("Connection", "close")
        connection.endheaders()
        # A printer may refuse, and close, before it has read everything: its answer is there to be read.
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.send(request)
            connection.send(document)
        with connection.getresponse() as response:
            body = response.read(_LONGEST_ANSWER)
            rest = response.length if response.length is not None else len(response.read(1))
        if rest or response.status >= 500:  # cut, or longer than any answer, or lost inside the printer
            raise http.client.HTTPException
        if response.status != 200:
            raise PrinterNotReady(
                cause=_REFUSALS.get(response.status, "Elle refuse la demande."),
                todo="Donnez ce code à l'assistance.",
                detail=f"printer: http {response.status}",
            )
        return body


class _Deadline:
    """Shuts the socket when time is up: a socket's own time-out starts again with every byte received."""

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds
        self._socket: socket.socket | None = None
        self._passed = False
        self._timer = threading.Timer(seconds, self._cut)
        self._timer.daemon = True

    def watch(self, connection: socket.socket) -> None:
        self._socket = connection

    def check(self) -> None:
        """Raises `TimeoutError` when time was up: an answer without a length would look whole."""
        if self._passed:
            raise TimeoutError

    def __enter__(self) -> Self:
        self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> None:
        self._timer.cancel()

    def _cut(self) -> None:
        self._passed = True
        if self._socket is not None:
            with suppress(OSError):
                # Not SSLSocket.shutdown, which takes TLS off the socket under the thread that reads it.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)


def _tls_context(*, pin: bool) -> ssl.SSLContext:
    if not pin:
        return ssl.create_default_context()
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = (
        ssl.CERT_NONE
    )  # `_connected` compares the certificate itself before anything is sent
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context

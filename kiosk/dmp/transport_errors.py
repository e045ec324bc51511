"""What went wrong below SOAP, told with one distinction that matters: could the DMP have acted or not."""

import http.client
import ssl
from datetime import timedelta

from kiosk.dmp.connection import IncompleteError, TooLargeError
from kiosk.dmp.watch import Ending
from kiosk.errors import (
    AnswerCut,
    AnswerUnreadable,
    Cancelled,
    ClientCertificateRefused,
    KioskError,
    ServerNotTrusted,
    ServerTooSlow,
    ServerUnreachable,
)

# X509_V_ERR_*: openssl/x509_vfy.h
_NOT_TRUSTED = {
    3: "La liste de révocation de son autorité manque sur ce poste.",
    9: "Son certificat n'est pas encore valable, ou l'heure de ce poste est fausse.",
    10: "Son certificat a expiré, ou l'heure de ce poste est fausse.",
    12: "La liste de révocation de son autorité a expiré sur ce poste.",
    18: "Son certificat ne vient d'aucune autorité.",
    19: "Son certificat vient d'une autorité inconnue de ce poste.",
    20: "Son certificat vient d'une autorité inconnue de ce poste.",
    23: "Son certificat a été révoqué.",
    62: "Son certificat porte un autre nom que celui du service.",
    64: "Son certificat porte une autre adresse que celle du service.",
}

# TLS alerts by which a server refuses a client certificate; handshake_failure answers a missing one.
_CERTIFICATE_ALERTS = (
    "ALERT_BAD_CERTIFICATE",
    "ALERT_UNSUPPORTED_CERTIFICATE",
    "ALERT_CERTIFICATE_REVOKED",
    "ALERT_CERTIFICATE_EXPIRED",
    "ALERT_CERTIFICATE_UNKNOWN",
    "ALERT_CERTIFICATE_REQUIRED",
    "ALERT_UNKNOWN_CA",
    "ALERT_ACCESS_DENIED",
    "ALERT_HANDSHAKE_FAILURE",
)


def explain(error: Exception, *, sent: bool, ending: Ending | None) -> KioskError:
    """The kiosk's error for a failed call.

    `sent` says whether the request may have left; when it may, the outcome is unknown (`ServerTooSlow`,
    `AnswerCut`, `AnswerUnreadable`, and `Cancelled` with its own advice). The message of `error` is not
    quoted: it may hold a line of the answer.
    """
    if ending is Ending.CANCEL:
        return _cancelled(sent)
    if ending is Ending.DEADLINE:
        return ServerTooSlow() if sent else ServerUnreachable(cause="Le service n'a pas répondu à temps.")
    if isinstance(error, ssl.SSLCertVerificationError):
        cause = _NOT_TRUSTED.get(error.verify_code, "")
        return ServerNotTrusted(cause=cause, detail=f"X509 error {error.verify_code}")
    if isinstance(error, ssl.SSLError) and (error.reason or "").endswith(_CERTIFICATE_ALERTS):
        return ClientCertificateRefused(detail=str(error.reason))
    if isinstance(error, TooLargeError):
        return AnswerUnreadable(detail="answer too large")
    detail = _technical(error)
    if not sent:
        return ServerUnreachable(detail=detail)
    if isinstance(
        error, IncompleteError | OSError
    ):  # RemoteDisconnected is both an OSError and an HTTPException
        return AnswerCut(detail=detail)
    return AnswerUnreadable(detail=detail)


def clock_gap(server: timedelta) -> str:
    """How far this computer's clock is from the server's, in words; `server` is server minus ours."""
    minutes = round(abs(server.total_seconds()) / 60)
    if minutes == 0:
        return ""
    direction = "retarde" if server > timedelta(0) else "avance"
    return f"L'horloge du poste {direction} de {minutes} min sur celle du service."


def _cancelled(sent: bool) -> Cancelled:
    if not sent:
        return Cancelled()
    return Cancelled(
        cause="Vous avez appuyé sur Échap alors que la demande était déjà partie.",
        todo="Recommencez : la borne vérifiera d'abord ce qui a été fait.",
        detail="sent",
    )


def _technical(error: Exception) -> str:
    """Kind and number of an error, never its text."""
    if isinstance(error, ssl.SSLError):
        return f"TLS {error.reason or type(error).__name__}"
    if isinstance(error, OSError) and error.errno is not None:
        return f"{type(error).__name__} {error.errno}"
    if isinstance(error, http.client.HTTPException):
        return f"HTTP {type(error).__name__}"
    return type(error).__name__

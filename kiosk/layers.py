"""The seven layers a kiosk stands on, each looked at by itself: what is wrong, in words a help desk can read aloud.

A finding holds no name, number or serial, neither a person's nor a reader's: readers are counted, not named.
"""

import shutil
import socket
import ssl
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.card.model import CardKind, Professional
from kiosk.card.readers import Snapshot
from kiosk.card.tls import dmp_context
from kiosk.dmp.transport_errors import explain
from kiosk.errors import (
    ClientCertificateRefused,
    JournalError,
    KioskError,
    ReaderAbsent,
    ReaderServiceAbsent,
    ServerUnreachable,
)
from kiosk.settings import Settings

CONNECT_SECONDS = 3.0
_LOW_DISK_BYTES = 100 * 1024 * 1024
_SOON_DAYS = 30


class Health(IntEnum):
    """Also the exit status, by the worst layer."""

    OK = 0
    ATTENTION = 1
    """Works, or works for training only."""
    FAULT = 2


@dataclass(frozen=True)
class Finding:
    """What one layer looks like."""

    layer: str
    health: Health
    sentence: str
    advice: str = ""
    code: str = ""


SERVICE, READER, CARD, CERTIFICATE, DMP, PRINTER, DISK = LAYERS = (
    "Service des lecteurs",
    "Lecteur",
    "Carte",
    "Certificat et heure",
    "Réseau et DMP",
    "Imprimante",
    "Disque et mémoire",
)


def faulty(layer: str, error: KioskError) -> Finding:
    """An error of the kiosk as a finding."""
    return Finding(layer, Health.FAULT, f"{error.what} {error.cause}", error.todo, error.code)


def reader_service(snapshot: Snapshot) -> Finding:
    """1. pcscd."""
    if snapshot.service_ok:
        return Finding(SERVICE, Health.OK, "pcscd répond.")
    if "pyscard" in snapshot.cause:
        sentence = "La bibliothèque pyscard n'est pas installée."
        advice = "Installez gcc, python3-dev et libpcsclite-dev, puis relancez ./run."
    else:
        sentence, advice = "pcscd ne répond pas.", "Installez ou démarrez le service pcscd."
    return Finding(SERVICE, Health.FAULT, sentence, advice, ReaderServiceAbsent.code)


def reader(snapshot: Snapshot) -> Finding:
    """2. At least one reader."""
    match len(snapshot.slots):
        case 0:
            advice = "Branchez le lecteur ; sur client léger, vérifiez qu'il est transmis."
            return Finding(READER, Health.FAULT, "Aucun lecteur n'est vu.", advice, ReaderAbsent.code)
        case 1:
            return Finding(READER, Health.OK, "1 lecteur vu.")
        case count:
            return Finding(READER, Health.OK, f"{count} lecteurs vus.")


def card(snapshot: Snapshot) -> Finding:
    """3. What is in the readers."""
    kinds = [slot.kind for slot in snapshot.slots if slot.kind is not None]
    words = {
        CardKind.PROFESSIONAL: "une carte professionnelle",
        CardKind.VITALE: "une carte Vitale",
        CardKind.CONTACTLESS: "une carte lue sans contact",
        CardKind.UNKNOWN: "une carte inconnue",
        CardKind.MUTE: "une carte muette",
    }
    if not kinds:
        return Finding(CARD, Health.ATTENTION, "Aucune carte n'est insérée.", "Insérez une carte CPS ou CPE.")
    seen = f"Vu : {', '.join(words[kind] for kind in kinds)}."
    if CardKind.PROFESSIONAL in kinds:
        return Finding(CARD, Health.OK, seen)
    return Finding(CARD, Health.ATTENTION, seen, "Insérez une carte CPS ou CPE, puce vers le lecteur.")


def certificate_and_clock(
    snapshot: Snapshot, holder: Callable[[str], Professional], now: datetime, synchronised: bool
) -> Finding:
    """4. The card's dates, by `holder` of the card in a reader, and this computer's clock. Raises `CardError`."""
    found = [slot.reader for slot in snapshot.slots if slot.kind is CardKind.PROFESSIONAL]
    who = holder(found[0]) if found else None
    if who is not None and not who.valid_from <= now <= who.valid_until:
        sentence = "Le certificat de la carte n'est pas en cours de validité."
        advice = "Vérifiez la date du poste, sinon changez de carte."
        return Finding(CERTIFICATE, Health.FAULT, sentence, advice, "CARTE-040")
    if not synchronised:
        sentence = "L'heure du poste n'est pas synchronisée (NTP)."
        advice = "Activez systemd-timesyncd ou chrony : le DMP refuse une heure fausse."
        return Finding(CERTIFICATE, Health.ATTENTION, sentence, advice)
    if who is None:
        sentence = "Heure synchronisée ; pas de carte pour lire un certificat."
        return Finding(CERTIFICATE, Health.ATTENTION, sentence, "Insérez une carte CPS ou CPE.")
    days = (who.valid_until - now).days
    sentence = f"Certificat valable encore {days} jours, heure synchronisée."
    if days <= _SOON_DAYS:
        return Finding(CERTIFICATE, Health.ATTENTION, sentence, "Demandez la nouvelle carte à l'ANS.")
    return Finding(CERTIFICATE, Health.OK, sentence)


def dmp(settings: Settings) -> Finding:
    """5. Whether this Python can do TLS with a card at all; then name, connection and the server's own
    certificate. No card is used. Raises `SettingsError`."""
    parts = urlsplit(settings.dmp_url)
    host, port = parts.hostname or "", parts.port or 443
    context = dmp_context(settings.dmp_roots, settings.dmp_crl)
    try:
        with socket.create_connection((host, port), CONNECT_SECONDS) as raw:
            context.wrap_socket(raw, server_hostname=host).close()
    except ssl.SSLError as error:
        trouble = explain(error, sent=False, ending=None)
        if not isinstance(trouble, ClientCertificateRefused):
            return faulty(DMP, trouble)
        # Refused for want of a card, which comes after the server has proved itself: it was the DMP.
    except socket.gaierror:
        cause = "Le nom du serveur est introuvable (DNS)."
        return faulty(DMP, ServerUnreachable(cause=cause, todo="Vérifiez le réseau et son DNS."))
    except OSError:
        cause = "Le serveur ne répond pas à son adresse."
        return faulty(DMP, ServerUnreachable(cause=cause, todo="Vérifiez le réseau et le pare-feu."))
    return Finding(DMP, Health.OK, "Le serveur DMP répond et prouve son nom.")


def printer(settings: Settings) -> Finding:
    """6. The site's printer. Raises `PrinterError`, `SettingsError`."""
    if not settings.printer_uri:
        sentence = "Aucune imprimante n'est réglée."
        return Finding(PRINTER, Health.ATTENTION, sentence, "Ajoutez [printer] uri aux réglages.")
    from kiosk.printing.printer import IppPrinter

    status = IppPrinter(settings.printer_uri, settings.printer_certificate).status()
    if status.ready:
        return Finding(PRINTER, Health.OK, "Prête à imprimer.")
    return Finding(PRINTER, Health.FAULT, status.cause, "Vérifiez l'imprimante.", "IMPR-011")


def disk_and_memory(state: Path) -> Finding:
    """7. Can the journal be written in `state`, and does the system keep memory off the disk."""
    advice = "Sans journal, aucun acte n'est possible : libérez de la place, vérifiez les droits du dossier."
    try:
        state.mkdir(mode=0o700, parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=state) as probe:
            probe.write(bytes(4096))
            probe.flush()
        free = shutil.disk_usage(state).free
    except OSError:
        sentence = "Le dossier du journal est plein ou en lecture seule."
        return Finding(DISK, Health.FAULT, sentence, advice, JournalError.code)
    if free < _LOW_DISK_BYTES:
        sentence = "Le disque du journal est presque plein."
        return Finding(DISK, Health.FAULT, sentence, advice, JournalError.code)
    weak = []
    if len(_lines("/proc/swaps")) > 1:
        weak.append("un espace d'échange (swap) est actif")
    if not "".join(_lines("/proc/sys/kernel/core_pattern")).startswith("|"):
        weak.append("les vidages mémoire (core) vont sur disque")
    if weak:
        advice = "Voir « Durcir le poste » dans docs/guide.md."
        return Finding(DISK, Health.ATTENTION, f"Journal possible ; {' ; '.join(weak)}.", advice)
    return Finding(DISK, Health.OK, "Journal possible, rien de la mémoire ne va sur disque.")


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []

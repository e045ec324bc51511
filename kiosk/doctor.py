"""`dmp-kiosk doctor`: seven layers, each with what is wrong in words a help desk can read aloud.

The report holds no name, number or serial. Every look has its own limit: the whole takes ten seconds at most.
"""

import json
import os
import shutil
import socket
import ssl
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from concurrent.futures import TimeoutError as LateError
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import IntEnum
from pathlib import Path
from urllib.parse import urlsplit

from kiosk.card.model import CardKind, Professional, ProfessionalCard
from kiosk.card.readers import Readers, Snapshot
from kiosk.errors import KioskError, SettingsError
from kiosk.settings import Settings, load, settings_file, state_directory

LAYER_SECONDS = 8.0
_CONNECT_SECONDS = 4.0
_LOW_DISK_BYTES = 100 * 1024 * 1024
_CLOCK_FILES = (
    Path("/run/systemd/timesync/synchronized"),
    Path("/run/chrony/chronyd.pid"),
    Path("/run/ntpd.pid"),
)


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


Look = Callable[[], Finding]


def examine(*, as_json: bool) -> int:
    """Look at every layer, print what was found, return the worst `Health`."""
    findings = look_at_everything()
    if as_json:
        rows = [{**asdict(finding), "health": finding.health.name.lower()} for finding in findings]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        words = {Health.OK: "bon", Health.ATTENTION: "attention", Health.FAULT: "PANNE"}
        for number, finding in enumerate(findings, start=1):
            print(f"{number}. {finding.layer:<24} {words[finding.health]:<10} {finding.sentence}")
            if finding.advice:
                print(f"   {'':<24} {'':<10} À faire : {finding.advice} {finding.code}".rstrip())
    return max(finding.health for finding in findings)


def look_at_everything() -> list[Finding]:
    """The seven layers in order, looked at side by side."""
    settings = _settings()
    from kiosk.card.pcsc import PcscReaders

    readers = PcscReaders()
    snapshot = _first_snapshot(readers)
    looks: list[tuple[str, Look]] = [
        ("Service des lecteurs", lambda: reader_service(snapshot)),
        ("Lecteur", lambda: reader(snapshot)),
        ("Carte", lambda: card(snapshot)),
        ("Certificat et heure", lambda: certificate_and_clock(snapshot, readers)),
        ("Réseau et DMP", lambda: dmp(settings)),
        ("Imprimante", lambda: printer(settings)),
        ("Disque et mémoire", disk_and_memory),
    ]
    pool = ThreadPoolExecutor(max_workers=len(looks))
    try:
        pending = [(layer, pool.submit(look)) for layer, look in looks]
        findings = []
        for layer, future in pending:
            try:
                findings.append(future.result(LAYER_SECONDS))
            except LateError:
                findings.append(
                    Finding(layer, Health.FAULT, "Pas de réponse à temps.", "Rebranchez, puis recommencez.")
                )
            except KioskError as error:
                findings.append(Finding(layer, Health.FAULT, error.what, error.todo, error.code))
        return findings
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        readers.close()


def reader_service(snapshot: Snapshot) -> Finding:
    """1. pcscd."""
    layer = "Service des lecteurs"
    if snapshot.service_ok:
        return Finding(layer, Health.OK, "pcscd répond.")
    if "pyscard" in snapshot.cause:
        return Finding(layer, Health.FAULT, "La bibliothèque pyscard n'est pas installée.",
                       "Installez gcc, python3-dev et libpcsclite-dev, puis relancez ./run.", "CARTE-010")  # fmt: skip
    return Finding(
        layer, Health.FAULT, "pcscd ne répond pas.", "Installez ou démarrez le service pcscd.", "CARTE-010"
    )


def reader(snapshot: Snapshot) -> Finding:
    """2. At least one reader."""
    count = len(snapshot.slots)
    if count == 0:
        return Finding("Lecteur", Health.FAULT, "Aucun lecteur n'est vu.",
                       "Branchez le lecteur ; sur client léger, vérifiez qu'il est transmis.", "CARTE-011")  # fmt: skip
    return Finding(
        "Lecteur", Health.OK, f"{count} lecteur{'s' if count > 1 else ''} vu{'s' if count > 1 else ''}."
    )


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
    seen = ", ".join(words[kind] for kind in kinds)
    if CardKind.PROFESSIONAL in kinds:
        return Finding("Carte", Health.OK, f"Vu : {seen}.")
    if not kinds:
        return Finding(
            "Carte", Health.ATTENTION, "Aucune carte n'est insérée.", "Insérez une carte CPS ou CPE."
        )
    return Finding(
        "Carte", Health.ATTENTION, f"Vu : {seen}.", "Insérez une carte CPS ou CPE, puce vers le lecteur."
    )


def certificate_and_clock(snapshot: Snapshot, readers: Readers) -> Finding:
    """4. The card's dates, the workstation's clock."""
    layer = "Certificat et heure"
    clock = (
        ""
        if any(path.exists() for path in _CLOCK_FILES)
        else "L'heure du poste n'est pas synchronisée (NTP)."
    )
    slots = [slot for slot in snapshot.slots if slot.kind is CardKind.PROFESSIONAL]
    if not slots:
        told = clock or "Heure synchronisée ; pas de carte pour lire un certificat."
        return Finding(layer, Health.ATTENTION, told, "Insérez une carte CPS ou CPE, puis recommencez.")
    who = _holder(readers, slots[0].reader)
    now = datetime.now(UTC)
    if not who.valid_from <= now <= who.valid_until:
        return Finding(layer, Health.FAULT, "Le certificat de la carte n'est pas en cours de validité.",
                       "Vérifiez la date du poste, sinon changez de carte.", "CARTE-040")  # fmt: skip
    if clock:
        return Finding(
            layer,
            Health.ATTENTION,
            clock,
            "Activez systemd-timesyncd ou chrony : le DMP refuse une heure fausse.",
        )
    days = (who.valid_until - now).days
    health = Health.OK if days > 30 else Health.ATTENTION
    return Finding(layer, health, f"Certificat valable encore {days} jours, heure synchronisée.")


def dmp(settings: Settings | SettingsError) -> Finding:
    """5. Name, connection and the server's own certificate; no card is used."""
    layer = "Réseau et DMP"
    if isinstance(settings, SettingsError):
        return _unset(layer, settings)
    parts = urlsplit(settings.dmp_url)
    host, port = parts.hostname or "", parts.port or 443
    context = ssl.create_default_context(cafile=str(settings.dmp_roots))
    try:
        with (
            socket.create_connection((host, port), _CONNECT_SECONDS) as raw,
            context.wrap_socket(raw, server_hostname=host) as secured,
        ):
            secured.settimeout(_CONNECT_SECONDS)
    except ssl.SSLCertVerificationError as error:
        return Finding(layer, Health.FAULT, f"Le serveur ne prouve pas qu'il est le DMP ({error.verify_message}).",
                       "N'insistez pas ; prévenez l'assistance.", "DMP-014")  # fmt: skip
    except ssl.SSLError:
        pass  # it was the DMP: it asks for a card's certificate before anything else
    except socket.gaierror:
        return Finding(
            layer,
            Health.FAULT,
            "Le nom du serveur DMP est introuvable.",
            "Vérifiez le réseau (DNS).",
            "DMP-011",
        )
    except OSError:
        return Finding(
            layer,
            Health.FAULT,
            "Le serveur DMP ne répond pas.",
            "Vérifiez le réseau et le pare-feu.",
            "DMP-011",
        )
    return Finding(layer, Health.OK, "Le serveur DMP répond et prouve son nom.")


def printer(settings: Settings | SettingsError) -> Finding:
    """6. The site's printer."""
    layer = "Imprimante"
    if isinstance(settings, SettingsError):
        return _unset(layer, settings)
    if not settings.printer_uri:
        return Finding(
            layer, Health.ATTENTION, "Aucune imprimante n'est réglée.", "Ajoutez [printer] uri aux réglages."
        )
    from kiosk.printing.printer import IppPrinter

    status = IppPrinter(settings.printer_uri, settings.printer_certificate).status()
    if status.ready:
        return Finding(layer, Health.OK, "Prête à imprimer.")
    return Finding(layer, Health.FAULT, status.cause, "Vérifiez l'imprimante.", "IMPR-011")


def disk_and_memory() -> Finding:
    """7. Can the journal be written, and does the system keep memory off the disk."""
    layer = "Disque et mémoire"
    directory = state_directory()
    directory.mkdir(mode=0o700, parents=True, exist_ok=True)
    free = shutil.disk_usage(directory).free
    if not os.access(directory, os.W_OK) or free < _LOW_DISK_BYTES:
        return Finding(layer, Health.FAULT, "Le dossier du journal est plein ou en lecture seule.",
                       "Libérez de la place : sans journal, aucun acte n'est possible.", "BORNE-200")  # fmt: skip
    weak = []
    if len(_lines("/proc/swaps")) > 1:
        weak.append("un espace d'échange (swap) est actif")
    if not "".join(_lines("/proc/sys/kernel/core_pattern")).startswith("|"):
        weak.append("les vidages mémoire (core) vont sur disque")
    if weak:
        return Finding(layer, Health.ATTENTION, f"Journal possible ; {' ; '.join(weak)}.",
                       "Voir « Durcir le poste » dans docs/guide.md.")  # fmt: skip
    return Finding(layer, Health.OK, "Journal possible, rien de la mémoire ne va sur disque.")


def _unset(layer: str, error: SettingsError) -> Finding:
    advice = "L'entraînement n'en a pas besoin : ./run"
    return Finding(layer, Health.ATTENTION, error.what, advice, error.code)


def _settings() -> Settings | SettingsError:
    try:
        return load(settings_file())
    except SettingsError as error:
        return error


def _first_snapshot(readers: Readers) -> Snapshot:
    """What the watcher sees first; a service that says nothing is a service that is not there."""
    arrived = threading.Event()
    seen: list[Snapshot] = []

    def note(snapshot: Snapshot) -> None:
        seen.append(snapshot)
        arrived.set()

    readers.watch(note)
    arrived.wait(3)
    return seen[0] if seen else Snapshot(service_ok=False, slots=())


def _holder(readers: Readers, name: str) -> Professional:
    from kiosk.card.cps import ApduCard

    opened: ProfessionalCard = ApduCard(readers.connect(name))
    try:
        return opened.professional()
    finally:
        opened.close()


def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_text(encoding="utf-8").splitlines()
    except OSError:
        return []

"""`dmp-kiosk doctor`: looks at the seven layers side by side, ten seconds at most, and tells or writes what it found.

A look that does not come back is left behind in its own thread: a frozen pcscd or a name server that is silent
must not keep the report from its reader.
"""

import json
import platform
import ssl
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures import TimeoutError as LateError
from dataclasses import asdict, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

from kiosk import __version__, clock, layers
from kiosk.card.model import Professional, ProfessionalCard
from kiosk.card.readers import Readers, Snapshot
from kiosk.errors import KioskError, SettingsError
from kiosk.layers import Finding, Health
from kiosk.settings import Settings, load, settings_file, state_directory

TOTAL_SECONDS = 9.0
"""For all looks together; the rest of the ten is Python's own start."""
READERS_SECONDS = 3.0

_WORDS = {Health.OK: "bon", Health.ATTENTION: "attention", Health.FAULT: "PANNE"}


def examine(*, as_json: bool, report: Path | None = None) -> int:
    """Look at every layer, print what was found, return the worst `Health`.

    `report`: a file to write it to as well, for the help desk. Raises `SettingsError` when it cannot be written.
    """
    findings = look_at_everything()
    if report is not None:
        _write(report, findings)
    if as_json:
        rows = [{**asdict(finding), "health": finding.health.name.lower()} for finding in findings]
        print(json.dumps(rows, ensure_ascii=False, indent=2))
    else:
        print("\n".join(told(findings)))
    return max(finding.health for finding in findings)


def told(findings: list[Finding]) -> list[str]:
    """One line a layer, a second one with what to do."""
    lines = []
    for number, finding in enumerate(findings, start=1):
        lines.append(f"{number}. {finding.layer:<24} {_WORDS[finding.health]:<10} {finding.sentence}")
        if finding.advice:
            lines.append(f"   {'':<24} {'':<10} À faire : {finding.advice} {finding.code}".rstrip())
    return lines


def look_at_everything() -> list[Finding]:
    """The seven layers in order, looked at side by side."""
    end = time.monotonic() + TOTAL_SECONDS
    settings = _settings()
    pending = {
        layers.DMP: _begin(layers.DMP, partial(_with_settings, layers.DMP, settings, layers.dmp)),
        layers.PRINTER: _begin(
            layers.PRINTER, partial(_with_settings, layers.PRINTER, settings, layers.printer)
        ),
        layers.DISK: _begin(layers.DISK, partial(layers.disk_and_memory, state_directory())),
    }
    from kiosk.card.pcsc import PcscReaders

    readers = PcscReaders()
    snapshot = _first_snapshot(readers)
    holder = partial(_holder, settings, readers)
    pending |= {
        layers.SERVICE: _begin(layers.SERVICE, partial(layers.reader_service, snapshot)),
        layers.READER: _begin(layers.READER, partial(layers.reader, snapshot)),
        layers.CARD: _begin(layers.CARD, partial(layers.card, snapshot)),
        layers.CERTIFICATE: _begin(
            layers.CERTIFICATE,
            lambda: layers.certificate_and_clock(
                snapshot, holder, datetime.now(UTC), clock.is_synchronised()
            ),
        ),
    }
    return [_without_home(_finding(layer, pending[layer], end)) for layer in layers.LAYERS]


def _begin(layer: str, look: Callable[[], Finding]) -> "Future[Finding]":
    """Look in a daemon thread: the process may end before the look does."""
    future: Future[Finding] = Future()

    def run() -> None:
        try:
            future.set_result(look())
        except KioskError as error:
            future.set_result(layers.faulty(layer, error))
        except Exception as error:  # one layer's defect must not hide the six others
            future.set_result(layers.faulty(layer, KioskError(cause=f"Défaut {type(error).__name__}.")))

    threading.Thread(target=run, name=f"doctor {layer}", daemon=True).start()
    return future


def _finding(layer: str, future: "Future[Finding]", end: float) -> Finding:
    try:
        return future.result(max(0.0, end - time.monotonic()))
    except LateError:
        return Finding(layer, Health.FAULT, "Pas de réponse à temps.", "Rebranchez, puis recommencez.")


def _with_settings(
    layer: str, settings: Settings | SettingsError, look: Callable[[Settings], Finding]
) -> Finding:
    if isinstance(settings, SettingsError):
        advice = "L'entraînement n'en a pas besoin : ./run"
        return Finding(layer, Health.ATTENTION, settings.what, advice, settings.code)
    return look(settings)


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
    arrived.wait(READERS_SECONDS)
    return seen[0] if seen else Snapshot(service_ok=False, slots=())


def _holder(settings: Settings | SettingsError, readers: Readers, name: str) -> Professional:
    """The public face of the card, by the back end the kiosk itself would use. No PIN is asked."""
    opened: ProfessionalCard
    if isinstance(settings, Settings):
        from kiosk.card.cryptolib import clear_cache, find_module
        from kiosk.card.pkcs11 import Pkcs11Card

        opened = Pkcs11Card(find_module(settings.pkcs11_module))
    else:
        from kiosk.card.cps import ApduCard

        opened = ApduCard(readers.connect(name))
    try:
        return opened.professional()
    finally:
        opened.close()
        if isinstance(settings, Settings):
            clear_cache()


def _without_home(finding: Finding) -> Finding:
    """A path under somebody's home directory says who that is."""
    home = str(Path.home())
    return replace(
        finding,
        sentence=finding.sentence.replace(home, "~"),
        advice=finding.advice.replace(home, "~"),
    )


def _write(path: Path, findings: list[Finding]) -> None:
    head = [
        f"Borne DMP {__version__} : rapport de diagnostic, {datetime.now(UTC):%d/%m/%Y %H:%M} UTC",
        f"{platform.platform()}, Python {platform.python_version()}, {ssl.OPENSSL_VERSION}",
        "",
    ]
    try:
        path.write_text("\n".join([*head, *told(findings), ""]), encoding="utf-8")
    except OSError as error:
        raise SettingsError(
            what=f"Le rapport ne peut pas être écrit : {path}",
            cause=error.strerror or type(error).__name__,
            todo="Choisissez un autre fichier.",
        ) from None

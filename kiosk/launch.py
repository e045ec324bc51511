"""From a command to a running kiosk: stations on settings or on a training box, under the supervisor."""

import os
from collections.abc import Callable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from kiosk.box import Box
from kiosk.card.cryptolib import clear_cache, find_module
from kiosk.card.model import ProfessionalCard, VitaleCard
from kiosk.card.readers import Readers, SlotState
from kiosk.dmp.profile import ServiceProfile, profile
from kiosk.ending import Ending
from kiosk.idle import IdleLimits
from kiosk.journal import Journal, site_key
from kiosk.parameters.file import ParameterFile
from kiosk.record.handover import Printer
from kiosk.settings import (
    BY_TERMINAL,
    POSTS,
    PROFILES,
    Settings,
    journal_file,
    load,
    settings_file,
    state_directory,
)
from kiosk.station import JournalWriter, Sheets, Station, software, utc_now
from kiosk.supervisor import supervise

TRAINING_OID = "1.2.250.1.999.1"
"""Root OID of the training installation: an arc nobody was given."""
_SCANS = "scans"
"""Folder of the training box where a trainee puts files to deposit."""
_PARAMETERS = "parameters.json"


def run_training(box: Callable[[], Box], readers: int, theme: str, post: str, profile_name: str) -> int:
    """The kiosk in training. `box` waits until the box is ready: what is heavy is loaded meanwhile."""
    journal = Journal(journal_file(training=True))
    _preload()
    there = box()
    return supervise(
        lambda link: _run(training_station(there, link, theme, readers, post, profile_name)),
        journal,
        preload=_preload,
    )


def run_real(theme: str) -> int:
    """The kiosk from its settings."""
    settings = load(settings_file())
    module = find_module(settings.pkcs11_module)
    theme = theme or settings.theme
    journal = Journal(journal_file(training=False))
    return supervise(
        lambda link: _run(real_station(settings, module, link, theme)),
        journal,
        preload=_preload_real,
        sweep=clear_cache,
    )


def _run(station: Station) -> int:
    """One session process: leaves at once when the card does, without waiting for any thread."""
    from kiosk.app import Kiosk

    kiosk = Kiosk(station, leave=os._exit)
    kiosk.run(mouse=False)
    return kiosk.return_code or Ending.NEXT


def _preload() -> None:
    """What every session needs, imported once in the parent; nothing here starts a thread or opens a reader.

    Textual comes with `kiosk.app`, half of the start: the training box starts meanwhile, on the other core.
    """
    import kiosk.app
    import kiosk.card.cps
    import kiosk.card.vitale
    import kiosk.dmp.client
    import kiosk.memory
    import kiosk.printing.printer
    import kiosk.record.desk
    import kiosk.record.rights_table
    import kiosk.seat

    kiosk.record.rights_table.table()  # read here, shared by every session


def _preload_real() -> None:
    """The same, with the PKCS#11 binding: importing it loads no module."""
    _preload()
    import kiosk.card.pkcs11  # noqa: F401


DIRECT_READING = "lecture directe non agréée"
"""Said of a Vitale card that was not read by the API of the GIE SESAM-Vitale."""


def training_station(
    box: Box,
    journal: JournalWriter,
    theme: str = "",
    drawers: int = 2,
    post: str = POSTS[0],
    profile_name: str = PROFILES[0],
) -> Station:
    """A kiosk on a training box: the same code as in production above every seam. `drawers`: its readers."""
    from kiosk.card.tray import TrayReaders
    from kiosk.memory import memory_in
    from kiosk.printing.printer import IppPrinter

    readers = TrayReaders(box.directory, drawers)
    key = site_key(state_directory() / "training" / "site.key")
    return Station(
        name="Entraînement",
        profile=profile(profile_name),
        production=False,
        software=software(TRAINING_OID, "SIMULATION"),
        dmp_url=box.dmp_url,
        dmp_roots=box.server_roots,
        dmp_crl=None,
        readers=readers,
        open_card=lambda slot: _apdu_card(readers, slot),
        read_vitale=lambda slot: _direct_vitale(readers, slot),
        printer=IppPrinter(box.printer_uri),
        sheets=Sheets(
            "www.exemple-dmp.example.org", "Assistance d'entraînement, sans numéro", simulation=True
        ),
        journal=journal,
        site_key=key,
        memory=memory_in(state_directory() / "training", key, utc_now),
        scan_folder=_training_scans(box.directory),
        web_url="https://web-ps.exemple-dmp.example.org",
        parameters=ParameterFile(box.directory / _PARAMETERS, box.parameters_url, box.server_roots, utc_now),
        theme=theme,
        page_images=True,  # whoever trains may see them: the records are fictitious
        post=post,
        training=box.directory,
    )


def _training_scans(box: Path) -> Path:
    """A folder with something to deposit: a trainee adds to it what he likes."""
    folder = box / _SCANS
    with suppress(OSError):  # a box of somebody else: its folder is as it is
        folder.mkdir(exist_ok=True)
        sample = folder / "compte-rendu-fictif.txt"
        if not sample.exists():
            sample.write_text(_SAMPLE, encoding="utf-8")
    return folder


_SAMPLE = """\
Compte rendu de consultation (document fictif d'entraînement)

Motif : contrôle annuel.
Examen : sans particularité. Tension artérielle 12/7.
Conclusion : revoir dans un an.
"""


def real_station(settings: Settings, module: Path, journal: JournalWriter, theme: str) -> Station:
    """A kiosk on real readers, the Cryptolib, the DMP of its profile and the site's printer."""
    from kiosk.card.pcsc import PcscReaders
    from kiosk.memory import memory_in

    readers = PcscReaders()
    key = site_key(state_directory() / "site.key")
    direct = settings.vitale == "direct"
    return Station(
        name=settings.station_name,
        profile=service_profile(settings),
        production=settings.production,
        software=software(settings.installation_oid, settings.homologation),
        dmp_url=settings.dmp_url,
        dmp_roots=settings.dmp_roots,
        dmp_crl=settings.dmp_crl,
        readers=readers,
        open_card=lambda slot: _pkcs11_card(module),
        read_vitale=lambda slot: _direct_vitale(readers, slot) if direct else _api_vitale(settings),
        vitale_notice=DIRECT_READING if direct else "",
        printer=_printer(settings),
        sheets=Sheets(settings.patient_site, settings.patient_support, simulation=not settings.production),
        journal=journal,
        site_key=key,
        memory=memory_in(state_directory(), key, utc_now),
        scan_folder=settings.scan_folder,
        web_url=settings.web_url,
        parameters=ParameterFile(
            state_directory() / _PARAMETERS, settings.parameters_url, settings.dmp_roots, utc_now
        ),
        theme=theme,
        page_images=settings.page_images == BY_TERMINAL,
        post=settings.post,
        shows_identity=settings.shows_identity,
        search_on_opening=settings.search_on_opening,
        idle=IdleLimits(settings.lock_seconds, settings.logout_seconds),
    )


def service_profile(settings: Settings) -> ServiceProfile:
    """The generation of the service, with the version of the VIHF this site's service wants."""
    chosen = profile(settings.profile)
    return replace(chosen, vihf_version=settings.vihf_version or chosen.vihf_version)


def _printer(settings: Settings) -> Printer:
    from kiosk.printing.absent import AbsentPrinter
    from kiosk.printing.printer import IppPrinter

    if not settings.printer_uri:
        return AbsentPrinter()
    return IppPrinter(settings.printer_uri, settings.printer_certificate)


def _apdu_card(readers: Readers, slot: SlotState) -> ProfessionalCard:
    """The emulated card, by APDUs: what a real CPS holds beyond the published files is not known."""
    from kiosk.card.cps import ApduCard

    return ApduCard(readers.connect(slot.reader))


def _pkcs11_card(module: Path) -> ProfessionalCard:
    """A real card, by the Cryptolib."""
    from kiosk.card.pkcs11 import Pkcs11Card

    return Pkcs11Card(module)


def _direct_vitale(readers: Readers, slot: SlotState) -> VitaleCard:
    from kiosk.card.vitale import read_vitale

    link = readers.connect(slot.reader)
    try:
        return read_vitale(link)
    finally:
        link.close()


def _api_vitale(settings: Settings) -> VitaleCard:
    """By the approved API. Its answer does not tell test cards from real ones [unknown]: the settings do."""
    from kiosk.card.vitale_api import VitaleReading, find_module

    module = find_module(settings.vitale_library, settings.vitale_configuration)
    return VitaleReading(module, test_cards=not settings.production).result()

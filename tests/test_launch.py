"""From a settings file to a station: which back end stands behind each seam, and what is said when one is missing."""

from pathlib import Path

import pytest

from kiosk.card.model import CardKind
from kiosk.card.readers import SlotState
from kiosk.errors import PrinterUnreachable, SettingsError, VitaleApiAbsent
from kiosk.journal import Journal
from kiosk.launch import real_station, run_real
from kiosk.rehearsal import DirectJournal
from kiosk.settings import load, settings_file
from kiosk.station import Station

SETTINGS = """\
[station]
name = "Accueil 1"
post = "accueil"

[dmp]
profile = "historical"
environment = "production"
url = "https://dmp.example.org/services"
roots = "roots.pem"
installation_oid = "1.2.250.1.999.2"
homologation = "TEST"

[card]
"""
SLOT = SlotState("Lecteur", CardKind.VITALE, b"", 1)


def station(directory: Path, card: str = "") -> Station:
    (directory / "roots.pem").write_text("")
    path = directory / "settings.toml"
    path.write_text(SETTINGS + card, encoding="utf-8")
    journal = DirectJournal(Journal(directory / "journal.sqlite"))
    return real_station(load(path), Path("/nonexistent/module.so"), journal, "")


def test_a_real_station_takes_its_world_from_its_settings(tmp_path: Path) -> None:
    made = station(tmp_path)
    assert made.production
    assert not made.sheets.simulation
    assert made.training is None
    assert made.profile.name == "historical"
    made.readers.close()


def test_the_approved_reading_is_the_default_and_says_when_it_is_missing(tmp_path: Path) -> None:
    made = station(tmp_path)
    assert made.vitale_notice == ""
    with pytest.raises(VitaleApiAbsent):
        made.read_vitale(SLOT)
    made.readers.close()


def test_direct_reading_is_chosen_by_name_and_named_on_the_screen(tmp_path: Path) -> None:
    made = station(tmp_path, 'vitale = "direct"\n')
    assert made.vitale_notice == "lecture directe non agréée"
    made.readers.close()


def test_a_post_without_a_printer_says_so(tmp_path: Path) -> None:
    made = station(tmp_path)
    with pytest.raises(PrinterUnreachable) as caught:
        made.printer.ensure_ready()
    assert "n'a pas d'imprimante" in caught.value.what
    made.readers.close()


def test_a_missing_cryptolib_is_named_before_the_kiosk_starts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    (tmp_path / "dmp-kiosk").mkdir()
    (tmp_path / "dmp-kiosk" / "roots.pem").write_text("")
    settings_file_text = SETTINGS + 'pkcs11_module = "/nonexistent/module.so"\n'
    (tmp_path / "dmp-kiosk" / "settings.toml").write_text(settings_file_text, encoding="utf-8")
    assert settings_file() == tmp_path / "dmp-kiosk" / "settings.toml"
    with pytest.raises(SettingsError) as caught:
        run_real("")
    assert "/nonexistent/module.so" in caught.value.what

"""A missing or bad setting is named with its file and line."""

from pathlib import Path

import pytest

from kiosk.errors import SettingsError
from kiosk.settings import load

GOOD = """\
[station]
name = "Accueil 1"
post = "accueil"

[dmp]
profile = "historical"
environment = "test"
url = "https://dmp.example.org/si-dmp-server/v2/services"
roots = "roots.pem"
installation_oid = "1.2.250.1.999.2"
homologation = "TEST"

[printer]
uri = "ipp://printer.example.org/ipp/print"
"""


def write(directory: Path, text: str) -> Path:
    (directory / "roots.pem").write_text("")
    path = directory / "settings.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_good_settings_are_read(tmp_path: Path) -> None:
    settings = load(write(tmp_path, GOOD))
    assert settings.station_name == "Accueil 1"
    assert settings.dmp_roots == tmp_path / "roots.pem"
    assert not settings.production
    assert settings.printer_certificate is None


@pytest.mark.parametrize(
    ("change", "line", "named"),
    [
        (('post = "accueil"', 'post = "cuisine"'), 3, "post"),
        (('profile = "historical"\n', ""), 5, "profile"),
        (('url = "https:', 'url = "http:'), 8, "url"),
        (('"1.2.250.1.999.2"', '"abc"'), 10, "installation_oid"),
        (('"roots.pem"', '"none.pem"'), 9, "roots"),
        (('name = "Accueil 1"', "name = 3"), 2, "name"),
        (('post = "accueil"', 'post = "accueil"\npage_images = "sixel"'), 4, "page_images"),
        (('uri = "ipp://', 'uri = "lpd://'), 14, "uri"),
    ],
)
def test_a_bad_setting_is_named_with_its_line(
    change: tuple[str, str], line: int, named: str, tmp_path: Path
) -> None:
    path = write(tmp_path, GOOD.replace(*change))
    with pytest.raises(SettingsError) as caught:
        load(path)
    assert f"{path}, ligne {line}" in caught.value.what
    assert named in caught.value.what


def test_pages_are_drawn_in_cells_until_the_site_says_otherwise(tmp_path: Path) -> None:
    assert load(write(tmp_path, GOOD)).page_images == "demi-blocs"
    wished = GOOD.replace('post = "accueil"', 'post = "accueil"\npage_images = "auto"')
    assert load(write(tmp_path, wished)).page_images == "auto"


def test_broken_toml_names_the_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, GOOD.replace('post = "accueil"', "post = accueil")))
    assert "ligne 3" in caught.value.what
    with pytest.raises(SettingsError) as caught:
        load(write(tmp_path, GOOD + "\n[oops"))
    assert "ligne 16" in caught.value.what


def test_no_file_says_how_to_train(tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as caught:
        load(tmp_path / "settings.toml")
    assert "--training" in caught.value.todo

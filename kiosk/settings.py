"""Settings of one kiosk: a TOML file in the place the system keeps such files.

A missing or bad setting is named with its file and line; nothing is guessed in production. Training makes its
own settings from the box it started and reads no file.
"""

import re
import tomllib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import platformdirs

from kiosk.errors import SettingsError

APPLICATION = "dmp-kiosk"

REGULATION = "régulation"
POSTS = ("accueil", "pharmacie", "urgences", REGULATION)
"""The post decides the home screen, never the rights; `régulation` alone has its own access mode (« centre 15 »)."""
HALF_BLOCKS, BY_TERMINAL = PAGE_IMAGES = ("demi-blocs", "auto")
"""How page images are drawn: in cells, or in the terminal's own graphics (sixel, kitty) where it has them."""
PROFILES = ("historical", "current")
"""Generations of the DMP service; training plays the first unless it is told otherwise."""
VIHF_VERSIONS = ("1.0", "2.0", "3.0", "4.0")
"""Those that were ever asked for. Which one the service demands today in direct authentication is [unknown]."""


@dataclass(frozen=True)
class Settings:
    """Everything a station may choose. Paths are absolute or relative to the settings file."""

    station_name: str
    """Name of this workstation in the journal."""
    post: str
    """One of `POSTS`."""
    lock_seconds: int
    """Seconds without a key before the screen is covered, 60 to 300."""
    logout_seconds: int
    """Seconds without a key before the session ends, at most 600."""
    theme: str
    """A theme of `kiosk.terminal`, or empty to choose by the terminal."""
    page_images: str
    """One of `PAGE_IMAGES`. A picture is not text to a terminal: the site says whether its terminals may have any."""
    profile: str
    """Profile of the DMP service, one of `PROFILES`. Production without one is refused."""
    vihf_version: str
    """Version of the VIHF, one of `VIHF_VERSIONS`; empty for the profile's own."""
    production: bool
    """False: test or training service, which takes test cards only; True takes real cards only."""
    dmp_url: str
    """Base of the web services (EX_GEN-1221: never in the code)."""
    dmp_roots: Path
    """PEM of the authorities that may have signed the DMP's server certificate."""
    dmp_crl: Path | None
    """PEM or DER revocation list of those authorities; None when the site has none."""
    parameters_url: str
    """The DMP's public parameter file (EX_GEN-1222); empty: never asked, the defaults hold."""
    installation_oid: str
    """Root OID of this installation (EX_GEN-1350)."""
    homologation: str
    """LPS_ID_HOMOLOGATION_DMP: secret, never shown (EX_GEN-1490)."""
    web_url: str
    """Base of the Web DMP for professionals, by card (EX_0.9-1030); empty: no link is offered."""
    pkcs11_module: str
    """PKCS#11 module of the professional card; empty for the Cryptolib's usual places."""
    vitale: str
    """How the Vitale card is read: `api` (API de lecture Vitale, the only approved one) or `direct`."""
    vitale_library: Path | None
    """Library of the API; None for its usual place."""
    vitale_configuration: Path | None
    """Its api_lec.ini; None for its usual place."""
    printer_uri: str
    """`ipp://` or `ipps://`; empty when the post has no printer."""
    printer_certificate: Path | None
    """PEM of the printer's own certificate, for `ipps://`."""
    scan_folder: Path | None
    """Folder where scanners put files to deposit; None when the site has none."""
    search_on_opening: bool
    """Whether opening a record searches its documents at once: not unless the site wants it (EX_3.1-2030)."""
    shows_identity: bool
    """Whether identities the DMP returned are shown beside the card's: false unless somebody wants it (EX_0.2-1020)."""
    patient_site: str
    """Address printed on the patient's sheet."""
    patient_support: str
    """Help line printed on the patient's sheet."""


def settings_file() -> Path:
    """Where the settings are read: the user's file when there is one, else the system's."""
    user = Path(platformdirs.user_config_dir(APPLICATION)) / "settings.toml"
    return user if user.exists() else Path(platformdirs.site_config_dir(APPLICATION)) / "settings.toml"


def state_directory() -> Path:
    """Where journal, site key and training authority live between two starts."""
    return Path(platformdirs.user_state_dir(APPLICATION))


def journal_file(*, training: bool) -> Path:
    """The journal's database; training keeps its own."""
    return state_directory() / ("training/journal.sqlite" if training else "journal.sqlite")


def load(path: Path) -> Settings:
    """Read and check `path`. Raises `SettingsError` naming file and line."""
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError:
        raise SettingsError(
            what=f"Le fichier de réglages n'existe pas : {path}",
            cause="La borne n'a pas encore été réglée pour un service DMP réel.",
            todo="Créez-le (voir docs/guide.md), ou lancez l'entraînement : dmp-kiosk --training",
        ) from None
    except (OSError, UnicodeDecodeError) as error:
        raise SettingsError(
            what=f"Le fichier de réglages est illisible : {path}", cause=str(type(error).__name__)
        ) from None
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = re.search(r"at line (\d+)", str(error))
        line = found[1] if found else len(text.splitlines())
        raise SettingsError(what=f"{path}, ligne {line} : ce n'est pas du TOML.", detail=str(error)) from None
    return _Reader(path, text, tables).settings()


class _Reader:
    """Reads typed values and, when one is wrong, finds its line again."""

    def __init__(self, path: Path, text: str, tables: dict[str, Any]) -> None:
        self.path, self.tables = path, tables
        self.lines = text.splitlines()

    def settings(self) -> Settings:
        return Settings(
            station_name=self.text("station", "name"),
            post=self.text("station", "post", one_of=POSTS),
            lock_seconds=self.number("station", "lock_seconds", 120, at_least=60, at_most=300),
            logout_seconds=self.number("station", "logout_seconds", 300, at_least=60, at_most=600),
            theme=self.text("station", "theme", default=""),
            page_images=self.text("station", "page_images", default=HALF_BLOCKS, one_of=PAGE_IMAGES),
            profile=self.text("dmp", "profile", one_of=PROFILES),
            vihf_version=self.text("dmp", "vihf_version", default="", one_of=("", *VIHF_VERSIONS)),
            production=self.text("dmp", "environment", one_of=("production", "test")) == "production",
            dmp_url=self.text("dmp", "url", check=_https),
            dmp_roots=self.file("dmp", "roots"),
            dmp_crl=self.optional_file("dmp", "crl"),
            parameters_url=self.text("dmp", "parameters_url", default="", check=_https),
            installation_oid=self.text("dmp", "installation_oid", check=_oid),
            homologation=self.text("dmp", "homologation"),
            web_url=self.text("dmp", "web_url", default="", check=_https),
            pkcs11_module=self.text("card", "pkcs11_module", default=""),
            vitale=self.text("card", "vitale", default="api", one_of=("api", "direct")),
            vitale_library=self.optional_file("card", "vitale_library"),
            vitale_configuration=self.optional_file("card", "vitale_configuration"),
            printer_uri=self.text("printer", "uri", default="", check=_ipp),
            printer_certificate=self.optional_file("printer", "certificate"),
            scan_folder=self.optional_folder("deposit", "folder"),
            search_on_opening=self.text("dmp", "search_on_opening", default="non", one_of=("oui", "non"))
            == "oui",
            shows_identity=self.text("dmp", "shows_identity", default="non", one_of=("oui", "non")) == "oui",
            patient_site=self.text("patient", "site", default="www.dmp.gouv.fr"),
            patient_support=self.text("patient", "support", default=""),
        )

    def text(
        self,
        table: str,
        key: str,
        *,
        default: str | None = None,
        one_of: tuple[str, ...] = (),
        check: Callable[[str], bool] = lambda value: True,
    ) -> str:
        section = self.tables.get(table, {})
        value = section.get(key, default) if isinstance(section, dict) else None
        if value is None:
            raise self._wrong(table, key, "ce réglage manque")
        if not isinstance(value, str):
            raise self._wrong(table, key, "un texte entre guillemets est attendu")
        if one_of and value not in one_of:
            raise self._wrong(table, key, "valeurs possibles : " + ", ".join(filter(None, one_of)))
        if value and not check(value):
            raise self._wrong(table, key, "cette valeur n'a pas la forme attendue")
        return value

    def number(self, table: str, key: str, default: int, *, at_least: int, at_most: int) -> int:
        value = self.tables.get(table, {}).get(key, default)
        if not isinstance(value, int) or isinstance(value, bool) or not at_least <= value <= at_most:
            raise self._wrong(table, key, f"un nombre de {at_least} à {at_most} est attendu")
        return value

    def file(self, table: str, key: str) -> Path:
        path = (self.path.parent / self.text(table, key)).absolute()
        if not path.is_file():
            raise self._wrong(table, key, f"le fichier {path} n'existe pas")
        return path

    def optional_file(self, table: str, key: str) -> Path | None:
        return self.file(table, key) if self.text(table, key, default="") else None

    def optional_folder(self, table: str, key: str) -> Path | None:
        """It may be a network drive that is not there yet: only its shape is checked."""
        value = self.text(table, key, default="")
        return (self.path.parent / value).absolute() if value else None

    def _wrong(self, table: str, key: str, why: str) -> SettingsError:
        return SettingsError(what=f"{self.path}, ligne {self._line(table, key)} : [{table}] {key} — {why}.")

    def _line(self, table: str, key: str) -> int:
        """Line of the key, else of its table, else the last one: where a person would add it."""
        inside, found = False, len(self.lines) or 1
        for number, line in enumerate(self.lines, start=1):
            stripped = line.strip()
            if stripped.startswith("["):
                inside = stripped == f"[{table}]"
                found = number if inside else found
            elif inside and stripped.split("=")[0].strip() == key:
                return number
        return found


def _https(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme == "https" and bool(parts.hostname)


def _ipp(value: str) -> bool:
    parts = urlsplit(value)
    return parts.scheme in ("ipp", "ipps") and bool(parts.hostname)


def _oid(value: str) -> bool:
    arcs = value.split(".")
    return len(arcs) >= 4 and all(arc.isdigit() for arc in arcs)

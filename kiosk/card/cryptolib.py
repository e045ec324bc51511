"""The Cryptolib CPS of the ANS on this workstation: where its PKCS#11 module lies, and the cache it leaves behind.

Nothing here loads the module (`kiosk.card.pkcs11_module` does): the supervisor may call all of it.
"""

import os
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from kiosk.errors import SettingsError

VARIABLE = "KIOSK_PKCS11_MODULE"
"""Environment variable that names another module; the settings file outranks it."""

CACHE = Path("/etc/opt/santesocial/CPS/cache")
"""[sure: observed, Linux] Card files as the library read them, private ones included, in a directory everybody
may write to. Where macOS and Windows keep theirs is [unknown]."""

_KNOWN: Mapping[str, tuple[str, ...]] = {
    "linux": (
        "/opt/santesocial/CPS/lib/libcps3_pkcs11_lux.so",
        "/usr/local/galss/libcps3_pkcs11_lux.so",  # before version 5; the file's name there is [likely]
    ),
    "darwin": ("/usr/local/lib/libcps3_pkcs11_osx.dylib",),
    "win32": (r"C:\Windows\System32\cps3_pkcs11_w64.dll", r"C:\Windows\SysWOW64\cps3_pkcs11_w32.dll"),
}
"""[sure: release notes] By `sys.platform`, the newest first."""


def find_module(
    setting: str = "", *, environ: Mapping[str, str] = os.environ, platform: str = sys.platform
) -> Path:
    """The PKCS#11 module to load: the setting's, else the environment's, else where the Cryptolib installs it.

    Raises `SettingsError`, which names the place, when that file does not exist or no place holds one.
    """
    named = setting or environ.get(VARIABLE, "")
    places = (named,) if named else _KNOWN.get(platform, ())
    for place in places:
        # Absolute: a bare name would make the system's loader search where others may write.
        if Path(place).is_absolute() and Path(place).is_file():
            return Path(place)
    if named:
        raise SettingsError(
            what=f"Le module PKCS#11 indiqué n'existe pas : {named}",
            cause="Le chemin complet d'un fichier est attendu.",
            todo="Corrigez ce chemin dans les réglages, ou installez la Cryptolib CPS de l'ANS.",
        )
    raise SettingsError(
        what="La Cryptolib CPS n'est pas installée sur ce poste.",
        cause="Aucun module PKCS#11 dans : " + (", ".join(places) or f"(système {platform} inconnu)"),
        todo="Installez la Cryptolib CPS de l'ANS, ou indiquez son module dans les réglages.",
    )


def clear_cache(directory: Path = CACHE) -> bool:
    """Empty the library's cache at the end of a session; whether nothing is left of it.

    Best effort: files of another user may have to stay. Others may write there too, so no symbolic link is
    followed, `directory` itself being one included.
    """
    try:
        opened = os.open(directory, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW)
    except FileNotFoundError:
        return True
    except OSError:
        return False
    try:
        with os.scandir(opened) as entries:
            return not [entry.name for entry in entries if not _removed(entry, opened)]
    finally:
        os.close(opened)


def _removed(entry: "os.DirEntry[str]", directory: int) -> bool:
    try:
        if entry.is_dir(follow_symlinks=False):
            shutil.rmtree(entry.name, dir_fd=directory)
        else:
            os.unlink(entry.name, dir_fd=directory)
    except OSError:
        return False
    return True

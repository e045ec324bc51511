"""The patient's mark: the same patient gives the same mark on one site, and nobody else can tell who it is."""

import hashlib
import hmac
import os
import secrets
from pathlib import Path
from typing import Final

from kiosk.errors import SettingsError

_KEY_BYTES: Final = 32


def patient_mark(site_key: bytes, patient_id: str) -> str:
    """HMAC-SHA256 of the identifier under the site's key, 64 hexadecimal digits."""
    return hmac.new(site_key, patient_id.encode(), hashlib.sha256).hexdigest()


def site_key(path: Path) -> bytes:
    """The site's key, 32 bytes, made at the first call, readable by its owner alone.

    Losing it makes old marks unrecognisable; nothing else. Raises `SettingsError` when the file is not such a
    key, or when others may read it.
    """
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    if not path.exists():
        _make(path)
    if path.stat().st_mode & 0o077:
        raise SettingsError(
            what="La clé du site est lisible par d'autres.",
            cause="Les droits du fichier ont changé.",
            detail="site key: mode is not 0600",
        )
    key = path.read_bytes()
    if len(key) != _KEY_BYTES:
        raise SettingsError(what="La clé du site est abîmée.", detail=f"site key: {len(key)} bytes")
    return key


def _make(path: Path) -> None:
    """Whole or not at all, and never over another: two kiosks may start together."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with open(descriptor, "wb") as file:
            file.write(secrets.token_bytes(_KEY_BYTES))
            file.flush()
            os.fsync(file.fileno())
        try:
            os.link(draft, path)
        except FileExistsError:
            return  # the other kiosk's key is the site's
    finally:
        os.unlink(draft)

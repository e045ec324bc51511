"""The forms the service publishes for the patient's papers: are they the ones its parameter file announces?

How they are filled is published nowhere [unknown], so the kiosk prints a layout of its own. Their version is looked at
with every refresh all the same (EX_1.X-1400, EX_1.5-1050), so that whoever looks after the kiosk learns in « À propos »
whether what it is measured against is at hand. The last copy that was as announced stays until another one is.
"""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from kiosk.errors import KioskError
from kiosk.parameters.download import fetch
from kiosk.parameters.keeping import keep

LARGEST: Final = 8 * 1024 * 1024
"""Bytes."""


@dataclass(frozen=True)
class Template:
    """A form the service publishes for the patient's papers."""

    name: str
    """`document-des-secrets` or `accuse-de-creation`."""
    url: str
    sha256: str
    """Lower-case hexadecimal; empty when the file gives none."""

    @property
    def label(self) -> str:
        """In French."""
        return _LABELS.get(self.name, self.name)


class State(Enum):
    """Of the copy kept here; the value is what « À propos » says."""

    AS_ANNOUNCED = "à jour"
    UNVERIFIED = "non vérifié"
    """No copy, or not the announced one: it could not be fetched, or the file announces no hash."""


_LABELS: Final = {"document-des-secrets": "document des secrets", "accuse-de-creation": "accusé de création"}


def refresh(folder: Path, templates: Sequence[Template], roots: Path | None, *, seconds: float) -> None:
    """Fetch those whose copy is not the announced one; what cannot be had leaves the former copy."""
    for template in templates:
        if not template.sha256 or state(folder, template) is State.AS_ANNOUNCED:
            continue
        try:
            content = fetch(template.url, roots, limit=LARGEST, seconds=seconds)
            if hashlib.sha256(content).hexdigest() == template.sha256:
                keep(_copy(folder, template), content)
        except (KioskError, OSError):
            continue


def state(folder: Path, template: Template) -> State:
    """Whether the copy kept is the one the parameter file announces."""
    try:
        kept = hashlib.sha256(_copy(folder, template).read_bytes()).hexdigest()
    except OSError:
        return State.UNVERIFIED
    return State.AS_ANNOUNCED if kept == template.sha256 else State.UNVERIFIED


def _copy(folder: Path, template: Template) -> Path:
    return folder / f"modele-{template.name}"

"""A Vitale card read by the « API de lecture Vitale » of the GIE SESAM-Vitale: the only approved reading.

The library is licensed to each editor and never shipped with the kiosk. It reads the protected data with the help
of the professional's card, which therefore stays in its reader. Each reading is a process of its own
(`kiosk.card.vitale_library`), one at a time: a library that blocks is ended, one that crashes is reported.
"""

import json
import os
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from kiosk.card.model import VitaleCard
from kiosk.card.vitale_library import INIT, LOAD, LibraryAnswer
from kiosk.card.vitale_xml import beneficiaries
from kiosk.errors import (
    Cancelled,
    CardError,
    ReaderBusy,
    VitaleApiAbsent,
    VitaleApiCrashed,
    VitaleApiRefused,
    VitaleApiSilent,
)

DEADLINE_SECONDS: Final = 20.0
"""For one whole reading. A family card takes a few seconds in the field."""
_CARD_WAIT_SECONDS: Final = 5
"""What the library itself may wait for a card: the kiosk calls it when one is there."""
_LAST_SECONDS: Final = 2.0
"""To reap a process that was killed."""

_PLACES: Final = {
    "win32": (
        r"C:\Program Files\santesocial\api_lec\api_lec64.dll",
        r"C:\ProgramData\santesocial\api_lec64",
    ),
    "darwin": ("", "/Library/Application Support/santesocial/apilec"),  # library's file name: [unknown]
    "linux": ("", ""),  # whether there is one: [unknown]
}
"""By system: the library, and the directory of its `api_lec.ini`, which names the readers. [likely]"""

_CODES: Final = {
    0xF101: (
        "La liaison avec le lecteur de cartes est coupée.",
        "Débranchez et rebranchez le lecteur, réinsérez les cartes, puis recommencez.",
    ),
    0xFF21: (
        "Le lecteur ne reconnaît plus la carte professionnelle ou son code porteur.",
        "Retirez les deux cartes, réinsérez d'abord la carte professionnelle, puis recommencez.",
    ),
}
"""Error code → cause and next step. [likely]: the two codes an editor has published for this reader layer. The list
is under licence: [unknown], and any other code is shown as it came."""

_one_at_a_time = threading.Lock()


@dataclass(frozen=True)
class VitaleModule:
    """The library on this workstation."""

    library: Path
    configuration: Path
    """Directory handed to `Hn_Init`."""


def find_module(
    library: Path | None = None, configuration: Path | None = None, *, system: str = sys.platform
) -> VitaleModule:
    """Where the library is: what the arguments say, else its usual place. Raises `VitaleApiAbsent`."""
    usual_library, usual_configuration = _PLACES.get(system, ("", ""))
    if library is None and not usual_library:
        raise VitaleApiAbsent(cause="La bibliothèque n'a pas de place connue sur ce système.")
    found = library or Path(usual_library)
    if not found.is_file():
        raise VitaleApiAbsent(cause=f"Le fichier {found} n'existe pas.")
    return VitaleModule(
        found.absolute(),
        configuration or (Path(usual_configuration) if usual_configuration else found.absolute().parent),
    )


class VitaleReading:
    """One reading, done once: `result` in a worker thread, `cancel` from any other."""

    def __init__(self, module: VitaleModule, *, test_cards: bool, deadline: float = DEADLINE_SECONDS) -> None:
        """`test_cards`: the nature of the cards this station admits, since the answer does not tell it [unknown]."""
        self._module, self._test_cards, self._deadline = module, test_cards, deadline
        self._guard = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._cancelled = False

    def result(self) -> VitaleCard:
        """Everything the kiosk uses of the card. Raises `CardError`, or `Cancelled` after `cancel`.

        Takes at most `deadline` seconds, and as much again behind another reading.
        """
        if not _one_at_a_time.acquire(timeout=self._deadline):
            raise ReaderBusy(cause="Une autre lecture de carte Vitale n'est pas terminée.")
        try:
            answer = self._answer()
        finally:
            _one_at_a_time.release()
        if answer.step == LOAD:
            raise _unusable(answer)
        if answer.returned:
            raise _refusal(answer)
        document = answer.document.encode("latin-1")
        return VitaleCard(
            # No number of the card in the answer [unknown]: its digest tells a swapped card as well.
            serial=sha256(document).hexdigest(),
            test_card=self._test_cards,
            beneficiaries=beneficiaries(document),
        )

    def cancel(self) -> None:
        """Give up: `result` raises `Cancelled`, now or when it is called."""
        with self._guard:
            self._cancelled = True
            if self._process is not None:
                self._process.kill()

    def _answer(self) -> LibraryAnswer:
        process = self._started()
        late = False
        try:
            output, _ = process.communicate(timeout=self._deadline)
        except subprocess.TimeoutExpired:
            late = True
            output = _ended(process)
        with self._guard:
            self._process = None
            if self._cancelled:
                raise Cancelled(detail="vitale reading")
        with suppress(ValueError, TypeError):
            return LibraryAnswer(**json.loads(output))
        if late:
            raise VitaleApiSilent()
        raise VitaleApiCrashed(detail=f"status={process.returncode}")

    def _started(self) -> "subprocess.Popen[bytes]":
        module = self._module
        command = [sys.executable, "-I", "-m", "kiosk.card.vitale_library", str(module.library)]
        # The trailing separator is what the public integrations pass.
        command += [f"{module.configuration}{os.sep}", str(_CARD_WAIT_SECONDS), str(os.getpid())]
        with self._guard:
            if self._cancelled:
                raise Cancelled(detail="vitale reading")
            try:
                self._process = subprocess.Popen(
                    command,
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.PIPE,
                    stderr=subprocess.DEVNULL,
                )
            except OSError as error:
                raise VitaleApiCrashed(
                    cause="Le poste n'a pas pu lancer la lecture.", detail=type(error).__name__
                ) from None
            return self._process


def _ended(process: "subprocess.Popen[bytes]") -> bytes:
    """Kill it; what it had written. What the kernel, or a program the library started, holds on to stays behind."""
    process.kill()
    try:
        return process.communicate(timeout=_LAST_SECONDS)[0]
    except subprocess.TimeoutExpired as still:
        return still.output or b""


def _unusable(answer: LibraryAnswer) -> CardError:
    if answer.returned:
        return VitaleApiAbsent(cause="La bibliothèque trouvée n'offre pas les fonctions attendues.")
    return VitaleApiAbsent(cause="La bibliothèque trouvée ne se charge pas : architecture ou dépendances.")


def _refusal(answer: LibraryAnswer) -> CardError:
    """The library's code in words where they are known, and always as it came."""
    code = answer.error or answer.returned
    cause, todo = _CODES.get(code, ("", ""))
    if not todo and answer.step == INIT:
        todo = (
            "Demandez à l'assistance de vérifier la configuration de l'API (api_lec.ini, noms des lecteurs)."
        )
    return VitaleApiRefused(
        cause=cause,
        todo=todo,
        server_code=f"{code:04X}",
        server_text=f"{answer.step}, retour {answer.returned}, état de la carte {answer.state}",
        detail=f"{answer.step} returned={answer.returned} error={answer.error:04X} state={answer.state}",
    )

"""`dmp-kiosk rehearse`: the real screens, driven by key presses through a whole path, on a fresh box.

Nothing is skipped: cards answer APDUs, the DMP speaks HTTPS, the sheet comes out of the paper tray by IPP.
"""

import asyncio
import json
import tempfile
import time
from collections.abc import Awaitable, Callable, Coroutine
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from kiosk.box import Box, training_box
from kiosk.card.tray import insert, remove
from kiosk.journal import Entry, Journal
from kiosk.launch import training_station
from kiosk.player import NotSeen, Player, played

PIN = "1234"


@dataclass(frozen=True)
class Step:
    """One line of the report."""

    name: str
    seconds: float
    ok: bool
    detail: str = ""


class DirectJournal:
    """Writes in this process: a rehearsal has no supervisor."""

    last_crash = ""

    def __init__(self, journal: Journal) -> None:
        self._journal = journal

    def write(self, entry: Entry) -> None:
        self._journal.append(entry)


class Rehearsal:
    """Runs steps one after the other until one fails, telling each as it ends."""

    def __init__(self, tell: Callable[[Step], None]) -> None:
        self._tell = tell
        self.failed = False

    async def step(self, name: str, act: Awaitable[object]) -> None:
        """Time one step. A screen that never shows what it should ends the rehearsal."""
        start = time.monotonic()
        try:
            await asyncio.wait_for(act, timeout=30)
        except (NotSeen, TimeoutError) as error:
            self.failed = True
            self._tell(Step(name, time.monotonic() - start, ok=False, detail=str(error)))
            raise
        self._tell(Step(name, time.monotonic() - start, ok=True))


def rehearse(path: str, *, as_json: bool) -> int:
    """Play `path`; one line per step; 0 only if everything worked and the sheet came out."""
    steps: list[Step] = []

    def tell(step: Step) -> None:
        steps.append(step)
        if not as_json:
            print(f"{'ok   ' if step.ok else 'ÉCHEC'} {step.seconds:6.2f} s  {step.name}", flush=True)
            if step.detail:
                print(step.detail)

    rehearsal = Rehearsal(tell)
    start = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="dmp-kiosk-") as scratch, training_box() as process:
        box = process.ready()
        tell(Step("Boîte d'entraînement prête (simulation)", time.monotonic() - start, ok=True))
        with suppress(NotSeen, TimeoutError):  # told as a failed step already
            asyncio.run(_PATHS[path](rehearsal, box, Journal(Path(scratch) / "journal.sqlite")))
    if as_json:
        report = {"path": path, "ok": not rehearsal.failed, "steps": [asdict(step) for step in steps]}
        print(json.dumps(report, ensure_ascii=False, indent=2))
    return 1 if rehearsal.failed else 0


async def reception(rehearsal: Rehearsal, box: Box, journal: Journal) -> None:
    """Card, PIN, Vitale, creation, account, secrets on paper, card out."""
    async with played(training_station(box, DirectJournal(journal))) as user:
        await rehearsal.step("Écran d'accueil", user.see("Bonjour", "Insérez votre carte CPS ou CPE"))
        await rehearsal.step("Carte CPE insérée : nom et essais restants", _insert(user, box, "cpe-accueil"))
        await rehearsal.step("Code porteur : accueil du titulaire", _pin(user))
        await rehearsal.step("Carte Vitale insérée : INS-C et réponse du DMP", _vitale(user, box))
        await rehearsal.step("Formulaire de création pré-rempli", _open_form(user))
        await rehearsal.step("Sans accord du patient, rien n'est envoyé", _refused_without_consent(user))
        await rehearsal.step("DMP créé avec l'accord du patient", _create(user))
        await rehearsal.step("Compte internet : codes demandés, document des secrets imprimé", _print(user))
        await rehearsal.step("La feuille est sortie du bac à papier", _sheet(box))
        await rehearsal.step("Feuille remise au patient", _handed_over(user))
        await rehearsal.step("Le DMP existe maintenant", _exists(user))
        await rehearsal.step("Carte retirée : la session est finie", _card_out(user, box))
    await rehearsal.step("Le journal est entier", _journal(journal))


async def _insert(user: Player, box: Box, card: str) -> None:
    await asyncio.to_thread(insert, box.directory, card)
    await user.see("MARCHAND LEA", "Essais restants : 3 sur 3")


async def _pin(user: Player) -> None:
    await user.type(PIN)
    await user.press("enter")
    await user.see("CENTRE HOSPITALIER DE FICTION", "Mode d'accès : NORMAL")


async def _vitale(user: Player, box: Box) -> None:
    await asyncio.to_thread(insert, box.directory, "vitale-seule")
    await user.see("Personne(s) présente(s) sur la carte Vitale", "OEUVRARD SIMONE", "INS-C", "Pas de DMP")


async def _open_form(user: Player) -> None:
    await user.press("enter")
    await user.see("CONSENTEMENTS", "OEUVRARD", "14/02/1947")


async def _refused_without_consent(user: Player) -> None:
    await user.press("f10")
    await user.see("Sans l'accord du patient, rien n'est envoyé")


async def _create(user: Player) -> None:
    await user.press("space", "down", "space", "f10")
    await user.see("Le compte internet demande un portable")
    await user.type("0639981234")
    await user.press("f10")
    await user.see("Le DMP du patient a été créé.")


async def _print(user: Player) -> None:
    await user.press("enter")
    await user.see("Où le patient recevra-t-il son code")
    await user.press("enter")
    await user.see("La feuille est-elle sortie ?", within=25)


async def _sheet(box: Box) -> None:
    sheets = await asyncio.to_thread(lambda: sorted(box.sheets.glob("*.pdf")))
    if len(sheets) != 1 or not sheets[0].read_bytes().startswith(b"%PDF-1."):
        raise NotSeen(f"{len(sheets)} feuille(s) dans le bac")


async def _handed_over(user: Player) -> None:
    await user.press("o")
    await user.see("Personne(s) présente(s)")


async def _exists(user: Player) -> None:
    await user.press("f5")
    await user.see("DMP · non autorisé")


async def _card_out(user: Player, box: Box) -> None:
    await asyncio.to_thread(lambda: remove(box.directory, card_id="cpe-accueil"))
    await user.gone()


async def _journal(journal: Journal) -> None:
    verdict = await asyncio.to_thread(journal.verify)
    if not verdict.intact:
        raise NotSeen(verdict.sentence)


_PATHS: dict[str, Callable[[Rehearsal, Box, Journal], Coroutine[Any, Any, None]]] = {"accueil": reception}

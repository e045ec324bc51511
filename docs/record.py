"""Records what the README shows: plays the training kiosk by key presses and keeps its screens.

    .venv/bin/python docs/record.py

Writes docs/screens/*.svg, drawn by Textual itself and stripped of every outside address, and
docs/screens/*.txt, the same screens as plain text, a file a story.
"""

import asyncio
import os
import re
import tempfile
from pathlib import Path

from kiosk.box import Box, training_box
from kiosk.card.tray import insert
from kiosk.journal import Journal
from kiosk.launch import training_station
from kiosk.player import Player, played
from kiosk.rehearsal import DirectJournal

SCREENS = Path(__file__).with_name("screens")
_OUTSIDE = re.compile(r"@font-face\s*\{[^}]*\}\s*|<!--.*?-->", re.DOTALL)


class Recorder:
    """Keeps the screens of one story; its plain text goes to `<story>.txt`."""

    def __init__(self, user: Player, story: str) -> None:
        self._user, self._story = user, story
        self._texts: list[str] = []

    def keep(self, name: str, title: str) -> None:
        """The screen as it stands, under `name`."""
        picture = _OUTSIDE.sub("", self._user.app.export_screenshot(title=title))
        picture = picture.replace("<svg", '<svg font-family="DejaVu Sans Mono, monospace"', 1)
        (SCREENS / f"{name}.svg").write_text(picture, encoding="utf-8")
        self._texts.append(f"--- {title}\n{self._user.screen()}\n")

    def save(self) -> None:
        (SCREENS / f"{self._story}.txt").write_text("\n".join(self._texts), encoding="utf-8")


async def reception(box: Box, journal: Journal) -> None:
    """The path of the README, from the invitation to the question about the sheet."""
    async with played(training_station(box, DirectJournal(journal), "dark")) as user:
        recorder = Recorder(user, "path")
        await user.see("Insérez votre carte CPS ou CPE", "Lect.OK")
        recorder.keep("attract", "Bonjour")
        await user.press("f9")
        await user.see("Tiroir à cartes", "Léa MARCHAND")
        recorder.keep("tray", "Le tiroir à cartes de l'entraînement")
        await user.press("enter")
        await user.see("Essais restants : 3 sur 3")
        await user.type("12")
        recorder.keep("pin", "Code porteur")
        await user.type("34")
        await user.press("enter")
        await user.see("Mode d'accès : NORMAL", "Impr.OK")
        recorder.keep("home", "Accueil")
        await asyncio.to_thread(insert, box.directory, "vitale-famille")
        await user.see("DMP fermé", "pas de NIR propre", "DMP.OK")
        recorder.keep("family", "La famille sur la carte Vitale")
        await user.press("enter")
        await user.see("CONSENTEMENTS")
        await user.press("space", "down", "space", "f10")
        await user.see("demande un portable")
        await user.type("0639981234")
        recorder.keep("form", "Créer le DMP")
        await user.press("f10")
        await user.see("Le DMP du patient a été créé.")
        recorder.keep("created", "Créé")
        await user.press("enter")
        await user.see("Où le patient recevra-t-il son code")
        recorder.keep("account", "Compte internet")
        await user.press("enter")
        await user.see("La feuille est-elle sortie ?")
        recorder.keep("question", "La feuille")
        recorder.save()


async def emergency(box: Box, journal: Journal) -> None:
    """From the card to the documents, by the emergency door."""
    async with played(training_station(box, DirectJournal(journal), "dark", post="urgences")) as user:
        recorder = Recorder(user, "emergency")
        await _log_in(user, box, "cps-urgentiste", "vitale-urgence")
        await user.see("COMA BRUNO", "DMP · non autorisé")
        await user.press("f6")
        await user.see("Pourquoi le patient ne peut-il pas donner son accord")
        recorder.keep("break-glass", "Bris de glace : le motif")
        await user.press("1")
        await user.see("Ouvrir en urgence le DMP")
        recorder.keep("break-glass-confirm", "Bris de glace : la confirmation")
        await user.press("o")
        await user.see("BRIS DE GLACE · COMA BRUNO", "Triés par")
        recorder.keep("emergency", "Les documents, et le bandeau")
        recorder.save()


async def pharmacy(box: Box, journal: Journal) -> None:
    """The last biology report, its curve, and what may be done in a record."""
    async with played(training_station(box, DirectJournal(journal), "dark", post="pharmacie")) as user:
        recorder = Recorder(user, "pharmacy")
        await _log_in(user, box, "cps-pharmacien", "vitale-suivi")
        await user.see("PETIT ANDRE", "autorisation expirée")
        await user.press("enter")
        await user.see("Dossier du patient")
        recorder.keep("record", "Le dossier")
        await user.press("1")
        await user.see("[ ] Le patient, informé, accepte")
        recorder.keep("consent", "L'accord du patient")
        await user.press("space", "f10")
        await user.see("87 document(s)", "types fermés")
        recorder.keep("documents", "La liste")
        await user.press("a")
        await user.see("Bilan sanguin du 09/06/2025")
        await user.press("enter")
        await user.see("Résultats anormaux")
        recorder.keep("biology", "La dernière biologie")
        await user.press("c")
        await user.see("Les ouvrir pour tracer les courbes")
        await user.press("o")
        await user.see("Examen 1 sur")
        recorder.keep("curve", "Une courbe")
        recorder.save()


async def _log_in(user: Player, box: Box, card: str, vitale: str) -> None:
    await asyncio.to_thread(insert, box.directory, card)
    await user.see("Essais restants : 3 sur 3")
    await user.type("1234")
    await user.press("enter")
    await user.see("Mode d'accès : NORMAL")
    await asyncio.to_thread(insert, box.directory, vitale)


def main() -> None:
    SCREENS.mkdir(exist_ok=True)
    for story in (reception, emergency, pharmacy):
        with tempfile.TemporaryDirectory() as scratch:
            os.environ["XDG_STATE_HOME"] = scratch
            with training_box() as process:
                asyncio.run(story(process.ready(), Journal(Path(scratch) / "journal.sqlite")))


if __name__ == "__main__":
    main()

"""Records what the README shows: plays the training kiosk by key presses and keeps its screens.

    .venv/bin/python docs/record.py

Writes docs/screens/*.svg, drawn by Textual itself and stripped of every outside address, and
docs/screens/path.txt, the same screens as plain text.
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
    """Keeps the screens of one story."""

    def __init__(self, user: Player) -> None:
        self._user = user
        self._texts: list[str] = []

    def keep(self, name: str, title: str) -> None:
        """The screen as it stands, under `name`."""
        picture = _OUTSIDE.sub("", self._user.app.export_screenshot(title=title))
        picture = picture.replace("<svg", '<svg font-family="DejaVu Sans Mono, monospace"', 1)
        (SCREENS / f"{name}.svg").write_text(picture, encoding="utf-8")
        self._texts.append(f"--- {title}\n{self._user.screen()}\n")

    def save(self) -> None:
        (SCREENS / "path.txt").write_text("\n".join(self._texts), encoding="utf-8")


async def record(box: Box, journal: Journal) -> None:
    """The path of the README, from the invitation to the question about the sheet."""
    async with played(training_station(box, DirectJournal(journal), "dark")) as user:
        recorder = Recorder(user)
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


def main() -> None:
    SCREENS.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as scratch:
        os.environ["XDG_STATE_HOME"] = scratch
        with training_box() as process:
            asyncio.run(record(process.ready(), Journal(Path(scratch) / "journal.sqlite")))


if __name__ == "__main__":
    main()

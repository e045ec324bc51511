"""A page in the terminal's own graphics, in the whole kiosk: gone with the card and with the session."""

import os
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from picture_terminal import KITTY, XTERM, PictureSeat

from kiosk.box import Box, training_box
from kiosk.card.tray import insert, remove

DOCTOR = "cps-medecin"


@pytest.fixture
def box(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Box]:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    with training_box() as process:
        yield process.ready()


def sit_down(box: Box, tmp_path: Path, answers: dict[str, str]) -> PictureSeat:
    command = [sys.executable, "-I", "-m", "kiosk", "--training", "--box", str(box.directory)]
    directories = {"XDG_STATE_HOME": str(tmp_path / "state"), "TMPDIR": str(tmp_path), "HOME": str(tmp_path)}
    return PictureSeat(command, answers, env=directories)


def look_at_a_page(seat: PictureSeat, box: Box) -> None:
    """Card, code, patient, record, documents, the photograph, its image."""
    seat.shows("Insérez votre carte CPS ou CPE")
    insert(box.directory, DOCTOR)
    seat.shows("Essais restants : 3 sur 3")
    seat.press("1234\r")
    seat.shows("Mode d'accès : NORMAL")
    insert(box.directory, "vitale-suivi")
    seat.shows("PETIT")
    seat.quiet()
    seat.press("\r")
    seat.shows("Dossier du patient")
    seat.shows("> 1  Documents du DMP")
    seat.press("\r")
    seat.until(
        lambda s: "document(s)" in s.text() or "[ ] Le patient, informé, accepte" in s.text(), "the list"
    )
    if "[ ] Le patient" in seat.text():
        seat.press(" \x1b[21~")
    seat.shows("document(s)")
    assert not seat.glass.questions, "nothing is asked of the terminal before a page is to be drawn"
    seat.press("/plaie\r")
    seat.shows("Photographie de la plaie")
    seat.quiet()
    seat.press("\r")
    seat.shows("ce document est une image")
    seat.press("i")
    seat.until(lambda _: seat.pictures, "the picture")
    seat.quiet()


@pytest.mark.parametrize("answers", [XTERM, KITTY], ids=["xterm", "kitty"])
def test_the_card_takes_the_page_with_it(box: Box, tmp_path: Path, answers: dict[str, str]) -> None:
    with sit_down(box, tmp_path, answers) as seat:
        look_at_a_page(seat, box)
        remove(box.directory, card_id=DOCTOR)
        seat.shows("Bonjour")
        assert not seat.pictures


@pytest.mark.parametrize("answers", [XTERM, KITTY], ids=["xterm", "kitty"])
def test_a_killed_session_takes_it_too(box: Box, tmp_path: Path, answers: dict[str, str]) -> None:
    with sit_down(box, tmp_path, answers) as seat:
        look_at_a_page(seat, box)
        (child,) = Path(f"/proc/{seat.pid}/task/{seat.pid}/children").read_text().split()
        os.kill(int(child), signal.SIGKILL)
        seat.until(lambda seat: "Saisissez votre code porteur" in seat.text() or "Bonjour" in seat.text(), "")
        assert not seat.pictures

"""What the user reads while a slow card is at work: 150 ms for each command, half a second more to sign."""

import asyncio
from pathlib import Path

from desk import Desk, play

from kiosk.card import tray


async def slow(desk: Desk, apdu_ms: int = 150, signature_ms: int = 500) -> None:
    await asyncio.to_thread(tray.pace, desk.box.directory, apdu_ms, signature_ms)


def test_reading_the_professional_card_is_told_at_once_and_second_by_second(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await slow(desk)
        await desk.insert("cpe-accueil")
        screen = await desk.user.see("Lecture de la carte…", "Laissez-la dans le lecteur.")
        assert "Insérez votre carte" not in screen
        screen = await desk.user.see("Lecture de la carte… 2 s")
        assert "Échap" not in screen
        await desk.user.see("Bonjour MARCHAND LEA", "Essais restants : 3 sur 3")

    play(story, tmp_path)


def test_a_card_taken_out_while_it_is_read_ends_the_session(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await slow(desk, apdu_ms=2_000)
        await desk.insert("cpe-accueil")
        await desk.user.see("Lecture de la carte… 1 s")
        await desk.remove("cpe-accueil")
        await desk.user.gone()

    play(story, tmp_path)


def test_a_vitale_card_inserted_while_the_professional_card_is_read_waits_for_home(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await slow(desk)
        await desk.insert("cpe-accueil")
        await desk.user.see("Lecture de la carte…")
        await desk.insert("vitale-seule")
        await desk.user.see("Bonjour MARCHAND LEA")
        await slow(desk, 0, 0)
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("OEUVRARD SIMONE", "Pas de DMP")

    play(story, tmp_path)


def test_reading_the_vitale_card_offers_no_way_out_that_does_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await slow(desk, apdu_ms=400)
        await desk.insert("vitale-famille")
        await desk.user.see("Lecture de la carte Vitale…")
        screen = await desk.user.see("Lecture de la carte Vitale… 2 s")
        assert "abandonner" not in screen
        await slow(desk, 0, 0)
        await desk.user.see("BERNARD HUGO")

    play(story, tmp_path)


def test_asking_the_dmp_for_a_family_is_told_second_by_second_and_stops_no_key(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await slow(desk, 0, 2_000)
        await desk.insert("vitale-famille")
        screen = await desk.user.see("Interrogation du DMP… 2 s")
        assert "abandonner" not in screen
        await desk.user.press("down")
        await desk.user.see("> 2 BERNARD JEAN PIERRE", "Interrogation du DMP…")
        await slow(desk, 0, 0)
        await desk.user.see("Pas de DMP", "DMP fermé le 10/01/2025")
        await desk.user.until(lambda: "Interrogation" not in desk.user.screen())

    play(story, tmp_path)


def test_the_family_screen_may_be_left_while_the_dmp_is_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await slow(desk, 0, 1_000)
        await desk.insert("vitale-famille")
        await desk.user.see("Interrogation du DMP… 1 s")
        await desk.user.press("f10")
        await desk.user.see("Mode d'accès : NORMAL")
        await slow(desk, 0, 0)
        await desk.user.press("f5")
        await desk.user.see("Pas de DMP", "DMP fermé le 10/01/2025")

    play(story, tmp_path)


def test_the_vitale_card_read_before_the_login_is_told_too(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await slow(desk, apdu_ms=400)
        await desk.insert("vitale-seule")
        await desk.user.see("Lecture de la carte Vitale… 1 s")
        await desk.user.see("Carte Vitale lue (1 personne).")

    play(story, tmp_path, readers=1)


def test_a_card_inserted_while_help_is_open_is_read_when_help_is_closed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.user.see("Insérez votre carte CPS ou CPE")
        await desk.user.press("f1")
        await desk.user.see("Aide", "puce vers le lecteur")
        await desk.insert("cpe-accueil")
        await desk.user.until(
            lambda: bool(desk.user.app.snapshot and any(slot.kind for slot in desk.user.app.snapshot.slots))
        )
        await desk.user.press("escape")
        await desk.user.see("Bonjour MARCHAND LEA")

    play(story, tmp_path)


def test_a_card_that_blocks_is_given_up_by_a_key_while_it_is_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await slow(desk, apdu_ms=10_000)
        await desk.insert("cpe-accueil")
        await desk.user.see("Lecture de la carte…", "s Échap : abandonner")
        await desk.user.press("escape")
        await desk.user.see("Attente de la carte abandonnée.", "CARTE-026", "Retirez la carte")
        await desk.remove("cpe-accueil")
        await desk.user.gone()

    play(story, tmp_path)


def test_a_card_that_blocks_on_the_code_is_given_up_by_a_key_and_the_code_is_not_presented_again(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cpe-accueil")
        await desk.user.see("Essais restants : 3 sur 3")
        await slow(desk, apdu_ms=10_000)
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Vérification du code par la carte…", "s Échap : abandonner")
        await desk.user.press("escape")
        screen = await desk.user.see("Attente de la carte abandonnée.", "Retirez la carte")
        assert "Saisissez" not in screen
        await desk.remove("cpe-accueil")
        await desk.user.gone()

    play(story, tmp_path)

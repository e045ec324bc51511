"""Nobody at the keyboard: the screen is covered, the code brings it back, and in the end the session goes."""

import asyncio
from pathlib import Path

from desk import Desk, play

from kiosk.idle import IdleLimits

LIMITS = IdleLimits(lock=120, end=300)


def test_the_screen_is_covered_and_the_code_brings_everything_back(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await desk.family("vitale-famille")
        desk.pass_time(100)
        await desk.user.see("Sans touche, l'écran se verrouille dans 20 s.")
        await desk.user.press("down")
        desk.pass_time(121)
        screen = await desk.user.see("Poste verrouillé", "Saisissez votre code porteur")
        assert "BERNARD" not in screen
        await desk.user.press("f10", "f6")
        await desk.user.see("Poste verrouillé")
        await desk.user.type("9999")
        await desk.user.press("enter")
        await desk.user.see("Essais restants : 2 sur 3")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)", "BERNARD ELODIE")
        rows = await asyncio.to_thread(lambda: [row.entry for row in desk.journal.rows()])
        assert [(row.phase, row.result) for row in rows if row.act == "LOCK"][:2] == [
            ("intent", ""),
            ("outcome", "OK"),
        ]

    play(story, tmp_path, idle=LIMITS)


def test_the_emergency_door_does_not_stay_open_behind_the_cover(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await desk.user.press("f6")
        await desk.user.see("Pourquoi le patient ne peut-il pas donner son accord")
        await desk.user.press("1")
        await desk.user.see("Ouvrir en urgence le DMP")
        await desk.user.press("o")
        await desk.user.see("Documents — DMP")
        await desk.user.until(lambda: not desk.user.app.screen.busy, what="the whole list")
        desk.pass_time(121)
        await desk.user.see("Poste verrouillé")
        visit = desk.session.visit
        assert visit is not None
        await desk.user.until(lambda: visit.glass is None, what="the access is over")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)", "·NORMAL")
        rows = await asyncio.to_thread(lambda: [row.entry for row in desk.journal.rows()])
        assert [row.result for row in rows if row.act == "BREAK_GLASS"] == ["", "LOCK"]

    play(story, tmp_path, idle=LIMITS)


def test_a_card_left_behind_ends_its_session(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        desk.pass_time(301)
        await desk.user.gone(within=15)

    play(story, tmp_path, idle=LIMITS)

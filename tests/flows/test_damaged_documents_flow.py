"""A document whose parts arrive damaged: the screen says why and what to do, shows nothing of it, the list lives on."""

from pathlib import Path

import pytest
from access_steps import outcomes
from desk import Desk, play
from document_steps import LIST, READER, listed, open_list, point

TITLE, TEXT = "Consultation : toux fébrile", "Auscultation claire"


@pytest.mark.parametrize("kind", ["part-missing", "part-renamed", "boundary-cut"])
def test_a_damaged_answer_costs_one_message(kind: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        before = listed(desk)
        await point(desk, TITLE)
        await desk.dmp(do="fault", kind=kind)
        await desk.user.press("enter")
        screen = await desk.user.see("Cause probable", "À faire", "Code d'assistance")
        assert TEXT not in screen
        await desk.user.press("enter")
        screen = await desk.user.see(LIST, TITLE)
        assert TEXT not in screen
        assert listed(desk) == before
        await desk.user.press("enter")
        await desk.user.see(READER, TEXT)
        assert await outcomes(desk, "TD3.2") == ["ok", "ok"]

    play(story, tmp_path)


@pytest.mark.parametrize("kind", ["part-missing", "part-renamed", "boundary-cut"])
def test_the_document_on_the_screen_stays_when_its_neighbour_is_damaged(kind: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, TITLE)
        await desk.user.press("enter")
        await desk.user.see(READER, TEXT)
        await desk.dmp(do="fault", kind=kind)
        await desk.user.press("right")
        await desk.user.see("Cause probable", "À faire", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see(READER, TITLE, TEXT)

    play(story, tmp_path)

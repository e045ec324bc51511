"""Keys that come before the list of documents: none is lost without a word, nothing opens that was not seen."""

from pathlib import Path

from access_steps import open_first
from desk import Desk, play
from document_steps import LIST, READER, complete, open_list, rows

UNSEEN = "Liste en cours : rien ne s'ouvre avant d'être vu."
SEEN = "La liste est là : Entrée ouvre le document que > désigne."
NOT_YET = "cette touche vaut quand elle est complète"
ANDRE = "1551199999031"


async def list_on_its_way(desk: Desk) -> None:
    """The list of documents on the screen, its answer held back by the service."""
    await desk.log_in("cps-medecin")
    await open_first(desk, "vitale-suivi")
    await desk.dmp(do="fault", kind="slow", seconds=0)  # the existence test goes through
    await desk.dmp(do="fault", kind="slow", seconds=2)
    await desk.choose("Documents du DMP")
    await desk.user.see(LIST, "Liste en cours…")


def test_enter_before_the_list_says_so_and_opens_nothing_when_it_comes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await list_on_its_way(desk)
        await desk.user.press("enter")
        await desk.user.see(UNSEEN)
        await complete(desk)
        screen = await desk.user.see(LIST, SEEN, "Triés par date")
        assert UNSEEN not in screen
        assert "TD3.2" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.user.see(READER)

    play(story, tmp_path)


def test_a_space_chosen_before_the_list_is_the_one_it_comes_in(tmp_path: Path) -> None:
    """The pharmacist's two keys, typed ahead: the letter holds, Enter waits to be pressed again."""

    async def story(desk: Desk) -> None:
        await list_on_its_way(desk)
        await desk.user.press("a", "enter")
        await desk.user.see("[A Analyse]", UNSEEN)
        await complete(desk)
        await desk.user.see(SEEN, "Bilan sanguin")
        assert "TD3.2" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.user.see(READER, "Résultats anormaux")

    play(story, tmp_path)


def test_enter_from_the_filter_before_the_list_is_told_too(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await list_on_its_way(desk)
        await desk.user.press("slash")
        await desk.user.type("toux")
        await desk.user.press("enter")
        await desk.user.see(UNSEEN)
        await complete(desk)
        await desk.user.see("Consultation : toux fébrile", SEEN)
        await desk.user.press("enter")
        await desk.user.see(READER, "Auscultation claire")

    play(story, tmp_path)


def test_keys_that_need_the_whole_list_say_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await list_on_its_way(desk)
        for key in ("f4", "f2", "f5"):
            await desk.user.press("enter")
            await desk.user.see(UNSEEN)
            await desk.user.press(key)
            await desk.user.see(NOT_YET)
        await complete(desk)
        screen = await desk.user.see("Triés par date")
        assert NOT_YET not in screen
        assert (await desk.transactions()).count("TD3.1") == 1

    play(story, tmp_path)


def test_a_search_given_up_after_an_early_enter_leaves_no_word_behind(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.dmp(do="fault", kind="slow", seconds=0)
        await desk.dmp(do="fault", kind="slow", seconds=20)
        await desk.user.press("f5")
        await desk.user.see("Liste en cours…")
        await desk.user.press("enter")
        await desk.user.see(UNSEEN)
        await desk.user.press("escape")
        await desk.user.see("Code d'assistance")
        await desk.user.press("enter")
        screen = await desk.user.see(LIST, "Triés par date")
        assert UNSEEN not in screen
        assert "TD3.2" not in await desk.transactions()

    play(story, tmp_path)


def test_a_document_chosen_while_others_arrive_opens_at_the_end(tmp_path: Path) -> None:
    """And a key that cannot be served meanwhile does not undo the choice."""

    async def story(desk: Desk) -> None:
        await desk.dmp(do="documents", count=4_000, patient=ANDRE)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.choose("Documents du DMP")
        await desk.user.see(LIST, "> PS")
        here = rows(desk).chosen
        assert here is not None
        await desk.user.press("enter", "f4")
        await desk.user.see(READER, here.title)

    play(story, tmp_path)

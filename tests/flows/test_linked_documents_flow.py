"""Versions and linked documents in the reader: a chain of three, a study and its addendum, previous and next."""

from pathlib import Path

from desk import Desk, play
from document_steps import LIST, READER, insured, listed, open_list, read, rows

YVONNE = insured("2420799999291")
PLAN, REPORT, ADDENDUM = (
    "Plan personnalisé de soins",
    "Scanner thoracique : compte rendu",
    "Scanner thoracique : addendum",
)
IMAGES = "Images du scanner thoracique"


async def her_list(desk: Desk) -> None:
    await open_list(desk, "cps-urgentiste", "vitale-hopital")


async def back_to_list(desk: Desk) -> None:
    await desk.user.press("f10")
    await desk.user.see(LIST)


def test_a_chain_of_three_versions_the_latest_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        assert [entry.title for entry in rows(desk).items].count(PLAN) == 1, "one alone is in force"
        await read(desk, PLAN, "Activité physique adaptée")
        await desk.user.press("v")
        screen = await desk.user.see("Versions de ce document, la plus récente d'abord", "obsolète")
        dates = [
            line.split()[2] for line in screen.splitlines() if PLAN in line and "PS" in line and "/" in line
        ]
        dates = [
            word for line in screen.splitlines() if " PS " in line for word in line.split() if "/" in word
        ]
        assert dates == ["11/03/2025", "10/12/2024", "10/09/2024"]
        await desk.user.press("down", "down", "enter")
        await desk.user.see(READER, "ancienne version obsolète", "Marche 20 minutes")
        await desk.user.press("v")
        await desk.user.see("Versions de ce document")
        await desk.user.press("down", "enter")
        await desk.user.see(READER, "Kinésithérapie une fois par semaine")
        await desk.user.press("v")
        await desk.user.see("Versions de ce document")
        await desk.user.press("enter")
        await desk.user.see("Activité physique adaptée")
        await back_to_list(desk)
        assert rows(desk).chosen is not None
        assert rows(desk).chosen.title == PLAN  # type: ignore[union-attr]

    play(story, tmp_path)


def test_from_an_older_version_next_and_previous_are_those_of_the_list(tmp_path: Path) -> None:
    """The list has its own order; the version looked at is none of it."""

    async def story(desk: Desk) -> None:
        await her_list(desk)
        items = list(rows(desk).items)
        at = next(n for n, entry in enumerate(items) if entry.title == PLAN)
        await read(desk, PLAN, "Activité physique adaptée", f"{at + 1}/{len(items)} ")
        await desk.user.press("v")
        await desk.user.see("Versions de ce document")
        await desk.user.press("down", "enter")
        await desk.user.see("Kinésithérapie une fois par semaine")
        await desk.user.press("right")
        await desk.user.see(f"{at + 2}/{len(items)} ", items[at + 1].title)
        await desk.user.press("left")
        await desk.user.see(f"{at + 1}/{len(items)} ", "Activité physique adaptée")

    play(story, tmp_path)


def test_what_shares_a_reference_is_listed_and_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        before = listed(desk)
        await read(desk, REPORT, "Pas d'embolie pulmonaire", "L Liés")
        await desk.user.press("l")
        screen = await desk.user.see("Documents liés à celui-ci", ADDENDUM, IMAGES)
        assert REPORT not in screen
        await desk.user.press("enter")
        await desk.user.see(READER, ADDENDUM, "micronodule de 3 mm")
        await desk.user.press("l")
        await desk.user.see("Documents liés à celui-ci", REPORT, IMAGES)
        await desk.user.press("down", "enter")
        await desk.user.see(READER, IMAGES, "référence d'imagerie (DICOM)")
        await back_to_list(desk)
        assert listed(desk) == before
        await desk.user.until(lambda: not desk.user.app.screen.busy, what="quiet")

    play(story, tmp_path)


def test_escape_from_the_linked_ones_leaves_the_document_where_it_was(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        await read(desk, REPORT, "Pas d'embolie pulmonaire")
        asked = (await desk.transactions()).count("TD3.2")
        for key in ("l", "v"):
            await desk.user.press(key)
            if key == "l":
                await desk.user.see("Documents liés à celui-ci")
                await desk.user.press("escape")
            await desk.user.see(READER, REPORT, "Pas d'embolie pulmonaire")
        await desk.user.see("Il n'y en a pas d'autre.")
        assert (await desk.transactions()).count("TD3.2") == asked

    play(story, tmp_path)


def test_a_linked_document_that_cannot_come_leaves_the_one_that_is_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        await read(desk, REPORT, "Pas d'embolie pulmonaire")
        await desk.user.press("l")
        await desk.user.see("Documents liés à celui-ci", ADDENDUM)
        await desk.dmp(do="fault", kind="part-missing")
        await desk.user.press("enter")
        await desk.user.see("Cause probable", "À faire")
        await desk.user.press("enter")
        await desk.user.see(READER, REPORT, "Pas d'embolie pulmonaire")

    play(story, tmp_path)


def test_a_copy_and_an_addendum_hang_on_their_document(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        copy, original = "Bilan d'entrée (copie PDF)", "Bilan d'entrée (auto-présentable)"
        await read(desk, copy, "Copie du compte rendu structuré")
        await desk.user.press("l")
        await desk.user.see("Documents liés à celui-ci", original)
        await desk.user.press("enter")
        await desk.user.see(READER, original, "Résultats anormaux")
        await desk.user.press("l")
        await desk.user.see("Documents liés à celui-ci", copy)

    play(story, tmp_path)


def test_what_came_in_the_same_lot_is_linked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        order = next(entry for entry in rows(desk).items if entry.title.startswith("Ordonnance du "))
        await read(desk, order.title, "METFORMINE")
        await desk.user.press("l")
        await desk.user.see("Documents liés à celui-ci", "Prescription de biologie")
        await desk.user.press("enter")
        await desk.user.see(READER, "Prescription de biologie", "HbA1c")

    play(story, tmp_path)


def test_a_document_that_nothing_hangs_on_says_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await her_list(desk)
        await read(desk, PLAN, "Activité physique adaptée")
        await desk.user.press("l")
        await desk.user.see("Il n'y en a pas d'autre.")

    play(story, tmp_path)

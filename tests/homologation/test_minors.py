"""« Connexion secrète » of minors (EX_0.1-1100, EX_GEN-1550): asked at each visit, seen by no representative.

What 0.1-300 deposits and shows again stands with the deposits.
"""

from pathlib import Path

import pytest
from access_steps import documents_listed, open_first
from desk import Desk, play
from wire import vihf_of

CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
QUESTION = "Le patient veut-il une connexion secrète ?"


async def choose_tom(desk: Desk) -> None:
    """Ten years old, second on his mother's card."""
    await desk.log_in("cps-medecin")
    await desk.family("vitale-mineurs")
    await desk.user.press("2")
    await desk.user.see("VALLON TOM a moins de 18 ans", QUESTION)


async def secret(desk: Desk, transaction: str) -> list[str]:
    """What the last request of a transaction says of confidentiality."""
    return vihf_of((await desk.requests(transaction))[-1]).attribute(CONFIDENTIALITY)


async def history(desk: Desk, *, of_mother: bool = False) -> list[str]:
    """The transactions somebody reads of in the record."""
    asked = {"for": "representative"} if of_mother else {}
    return [line["transaction"] for line in (await desk.dmp(do="history", **asked))["history"]]


def test_0_1_300_secret_from_the_question_to_the_end_of_the_visit_and_asked_again(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await choose_tom(desk)
        before = len(await history(desk, of_mother=True))
        await desk.user.press("enter")
        await desk.user.see(QUESTION)  # Enter answers nothing
        await desk.user.see("ses représentants légaux ne verront pas la trace de cette")
        await desk.user.press("o")
        await desk.user.see("Dossier du patient", "CONNEXION SECRÈTE")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        assert await secret(desk, "TD0.2") == [HIDDEN]
        assert await secret(desk, "TD3.1") == [HIDDEN]
        assert "TD3.1" in await history(desk)
        assert len(await history(desk, of_mother=True)) == before
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("enter")
        await desk.user.see("VALLON TOM a moins de 18 ans", QUESTION)
        await desk.user.press("n")
        screen = await desk.user.see("Dossier du patient", "DMP actif")
        assert "CONNEXION SECRÈTE" not in screen
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        assert await secret(desk, "TD3.1") == []
        assert "TD3.1" in await history(desk, of_mother=True)

    play(story, tmp_path)


def test_0_1_300_escape_opens_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await choose_tom(desk)
        asked = await desk.transactions()
        await desk.user.press("escape")
        await desk.user.see("Personne(s) présente(s)")
        assert "TD3.1" not in await desk.transactions()
        assert desk.session.visit is None
        assert set(asked) == {"TD0.2"}

    play(story, tmp_path)


@pytest.mark.parametrize(("line", "minor"), [("1", False), ("2", True), ("3", True), ("4", True)])
def test_0_1_300_everybody_under_eighteen_and_nobody_else(line: str, minor: bool, tmp_path: Path) -> None:
    """The mother of forty, Tom who is ten, Lison a few days before eighteen, Nino three months old."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press(line)
        await desk.user.see(QUESTION if minor else "Dossier du patient")
        assert minor == (QUESTION in " ".join(desk.user.screen().split()))

    play(story, tmp_path)


def test_0_1_300_an_adult_under_guardianship_is_not_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await open_first(desk, "vitale-tutelle")
        assert QUESTION not in screen

    play(story, tmp_path)


# --- what the service's own parameters say ------------------------------------------------------------------


def test_0_1_300_a_service_that_does_not_manage_minors_asks_nobody(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.dmp(do="parameters", minors=False)
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("Dossier du patient", "VALLON TOM")

    play(story, tmp_path)


def test_0_1_300_the_age_of_majority_is_the_service_s(tmp_path: Path) -> None:
    """Tom is no minor for a service that puts majority at ten: an age in years has to be under it."""

    async def story(desk: Desk) -> None:
        await desk.dmp(do="parameters", majority=10)
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("Dossier du patient", "VALLON TOM")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.until(lambda: "interrogation" not in desk.user.screen(), what="every answer")
        await desk.user.press("4")
        await desk.user.see("VALLON NINO a moins de 10 ans", QUESTION)

    play(story, tmp_path)


@pytest.mark.parametrize(
    "trouble",
    [{"trouble": "garbage"}, {"trouble": "http-400"}, {"majority": 0}, {"majority": 999}, {"majority": -18}],
)
def test_0_1_300_a_parameter_file_of_no_use_leaves_eighteen(
    trouble: dict[str, object], tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.dmp(do="parameters", **trouble)
        await choose_tom(desk)
        await desk.user.press("n")
        await desk.user.see("Dossier du patient", "DMP actif · autorisé")

    play(story, tmp_path)

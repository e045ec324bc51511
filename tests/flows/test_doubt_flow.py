"""The answer was lost, or the service failed on its way: what was done is found out, and nothing is sent twice."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from access_steps import open_first
from desk import Desk, play

Step = Callable[[Desk], Awaitable[None]]

DONE = ("commit-then-cut", "commit-then-failure")
UNDONE = ("cut-before", "failure", "html-503")


async def creation(desk: Desk) -> None:
    await desk.log_in()
    await desk.family("vitale-seule")
    await desk.user.press("enter")
    await desk.user.see("CONSENTEMENTS")
    await desk.user.press("space")


async def reactivation(desk: Desk) -> None:
    await desk.log_in()
    await open_first(desk, "vitale-fermee")
    await desk.choose("Réactiver le DMP")
    await desk.user.see("[ ] Le patient demande la réactivation")
    await desk.user.press("space")


async def closing(desk: Desk) -> None:
    await desk.log_in("cps-medecin")
    await open_first(desk, "vitale-compte")
    await desk.choose("Fermer le DMP à la demande du patient")
    await desk.user.see("qu'à la demande du patient")


async def update(desk: Desk) -> None:
    await desk.log_in("cps-medecin")
    await open_first(desk, "vitale-compte")
    await desk.choose("Données administratives et oppositions")
    await desk.user.see("COORDONNÉES")
    await desk.user.press("f2")
    await desk.user.see("ce que le patient veut")
    desk.user.app.screen.query_one("#city").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type("NIORT")


async def send(desk: Desk) -> None:
    await desk.user.press("f10")


async def send_the_word(desk: Desk) -> None:
    await desk.user.press("f10")
    await desk.user.see("Fermer ce DMP ?")
    await desk.user.type("FERMER")
    await desk.user.press("enter")


async def send_the_changes(desk: Desk) -> None:
    await desk.user.press("f10")
    await desk.user.see("→ NIORT")
    await desk.user.press("o")


ACTS: dict[str, tuple[Step, Step, str, str]] = {
    "TD1.1": (creation, send, "Le DMP du patient a été créé.", "le DMP n'a pas été créé"),
    "TD1.2": (reactivation, send, "Le DMP du patient est réactivé.", "le DMP n'a pas été réactivé"),
    "TD1.3b": (update, send_the_changes, "Modification enregistrée", "rien n'a été modifié"),
    "TD1.4": (closing, send_the_word, "Le DMP du patient est fermé.", "le DMP n'a pas été fermé"),
}


@pytest.mark.parametrize("fault", DONE)
@pytest.mark.parametrize("transaction", ACTS)
def test_what_was_done_is_found_and_not_sent_again(transaction: str, fault: str, tmp_path: Path) -> None:
    prepare, act, done, _ = ACTS[transaction]

    async def story(desk: Desk) -> None:
        await prepare(desk)
        await desk.dmp(do="fault", kind=fault)
        await act(desk)
        await desk.user.see(done)
        assert (await desk.transactions()).count(transaction) == 1

    play(story, tmp_path)


@pytest.mark.parametrize("fault", UNDONE)
@pytest.mark.parametrize("transaction", ACTS)
def test_what_was_not_done_is_told_and_may_be_sent_again(
    transaction: str, fault: str, tmp_path: Path
) -> None:
    prepare, act, done, undone = ACTS[transaction]

    async def story(desk: Desk) -> None:
        await prepare(desk)
        await desk.dmp(do="fault", kind=fault)
        await act(desk)
        screen = await desk.user.see("Vérification faite :", undone, "Code d'assistance")
        if fault == "failure":
            assert "DMPInternalError — Erreur simulée" in screen
        await desk.user.press("enter")
        await act(desk)
        await desk.user.see(done)

    play(story, tmp_path)


@pytest.mark.parametrize("transaction", ["TD1.1", "TD1.2", "TD1.4"])
def test_when_nothing_can_be_found_out_the_next_try_asks_first(transaction: str, tmp_path: Path) -> None:
    prepare, act, done, _ = ACTS[transaction]

    async def story(desk: Desk) -> None:
        await prepare(desk)
        await desk.dmp(do="fault", kind="commit-then-failure")
        await desk.dmp(do="fault", kind="failure")  # the existence test that would tell
        await act(desk)
        await desk.user.see("DMP-102", "la borne vérifiera d'abord ce qui a été fait")
        await desk.user.press("enter")
        await act(desk)
        await desk.user.see(done)
        assert (await desk.transactions()).count(transaction) == 1

    play(story, tmp_path)


def test_data_that_cannot_be_read_again_are_not_taken_for_changed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await update(desk)
        await desk.dmp(do="fault", kind="commit-then-failure")
        await desk.dmp(do="fault", kind="failure")
        await send_the_changes(desk)
        await desk.user.see("La modification est peut-être faite", "DMP-102")

    play(story, tmp_path)


async def account(desk: Desk) -> None:
    await desk.log_in("cps-medecin")
    await open_first(desk, "vitale-hopital")
    await desk.choose("Activer le compte internet et imprimer ses codes")
    await desk.user.see("Où le patient recevra-t-il son code")
    desk.user.app.screen.query_one("#mobile").focus()
    await desk.user.type("0639981234")
    await desk.user.press("enter")
    await desk.user.until(lambda: type(desk.user.app.focused).__name__ == "Menu", what="the menu")


@pytest.mark.parametrize("fault", DONE)
def test_1_5a_an_account_that_was_opened_gets_new_codes(fault: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await account(desk)
        await desk.dmp(do="fault", kind=fault)
        await desk.user.press("enter")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert (await desk.transactions())[-3:] == ["TD1.5a", "TD0.2", "TD1.5d"]

    play(story, tmp_path)


@pytest.mark.parametrize("fault", UNDONE)
def test_1_5a_an_account_that_was_not_opened_is_told(fault: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await account(desk)
        await desk.dmp(do="fault", kind=fault)
        await desk.user.press("enter")
        await desk.user.see("Vérification faite : le compte n'a pas été ouvert")
        assert "TD1.5d" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.user.see("Recommencer l'impression")
        await desk.user.press("1")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert (await desk.transactions())[-1] == "TD1.5a"

    play(story, tmp_path)


@pytest.mark.parametrize("fault", DONE)
def test_0_3_an_authorisation_in_doubt_is_looked_up(fault: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await desk.user.see("[ ] Le patient, informé, accepte")
        await desk.dmp(do="fault", kind=fault)
        await desk.user.press("space", "f10")
        await desk.user.see("Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · autorisé")
        assert (await desk.transactions()).count("TD0.3") == 1

    play(story, tmp_path)

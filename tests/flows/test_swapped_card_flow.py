"""Another patient's Vitale card comes into the reader: what changes a record is refused before anything is sent."""

from collections.abc import Awaitable, Callable
from pathlib import Path

import pytest
from access_steps import open_first
from desk import Desk, play

Act = Callable[[Desk], Awaitable[None]]


async def reactivate(desk: Desk) -> None:
    await desk.choose("Réactiver le DMP")
    await desk.user.see("[ ] Le patient demande la réactivation")
    await desk.user.press("space", "f10")


async def close(desk: Desk) -> None:
    await desk.choose("Fermer le DMP à la demande du patient")
    await desk.user.see("qu'à la demande du patient")
    await desk.user.press("f10")
    await desk.user.see("Fermer ce DMP ?")
    await desk.user.type("FERMER")
    await desk.user.press("enter")


async def update(desk: Desk) -> None:
    await desk.choose("Données administratives et oppositions")
    await desk.user.see("COORDONNÉES")
    await desk.user.press("f2")
    await desk.user.see("ce que le patient veut")
    desk.user.app.screen.query_one("#city").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type("NIORT")
    await desk.user.press("f10")
    await desk.user.see("→ NIORT")
    await desk.user.press("o")


async def open_account(desk: Desk) -> None:
    await desk.choose("Activer le compte internet et imprimer ses codes")
    await desk.user.see("Où le patient recevra-t-il son code")
    desk.user.app.screen.query_one("#mobile").focus()
    await desk.user.type("0639981234")
    await desk.user.press("enter")
    await desk.user.until(lambda: type(desk.user.app.focused).__name__ == "Menu", what="the menu")
    await desk.user.press("enter")


async def renew_codes(desk: Desk) -> None:
    await desk.choose("Compte internet : imprimer de nouveaux codes")


async def set_channel(desk: Desk) -> None:
    await desk.choose("Compte internet : canal du code à usage unique")
    await desk.user.see("Par où le patient recevra-t-il")
    desk.user.app.screen.query_one("#mobile").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type("0639981234")
    await desk.user.press("f10")
    await desk.user.see("Relisez-le au patient")
    await desk.user.press("o")


ACTS = {
    "TD1.2": ("vitale-fermee", reactivate, "Le DMP du patient est réactivé."),
    "TD1.3b": ("vitale-compte", update, "Modification enregistrée"),
    "TD1.4": ("vitale-compte", close, "Le DMP du patient est fermé."),
    "TD1.5a": ("vitale-hopital", open_account, "La feuille est-elle sortie ?"),
    "TD1.5b": ("vitale-compte", set_channel, "Le canal est ajouté."),
    "TD1.5d": ("vitale-compte", renew_codes, "La feuille est-elle sortie ?"),
}


@pytest.mark.parametrize("transaction", ACTS)
def test_insi_1_03_what_changes_a_record_is_refused_with_another_card_in_the_reader(
    transaction: str, tmp_path: Path
) -> None:
    vitale, act, _ = ACTS[transaction]

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, vitale)
        await desk.swap("vitale-suivi", 1)
        await desk.user.see("Une autre carte Vitale est insérée")
        await desk.user.press("n")
        await desk.user.see("Dossier du patient")
        await act(desk)
        await desk.user.see("n'est plus celle de ce patient", "CARTE-034")
        assert transaction not in await desk.transactions()

    play(story, tmp_path)


@pytest.mark.parametrize("transaction", ACTS)
def test_a_card_that_merely_left_refuses_nothing(transaction: str, tmp_path: Path) -> None:
    vitale, act, done = ACTS[transaction]

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, vitale)
        await desk.remove(vitale)
        await act(desk)
        await desk.user.see(done, within=25)
        assert (await desk.transactions()).count(transaction) == 1

    play(story, tmp_path)


def test_a_patient_reopened_from_the_list_is_not_served_with_another_s_card(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-compte")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.swap("vitale-suivi", 1)
        await desk.user.see("PETIT ANDRE")
        await desk.user.press("f10")
        await desk.choose("Patients de cette session")
        await desk.user.see("LIEN KARIM")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "LIEN KARIM")
        await close(desk)
        await desk.user.see("n'est plus celle de ce patient", "CARTE-034")
        assert "TD1.4" not in await desk.transactions()

    play(story, tmp_path)

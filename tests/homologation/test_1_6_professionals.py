"""TD1.6: who is allowed in the record, who is blocked by the patient."""

from pathlib import Path

from access_steps import fields, open_first, outcomes
from desk import Desk, play


async def open_list(desk: Desk) -> None:
    """André PETIT: his treating doctor GIRAUD, the pharmacist's authorisation expired, the nurse blocked."""
    await desk.log_in("cps-medecin")
    await open_first(desk, "vitale-suivi")
    await desk.choose("Professionnels autorisés ou bloqués")
    await desk.user.see("Toutes les autorisations")


async def asked(desk: Desk) -> list[str]:
    """The mode of each request."""
    requests = await desk.requests("TD1.6")
    return [fields(request, "listAuthorizationByPatient")["mode"] for request in requests]


def line(screen: str, name: str) -> str:
    """The row of one professional."""
    return next(one for one in screen.split("Droit")[1].splitlines() if name in one)


def test_1_6_010_all_with_name_profession_and_kind(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        screen = await desk.user.see("Toutes les autorisations : 3")
        assert "Médecin" in line(screen, "GIRAUD CAMILLE")
        assert "médecin traitant" in line(screen, "GIRAUD CAMILLE")
        assert "Infirmier" in line(screen, "LEFÈVRE ZOE")
        assert "BLOQUÉ" in line(screen, "LEFÈVRE ZOE")
        assert "Pharmacien" in line(screen, "DA COSTA INES")
        assert "autorisé" not in line(screen, "DA COSTA INES")
        assert await asked(desk) == ["TOUTE"]
        assert await outcomes(desk, "TD1.6") == ["ok"]

    play(story, tmp_path)


def test_1_6_010_a_structure_is_said_to_be_one(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-hopital")
        await desk.choose("Professionnels autorisés ou bloqués")
        screen = await desk.user.see("Toutes les autorisations : 2", "O'BRIEN MARC")
        assert "CENTRE HOSPITALIER" in screen.split("Droit")[1]

    play(story, tmp_path)


def test_1_6_020_the_active_ones(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("a")
        screen = await desk.user.see("Autorisations en cours : 1", "GIRAUD CAMILLE")
        assert "LEFÈVRE" not in screen
        assert (await asked(desk))[-1] == "ACTIVE"

    play(story, tmp_path)


def test_1_6_030_the_blocked_ones(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("b")
        screen = await desk.user.see("Professionnels bloqués par le patient : 1", "LEFÈVRE ZOE")
        assert "GIRAUD" not in screen.split("Droit")[1]
        assert (await asked(desk))[-1] == "INTERDITE"

    play(story, tmp_path)


def test_1_6_030_nobody_blocked_is_said(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-lunaire")
        await desk.choose("Professionnels autorisés ou bloqués")
        await desk.user.see("Toutes les autorisations : 1")
        await desk.user.press("b")
        await desk.user.see("Professionnels bloqués par le patient : 0", "Personne.")

    play(story, tmp_path)


def test_1_6_010_a_record_closed_meanwhile_is_told_and_shown_as_closed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.see("Toutes les autorisations : 3")
        await desk.dmp(do="record", nir13="1551199999031", state="terminated", closed_at="20261101100000")
        await desk.user.press("a")
        await desk.user.see("Le DMP de ce patient est fermé.", "DMPClosed")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP fermé le 01/11/2026")

    play(story, tmp_path)

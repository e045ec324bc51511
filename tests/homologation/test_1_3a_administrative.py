"""TD1.3a: what the record says beside documents — above all whether it may be opened in an emergency."""

from dataclasses import replace
from pathlib import Path

import pytest
from access_steps import BANNER, break_glass, open_first, outcomes, values
from desk import Desk, play
from wire import vihf_of

ADMINISTRATIVE = "Données administratives et oppositions"


async def read_through_the_hub(desk: Desk) -> str:
    await desk.choose(ADMINISTRATIVE)
    return await desk.user.see("ACCÈS EN URGENCE", "COORDONNÉES")


@pytest.mark.parametrize(
    ("break_glass_refused", "regulation_refused"),
    [(False, False), (True, False), (False, True), (True, True)],
)
def test_1_3a_010_both_oppositions_in_words(
    break_glass_refused: bool, regulation_refused: bool, tmp_path: Path
) -> None:
    """The request asks for `CNSLT_DATA` about the patient of the VIHF; management data, no authorisation."""
    said = {True: "REFUSÉ par le patient", False: "autorisé par le patient"}

    async def story(desk: Desk) -> None:
        await desk.dmp(
            do="record",
            nir13="1850999999281",
            authorizations=[["899700000021", "VALIDE"]],
            opposed_to_break_glass=break_glass_refused,
            opposed_to_regulation=regulation_refused,
        )
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-compte")
        await read_through_the_hub(desk)
        await desk.user.see(
            f"Accès en urgence (bris de glace) : {said[break_glass_refused]}",
            f"Accès du centre 15 (régulation) : {said[regulation_refused]}",
        )
        [request] = await desk.requests("TD1.3a")
        assert values(request, "//h:controlActProcess/h:reasonCode/@code") == ["CNSLT_DATA"]
        [number] = values(request, "//h:patientIdentifier/h:value/@extension")
        assert (
            vihf_of(request)
            .attribute("urn:oasis:names:tc:xacml:2.0:resource:resource-id")[0]
            .startswith(number)
        )
        assert vihf_of(request).purpose == "normal"
        assert await outcomes(desk, "TD1.3a") == ["ok"]

    play(story, tmp_path)


def test_1_3a_010_identity_and_representative_are_hidden_until_the_workstation_asks_for_them(
    tmp_path: Path,
) -> None:
    async def hidden(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-tutelle")
        screen = await read_through_the_hub(desk)
        assert "3 allée des Mandats" in screen
        await desk.user.press("end")
        screen += desk.user.screen()
        assert not any(word in screen for word in ("TUTEUR", "IDENTITÉ SELON LE DMP", "REPRÉSENTANT LÉGAL"))

    async def shown(desk: Desk) -> None:
        desk.user.app.station = replace(desk.user.app.station, shows_identity=True)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-tutelle")
        await read_through_the_hub(desk)
        await desk.user.press("end")
        await desk.user.see("Né(e) le : 12/03/1969", "REPRÉSENTANT LÉGAL", "TUTEUR CHANTAL")

    play(hidden, tmp_path / "hidden")
    play(shown, tmp_path / "shown")


def test_1_3a_010_a_refusal_is_told_and_the_record_shown_as_it_is(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-compte")
        await desk.dmp(do="record", nir13="1850999999281", state="terminated", closed_at="20261101100000")
        await desk.choose(ADMINISTRATIVE)
        await desk.user.see("Le DMP de ce patient est fermé.", "DMPClosed")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP fermé le 01/11/2026")

    play(story, tmp_path)


def test_1_3a_040_in_break_glass_without_authorisation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-centre15")
        await break_glass(desk)
        await desk.user.see("Documents — DMP", BANNER)
        await desk.user.press("f10")
        await read_through_the_hub(desk)
        await desk.user.see(
            BANNER,
            "Accès en urgence (bris de glace) : autorisé par le patient",
            "Accès du centre 15 (régulation) : REFUSÉ par le patient",
            "Bris de glace : consultation seule",
        )
        vihf = vihf_of((await desk.requests("TD1.3a"))[-1])
        assert vihf.purpose == "bris_de_glace"
        assert vihf.attribute("Mode_Acces_Raison") == ["Patient inconscient"]
        assert await outcomes(desk, "TD1.3a") == ["ok"]
        await desk.user.press("f2")
        await desk.user.see("Modifier : pourquoi pas ?", BANNER)

    play(story, tmp_path)


def test_1_3a_200_a_record_without_a_name(tmp_path: Path) -> None:
    """`NON_RENSEIGNE` is the service's word, never shown; the names on the card are no difference with it."""

    async def story(desk: Desk) -> None:
        desk.user.app.station = replace(desk.user.app.station, shows_identity=True)
        await desk.log_in("cps-medecin")
        assert "NON_RENSEIGNE" not in await open_first(desk, "vitale-sans-nom")
        await read_through_the_hub(desk)
        await desk.user.press("end")
        screen = await desk.user.see("Nom : non renseigné", "Nom de naissance : non renseigné")
        assert "NON_RENSEIGNE" not in screen
        assert await outcomes(desk, "TD1.3a") == ["ok"]

    play(story, tmp_path)

"""TD2.2: what the holder of a CPE deposits for a professional of the structure."""

from pathlib import Path

import pytest
from access_steps import open_first, outcomes
from deposit_desk import describe, fill, scan
from deposit_files import pdfa
from deposit_steps import DEPOSIT, FILES, choose_file, last_lot, name_author, send
from desk import Desk, play
from document_steps import GET_DOCUMENTS, last_query, turn
from wire import NS, vihf_of

STRUCTURES = {
    "cpe-accueil": ("30B0099991/CPET00011", "10B0099991"),
    "cpe-anonyme": ("30B0099991/CPET00012", "10B0099991"),
    "cpe-cabinet": ("30B0099981/CPET00013", "499700000001001"),
}


async def hub(desk: Desk, card: str, vitale: str = "vitale-suivi") -> str:
    await desk.log_in(card)
    return await open_first(desk, vitale)


async def deposited(desk: Desk, tmp_path: Path, title: str, *, shown: str = "") -> None:
    """From the hub and back to it, for Dr GIRAUD."""
    scan(tmp_path, "scan.pdf", pdfa(title))
    await desk.choose(DEPOSIT)
    await name_author(desk)
    await choose_file(desk)
    await describe(desk, title)
    if shown:
        await turn(desk, "shown", shown)
    await send(desk)
    await desk.user.see("Dossier du patient")


@pytest.mark.parametrize("card", list(STRUCTURES))
def test_2_2_010_a_whole_deposit(card: str, tmp_path: Path) -> None:
    """Both are authors; the sender signs, and answers for the lot with the structure."""
    holder, structure = STRUCTURES[card]

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk, card)
        await desk.choose(DEPOSIT)
        await name_author(desk)
        await choose_file(desk)
        await describe(desk, "Courrier du secrétariat")
        await fill(desk, "description", "Reçu ce matin")
        await fill(desk, "day", "03/08/2026")
        await send(desk)
        assert (await desk.transactions())[-2:] == ["TD0.2", "TD2.2"]
        assert await outcomes(desk, "TD2.2") == ["ok"]
        lot = await last_lot(desk)
        [one] = lot.documents
        assert (one.title, one.description) == ("Courrier du secrétariat", "Reçu ce matin")
        assert one.author_ids == ["899700000021", holder]
        assert lot.set.author_ids == [holder]
        institutions = [text for author in one.authors for text in author["authorInstitution"]]
        assert {text.split("^")[9] for text in institutions} == {structure}
        vihf = vihf_of((await desk.requests("TD2.1"))[-1])
        assert vihf.root.xpath("string(.//saml:Subject/saml:NameID)", namespaces=NS) == holder
        assert vihf.attribute("Identifiant_Structure") == [structure]

    play(story, tmp_path)


def test_2_2_010_without_the_name_of_who_wrote_it_nothing_leaves(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk, "cpe-cabinet")
        await desk.choose(DEPOSIT)
        await desk.user.see("Le professionnel qui a écrit le document")
        await desk.user.press("escape")
        await desk.user.see("Sans le nom du professionnel qui l'a écrit, aucun document ne peut être déposé.")
        assert "TD2.2" not in await desk.transactions()

    play(story, tmp_path)


async def replaced(desk: Desk, tmp_path: Path, content: str, title: str, *, offered: str, shown: str) -> None:
    """The next version of the last deposit made here, by its date: nothing of it may be read by the secretary."""
    scan(tmp_path, "scan.pdf", pdfa(content))
    await desk.choose(DEPOSIT)
    await desk.choose("GIRAUD CAMILLE")
    await desk.user.see(FILES)
    await desk.user.press("escape")
    await desk.user.see("Aucun document dans le lot")
    await desk.user.press("d")
    await desk.user.see("Dépôts faits par vous sur ce poste", "1 document")
    await desk.user.press("r")
    await desk.choose("GIRAUD CAMILLE")
    await choose_file(desk)
    screen = await desk.user.see("Nouvelle version d'un document déposé d'ici")
    assert ("pas encore le patient" in screen) is (offered == "pas encore le patient")
    await describe(desk, title)
    await turn(desk, "shown", shown)
    await send(desk)
    await desk.user.see("Aucun document dans le lot")
    await desk.user.press("escape")
    await desk.user.see("Dossier du patient")


def test_2_2_140_replaced_and_not_hidden_again(tmp_path: Path) -> None:
    """Unseen by the patient, another content, then shown: from there on nothing hides it any more."""
    later, shown = "pas encore le patient", "tous"

    async def story(desk: Desk) -> None:
        await hub(desk, "cpe-cabinet")
        await deposited(desk, tmp_path, "Version 1", shown=later)
        first = (await last_lot(desk)).documents[0]
        await replaced(desk, tmp_path, "deux", "Version 2", offered=later, shown=later)
        second = await last_lot(desk)
        assert second.documents[0].codes["confidentiality"] == ["N", "INVISIBLE_PATIENT"]
        asked = await last_query(desk)
        assert (asked.which, asked.return_type) == (GET_DOCUMENTS, "ObjectRef")
        assert asked["UniqueId"] == [first.identifiers["unique"]]
        [(source, _)] = second.link("RPLC")
        assert source == second.documents[0].id
        await replaced(desk, tmp_path, "trois", "Version 3", offered=later, shown=shown)
        assert (await last_lot(desk)).documents[0].codes["confidentiality"] == ["N"]
        await replaced(desk, tmp_path, "quatre", "Version 4", offered="", shown=shown)
        assert (await last_lot(desk)).documents[0].codes["confidentiality"] == ["N"]
        assert await outcomes(desk, "TD2.2") == ["ok"] * 4
        assert "TD3.1" not in await desk.transactions()

    play(story, tmp_path)


def test_2_2_980_the_patient_says_no_to_the_secretary(tmp_path: Path) -> None:
    """No new document; what the secretary deposited may still be taken out of the record."""

    async def story(desk: Desk) -> None:
        await hub(desk, "cpe-cabinet")
        await deposited(desk, tmp_path, "Avant")
        await desk.choose("Le patient s'oppose aux dépôts")
        await desk.user.press("o")
        await desk.user.see("Le patient s'oppose aux dépôts de votre structure")
        await desk.choose(DEPOSIT)
        screen = await desk.user.see("Aucun nouveau document")
        assert FILES not in screen
        await desk.user.press("enter")
        await desk.user.see("Aucun document dans le lot")
        assert (await desk.transactions()).count("TD2.2") == 1
        await desk.user.press("d")
        await desk.user.see("Dépôts faits par vous", "1 document")
        await desk.user.press("delete")
        await desk.user.see("tapez SUPPRIMER")
        await desk.user.type("supprimer")
        await desk.user.press("enter")
        await desk.user.see("Le document n'est plus dans le DMP")
        assert await outcomes(desk, "TD3.3c") == ["ok"]

    play(story, tmp_path)

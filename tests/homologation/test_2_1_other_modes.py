"""TD2.1 out of the normal mode: in a regulation centre, in break-glass; and what is told where a deposit is refused.

The book has withdrawn the cases of regulation; the public table of rights lets a doctor deposit in each mode.
"""

from pathlib import Path

import pytest
from access_steps import BANNER, break_glass, open_first, outcomes
from deposit_desk import describe, fill, into_lot, scan
from deposit_files import RTF, TEXT, pdfa, picture
from deposit_steps import FILES, begin, choose_file, deposit_through_hub, finish, last_lot, lot_of, send
from desk import Desk, Story, play
from document_steps import LIST, complete, entry_of, insured, manage, rows
from wire import vihf_of

from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents import clinical, kinds
from kiosk.training.documents.authors import GIRAUD
from kiosk.training.documents.desk import Desk as Maker
from kiosk.training.documents.desk import day
from kiosk.training.documents.draft import Author, patient_of

ANDRE = "1551199999031"
VEILLE = Author(
    "899700000042", "VEILLE", "ALIX", "DR", "G15_10/SM59", "Médecin régulateur", "10B0099996",
    "SAMU 99, CENTRE 15 DE FICTION", "SA01", "SAMU_SMUR",
)  # fmt: skip
"""The doctor of the regulation centre."""
FORMATS = [
    (TEXT, "urn:ihe:iti:xds-sd:text:2008"),
    (RTF, "urn:ihe:iti-fr:xds-sd:rtf:2010"),
    (pdfa(), "urn:ihe:iti:xds-sd:pdf:2008"),
    (picture("JPEG"), "urn:ihe:iti-fr:xds-sd:jpeg:2010"),
    (picture("TIFF"), "urn:ihe:iti-fr:xds-sd:tiff:2010"),
]


def at_the_centre(story: Story, tmp_path: Path) -> None:
    play(story, tmp_path, post="régulation")


async def regulating(desk: Desk) -> None:
    """The record of a patient found without a card, at a regulation centre."""
    await desk.present_pin("cps-regulateur")
    await desk.user.see("Mode d'accès : RÉGULATION")
    await desk.choose("Rechercher une personne sans sa carte")
    await desk.user.see("Recherche sans carte")
    desk.user.app.screen.query_one("#family").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type("petit")
    await desk.user.press("f5")
    await desk.user.see("1 personne(s)", "PETIT ANDRE")
    await desk.user.press("enter")
    await desk.user.see("Dossier du patient", "Mode d'accès : RÉGULATION")


async def went_in_regulation(desk: Desk) -> None:
    """The last deposit, by its mode and its answer."""
    request = (await desk.requests("TD2.1"))[-1]
    assert vihf_of(request).purpose == "centre_15"
    assert set(await outcomes(desk, "TD2.1")) == {"ok"}


# --- regulation -----------------------------------------------------------------------------------------------------


def test_2_1_110_a_whole_deposit_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        scan(tmp_path, "scan.pdf", pdfa())
        await begin(desk)
        await describe(desk, "Régulation : conseil donné")
        await fill(desk, "description", "Appel de 10 h 12")
        await send(desk)
        await went_in_regulation(desk)
        [one] = (await last_lot(desk)).documents
        assert (one.title, one.description) == ("Régulation : conseil donné", "Appel de 10 h 12")
        number = ins_c_of(insured(ANDRE))
        assert one.identifiers["patient"].startswith(f"{number}^^^&")

    at_the_centre(story, tmp_path)


@pytest.mark.parametrize(("content", "code"), FORMATS, ids=["txt", "rtf", "pdf", "jpeg", "tiff"])
def test_2_1_111_each_simple_format_in_regulation(content: bytes, code: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        scan(tmp_path, "sans-suffixe", content)
        await begin(desk)
        await describe(desk)
        await send(desk)
        await went_in_regulation(desk)
        [one] = (await last_lot(desk)).documents
        assert one.codes["format"] == [code]

    at_the_centre(story, tmp_path)


def structured(author: Author) -> bytes:
    """A summary that another program made, by a doctor of the training."""
    person, at = insured(ANDRE), day("2026-03-02")
    maker = Maker(patient_of(ins_c_of(person), person))
    made = maker.structured("vsm-c15", "Synthèse", kinds.SUMMARY, author, at, clinical.summary(2), kinds.VSM)
    return made.content


def test_2_1_113_a_structured_document_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        scan(tmp_path, "structure.xml", structured(VEILLE))
        await begin(desk)
        await desk.user.see("Synthèse médicale", "02/03/2026")
        await send(desk)
        await went_in_regulation(desk)
        lot = await last_lot(desk)
        assert lot.contents[lot.documents[0].id] == structured(VEILLE)

    at_the_centre(story, tmp_path)


def test_2_1_113_that_of_somebody_else_stays_here(tmp_path: Path) -> None:
    """EX_2.1-1140: only an author deposits."""

    async def story(desk: Desk) -> None:
        await regulating(desk)
        scan(tmp_path, "structure.xml", structured(GIRAUD))
        await begin(desk)
        await desk.user.press("f10")
        await desk.user.see("auteur", "À faire", "DEPOT-020")
        assert "TD2.1" not in await desk.transactions()

    at_the_centre(story, tmp_path)


def test_2_1_114_two_documents_in_one_lot_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        scan(tmp_path, "bilan.pdf", pdfa("Bilan"))
        scan(tmp_path, "ordonnance.pdf", pdfa("Ordonnance"))
        await begin(desk, "bilan.pdf")
        await describe(desk, "Bilan")
        await into_lot(desk)
        await desk.user.press("a")
        await choose_file(desk, "ordonnance.pdf")
        await describe(desk, "Ordonnance", "57833-6")
        await into_lot(desk, 2)
        await finish(desk)
        await went_in_regulation(desk)
        assert [one.title for one in (await last_lot(desk)).documents] == ["Bilan", "Ordonnance"]

    at_the_centre(story, tmp_path)


def test_2_1_115_hidden_from_professionals_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        await deposit_through_hub(desk, tmp_path, "Masqué", shown="pas les autres PS")
        await went_in_regulation(desk)
        [one] = (await last_lot(desk)).documents
        assert one.codes["confidentiality"] == ["N", "MASQUE_PS"]

    at_the_centre(story, tmp_path)


def test_2_1_116_invisible_to_the_patient_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        await deposit_through_hub(desk, tmp_path, "À annoncer", shown="pas encore le patient")
        await went_in_regulation(desk)
        [one] = (await last_lot(desk)).documents
        assert one.codes["confidentiality"] == ["N", "INVISIBLE_PATIENT"]

    at_the_centre(story, tmp_path)


def test_2_1_117_a_replacement_in_regulation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await regulating(desk)
        await deposit_through_hub(desk, tmp_path, "Première version")
        first = lot_of((await desk.requests("TD2.1"))[-1]).documents[0]
        await desk.choose("Documents du DMP")
        await complete(desk)
        scan(tmp_path, "suite.pdf", pdfa("La suite"))
        await manage(desk, "Première version", "Remplacer")
        await choose_file(desk, "suite.pdf")
        await desk.user.see("Nouvelle version de « Première version »", "F10 Mettre au lot")
        await send(desk)
        await went_in_regulation(desk)
        lot = lot_of((await desk.requests("TD2.1"))[-1])
        [(source, target)] = lot.link("RPLC")
        assert source == lot.documents[0].id
        assert target.startswith("urn:uuid:")
        assert lot.documents[0].identifiers["unique"] != first.identifiers["unique"]

    at_the_centre(story, tmp_path)


# --- break-glass ----------------------------------------------------------------------------------------------------


def test_2_1_010_a_deposit_while_the_glass_is_broken(tmp_path: Path) -> None:
    """Let by the table, with the banner on every screen and the reason in the request; nobody agreed to anything."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await desk.user.see(LIST, BANNER)
        await complete(desk)
        before = {entry.title for entry in rows(desk).items}
        assert "Passage aux urgences" not in before
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient", "Mode d'accès : BRIS DE GLACE")
        await desk.choose("Déposer des documents")
        await desk.user.see(FILES, BANNER)
        await choose_file(desk)
        await desk.user.see("Document à déposer", BANNER)
        await describe(desk, "Passage aux urgences")
        await send(desk)
        await desk.user.see("Dossier du patient", BANNER)
        vihf = vihf_of((await desk.requests("TD2.1"))[-1])
        assert vihf.purpose == "bris_de_glace"
        assert vihf.attribute("Mode_Acces_Raison") == ["Patient inconscient"]
        assert await outcomes(desk, "TD2.1") == ["ok"]
        await desk.choose("Documents du DMP")
        await complete(desk)
        assert entry_of(desk, "Passage aux urgences")

    play(story, tmp_path)


def test_2_1_010_a_deposit_whose_access_ends_meanwhile_sends_nothing(tmp_path: Path) -> None:
    """Thirty minutes pass over the last question."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await complete(desk)
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        await begin(desk)
        await describe(desk, "Trop tard")
        await into_lot(desk)
        desk.pass_time(31 * 60)
        await desk.user.see("L'accès en bris de glace est terminé")
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)")
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


def test_2_1_010_without_the_glass_a_deposit_needs_no_authorisation(tmp_path: Path) -> None:
    """To deposit, nobody has to break anything: the emergency doctor deposits in normal mode as well."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-urgence")
        await begin(desk)
        await describe(desk, "Sans accord")
        await send(desk)
        assert vihf_of((await desk.requests("TD2.1"))[-1]).purpose == "normal"
        assert await outcomes(desk, "TD2.1") == ["ok"]

    play(story, tmp_path)

"""Files of every origin, through the screens: structured ones, paths typed by hand, files that change or go."""

import asyncio
import os
import shutil
from base64 import b64encode
from dataclasses import replace
from pathlib import Path

import pytest
from deposit_desk import (
    describe,
    dismissed,
    documents,
    fill,
    into_lot,
    received,
    scan,
    show,
    sign_and_send,
    states,
    visit_of,
)
from deposit_files import TEXT, pdfa, picture, plain_pdf
from deposit_steps import FILES, choose_file
from desk import Desk, play
from document_steps import READER, complete, insured, read

from kiosk import settings
from kiosk.deposit.outbox import State
from kiosk.record.visit import Visit
from kiosk.screens.deposit import DepositScreen
from kiosk.screens.deposit_files import FileRows
from kiosk.screens.documents import DocumentsScreen
from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents import biology, clinical, kinds
from kiosk.training.documents.authors import GIRAUD
from kiosk.training.documents.desk import Desk as Maker
from kiosk.training.documents.desk import day
from kiosk.training.documents.draft import patient_of

ANDRE = "1551199999031"
NOTHING = "Aucun document dans le lot"


def maker() -> Maker:
    """Makes CDA documents as another program would."""
    person = insured(ANDRE)
    return Maker(patient_of(ins_c_of(person), person))


def summary() -> bytes:
    at = day("2026-03-02")
    return maker().structured("vsm-cle", "Synthèse de la clé", kinds.SUMMARY, GIRAUD, at, clinical.summary(2), kinds.VSM).content  # fmt: skip  # noqa: E501


def blood_report() -> bytes:
    at = day("2026-03-03")
    sections = biology.sections(3, at, maker().patient.ins_c)
    made = maker().structured("bio-cle", "Bilan de la clé", kinds.BIOLOGY, GIRAUD, at, sections, kinds.LAB)
    return made.content


async def told(desk: Desk, *words: str) -> str:
    """Wait for a dialog that says all this, wherever its frame breaks the lines; what it says."""

    def said() -> str:
        return " ".join(desk.user.screen().replace("|", " ").split())

    await desk.user.until(lambda: all(word in said() for word in words), what=" + ".join(words))
    return said()


async def begun(desk: Desk, tmp_path: Path) -> tuple[Visit, list[bool]]:
    """A deposit at its list of files."""
    (tmp_path / "scans").mkdir(exist_ok=True)
    visit = await visit_of(desk)
    results = await show(desk, DepositScreen(visit))
    await desk.user.see(FILES)
    return visit, results


async def sent(desk: Desk, results: list[bool]) -> None:
    await sign_and_send(desk)
    await desk.user.see("Déposé dans le DMP")
    await desk.user.press("enter")
    assert await dismissed(desk, results) is True


# --- structured documents -----------------------------------------------------------------------------------------


def test_a_summary_and_a_biology_report_go_as_they_are_in_one_lot(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "synthese.xml", summary())
        scan(tmp_path, "biologie.xml", blood_report())
        visit, results = await begun(desk, tmp_path)
        await desk.user.see("CDA biologie.xml", "CDA synthese.xml")
        await choose_file(desk, "synthese.xml")
        screen = await desk.user.see(
            "PETIT ANDRE · CDA", "Synthèse médicale", "Synthèse de la clé", "02/03/2026"
        )
        assert "Description" not in screen, "it says itself what it is"
        await into_lot(desk)
        await desk.user.press("a")
        await choose_file(desk, "biologie.xml")
        await desk.user.see("CR d'examens biologiques", "Bilan de la clé", "03/03/2026")
        await into_lot(desk, 2)
        await sent(desk, results)
        found = await documents(visit)
        assert await received(visit, found["Synthèse de la clé"]) == summary()
        assert await received(visit, found["Bilan de la clé"]) == blood_report()
        await show(desk, DocumentsScreen(visit))
        await complete(desk)
        await read(desk, "Synthèse de la clé", "ALLERGIES")
        await desk.user.press("f10")
        await complete(desk)
        await read(desk, "Bilan de la clé", "Résultats anormaux")

    play(story, tmp_path)


@pytest.mark.parametrize("make", [summary, blood_report], ids=["vsm", "biology"])
def test_a_structured_document_is_previewed_before_it_is_signed(make: object, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        assert callable(make)
        scan(tmp_path, "structure.xml", make())
        await begun(desk, tmp_path)
        await choose_file(desk)
        await desk.user.see("Document à déposer")
        await desk.user.press("f3")
        words = "ALLERGIES" if make is summary else "Résultats anormaux"
        await desk.user.see("Aperçu du document à déposer", words)
        await desk.user.press("f10")
        await desk.user.see("Document à déposer", "F10 Mettre au lot")
        await desk.user.press("f4")
        await desk.user.see("CDA : il n'y a rien à convertir.")

    play(story, tmp_path)


# --- a path typed by hand ------------------------------------------------------------------------------------------


async def typed(desk: Desk, path: object) -> None:
    await desk.user.see(FILES)
    await desk.user.until(lambda: not desk.user.app.screen.busy, what="the list is read")  # type: ignore[attr-defined]
    await desk.user.press("f4")
    await desk.user.see("Chemin du fichier", "Entrée : choisir ce fichier")
    await desk.user.type(str(path))
    await desk.user.press("enter")


NAMES = [
    "compte-rendu.txt",
    "Œdème, été 2026.txt",
    "nom avec  deux espaces .txt",
    "[red]crochets[red] & $HOME ; 'a' %s {x}.txt",
    "e\u0301te\u0301-decompose.txt",
]


@pytest.mark.parametrize("name", NAMES, ids=["plain", "accents", "spaces", "markup", "decomposed"])
def test_a_path_leads_to_its_file_whatever_its_letters(name: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        folder = tmp_path / "clé bleue"
        folder.mkdir()
        (folder / name).write_bytes(TEXT)
        visit, results = await begun(desk, tmp_path)
        await typed(desk, folder / name)
        await describe(desk, "Par son chemin")
        await into_lot(desk)
        await sent(desk, results)
        assert "Par son chemin" in await documents(visit)

    play(story, tmp_path)


def test_a_path_of_300_letters_is_typed_whole(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        folder = tmp_path / ("dossier-" * 12) / ("sous-dossier-" * 10)
        folder.mkdir(parents=True)
        path = folder / ("document" * 9 + ".txt")
        assert len(str(path)) > 300
        path.write_bytes(TEXT)
        await begun(desk, tmp_path)
        await typed(desk, path)
        await desk.user.see("Document à déposer", "Texte")

    play(story, tmp_path)


def test_without_any_place_a_path_is_still_taken_and_known_again(tmp_path: Path) -> None:
    """No scan folder, no key: nothing is listed, the path is all there is."""

    async def story(desk: Desk) -> None:
        path = tmp_path / "note.txt"
        path.write_bytes(TEXT)
        desk.user.app.station = replace(desk.user.app.station, scan_folder=None)
        visit, results = await begun(desk, tmp_path)
        await desk.user.see("Ni dossier de numérisation ni clé USB")
        await typed(desk, path)
        await describe(desk, "Note")
        await into_lot(desk)
        await sent(desk, results)
        await show(desk, DepositScreen(visit))
        await typed(desk, path)
        await desk.user.see("Ce fichier est déjà au DMP")

    play(story, tmp_path)


async def told_and_back(desk: Desk, path: object, *words: str) -> None:
    await typed(desk, path)
    await told(desk, "Ce fichier ne peut pas être lu", *words, "À faire", "DEPOT-011")
    await desk.user.press("enter")
    await desk.user.see(FILES)


def test_a_path_that_leads_to_no_document_says_why_and_the_list_stays(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        folder = tmp_path / "clé"
        folder.mkdir()
        (folder / "vide.pdf").write_bytes(b"")
        (folder / "programme").write_bytes(b"\x7fELF\x00\x01")
        (folder / "lien.txt").symlink_to(tmp_path / "scans" / "scan.pdf")
        os.mkfifo(folder / "tuyau")
        state = settings.state_directory()
        await asyncio.to_thread(state.mkdir, parents=True, exist_ok=True)
        (state / "note-du-poste.txt").write_bytes(TEXT)
        await begun(desk, tmp_path)
        no_file, no_document = "pas de fichier lisible à ce chemin", "vide, ou d'un format"
        for path, words in (
            (folder / "absent.pdf", no_file),
            (folder, no_file),
            (f"{folder}/", no_file),
            (folder / ("long" * 75), no_file),
            (folder / "lien.txt", no_file),
            (folder / "tuyau", no_file),
            (state / "note-du-poste.txt", no_file),
            ("scan.pdf", no_file),
            ("~/scan.pdf", no_file),
            ("/proc/self/mem", no_document),
            ("/dev/zero", no_file),
            (folder / "vide.pdf", no_document),
            (folder / "programme", no_document),
        ):
            await told_and_back(desk, path, words)
        assert desk.user.app.screen.query_one(FileRows).items, "the list is there again"
        await desk.user.press("f4")
        await desk.user.see("Chemin du fichier")
        await desk.user.press("enter")
        await desk.user.see(FILES)
        (state / "note-du-poste.txt").unlink()

    play(story, tmp_path)


@pytest.mark.parametrize("shut", ["folder", "file"])
def test_what_is_shut_to_the_kiosk_is_told(shut: str, tmp_path: Path) -> None:
    """By its rights; where the tests run as root, to whom nothing is shut, it opens: never anything between."""

    async def story(desk: Desk) -> None:
        folder = tmp_path / "privé"
        folder.mkdir()
        (folder / "note.txt").write_bytes(TEXT)
        target = folder if shut == "folder" else folder / "note.txt"
        target.chmod(0)
        await begun(desk, tmp_path)
        await typed(desk, folder / "note.txt")
        if os.access(target, os.R_OK):
            await desk.user.see("Document à déposer")
        else:
            await desk.user.see("Ce fichier ne peut pas être lu", "DEPOT-011")
        target.chmod(0o700)

    play(story, tmp_path)


# --- conversion, previewed ------------------------------------------------------------------------------------------


async def leave_picture(desk: Desk) -> None:
    """A document without words opens as a picture; once it is drawn, back to its preview."""
    await desk.user.see("Image de la page", "1 sur 1")
    await desk.user.until(lambda: not desk.user.app.screen.busy, what="the picture")  # type: ignore[attr-defined]
    await desk.user.press("f10")


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("note.txt", TEXT, "Tension artérielle 12/7"),
        ("photo.jpg", picture("JPEG", "red"), "Image de la page"),
    ],
    ids=["text", "picture"],
)
def test_f4_converts_on_request_and_shows_it_before_it_is_kept(
    name: str, content: bytes, words: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, name, content)
        visit, results = await begun(desk, tmp_path)
        await choose_file(desk)
        await describe(desk, "Converti")
        await desk.user.press("f4")
        await told(desk, "Le convertir en PDF/A ?", "que vous relirez avant de le signer")
        await desk.user.press("o")
        await desk.user.see(words)
        if words == "Image de la page":
            await leave_picture(desk)
        await desk.user.see("Aperçu du document à déposer", "PDF/A")
        await desk.user.press("escape")
        screen = await desk.user.see("Document à déposer", "F10 Mettre au lot")
        assert "· PDF/A" not in screen, "given up: it is what it was"
        await desk.user.press("f4")
        await desk.user.see("Le convertir en PDF/A ?")
        await desk.user.press("o")
        await desk.user.see(words)
        if words == "Image de la page":
            await leave_picture(desk)
        await desk.user.see("F10 C'est le bon")
        await desk.user.press("f10")
        await desk.user.see("PETIT ANDRE · PDF/A")
        await into_lot(desk)
        await sent(desk, results)
        cda = await received(visit, (await documents(visit))["Converti"])
        assert b'mediaType="application/pdf"' in cda

    play(story, tmp_path)


def test_a_pdf_that_is_no_pdfa_is_not_signed_unseen(tmp_path: Path) -> None:
    """Its conversion comes before the form: the form finds nothing left to convert, and shows what it will send."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "ordonnance.pdf", plain_pdf())
        await begun(desk, tmp_path)
        await choose_file(desk)
        await desk.user.see("n'est pas un PDF/A-1", "O : convertir")
        await desk.user.press("n")
        await desk.user.see(NOTHING)
        await desk.user.press("a")
        await choose_file(desk)
        await desk.user.see("O : convertir")
        await desk.user.press("o")
        await leave_picture(desk)
        await desk.user.see("F10 C'est le bon")
        await desk.user.press("f10")
        await desk.user.see("PETIT ANDRE · PDF/A")
        await desk.user.press("f4")
        await desk.user.see("PDF/A : il n'y a rien à convertir.")
        await desk.user.press("f3")
        await desk.user.see("Image de la page", "1 sur 1")

    play(story, tmp_path)


# --- files that change, or go ---------------------------------------------------------------------------------------


def test_what_was_read_is_what_is_sent_whatever_becomes_of_the_file(tmp_path: Path) -> None:
    """Chosen, looked at, then overwritten by the scanner, then gone: the patient gets what was looked at."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "note.txt", TEXT)
        visit, results = await begun(desk, tmp_path)
        await choose_file(desk)
        await desk.user.see("Document à déposer")
        scan(tmp_path, "note.txt", b"Une autre personne.\n")
        await desk.user.press("f3")
        await desk.user.see("Aperçu du document à déposer", "Tension artérielle 12/7")
        await desk.user.press("f10")
        await describe(desk, "Ce qui a été lu")
        await into_lot(desk)
        (tmp_path / "scans" / "note.txt").unlink()
        await sent(desk, results)
        cda = await received(visit, (await documents(visit))["Ce qui a été lu"])
        assert b64encode(TEXT) in b"".join(cda.split())

    play(story, tmp_path)


async def pulled_then_chosen(desk: Desk, folder: Path) -> None:
    """The list is on the screen, the key is not there any more."""
    await desk.user.see(FILES, "scan.pdf")
    shutil.move(folder, folder.with_name("tiroir"))
    await desk.user.press("enter")
    await told(desk, "Le fichier n'est plus là", "la clé retirée", "F5", "DEPOT-011")
    await desk.user.press("enter")
    await desk.user.see(NOTHING)


def test_a_key_pulled_before_its_file_is_read_is_told_and_put_back_it_is_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        folder = tmp_path / "scans"
        _, results = await begun(desk, tmp_path)
        await pulled_then_chosen(desk, folder)
        await desk.user.press("a")
        await told(desk, "DEPOT-011", "Rebranchez la clé")
        await desk.user.press("enter")
        await desk.user.see(FILES, "Aucun fichier à déposer ici.")
        shutil.move(folder.with_name("tiroir"), folder)
        await desk.user.press("f5")
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Rebranchée")
        await into_lot(desk)
        await sent(desk, results)

    play(story, tmp_path)


def test_a_file_emptied_after_the_list_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await begun(desk, tmp_path)
        await desk.user.see("scan.pdf")
        scan(tmp_path, "scan.pdf", b"")
        await desk.user.press("enter")
        await told(desk, "Le fichier a changé depuis la liste", "F5", "DEPOT-011")
        await desk.user.press("enter")
        await desk.user.press("a")
        await desk.user.see(FILES, "Aucun fichier à déposer ici.", "1 fichier vide ou d'un autre format")

    play(story, tmp_path)


def test_a_title_of_128_letters_is_typed_sent_and_listed_whole(tmp_path: Path) -> None:
    title = ("Échographie œso-gastrique à l'été, contrôle n°2 ; " * 3)[:128].strip().ljust(128, "é")

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit, results = await begun(desk, tmp_path)
        await choose_file(desk)
        await describe(desk)
        await fill(desk, "title-text", title)
        await into_lot(desk)
        await sent(desk, results)
        assert len(title) == 128
        assert title in await documents(visit)
        await show(desk, DocumentsScreen(visit))
        await complete(desk)
        await read(desk, title, READER)

    play(story, tmp_path)


def test_a_file_of_39_megabytes_goes_whole(tmp_path: Path) -> None:
    """It takes its time, with the seconds on the screen; the keys that cannot be served meanwhile do nothing."""
    content = b"Ligne fictive, sans personne.\n" * 1_300_000

    async def story(desk: Desk) -> None:
        scan(tmp_path, "gros.txt", content)
        visit, results = await begun(desk, tmp_path)
        await desk.user.see("39,0 Mo")
        await choose_file(desk)
        await desk.user.see("Document à déposer", within=60)
        await describe(desk, "Gros")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP", within=120)
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        entry = (await documents(visit))["Gros"]
        assert entry.size is not None
        assert entry.size > len(content) * 4 // 3

    play(story, tmp_path)


def test_a_lot_too_large_for_the_service_is_told_once_and_stays_to_be_changed(tmp_path: Path) -> None:
    """Nothing is in doubt: it was not even read. The lot can be changed and sent."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "gros.txt", b"Ligne fictive, sans personne.\n" * 1_600_000)
        visit, results = await begun(desk, tmp_path)
        await desk.user.see("48,0 Mo")
        await choose_file(desk)
        await desk.user.see("Document à déposer", within=60)
        await describe(desk, "Trop gros")
        await into_lot(desk)
        await sign_and_send(desk)
        await told(desk, "ne prend pas un envoi de cette taille", "À faire", "DMP-026")
        assert (await desk.transactions()).count("TD2.1") == 0
        assert states(visit) == [State.PREPARED]
        await desk.user.press("enter")
        await desk.user.see("F10 Signer et envoyer")
        await desk.user.press("delete")
        await desk.user.see("Retirer ce document du lot ?")
        await desk.user.press("o")
        await desk.user.see(NOTHING)
        scan(tmp_path, "petit.txt", TEXT)
        await desk.user.press("a")
        await choose_file(desk, "petit.txt")
        await describe(desk, "À la bonne taille")
        await into_lot(desk)
        await sent(desk, results)
        assert states(visit) == [State.REFUSED, State.DONE]

    play(story, tmp_path)

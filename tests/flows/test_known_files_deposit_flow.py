"""EX_2.1-1190: what is already in the DMP is marked where files are chosen, in words, and choosing it asks."""

import asyncio
from pathlib import Path

import pytest
from deposit_desk import (
    deposit,
    describe,
    dismissed,
    documents,
    into_lot,
    received,
    scan,
    show,
    sign_and_send,
    visit_of,
)
from deposit_files import TEXT, pdfa, picture, plain_pdf
from deposit_steps import FILES
from desk import Desk, play

from kiosk.card.admission import vitale_slot
from kiosk.dmp.document import DocumentQuery
from kiosk.record import managing, reading
from kiosk.record.document_list import Criteria
from kiosk.record.visit import Visit
from kiosk.screens.deposit import DepositScreen
from kiosk.screens.deposit_files import FileRows

ALREADY = "Ce fichier est déjà au DMP"


def line_of(desk: Desk, name: str) -> str:
    """The line of the list that holds a file's name."""
    return next(line for line in desk.user.screen().splitlines() if name in line)


async def marked(desk: Desk, name: str, words: str = "déjà au DMP le ") -> str:
    """Wait until the line of a file carries its mark."""
    await desk.user.see(FILES, name)
    await desk.user.until(lambda: words in line_of(desk, name), what=f"{name} : {words}")
    return line_of(desk, name)


async def to_files(desk: Desk, visit: Visit) -> list[bool]:
    results = await show(desk, DepositScreen(visit))
    await desk.user.see(FILES)
    return results


async def point(desk: Desk, name: str) -> None:
    rows = desk.user.app.screen.query_one(FileRows)
    rows.cursor = next(n for n, file in enumerate(rows.items) if file.name == name)


def test_what_was_deposited_from_here_is_marked_and_the_others_are_not(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "depose.pdf", pdfa("Un"))
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Un")
        scan(tmp_path, "depose-ailleurs.pdf", pdfa("Un"))  # the same bytes under another name
        scan(tmp_path, "nouveau.pdf", pdfa("De"))
        scan(tmp_path, "photo.jpg", picture("JPEG"))
        await to_files(desk, visit)
        today = f"{visit.session.local_date():%d/%m/%Y}"
        for name in ("depose.pdf", "depose-ailleurs.pdf"):
            assert (await marked(desk, name)).rstrip().endswith(f"déjà au DMP le {today}")
        for name in ("nouveau.pdf", "photo.jpg"):
            assert "DMP" not in line_of(desk, name)
            assert today in line_of(desk, name)
        await point(desk, "depose.pdf")
        await desk.user.see(f"Déposé de ce poste le {today} à", "visible de tous.")
        await point(desk, "nouveau.pdf")
        await desk.user.until(lambda: "Déposé de ce poste" not in desk.user.screen(), what="its own line")

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("moves", "short", "full"),
    [(1, "masqué PS", "masqué aux autres PS"), (2, "non vu pat.", "pas encore visible du patient")],
)
def test_the_visibility_it_was_sent_with_stands_beside(
    moves: int, short: str, full: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Confidentiel", moves=moves)
        await to_files(desk, visit)
        assert (await marked(desk, "scan.pdf")).rstrip().endswith(f", {short}")
        await desk.user.see(full)

    play(story, tmp_path)


def test_a_converted_file_is_known_by_what_it_was(tmp_path: Path) -> None:
    """What went out was made here, page by page; what lies in the folder is the original."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "ordonnance.pdf", plain_pdf())
        visit = await visit_of(desk)
        results = await to_files(desk, visit)
        await desk.user.see("ordonnance.pdf")
        await desk.user.press("enter")
        await desk.user.see("n'est pas un PDF/A-1")
        await desk.user.press("o")
        await desk.user.see("Image de la page", "1 sur 1")
        await desk.user.until(lambda: not desk.user.app.screen.busy, what="the picture")  # type: ignore[attr-defined]
        await desk.user.press("f10")
        await desk.user.see("F10 C'est le bon")
        await desk.user.press("f10")
        await describe(desk, "Ordonnance")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        await dismissed(desk, results)
        await to_files(desk, visit)
        await marked(desk, "ordonnance.pdf")
        await desk.user.press("enter")
        await desk.user.see(ALREADY, "Déposé de ce poste")

    play(story, tmp_path)


def test_a_text_is_known_whatever_its_encoding_was(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "note.txt", TEXT.decode().encode("cp1252"))
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Note")
        await to_files(desk, visit)
        await marked(desk, "note.txt")

    play(story, tmp_path)


def test_of_another_patient_nothing_is_marked(tmp_path: Path) -> None:
    """Of the same family, on the same card."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk, "vitale-mineurs", rank=2)
        assert await deposit(desk, visit, "À lui")
        other = await asyncio.to_thread(visit_of_first, desk)
        assert other.patient != visit.patient
        await to_files(desk, other)
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await desk.user.see("Document à déposer")

    play(story, tmp_path)


def visit_of_first(desk: Desk) -> Visit:
    """The first person of the card in the reader."""
    app = desk.user.app
    assert app.snapshot is not None
    slot = vitale_slot(app.snapshot)
    assert slot is not None
    member = desk.session.read_family(slot).members[0]
    return Visit(desk.session, member, desk.session.existence(member))


def test_choosing_it_says_so_and_the_dmp_is_asked_only_if_wanted(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Une fois")
        before = await desk.transactions()
        results = await to_files(desk, visit)
        await marked(desk, "scan.pdf")
        await desk.user.press("enter")
        await desk.user.see(ALREADY, "visible de tous", "Un fichier inchangé n'y entre pas deux fois")
        await desk.user.press("n")
        await desk.user.see(FILES)
        assert await desk.transactions() == before
        await desk.user.press("enter")
        await desk.user.see(ALREADY, "O : le demander au DMP")
        await desk.user.press("o")
        await desk.user.see("Le DMP connaît toujours ce document")
        assert (await desk.transactions())[len(before) :] == ["TD3.1b"]
        await desk.user.press("enter")
        await desk.user.see(FILES)
        await desk.user.press("escape")
        await desk.user.see("Aucun document dans le lot")
        await desk.user.press("escape")
        assert await dismissed(desk, results) is False

    play(story, tmp_path)


def test_what_the_dmp_has_no_trace_of_may_be_deposited_again(tmp_path: Path) -> None:
    """The register of this workstation cannot know; the DMP says so, and the mark goes. Here, a new training day."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Effacé")
        await desk.dmp(do="reset")
        results = await to_files(desk, visit)
        await marked(desk, "scan.pdf")
        await desk.user.press("enter")
        await desk.user.see(ALREADY)
        await desk.user.press("o")
        await describe(desk, "De nouveau")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert "De nouveau" in await documents(visit)

    play(story, tmp_path)


def test_unpublished_from_here_it_is_not_marked_any_more(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Retiré")
        [deposited] = await asyncio.to_thread(managing.deposited, visit)
        await asyncio.to_thread(managing.unpublish, visit, deposited)
        await to_files(desk, visit)
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await desk.user.see("Document à déposer")

    play(story, tmp_path)


def test_a_file_twice_in_one_lot_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        scan(tmp_path, "copie.pdf", pdfa())
        await to_files(desk, await visit_of(desk))
        await desk.user.see("scan.pdf", "copie.pdf")
        await desk.user.press("enter")
        await describe(desk, "Une fois")
        await into_lot(desk)
        await desk.user.press("a")
        await desk.user.see("scan.pdf", "copie.pdf")
        for _ in range(2):
            await desk.user.press("enter")
            await desk.user.see("Ce fichier est déjà dans ce lot")
            await desk.user.press("enter")
            await desk.user.see(FILES)
            await desk.user.press("down")
        await desk.user.press("escape")
        await into_lot_is(desk, 1)

    play(story, tmp_path)


async def into_lot_is(desk: Desk, count: int) -> None:
    await desk.user.see("Signer et envoyer")
    assert len(desk.user.app.screen._drafts) == count  # type: ignore[attr-defined]


def test_a_structured_document_of_the_list_is_known_by_its_hash(tmp_path: Path) -> None:
    """Sent as it is, from anywhere: the registry's hash is the file's. Only in a visit whose list was asked for."""

    async def story(desk: Desk) -> None:
        visit = await visit_of(desk)
        entry = (await documents(visit))["Historique des vaccinations"]
        scan(tmp_path, "vaccins.xml", await received(visit, entry))
        scan(tmp_path, "autre.pdf", pdfa())
        results = await to_files(desk, visit)
        await desk.user.see("vaccins.xml")
        assert "DMP" not in line_of(desk, "vaccins.xml")
        await desk.user.press("escape")
        await desk.user.see("Aucun document dans le lot")
        await desk.user.press("escape")
        assert await dismissed(desk, results) is False
        await asyncio.to_thread(reading.search, visit, Criteria(), lambda entries: None)
        await to_files(desk, visit)
        assert "20/01/2025" in await marked(desk, "vaccins.xml")
        assert "DMP" not in line_of(desk, "autre.pdf")
        await point(desk, "vaccins.xml")
        await desk.user.see("Dans la liste des documents le 20/01/2025")
        await desk.user.press("enter")
        await desk.user.see(ALREADY, "O : le demander au DMP")

    play(story, tmp_path)


def test_a_register_that_cannot_be_read_marks_nothing_and_says_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Un")
        outbox = visit.session.memory.outbox.path
        for one in outbox.parent.glob(f"{outbox.name}*"):
            one.unlink()
        outbox.mkdir()
        await show(desk, DepositScreen(visit))
        await desk.user.see("DEPOT-030")
        await desk.user.press("enter")
        await desk.user.see(FILES, "scan.pdf", "ce qui est déjà au DMP n'est pas signalé")
        await desk.user.press("enter")
        await desk.user.see("Document à déposer")

    play(story, tmp_path)


def test_marks_say_nothing_of_anybody_on_the_disk(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "PETIT André.pdf", pdfa("Texte reconnaissable"))
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Titre reconnaissable")
        found = await asyncio.to_thread(visit.find_documents, DocumentQuery())
        assert found.entries

    play(story, tmp_path)
    for file in tmp_path.glob("*.sqlite*"):
        content = file.read_bytes()
        for word in ("PETIT", "reconnaissable", "scan"):
            assert word.encode() not in content

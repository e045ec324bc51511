"""Changes of documents and the link to the Web DMP: the real screens against the real training box."""

import asyncio
from dataclasses import replace
from pathlib import Path

import segno
from deposit_desk import (
    deposit,
    describe,
    dismissed,
    documents,
    fill,
    into_lot,
    scan,
    show,
    sign_and_send,
    visit_of,
)
from deposit_files import pdfa
from desk import Desk, play

from kiosk.code import Code
from kiosk.dmp.deposit import Writer
from kiosk.dmp.document import DocumentEntry, DocumentStatus, Visibility
from kiosk.record.visit import Visit
from kiosk.screens.deposit import DepositScreen
from kiosk.screens.deposited import DepositedScreen
from kiosk.screens.manage import ManageDialog
from kiosk.screens.web_access import WebAccessScreen


async def own_document(
    desk: Desk, tmp_path: Path, title: str = "Le mien", *, moves: int = 0
) -> tuple[Visit, DocumentEntry]:
    """A document the doctor just deposited; `moves` choose its visibility."""
    scan(tmp_path, "scan.pdf", pdfa(title))
    visit = await visit_of(desk)
    assert await deposit(desk, visit, title, moves=moves)
    return visit, (await documents(visit))[title]


async def choose(desk: Desk, visit: Visit, entry: DocumentEntry, label: str) -> list[bool]:
    results = await show(desk, ManageDialog(visit, entry))
    await desk.user.see("Gérer un document", entry.title)
    await desk.choose(label)
    return results


async def confirm(desk: Desk, results: list[bool], said: str) -> None:
    await desk.user.press("o")
    await desk.user.see(said)
    await desk.user.press("enter")
    assert await dismissed(desk, results) is True


def test_3_3_hide_and_unhide_are_confirmed_and_reversible(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        results = await choose(desk, visit, entry, "Masquer aux professionnels")
        await desk.user.see("Masquer aux professionnels ?", "Vous pourrez le démasquer", "O : confirmer")
        assert "TD3.3a" not in await desk.transactions()
        await confirm(desk, results, "Le document est masqué aux professionnels")
        hidden = (await documents(visit))["Le mien"]
        assert hidden.visibility == Visibility(hidden_from_professionals=True)
        assert hidden.unique_id == entry.unique_id
        assert (hidden.title, hidden.description, hidden.type_code) == (
            entry.title,
            entry.description,
            entry.type_code,
        )
        results = await choose(desk, visit, hidden, "Démasquer")
        await desk.user.see("O : confirmer")
        await confirm(desk, results, "de nouveau visible des professionnels")
        assert (await documents(visit))["Le mien"].visibility == Visibility()

    play(story, tmp_path)


def test_escape_from_the_confirmation_asks_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        before = await desk.transactions()
        results = await choose(desk, visit, entry, "Archiver")
        await desk.user.see("O : confirmer")
        await desk.user.press("enter", "escape")
        await desk.user.see("Rien n'a été demandé au DMP.")
        await desk.user.press("f10")
        assert await dismissed(desk, results) is False
        assert await desk.transactions() == before

    play(story, tmp_path)


def test_3_3_060_making_visible_to_the_patient_is_for_ever_and_needs_its_word(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path, moves=2)
        assert entry.visibility == Visibility(invisible_to_patient=True)
        results = await choose(desk, visit, entry, "Rendre visible au patient")
        await desk.user.see("C'EST DÉFINITIF", "tapez VISIBLE")
        await desk.user.type("oui")
        await desk.user.press("enter")
        await desk.user.see("! Ce n'est pas le mot VISIBLE")
        await fill(desk, "word", "visible")
        await desk.user.press("enter")
        await desk.user.see("Le document est visible du patient")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        shown = (await documents(visit))["Le mien"]
        assert shown.visibility == Visibility()
        await show(desk, ManageDialog(visit, shown))
        screen = await desk.user.see("Masquer aux professionnels")
        assert "au patient" not in screen

    play(story, tmp_path)


def test_3_3_120_140_archive_and_unarchive(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        results = await choose(desk, visit, entry, "Archiver")
        await desk.user.see("O : confirmer")
        await confirm(desk, results, "Le document est archivé")
        assert "Le mien" not in await documents(visit)
        archived = (await documents(visit, include_archived=True))["Le mien"]
        assert archived.status is DocumentStatus.ARCHIVED
        results = await choose(desk, visit, archived, "Désarchiver")
        await desk.user.see("O : confirmer")
        await confirm(desk, results, "Le document est désarchivé")
        assert "Le mien" in await documents(visit)

    play(story, tmp_path)


def test_3_3_070_unpublish_needs_its_word_and_lets_the_file_be_deposited_again(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        results = await choose(desk, visit, entry, "Supprimer du DMP")
        await desk.user.see("C'EST DÉFINITIF", "tapez SUPPRIMER")
        await desk.user.type("supprimer")
        await desk.user.press("enter")
        await desk.user.see("Le document n'est plus dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert "Le mien" not in await documents(visit, include_archived=True)
        assert await deposit(desk, visit, "Le mien, encore")
        assert "Le mien, encore" in await documents(visit)

    play(story, tmp_path)


def test_2_1_140_a_new_version_replaces_and_cannot_hide_what_was_shown(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        results = await choose(desk, visit, entry, "Remplacer par une nouvelle version")
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        screen = await desk.user.see("Nouvelle version de « Le mien »", "Titre * [Le mien", "[tous]")
        assert "pas encore le patient" not in screen
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Rien ne change", "DEPOT-020")
        await desk.user.press("escape", "enter")
        await desk.user.see("Document à déposer")
        await fill(desk, "title-text", "Le mien, corrigé")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        now = await documents(visit, include_obsolete=True)
        assert now["Le mien, corrigé"].status is DocumentStatus.CURRENT
        assert now["Le mien"].status is DocumentStatus.OBSOLETE
        (request,) = (await desk.requests("TD2.1"))[1:]
        assert b"urn:ihe:iti:2007:AssociationType:RPLC" in request

    play(story, tmp_path)


def test_a_document_of_somebody_else_is_neither_replaced_nor_deleted_by_an_other_profession(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-pharmacie", card="cps-pharmacien")
        foreign = [
            entry
            for entry in (await documents(visit)).values()
            if all(author.national_id != "899700000031" for author in entry.authors) and not entry.by_patient
        ]
        entry = foreign[0]
        before = await desk.transactions()
        await show(desk, ManageDialog(visit, entry))
        await desk.user.see("Remplacer par une nouvelle version — pourquoi ?", "Supprimer du DMP")
        await desk.user.press("1")
        await desk.user.see("Pourquoi ?", "seul un auteur remplace")
        await desk.user.press("escape")
        for label in ("Archiver", "Supprimer du DMP"):
            await desk.choose(label)
            await desk.user.see("Pourquoi ?", "s'il en est l'auteur")
            await desk.user.press("escape")
        assert await desk.transactions() == before

    play(story, tmp_path)


def test_the_rules_of_the_patients_documents(tmp_path: Path) -> None:
    """André PETIT's treating doctor may archive what the patient deposited; nobody replaces it."""

    async def story(desk: Desk) -> None:
        visit = await visit_of(desk)
        entry = next(entry for entry in (await documents(visit)).values() if entry.by_patient)
        await show(desk, ManageDialog(visit, entry))
        screen = await desk.user.see("Remplacer par une nouvelle version — pourquoi ?")
        assert visit.status.treating_doctor == ("Archiver — pourquoi ?" not in screen)

    play(story, tmp_path)


def test_a_lost_answer_to_a_change_sends_back_to_the_list(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, entry = await own_document(desk, tmp_path)
        results = await choose(desk, visit, entry, "Archiver")
        await desk.user.see("O : confirmer")
        await desk.dmp(do="fault", kind="slow", seconds=0)  # the question before the change
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.press("o")
        await desk.user.see("La borne ne sait pas si c'est fait")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        archived = (await documents(visit, include_archived=True))["Le mien"]
        assert archived.status is DocumentStatus.ARCHIVED

    play(story, tmp_path)


def modules(screen: str, width: int) -> list[list[bool]]:
    """The dark modules of the code on the left of the screen, without its light frame."""
    rows = []
    for line in screen.splitlines():
        cells = line[:width].ljust(width)
        rows += [[cell in dark for cell in cells] for dark in ("▀█", "▄█")]
    down = [n for n, row in enumerate(rows) if any(row)]
    across = [n for n in range(width) if any(row[n] for row in rows)]
    return [row[across[0] : across[-1] + 1] for row in rows[down[0] : down[-1] + 1]]


def test_0_9_040_the_web_dmp_is_a_link_for_another_device(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk)
        await show(desk, WebAccessScreen(visit))
        await desk.user.see("depuis un autre appareil", "Mon tableau de bord")
        await desk.user.press("2")
        screen = await desk.user.see("Ses documents", "Entrée : fermer")
        expected = (
            "https://web-ps.exemple-dmp.example.org/AccesDirect/Documents/"
            f"{visit.patient.extension}/{visit.patient.root}"
        )
        column = next(line.index("https") for line in screen.splitlines() if "https" in line)
        assert expected in "".join(line[column:].strip() for line in screen.splitlines())
        assert modules(screen, column) == [
            list(map(bool, row)) for row in segno.make(expected, error="l", boost_error=False).matrix
        ]
        rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
        assert [row.entry.reference for row in rows if row.entry.act == "TD0.9"] == ["Documents"]

    play(story, tmp_path)


def test_without_an_address_in_the_settings_no_link_is_offered(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk)
        app = desk.user.app
        app.station = replace(app.station, web_url="")
        await show(desk, WebAccessScreen(visit))
        await desk.user.see("Ce poste n'offre pas de lien", "[dmp] web_url")

    play(story, tmp_path)


def test_3_3_540_an_employee_unpublishes_what_he_deposited_without_a_right_to_consult(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk, card="cpe-cabinet")
        visit.session.memory.deposits.remember_writer(visit.session.actor.national_id, GIRAUD)
        results = await show(desk, DepositScreen(visit))
        await desk.choose("GIRAUD CAMILLE")
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Du secrétariat")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        scan(tmp_path, "autre.txt", b"Autre document")
        await show(desk, DepositedScreen(visit))
        screen = await desk.user.see("Dépôts faits par vous", "1 document")
        assert "Du secrétariat" not in screen
        await desk.user.press("delete")
        await desk.user.see("tapez SUPPRIMER")
        await desk.user.type("SUPPRIMER")
        await desk.user.press("enter")
        await desk.user.see("Le document n'est plus dans le DMP")
        await desk.user.press("enter")
        await desk.user.see("Aucun dépôt de votre part")
        assert "TD3.3c" in await desk.transactions()
        assert "TD3.1" not in await desk.transactions()

    play(story, tmp_path)


GIRAUD = Writer(
    "899700000021",
    "GIRAUD",
    "CAMILLE",
    Code("G15_10/SM26", "1.2.250.1.213.1.1.4.5", "Médecin - Qualifié en médecine générale (SM)"),
    "499700000001001",
    "CABINET MEDICAL DES ACACIAS",
)

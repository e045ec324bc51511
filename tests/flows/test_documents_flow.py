"""Documents found and read: the list, its filters, the reader, curves and paper — screens against the real box."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path

import pypdfium2
import pytest
from access_steps import acts, agree, break_glass, open_first
from desk import Desk, play

from kiosk.dmp.document import DocumentEntry
from kiosk.journal import Entry
from kiosk.memory.last_visits import LastVisitStore
from kiosk.screens.document_rows import DocumentRows
from kiosk.screens.documents import DocumentsScreen
from kiosk.screens.text_pane import TextPane

ANDRE = "1551199999031"
BIOLOGY = "CR d'examens biologiques"


async def open_list(desk: Desk, card: str = "cps-medecin", vitale: str = "vitale-suivi") -> None:
    """Logged in, record open, the patient's word where it is missing, the whole list received."""
    await desk.log_in(card)
    screen = await open_first(desk, vitale)
    await desk.user.press("1")
    if "avec l'accord du patient" in screen:
        await agree(desk)
    await complete(desk)


async def complete(desk: Desk) -> None:
    """The list on the screen is all there."""
    await desk.user.see("Documents — DMP", "document(s)")

    def arrived() -> bool:
        screen = desk.user.app.screen
        return isinstance(screen, DocumentsScreen) and not screen.searching and bool(rows(desk).items)

    await desk.user.until(arrived, what="the whole list")


def rows(desk: Desk) -> DocumentRows:
    return desk.user.app.screen.query_one(DocumentRows)


def listed(desk: Desk) -> list[str]:
    return [entry.title for entry in rows(desk).items]


async def choose(desk: Desk, title: str) -> DocumentEntry:
    """Put the cursor on a document by its title."""
    items = list(rows(desk).items)
    rows(desk).cursor = next(n for n, entry in enumerate(items) if entry.title == title)
    return items[rows(desk).cursor]


async def read(desk: Desk, title: str, *expected: str) -> str:
    """Open one document of the list."""
    await choose(desk, title)
    await desk.user.press("enter")
    return await desk.user.see("Document — DMP · Mon espace santé", *expected)


async def entries_of(desk: Desk, act: str) -> list[Entry]:
    found = await asyncio.to_thread(lambda: [row.entry for row in desk.journal.rows()])
    return [entry for entry in found if entry.act == act]


def test_a_pharmacist_reads_the_last_biology_report_with_two_keys(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-pharmacien")
        await desk.user.press("a", "enter")
        screen = await desk.user.see(BIOLOGY, "Résultats anormaux", "Hémoglobine glyquée", "ÉLEVÉ")
        assert "09/06/2025" in screen

    play(story, tmp_path)


def test_one_search_fills_the_list_and_nothing_else_asks(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        sent = await desk.transactions()
        assert sent.count("TD3.1") == 1
        whole = len(listed(desk))
        for key in "striapce":
            await desk.user.press(key)
            assert 0 < len(listed(desk)) < whole, key
        await desk.user.press("0", "f3", "f3", "f3", "f3", "slash")
        await desk.user.type("oeuf echographie")
        await desk.user.see(f"0 sur {whole}")
        await desk.user.press("escape")
        await desk.user.see(f"· {whole} document(s)")
        assert await desk.transactions() == sent

    play(story, tmp_path)


def test_words_are_found_without_accents_and_the_found_one_opens(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f")
        await desk.user.type("echographie cardiaque")
        await desk.user.see("1 sur")
        await desk.user.press("enter")
        await desk.user.see("Échographie cardiaque", "CR d'imagerie médicale")

    play(story, tmp_path)


def test_a_line_says_who_made_it_and_what_is_particular(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await choose(desk, "Mes glycémies de l'été")
        screen = await desk.user.see("Fait par le patient")
        line = next(line for line in screen.splitlines() if line.startswith(" > "))
        assert line.startswith(" > PATIENT 01/09/2025 Mes glycémies de l'été")
        await choose(desk, "Certificat confidentiel")
        await desk.user.see("non visible par les représentants légaux", "GIRAUD CAMILLE (Médecin")
        await choose(desk, "Document d'un type inconnu")
        await desk.user.see("99999-0")
        screen = desk.user.screen()
        assert "\x1b" not in screen
        assert all(len(line) <= 80 for line in screen.splitlines())

    play(story, tmp_path)


def test_titles_cannot_draw_anything_but_themselves(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f")
        await desk.user.type("novak 04/01/2021")
        screen = await desk.user.see("[red]Bilan[/red]", "検査結果", "(sans titre)")
        assert not {"\x1b", "\x9b", "\u202e"} & set(screen)

    play(story, tmp_path)


def test_what_a_profession_may_not_see_is_explained(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-pharmacien")
        await desk.user.see("types fermés à votre profession (H)")
        await desk.user.press("h")
        await desk.user.see("Types non ouverts à votre profession", "Le DMP ne montre pas ces documents")
        await desk.user.press("f10")
        await desk.user.see("types fermés à votre profession")

    play(story, tmp_path)


def test_asking_again_tests_the_existence_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        before = await desk.transactions()
        first = rows(desk).items[0]
        await desk.user.press("f5")
        await desk.user.until(
            lambda: bool(rows(desk).items) and rows(desk).items[0] is not first, what="another list"
        )
        await complete(desk)
        assert (await desk.transactions())[len(before) :] == ["TD0.2", "TD3.1"]

    play(story, tmp_path)


def test_a_record_closed_meanwhile_is_not_asked_and_the_hub_says_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.dmp(do="record", nir13=ANDRE, state="terminated")
        before = (await desk.transactions()).count("TD3.1")
        await desk.user.press("f5")
        await desk.user.see("Dossier du patient", "DMP fermé")
        assert (await desk.transactions()).count("TD3.1") == before

    play(story, tmp_path)


def test_too_many_searches_leave_the_user_where_he_is(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.dmp(do="threshold", searches=0)
        await desk.user.press("f5")
        await desk.user.see("DMPAccessDeniedByExcededThreshold")
        await desk.user.press("enter")
        await desk.user.see("Documents — DMP", "Document du futur")

    play(story, tmp_path)


@pytest.mark.parametrize(("quick", "doing"), [(0, "Test d'existence"), (1, "Recherche des documents")])
def test_escape_gives_up_what_lasts_and_the_former_list_stays(tmp_path: Path, quick: int, doing: str) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        if quick:
            await desk.dmp(do="fault", kind="slow", seconds=0.01)
        await desk.dmp(do="fault", kind="slow", seconds=30)
        await desk.user.press("f5")
        await desk.user.see(doing)
        await desk.user.press("escape")
        await desk.user.see("Opération abandonnée à votre demande")
        await desk.user.press("enter")
        await desk.user.see("92 document(s)", "Document du futur")

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("title", "warned"),
    [
        ("Résultat à annoncer en consultation", "ce document n'est pas visible du patient"),
        (
            "Certificat confidentiel",
            "pas visible des représentants légaux",
        ),
    ],
)
def test_3_2_020_and_060_a_hidden_document_warns_before_it_is_asked(
    tmp_path: Path, title: str, warned: str
) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await choose(desk, title)
        await desk.user.press("enter")
        await desk.user.see("Attention, ce document", warned)
        assert "TD3.2" not in await desk.transactions()
        await desk.user.press("n")
        await desk.user.see("document(s)")
        await desk.user.press("enter")
        await desk.user.see(warned)
        await desk.user.press("o")
        await desk.user.see("Document — DMP", title)
        assert (await desk.transactions()).count("TD3.2") == 1

    play(story, tmp_path)


def test_every_opening_is_in_the_journal_with_the_document_and_without_its_title(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        entry = await choose(desk, "Délivrance en pharmacie")
        await desk.user.press("enter")
        await desk.user.see("Document — DMP", "Délivrance en pharmacie", "DA COSTA INES")
        traced = await entries_of(desk, "TD3.2")
        assert [(one.phase, one.reference) for one in traced] == [
            ("intent", entry.unique_id),
            ("outcome", entry.unique_id),
        ]
        assert "pharmacie" not in repr(traced)

    play(story, tmp_path)


READ = [
    ("Consultation : toux fébrile", "Auscultation claire"),
    ("Consultation : douleur du genou", "Gonarthrose droite"),
    ("Lettre de liaison : pneumopathie", "Amoxicilline contre-indiquée"),
    ("Volet de synthèse médicale", "ALLERGIES"),
    ("Historique des vaccinations", "Vaccin"),
    ("Mes glycémies de l'été", "DOCUMENT DU PATIENT"),
    ("Volontés et droits du patient", "DOCUMENT DU PATIENT"),
    ("Photographie de la plaie du pied", "ce document est une image"),
    ("Dossier papier numérisé", "image"),
]


def test_every_format_is_read_here(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        for title, words in READ:
            await read(desk, title, words)
            await desk.user.press("f10")
            await desk.user.see("document(s)")

    play(story, tmp_path)


BAD = [
    ("PDF abîmé", "n'a pas pu être lu"),
    ("Bombe XML", "Ce document n'a pas pu être affiché"),
    ("Entité externe", "Ce document n'a pas pu être affiché"),
    ("Ceci n'est pas un CDA", "Ce document n'a pas pu être affiché"),
    ("CDA sans corps", "n'a pas de corps"),
]


def test_a_document_that_cannot_be_read_costs_one_message(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        for title, words in BAD:
            await read(desk, title, words)
            await desk.user.press("f10")
            await desk.user.see("document(s)")
        await choose(desk, "Document d'une autre empreinte")
        await desk.user.press("enter")
        await desk.user.see("Le document reçu n'est pas celui qui a été déposé")
        await desk.user.press("enter")
        await desk.user.see("document(s)")
        await read(desk, "Consultation : toux fébrile", "Auscultation claire")

    play(story, tmp_path)


def test_the_next_document_and_the_one_before(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("a", "enter")
        await desk.user.see("1/14", "09/06/2025", "Résultats")
        await desk.user.press("left")
        await desk.user.see("C'est le premier.")
        await desk.user.press("right")
        await desk.user.see("2/14", "Bilan sanguin du 10/03/2025")
        await desk.user.press("f10")
        await desk.user.see("14 sur")
        chosen = rows(desk).chosen
        assert chosen is not None
        assert chosen.title == "Bilan sanguin du 10/03/2025"

    play(story, tmp_path)


def test_words_inside_the_text_are_found_and_shown(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Lettre de liaison : pneumopathie", "Évolution favorable")
        await desk.user.press("slash")
        await desk.user.type("evolution")
        await desk.user.press("enter")
        await desk.user.see("Trouvé 1 sur 1")
        assert desk.user.app.screen.query_one(TextPane).hits == 1
        await desk.user.press("slash")
        await desk.user.type("introuvable")
        await desk.user.press("enter")
        await desk.user.see("Ces mots ne sont pas dans le document.")

    play(story, tmp_path)


def test_the_header_and_the_card_of_the_dmp_unfold(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        screen = await read(desk, "Consultation : toux fébrile", "Auscultation claire")
        assert "Fiche du DMP" not in screen
        await desk.user.press("e")
        await desk.user.see("Fiche du DMP", "En-tête du document", "heure locale")
        await desk.user.press("e")
        await desk.user.until(lambda: "Fiche du DMP" not in desk.user.screen(), what="the header folds")

    play(story, tmp_path)


def test_an_older_version_is_one_key_away(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Volet de synthèse médicale", "ALLERGIES")
        await desk.user.press("v")
        await desk.user.see("Versions de ce document", "obsolète")
        await desk.user.press("down", "enter")
        await desk.user.see("ancienne version obsolète", "10/06/2024")

    play(story, tmp_path)


def test_curves_gather_the_other_reports_only_when_told_to(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("a", "enter")
        await desk.user.see("Résultats anormaux")
        await desk.user.press("c")
        await desk.user.see("12 autre(s) compte(s) rendu(s)", "O : ouvrir les 12")
        assert (await desk.transactions()).count("TD3.2") == 1
        await desk.user.press("o")
        await desk.user.see("Courbes de biologie", "Examen 1 sur", within=60)
        assert (await desk.transactions()).count("TD3.2") == 13
        screen = desk.user.screen()
        assert "●" in screen or "o" in screen
        await desk.user.press("right")
        await desk.user.see("Examen 2 sur")

    play(story, tmp_path)


def test_a_page_is_drawn_and_brought_nearer(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Photographie de la plaie du pied", "image")
        await desk.user.press("i")
        await desk.user.see("Image de la page", "1 sur 1")
        assert any(block in desk.user.screen() for block in "▀▄█")
        await desk.user.press("plus")
        await desk.user.see("agrandie 2 fois")
        await desk.user.press("escape")
        await desk.user.see("Document — DMP")

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("Consultation : toux fébrile", "Auscultation claire"),
        ("Lettre de liaison : pneumopathie", ""),
        ("Mes glycémies de l'été", "DOCUMENT DU PATIENT · Mes"),
    ],
)
def test_a_printed_document_is_marked_and_traced(tmp_path: Path, title: str, words: str) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        entry = await choose(desk, title)
        await desk.user.press("enter")
        await desk.user.see("Document — DMP", "F7 Imprimer")
        await desk.user.press("f7")
        await desk.user.see("Imprimer ce document ?")
        await desk.user.press("o")
        await desk.user.see("L'imprimante dit que les feuilles sont sorties")
        (sheet,) = desk.sheets()
        pdf = pypdfium2.PdfDocument(sheet.read_bytes())
        pages = [page.get_textpage().get_text_range() for page in pdf]
        assert all("Copie d'un document du DMP" in page and "PETIT ANDRE" in page for page in pages)
        assert all("GIRAUD CAMILLE" in page and f"sur {len(pages)}" in page for page in pages)
        assert words in pages[0]
        traced = await entries_of(desk, "PRINT")
        assert [(one.phase, one.reference, one.result) for one in traced] == [
            ("intent", entry.unique_id, ""),
            ("outcome", entry.unique_id, "completed"),
        ]

    play(story, tmp_path)


def test_criteria_archived_obsolete_type_and_author(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        before = set(listed(desk))
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents", "Avec les documents archivés")
        await desk.user.press("f5")
        await complete(desk)
        for key, words in (("archived", "avec archivés"), ("obsolete", "avec anciennes versions")):
            await desk.user.press("f2")
            await desk.user.see("Chercher des documents")
            desk.user.app.screen.query_one(f"#{key}").focus()
            await desk.user.press("space", "f5")
            await desk.user.see(words)
            await complete(desk)
        assert set(listed(desk)) >= before
        assert {entry.status.name for entry in rows(desk).items} == {"CURRENT", "ARCHIVED", "OBSOLETE"}
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents")
        await desk.user.type("examens biologiques")
        await desk.user.press("enter", "f5")
        await desk.user.see(f"critères : {BIOLOGY}")
        await complete(desk)
        assert {entry.type_code.code for entry in rows(desk).items} == {"11502-2"}
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents")
        await desk.user.press("f8")
        await complete(desk)
        await desk.user.press("f2")
        await desk.user.see("Chercher des documents")
        desk.user.app.screen.query_one("#author").focus()
        await desk.user.type("lefevre")
        await desk.user.press("f5")
        await desk.user.see("auteur « lefevre »")
        await complete(desk)
        assert {entry.authors[0].family_name for entry in rows(desk).items} == {"LEFÈVRE"}

    play(story, tmp_path)


def test_3_1_400_what_came_since_the_last_visit_stands_first_and_can_be_asked_alone(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        visit = desk.session.visit
        assert visit is not None
        before = datetime(2025, 8, 1, tzinfo=UTC)
        store = LastVisitStore(tmp_path / "last_visits.sqlite", bytes(32))
        store.record(desk.session.actor.national_id, visit.patient.extension, before)
        await desk.user.press("1")
        await complete(desk)
        screen = await desk.user.see("nouv. PS 15/09/2025")
        assert "nouv. " in next(line for line in screen.splitlines() if line.startswith(" > "))
        old = [entry.title for entry in rows(desk).items if entry.created and entry.created < before]
        assert listed(desk)[-len(old) :] == old, "everything new stands above everything else"
        await desk.user.press("f2")
        await desk.user.see("depuis ma visite (01/08/2025)")
        desk.user.app.screen.query_one("#deposit").focus()
        await desk.user.press("right", "f5")
        await desk.user.see("critères : déposé depuis le 01/08/2025")
        await complete(desk)
        assert all(entry.submitted and entry.submitted >= before for entry in rows(desk).items)

    play(story, tmp_path)
    kept = (tmp_path / "last_visits.sqlite").read_bytes()
    assert b"PETIT" not in kept
    assert ANDRE.encode() not in kept


def test_thousands_of_documents_arrive_while_the_keys_live(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.dmp(do="documents", count=4_000, patient=ANDRE)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.user.press("1")
        await desk.user.see("Documents — DMP", "> PS")
        screen = desk.user.app.screen
        assert isinstance(screen, DocumentsScreen)
        assert screen.searching, "the first screenful comes before the end"
        before = rows(desk).cursor
        await desk.user.press("down")
        here = rows(desk).chosen
        assert rows(desk).cursor > before
        await complete(desk)
        assert len(listed(desk)) > 4_000
        assert rows(desk).chosen is here, "the cursor stays on its document while others arrive above it"

    play(story, tmp_path)


def test_f4_manages_the_document_under_the_cursor(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await choose(desk, "Consultation : toux fébrile")
        await desk.user.press("f4")
        await desk.user.see("Gérer un document", "Consultation : toux fébrile")
        await desk.user.press("f10")
        await desk.user.see("92 document(s)")

    play(story, tmp_path)


def test_the_card_taken_out_while_reading_ends_everything(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Consultation : toux fébrile", "Auscultation claire")
        await desk.remove("cps-medecin")
        await desk.user.gone()

    play(story, tmp_path)


def test_a_break_glass_that_ends_closes_what_is_being_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await complete(desk)
        await desk.user.press("enter")
        await desk.user.see("Document — DMP", "BRIS DE GLACE")
        await desk.user.until(lambda: not desk.user.app.screen.busy, what="the document")
        desk.pass_time(31 * 60)
        await desk.user.see("L'accès en bris de glace est terminé")
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)")
        assert ("TD3.2", "outcome") in await acts(desk)

    play(story, tmp_path)


def test_nothing_of_a_document_is_left_on_the_disk(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Consultation : toux fébrile", "Auscultation claire")

    play(story, tmp_path)
    for file in tmp_path.rglob("*"):
        if file.is_file():
            assert b"Auscultation" not in file.read_bytes()
            assert b"Consultation : toux" not in file.read_bytes()

"""TD3.2: every kind of document of the book opened and read here, its warning first where it has one."""

import asyncio
from pathlib import Path

import pytest
from access_steps import of_today, values
from desk import Desk, play
from document_steps import (
    LIST,
    READER,
    catalogue,
    complete,
    open_list,
    point,
    read,
    search,
)
from lxml import etree

from kiosk.rendering.layout import lines, text_of
from kiosk.screens.reader import ReaderScreen
from kiosk.training.documents.draft import Draft

ANDRE, YVONNE, NINO = "1551199999031", "2420799999291", 3
REQUEST = "//*[local-name()='DocumentRequest']/*[local-name()='{}']/text()"


def of_the_catalogue(title: str, nir13: str = ANDRE, status: str = "approved") -> Draft:
    [draft] = [one for one in catalogue(nir13) if (one.title, one.status) == (title, status)]
    return draft


async def asked_for(desk: Desk, draft: Draft) -> None:
    """The last TD3.2 names this document and no other, in its repository, and stands in the journal."""
    request = (await desk.requests("TD3.2"))[-1]
    assert values(request, REQUEST.format("DocumentUniqueId")) == [draft.unique_id]
    assert len(values(request, REQUEST.format("RepositoryUniqueId"))) == 1
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    traced = [row.entry for row in rows if row.entry.act == "TD3.2"]
    assert [(one.phase, one.reference) for one in traced][-2:] == [
        ("intent", draft.unique_id),
        ("outcome", draft.unique_id),
    ]


def whole_text(desk: Desk) -> str:
    """All that is read of the open document, the lines below the screen too."""
    screen = desk.user.app.screen
    assert isinstance(screen, ReaderScreen)
    assert screen._open is not None
    assert screen._open.rendered is not None
    return "\n".join(text_of(line) for line in lines(screen._open.rendered, 80))


async def warned(desk: Desk, title: str, *words: str) -> None:
    """The warning comes before anything is asked; no is no, yes opens."""
    await point(desk, title)
    await desk.user.press("enter")
    await desk.user.see(*words)
    assert "TD3.2" not in await desk.transactions()
    await desk.user.press("n")
    await desk.user.see("document(s)")
    assert "TD3.2" not in await desk.transactions()
    await desk.user.press("enter")
    await desk.user.see(*words)
    await desk.user.press("o")
    await desk.user.see(READER, title)


def test_3_2_010_a_tiff(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Dossier papier numérisé", "image")
        await asked_for(desk, of_the_catalogue("Dossier papier numérisé"))
        await desk.user.press("i")
        await desk.user.see("Image de la page", "1 sur 3")  # the catalogue drew three pages
        await desk.user.press("escape")
        await desk.user.see(READER)

    play(story, tmp_path)


def test_3_2_020_a_text_the_patient_does_not_see_yet(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        title = "Résultat à annoncer en consultation"
        await warned(desk, title, "Attention, ce document n'est pas visible du patient.")
        await desk.user.see("Nodule pulmonaire de 11 mm")
        await asked_for(desk, of_the_catalogue(title))

    play(story, tmp_path)


def test_3_2_030_an_archived_rtf(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, archived="x")
        await read(desk, "Consultation de 2015", "Entorse bénigne.", "archivé")
        await asked_for(desk, of_the_catalogue("Consultation de 2015", status="archived"))

    play(story, tmp_path)


def test_3_2_040_an_older_version(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, obsolete="x")
        await read(desk, "Certificat d'aptitude", "Apte à la randonnée.", "ancienne version obsolète")
        await asked_for(desk, of_the_catalogue("Certificat d'aptitude", status="deprecated"))

    play(story, tmp_path)


def test_3_2_060_what_legal_representatives_do_not_see(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await warned(
            desk,
            "Certificat confidentiel",
            "Attention, ce document n'est pas visible des représentants légaux pour",
            "préserver le secret du mineur titulaire du DMP.",
        )
        await desk.user.see("Ne pas communiquer aux proches.")
        await asked_for(desk, of_the_catalogue("Certificat confidentiel"))

    play(story, tmp_path)


def test_3_2_150_a_treating_doctor_opens_what_another_hid(tmp_path: Path) -> None:
    title = "Photographie d'une lésion cutanée"
    draft = of_the_catalogue(title)
    assert draft.restrictions == ("MASQUE_PS",)
    assert draft.author.national_id != "899700000021"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, title)
        await desk.user.see("masqué aux professionnels")
        await read(desk, title, "image")
        await asked_for(desk, draft)
        await desk.user.press("i")
        await desk.user.see("Image de la page", "1 sur 1")

    play(story, tmp_path)


def test_3_2_150_nobody_else_is_shown_it(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste")
        await desk.user.press("slash")
        await desk.user.type("lésion cutanée")
        await desk.user.see("0 sur")

    play(story, tmp_path)


def test_3_2_400_a_structured_certificate_of_a_child(tmp_path: Path) -> None:
    """Header and body, laid out here: the document brings no style sheet."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press(str(NINO + 1))
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("n")
        await desk.choose("Documents du DMP")
        await complete(desk)
        await read(desk, "Certificat de santé du 8e jour", "Mensurations", "3 420 g")
        assert "Dépistage auditif fait." in whole_text(desk)
        await desk.user.press("e")
        await desk.user.see("En-tête du document", "VALLON")

    play(story, tmp_path)


def test_3_2_410_a_structured_biology_report(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("a", "enter")
        await desk.user.see("CR d'examens biologiques")
        text = whole_text(desk)
        [last] = sorted(
            (one for one in catalogue(ANDRE) if one.kind.type_code == "11502-2"), key=lambda one: one.written
        )[-1:]
        for words in ("Hémoglobine glyquée (HbA1c)", "Créatinine (plasma)", "umol/L"):
            assert words.encode() in last.content
            assert words in text
        await asked_for(desk, last)

    play(story, tmp_path)


def test_3_2_420_the_same_with_its_own_style_sheet(tmp_path: Path) -> None:
    """Read without any sheet, its own or another: what a document brings is never run."""
    title = "Bilan d'entrée (auto-présentable)"

    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste", "vitale-hopital")
        await read(desk, title, "CR d'examens biologiques")
        text = whole_text(desk)
        assert "Hémoglobine glyquée (HbA1c)" in text
        assert "FEUILLE DE STYLE" not in text
        await asked_for(desk, of_the_catalogue(title, YVONNE))

    play(story, tmp_path)


def test_3_2_500_the_patient_s_wishes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Volontés et droits du patient", "DOCUMENT DU PATIENT")
        text = whole_text(desk)
        assert "Personne de confiance : Jeanne PETIT" in text
        assert "Personne à prévenir" in text

    play(story, tmp_path)


def test_3_2_510_what_the_patient_wrote_is_told_apart(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, "Mes glycémies de l'été")
        await desk.user.see("> PATIENT 01/09/2025 Mes glycémies", "Fait par le patient")
        await desk.user.press("enter")
        screen = await desk.user.see(
            "PATIENT · Mes glycémies de l'été", "DOCUMENT DU PATIENT", "1er août : 1,38"
        )
        assert "Fait par un professionnel" not in screen
        assert of_the_catalogue("Mes glycémies de l'été").author.specialty == "PATIENT"

    play(story, tmp_path)


def test_3_2_550_the_history_of_vaccinations_has_a_repository_of_its_own(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, "Historique des vaccinations", "Vaccin", "REVAXIS")
        await asked_for(desk, of_the_catalogue("Historique des vaccinations"))
        request = (await desk.requests("TD3.2"))[-1]
        assert values(request, REQUEST.format("RepositoryUniqueId")) == ["1.2.250.1.213.4.1.1.1.4"]

    play(story, tmp_path)


def test_3_2_551_the_history_of_reimbursements(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        draft = of_the_catalogue("Données de remboursement")
        await read(desk, draft.title, "Données de remboursement")
        await asked_for(desk, draft)
        text = whole_text(desk)
        cells = etree.fromstring(draft.content).xpath("//*[local-name()='td']/text()")
        assert cells
        assert all(cell in text for cell in cells)

    play(story, tmp_path)


def test_3_2_800_a_reference_of_images_says_what_it_is(tmp_path: Path) -> None:
    """No viewer here: the kiosk says where the images are seen."""
    title = "Images du scanner thoracique"

    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste", "vitale-hopital")
        await read(desk, title, "référence d'imagerie (DICOM)", "il ne les contient pas", "visionneuse DICOM")
        await asked_for(desk, of_the_catalogue(title, YVONNE))

    play(story, tmp_path)


# --- a case the book has withdrawn --------------------------------------------------------------------------------


def test_3_2_070_a_document_filed_under_an_older_identifier(tmp_path: Path) -> None:
    """The service of today knows the patient by INS; the document says INS-C."""
    title = "Délivrance en pharmacie"

    async def story(desk: Desk) -> None:
        of_today(desk)
        await open_list(desk)
        await read(desk, title, "METFORMINE")
        sent = (await desk.requests("TD3.2"))[-1]
        [resource] = values(
            sent,
            "//saml:Attribute[@Name='urn:oasis:names:tc:xacml:2.0:resource:resource-id']/saml:AttributeValue/text()",
        )
        assert resource.startswith(ANDRE)
        assert b"INS-C" not in sent

    play(story, tmp_path)


# --- bad documents ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("PDF qui n'en est pas un", "Contenu lisible malgré son étiquette."),
        ("PDF abîmé", "n'a pas pu être lu"),
        ("Bombe XML", "Ce document n'a pas pu être affiché"),
        ("Document tronqué", "Ce document n'a pas pu être affiché"),
    ],
)
def test_3_2_010_a_document_that_is_not_what_it_says_costs_no_more_than_itself(
    title: str, words: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await read(desk, title, words)
        await desk.user.press("f10")
        await desk.user.see("document(s)")
        await read(desk, "Consultation : toux fébrile", "Auscultation claire")

    play(story, tmp_path)


def test_3_2_010_another_hash_than_the_registry_s_is_no_document(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, "Document d'une autre empreinte")
        await desk.user.press("enter")
        await desk.user.see("Le document reçu n'est pas celui qui a été déposé", "À faire")
        await desk.user.press("enter")
        screen = await desk.user.see(LIST)
        assert "Contenu lisible" not in screen

    play(story, tmp_path)


@pytest.mark.parametrize("kind", ["cut", "garbage", "html-503", "huge"])
def test_3_2_010_a_service_that_breaks_leaves_the_list(kind: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, "Consultation : toux fébrile")
        await desk.dmp(do="fault", kind=kind)
        await desk.user.press("enter")
        await desk.user.see("Cause probable", "À faire", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see(LIST)
        await desk.user.press("enter")
        await desk.user.see(READER, "Auscultation claire")

    play(story, tmp_path)


def test_3_2_010_a_connection_that_died_is_made_again_without_a_word(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.dmp(do="fault", kind="cut-before")
        await read(desk, "Consultation : toux fébrile", "Auscultation claire")

    play(story, tmp_path)


def test_3_2_010_the_card_taken_out_while_a_document_comes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await point(desk, "Consultation : toux fébrile")
        await desk.dmp(do="fault", kind="slow", seconds=20)
        await desk.user.press("enter")
        await desk.user.see("Ouverture du document")
        await desk.remove("cps-medecin")
        await desk.user.gone()

    play(story, tmp_path)

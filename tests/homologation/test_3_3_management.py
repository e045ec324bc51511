"""TD3.3: hide, show, archive, unpublish — through the screens, with a look at what went over the wire."""

import asyncio
from pathlib import Path

import pytest
from access_steps import open_first, outcomes, values
from deposit_steps import DEPOSIT, FILES, deposit_through_hub, last_lot
from desk import Desk, play
from document_steps import (
    GET_DOCUMENTS,
    LIST,
    catalogue,
    complete,
    confirm,
    entry_of,
    last_query,
    listed,
    manage,
    open_list,
    point,
    search,
    titles,
)
from wire import envelope_of

from kiosk.dmp.document import DocumentStatus, Visibility

ANDRE = "1551199999031"
ENTRY = "//*[local-name()='ExtrinsicObject']"
CONFIDENTIALITY = (
    f"{ENTRY}/*[local-name()='Classification']"
    "[@classificationScheme='urn:uuid:f4f85eac-e6cb-4883-b524-f2705394840f']/@nodeRepresentation"
)
STATUS_CHANGE = "//*[local-name()='Association'][contains(@associationType, 'UpdateAvailabilityStatus')]"
NEW_STATUS = f"{STATUS_CHANGE}/*[local-name()='Slot'][@name='NewStatus']//*[local-name()='Value']/text()"
DELETED, ARCHIVED, APPROVED = (
    "urn:asip:ci-sis:2010:StatusType:Deleted",
    "urn:asip:ci-sis:2010:StatusType:Archived",
    "urn:oasis:names:tc:ebxml-regrep:StatusType:Approved",
)


async def last_change(desk: Desk) -> bytes:
    return (await desk.requests("TD3.3"))[-1]


async def journal(desk: Desk, act: str) -> list[tuple[str, str, str]]:
    """(phase, result, reference) of an act."""
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [(r.entry.phase, r.entry.result, r.entry.reference) for r in rows if r.entry.act == act]


def hidden(title: str) -> str:
    """The restriction the catalogue put on a document."""
    [draft] = [one for one in catalogue(ANDRE) if one.title == title]
    [code] = draft.restrictions
    return code


# --- visibility ---------------------------------------------------------------------------------------------------


def test_3_3_050_the_treating_doctor_shows_again_what_another_hid(tmp_path: Path) -> None:
    title = "Consultation spécialisée"
    assert hidden(title) == "MASQUE_PS"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        entry = await manage(desk, title, "Démasquer")
        await desk.user.see("Tous les professionnels autorisés")
        await confirm(desk, "de nouveau visible des professionnels")
        assert entry_of(desk, title).visibility == Visibility()
        request = await last_change(desk)
        assert "MASQUE_PS" not in values(request, CONFIDENTIALITY)
        assert "N" in values(request, CONFIDENTIALITY)
        assert await outcomes(desk, "TD3.3a") == ["ok"]
        assert [phase for phase, _, _ in await journal(desk, "TD3.3a")] == ["intent", "outcome"]
        assert {reference for _, _, reference in await journal(desk, "TD3.3a")} == {entry.unique_id}

    play(story, tmp_path)


def test_3_3_050_the_rest_of_the_description_is_carried_over(tmp_path: Path) -> None:
    """Only the confidentiality may differ between what the registry gave and what is sent back."""
    title = "Consultation spécialisée"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, title, "Démasquer")
        await confirm(desk, "de nouveau visible des professionnels")
        [sent] = envelope_of(await last_change(desk)).xpath(ENTRY)
        [draft] = [one for one in catalogue(ANDRE) if one.title == title]
        slots = {
            slot.get("name"): slot.xpath(".//*[local-name()='Value']/text()")
            for slot in sent.xpath("*[local-name()='Slot']")
        }
        assert slots["creationTime"] == [f"{draft.written:%Y%m%d%H%M%S}"]
        assert slots["size"] == [str(len(draft.content))]
        assert len(slots["sourcePatientInfo"]) >= 3
        people = sent.xpath(".//*[local-name()='Slot'][@name='authorPerson']//*[local-name()='Value']/text()")
        assert [person.partition("^")[0] for person in people] == [draft.author.national_id]

    play(story, tmp_path)


def test_3_3_060_visible_to_the_patient_for_ever(tmp_path: Path) -> None:
    title = "Résultat à annoncer en consultation"
    assert hidden(title) == "INVISIBLE_PATIENT"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, title, "Rendre visible au patient (définitif)")
        await desk.user.see("C'EST DÉFINITIF")
        await desk.user.type("oui")
        await desk.user.press("enter")
        await desk.user.see("! Ce n'est pas le mot VISIBLE")
        assert "TD3.3a" not in await desk.transactions()
        await desk.user.press("ctrl+u")
        await confirm(desk, "Le document est visible du patient", word="VISIBLE")
        assert entry_of(desk, title).visibility == Visibility()
        assert "INVISIBLE_PATIENT" not in values(await last_change(desk), CONFIDENTIALITY)
        await point(desk, title)
        await desk.user.press("f4")
        screen = await desk.user.see("Gérer un document")
        assert "au patient" not in screen, "nothing hides it from the patient again"

    play(story, tmp_path)


def test_3_3_061_visible_to_the_legal_representatives_for_ever(tmp_path: Path) -> None:
    title = "Certificat confidentiel"
    assert hidden(title) == "INVISIBLE_REPRESENTANTS_LEGAUX"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, title, "Rendre visible aux représentants légaux (définitif)")
        await desk.user.see("DÉFINITIF : il ne pourra plus leur être caché")
        await confirm(desk, "visible des représentants légaux", word="VISIBLE")
        assert entry_of(desk, title).visibility == Visibility()
        assert "INVISIBLE_REPRESENTANTS_LEGAUX" not in values(await last_change(desk), CONFIDENTIALITY)
        assert await outcomes(desk, "TD3.3a") == ["ok"]
        assert [phase for phase, _, _ in await journal(desk, "TD3.3b")] == ["intent", "outcome"]

    play(story, tmp_path)


def test_3_3_160_the_document_of_another_is_hidden(tmp_path: Path) -> None:
    title = "Lettre de liaison : pneumopathie"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        entry = await manage(desk, title, "Masquer aux professionnels")
        assert "899700000021" not in {author.national_id for author in entry.authors}
        await desk.user.see("Vous pourrez le démasquer")
        await confirm(desk, "Le document est masqué aux professionnels")
        assert entry_of(desk, title).visibility == Visibility(hidden_from_professionals=True)
        assert sorted(values(await last_change(desk), CONFIDENTIALITY)) == ["MASQUE_PS", "N"]

    play(story, tmp_path)


def test_3_3_160_who_hid_it_without_being_its_author_sees_it_no_more(tmp_path: Path) -> None:
    title = "Lettre de liaison à la sortie"

    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-infirmier", "vitale-pharmacie")
        await manage(desk, title, "Masquer aux professionnels")
        await confirm(desk, "Le document est masqué aux professionnels")
        assert title not in titles(desk)

    play(story, tmp_path)


# --- status -------------------------------------------------------------------------------------------------------


def test_3_3_120_archived(tmp_path: Path) -> None:
    title = "Échographie cardiaque"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        entry = await manage(desk, title, "Archiver")
        await confirm(desk, "Le document est archivé")
        assert title not in titles(desk)
        assert values(await last_change(desk), NEW_STATUS) == [ARCHIVED]
        assert values(await last_change(desk), f"{STATUS_CHANGE}/@targetObject") == [entry.entry_uuid]
        await search(desk, archived="x")
        assert entry_of(desk, title).status is DocumentStatus.ARCHIVED
        assert await outcomes(desk, "TD3.3d") == ["ok"]

    play(story, tmp_path)


def test_3_3_140_taken_out_of_the_archive(tmp_path: Path) -> None:
    title = "Consultation de 2015"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        assert title not in titles(desk)
        await search(desk, archived="x")
        await manage(desk, title, "Désarchiver")
        await confirm(desk, "Le document est désarchivé")
        assert entry_of(desk, title).status is DocumentStatus.CURRENT
        assert values(await last_change(desk), NEW_STATUS) == [APPROVED]
        await search(desk, archived="x")  # turned off again
        assert title in titles(desk)

    play(story, tmp_path)


def test_3_3_070_deposited_then_unpublished(tmp_path: Path) -> None:
    unpublished(tmp_path, "tous", "")


def test_3_3_080_deposited_hidden_then_unpublished(tmp_path: Path) -> None:
    unpublished(tmp_path, "pas les autres PS", "MASQUE_PS")


def test_3_3_090_deposited_unseen_by_the_patient_then_unpublished(tmp_path: Path) -> None:
    unpublished(tmp_path, "pas encore le patient", "INVISIBLE_PATIENT")


def unpublished(tmp_path: Path, shown: str, code: str) -> None:
    """Deposit, find, delete by its word, find no more, in no state; the same file may be deposited again."""
    title = "À retirer"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f10")
        await deposit_through_hub(desk, tmp_path, title, shown=shown)
        [sent] = (await last_lot(desk)).documents
        assert sent.codes["confidentiality"] == ["N", *filter(None, [code])]
        await desk.choose("Documents du DMP")
        await complete(desk)
        entry = await manage(desk, title, "Supprimer du DMP (dépublier, définitif)")
        await desk.user.see("C'EST DÉFINITIF")
        await confirm(desk, "Le document n'est plus dans le DMP", word="SUPPRIMER")
        assert title not in titles(desk)
        assert values(await last_change(desk), NEW_STATUS) == [DELETED]
        await search(desk, archived="x", obsolete="x")
        assert entry.unique_id not in listed(desk)
        await desk.user.press("f10")
        await deposit_through_hub(desk, tmp_path, "De nouveau")
        assert await outcomes(desk, "TD2.1") == ["ok", "ok"]

    play(story, tmp_path)


def test_3_3_070_giving_up_or_mistyping_deletes_nothing(tmp_path: Path) -> None:
    title = "Consultation : toux fébrile"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        before = await desk.transactions()
        await manage(desk, title, "Supprimer du DMP")
        await desk.user.see("tapez SUPPRIMER")
        for wrong in ("o", "suprimer", "[b]supprimer[/b]"):
            await desk.user.type(wrong)
            await desk.user.press("enter")
            await desk.user.see("! Ce n'est pas le mot SUPPRIMER")
            await desk.user.press("ctrl+u")
        await desk.user.press("escape")
        await desk.user.see("Rien n'a été demandé au DMP.")
        assert await desk.transactions() == before

    play(story, tmp_path)


def test_3_3_070_older_versions_go_with_the_document(tmp_path: Path) -> None:
    """EX_3.3-1050."""
    title = "Certificat d'aptitude (corrigé)"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await search(desk, obsolete="x")
        assert "Certificat d'aptitude" in titles(desk)
        await manage(desk, title, "Supprimer du DMP")
        await confirm(desk, "Le document n'est plus dans le DMP", word="SUPPRIMER")
        assert not {title, "Certificat d'aptitude"} & set(titles(desk))

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("card", "title", "label", "why"),
    [
        ("cps-infirmier", "Lettre de liaison à la sortie", "Supprimer du DMP", "que s'il en est l'auteur"),
        ("cps-infirmier", "Lettre de liaison à la sortie", "Archiver", "que s'il en est l'auteur"),
        ("cps-pharmacien", "Volontés et droits du patient", "Archiver", "que s'il en est l'auteur"),
    ],
)
def test_3_3_070_who_may_not_is_told_why_and_nothing_is_sent(
    card: str, title: str, label: str, why: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, card, "vitale-pharmacie")
        before = await desk.transactions()
        await manage(desk, title, f"{label}")
        await desk.user.see("Pourquoi ?", why)
        assert await desk.transactions() == before

    play(story, tmp_path)


# --- without any right to consult ---------------------------------------------------------------------------------


async def unpublished_from_here(desk: Desk) -> None:
    """From the deposit screen: what was deposited here, known by its date, taken out of the record."""
    await desk.user.press("escape")
    await desk.user.see("Aucun document dans le lot")
    await desk.user.press("d")
    screen = await desk.user.see("Dépôts faits par vous sur ce poste", "1 document")
    assert "Sans accord" not in screen
    await desk.user.press("delete")
    await desk.user.see("tapez SUPPRIMER")
    await desk.user.type("supprimer")
    await desk.user.press("enter")
    await desk.user.see("Le document n'est plus dans le DMP")
    await desk.user.press("enter")
    await desk.user.see("Aucun dépôt de votre part")


def test_3_3_540_unpublished_by_its_author_without_an_authorisation(tmp_path: Path) -> None:
    """EX_3.3-1060: GetDocuments first, in references, then the change."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "non autorisé" in await open_first(desk, "vitale-urgence")
        await deposit_through_hub(desk, tmp_path, "Sans accord")
        [one] = (await last_lot(desk)).documents
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES)
        await unpublished_from_here(desk)
        sent = await desk.transactions()
        assert "TD3.1" not in sent
        assert "TD0.3" not in sent
        assert sent[-2:] == ["TD3.1b", "TD3.3c"]
        asked = await last_query(desk)
        assert (asked.which, asked.return_type) == (GET_DOCUMENTS, "ObjectRef")
        assert asked["UniqueId"] == [one.identifiers["unique"]]
        assert values(await last_change(desk), NEW_STATUS) == [DELETED]
        assert await outcomes(desk, "TD3.3c") == ["ok"]

    play(story, tmp_path)


def test_3_3_540_nobody_else_s_deposits_are_listed(tmp_path: Path) -> None:
    async def one(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await deposit_through_hub(desk, tmp_path, "Sans accord")

    async def another(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-urgence")
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES)
        await desk.user.press("escape")
        await desk.user.see("Aucun document dans le lot")
        await desk.user.press("d")
        await desk.user.see("Aucun dépôt de votre part dans ce DMP, depuis ce poste.")

    play(one, tmp_path)
    play(another, tmp_path)


# --- what goes wrong ----------------------------------------------------------------------------------------------


def test_3_3_120_a_change_without_an_answer_is_a_doubt_that_the_list_settles(tmp_path: Path) -> None:
    """The service did it and its answer was lost: never told as done, nor as not done."""
    title = "Échographie cardiaque"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, title, "Archiver")
        await desk.user.see("O : confirmer")
        sent = len(await desk.transactions())
        await desk.user.press("o")
        await desk.user.see("Le document est archivé")
        before_the_change = (await desk.transactions())[sent:]
        await desk.user.press("enter")
        await desk.user.see("Chercher de nouveau ?")
        await desk.user.press("n")
        await desk.user.see(LIST)
        title_2 = "Radiographie du thorax"
        await manage(desk, title_2, "Archiver")
        await desk.user.see("O : confirmer")
        for _ in before_the_change[:-1]:
            await desk.dmp(do="fault", kind="slow", seconds=0)
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.press("o")
        await desk.user.see("La borne ne sait pas si c'est fait", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("Chercher de nouveau ?")
        await desk.user.press("o")
        await complete(desk)
        assert title_2 not in titles(desk)

    play(story, tmp_path)


def test_3_3_120_a_document_that_is_gone_meanwhile(tmp_path: Path) -> None:
    """As by another workstation: the list is older than the record."""
    title = "Consultation : renouvellement"

    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, title, "Supprimer du DMP")
        await desk.user.see("tapez SUPPRIMER")
        await desk.user.type("SUPPRIMER")
        await desk.user.press("enter")
        await desk.user.see("Le document n'est plus dans le DMP")
        await desk.user.press("enter")
        await desk.user.see("Chercher de nouveau ?")
        await desk.user.press("n")
        await desk.user.see(LIST)
        await manage(desk, title, "Archiver")
        await desk.user.see("O : confirmer")
        await desk.user.press("o")
        await desk.user.see("Le DMP ne peut pas faire ce changement.", "Relancez la recherche")

    play(story, tmp_path)


def test_3_3_070_the_card_taken_out_before_the_word_is_typed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(desk, "Consultation : toux fébrile", "Supprimer du DMP")
        await desk.user.see("tapez SUPPRIMER")
        await desk.remove("cps-medecin")
        await desk.user.gone()
        assert not any(name.startswith("TD3.3") for name in await desk.transactions())

    play(story, tmp_path)

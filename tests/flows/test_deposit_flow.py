"""Deposits: the real screens against the real training box, and what went over the wire."""

import asyncio
from pathlib import Path

import pytest
from deposit_desk import (
    deposit,
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
from deposit_files import RTF, TEXT, pdfa, picture, plain_pdf
from desk import Desk, play

from kiosk.deposit.outbox import State
from kiosk.dmp.document import DocumentQuery, Visibility
from kiosk.dmp.nomenclature import CodeSet, known
from kiosk.record import draft, interrupted
from kiosk.record.depositing import Depositing
from kiosk.record.draft import Draft
from kiosk.record.visit import Visit
from kiosk.screens.deposit import DepositScreen


def test_2_1_010_a_pdfa_goes_from_the_scan_folder_to_the_record(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("Dossier de numérisation", "PDF", "scan.pdf")
        await desk.user.press("enter")
        await desk.user.see("PETIT ANDRE · PDF/A", "CR ou fiche de consultation", "1 sur 92")
        await desk.user.press("enter")
        screen = await desk.user.see("[CR ou fiche de consultation ou de visite du ")
        assert "Patient : oui · Vous et médecin traitant : oui" in screen
        await desk.user.press("f2")
        await desk.user.see("Qui verra ce document ?", "Pas pour ce type de document")
        await desk.user.press("escape")
        await fill(desk, "title-text", "Consultation d'été, œdème")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP", "« Consultation d'été, œdème » : visible de tous")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        sent = await desk.transactions()
        assert sent[-2:] == ["TD0.2", "TD2.1"]
        assert "TD3.1" not in sent
        entry = (await documents(visit))["Consultation d'été, œdème"]
        assert entry.type_code.code == "11488-4"
        assert entry.class_code.code == "10"
        assert [author.national_id for author in entry.authors] == ["899700000021"]
        assert entry.practice_setting.code == "AMBULATOIRE"
        assert entry.visibility == Visibility()
        assert states(visit) == [State.DONE]

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("name", "content", "words", "media"),
    [
        ("note.txt", TEXT, "Texte", b"text/plain"),
        ("lettre.rtf", RTF, "RTF", b"text/rtf"),
        ("photo.jpg", picture("JPEG"), "JPEG", b"image/jpeg"),
        ("fax.tif", picture("TIFF"), "TIFF", b"image/tiff"),
    ],
)
def test_2_1_011_every_simple_format_by_its_content(
    name: str, content: bytes, words: str, media: bytes, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, f"{name}.bin", content)  # the name says nothing
        visit = await visit_of(desk)
        results = await show(desk, DepositScreen(visit))
        await desk.user.see(words, "ko")
        await desk.user.press("enter")
        await desk.user.see(f"PETIT ANDRE · {words}")
        await describe(desk, f"Essai {words}")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        cda = await received(visit, (await documents(visit))[f"Essai {words}"])
        assert b'mediaType="' + media + b'"' in cda

    play(story, tmp_path)


def test_2_1_020_two_documents_in_one_set(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "a.pdf", pdfa("Premier"))
        scan(tmp_path, "b.pdf", pdfa("Second"))
        visit = await visit_of(desk)
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("a.pdf", "b.pdf")
        await desk.user.press("enter")
        await describe(desk, "Un")
        await into_lot(desk)
        await desk.user.press("a")
        await desk.user.see("a.pdf")
        await desk.user.press("down", "enter")
        await describe(desk, "Deux", "57833-6")
        await into_lot(desk, 2)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP", "« Un »", "« Deux »")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert (await desk.transactions()).count("TD2.1") == 1
        assert {"Un", "Deux"} <= (await documents(visit)).keys()

    play(story, tmp_path)


def test_a_pdf_that_is_no_pdfa_is_converted_on_request_and_shown_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "ordonnance.pdf", plain_pdf())
        visit = await visit_of(desk)
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("ordonnance.pdf")
        await desk.user.press("enter")
        await desk.user.see("n'est pas un PDF/A-1", "Il ne se déclare pas PDF/A-1", "devient une image")
        await desk.user.press("o")
        await desk.user.see("Image de la page", "1 sur 1")
        await desk.user.press("f10")
        await desk.user.see("Aperçu du document à déposer", "F10 C'est le bon")
        await desk.user.press("f10")
        await describe(desk, "Ordonnance")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True

    play(story, tmp_path)


def test_a_converted_document_that_is_not_kept_goes_nowhere(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "ordonnance.pdf", plain_pdf())
        await show(desk, DepositScreen(await visit_of(desk)))
        await desk.user.see("ordonnance.pdf")
        await desk.user.press("enter")
        await desk.user.see("n'est pas un PDF/A-1")
        await desk.user.press("o")
        await desk.user.see("Image de la page", "1 sur 1")
        await desk.user.press("escape")
        await desk.user.see("Aperçu du document")
        await desk.user.press("escape")
        await desk.user.see("Aucun document dans le lot")

    play(story, tmp_path)


def test_the_same_file_is_not_deposited_twice(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert await deposit(desk, visit, "Une fois")
        await show(desk, DepositScreen(visit))
        await desk.user.see("scan.pdf", "déjà au DMP")
        await desk.user.press("enter")
        await desk.user.see("Ce fichier est déjà au DMP", "inchangé", "O : le demander au DMP")
        await desk.user.press("n")
        await desk.user.see("Choisir un fichier à déposer")
        assert (await desk.transactions()).count("TD2.1") == 1

    play(story, tmp_path)


def test_forbidden_types_are_not_offered(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await show(desk, DepositScreen(await visit_of(desk)))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        for code in ("REMB", "DOCPAT03", "11369-6"):
            await describe(desk, kind=code)
            await desk.user.see("rien ne correspond")
            await fill(desk, "type", "")

    play(story, tmp_path)


def test_a_title_of_more_than_128_characters_is_told_and_never_cut(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await show(desk, DepositScreen(await visit_of(desk)))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "É" * 129)
        await desk.user.see("Titre : 129 caractères, 128 au plus ; il ne sera pas coupé.")
        await desk.user.press("f10")
        await desk.user.see("! Titre : 129 caractères", "F10 Mettre au lot")
        await desk.user.press("backspace")
        await into_lot(desk)

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("moves", "visibility"),
    [
        (1, Visibility(hidden_from_professionals=True)),
        (2, Visibility(invisible_to_patient=True)),
    ],
)
def test_2_1_050_060_visibility_is_chosen_in_words(
    moves: int, visibility: Visibility, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Confidentiel")
        desk.user.app.screen.query_one("#shown").focus()
        await desk.user.press(*["right"] * moves)
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        await dismissed(desk, results)
        assert (await documents(visit))["Confidentiel"].visibility == visibility

    play(story, tmp_path)


def test_in_a_secret_connection_visibility_is_imposed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk, "vitale-mineurs", rank=2, secret=True)
        await desk.dmp(do="log")
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        screen = await desk.user.see("CONNEXION SECRÈTE : non visible des représentants légaux")
        assert "Visible de " not in screen
        await describe(desk, "Entre nous")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP", "pas des représentants légaux")
        await desk.user.press("enter")
        await dismissed(desk, results)
        (request,) = await desk.requests("TD2.1")
        assert b"INVISIBLE_REPRESENTANTS_LEGAUX" in request

    play(story, tmp_path)


def test_2_1_950_a_secretary_deposits_for_a_professional_who_is_remembered(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk, card="cpe-cabinet")
        results = await show(desk, DepositScreen(visit))
        await desk.user.see("Le professionnel qui a écrit le document")
        await desk.user.press("f10")
        await desk.user.see("! RPPS : onze chiffres")
        await fill(desk, "rpps", "99700000021")
        await fill(desk, "family", "giraud")
        await fill(desk, "given", "camille")
        await fill(desk, "profession", "médecin")
        await desk.user.press("enter")
        await fill(desk, "speciality", "SM26")
        await desk.user.press("enter", "f10")
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Pour le docteur")
        await desk.user.see("Auteurs : GIRAUD CAMILLE (Médecin")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        await dismissed(desk, results)
        assert (await desk.transactions())[-1] == "TD2.2"
        (request,) = await desk.requests("TD2.1")
        assert b"899700000021^GIRAUD" in request
        assert b"AGENDA" in request
        scan(tmp_path, "scan.pdf", pdfa("Un autre"))
        await show(desk, DepositScreen(visit))
        await desk.user.see("Pour quel professionnel ?", "GIRAUD CAMILLE", "Médecin - ")

    play(story, tmp_path)


def test_the_care_setting_is_remembered_for_the_professional(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        await show(desk, DepositScreen(visit))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await desk.user.see("Cadre soins * [Ambulatoire")
        await describe(desk, "Un")
        await fill(desk, "setting", "DEPISTAGE")
        await desk.user.press("enter")
        await into_lot(desk)
        scan(tmp_path, "autre.pdf", pdfa("Un autre"))
        await desk.user.press("a")
        await desk.user.see("autre.pdf")
        await desk.user.press("enter")
        screen = await desk.user.see("Document à déposer", "Cadre soins *")
        assert "Ambulatoire" not in screen

    play(story, tmp_path)


def test_a_file_still_being_written_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await show(desk, DepositScreen(await visit_of(desk)))
        await desk.user.see("scan.pdf")
        with (tmp_path / "scans" / "scan.pdf").open("ab") as scanner:
            scanner.write(b"\n% one more page")
        await desk.user.press("enter")
        await desk.user.see("Ce fichier ne peut pas être lu", "l'écrit encore", "DEPOT-011")

    play(story, tmp_path)


def test_a_record_closed_meanwhile_gets_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        await show(desk, DepositScreen(visit))
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Trop tard")
        await into_lot(desk)
        await desk.dmp(do="record", nir13=visit.member.beneficiary.nir[:13], state="terminated")
        await sign_and_send(desk)
        await desk.user.see("Rien n'a été envoyé : ce DMP n'est plus ouvert")
        assert "TD2.1" not in await desk.transactions()
        assert states(visit) == []

    play(story, tmp_path)


# --- doubts -----------------------------------------------------------------------------------------------


async def ready_to_sign(desk: Desk, tmp_path: Path, title: str) -> tuple[Visit, list[bool]]:
    """One document in the lot, the last question on the screen."""
    scan(tmp_path, "scan.pdf", pdfa())
    visit = await visit_of(desk)
    results = await show(desk, DepositScreen(visit))
    await desk.user.see("scan.pdf")
    await desk.user.press("enter")
    await describe(desk, title)
    await into_lot(desk)
    await desk.user.press("f10")
    await desk.user.see("O : signer et envoyer")
    return visit, results


def test_a_lost_answer_is_cleared_up_by_asking_and_nothing_is_sent_twice(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, results = await ready_to_sign(desk, tmp_path, "Arrivé quand même")
        await desk.dmp(do="fault", kind="slow", seconds=0)  # the existence test goes through
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.press("o")
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        sent = await desk.transactions()
        assert sent.count("TD2.1") == 1
        assert sent[-1] == "TD3.1b", sent
        found = await asyncio.to_thread(visit.find_documents, DocumentQuery())
        assert [entry.title for entry in found.entries].count("Arrivé quand même") == 1
        assert states(visit) == [State.DONE]

    play(story, tmp_path)


def test_a_request_that_never_arrived_is_sent_again_to_the_byte(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, results = await ready_to_sign(desk, tmp_path, "Une fois sur deux")
        await desk.dmp(do="fault", kind="slow", seconds=0)
        await desk.dmp(do="fault", kind="cut-before")
        await desk.user.press("o")
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        found = await asyncio.to_thread(visit.find_documents, DocumentQuery())
        assert [entry.title for entry in found.entries].count("Une fois sur deux") == 1
        assert states(visit) == [State.DONE]

    play(story, tmp_path)


def test_what_a_killed_session_left_open_is_told_at_login_and_settled_in_the_record(tmp_path: Path) -> None:
    """The first session ends where the request may have left, as `kill -9` would have it (see test_kills.py)."""

    async def cut(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        chosen = draft.choose(pdfa(), draft.patient_of(visit.member, visit.status))
        consultation = known(CodeSet.TYPE, "11488-4")
        assert consultation is not None
        setting = draft.usual_setting(visit.session.actor, "")
        one = Draft(chosen, "Interrompu", consultation, visit.session.local_date(), setting, Visibility())
        lot = Depositing(visit, (one,))
        await asyncio.to_thread(lot.check)
        await asyncio.to_thread(lot.sign)
        assert lot.prepared is not None
        visit.session.memory.outbox.set_state(lot.prepared.unique_id, State.SENT)

    async def later(desk: Desk) -> None:
        visit = await visit_of(desk)
        (told,) = interrupted.told_at_login(visit.session)
        assert "(1 document) s'est interrompu" in told
        assert visit.member.name not in told
        await show(desk, DepositScreen(visit))
        await desk.user.see("Dépôt interrompu", "n'est pas dans le DMP", "O : l'oublier")
        await desk.user.press("n")
        await desk.user.see("scan.pdf")
        (left,) = interrupted.left_open(visit)
        await desk.user.press("enter")
        await describe(desk, "Refait")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("Déposé dans le DMP")
        await desk.user.press("enter")
        assert interrupted.told_at_login(visit.session) == ()
        assert (await documents(visit))["Refait"].unique_id == left.documents[0].unique_id

    play(cut, tmp_path)
    play(later, tmp_path)


def test_leaving_with_a_doubt_says_so_and_keeps_it_for_the_next_time(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit, _ = await ready_to_sign(desk, tmp_path, "Renoncé")
        await desk.dmp(do="fault", kind="slow", seconds=0)
        await desk.dmp(do="fault", kind="cut-before", times=9)
        await desk.user.press("o")
        await desk.user.see("Code d'assistance")
        await desk.user.press("escape")
        await desk.user.see("Envoi à reprendre : F10")
        await desk.user.press("a")
        await desk.user.see("Ce lot est peut-être arrivé")
        await desk.user.press("escape")
        await desk.user.see("Partir sans savoir ?")
        await desk.user.press("o")
        assert len(interrupted.left_open(visit)) == 1

    play(story, tmp_path)


def test_without_a_register_that_can_be_written_nothing_is_sent(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        (tmp_path / "outbox.sqlite").mkdir()  # in the place of the file
        scan(tmp_path, "scan.pdf", pdfa())
        visit = await visit_of(desk)
        assert "registre des dépôts" in interrupted.told_at_login(visit.session)[0]
        await show(desk, DepositScreen(visit))
        await desk.user.see("DEPOT-030")
        await desk.user.press("escape")
        await desk.user.see("scan.pdf")
        await desk.user.press("enter")
        await describe(desk, "Rien ne part")
        await into_lot(desk)
        await sign_and_send(desk)
        await desk.user.see("rien n'a été envoyé", "DEPOT-030")
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


def test_where_nothing_was_left_open_nothing_is_told_nor_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk)
        assert interrupted.told_at_login(visit.session) == ()
        assert interrupted.settle(visit) == ()

    play(story, tmp_path)

"""Who opens which record: consent, break-glass, minors, identity, lists — through every layer, screens and wire."""

import asyncio
from pathlib import Path

from desk import Desk, play
from wire import vihf_of


async def open_first(desk: Desk, vitale: str) -> str:
    """The record of the first person of a card."""
    await desk.family(vitale)
    await desk.user.press("enter")
    return await desk.user.see("Dossier du patient")


async def acts(desk: Desk) -> list[tuple[str, str]]:
    """(act, phase) of the journal's rows, in order."""
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [(row.entry.act, row.entry.phase) for row in rows]


async def reasons(desk: Desk, act: str) -> list[str]:
    rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
    return [row.entry.reason for row in rows if row.entry.act == act and row.entry.reason]


async def break_glass(desk: Desk, *, reason: str = "1") -> None:
    """From the family screen, three keys."""
    await desk.user.press("f6")
    await desk.user.see("Pourquoi le patient ne peut-il pas donner son accord")
    await desk.user.press(reason)
    await desk.user.see("Ouvrir en urgence le DMP de", "Le patient sera averti de cet accès")
    await desk.user.press("o")


def test_an_expired_authorisation_asks_for_the_patients_word_before_anything_is_read(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await open_first(desk, "vitale-expiree")
        assert "autorisation expirée" in screen
        await desk.user.press("1")
        await desk.user.see("Accord du patient pour consulter son DMP", "[ ] Le patient, informé, accepte")
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est demandé")
        assert "TD0.3" not in await desk.transactions()
        await desk.user.press("space", "f10")
        await desk.user.see("Documents — DMP")
        sent = await desk.transactions()
        assert sent.index("TD0.2") < sent.index("TD0.3") < sent.index("TD3.1")
        await desk.user.press("f10")
        await desk.user.see("DMP actif · autorisé")
        assert ("CONSENT", "outcome") in await acts(desk)

    play(story, tmp_path)


def test_escape_from_the_consent_sends_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-expiree")
        await desk.user.press("1")
        await desk.user.see("[ ] Le patient, informé, accepte")
        await desk.user.press("space", "escape")
        await desk.user.see("Dossier du patient", "autorisation expirée")
        assert {"TD0.3", "TD3.1"}.isdisjoint(await desk.transactions())

    play(story, tmp_path)


def test_a_patient_takes_his_word_back_and_the_authorisation_is_gone_at_once(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        await open_first(desk, "vitale-pharmacie")
        await desk.user.see("DMP actif · autorisé", "Le patient retire son accord")
        await desk.choose("Le patient retire son accord")
        await desk.user.see("Le patient retire son accord ?")
        await desk.user.press("o")
        await desk.user.see("non autorisé")
        assert b"SUPPRESSION" in (await desk.requests("TD0.3"))[-1]

    play(story, tmp_path)


def test_break_glass_is_in_the_journal_before_the_first_request_and_says_so_on_every_screen(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        screen = await desk.user.see("Documents — DMP", "BRIS DE GLACE · COMA BRUNO · encore 30 min")
        assert screen.splitlines()[0].startswith("! BRIS DE GLACE")
        done = await acts(desk)
        assert done.index(("BREAK_GLASS", "intent")) < done.index(("TD3.1", "intent"))
        assert await reasons(desk, "BREAK_GLASS") == ["Patient inconscient"]
        vihf = vihf_of((await desk.requests("TD3.1"))[-1])
        assert vihf.purpose == "bris_de_glace"
        assert vihf.attribute("Mode_Acces_Raison") == ["Patient inconscient"]
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient", "! BRIS DE GLACE", "Mode d'accès : BRIS DE GLACE")
        await desk.user.press("f1")
        screen = await desk.user.see("Aide")
        assert screen.splitlines()[0].startswith("! BRIS DE GLACE")
        await desk.user.press("escape", "f10")
        screen = await desk.user.see("Personne(s) présente(s)")
        assert "BRIS DE GLACE ·" not in screen
        assert ("BREAK_GLASS", "outcome") in await acts(desk)

    play(story, tmp_path)


def test_break_glass_ends_after_thirty_minutes_whatever_the_clock_of_the_day_says(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await desk.user.see("Documents — DMP", "encore 30 min")
        desk.pass_time(29 * 60 + 30)
        await desk.user.see("encore 1 min")
        desk.pass_time(31)
        await desk.user.see("L'accès en bris de glace est terminé", "BORNE-311")
        await desk.user.press("escape")
        screen = await desk.user.see("Personne(s) présente(s)")
        assert "BRIS DE GLACE ·" not in screen
        rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
        assert [row.entry.result for row in rows if row.entry.act == "BREAK_GLASS"] == ["", "TIMEOUT"]

    play(story, tmp_path)


def test_break_glass_refused_because_the_patient_objected_leaves_alternatives(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-glace")
        await break_glass(desk)
        await desk.user.see("DMPAccessForbidden", "appeler le SAMU", "médecin traitant")
        await desk.user.press("escape")
        screen = await desk.user.see("Dossier du patient")
        assert "! BRIS DE GLACE" not in screen

    play(story, tmp_path)


def test_break_glass_is_not_offered_where_access_exists_nor_to_an_employee(tmp_path: Path) -> None:
    async def doctor(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-suivi")
        await desk.user.press("f6")
        await desk.user.see("Bris de glace : pourquoi pas ?", "Vous avez déjà accès à ce DMP")

    async def employee(desk: Desk) -> None:
        await desk.log_in("cpe-accueil")
        await desk.family("vitale-urgence")
        await desk.user.press("f6")
        await desk.user.see("Bris de glace : pourquoi pas ?", "CPE")

    play(doctor, tmp_path / "doctor")
    play(employee, tmp_path / "employee")


def test_a_reason_written_by_hand_has_ten_letters_and_no_control_character(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await desk.user.press("f6")
        await desk.user.see("Autre motif")
        await desk.user.press("6")
        await desk.user.see("Précisez le motif en 10 caractères au moins")
        await desk.user.type("court")
        await desk.user.press("enter")
        await desk.user.see("Précisez le motif en 10 caractères au moins")
        await desk.user.type(" mais suffisant")
        await desk.user.press("enter")
        await desk.user.see("Motif : court mais suffisant")
        await desk.user.press("o")
        await desk.user.see("Documents — DMP")
        assert await reasons(desk, "BREAK_GLASS") == ["court mais suffisant"]

    play(story, tmp_path)


def test_another_vitale_card_during_break_glass_is_asked_about_and_ends_it(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await desk.user.see("Documents — DMP")
        await desk.remove("vitale-urgence")
        await desk.insert("vitale-seule")
        screen = await desk.user.see("Une autre carte Vitale est insérée", "ferme le dossier ouvert")
        assert screen.splitlines()[0].startswith("! BRIS DE GLACE")
        await desk.user.press("o")
        screen = await desk.user.see("OEUVRARD SIMONE", "Pas de DMP")
        assert "! BRIS DE GLACE" not in screen
        await desk.user.until(lambda: desk.session.visit is None, what="the visit is over")

    play(story, tmp_path)


def test_a_blocked_professional_is_told_by_whom_and_may_not_declare_himself(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await open_first(desk, "vitale-bloquee")
        assert "accès bloqué par le patient" in screen
        await desk.user.press("1")
        await desk.user.see("Le patient a bloqué votre accès à son DMP")
        assert "TD0.3" not in await desk.transactions()

    play(story, tmp_path)


def test_an_authorisation_code_nobody_knows_is_shown_as_it_came(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "EN_ATTENTE" in await open_first(desk, "vitale-attente")

    play(story, tmp_path)


def test_a_minor_is_asked_at_each_visit_and_the_whole_visit_is_secret(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press("down", "enter")
        await desk.user.see("a moins de 18 ans", "O : connexion secrète")
        await desk.user.press("enter")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("o")
        await desk.user.see("CONNEXION SECRÈTE")
        await desk.user.press("f5")
        await desk.user.until(lambda: not desk.user.app.screen.busy, what="the answer")
        secret = vihf_of(await desk.last_request()).attribute(
            "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
        )
        assert secret == ["INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"]
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("enter")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("n")
        screen = await desk.user.see("Dossier du patient")
        assert "CONNEXION SECRÈTE" not in screen

    play(story, tmp_path)


def test_an_identity_that_differs_is_put_before_the_user_who_decides(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-traits")
        await desk.user.press("enter")
        await desk.user.see("Identité à vérifier", "DUPOND", "DUPONT")
        await desk.user.press("n")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("enter")
        await desk.user.see("Identité à vérifier")
        await desk.user.press("o")
        await desk.user.see("Dossier du patient")
        rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
        assert [row.entry.result for row in rows if row.entry.act == "IDENTITY"] == ["OTHER", "SAME"]

    play(story, tmp_path)


def test_names_the_dmp_does_not_know_are_no_difference(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await open_first(desk, "vitale-sans-nom")
        assert "NON_RENSEIGNE" not in screen

    play(story, tmp_path)


def test_a_greyed_action_says_who_which_mode_and_which_rule(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-accueil")
        await open_first(desk, "vitale-hopital")
        await desk.choose("Fermer le DMP à la demande du patient — pourquoi ?")
        await desk.user.see("Pourquoi ?", "CPE", "NORMAL")

    play(story, tmp_path)


def test_professionals_of_the_record_all_active_and_blocked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.choose("Professionnels autorisés ou bloqués")
        await desk.user.see("Toutes les autorisations", "GIRAUD", "médecin traitant", "LEFÈVRE", "BLOQUÉ")
        await desk.user.press("a")
        screen = await desk.user.see("Autorisations en cours")
        assert "LEFÈVRE" not in screen
        await desk.user.press("b")
        screen = await desk.user.see("Professionnels bloqués par le patient : 1", "LEFÈVRE")
        assert "GIRAUD CAMILLE " not in screen.split("Professionnels bloqués")[1]

    play(story, tmp_path)


def test_becoming_and_ceasing_to_be_the_treating_doctor(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-hopital")
        await desk.choose("Devenir médecin traitant")
        await desk.user.see("ne vaut pas déclaration de médecin traitant")
        await desk.user.press("o")
        await desk.user.see("DMP actif · autorisé · médecin traitant")
        await desk.choose("Ne plus être médecin traitant")
        await desk.user.press("o")
        screen = await desk.user.see("Devenir médecin traitant")
        assert "autorisé · médecin traitant" not in screen

    play(story, tmp_path)


def test_the_dashboard_filters_what_was_received_and_opens_a_record(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.choose("Mes patients")
        await desk.user.see("Mes patients — DMP autorisés", "PETIT ANDRE")
        asked = (await desk.transactions()).count("TD0.4")
        await desk.user.type("petit")
        await desk.user.see("1 sur")
        assert (await desk.transactions()).count("TD0.4") == asked == 1
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "médecin traitant")
        await desk.user.press("f10")
        await desk.user.see("Mes patients — DMP autorisés", "1 sur")

    play(story, tmp_path)


def test_todays_patients_are_those_of_this_card(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.user.press("f10", "f10")
        await desk.user.see("Insérez la carte Vitale du patient")
        await desk.choose("Patients de cette session")
        await desk.user.see("Patients de cette session", "PETIT ANDRE")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "PETIT ANDRE")

    play(story, tmp_path)


def test_a_regulation_centre_searches_without_a_card_and_knows_no_other_mode(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.insert("cps-regulateur")
        await desk.user.see("Saisissez votre code porteur")
        await desk.user.type("1234")
        await desk.user.press("enter")
        await desk.user.see("Mode d'accès : RÉGULATION", "Rechercher une personne sans sa carte")
        await desk.user.press("1")
        await desk.user.see("Recherche sans carte")
        await desk.user.type("martin")
        await desk.user.press("f5")
        await desk.user.see("Trop de réponses : affinez")
        await desk.user.press("f10", "1")
        await desk.user.see("Recherche sans carte")
        await desk.user.type("petit")
        await desk.user.press("f5")
        screen = await desk.user.see("1 personne(s)", "PETIT ANDRE")
        assert "15511" not in screen.replace(" ", "")
        assert vihf_of((await desk.requests("TD0.5"))[-1]).purpose == "centre_15"
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "Mode d'accès : RÉGULATION")

    play(story, tmp_path, post="régulation")


def test_the_card_taken_out_in_break_glass_ends_everything(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        await break_glass(desk)
        await desk.user.see("Documents — DMP")
        await desk.remove("cps-urgentiste")
        await desk.user.gone()

    play(story, tmp_path)

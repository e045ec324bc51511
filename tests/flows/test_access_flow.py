"""Who opens which record: consent, break-glass, minors, identity, lists — through every layer, screens and wire."""

import asyncio
import resource
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

from access_steps import agree, break_glass, documents_listed, of_today, open_first, reasons
from desk import Desk, play

from kiosk.parameters.file import Parameters, read
from kiosk.parameters.templates import State


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


def test_an_authorisation_code_nobody_knows_is_shown_as_it_came(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "EN_ATTENTE" in await open_first(desk, "vitale-attente")

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


def test_a_greyed_action_says_who_which_mode_and_which_rule(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-accueil")
        await open_first(desk, "vitale-hopital")
        await desk.choose("Fermer le DMP à la demande du patient — pourquoi ?")
        await desk.user.see("Pourquoi ?", "CPE", "NORMAL")

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


def test_todays_service_has_withdrawn_the_management_of_records_and_says_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        for label in ("Activer le compte internet", "Fermer le DMP", "Devenir médecin traitant"):
            await desk.choose(label)
            await desk.user.see("Pourquoi ?", "n'offre", "current")
            await desk.user.press("enter")
            await desk.user.see("Dossier du patient")
        await desk.remove("vitale-urgence")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("f10")
        await desk.user.see("Insérez la carte Vitale du patient")
        await open_first(desk, "vitale-fermee")
        await desk.choose("Réactiver le DMP — pourquoi ?")
        await desk.user.see("Pourquoi ?", "n'offre plus la réactivation d'un DMP")
        assert set(await desk.transactions()) == {"TD0.2"}

    play(story, tmp_path)


def test_a_site_may_want_the_search_when_a_record_opens(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        desk.user.app.station = replace(desk.user.app.station, search_on_opening=True)
        await desk.log_in("cps-medecin")
        await desk.family("vitale-suivi")
        await desk.user.press("enter")
        await desk.user.see("Documents — DMP", "92 document(s)")
        await desk.user.until(lambda: not desk.session.calling, what="the end of the call")
        sent = await desk.transactions()
        assert sent.count("TD3.1") == 1
        assert sent.index("TD0.2") < sent.index("TD3.1")

    play(story, tmp_path)


@contextmanager
def full_disk() -> Iterator[None]:
    """As a disk with no byte left."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_disk_keeps_the_emergency_door_from_opening_and_from_staying_open(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        with full_disk():
            await break_glass(desk)
            await desk.user.see("Le journal ne peut pas être écrit", "BORNE-200")
        assert "TD3.1" not in await desk.transactions()
        await desk.user.press("enter", "f10")
        await desk.user.see("Personne(s) présente(s)")
        await break_glass(desk)
        await documents_listed(desk)
        visit = desk.session.visit
        assert visit is not None
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient", "! BRIS DE GLACE")
        with full_disk():
            await desk.user.press("f10")
            screen = await desk.user.see("Le journal ne peut pas être écrit", "BORNE-200")
            assert "! BRIS DE GLACE" not in screen
        assert visit.glass is None
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)", "·NORMAL")

    play(story, tmp_path)


def test_an_identity_decision_that_cannot_be_written_down_opens_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-traits")
        await desk.user.press("enter")
        await desk.user.see("Identité à vérifier")
        with full_disk():
            await desk.user.press("o")
            await desk.user.see("Le journal ne peut pas être écrit", "BORNE-200")
        await desk.user.press("enter")
        await desk.user.see("Personne(s) présente(s)")
        assert desk.session.visit is None

    play(story, tmp_path)


def test_a_register_of_deposits_that_cannot_be_opened_keeps_nobody_from_working(tmp_path: Path) -> None:
    (tmp_path / "outbox.sqlite").mkdir()

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.user.see("!", "registre des dépôts")
        await desk.family("vitale-suivi")
        await desk.user.see("DMP · autorisé")

    play(story, tmp_path)


def test_a_profile_with_a_transaction_nobody_knows_offers_what_it_offered(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        station = desk.user.app.station
        known = station.profile
        strange = replace(known, transactions=(known.transactions | {"TD9.9"}) - {"TD1.4"})
        desk.user.app.station = replace(station, profile=strange)
        await desk.log_in("cps-medecin")
        await desk.user.press("f8")
        screen = await desk.user.see("À propos", "test d'existence (TD0.2)")
        assert "TD9.9" not in screen
        await desk.user.press("enter")
        await open_first(desk, "vitale-suivi")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        await desk.user.press("f10")
        await desk.choose("Fermer le DMP à la demande du patient — pourquoi ?")
        await desk.user.see("Pourquoi ?", "n'offre plus la fermeture d'un DMP")

    play(story, tmp_path)


def test_parameters_of_transactions_nobody_knows_change_nothing() -> None:
    """The service's public file may tell more than the kiosk understands."""
    found = read(
        b"""<p><age-majorite>16</age-majorite><transactions><transaction code="TD9.9" etat="ouverte"/>
        <transaction code="TD1.1" etat="inconnu"/></transactions></p>"""
    )
    assert found == Parameters(majority_age=16)


def test_the_service_s_models_of_sheets_are_checked_and_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        file = desk.user.app.station.parameters
        await desk.user.until(
            lambda: set(file.template_states().values()) == {State.AS_ANNOUNCED}, what="the models"
        )
        await desk.user.press("f8")
        await desk.user.see(
            "mise en page de la borne",
            "accusé de création à jour, document des secrets à jour",
        )
        await desk.user.press("enter")
        await desk.remove("cps-medecin")
        await desk.user.gone()

    async def today(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await desk.user.press("f8")
        assert "mise en page" not in await desk.user.see("À propos", "current")

    play(story, tmp_path)
    play(today, tmp_path)


# --- what a new user meets --------------------------------------------------------------------------------


def test_the_keys_that_leave_a_screen_tell_at_home_how_to_end(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await desk.user.press("f10")
        await desk.user.see("Pour finir, retirez votre carte professionnelle.")

    play(story, tmp_path)


def test_the_record_s_menu_begins_at_what_is_possible_and_stays_at_what_was_chosen(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await open_first(desk, "vitale-urgence")
        await desk.user.see("> 2 Déposer des documents")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see("Demandez l'accord du patient, puis déclarez-vous autorisé")
        await desk.user.press("enter")
        await desk.user.see("> 5 Données administratives")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see("DMP actif · autorisé", "> 2 Déposer des documents")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see("ACCÈS EN URGENCE")

    play(story, tmp_path)


def test_a_closed_record_offers_its_reactivation_alone(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        screen = await open_first(desk, "vitale-fermee")
        assert "> 1  Réactiver le DMP" in screen
        assert "  2  " not in screen

    play(story, tmp_path)


def test_a_colleague_s_list_says_what_to_give_before_it_is_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-cabinet")
        await desk.choose("DMP autorisés d'un professionnel de la structure")
        await desk.user.see("DMP autorisés d'un professionnel", "Donnez le numéro RPPS du professionnel")
        assert "Aucun DMP reçu" not in desk.user.screen()
        await desk.user.press("f3")
        await desk.user.see("Documents depuis toujours")

    play(story, tmp_path)

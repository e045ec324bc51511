"""Managing a record: administrative data, reactivation, closing, channel, representative — screens against the box."""

import asyncio
import base64
import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from desk import Desk, play
from lxml import etree

from kiosk.card.admission import vitale_slot
from kiosk.dmp.management import ChannelAction
from kiosk.dmp.model import OtpChannel, RecordState
from kiosk.record.desk import PatientDesk
from kiosk.record.handover import Handover
from kiosk.record.visit import Visit
from kiosk.screens.administrative import AdministrativeScreen
from kiosk.screens.base import KioskScreen
from kiosk.screens.channel import ChannelScreen
from kiosk.screens.closing import ClosingScreen
from kiosk.screens.creation import CreationScreen
from kiosk.screens.paper import PaperScreen
from kiosk.screens.reactivation import ReactivationScreen

HL7 = {"h": "urn:hl7-org:v3"}


async def visit_of(desk: Desk, vitale: str, rank: int = 1, card: str = "cps-medecin") -> Visit:
    """Logged in, card read, existence tested."""
    await desk.log_in(card)
    await desk.family(vitale)
    app = desk.user.app
    assert app.session is not None
    assert app.snapshot is not None
    slot = vitale_slot(app.snapshot)
    assert slot is not None
    session = app.session
    family = await asyncio.to_thread(session.read_family, slot)
    member = family.members[rank - 1]
    return Visit(session, member, await asyncio.to_thread(session.existence, member))


async def show(desk: Desk, screen: KioskScreen[bool]) -> list[Any]:
    """Push a screen as the hub does; what it was dismissed with arrives in the list."""
    results: list[Any] = []
    await desk.user.app.push_screen(screen, results.append)
    return results


async def dismissed(desk: Desk, results: list[Any]) -> Any:
    await desk.user.until(lambda: bool(results), what="the end of the screen")
    return results[0]


async def requests(desk: Desk) -> list[bytes]:
    """Every SOAP request as it came over the wire."""
    answer = await desk.dmp(do="requests")
    return [base64.b64decode(request) for request in answer["requests"]]


def values(request: bytes, path: str) -> list[str]:
    """What a request holds at an XPath."""
    return [str(value) for value in etree.fromstring(request).xpath(path, namespaces=HL7)]


def observed(code: str) -> str:
    return f"//h:administrativeObservation[h:code/@code='{code}']/h:value/@value"


async def fill(desk: Desk, name: str, text: str) -> None:
    """Replace what a field holds."""
    desk.user.app.screen.query_one(f"#{name}").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type(text)


# --- administrative data ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("vitale", "nir13", "break_glass", "regulation"),
    [
        ("vitale-glace", "1710599999081", "REFUSÉ par le patient", "autorisé par le patient"),
        ("vitale-centre15", "2530699999091", "autorisé par le patient", "REFUSÉ par le patient"),
        ("vitale-oppositions", "1660199999101", "REFUSÉ par le patient", "REFUSÉ par le patient"),
    ],
)
def test_1_3a_the_two_oppositions_are_told_in_words(
    vitale: str, nir13: str, break_glass: str, regulation: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, vitale)
        await desk.dmp(
            do="record",
            nir13=nir13,
            authorizations=[["899700000021", "VALIDE"]],
            opposed_to_break_glass=break_glass.startswith("REFUSÉ"),
            opposed_to_regulation=regulation.startswith("REFUSÉ"),
        )
        await show(desk, AdministrativeScreen(visit))
        await desk.user.see(
            f"Accès en urgence (bris de glace) : {break_glass}",
            f"Accès du centre 15 (régulation) : {regulation}",
        )
        await desk.user.until(lambda: "encore" not in desk.user.screen(), what="everything in view")
        assert (await desk.transactions())[-1] == "TD1.3a"

    play(story, tmp_path)


def test_1_3a_identity_and_representative_stay_hidden_unless_the_station_asks(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        app = desk.user.app
        visit = await visit_of(desk, "vitale-tutelle")
        results = await show(desk, AdministrativeScreen(visit))
        screen = await desk.user.see("3 allée des Mandats", "99100 FICTION")
        assert "TUTEUR" not in screen
        assert "Personne responsable" not in screen
        assert "12/03/1969" not in screen
        await desk.user.press("f10")
        assert await dismissed(desk, results) is False
        app.station = replace(app.station, shows_identity=True)
        await show(desk, AdministrativeScreen(visit))
        await desk.user.see("IDENTITÉ SELON LE DMP", "encore")
        await desk.user.press("end")
        await desk.user.see("12/03/1969", "REPRÉSENTANT LÉGAL", "TUTEUR CHANTAL")
        await desk.user.until(lambda: "encore" not in desk.user.screen(), what="the end of the text")

    play(story, tmp_path)


def test_1_3a_200_a_name_the_service_does_not_have_is_told_as_such(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        app = desk.user.app
        visit = await visit_of(desk, "vitale-sans-nom")
        app.station = replace(app.station, shows_identity=True)
        await show(desk, AdministrativeScreen(visit))
        screen = await desk.user.see("Nom : non renseigné")
        assert "NON_RENSEIGNE" not in screen

    play(story, tmp_path)


def test_1_3b_only_what_changed_is_listed_and_the_rest_goes_back_as_it_came(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        await show(desk, AdministrativeScreen(visit))
        await desk.user.see("Portable : 06 39 98 02 81")
        before = await asyncio.to_thread(visit.administrative_data)
        await desk.user.press("f2")
        await desk.user.see("ACCÈS EN URGENCE : ce que le patient veut")
        await fill(desk, "mobile", "06 39 98 77 88")
        desk.user.app.screen.query_one("#regulation").focus()
        await desk.user.press("right", "f10")
        screen = await desk.user.see(
            "2 champs à modifier dans le DMP",
            "Portable : 0639980281 → 0639987788",
            "Centre 15 : accès autorisé → accès REFUSÉ",
        )
        assert "Adresse" not in screen
        await desk.user.press("n", "f10")
        await desk.user.see("2 champs à modifier")
        assert "TD1.3b" not in await desk.transactions()
        await desk.user.press("o")
        await desk.user.see("Modification enregistrée dans le DMP", "06 39 98 77 88", "REFUSÉ par le patient")
        assert (await desk.transactions())[-2:] == ["TD1.3b", "TD1.3a"]
        after = await asyncio.to_thread(visit.administrative_data)
        assert after == replace(before, mobile="0639987788", opposed_to_regulation=True)

    play(story, tmp_path)


def test_1_3b_nothing_changed_sends_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await show(desk, AdministrativeScreen(await visit_of(desk, "vitale-compte")))
        await desk.user.see("Portable : 06 39 98 02 81")
        await desk.user.press("f2")
        await desk.user.see("ce que le patient veut")
        await fill(desk, "mobile", "06.39.98.02.81")
        await desk.user.press("f10")
        await desk.user.see("Rien n'a changé : il n'y a rien à envoyer.")
        await desk.user.press("escape")
        await desk.user.see("Rien n'a été envoyé.")
        assert "TD1.3b" not in await desk.transactions()

    play(story, tmp_path)


def test_1_3b_a_wrong_field_is_told_and_sends_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await show(desk, AdministrativeScreen(await visit_of(desk, "vitale-compte")))
        await desk.user.see("Portable : 06 39 98 02 81")
        await desk.user.press("f2")
        await desk.user.see("ce que le patient veut")
        await fill(desk, "postcode", "992")
        await desk.user.see("Le code postal a cinq chiffres.")
        await desk.user.press("f10")
        await desk.user.see("! Le code postal a cinq chiffres.")
        assert "TD1.3b" not in await desk.transactions()

    play(story, tmp_path)


def test_1_3b_300_a_refusal_is_shown_and_what_was_typed_stays(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await show(desk, AdministrativeScreen(await visit_of(desk, "vitale-mes")))
        await desk.user.see("DMP rattaché")
        await desk.user.press("f2")
        await desk.user.see("le service peut refuser cette modification")
        await fill(desk, "city", "NIORT")
        await desk.user.press("f10")
        await desk.user.see("1 champ à modifier", "→ NIORT")
        await desk.user.press("o")
        await desk.user.see("Réponse du service", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("NIORT", "F10 Relire et envoyer")

    play(story, tmp_path)


def test_administrative_data_are_read_only_behind_the_broken_glass(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-urgence")
        visit.break_glass("Patient inconscient")
        await show(desk, AdministrativeScreen(visit))
        await desk.user.see("autorisé par le patient", "Bris de glace : consultation seule")
        await desk.user.press("f2")
        await desk.user.see("Modifier : pourquoi pas ?", "Règle : TD1.3b")

    play(story, tmp_path)


def test_a_service_without_update_says_so_in_one_line(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        session = visit.session
        kept = session._station.profile.transactions - {"TD1.3b"}
        session._station = replace(session._station, profile=replace(session.profile, transactions=kept))
        await show(desk, AdministrativeScreen(visit))
        screen = await desk.user.see("karim.lien@example.org")
        assert [line for line in screen.splitlines() if "Consultation seule. Le service DMP" in line]
        await desk.user.press("f2")
        await desk.user.see("Modifier : pourquoi pas ?")

    play(story, tmp_path)


def test_a_record_closed_meanwhile_sends_the_hub_back_to_the_existence_test(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        results = await show(desk, AdministrativeScreen(await visit_of(desk, "vitale-compte")))
        await desk.user.see("Portable : 06 39 98 02 81")
        await desk.user.press("f2")
        await desk.user.see("ce que le patient veut")
        await fill(desk, "city", "NIORT")
        await desk.dmp(do="record", nir13="1850999999281", state="terminated")
        await desk.user.press("f10")
        await desk.user.see("→ NIORT")
        await desk.user.press("o")
        await desk.user.see("DMPClosed")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True

    play(story, tmp_path)


def test_escape_gives_up_a_slow_reading(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        await desk.dmp(do="fault", kind="drip", seconds=5)
        results = await show(desk, AdministrativeScreen(visit))
        await desk.user.see("Échap : abandonner")
        await desk.user.press("escape")
        await desk.user.see("BORNE-300")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is False

    play(story, tmp_path)


# --- reactivation -----------------------------------------------------------------------------------------


def test_1_2_nothing_is_sent_without_the_consent_ticked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await show(desk, ReactivationScreen(await visit_of(desk, "vitale-fermee")))
        await desk.user.see("DMP fermé le 14/03/2025.", "demande du patient")
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        await desk.user.press("space", "space", "f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        assert "TD1.2" not in await desk.transactions()

    play(story, tmp_path)


def test_1_2_reactivation_sends_the_dated_consent_and_both_oppositions(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-fermee", card="cpe-accueil")
        results = await show(desk, ReactivationScreen(visit))
        await desk.user.see("CLOS HENRI", "30/04/1949")
        await desk.user.press("space", "shift+tab", "space")
        await desk.user.see("centre 15 accès REFUSÉ")
        await desk.dmp(
            do="fault", kind="commit-then-cut"
        )  # the answer is lost, the existence test clears it up
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient est réactivé.")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert visit.status.state is RecordState.ACTIVE
        assert (await desk.transactions())[-2:] == ["TD1.2", "TD0.2"]
        [asked] = [request for request in await requests(desk) if b"CONSENTEMENT_REACTIVATION_DMP" in request]
        assert values(asked, observed("CONSENTEMENT_REACTIVATION_DMP")) == ["true"]
        assert values(asked, observed("OPPOSITION_BRIS_DE_GLACE")) == ["false"]
        assert values(asked, observed("OPPOSITION_ACCES_URGENCE")) == ["true"]

    play(story, tmp_path)


def test_1_2_the_request_names_the_consent_and_its_time(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await show(desk, ReactivationScreen(await visit_of(desk, "vitale-fermee")))
        await desk.user.see("CLOS HENRI")
        await desk.dmp(do="fault", kind="cut-before")
        await desk.user.press("space", "f10")
        await desk.user.see("Vérification faite : le DMP n'a pas été réactivé.")
        asked = [request for request in await requests(desk) if b"CONSENTEMENT_REACTIVATION_DMP" in request]
        [at] = values(
            asked[-1], observed("CONSENTEMENT_REACTIVATION_DMP").replace("h:value", "h:effectiveTime")
        )
        assert re.fullmatch(r"\d{14}", at)
        await desk.user.press("enter", "f10")
        await desk.user.see("Le DMP du patient est réactivé.")

    play(story, tmp_path)


def test_1_2_a_record_somebody_else_reactivated_counts_as_done(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-fermee")
        results = await show(desk, ReactivationScreen(visit))
        await desk.user.see("CLOS HENRI")
        await desk.dmp(do="record", nir13="1490499999141", state="active")
        await desk.user.press("space", "f10")
        await desk.user.see("Le DMP du patient était déjà actif.")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert visit.status.state is RecordState.ACTIVE

    play(story, tmp_path)


def test_a_closing_reason_the_kiosk_does_not_know_is_shown_as_it_came(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        results = await show(desk, ReactivationScreen(await visit_of(desk, "vitale-motif")))
        await desk.user.see("FERMETURE_INCONNUE_99")
        await desk.user.press("escape")
        assert await dismissed(desk, results) is False

    play(story, tmp_path)


# --- closing ----------------------------------------------------------------------------------------------


async def confirm_closing(desk: Desk, reason: str = "") -> None:
    await desk.user.see("qu'à la demande du patient")
    await desk.user.type(reason)
    await desk.user.press("f10")
    await desk.user.see("Fermer ce DMP ?", "LIEN KARIM")


def test_1_4_closing_asks_for_the_word_and_sends_the_reason(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        results = await show(desk, ClosingScreen(visit))
        await confirm_closing(desk, "Ne souhaite plus de DMP")
        await desk.user.type("FERME")
        await desk.user.press("enter")
        await desk.user.see("Ce n'est pas le mot FERMER")
        assert "TD1.4" not in await desk.transactions()
        await desk.user.type("R")
        await desk.user.press("enter")
        await desk.user.see("Le DMP du patient est fermé.")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert visit.status.state is RecordState.CLOSED
        asked = [request for request in await requests(desk) if b"FERMETURE_DEMANDE_PATIENT" in request]
        assert values(asked[0], "//h:detectedIssueEvent/h:text/text()") == ["Ne souhaite plus de DMP"]

    play(story, tmp_path)


def test_1_4_escape_at_the_word_closes_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        results = await show(desk, ClosingScreen(await visit_of(desk, "vitale-compte")))
        await confirm_closing(desk)
        await desk.user.press("escape")
        await desk.user.see("Rien n'a été envoyé : le DMP reste ouvert.")
        await desk.user.press("escape")
        assert await dismissed(desk, results) is False
        assert "TD1.4" not in await desk.transactions()

    play(story, tmp_path)


def test_1_4_a_record_already_closed_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        results = await show(desk, ClosingScreen(visit))
        await confirm_closing(desk)
        await desk.dmp(do="record", nir13="1850999999281", state="terminated")
        await desk.user.type("fermer")
        await desk.user.press("enter")
        await desk.user.see("Le DMP du patient était déjà fermé.")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert visit.status.state is RecordState.CLOSED

    play(story, tmp_path)


def test_1_4_a_closing_whose_answer_is_lost_is_cleared_up_and_sent_once(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        await show(desk, ClosingScreen(visit))
        await confirm_closing(desk)
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.type("FERMER")
        await desk.user.press("enter")
        await desk.user.see("Le DMP du patient est fermé.")
        assert (await desk.transactions()).count("TD1.4") == 1

    play(story, tmp_path)


def test_1_4_a_closing_given_up_on_the_way_is_found_done_at_the_next_try(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        results = await show(desk, ClosingScreen(visit))
        await confirm_closing(desk)
        await desk.dmp(do="fault", kind="drip", seconds=5)
        await desk.user.type("FERMER")
        await desk.user.press("enter")
        await desk.user.see("Échap : abandonner")
        await desk.user.press("escape")
        await desk.user.see("BORNE-300")
        await desk.user.press("enter", "f10")
        await desk.user.see("Fermer ce DMP ?")
        await desk.user.type("FERMER")
        await desk.user.press("enter")
        await desk.user.see("Le DMP du patient est fermé.")
        assert (await desk.transactions()).count("TD1.4") == 1
        await desk.user.press("enter")
        assert await dismissed(desk, results) is True
        assert visit.status.state is RecordState.CLOSED

    play(story, tmp_path)


def test_1_4_the_service_s_refusal_is_shown_in_its_own_words(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        results = await show(desk, ClosingScreen(await visit_of(desk, "vitale-compte", card="cpe-accueil")))
        await confirm_closing(desk)
        await desk.user.type("FERMER")
        await desk.user.press("enter")
        await desk.user.see("Réponse du service", "Code d'assistance")
        await desk.user.press("enter", "escape")
        assert await dismissed(desk, results) is False

    play(story, tmp_path)


# --- channel of the one-time codes ------------------------------------------------------------------------


async def channel_asked(desk: Desk) -> list[str]:
    """Kind, address and action of the last request."""
    return values(await desk.last_request(), "//*[local-name()='patientOTPUpdate']/*/text()")


async def channel(desk: Desk, *arrows: str) -> list[Any]:
    results = await show(desk, ChannelScreen(await visit_of(desk, "vitale-compte")))
    await desk.user.see("Par où le patient recevra-t-il")
    await desk.user.press(*arrows)
    return results


def test_1_5b_a_channel_is_added_after_it_was_read_back(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        results = await channel(desk, "down", "right")
        await fill(desk, "email", "karim@example.org")
        await desk.user.press("f10")
        await desk.user.see("Ajouter : courrier électronique à karim@example.org")
        await desk.user.press("n")
        await desk.user.see("Rien n'a été envoyé.")
        assert "TD1.5b" not in await desk.transactions()
        await desk.user.press("f10")
        await desk.user.see("Relisez-le au patient")
        await desk.user.press("o")
        await desk.user.see("Le canal est ajouté.")
        await desk.user.press("enter")
        assert await dismissed(desk, results) is False
        assert await channel_asked(desk) == ["EMAIL", "karim@example.org", "AJOUT"]

    play(story, tmp_path)


def test_1_5b_a_channel_that_is_there_already_is_offered_to_be_changed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        await asyncio.to_thread(visit.set_channel, OtpChannel.EMAIL, "karim@example.org", ChannelAction.ADD)
        await show(desk, ChannelScreen(visit, email="karim.lien@example.org"))
        await desk.user.press("down", "right", "f10")
        await desk.user.see("Ajouter : courrier électronique à karim.lien@example.org")
        await desk.user.press("o")
        await desk.user.see("Le patient a déjà un canal de cette sorte.", "DMPPatientAccessOTPAlreadyExists")
        await desk.user.press("o")
        await desk.user.see("Le canal est changé.")
        assert await channel_asked(desk) == ["EMAIL", "karim.lien@example.org", "MODIFICATION"]

    play(story, tmp_path)


def test_1_5b_a_channel_is_removed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        await asyncio.to_thread(visit.set_channel, OtpChannel.EMAIL, "karim@example.org", ChannelAction.ADD)
        await show(desk, ChannelScreen(visit, email="karim@example.org"))
        await desk.user.press("left", "down", "right", "f10")
        await desk.user.see("Retirer : courrier électronique à karim@example.org")
        await desk.user.press("o")
        await desk.user.see("Le canal est retiré.")
        assert await channel_asked(desk) == ["EMAIL", "karim@example.org", "SUPPRESSION"]

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("typed", "told"),
    [("", "Ce champ est nécessaire"), ("0139987701", "Un portable commence par 06 ou 07")],
)
def test_1_5b_a_number_that_cannot_receive_a_code_sends_nothing(
    typed: str, told: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await channel(desk)
        await fill(desk, "mobile", typed)
        await desk.user.press("f10")
        await desk.user.see(told)
        assert "TD1.5b" not in await desk.transactions()

    play(story, tmp_path)


# --- new codes for an account that is open ----------------------------------------------------------------


def test_1_5d_new_codes_are_asked_for_without_opening_an_account(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        visit = await visit_of(desk, "vitale-compte")
        patient = PatientDesk(desk.user.app.station, visit.session, visit.member)
        results = await show(desk, PaperScreen(Handover(patient, secret=True, renew=True)))
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert [name for name in await desk.transactions() if name.startswith("TD1.5")] == ["TD1.5d"]
        assert len(desk.sheets()) == 1
        await desk.user.press("o")
        assert await dismissed(desk, results) is True

    play(story, tmp_path)


# --- the legal representative in a creation ---------------------------------------------------------------


async def creation(desk: Desk, vitale: str, rank: int) -> list[Any]:
    """The creation form for one person of a card, whatever the DMP says."""
    await desk.log_in()
    await desk.family(vitale)
    app = desk.user.app
    assert app.session is not None
    assert app.snapshot is not None
    slot = vitale_slot(app.snapshot)
    assert slot is not None
    family = await asyncio.to_thread(app.session.read_family, slot)
    results: list[Any] = []
    await app.push_screen(CreationScreen(app.session, family.members[rank - 1]), results.append)
    await desk.user.see("CONSENTEMENTS")
    return results


def test_1_1_a_minor_is_not_created_without_a_representative(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation(desk, "vitale-mineurs", 2)
        await desk.user.see("[x] Un représentant légal agit pour lui")
        await fill(desk, "city", "NIORT")
        desk.user.app.screen.query_one("#represented").focus()
        await desk.user.press("n")
        desk.user.app.screen.query_one("#consent").focus()
        await desk.user.press("space", "f10")
        await desk.user.see("Qui agit pour VALLON TOM ?", "NIORT", "Mère")
        await desk.user.press("f10")
        await desk.user.see("La qualité du représentant est à choisir")
        await desk.user.press("escape")
        await desk.user.see("Rien n'a été envoyé : le représentant légal manque.", "CONSENTEMENTS")
        assert "TD1.1" not in await desk.transactions()

    play(story, tmp_path)


def test_1_1_070_the_representative_goes_over_the_wire_with_his_own_contact(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation(desk, "vitale-mineurs", 2)
        await desk.user.press("space", "f10")
        await desk.user.see("Qui agit pour VALLON TOM ?")
        await desk.user.type("mere")
        await desk.user.press("enter")
        await desk.user.see("[Mme")
        await fill(desk, "family", "VALLON")
        await desk.user.press("f10")
        await desk.user.see("Ce champ est obligatoire.")
        await fill(desk, "given", "ANNE")
        await fill(desk, "city", "SAINT-ÉTIENNE")
        await fill(desk, "mobile", "06 39 98 55 66")
        await desk.user.press("f10")
        await desk.user.until(lambda: "Qui agit" not in desk.user.screen(), what="the sending")
        await desk.user.until(lambda: not desk.user.app.screen_stack[-1].busy, what="the answer")
        [asked] = [request for request in await requests(desk) if b"CREA_RD" in request]
        path = "//h:patientPerson/h:personalRelationship"
        assert values(asked, f"{path}/h:code/@code") == ["MTH"]
        assert values(asked, f"{path}/h:code/@codeSystem") == ["2.16.840.1.113883.1.11.19579"]
        assert values(asked, f"{path}/h:addr/h:city/text()") == ["SAINT-ÉTIENNE"]
        assert values(asked, f"{path}/h:telecom/@value") == ["tel:0639985566"]
        assert values(asked, f"{path}/h:relationshipHolder1/h:name/*/text()") == ["Mme", "VALLON", "ANNE"]

    play(story, tmp_path)


def test_1_1_what_was_typed_of_a_representative_is_still_there_after_a_refusal(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation(desk, "vitale-refus", 1)
        desk.user.app.screen.query_one("#represented").focus()
        await desk.user.press("space")
        await desk.user.see("mineur, majeur protégé) oui")
        desk.user.app.screen.query_one("#consent").focus()
        await desk.user.press("space", "f10")
        await desk.user.see("Qui agit pour REFUS LUC ?")
        await desk.user.type("tuteur")
        await desk.user.press("enter")
        await fill(desk, "civility", "m")
        await fill(desk, "family", "GARDIEN")
        await fill(desk, "given", "PAUL")
        await desk.user.press("f10")
        await desk.user.see("DMPAccessDeniedByRightsService")
        await desk.user.press("enter")
        await desk.user.see("CONSENTEMENTS")
        await desk.user.press("f10")
        await desk.user.see("Qui agit pour REFUS LUC ?", "GARDIEN", "PAUL", "Personne responsable")

    play(story, tmp_path)


def test_1_1_an_adult_is_asked_for_nobody(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation(desk, "vitale-neuve", 1)
        await desk.user.see("[ ] Un représentant légal agit pour lui")
        await desk.user.press("space", "f10")
        await desk.user.until(lambda: not desk.user.app.screen_stack[-1].busy, what="the answer")
        [asked] = [request for request in await requests(desk) if b"CREA_RD" in request]
        assert b"personalRelationship" not in asked

    play(story, tmp_path)

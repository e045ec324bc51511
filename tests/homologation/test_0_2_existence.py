"""TD0.2, existence test: every answer of the service, in words, and what the kiosk does not do without it."""

from pathlib import Path

import pytest
from access_steps import acts, agree, documents_listed, of_today, open_first, outcomes, values
from desk import Desk, play
from wire import vihf_of

RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
INS_C, NIR = "1.2.250.1.213.1.4.2", "1.2.250.1.213.1.4.10"


async def asked_about(desk: Desk) -> tuple[str, str]:
    """Root and number of the patient of the last existence test; the VIHF must name the same."""
    request = (await desk.requests("TD0.2"))[-1]
    query = "//h:queryByParameter/h:parameterList/h:patientIdentifier"
    assert values(request, f"{query}/h:semanticsText/text()") == ["Patient.id"]
    [root], [number] = (
        values(request, f"{query}/h:value/@root"),
        values(request, f"{query}/h:value/@extension"),
    )
    [cx] = vihf_of(request).attribute(RESOURCE_ID)
    assert cx.startswith(f"{number}^^^&{root}&ISO^")
    return root, number


def test_0_2_010_no_record(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await desk.family("vitale-seule")
        assert "Pas de DMP" in screen
        root, number = await asked_about(desk)
        assert root == INS_C
        assert number in screen.replace(" ", "")
        assert await outcomes(desk, "TD0.2") == ["ok"]  # an answer, not an error

    play(story, tmp_path)


def test_0_2_010_todays_service_leaves_nothing_to_create(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        assert "Pas de DMP" in await desk.family("vitale-seule")
        assert await asked_about(desk) == (NIR, "247029999902179")  # 79: 97 less the number modulo 97
        await desk.user.press("enter")
        await desk.user.see("Ce patient n'a pas de DMP", "rien à créer ici")
        await desk.user.press("enter", "f6")
        screen = await desk.user.see("Ce patient n'a pas de DMP")
        assert "BRIS DE GLACE —" not in screen
        assert await desk.transactions() == ["TD0.2"]

    play(story, tmp_path)


def test_0_2_020_closed_with_its_date_and_reason(tmp_path: Path) -> None:
    """Closed at 10:15 UTC, so on the 14th of March in Paris as in Cayenne."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "DMP fermé le 14/03/2025" in await desk.family("vitale-fermee")
        await desk.user.press("enter")
        screen = await desk.user.see(
            "DMP fermé le 14/03/2025", "Motif donné par le service", "demande du patient"
        )
        assert "Documents du DMP" not in screen
        await desk.user.press("f6")
        await desk.user.see("Bris de glace : pourquoi pas ?", "n'a pas de DMP ouvert")

    play(story, tmp_path)


def test_0_2_020_a_reason_nobody_knows_is_shown_as_it_came(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-motif")
        await desk.user.see("DMP fermé le 02/09/2024", "FERMETURE_INCONNUE_99")

    play(story, tmp_path)


def test_0_2_020_the_identity_of_the_answer_stays_hidden(tmp_path: Path) -> None:
    """The usual name of the record is another than the card's, the birth name is the same: no doubt, no display."""

    async def story(desk: Desk) -> None:
        await desk.dmp(
            do="record",
            nir13="1490499999141",
            state="terminated",
            closed_at="20250314101500",
            closing_reason="FERMETURE_DEMANDE_PATIENT",
            traits=[["usual_name", "AUTREMENT"], ["birth_name", "CLOS"]],
        )
        await desk.log_in("cps-medecin")
        assert "AUTREMENT" not in await desk.family("vitale-fermee")
        await desk.user.press("enter")
        screen = await desk.user.see("Dossier du patient", "CLOS HENRI", "DMP fermé")
        assert "AUTREMENT" not in screen

    play(story, tmp_path)


def test_0_2_020_a_state_nobody_knows_is_shown_and_survived(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.dmp(do="record", nir13="1490499999141", state="suspended")
        await desk.log_in("cps-medecin")
        assert "état « suspended »" in await desk.family("vitale-fermee")
        await desk.user.press("enter")
        screen = await desk.user.see("Dossier du patient", "« suspended »")
        assert "Documents du DMP" not in screen
        await desk.dmp(do="record", nir13="1490499999141")
        await desk.user.press("f5")
        await desk.user.see("DMP actif · non autorisé", "Documents du DMP")

    play(story, tmp_path)


def test_0_2_030_no_authorisation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "DMP · non autorisé" in await desk.family("vitale-urgence")
        await desk.user.press("enter")
        await desk.user.see("DMP actif · non autorisé", "Documents du DMP (avec l'accord du patient)")

    play(story, tmp_path)


def test_0_2_040_the_existence_is_asked_before_every_access_whatever_is_known(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        screen = await desk.family("vitale-mes")
        assert "DMP · autorisé" in screen
        assert "médecin traitant" not in screen
        await desk.user.press("enter")
        await desk.user.see("DMP actif · autorisé")
        for _ in range(2):
            await desk.choose("Documents du DMP")
            await documents_listed(desk)
            await desk.user.press("f10")
            await desk.user.see("Dossier du patient")
        assert await desk.transactions() == ["TD0.2", *["TD0.2", "TD3.1"] * 2]
        traced = [act for act, phase in await acts(desk) if phase == "intent"]
        assert traced == ["TD0.2", *["TD0.2", "TD3.1"] * 2]

    play(story, tmp_path)


def test_0_2_040_a_record_known_from_before_is_asked_about_again(tmp_path: Path) -> None:
    """From the list of those seen today, and from the list the service gave."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)", "DMP · autorisé")
        await desk.user.press("f10")
        known = await desk.transactions()
        await desk.choose("Patients de cette session")
        await desk.user.see("PETIT ANDRE")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient")
        await desk.user.press("f10", "f10")
        await desk.choose("Mes patients")
        await desk.user.see("PETIT ANDRE")
        await desk.user.type("petit")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient")
        assert await desk.transactions() == [*known, "TD0.2", "TD0.4", "TD0.2"]

    play(story, tmp_path)


def test_0_2_050_treating_doctor(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "DMP · autorisé · médecin traitant" in await desk.family("vitale-suivi")
        await desk.user.press("enter")
        await desk.user.see("DMP actif · autorisé · médecin traitant")

    play(story, tmp_path)


def test_0_2_060_an_expired_authorisation_asks_for_the_patients_word_before_anything_is_read(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "autorisation expirée" in await open_first(desk, "vitale-expiree")
        await desk.choose("Documents du DMP (avec l'accord du patient)")
        await desk.user.see("Accord du patient pour consulter son DMP", "[ ] Le patient, informé, accepte")
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est demandé")
        assert {"TD0.3", "TD3.1"}.isdisjoint(await desk.transactions())
        await agree(desk)
        await documents_listed(desk)
        sent = await desk.transactions()
        assert sent.index("TD0.3") < sent.index("TD3.1")
        await desk.user.press("f10")
        await desk.user.see("DMP actif · autorisé")

    play(story, tmp_path)


def test_0_2_070_blocked_by_the_patient(tmp_path: Path) -> None:
    """Told by whom; to declare oneself authorised is out of the question."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "accès bloqué par le patient" in await open_first(desk, "vitale-bloquee")
        await desk.choose("Documents du DMP")
        await desk.user.see("Le patient a bloqué votre accès à son DMP")
        await desk.user.press("enter")
        await desk.choose("Recueillir l'accord du patient")
        await desk.user.see("Le patient a bloqué votre accès à son DMP")
        assert {"TD0.3", "TD3.1"}.isdisjoint(await desk.transactions())

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("today", "told"),
    [(False, "INS-C impossible : NIR provisoire"), (True, "INS impossible : numéro d'attente (NIA)")],
)
def test_0_2_080_a_waiting_number_opens_nothing(today: bool, told: str, tmp_path: Path) -> None:
    """The third person of the card has a NIR that begins with 7; in the two generations of the service."""

    async def story(desk: Desk) -> None:
        if today:
            of_today(desk)
        await desk.log_in("cps-medecin")
        assert told in await desk.family("vitale-anomalies")
        asked = await desk.transactions()
        for key in ("3", "f6"):
            await desk.user.press(key)
            await desk.user.see("Cause probable", "À faire", "Code d'assistance : CARTE-")
            await desk.user.press("enter")
        assert await desk.transactions() == asked
        assert not any(b"7900399999063" in request for request in await desk.requests("TD0.2"))

    play(story, tmp_path)

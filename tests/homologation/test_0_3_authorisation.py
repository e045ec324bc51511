"""TD0.3: the patient's word, asked for, sent when somebody wants to consult, and taken back."""

from pathlib import Path

from access_steps import acts, agree, documents_listed, fields, of_today, open_first, outcomes, results
from desk import Desk, play
from wire import vihf_of

RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
RECORDED = "Accord recueilli pour votre structure"


async def sent(desk: Desk) -> list[dict[str, str]]:
    """What each TD0.3 asked for."""
    return [fields(request, "setAuthorization") for request in await desk.requests("TD0.3")]


def test_0_3_010_declared_authorised(tmp_path: Path) -> None:
    """`AJOUT` and no role, about the patient of the existence test, after the word was written down."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see("DMP actif · autorisé")
        assert await sent(desk) == [{"action": "AJOUT"}]
        [request], [tested] = await desk.requests("TD0.3"), (await desk.requests("TD0.2"))[:1]
        assert vihf_of(request).purpose == "normal"
        assert vihf_of(request).attribute(RESOURCE_ID) == vihf_of(tested).attribute(RESOURCE_ID)
        done = await acts(desk)
        assert done.index(("CONSENT", "outcome")) < done.index(("TD0.3", "intent"))
        assert await results(desk, "CONSENT") == ["GIVEN"]

    play(story, tmp_path)


def test_0_3_010_nothing_is_ticked_beforehand_and_escape_sends_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-expiree")
        await desk.choose("Documents du DMP")
        await desk.user.see("Accord du patient pour consulter son DMP", "[ ] Le patient, informé, accepte")
        await desk.user.press("space", "escape")
        await desk.user.see("Dossier du patient", "autorisation expirée")
        assert {"TD0.3", "TD3.1"}.isdisjoint(await desk.transactions())
        assert ("CONSENT", "outcome") not in await acts(desk)

    play(story, tmp_path)


def test_0_3_080_declared_then_given_up(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.choose("Le patient retire son accord")
        await desk.user.see("Le patient retire son accord ?")
        await desk.user.press("o")
        await desk.user.see("DMP actif · non autorisé")
        assert await sent(desk) == [{"action": "AJOUT"}, {"action": "SUPPRESSION"}]
        assert await outcomes(desk, "TD0.3") == ["ok", "ok"]
        assert await results(desk, "CONSENT") == ["GIVEN", "WITHDRAWN"]
        await desk.choose("Documents du DMP")
        screen = await desk.user.see("[ ] Le patient, informé, accepte")
        assert RECORDED not in screen
        assert "TD3.1" not in await desk.transactions()

    play(story, tmp_path)


def test_0_3_080_a_removal_that_is_not_confirmed_leaves_the_authorisation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        await open_first(desk, "vitale-pharmacie")
        await desk.choose("Le patient retire son accord")
        await desk.user.see("Le patient retire son accord ?")
        await desk.user.press("enter", "escape")
        await desk.user.see("DMP actif · autorisé")
        assert await sent(desk) == []

    play(story, tmp_path)


def test_0_3_100_the_secretary_asks_and_the_doctor_s_wish_to_consult_sends_it(tmp_path: Path) -> None:
    """Nothing leaves when the word is written down (EX_0.3-1030); the doctor is told who got it and when."""

    async def secretary(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-cabinet")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see(
            "Accord enregistré : il vaudra quand un professionnel de la structure consultera."
        )
        assert await sent(desk) == []
        assert await results(desk, "CONSENT") == ["GIVEN"]
        await desk.remove("cpe-cabinet")
        await desk.user.gone()

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        assert "non autorisé" in await open_first(desk, "vitale-urgence")
        assert await sent(desk) == []
        await desk.choose("Documents du DMP")
        await desk.user.see(RECORDED, "Vérifiez qu'il vaut toujours")
        await agree(desk)
        await documents_listed(desk)
        assert await sent(desk) == [{"action": "AJOUT"}]
        await desk.user.press("f10")
        await desk.choose("Le patient retire son accord")
        await desk.user.press("o")
        await desk.user.see("DMP actif · non autorisé")
        assert await sent(desk) == [{"action": "AJOUT"}, {"action": "SUPPRESSION"}]

    async def the_next_day(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Documents du DMP")
        assert RECORDED not in await desk.user.see("[ ] Le patient, informé, accepte")

    for story in (secretary, doctor, the_next_day):
        play(story, tmp_path)


def test_0_3_100_another_structure_of_the_same_desk_learns_nothing(tmp_path: Path) -> None:
    async def secretary(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-cabinet")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see("Accord enregistré")

    async def doctor_elsewhere(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Documents du DMP")
        assert RECORDED not in await desk.user.see("[ ] Le patient, informé, accepte")

    play(secretary, tmp_path)
    play(doctor_elsewhere, tmp_path)


# --- what changes under the user's hands ------------------------------------------------------------------

COMA, PETIT = "1810899999221", "1551199999031"


def test_0_3_010_a_patient_who_blocks_between_two_calls_is_heard(tmp_path: Path) -> None:
    """Known as authorised a moment ago; the existence test says otherwise, and nothing is read."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.dmp(do="record", nir13=COMA, authorizations=[["899700000041", "VALIDE"]])
        assert "DMP actif · autorisé" in await open_first(desk, "vitale-urgence")
        await desk.dmp(do="record", nir13=COMA, authorizations=[["899700000041", "INTERDIT"]])
        await desk.choose("Documents du DMP")
        await desk.user.see("Le patient a bloqué votre accès à son DMP")
        await desk.user.press("enter")
        await desk.user.see("accès bloqué par le patient")
        assert {"TD0.3", "TD3.1"}.isdisjoint(await desk.transactions())

    play(story, tmp_path)


def test_0_3_010_a_patient_who_blocks_while_the_word_is_asked_is_heard(tmp_path: Path) -> None:
    """The service refuses TD0.3 in its own words; the record shows how things stand now."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-expiree")
        await desk.choose("Documents du DMP")
        await desk.user.see("[ ] Le patient, informé, accepte")
        await desk.dmp(do="record", nir13="2590999999111", authorizations=[["899700000021", "INTERDIT"]])
        await agree(desk)
        await desk.user.see("bloqué", "Réponse du service", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "accès bloqué par le patient")
        assert "TD3.1" not in await desk.transactions()

    play(story, tmp_path)


def test_0_3_010_an_authorisation_that_expires_while_the_record_is_open_is_asked_for_again(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        await open_first(desk, "vitale-pharmacie")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        await desk.dmp(do="expire", nir13="2640299999301", actor="899700000031")
        searches = (await desk.transactions()).count("TD3.1")
        await desk.user.press("f5")
        await desk.user.see("Dossier du patient", "DMP actif · autorisation expirée")
        assert (await desk.transactions()).count("TD3.1") == searches
        await desk.choose("Documents du DMP")
        await agree(desk)
        await desk.user.see("Documents — DMP")

    play(story, tmp_path)


def test_0_3_080_a_record_closed_under_the_user_s_hands_is_told_by_every_way_in(tmp_path: Path) -> None:
    """TD0.3 refused as closed, then the record as it is now."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        await open_first(desk, "vitale-pharmacie")
        await desk.dmp(do="record", nir13="2640299999301", state="terminated", closed_at="20261101100000")
        await desk.choose("Le patient retire son accord")
        await desk.user.press("o")
        await desk.user.see("Le DMP de ce patient est fermé.", "DMPClosed")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP fermé le 01/11/2026")

    play(story, tmp_path)

"""The service of today at the desk: who is known to it, what is closed and why, and when TD0.3 leaves."""

from datetime import timedelta
from pathlib import Path

from access_steps import (
    acts,
    agree,
    documents_listed,
    fields,
    of_today,
    open_first,
    outcomes,
    results,
    values,
)
from desk import Desk, play
from wire import vihf_of

RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
NIR_TEST = "1.2.250.1.213.1.4.10"
SERVICE_NIR = "2420799999291"
COMA_NIR = "1810899999221"
COMA = f"{COMA_NIR}08"  # 97 less the number modulo 97
GIRAUD = "899700000021"
MES = "monespacesante.fr"


async def sent(desk: Desk) -> list[str]:
    """What each TD0.3 asked for."""
    return [fields(request, "setAuthorization")["action"] for request in await desk.requests("TD0.3")]


async def secretary_asks(desk: Desk) -> None:
    of_today(desk)
    await desk.log_in("cpe-cabinet")
    await open_first(desk, "vitale-urgence")
    await desk.choose("Recueillir l'accord du patient")
    await agree(desk)
    await desk.user.see("Accord enregistré", "Accord recueilli pour votre structure le")


async def give_up(desk: Desk) -> str:
    """The patient takes his word back; returns what the question said."""
    await desk.choose("Le patient retire son accord")
    asked = await desk.user.see("Le patient retire son accord ?")
    await desk.user.press("o")
    return " ".join(asked.split())


# --- who is known -----------------------------------------------------------------------------------------


def test_everybody_is_known_by_his_own_nir(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        screen = await desk.family("vitale-urgence")
        assert "INS 1 81 08 99 999 221 08" in screen
        assert "INS-C" not in screen
        [request] = await desk.requests("TD0.2")
        assert vihf_of(request).attribute(RESOURCE_ID) == [f"{COMA}^^^&{NIR_TEST}&ISO^NH"]
        assert vihf_of(request).attribute("VIHF_Version") == ["3.0"]
        assert values(request, "//h:patientIdentifier/h:value/@root") == [NIR_TEST]
        await desk.user.press("f1")
        await desk.user.see("Aide", "INSi")

    play(story, tmp_path)


def test_who_has_no_number_of_his_own_is_told_in_the_words_of_today(tmp_path: Path) -> None:
    """What only the INS-C needs is asked of nobody: a person without a birth date is asked about."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        screen = await desk.family("vitale-anomalies")
        assert "INS-C" not in screen
        said = [
            line.split(" impossible : ")[1] for line in screen.splitlines() if "INS impossible : " in line
        ]
        assert said == [
            "pas de NIR propre sur la carte",
            "clé du NIR fausse",
            "numéro d'attente (NIA), accès interdit",
            "NIR d'attente agricole",
            "NIR malformé",
            "NIR d'une autre personne ?",
        ]
        assert "Pas de DMP" in screen  # SANSDATE
        assert await desk.transactions() == ["TD0.2"]
        await desk.user.press("enter")
        await desk.user.see("Cette personne n'a pas d'INS qui ouvre un DMP", "CARTE-061")

    play(story, tmp_path)


# --- what is closed, and why ------------------------------------------------------------------------------


def test_nobody_creates_a_record_any_more(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-accueil")
        await desk.family("vitale-neuve")
        await desk.user.press("enter")
        await desk.user.see("Ce patient n'a pas de DMP", "rien à créer ici", "3422", MES)
        assert await desk.transactions() == ["TD0.2"]

    play(story, tmp_path)


def test_a_record_that_is_gone_is_not_created_from_the_list_of_today_either(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("f10")
        await desk.user.see("Mode d'accès : NORMAL")
        await desk.dmp(do="record", nir13=COMA_NIR, state="none")
        await desk.choose("Patients de cette session")
        await desk.user.see("COMA BRUNO")
        await desk.user.press("enter")
        screen = await desk.user.see("Ce patient n'a pas de DMP", "rien à créer ici")
        assert "insérez sa carte" not in screen

    play(story, tmp_path)


def test_what_was_withdrawn_is_closed_with_one_line_that_says_so(tmp_path: Path) -> None:
    closed = (
        ("Devenir médecin traitant DMP", "n'offre plus la déclaration du médecin traitant"),
        ("Activer le compte internet", "n'offre plus le compte internet"),
        ("Fermer le DMP", "n'offre plus la fermeture d'un DMP"),
    )

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-tutelle")
        for label, why in closed:
            screen = await desk.user.see(label)
            [line] = [line for line in screen.splitlines() if label in line]
            assert "pourquoi ?" in line
            await desk.choose(label)
            await desk.user.see("Pourquoi ?", why)
            await desk.user.press("enter")
            await desk.user.see("Dossier du patient")
        assert set(await desk.transactions()) == {"TD0.2"}

    play(story, tmp_path)


def test_a_closed_record_is_not_reactivated(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-accueil")
        await open_first(desk, "vitale-fermee")
        await desk.choose("Réactiver le DMP")
        await desk.user.see("Pourquoi ?", "n'offre plus la réactivation")
        assert set(await desk.transactions()) == {"TD0.2"}

    play(story, tmp_path)


def test_the_consultation_names_the_dmp_and_mon_espace_sante(tmp_path: Path) -> None:
    """EX_3.1-1075."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-suivi")
        await desk.user.see("Mon espace santé : non")
        await desk.choose("Documents du DMP")
        await documents_listed(desk)
        assert "DMP · Mon espace santé" in desk.user.screen()
        await desk.user.press("enter")
        await desk.user.see("Document — DMP · Mon espace santé", "Concerne : PETIT ANDRE")
        await desk.user.press("f10")
        await documents_listed(desk)
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        await desk.user.press("f10")
        screen = await desk.user.see("Personne(s) présente(s)")
        assert "Mon espace santé" not in screen

    play(story, tmp_path)


# --- the patient's word -----------------------------------------------------------------------------------


def test_the_word_alone_sends_nothing_and_says_what_is_read_aloud(tmp_path: Path) -> None:
    """EX_0.3-1030, the doctor himself: he asks now and consults later."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await desk.user.see("Mon espace santé", "tracés à mon nom", "puni par la loi")
        await agree(desk)
        await desk.user.see(
            "Accord enregistré", "DMP actif · non autorisé", "Accord recueilli pour votre structure"
        )
        assert await sent(desk) == []
        await desk.choose("Documents du DMP")
        await agree(desk)
        await documents_listed(desk)
        assert await sent(desk) == ["AJOUT"]
        asked = await desk.transactions()
        assert asked.index("TD0.3") < asked.index("TD3.1")

    play(story, tmp_path)


def test_a_word_taken_back_before_anybody_consulted_leaves_no_trace_at_the_dmp(tmp_path: Path) -> None:
    async def secretary(desk: Desk) -> None:
        await secretary_asks(desk)
        assert "L'accord noté pour votre structure est effacé" in await give_up(desk)
        screen = await desk.user.see("Dossier du patient", "DMP actif · non autorisé")
        await desk.user.until(lambda: "Accord recueilli" not in desk.user.screen(), what="the word forgotten")
        assert "Le patient retire" not in desk.user.screen(), screen
        assert await sent(desk) == []
        assert await results(desk, "CONSENT") == ["GIVEN", "WITHDRAWN"]

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        assert "Accord recueilli" not in await open_first(desk, "vitale-urgence")
        await desk.choose("Documents du DMP")
        assert "Accord recueilli" not in await desk.user.see("[ ] Le patient, informé, accepte")

    play(secretary, tmp_path)
    play(doctor, tmp_path)


def test_a_word_taken_back_at_the_desk_ends_what_a_colleague_had_of_it(tmp_path: Path) -> None:
    """EX_0.3-1040, « toutes les autorisations accordées »: each can be removed by its holder only, so at once when he
    opens the record; what the patient gives later is his own wish and stays.
    """

    async def secretary(desk: Desk) -> None:
        await secretary_asks(desk)
        await give_up(desk)
        await desk.user.see("Dossier du patient")

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await desk.dmp(do="record", nir13=COMA_NIR, authorizations=[[GIRAUD, "VALIDE"]])
        await desk.family("vitale-urgence")
        await desk.user.press("enter")
        await desk.user.see("a retiré son accord à votre structure le", "vient d'être supprimée")
        assert await sent(desk) == ["SUPPRESSION"]
        assert "TD3.1" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · non autorisé")
        await desk.choose("Documents du DMP")
        await agree(desk)
        await documents_listed(desk)
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · autorisé")
        assert await sent(desk) == ["SUPPRESSION", "AJOUT"]

    async def elsewhere(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-urgentiste")
        await desk.dmp(do="record", nir13=COMA_NIR, authorizations=[["899700000041", "VALIDE"]])
        await open_first(desk, "vitale-urgence")
        await desk.user.see("DMP actif · autorisé")
        assert await sent(desk) == []

    for story in (secretary, doctor, elsewhere):
        play(story, tmp_path)


def test_a_word_taken_back_by_a_doctor_ends_what_the_structure_had_of_it(tmp_path: Path) -> None:
    """The structure's authorisation is held by its employees, who may not ask since when (TD1.6)."""

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-urgentiste")
        await open_first(desk, "vitale-hopital")
        await give_up(desk)
        await desk.user.see("DMP actif · non autorisé")

    async def reception(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-accueil")
        await desk.family("vitale-hopital")
        await desk.user.press("enter")
        await desk.user.see("a retiré son accord à votre structure le", "vient d'être supprimée")
        assert await sent(desk) == ["SUPPRESSION"]
        assert "TD1.6" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · non autorisé")

    async def asked_again(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-accueil")
        await desk.dmp(do="record", nir13=SERVICE_NIR, authorizations=[])
        await open_first(desk, "vitale-hopital")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see("Accord recueilli pour votre structure")
        await desk.dmp(do="record", nir13=SERVICE_NIR, authorizations=[["10B0099991", "VALIDE"]])
        await desk.user.press("f10")
        await desk.user.see("Personne(s) présente(s)")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · autorisé")
        assert await sent(desk) == []

    for story in (doctor, reception, asked_again):
        play(story, tmp_path)


def test_an_authorisation_given_after_the_word_was_taken_back_stays(tmp_path: Path) -> None:
    """By the patient himself in Mon espace santé: the kiosk does not know better."""

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await desk.dmp(do="record", nir13=COMA_NIR, authorizations=[[GIRAUD, "VALIDE"]])  # a month ago
        before = desk.session.now() - timedelta(days=40)
        desk.session.memory.consents.withdraw(COMA, desk.session.actor.structure_id, before)
        await open_first(desk, "vitale-urgence")
        await desk.user.see("DMP actif · autorisé")
        assert await sent(desk) == []

    play(doctor, tmp_path)


def test_a_word_taken_back_by_who_sent_it_ends_it_at_once(tmp_path: Path) -> None:
    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Documents du DMP")
        await agree(desk)
        await documents_listed(desk)
        await desk.user.press("f10")
        assert "supprimée tout de suite" in await give_up(desk)
        await desk.user.see("DMP actif · non autorisé")
        assert await sent(desk) == ["AJOUT", "SUPPRESSION"]
        assert await outcomes(desk, "TD0.3") == ["ok", "ok"]
        done = await acts(desk)
        assert done.index(("CONSENT", "outcome")) < done.index(("TD0.3", "intent"))

    play(doctor, tmp_path)

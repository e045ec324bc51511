"""TD0.4: the records open to a professional, since a date, by authorisation or by document."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from access_steps import agree, fields, open_first, outcomes
from desk import Desk, play

GIRAUD = "899700000021"
WINTER = datetime(2026, 2, 1).astimezone(UTC)
"""Midnight where the workstation is."""


async def sent(desk: Desk) -> dict[str, str]:
    """What the last TD0.4 asked for."""
    return fields((await desk.requests("TD0.4"))[-1], "patientList")


async def since(desk: Desk, text: str) -> None:
    desk.user.app.screen.query_one("#since").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type(text)
    await desk.user.press("enter")


async def dashboard(desk: Desk) -> None:
    await desk.log_in("cps-medecin")
    await desk.choose("Mes patients")
    await desk.user.see("Mes patients — DMP autorisés", "PETIT ANDRE")


async def dashboard_of(desk: Desk, rpps: str) -> None:
    """By the secretary of the practice, for one of its professionals."""
    await desk.log_in("cpe-cabinet")
    await desk.choose("DMP autorisés d'un professionnel de la structure")
    await desk.user.see("RPPS")
    await desk.user.type(rpps)
    await desk.user.press("enter")


async def wait_for(desk: Desk, name: str, count: int) -> None:
    """The filter keeps so many of what was received."""
    desk.user.app.screen.query_one("#filter").focus()
    await desk.user.press("end", "ctrl+u")
    await desk.user.type(name)
    shown = await desk.user.see(f" {count} sur ")
    assert shown.split("Ma visite")[1].count(name.upper()) == count


async def listed(desk: Desk, name: str) -> None:
    await wait_for(desk, name, 1)


async def not_listed(desk: Desk, name: str) -> None:
    await wait_for(desk, name, 0)


def test_0_4_010_authorised_since_a_date(tmp_path: Path) -> None:
    """The service's own spelling of the kind of date; the cast gave its authorisations thirty days ago."""

    async def story(desk: Desk) -> None:
        await dashboard(desk)
        assert await sent(desk) == {"dateType": "LASTAUTORIZATION"}
        asked = date.today() - timedelta(days=60)
        await since(desk, f"{asked:%d/%m/%Y}")
        await desk.user.see(f"autorisations depuis {asked:%d/%m/%Y}", "PETIT ANDRE")
        midnight = datetime(asked.year, asked.month, asked.day).astimezone(UTC)
        assert await sent(desk) == {"startDate": f"{midnight:%Y%m%d%H%M%S}", "dateType": "LASTAUTORIZATION"}
        await not_listed(desk, "coma")  # never authorised him
        await since(desk, f"{date.today() - timedelta(days=20):%d/%m/%Y}")
        await desk.user.see("0 sur 0")
        assert await outcomes(desk, "TD0.4") == ["ok"] * 3

    play(story, tmp_path)


def test_0_4_010_what_was_received_is_filtered_without_asking_again_and_opens_a_record(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await dashboard(desk)
        await desk.user.type("petit")
        await desk.user.see("1 sur")
        assert (await desk.transactions()).count("TD0.4") == 1
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "médecin traitant")
        await desk.user.press("f10")
        await desk.user.see("Mes patients — DMP autorisés", "1 sur")

    play(story, tmp_path)


@pytest.mark.parametrize("typed", ["31/02/2026", "hier", "01/01/2999"])
def test_0_4_010_a_date_that_is_none_sends_nothing(typed: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await dashboard(desk)
        await since(desk, typed)
        await desk.user.see("Date attendue : JJ/MM/AAAA.")
        assert (await desk.transactions()).count("TD0.4") == 1

    play(story, tmp_path)


def test_0_4_015_authorised_with_a_cpe_for_a_professional(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await dashboard_of(desk, "99700000021")
        await desk.user.see("PETIT ANDRE")
        assert await sent(desk) == {"dateType": "LASTAUTORIZATION", "psOwnerId": GIRAUD}
        await not_listed(desk, "coma")
        assert await outcomes(desk, "TD0.4") == ["ok"]

    play(story, tmp_path)


def test_0_4_015_without_a_professional_nothing_is_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await dashboard_of(desk, "997")
        await desk.user.see("Donnez le numéro RPPS du professionnel de votre structure")
        assert "TD0.4" not in await desk.transactions()

    play(story, tmp_path)


def test_0_4_015_a_professional_of_another_structure_is_refused_in_the_service_s_words(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await dashboard_of(desk, "99700000031")
        await desk.user.see("Réponse du service", "Code d'assistance")
        await desk.user.press("enter")
        screen = await desk.user.see("Donnez le numéro RPPS du professionnel")
        assert "Aucun DMP reçu." not in screen

    play(story, tmp_path)


async def only_those_with_a_recent_document(desk: Desk) -> None:
    """FIDÈLE and LIEN got one in March and September 2026, Tom VALLON in January, SAISON never."""
    await since(desk, "01/02/2026")
    await desk.user.see("documents depuis 01/02/2026")
    await listed(desk, "fidèle")
    await listed(desk, "lien")
    await not_listed(desk, "vallon")
    await not_listed(desk, "saison")


def test_0_4_020_records_that_got_a_document_since_a_date(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await dashboard(desk)
        await listed(desk, "saison")
        await desk.user.press("f3")
        await desk.user.see("documents depuis toujours")
        await only_those_with_a_recent_document(desk)
        assert await sent(desk) == {"startDate": f"{WINTER:%Y%m%d%H%M%S}", "dateType": "LASTDOC"}

    play(story, tmp_path)


def test_0_4_025_the_same_with_a_cpe_for_a_professional(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await dashboard_of(desk, "99700000021")
        await desk.user.see("PETIT ANDRE")
        await desk.user.press("f3")
        await desk.user.see("documents depuis toujours")
        await only_those_with_a_recent_document(desk)
        start = f"{WINTER:%Y%m%d%H%M%S}"
        assert await sent(desk) == {"startDate": start, "dateType": "LASTDOC", "psOwnerId": GIRAUD}

    play(story, tmp_path)


# --- what the list says of today's patients ---------------------------------------------------------------

COMA, GIRAUD_S = "1810899999221", [["899700000021", "VALIDE"]]


async def seen_today(desk: Desk) -> str:
    """From the record of Bruno COMA back to the list of today's patients."""
    await desk.user.press("f10", "f10")
    await desk.choose("Patients de cette session")
    return await desk.user.see("Patients de cette session", "COMA BRUNO")


async def listed_meanwhile(desk: Desk) -> str:
    """The patient authorised the doctor from elsewhere, whose dashboard then says so; today's patients again."""
    await desk.dmp(do="record", nir13=COMA, authorizations=GIRAUD_S)
    await desk.user.press("f10")
    await desk.choose("Mes patients")
    await desk.user.see("COMA BRUNO")
    await desk.user.press("f10")
    await desk.choose("Patients de cette session")
    return await desk.user.see("Patients de cette session", "COMA BRUNO")


def test_rec_0_4_1010_a_known_patient_of_the_list_is_marked_as_open_to_the_caller(tmp_path: Path) -> None:
    """Only this card's patients are known here; the record is opened after an existence test all the same."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        assert "DMP · non autorisé" in await seen_today(desk)
        assert "DMP · autorisé" in await listed_meanwhile(desk)
        tests = (await desk.transactions()).count("TD0.2")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif · autorisé")
        assert (await desk.transactions()).count("TD0.2") == tests + 1

    play(story, tmp_path)


def test_rec_0_4_1010_not_a_patient_who_took_back_his_word(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.choose("Le patient retire son accord")
        await desk.user.press("o")
        await desk.user.see("DMP actif · non autorisé")
        assert "DMP · non autorisé" in await seen_today(desk)
        assert "DMP · non autorisé" in await listed_meanwhile(desk)

    play(story, tmp_path)


def test_rec_0_4_1010_the_list_of_somebody_else_marks_nobody(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cpe-cabinet")
        await open_first(desk, "vitale-urgence")
        await desk.dmp(do="record", nir13=COMA, authorizations=GIRAUD_S)
        await desk.user.press("f10", "f10")
        await desk.choose("DMP autorisés d'un professionnel de la structure")
        await desk.user.see("RPPS")
        await desk.user.type("99700000021")
        await desk.user.press("enter")
        await desk.user.see("COMA BRUNO")
        await desk.user.press("f10")
        await desk.choose("Patients de cette session")
        await desk.user.see("Patients de cette session", "DMP · non autorisé")

    play(story, tmp_path)

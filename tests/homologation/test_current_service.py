"""What only the service of today knows: the waiting number, and the word that is recorded before it is sent."""

from pathlib import Path

from access_steps import acts, agree, documents_listed, fields, of_today, open_first, results
from desk import Desk, play
from wire import vihf_of

from kiosk.journal import describe

RESOURCE_ID = "urn:oasis:names:tc:xacml:2.0:resource:resource-id"
NIA = "790039999906324"  # PROVISOIRE, with its key: 97 less the number modulo 97
COMA = "181089999922108^^^&1.2.250.1.213.1.4.10&ISO^NH"
REFUSED = "numéro d'attente (NIA), accès interdit"


def test_0_2_080_a_waiting_number_is_written_down_and_opens_nothing(tmp_path: Path) -> None:
    """Recorded in the journal as any patient is, without the number; no request names it; every door says why."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        assert REFUSED in await desk.family("vitale-anomalies")
        rows = [describe(row) for row in desk.journal.rows() if row.entry.act == "IDENTITY"]
        assert len(rows) == 1
        assert "numéro d'attente, accès interdit" in rows[0]
        assert "patient " in rows[0]
        assert NIA not in rows[0]
        assert await results(desk, "IDENTITY") == ["NIA"]
        await desk.user.press("down", "down")
        for key in ("enter", "f6"):
            await desk.user.press(key)
            await desk.user.see("Accès au DMP interdit avec un numéro d'attente (NIA)", "CARTE-061")
            await desk.user.press("enter")
            await desk.user.see("Personne(s) présente(s)")
        named = [vihf_of(request).attribute(RESOURCE_ID)[0] for request in await desk.requests("TD0.2")]
        assert named
        assert not any(NIA[:13] in one for one in named)
        assert set(await desk.transactions()) == {"TD0.2"}

    play(story, tmp_path)


def test_0_2_080_the_final_number_opens_the_record_as_soon_as_it_is_known(tmp_path: Path) -> None:
    """Nothing of the refusal stays with the card or the workstation."""

    async def story(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        assert REFUSED in await desk.family("vitale-anomalies")
        await desk.remove("vitale-anomalies")
        await desk.user.press("f10")
        await desk.user.see("Mode d'accès : NORMAL")
        assert "DMP · non autorisé" in await desk.family("vitale-urgence")

    play(story, tmp_path)


def test_0_3_100_recorded_by_the_secretary_sent_for_the_doctor_taken_back_at_once(tmp_path: Path) -> None:
    """One story over three card sessions of one workstation, all of it by NIR."""

    async def secretary(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-cabinet")
        await open_first(desk, "vitale-urgence")
        await desk.choose("Recueillir l'accord du patient")
        await agree(desk)
        await desk.user.see("Accord enregistré", "Accord recueilli pour votre structure le")
        await desk.remove("cpe-cabinet")
        await desk.user.gone()
        assert set(await desk.transactions()) == {"TD0.2"}

    async def doctor(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await desk.user.see("DMP actif · non autorisé", "Accord recueilli pour votre structure le")
        assert set(await desk.transactions()) == {"TD0.2"}
        await desk.choose("Documents du DMP")
        await desk.user.see("Accord recueilli pour votre structure le", "Vérifiez qu'il vaut toujours")
        await agree(desk)
        await documents_listed(desk)
        asked = await desk.transactions()
        assert asked.index("TD0.3") < asked.index("TD3.1")
        await desk.user.press("f10")
        await desk.choose("Le patient retire son accord")
        await desk.user.press("o")
        await desk.user.see("DMP actif · non autorisé")
        said = await desk.requests("TD0.3")
        assert [fields(one, "setAuthorization") for one in said] == [
            {"action": "AJOUT"},
            {"action": "SUPPRESSION"},
        ]
        assert {vihf_of(one).attribute(RESOURCE_ID)[0] for one in said} == {COMA}
        done = await acts(desk)
        assert [one for one in done if one[0] == "CONSENT"] == [("CONSENT", "outcome")] * 3
        assert await results(desk, "CONSENT") == ["GIVEN", "GIVEN", "WITHDRAWN"]

    async def secretary_again(desk: Desk) -> None:
        of_today(desk)
        await desk.log_in("cpe-cabinet")
        assert "Accord recueilli" not in await open_first(desk, "vitale-urgence")

    for story in (secretary, doctor, secretary_again):
        play(story, tmp_path)

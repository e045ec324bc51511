"""Break-glass: an access without the patient's word, with a reason, told on every screen, and soon over.

Cases of the families 0.1 and 3.1 that break the glass; 1.3a-040 stands with its family.
"""

import resource
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from access_steps import BANNER, acts, break_glass, documents_listed, give_reason, outcomes, reasons, results
from desk import Desk, play
from textual import events
from wire import vihf_of

from kiosk.station import utc_now

CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX^1.2.250.1.213.1.1.4.13"
COMA = "1810899999221"


async def opened_in_emergency(desk: Desk, vitale: str = "vitale-urgence") -> None:
    await desk.log_in("cps-urgentiste")
    await desk.family(vitale)
    await break_glass(desk)
    await desk.user.see("Documents — DMP", BANNER)


# --- the cases ----------------------------------------------------------------------------------------------


def test_0_1_340_break_glass_and_secret_connection_together(tmp_path: Path) -> None:
    """Tom, ten years old, never authorised the emergency doctor; his mother will see nothing of this."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-mineurs")
        await desk.user.press("down", "f6")
        await desk.user.see("VALLON TOM a moins de 18 ans", "O : connexion secrète")
        await desk.user.press("o")
        await give_reason(desk)
        await desk.user.see("Documents — DMP", f"{BANNER} VALLON TOM")
        await documents_listed(desk)
        vihf = vihf_of((await desk.requests("TD3.1"))[-1])
        assert vihf.purpose == "bris_de_glace"
        assert vihf.attribute("Mode_Acces_Raison") == ["Patient inconscient"]
        assert vihf.attribute(CONFIDENTIALITY) == [HIDDEN]
        assert await outcomes(desk, "TD3.1") == ["ok"]
        await desk.user.press("f10")
        await desk.user.see("CONNEXION SECRÈTE", "Mode d'accès : BRIS DE GLACE")
        patient = (await desk.dmp(do="history"))["history"]
        mother = (await desk.dmp(do="history", **{"for": "representative"}))["history"]
        assert [line["mode"] for line in patient if line["transaction"] == "TD3.1"] == ["bris_de_glace"]
        assert "TD3.1" not in [line["transaction"] for line in mother]

    play(story, tmp_path)


def test_3_1_150_the_search_brings_what_a_treating_doctor_finds(tmp_path: Path) -> None:
    found: list[int] = []

    async def treating_doctor(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-suivi")
        await desk.user.press("enter")
        await desk.user.see("autorisé · médecin traitant")
        await desk.choose("Documents du DMP")
        found.append(await documents_listed(desk))

    async def emergency(desk: Desk) -> None:
        await opened_in_emergency(desk, "vitale-suivi")
        assert await documents_listed(desk) == found[0]
        assert vihf_of((await desk.requests("TD3.1"))[-1]).purpose == "bris_de_glace"
        assert await outcomes(desk, "TD3.1") == ["ok"]

    play(treating_doctor, tmp_path / "treating")
    play(emergency, tmp_path / "emergency")


def test_3_1_150_the_reason_is_on_disk_before_the_first_request_and_on_every_screen(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        screen = await desk.user.see("BRIS DE GLACE · COMA BRUNO · encore 30 min")
        assert screen.splitlines()[0].startswith(BANNER)
        done = await acts(desk)
        assert done.index(("BREAK_GLASS", "intent")) < done.index(("TD3.1", "intent"))
        assert await reasons(desk, "BREAK_GLASS") == ["Patient inconscient"]
        vihf = vihf_of((await desk.requests("TD3.1"))[-1])
        assert vihf.purpose == "bris_de_glace"
        assert vihf.attribute("Mode_Acces_Raison") == ["Patient inconscient"]
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient", BANNER, "Mode d'accès : BRIS DE GLACE")
        await desk.user.press("f1")
        screen = await desk.user.see("Aide")
        assert screen.splitlines()[0].startswith(BANNER)
        await desk.user.press("escape", "f10")
        screen = await desk.user.see("Personne(s) présente(s)")
        assert BANNER not in screen
        assert await results(desk, "BREAK_GLASS") == ["CLOSED"]

    play(story, tmp_path)


def test_3_1_150_a_reason_that_cannot_be_written_down_opens_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-urgence")
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # as a disk with no byte left
        try:
            await break_glass(desk)
            await desk.user.see("Le journal ne peut pas être écrit", "BORNE-200")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        await desk.user.press("enter")
        screen = await desk.user.see("Dossier du patient", "Mode d'accès : NORMAL")
        assert BANNER not in screen
        assert "TD3.1" not in await desk.transactions()

    play(story, tmp_path)


def test_3_1_250_an_opposed_patient_is_refused_with_words_and_what_is_left_to_do(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-urgentiste")
        await desk.family("vitale-glace")
        await break_glass(desk)
        await desk.user.see(
            "Le patient s'oppose à cet accès.", "DMPAccessForbidden", "appeler le SAMU", "médecin traitant"
        )
        assert await outcomes(desk, "TD3.1") == ["DMPAccessForbidden"]
        assert vihf_of((await desk.requests("TD3.1"))[-1]).purpose == "bris_de_glace"
        await desk.user.press("escape")
        screen = await desk.user.see("Dossier du patient", "Mode d'accès : NORMAL")
        assert BANNER not in screen
        assert await results(desk, "BREAK_GLASS") == ["DMPAccessForbidden"]

    play(story, tmp_path)


def test_3_1_211_a_closed_record_is_not_searched(tmp_path: Path) -> None:
    """The kiosk knows first; closed between the existence test and the search, the service says it."""

    async def known(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-pharmacie")
        await desk.dmp(do="record", nir13="2640299999301", state="terminated", closed_at="20261101100000")
        await desk.user.press("enter")
        await desk.choose("Documents du DMP")
        screen = await desk.user.see("DMP fermé le 01/11/2026")
        assert "Documents du DMP" not in screen
        assert "TD3.1" not in await desk.transactions()

    async def meanwhile(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-suivi")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient")
        await desk.dmp(do="fault", kind="slow", seconds=0)  # the existence test
        await desk.dmp(do="fault", kind="ack-error", code="DMPClosed", text="Le DMP de ce patient est fermé.")
        await desk.choose("Documents du DMP")
        await desk.user.see("Le DMP de ce patient est fermé.", "DMPClosed", "À faire")
        assert await outcomes(desk, "TD3.1") == ["DMPClosed"]
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient")
        assert (await desk.transactions())[-2:] == ["TD3.1", "TD0.2"]

    play(known, tmp_path / "known")
    play(meanwhile, tmp_path / "meanwhile")


# --- what disturbs it ---------------------------------------------------------------------------------------


def test_3_1_250_a_patient_who_objects_while_the_record_is_open_is_heard_at_the_next_call(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await desk.dmp(do="record", nir13=COMA, opposed_to_break_glass=True)
        await desk.user.press("f5")
        await desk.user.see("DMPAccessForbidden", "appeler le SAMU")
        await desk.user.press("escape")
        screen = await desk.user.see("Dossier du patient", "Mode d'accès : NORMAL")
        assert BANNER not in screen

    play(story, tmp_path)


def shifting() -> tuple[Callable[[], datetime], Callable[[timedelta], None]]:
    """A clock of the day, and a hand that sets it."""
    by = [timedelta(0)]
    return (lambda: utc_now() + by[0]), lambda shift: by.__setitem__(0, shift)


@pytest.mark.parametrize("shift", [timedelta(hours=3), timedelta(hours=-3)])
def test_3_1_150_setting_the_clock_neither_ends_nor_prolongs_the_access(
    shift: timedelta, tmp_path: Path
) -> None:
    """The service finds the time wrong and says so; the thirty minutes go on by a clock that nobody sets."""
    clock, set_clock = shifting()

    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        set_clock(shift)
        desk.pass_time(10 * 60)
        await desk.user.see("encore 20 min")
        await desk.user.press("f5")
        await desk.user.see("DMP-021", BANNER)
        await desk.user.press("enter")
        await desk.user.see("Documents — DMP", "encore 20 min")
        set_clock(timedelta(0))
        await desk.user.press("f5")
        await documents_listed(desk)
        desk.pass_time(20 * 60 + 1)
        await desk.user.see("L'accès en bris de glace est terminé", "BORNE-311")
        assert await results(desk, "BREAK_GLASS") == ["TIMEOUT"]

    play(story, tmp_path, clock=clock)


def test_3_1_150_the_end_of_the_access_ends_a_call_that_hangs(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await desk.dmp(do="fault", kind="drip", seconds=5)
        await desk.user.press("f5")
        await desk.user.until(lambda: desk.session.calling, what="the call")
        desk.pass_time(30 * 60 + 1)
        await desk.user.see("L'accès en bris de glace est terminé", "BORNE-311")
        await desk.user.press("enter")
        screen = await desk.user.see("Personne(s) présente(s)", "DMP · non autorisé")
        assert BANNER not in screen

    play(story, tmp_path)


async def close_elsewhere(desk: Desk) -> None:
    await desk.dmp(do="record", nir13=COMA, state="terminated", closed_at="20261101100000")


async def the_access_is_over(desk: Desk) -> None:
    """The banner goes, the words say why, the family tells how things stand."""
    screen = await desk.user.see(
        "L'accès en bris de glace est terminé", "vient d'être fermé", "le SAMU (15)", "BORNE-311"
    )
    assert BANNER not in screen
    assert await results(desk, "BREAK_GLASS") == ["DMPClosed"]
    asked = (await desk.transactions()).count("TD3.1")
    await desk.user.press("enter")
    screen = await desk.user.see("Personne(s) présente(s)", "DMP fermé le 01/11/2026")
    assert BANNER not in screen
    assert (await desk.transactions()).count("TD3.1") == asked


def test_3_1_150_a_record_closed_meanwhile_ends_the_access_at_the_next_search(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await close_elsewhere(desk)
        await desk.user.press("f5")
        await the_access_is_over(desk)

    play(story, tmp_path)


def test_3_1_150_a_record_closed_meanwhile_ends_the_access_at_the_next_document(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await close_elsewhere(desk)
        await desk.user.press("enter")
        await the_access_is_over(desk)

    play(story, tmp_path)


@pytest.mark.parametrize("way", ["ask again", "administrative data", "documents"])
def test_3_1_150_a_record_closed_meanwhile_ends_the_access_from_the_record(way: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient", BANNER)
        await close_elsewhere(desk)
        match way:
            case "ask again":
                await desk.user.press("f5")
            case "documents":
                await desk.choose("Documents du DMP")
            case _:
                await desk.choose("Données administratives")
        await the_access_is_over(desk)

    play(story, tmp_path)


def test_3_1_150_a_second_professional_card_changes_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await documents_listed(desk)
        await desk.remove("vitale-urgence")
        await desk.insert("cps-medecin")
        await desk.user.see("Deux cartes professionnelles sont présentes.", "CARTE-031", BANNER)
        await desk.user.press("enter")
        await desk.user.see("Documents — DMP", BANNER, "O'BRIEN")
        await desk.remove("cps-medecin")
        await desk.user.press("f5")
        await documents_listed(desk)
        holders = {row["holder"] for row in (await desk.dmp(do="log"))["log"]}
        assert holders == {"cps-urgentiste"}
        assert vihf_of((await desk.requests("TD3.1"))[-1]).purpose == "bris_de_glace"

    play(story, tmp_path)


def test_3_1_150_the_same_professional_card_taken_out_ends_everything(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await opened_in_emergency(desk)
        await desk.remove("cps-urgentiste")
        await desk.user.gone()

    play(story, tmp_path)


async def write_reason(desk: Desk, *pasted: str) -> None:
    """Choose « Autre motif », paste, confirm."""
    await desk.log_in("cps-urgentiste")
    await desk.family("vitale-urgence")
    await desk.user.press("f6")
    await desk.user.see("Autre motif")
    await desk.user.press("6")
    await desk.user.see("Précisez le motif en 10 caractères au moins")
    for text in pasted:
        desk.user.app.post_message(events.Paste(text))
    await desk.user.press("enter")


def test_3_1_150_control_characters_of_a_reason_go_nowhere(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await write_reason(desk, "\x1b[31mtrouvé \x07inanimé\x00 \u202eau parc")
        await desk.user.see("Ouvrir en urgence le DMP de", "inanimé")
        await desk.user.press("o")
        await desk.user.see("Documents — DMP", BANNER)
        await documents_listed(desk)
        [kept] = await reasons(desk, "BREAK_GLASS")
        assert kept.isprintable()
        assert "trouvé" in kept
        assert "au parc" in kept
        assert vihf_of((await desk.requests("TD3.1"))[-1]).attribute("Mode_Acces_Raison") == [kept]

    play(story, tmp_path)


def test_3_1_150_ten_thousand_letters_are_no_reason_and_two_hundred_are(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await write_reason(desk, "a" * 10_000)
        await desk.user.see("Précisez le motif en 10 caractères au moins")
        for _ in range(30):
            desk.user.app.post_message(events.Paste("inanimé à terre "))
        await desk.user.press("enter")
        await desk.user.see("Ouvrir en urgence le DMP de")
        await desk.user.press("o")
        await desk.user.see("Documents — DMP", BANNER)
        await documents_listed(desk)
        [kept] = await reasons(desk, "BREAK_GLASS")
        assert kept.startswith("inanimé à terre inanimé")
        assert len(kept) <= 200
        assert vihf_of((await desk.requests("TD3.1"))[-1]).attribute("Mode_Acces_Raison") == [kept]

    play(story, tmp_path)

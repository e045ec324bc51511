"""TNR-01, TNR-03: what every new version is played through again before it is delivered."""

from pathlib import Path

import pytest
from access_steps import agree, open_first, outcomes
from deposit_desk import describe, into_lot, scan
from deposit_files import pdfa
from deposit_steps import (
    DEPOSIT,
    FILES,
    begin,
    choose_file,
    deposit_through_hub,
    finish,
    last_lot,
    name_author,
    send,
)
from desk import Desk, play
from document_steps import (
    GIRAUD,
    O_BRIEN,
    Reader,
    catalogue,
    complete,
    confirm,
    count_is,
    entry_of,
    manage,
    open_list,
    read,
    search,
    shown_to,
)
from wire import vihf_of

from kiosk.dmp.document import Visibility

ANDRE = "1551199999031"
CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"


# --- deposits, by somebody whom the patient did not authorise -------------------------------------------------------


@pytest.mark.parametrize("card", ["cps-medecin", "cps-pharmacien", "cps-infirmier"])
def test_tnr_01_a_deposit_by_each_card_without_an_authorisation(card: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in(card)
        assert "non autorisé" in await open_first(desk, "vitale-urgence")
        await deposit_through_hub(desk, tmp_path, "Sans accord", kind="")
        assert await outcomes(desk, "TD2.1") == ["ok"]
        assert "TD0.3" not in await desk.transactions()

    play(story, tmp_path)


def test_tnr_01_a_deposit_by_an_employee(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cpe-cabinet")
        assert "non autorisé" in await open_first(desk, "vitale-urgence")
        await desk.choose(DEPOSIT)
        await name_author(desk)
        await choose_file(desk)
        await describe(desk, "Pour le docteur")
        await send(desk)
        assert await outcomes(desk, "TD2.2") == ["ok"]

    play(story, tmp_path)


def test_tnr_01_deposited_for_this_then_deleted(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await deposit_through_hub(desk, tmp_path, "Sans accord")
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES)
        await desk.user.press("escape", "d")
        await desk.user.see("Dépôts faits par vous", "1 document")
        await desk.user.press("delete")
        await desk.user.see("tapez SUPPRIMER")
        await desk.user.type("supprimer")
        await desk.user.press("enter")
        await desk.user.see("Le document n'est plus dans le DMP")

    play(story, tmp_path)


@pytest.mark.parametrize("secret", [True, False])
def test_tnr_01_for_a_minor_with_and_without_a_secret_connection(secret: bool, tmp_path: Path) -> None:
    """With it the representatives are left out whatever is wished; without, only if somebody says so."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("o" if secret else "n")
        await begin(desk)
        await describe(desk, "Entre nous")
        await send(desk)
        [one] = (await last_lot(desk)).documents
        hidden = ["INVISIBLE_REPRESENTANTS_LEGAUX"] if secret else []
        assert one.codes["confidentiality"] == ["N", *hidden]
        vihf = vihf_of((await desk.requests("TD2.1"))[-1])
        assert [code.partition("^")[0] for code in vihf.attribute(CONFIDENTIALITY)] == hidden

    play(story, tmp_path)


@pytest.mark.parametrize(("rank", "asks"), [(2, True), (3, True), (1, False)])
def test_tnr_01_the_age_decides_whether_the_representatives_are_spoken_of(
    rank: int, asks: bool, tmp_path: Path
) -> None:
    """Ten years, a week before eighteen, and a grown-up."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press(str(rank))
        if asks:
            await desk.user.see("a moins de 18 ans")
            await desk.user.press("n")
        await begin(desk)
        screen = await desk.user.see("QUI LE VERRA")
        assert ("représentants légaux" in screen) is asks

    play(story, tmp_path)


def test_tnr_01_a_lot_of_three(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        names = ("a.pdf", "b.pdf", "c.pdf")
        for name in names:
            scan(tmp_path, name, pdfa(name))
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-urgence")
        await begin(desk, names[0])
        await describe(desk, names[0])
        await into_lot(desk, 1)
        for number, name in enumerate(names[1:], start=2):
            await desk.user.press("a")
            await choose_file(desk, name)
            await describe(desk, name)
            await into_lot(desk, number)
        await finish(desk)
        lot = await last_lot(desk)
        assert [one.title for one in lot.documents] == list(names)
        assert (await desk.transactions()).count("TD2.1") == 1

    play(story, tmp_path)


def test_tnr_01_replaced_with_another_title_content_and_visibility(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await desk.user.press("f10")
        await deposit_through_hub(desk, tmp_path, "Avant")
        await desk.choose("Documents du DMP")
        await complete(desk)
        old = entry_of(desk, "Avant")
        scan(tmp_path, "version.pdf", pdfa("corrigé"))
        await manage(desk, "Avant", "Remplacer par une nouvelle version")
        await choose_file(desk, "version.pdf")
        await desk.user.see("Nouvelle version de")
        desk.user.app.screen.query_one("#title-text").value = "Après"  # type: ignore[attr-defined]
        desk.user.app.screen.query_one("#shown").focus()
        await desk.user.press("right")
        await into_lot(desk)
        await finish(desk)
        await desk.user.see("Chercher de nouveau ?")
        await desk.user.press("o")
        await complete(desk)
        new = entry_of(desk, "Après")
        assert new.visibility == Visibility(hidden_from_professionals=True)
        lot = await last_lot(desk)
        assert lot.link("RPLC") == [(lot.documents[0].id, old.entry_uuid)]

    play(story, tmp_path)


# --- consulting -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("card", "reader"), [("cps-medecin", GIRAUD), ("cps-urgentiste", O_BRIEN)])
def test_tnr_03_authorised_searching_certificates_reading_one(
    card: str, reader: Reader, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in(card)
        screen = await open_first(desk, "vitale-suivi")
        await desk.choose("Documents du DMP")
        if "avec l'accord du patient" in screen:
            await agree(desk)
        await complete(desk)
        await search(desk, type="CERT_DECL")
        wanted = [one for one in shown_to(reader, catalogue(ANDRE)) if one.kind.type_code == "CERT_DECL"]
        await count_is(desk, wanted)
        await read(desk, "Certificat d'aptitude (corrigé)", "sous 1 500 mètres")

    play(story, tmp_path)


def test_tnr_03_a_report_with_its_own_sheet_read_then_shown_to_the_patient(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk, "cps-urgentiste", "vitale-hopital")
        await read(desk, "Bilan d'entrée (auto-présentable)", "CR d'examens biologiques")
        await desk.user.press("f10")
        await complete(desk)
        await desk.user.press("f10")
        await deposit_through_hub(desk, tmp_path, "À annoncer", shown="pas encore le patient")
        await desk.choose("Documents du DMP")
        await complete(desk)
        await manage(desk, "À annoncer", "Rendre visible au patient")
        await confirm(desk, "Le document est visible du patient", word="VISIBLE")
        assert entry_of(desk, "À annoncer").visibility == Visibility()

    play(story, tmp_path)

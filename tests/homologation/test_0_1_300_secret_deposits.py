"""0.1-300, what is deposited in the secret connection of a minor: seven steps, and two refusals of the kiosk's own."""

from pathlib import Path

from access_steps import outcomes
from deposit_desk import describe, fill, into_lot, scan
from deposit_files import pdfa
from deposit_steps import begin, choose_file, deposit_through_hub, finish, last_lot
from desk import Desk, play
from document_steps import LIST, complete, confirm, entry_of, manage, titles
from wire import vihf_of

from kiosk.dmp.document import Visibility

CONFIDENTIALITY = "urn:oasis:names:tc:xspa:1.0:resource:patient:hl7:confidentiality-code"
HIDDEN = "INVISIBLE_REPRESENTANTS_LEGAUX"


async def visit_tom(desk: Desk, *, secret: bool) -> None:
    """Ten years old, second on his mother's card, which is in."""
    await desk.user.press("2")
    await desk.user.see("VALLON TOM a moins de 18 ans")
    await desk.user.press("o" if secret else "n")
    await desk.user.see("Dossier du patient", "DMP actif")
    assert ("CONNEXION SECRÈTE" in desk.user.screen()) is secret


async def leave(desk: Desk) -> None:
    await desk.user.press("f10")
    await desk.user.see("Personne(s) présente(s)")


async def list_documents(desk: Desk) -> None:
    await desk.choose("Documents du DMP")
    await complete(desk)


async def replacement(desk: Desk, tmp_path: Path, old: str, new: str, content: str) -> str:
    """The form of the next version, filled in; the screen."""
    scan(tmp_path, "version.pdf", pdfa(content))
    await manage(desk, old, "Remplacer par une nouvelle version")
    await choose_file(desk, "version.pdf")
    await desk.user.see(f"Nouvelle version de « {old} »")
    screen = desk.user.screen()
    await fill(desk, "title-text", new)
    return screen


async def list_again(desk: Desk) -> None:
    await desk.user.see("Chercher de nouveau ?")
    await desk.user.press("o")
    await desk.user.see(LIST)
    await complete(desk)


def test_0_1_300_deposited_changed_deleted_shown_and_never_hidden_again(tmp_path: Path) -> None:
    unseen = Visibility(invisible_to_representatives=True)

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        # 1. four documents, in the secret connection
        await visit_tom(desk, secret=True)
        scan(tmp_path, "0.pdf", pdfa("0"))
        await begin(desk, "0.pdf")
        await describe(desk, "Secret 0")
        screen = desk.user.screen()
        assert "Visible de " not in screen, "nothing is to be chosen there"
        await into_lot(desk, 1)
        for number in (1, 2, 3):
            scan(tmp_path, f"{number}.pdf", pdfa(str(number)))
            await desk.user.press("a")
            await choose_file(desk, f"{number}.pdf")
            await describe(desk, f"Secret {number}")
            await into_lot(desk, number + 1)
        await finish(desk)
        lot = await last_lot(desk)
        assert [one.codes["confidentiality"] for one in lot.documents] == [["N", HIDDEN]] * 4
        asked = vihf_of((await desk.requests("TD2.1"))[-1]).attribute(CONFIDENTIALITY)
        assert [code.partition("^")[0] for code in asked] == [HIDDEN]
        # 2. one is changed, 3. another deleted, 4. and they are looked for
        await list_documents(desk)
        await replacement(desk, tmp_path, "Secret 0", "Secret 0 corrigé", "zéro")
        await into_lot(desk)
        await finish(desk)
        await list_again(desk)
        assert entry_of(desk, "Secret 0 corrigé").visibility == unseen
        await manage(desk, "Secret 1", "Supprimer du DMP")
        await confirm(desk, "Le document n'est plus dans le DMP", word="SUPPRIMER")
        assert {"Secret 0 corrigé", "Secret 2", "Secret 3"} <= set(titles(desk))
        assert not {"Secret 0", "Secret 1"} & set(titles(desk))
        # 5. the connection ends with the visit
        await desk.user.press("f10")
        await leave(desk)
        await visit_tom(desk, secret=False)
        # 6. shown to the representatives; neither a change nor a new version hides it again
        await list_documents(desk)
        await manage(desk, "Secret 2", "Rendre visible aux représentants légaux")
        await confirm(desk, "visible des représentants légaux", word="VISIBLE")
        assert entry_of(desk, "Secret 2").visibility == Visibility()
        screen = await replacement(desk, tmp_path, "Secret 2", "Secret 2 bis", "deux")
        assert "représentants légaux (mineur)" not in screen
        await desk.user.press("escape", "escape", "f10")
        await desk.user.see(LIST)
        # 7. deposited out of it, seen by all; in it, no new version may hide it
        await desk.user.press("f10")
        await desk.user.see("Dossier du patient")
        await deposit_through_hub(desk, tmp_path, "Pour tous", content=pdfa("pour tous"))
        [open_to_all] = (await last_lot(desk)).documents
        assert open_to_all.codes["confidentiality"] == ["N"]
        await leave(desk)
        await visit_tom(desk, secret=True)
        await list_documents(desk)
        sent = len(await outcomes(desk, "TD2.1"))
        await replacement(desk, tmp_path, "Pour tous", "Plus pour tous", "caché")
        await desk.user.press("f10")
        await desk.user.see("est déjà visible", "elle ne peut plus être cachée.", "Code d'assistance")
        assert len(await outcomes(desk, "TD2.1")) == sent

    play(story, tmp_path)

"""TD2.1: what a professional deposits with a CPS, from the file to the record, and what went over the wire."""

import asyncio
import base64
from pathlib import Path

import pytest
from access_steps import acts, open_first, outcomes
from deposit_desk import describe, fill, into_lot, scan, sign_and_send
from deposit_files import RTF, TEXT, pdfa, picture, plain_pdf
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
    LIST,
    complete,
    confirm,
    entry_of,
    insured,
    manage,
    open_list,
    queries,
    read,
    rows,
    search,
    titles,
    turn,
)
from lxml import etree
from wire import NS, vihf_of

from kiosk.dmp.document import DocumentEntry, DocumentStatus, Visibility
from kiosk.record import draft
from kiosk.record.depositing import Depositing
from kiosk.record.draft import Draft
from kiosk.screens.deposit import DepositScreen
from kiosk.training.dmp_server.records import ins_c_of
from kiosk.training.documents import clinical, kinds
from kiosk.training.documents.authors import GIRAUD as GIRAUD_WRITES
from kiosk.training.documents.cda import Section
from kiosk.training.documents.desk import Desk as Maker
from kiosk.training.documents.desk import day
from kiosk.training.documents.draft import patient_of

ANDRE, ODETTE = "1551199999031", "2530699999091"
CDA = {"c": "urn:hl7-org:v3"}


def maker(nir13: str = ANDRE) -> Maker:
    """Makes CDA documents as another program would."""
    person = insured(nir13)
    return Maker(patient_of(ins_c_of(person), person))


def summary(name: str) -> bytes:
    return maker().structured(
        name, "Synthèse d'un autre logiciel", kinds.SUMMARY, GIRAUD_WRITES, day("2026-03-02"),
        clinical.summary(2), kinds.VSM,
    ).content  # fmt: skip


async def hub(desk: Desk, vitale: str = "vitale-suivi", card: str = "cps-medecin") -> str:
    await desk.log_in(card)
    return await open_first(desk, vitale)


# --- a whole deposit ----------------------------------------------------------------------------------------------


def test_2_1_010_a_whole_pdfa_and_no_search_afterwards(tmp_path: Path) -> None:
    """Every field, an identity with birth name and name in use; nobody authorised the doctor: none is needed."""
    title, description = "Compte rendu d'été : œdème", "Contrôle à un mois"

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        assert "non autorisé" in await hub(desk, "vitale-centre15")
        await begin(desk)
        await describe(desk, title)
        await fill(desk, "description", description)
        await fill(desk, "day", "03/08/2026")
        await send(desk)
        await desk.user.see("Dossier du patient")
        sent = await desk.transactions()
        assert sent[-2:] == ["TD0.2", "TD2.1"]
        assert "TD3.1" not in sent
        assert await outcomes(desk, "TD2.1") == ["ok"]
        lot = await last_lot(desk)
        [one] = lot.documents
        assert (one.mime_type, one.title, one.description) == ("text/xml", title, description)
        assert one.codes == {
            "class": ["10"],
            "confidentiality": ["N"],
            "format": ["urn:ihe:iti:xds-sd:pdf:2008"],
            "facility": ["SA07"],
            "practice": ["AMBULATOIRE"],
            "type": ["11488-4"],
        }
        assert one.author_ids == ["899700000021"]
        assert one.slots["legalAuthenticator"][0].startswith("899700000021^GIRAUD^CAMILLE")
        assert one.slots["serviceStartTime"][0].startswith("202608")
        number = ins_c_of(insured(ODETTE))
        assert one.identifiers["patient"].startswith(f"{number}^^^&")
        info = one.slots["sourcePatientInfo"]
        assert any(value.startswith("PID-5|TREIZE^ODETTE") for value in info)
        assert any(value.startswith("PID-5|QUINZE") for value in info)
        assert "PID-7|19530618" in " ".join(info)
        assert "PID-8|F" in info
        assert lot.set.author_ids == ["899700000021"]
        assert lot.set.slots["submissionTime"]
        assert lot.set.identifiers["source"]
        cda = etree.fromstring(lot.contents[one.id])
        assert cda.xpath("string(c:title)", namespaces=CDA) == title
        assert cda.xpath("string(c:id/@root)", namespaces=CDA) == one.identifiers["unique"]
        names = "//c:recordTarget//c:name/c:family"
        assert set(cda.xpath(f"{names}/text()", namespaces=CDA)) == {"TREIZE", "QUINZE"}
        assert vihf_of((await desk.requests("TD2.1"))[-1]).purpose == "normal"

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("content", "words", "media", "code"),
    [
        (TEXT, "Texte", "text/plain", "urn:ihe:iti:xds-sd:text:2008"),
        (RTF, "RTF", "text/rtf", "urn:ihe:iti-fr:xds-sd:rtf:2010"),
        (pdfa(), "PDF/A", "application/pdf", "urn:ihe:iti:xds-sd:pdf:2008"),
        (picture("JPEG"), "JPEG", "image/jpeg", "urn:ihe:iti-fr:xds-sd:jpeg:2010"),
        (picture("TIFF"), "TIFF", "image/tiff", "urn:ihe:iti-fr:xds-sd:tiff:2010"),
    ],
    ids=["txt", "rtf", "pdf", "jpeg", "tiff"],
)
def test_2_1_011_each_simple_format_with_nothing_but_what_must_be_said(
    content: bytes, words: str, media: str, code: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "sans-suffixe", content)
        await hub(desk)
        await begin(desk)
        await describe(desk)
        await send(desk)
        [one] = (await last_lot(desk)).documents
        assert (one.mime_type, one.codes["format"]) == ("text/xml", [code])
        cda = etree.fromstring((await last_lot(desk)).contents[one.id])
        assert cda.xpath("//c:nonXMLBody/c:text/@mediaType", namespaces=CDA) == [media]
        await desk.choose("Documents du DMP")
        await complete(desk)
        assert one.identifiers["unique"] in [entry.unique_id for entry in rows(desk).items]

    play(story, tmp_path)


def as_it_is(tmp_path: Path, content: bytes, *, mime_type: str, opens_with: str) -> None:
    """A structured document from elsewhere is deposited byte for byte under what it says of itself."""
    facts = next(etree.fromstring(content).iter(f"{{{CDA['c']}}}ClinicalDocument"))

    async def story(desk: Desk) -> None:
        scan(tmp_path, "structure.xml", content)
        await hub(desk)
        await begin(desk)
        title = facts.xpath("string(c:title)", namespaces=CDA)
        await desk.user.see(title)
        await send(desk)
        lot = await last_lot(desk)
        [one] = lot.documents
        assert lot.contents[one.id] == content
        assert (one.mime_type, one.title) == (mime_type, title)
        assert one.identifiers["unique"] == facts.xpath("string(c:id/@root)", namespaces=CDA)
        assert one.codes["type"] == [facts.xpath("string(c:code/@code)", namespaces=CDA)]
        await desk.choose("Documents du DMP")
        await complete(desk)
        await read(desk, title, opens_with)

    play(story, tmp_path)


def test_2_1_013_a_structured_document_of_another_program(tmp_path: Path) -> None:
    as_it_is(tmp_path, summary("vsm-ailleurs"), mime_type="text/xml", opens_with="Pathologies en cours")


def test_2_1_013_of_another_patient_it_is_refused(tmp_path: Path) -> None:
    other = maker(ODETTE).structured(
        "vsm-autre",
        "Synthèse",
        kinds.SUMMARY,
        GIRAUD_WRITES,
        day("2026-03-02"),
        clinical.summary(1),
        kinds.VSM,
    )

    async def story(desk: Desk) -> None:
        scan(tmp_path, "structure.xml", other.content)
        await hub(desk)
        await desk.choose(DEPOSIT)
        await choose_file(desk)
        await desk.user.see("À faire", "Code d'assistance")
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


SHEET = (
    b'<?xml-stylesheet type="text/xsl" href="#vue"?>'
    b'<xsl:stylesheet xmlns:xsl="http://www.w3.org/1999/XSL/Transform" id="vue" version="1.0">'
    b'<xsl:template match="/"><html><body>%s</body></html></xsl:template>%s</xsl:stylesheet>'
)


def presentable(name: str, inside: bytes = b"Vue") -> bytes:
    """The style sheet is the document, and has the CDA in it: a CDA has no room for one."""
    return SHEET % (inside, summary(name).partition(b"?>")[2])


def test_2_1_014_a_document_with_its_own_style_sheet(tmp_path: Path) -> None:
    as_it_is(
        tmp_path, presentable("vsm-vue"), mime_type="application/xslt+xml", opens_with="Pathologies en cours"
    )


def test_2_1_014_a_style_sheet_with_a_script_is_refused(tmp_path: Path) -> None:
    """EX_2.1-1115."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "structure.xml", presentable("vsm-script", b"<script>alert(1)</script>"))
        await hub(desk)
        await desk.choose(DEPOSIT)
        await choose_file(desk)
        await desk.user.see("script", "À faire")

    play(story, tmp_path)


def test_2_1_015_a_structured_document_and_its_copy_in_pdf(tmp_path: Path) -> None:
    """The copy is in a section of its own; the kiosk carries it, byte for byte."""
    copy = base64.b64encode(pdfa("La même chose")).decode()
    media = (
        '<entry><observationMedia classCode="OBS" moodCode="EVN" ID="copie">'
        f'<value mediaType="application/pdf" representation="B64">{copy}</value></observationMedia></entry>'
    )
    section = Section("55108-5", "Copie du document", '<renderMultiMedia referencedObject="copie"/>', media)
    content = (
        maker()
        .structured(
            "vsm-copie", "Synthèse et sa copie", kinds.SUMMARY, GIRAUD_WRITES, day("2026-03-02"),
            [*clinical.summary(2), section], kinds.VSM,
        )
        .content
    )  # fmt: skip
    as_it_is(tmp_path, content, mime_type="text/xml", opens_with="Pathologies en cours")


def test_2_1_020_two_documents_in_one_lot(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "bilan.pdf", pdfa("Bilan"))
        scan(tmp_path, "ordonnance.pdf", pdfa("Ordonnance"))
        await hub(desk)
        await begin(desk, "bilan.pdf")
        await describe(desk, "Bilan d'entrée")
        await into_lot(desk)
        await desk.user.press("a")
        await choose_file(desk, "ordonnance.pdf")
        await describe(desk, "Ordonnance de sortie", "57833-6")
        await into_lot(desk, 2)
        await finish(desk)
        lot = await last_lot(desk)
        assert [one.title for one in lot.documents] == ["Bilan d'entrée", "Ordonnance de sortie"]
        assert (await desk.transactions()).count("TD2.1") == 1
        await desk.choose("Documents du DMP")
        await complete(desk)
        assert {"Bilan d'entrée", "Ordonnance de sortie"} <= set(titles(desk))

    play(story, tmp_path)


# --- visibility ---------------------------------------------------------------------------------------------------


def test_2_1_050_hidden_from_professionals(tmp_path: Path) -> None:
    """Its author sees it, and says so in words."""

    async def story(desk: Desk) -> None:
        await hub(desk)
        await deposit_through_hub(desk, tmp_path, "Masqué", shown="pas les autres PS")
        [one] = (await last_lot(desk)).documents
        assert one.codes["confidentiality"] == ["N", "MASQUE_PS"]
        await desk.choose("Documents du DMP")
        await complete(desk)
        assert entry_of(desk, "Masqué").visibility == Visibility(hidden_from_professionals=True)

    play(story, tmp_path)


def test_2_1_060_invisible_to_the_patient(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await hub(desk)
        await deposit_through_hub(desk, tmp_path, "À annoncer", shown="pas encore le patient")
        [one] = (await last_lot(desk)).documents
        assert one.codes["confidentiality"] == ["N", "INVISIBLE_PATIENT"]
        await desk.choose("Documents du DMP")
        await complete(desk)
        assert entry_of(desk, "À annoncer").visibility == Visibility(invisible_to_patient=True)

    play(story, tmp_path)


def test_2_1_600_invisible_to_the_representatives_of_a_minor_without_a_secret_connection(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await desk.log_in("cps-medecin")
        await desk.family("vitale-mineurs")
        await desk.user.press("2")
        await desk.user.see("a moins de 18 ans")
        await desk.user.press("n")
        await begin(desk)
        await describe(desk, "Entre nous")
        await desk.user.see("[ ] Pas visible des représentants légaux (mineur)")
        desk.user.app.screen.query_one("#representatives").focus()
        await desk.user.press("space")
        await send(desk)
        [one] = (await last_lot(desk)).documents
        assert one.codes["confidentiality"] == ["N", "INVISIBLE_REPRESENTANTS_LEGAUX"]

    play(story, tmp_path)


# --- replacements -------------------------------------------------------------------------------------------------


async def replace_with(
    desk: Desk, tmp_path: Path, title: str, *, content: bytes, new: str, shown: str = ""
) -> None:
    """The next version of a document of the list, and the list again."""
    scan(tmp_path, "version.pdf", content)
    await manage(desk, title, "Remplacer par une nouvelle version")
    await choose_file(desk, "version.pdf")
    await desk.user.see("Nouvelle version de")
    if new != title:
        await fill(desk, "title-text", new)
    if shown:
        await turn(desk, "shown", shown)
    await into_lot(desk)
    await finish(desk)
    await desk.user.see("Chercher de nouveau ?")
    await desk.user.press("o")
    await desk.user.see(LIST)
    await complete(desk)


async def replaced_three_times(desk: Desk, tmp_path: Path) -> None:
    """Deposited unseen by the patient; then another title, another content, visible; then nothing hides it again."""
    await deposit_through_hub(desk, tmp_path, "Version 1", shown="pas encore le patient", content=pdfa("un"))
    await desk.choose("Documents du DMP")
    await complete(desk)
    first = entry_of(desk, "Version 1")
    await replace_with(desk, tmp_path, "Version 1", content=pdfa("un"), new="Version 2")
    second = entry_of(desk, "Version 2")
    lot = await last_lot(desk)
    assert lot.link("RPLC") == [(lot.documents[0].id, first.entry_uuid)]
    assert lot.documents[0].codes["confidentiality"] == ["N", "INVISIBLE_PATIENT"]
    asked = [query for query in await queries(desk) if query["UniqueId"] == [first.unique_id]]
    assert [query.return_type for query in asked] == ["ObjectRef"]
    await replace_with(desk, tmp_path, "Version 2", content=pdfa("deux"), new="Version 2")
    third = entry_of(desk, "Version 2")
    assert third.unique_id != second.unique_id
    await replace_with(desk, tmp_path, "Version 2", content=pdfa("trois"), new="Version 4", shown="tous")
    lot = await last_lot(desk)
    assert lot.documents[0].codes["confidentiality"] == ["N"]
    assert lot.link("RPLC") == [(lot.documents[0].id, third.entry_uuid)]
    cda = etree.fromstring(lot.contents[lot.documents[0].id])
    assert cda.xpath("string(//c:parentDocument/c:id/@root)", namespaces=CDA) == third.unique_id
    await manage(desk, "Version 4", "Remplacer par une nouvelle version")
    await choose_file(desk, "version.pdf")
    screen = await desk.user.see("Nouvelle version de « Version 4 »", "[tous]")
    assert "pas encore le patient" not in screen, "shown once, shown for ever"
    await desk.user.press("escape", "escape", "f10")
    await desk.user.see(LIST)
    await search(desk, obsolete="x")
    states = {entry.unique_id: entry.status for entry in rows(desk).items}
    assert [states[one.unique_id] for one in (first, second, third)] == [DocumentStatus.OBSOLETE] * 3
    assert states[entry_of(desk, "Version 4").unique_id] is DocumentStatus.CURRENT


def test_2_1_140_three_replacements_and_no_hiding_again(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await hub(desk)
        await replaced_three_times(desk, tmp_path)

    play(story, tmp_path)


def test_2_1_140_only_an_author_replaces(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_list(desk)
        await manage(
            desk, "Lettre de liaison : pneumopathie", "Remplacer par une nouvelle version — pourquoi ?"
        )
        await desk.user.see("Vous n'êtes pas un auteur de ce document.")

    play(story, tmp_path)


# --- a secretary ----------------------------------------------------------------------------------------------------


def test_2_1_950_written_by_one_and_sent_by_the_other(tmp_path: Path) -> None:
    """Both are authors of the document; the lot and the VIHF are the sender's."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk, card="cpe-cabinet")
        await desk.choose(DEPOSIT)
        await name_author(desk)
        await choose_file(desk)
        await describe(desk, "Pour le docteur")
        await desk.user.see("Auteurs : GIRAUD CAMILLE")
        await send(desk)
        lot = await last_lot(desk)
        assert lot.documents[0].author_ids == ["899700000021", "30B0099981/CPET00013"]
        assert lot.documents[0].slots["legalAuthenticator"][0].startswith("899700000021^GIRAUD")
        assert lot.set.author_ids == ["30B0099981/CPET00013"]
        vihf = vihf_of((await desk.requests("TD2.1"))[-1])
        assert vihf.root.xpath("string(.//saml:Subject/saml:NameID)", namespaces=NS) == "30B0099981/CPET00013"
        assert (await desk.transactions())[-1] == "TD2.2"

    play(story, tmp_path)


# --- a patient who says no ----------------------------------------------------------------------------------------


async def opposed(desk: Desk, answer: str, said: str) -> None:
    """On the hub: what the patient says of deposits."""
    await desk.choose(answer)
    await desk.user.see(f"{answer} ?")
    await desk.user.press("o")
    await desk.user.see("Dossier du patient", said)


OPPOSED, ACCEPTS = "Le patient s'oppose aux dépôts", "Le patient accepte de nouveau les dépôts"


def test_2_1_970_no_new_document_but_those_there_are_changed_and_deleted(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await hub(desk)
        await deposit_through_hub(desk, tmp_path, "Avant")
        await opposed(desk, OPPOSED, "Le patient s'oppose aux dépôts de votre structure")
        sent = (await desk.transactions()).count("TD2.1")
        await desk.choose(DEPOSIT)
        await desk.user.see("Le patient s'oppose aux dépôts", "Aucun nouveau document")
        await desk.user.press("enter")
        await desk.user.see("Aucun document dans le lot")
        await desk.user.press("a")
        await desk.user.see("Aucun nouveau document")
        await desk.user.press("enter", "escape")
        assert (await desk.transactions()).count("TD2.1") == sent
        await desk.choose("Documents du DMP")
        await complete(desk)
        await replace_with(desk, tmp_path, "Avant", content=pdfa("corrigé"), new="Avant, corrigé")
        assert (await outcomes(desk, "TD2.1"))[-1] == "ok"
        await manage(desk, "Avant, corrigé", "Supprimer du DMP")
        await confirm(desk, "Le document n'est plus dans le DMP", word="SUPPRIMER")
        assert not {"Avant", "Avant, corrigé"} & set(titles(desk))
        await desk.user.press("f10")
        await opposed(desk, ACCEPTS, OPPOSED)
        await deposit_through_hub(desk, tmp_path, "Après", content=pdfa("après"))
        rows = await asyncio.to_thread(lambda: list(desk.journal.rows()))
        assert [row.entry.result for row in rows if row.entry.act == "OPPOSITION"] == ["GIVEN", "WITHDRAWN"]

    play(story, tmp_path)


def test_2_1_970_the_word_holds_for_the_structure_another_day_and_is_kept_without_a_name(
    tmp_path: Path,
) -> None:
    async def said(desk: Desk) -> None:
        await hub(desk, card="cpe-cabinet")
        await opposed(desk, OPPOSED, "Le patient s'oppose aux dépôts de votre structure")

    async def doctor(desk: Desk) -> None:
        await hub(desk)
        await desk.user.see("Le patient s'oppose aux dépôts de votre structure")
        await desk.choose(DEPOSIT)
        await desk.user.see("Aucun nouveau document")

    async def elsewhere(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        screen = await hub(desk, card="cps-urgentiste")
        assert "de votre structure" not in screen
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES)

    for story in (said, doctor, elsewhere):
        play(story, tmp_path)
    kept = (tmp_path / "consents.sqlite").read_bytes()
    assert ANDRE.encode() not in kept
    assert ins_c_of(insured(ANDRE)).encode() not in kept
    assert b"PETIT" not in kept


def test_2_1_970_said_while_a_lot_is_ready_it_still_holds(tmp_path: Path) -> None:
    """The last look is right before the signature, whoever said it on another workstation meanwhile."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk, "Trop tard")
        await into_lot(desk)
        session = desk.session
        await asyncio.to_thread(
            session.memory.consents.oppose,
            ins_c_of(insured(ANDRE)),
            session.actor.structure_id,
            session.now(),
        )
        await sign_and_send(desk)
        await desk.user.see("Rien n'a été envoyé : le patient s'oppose aux dépôts.")
        assert "TD2.1" not in await desk.transactions()
        assert ("SIGN", "intent") not in await acts(desk)

    play(story, tmp_path)


# --- two workstations ---------------------------------------------------------------------------------------------


def test_2_1_140_two_workstations_replace_the_same_document_and_one_wins(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await hub(desk)
        await deposit_through_hub(desk, tmp_path, "Le nôtre")
        await desk.choose("Documents du DMP")
        await complete(desk)
        old = entry_of(desk, "Le nôtre")
        scan(tmp_path, "version.pdf", pdfa("ici"))
        await manage(desk, "Le nôtre", "Remplacer par une nouvelle version")
        await choose_file(desk, "version.pdf")
        await desk.user.see("Nouvelle version de")
        await fill(desk, "title-text", "D'ici")
        await into_lot(desk)
        await asyncio.to_thread(_from_elsewhere, desk, old)
        await sign_and_send(desk)
        await desk.user.see("À faire", "Code d'assistance")
        await desk.user.press("enter", "escape")
        await desk.user.press("o")
        await desk.user.press("f10")
        await desk.user.see(LIST)
        await search(desk, obsolete="x")
        assert "D'ailleurs" in titles(desk)
        assert "D'ici" not in titles(desk)
        assert titles(desk).count("Le nôtre") == 1

    play(story, tmp_path)


def _from_elsewhere(desk: Desk, old: DocumentEntry) -> None:
    """The same replacement, sent by another workstation of the same professional."""
    screen = next(one for one in desk.user.app.screen_stack if isinstance(one, DepositScreen))
    visit, session = screen._visit, desk.session
    chosen = draft.choose(pdfa("ailleurs"), draft.patient_of(visit.member, visit.status))
    one = Draft(
        chosen, "D'ailleurs", old.type_code, session.local_date(), draft.usual_setting(session.actor, ""),
        Visibility(), replaces=old,
    )  # fmt: skip
    for _, step in Depositing(visit, (one,)).steps():
        step()


# --- withdrawn from the book ----------------------------------------------------------------------------------------


def test_2_1_119_nothing_is_deposited_into_a_closed_record(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk, "Trop tard")
        await into_lot(desk)
        await desk.dmp(do="record", nir13=ANDRE, state="terminated")
        await sign_and_send(desk)
        await desk.user.see("Rien n'a été envoyé : ce DMP n'est plus ouvert.")
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


def test_2_1_119_the_service_s_own_refusal_is_final(tmp_path: Path) -> None:
    """Closed between the existence test and the deposit."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk, "Trop tard")
        await into_lot(desk)
        await desk.dmp(do="fault", kind="slow", seconds=0)  # the existence test
        await desk.dmp(do="fault", kind="ack-error", code="DMPClosed", text="Le DMP est fermé")
        await sign_and_send(desk)
        await desk.user.see("Le DMP de ce patient est fermé.", "DMPClosed")
        assert await outcomes(desk, "TD2.1") == ["DMPClosed"]
        assert ("TD2.1", "outcome") in await acts(desk)

    play(story, tmp_path)


# --- bad input ------------------------------------------------------------------------------------------------------


def test_2_1_010_markup_and_letters_of_any_kind_are_text_and_come_back_so(tmp_path: Path) -> None:
    title = "[red]œ[/red] <b>&amp;</b> {x} ' \" ´ 検査 ÉÈ"
    description = "]]> <script>alert(1)</script> [@click=app.quit]x[/]"

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk)
        desk.user.app.screen.query_one("#title-text").value = title  # type: ignore[attr-defined]
        desk.user.app.screen.query_one("#description").value = description  # type: ignore[attr-defined]
        await send(desk)
        [one] = (await last_lot(desk)).documents
        assert (one.title, one.description) == (title, description)
        await desk.choose("Documents du DMP")
        await complete(desk)
        entry = entry_of(desk, title)
        assert entry.description == description
        await desk.user.press("slash")
        await desk.user.type("[red]")
        await desk.user.see("[red]œ[/red] <b>&amp;</b>")

    play(story, tmp_path)


def test_2_1_010_what_a_terminal_obeys_does_not_enter_a_field(tmp_path: Path) -> None:
    """Pasted: escape sequences, a line end, an invisible turn of the reading direction."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk)
        for name in ("title-text", "description"):
            desk.user.app.screen.query_one(f"#{name}").value = "a\x1b[31mb\x9b2Jc\u202ed\ne\x00f"  # type: ignore[attr-defined]
        assert not {"\x1b", "\x9b", "\u202e", "\x00"} & set(desk.user.screen())
        await desk.user.press("f10")
        await desk.user.until(
            lambda: "Mettre au lot" not in desk.user.screen() or "!" in desk.user.screen(), what="an answer"
        )
        if "Signer et envoyer" in desk.user.screen():
            await finish(desk)
            [one] = (await last_lot(desk)).documents
            assert not {"\x1b", "\x9b", "\u202e", "\x00"} & set(one.title + one.description)

    play(story, tmp_path)


def test_2_1_010_a_title_of_128_letters_goes_whole(tmp_path: Path) -> None:
    title = ("Éàüœ çñŷ" * 16)[:128]

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk)
        desk.user.app.screen.query_one("#title-text").value = title + "é"  # type: ignore[attr-defined]
        await desk.user.press("f10")
        await desk.user.see("! Titre : 129 caractères, 128 au plus")
        desk.user.app.screen.query_one("#title-text").value = title  # type: ignore[attr-defined]
        await send(desk)
        [one] = (await last_lot(desk)).documents
        assert (len(title), one.title) == (128, title)

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"%PDF-1.4\nthis is none at all", "PDF"),
        (plain_pdf()[:300], "PDF"),
        (b"\xff\xd8\xff\xe0 no picture", "image"),
    ],
    ids=["no-pdf", "half-a-pdf", "no-jpeg"],
)
def test_2_1_011_a_file_that_is_not_what_it_says_goes_nowhere(
    content: bytes, words: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", content)
        await hub(desk)
        await desk.choose(DEPOSIT)
        await choose_file(desk)
        screen = await desk.user.see("À faire", "Code d'assistance")
        assert words.lower() in screen.lower()
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


def test_2_1_011_an_empty_file_is_not_even_listed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "vide.pdf", b"")
        await hub(desk)
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES, "Aucun fichier à déposer ici.", "1 fichier vide ou d'un autre format")

    play(story, tmp_path)


def test_2_1_011_fifty_megabytes_are_refused_before_anything_is_signed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "gros.txt", b"Fiction.\n" * 5_600_000)
        await hub(desk)
        await desk.choose(DEPOSIT)
        await choose_file(desk)
        await desk.user.see("À faire", "Code d'assistance", within=60)
        assert "TD2.1" not in await desk.transactions()

    play(story, tmp_path)


def test_2_1_010_no_room_for_the_register_of_deposits_sends_nothing(tmp_path: Path) -> None:
    """The disk refuses: what cannot be written down does not leave."""

    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await begin(desk)
        await describe(desk, "Sans trace")
        await into_lot(desk)
        outbox = desk.session.memory.outbox.path
        await asyncio.to_thread(_replace_by_a_folder, outbox)
        await sign_and_send(desk)
        await desk.user.see("À faire", "Code d'assistance")
        assert "TD2.1" not in await desk.transactions()
        await asyncio.to_thread(outbox.rmdir)
        await desk.user.press("enter")
        await finish(desk)
        assert await outcomes(desk, "TD2.1") == ["ok"]

    play(story, tmp_path)


def _replace_by_a_folder(path: Path) -> None:
    """A file that nobody can open, for root too."""
    for one in path.parent.glob(f"{path.name}*"):
        one.unlink()
    path.mkdir()


@pytest.mark.parametrize("step", ["files", "form", "lot", "question", "sending"])
def test_2_1_010_the_card_taken_out_at_each_step_leaves_nothing_on_the_way(step: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        scan(tmp_path, "scan.pdf", pdfa())
        await hub(desk)
        await desk.choose(DEPOSIT)
        await desk.user.see(FILES, "scan.pdf")
        if step != "files":
            await desk.user.press("enter")
            await desk.user.see("Document à déposer")
        if step not in ("files", "form"):
            await describe(desk, "Interrompu")
            await into_lot(desk)
        if step in ("question", "sending"):
            await desk.user.press("f10")
            await desk.user.see("O : signer et envoyer")
        if step == "sending":
            await desk.dmp(do="fault", kind="slow", seconds=0)
            await desk.dmp(do="fault", kind="slow", seconds=20)
            await desk.user.press("o")
            await desk.user.see("3/3 Envoi au DMP")
        await desk.remove("cps-medecin")
        await desk.user.gone()
        if step != "sending":
            assert "TD2.1" not in await desk.transactions()

    async def afterwards(desk: Desk) -> None:
        """The register knows of a deposit only if one may have left."""
        await hub(desk)
        await desk.choose(DEPOSIT)
        await desk.user.see("Dépôt interrompu" if step == "sending" else FILES)

    play(story, tmp_path)
    play(afterwards, tmp_path)

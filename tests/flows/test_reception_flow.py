"""The receptionist's path: family, creation, account, secrets on paper — on the screen and over the wire."""

import re
import resource
from pathlib import Path

import pypdfium2
import pytest
from desk import Desk, play
from lxml import etree

HL7 = {"h": "urn:hl7-org:v3"}


async def open_form(desk: Desk, vitale: str = "vitale-seule") -> None:
    await desk.log_in()
    await desk.family(vitale)
    await desk.user.press("enter")
    await desk.user.see("CONSENTEMENTS")


async def create(desk: Desk, vitale: str = "vitale-seule", mobile: str = "0639981234") -> None:
    await open_form(desk, vitale)
    await desk.user.press("space")
    if mobile:
        await desk.user.press("down", "space", "f10")
        await desk.user.see("Le compte internet demande un portable")
        await desk.user.type(mobile)
    await desk.user.press("f10")


async def print_secrets(desk: Desk) -> None:
    await create(desk)
    await desk.user.see("Le DMP du patient a été créé.")
    await desk.user.press("enter")
    await desk.user.see("Où le patient recevra-t-il son code")
    await desk.user.press("enter")


def text_of(sheet: Path) -> str:
    pages = pypdfium2.PdfDocument(sheet.read_bytes())
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


def test_0_2_010_to_0_2_030_the_family_shows_every_answer(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-infirmier")
        screen = await desk.family("vitale-famille")
        lines = screen.splitlines()

        def answer(name: str) -> str:
            first = next(i for i, line in enumerate(lines) if name in line)
            return " ".join(lines[first : first + 2])

        assert "Pas de DMP" in answer("BERNARD ELODIE")
        assert "12/03/1984" in answer("BERNARD ELODIE")
        assert "DMP · non autorisé" in answer("BERNARD JEAN PIERRE")
        assert "DMP fermé le 10/01/2025" in answer("BERNARD CHLOE")
        assert "pas de NIR propre sur la carte" in answer("BERNARD HUGO")
        assert re.search(r"INS-C( \d{4}){5} \d{2}\b", answer("BERNARD ELODIE"))
        assert await desk.transactions() == ["TD0.2"] * 3

    play(story, tmp_path)


def test_0_2_050_the_treating_doctor_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        assert "DMP · autorisé · médecin traitant" in await desk.family("vitale-suivi")

    play(story, tmp_path)


def test_0_2_060_an_expired_authorisation_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-pharmacien")
        assert "DMP · autorisation expirée" in await desk.family("vitale-suivi")

    play(story, tmp_path)


def test_0_2_070_a_blocked_professional_is_told(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-infirmier")
        assert "DMP · accès bloqué par le patient" in await desk.family("vitale-suivi")

    play(story, tmp_path)


def test_gen_1230_every_impossible_insc_names_its_cause_and_sends_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        screen = await desk.family("vitale-anomalies")
        for cause in (
            "pas de NIR propre sur la carte",
            "clé du NIR fausse",
            "NIR provisoire",
            "NIR d'attente agricole",
            "date de naissance absente",
            "NIR malformé",
            "NIR d'une autre personne ?",
        ):
            assert cause in screen
        assert "INS-C impossible" in screen
        await desk.user.press("2")
        await desk.user.see("La clé du numéro de sécurité sociale est fausse", "À faire", "CARTE-060")
        assert await desk.transactions() == []

    play(story, tmp_path)


def test_1_1_010_a_creation_sends_the_card_s_traits_and_the_dated_consent(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await create(desk)
        await desk.user.see("Le DMP du patient a été créé.")
        message = etree.fromstring(await desk.last_request())
        patient = message.find(".//h:registrationRequest/h:subject1/h:patient", HL7)
        assert patient is not None
        identifier = patient.find("h:id", HL7)
        assert identifier is not None
        assert identifier.get("root") == "1.2.250.1.213.1.4.2"
        assert len(identifier.get("extension", "")) == 22
        names = patient.find("h:patientPerson/h:name", HL7)
        assert names is not None
        assert names.findtext("h:family[@qualifier='BR']", namespaces=HL7) == "D'ÉTRÉVILLE"
        assert names.findtext("h:family[@qualifier='SP']", namespaces=HL7) == "OEUVRARD"
        card = patient.find("h:patientPerson/h:contactParty/h:contactPerson/h:birthTime", HL7)
        assert card is not None
        assert card.get("value") == "470214"
        consent = message.xpath(
            "//h:administrativeObservation[h:code/@code='CONSENTEMENT_OUVERTURE_DMP']/h:effectiveTime/@value",
            namespaces=HL7,
        )
        assert re.fullmatch(r"\d{14}", consent[0])

    play(story, tmp_path)


def test_1_1_010_nothing_is_sent_without_the_consent_ticked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        await desk.user.press("space", "space", "f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        assert await desk.transactions() == ["TD0.2"]

    play(story, tmp_path)


def test_1_1_070_oppositions_go_over_the_wire_one_by_one(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.user.press("space")
        await desk.user.press("shift+tab", "space")
        await desk.user.see("centre 15 accès REFUSÉ", "bris de glace accès autorisé")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.")
        message = etree.fromstring(await desk.last_request())

        def opposed(code: str) -> list[str]:
            path = f"//h:administrativeObservation[h:code/@code='{code}']/h:value/@value"
            return [str(value) for value in message.xpath(path, namespaces=HL7)]

        assert opposed("OPPOSITION_ACCES_URGENCE") == ["true"]
        assert opposed("OPPOSITION_BRIS_DE_GLACE") == ["false"]

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("field", "typed", "told"),
    [
        ("postcode", "7500", "Le code postal a cinq chiffres."),
        ("mobile", "0139981234", "Un portable commence par 06 ou 07"),
        ("email", "simone@gmial.com", "vouliez-vous dire « gmail.com »"),
        ("email", "simone@", "Adresse attendue"),
    ],
)
def test_fields_are_checked_while_typing(field: str, typed: str, told: str, tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        desk.user.app.screen.query_one(f"#{field}").focus()
        await desk.user.type(typed)
        await desk.user.see(told)

    play(story, tmp_path)


def test_a_record_that_exists_meanwhile_is_not_created_twice(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.dmp(do="record", nir13="2470299999021")
        await desk.user.press("space", "f10")
        await desk.user.see("Le patient a déjà un DMP : rien n'a été créé une seconde fois.")

    play(story, tmp_path)


def test_a_refused_creation_shows_the_server_s_own_words(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await create(desk, "vitale-refus", mobile="")
        await desk.user.see("DMPAccessDeniedByRightsService", "À faire", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("CONSENTEMENTS")

    play(story, tmp_path)


def test_a_closed_record_gives_date_and_reason_and_offers_no_creation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await desk.family("vitale-famille")
        await desk.user.press("3")
        await desk.user.see("DMP fermé le 10/01/2025", "Motif donné par le service", "Réactiver le DMP")

    play(story, tmp_path)


def test_an_answer_lost_after_the_commit_is_not_sent_twice(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.press("space", "f10")
        await desk.user.see("Le DMP du patient a été créé.")
        assert (await desk.transactions()).count("TD1.1") == 1

    play(story, tmp_path)


def test_an_impatient_hand_sends_nothing_twice(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.dmp(do="fault", kind="slow", seconds=1)
        await desk.user.press("space", "f10", "f10", "enter", "f10")
        await desk.user.see("Le DMP du patient a été créé.")
        assert (await desk.transactions()).count("TD1.1") == 1

    play(story, tmp_path)


def test_escape_abandons_a_slow_creation_and_the_next_try_asks_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.dmp(do="fault", kind="drip", seconds=5)
        await desk.user.press("space", "f10")
        await desk.user.see("Échap : abandonner")
        await desk.user.press("escape")
        await desk.user.see("Opération abandonnée à votre demande.", "BORNE-300")
        await desk.user.press("enter")
        await desk.user.see("CONSENTEMENTS")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.")
        assert (await desk.transactions()).count("TD1.1") == 1

    play(story, tmp_path)


def test_an_answer_lost_before_the_commit_says_so_and_loses_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        desk.user.app.screen.query_one("#city").focus()
        await desk.user.type("NIORT")
        desk.user.app.screen.query_one("#consent").focus()
        await desk.dmp(do="fault", kind="cut-before")
        await desk.user.press("space", "f10")
        await desk.user.see("le DMP n'a pas été créé")
        await desk.user.press("enter")
        await desk.user.see("CONSENTEMENTS", "NIORT")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.")

    play(story, tmp_path)


@pytest.mark.parametrize(
    ("fault", "support_code"),
    [
        ({"kind": "garbage"}, "DMP-020"),
        ({"kind": "html-503"}, "DMP-020"),
        ({"kind": "soap-fault", "code": "DMPInconnu", "text": "Motif du service"}, "DMP-100"),
        ({"kind": "clock", "seconds": 3600}, "DMP-021"),
        ({"kind": "cut-before", "times": 3}, "DMP-013"),
    ],
)
def test_a_server_in_trouble_gets_words_and_a_support_code(
    fault: dict[str, object], support_code: str, tmp_path: Path
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await desk.dmp(do="fault", **fault)
        await desk.insert("vitale-seule")
        word = "refus" if support_code == "DMP-100" else "sans réponse"
        await desk.user.see(f"DMP : {word} ({support_code})")
        await desk.user.press("enter")
        screen = await desk.user.see("Cause probable", "À faire", support_code)
        if fault["kind"] == "soap-fault":
            assert "DMPInconnu — Motif du service" in screen

    play(story, tmp_path)


def test_1_5a_010_secrets_reach_paper_and_nothing_else(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        seen: list[str] = []
        await print_secrets(desk)
        await desk.user.until(
            lambda: seen.append(desk.user.screen()) is None and "La feuille est-elle sortie ?" in seen[-1],
            within=25,
            what="the question",
        )
        [sheet] = desk.sheets()
        text = text_of(sheet)
        assert "SIMULATION" in text
        assert "OEUVRARD" in text
        login = re.search(r"\b([A-Za-z]{4}) (\d{4})\b", text)
        assert login
        assert not any(login[0] in screen or login[1] + login[2] in screen for screen in seen)
        await desk.user.press("o")
        await desk.user.see("Personne(s) présente(s)")
        results = [row.entry.result for row in desk.journal.rows() if row.entry.act == "SHEET"]
        assert results[-1] == "handed over"
        assert desk.journal.verify().intact

    play(story, tmp_path)


def test_1_5a_010_a_printer_that_is_off_is_seen_before_the_server_is_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.printer(do="state", value="off")
        await print_secrets(desk)
        await desk.user.see("L'imprimante", "IMPR-01")
        assert "TD1.5a" not in await desk.transactions()
        await desk.printer(do="state", value="ready")
        await desk.user.press("enter")
        await desk.user.see("Recommencer l'impression")
        await desk.user.press("enter")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert (await desk.transactions()).count("TD1.5a") == 1

    play(story, tmp_path)


def test_1_5a_010_out_of_paper_is_seen_before_the_server_is_asked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.printer(do="state", value="media-empty")
        await print_secrets(desk)
        await desk.user.see("apier", "IMPR-011")
        assert "TD1.5a" not in await desk.transactions()

    play(story, tmp_path)


def test_1_5d_010_one_reprint_in_the_session_then_new_codes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await print_secrets(desk)
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        await desk.user.press("n")
        await desk.user.see("Réimprimer la même feuille (une seule fois)", "Demander de nouveaux codes")
        await desk.user.press("1")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        first, second = (text_of(sheet) for sheet in desk.sheets())
        assert first == second
        await desk.user.press("n")
        screen = await desk.user.see("Demander de nouveaux codes")
        assert "Réimprimer" not in screen
        assert "TD1.5d" not in await desk.transactions()
        await desk.user.press("1")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert (await desk.transactions()).count("TD1.5d") == 1
        assert text_of(desk.sheets()[-1]) != first
        await desk.user.press("o")
        await desk.user.see("Personne(s) présente(s)")

    play(story, tmp_path)


def test_a_lost_answer_about_codes_leads_to_new_codes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await create(desk)
        await desk.user.see("Le DMP du patient a été créé.")
        await desk.dmp(do="fault", kind="commit-then-cut")
        await desk.user.press("enter")
        await desk.user.see("Où le patient recevra-t-il son code")
        await desk.user.press("enter")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        assert (await desk.transactions())[-3:] == ["TD1.5a", "TD0.2", "TD1.5d"]

    play(story, tmp_path)


def test_1_x_1320_without_an_account_the_receipt_is_printed(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await create(desk, mobile="")
        await desk.user.see("Le DMP du patient a été créé.")
        await desk.user.press("enter")
        await desk.user.see("La feuille est-elle sortie ?", within=25)
        text = text_of(desk.sheets()[0])
        assert "OEUVRARD" in text
        assert "TD1.5a" not in await desk.transactions()

    play(story, tmp_path)


def test_a_printer_that_dies_after_receipt_asks_the_human(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.printer(do="state", value="dies-after-receipt")
        await print_secrets(desk)
        await desk.user.see("ne sait pas si la feuille est sortie", within=30)

    play(story, tmp_path)


def test_another_vitale_card_during_a_form_asks_first(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.swap("vitale-suivi", 1)
        await desk.user.see("Une autre carte Vitale est insérée")
        await desk.user.press("n")
        await desk.user.see("CONSENTEMENTS", "OEUVRARD")
        await desk.swap("vitale-seule", 1)
        await desk.user.see("Une autre carte Vitale est insérée")
        await desk.user.press("o")
        await desk.user.see("Personne(s) présente(s)", "OEUVRARD SIMONE")

    play(story, tmp_path)


def test_insi_1_03_a_card_exchanged_after_the_choice_is_refused(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        await desk.swap("vitale-suivi", 1)
        await desk.user.see("Une autre carte Vitale est insérée")
        await desk.user.press("n")
        await desk.user.press("space", "f10")
        await desk.user.see("n'est plus celle de ce patient", "CARTE-034")
        assert await desk.transactions() == ["TD0.2"]
        await desk.user.press("enter")
        await desk.remove("vitale-suivi")
        await desk.user.until(lambda: "HS" not in desk.user.screen())
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.")

    play(story, tmp_path)


def test_a_full_disk_stops_traced_acts_with_words(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await open_form(desk)
        before = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (1, before[1]))  # as a disk with no byte left
        try:
            await desk.user.press("space", "f10")
            await desk.user.see("Le journal ne peut pas être écrit", "BORNE-200")
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, before)
        assert await desk.transactions() == ["TD0.2"]
        await desk.user.press("enter", "f10")
        await desk.user.see("Le DMP du patient a été créé.")

    play(story, tmp_path)


def test_after_a_creation_escape_points_at_the_way_out_and_leaves_nothing(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await create(desk)
        await desk.user.see("Le DMP du patient a été créé.")
        await desk.user.press("escape")
        screen = await desk.user.see("Le DMP du patient a été créé.", "> 3 Terminer sans imprimer")
        assert "Activer le compte internet" in screen

    play(story, tmp_path)

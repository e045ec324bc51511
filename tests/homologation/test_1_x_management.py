"""TD1.1 to TD1.5, which today's service has withdrawn: played against the historical one, by a card.

The texts of most cases of these families are in no public place: 1.1-070 is known, and 1.3b-300 by what it is
about. What carries the code of a requirement (`EX_1.1-1010`) plays that.
"""

import os
import re
from pathlib import Path

import pypdfium2
import pytest
from access_steps import fields, open_first, outcomes, values
from desk import Desk, play

PERSON = "//h:registrationRequest/h:subject1/h:patient/h:patientPerson"
HOLDER = f"{PERSON}/h:personalRelationship"


def observed(code: str) -> str:
    return f"//h:administrativeObservation[h:code/@code='{code}']/h:value/@value"


async def fill(desk: Desk, **texts: str) -> None:
    """Replace what fields hold."""
    for name, text in texts.items():
        desk.user.app.screen.query_one(f"#{name.replace('_', '-')}").focus()
        await desk.user.press("end", "ctrl+u")
        await desk.user.type(text)


async def tick(desk: Desk, *names: str) -> None:
    for name in names:
        desk.user.app.screen.query_one(f"#{name}").focus()
        await desk.user.press("space")


async def creation_form(desk: Desk, vitale: str = "vitale-seule") -> None:
    await desk.log_in()
    await desk.family(vitale)
    await desk.user.press("enter")
    await desk.user.see("CONSENTEMENTS")


async def sheet_text(desk: Desk) -> str:
    """What the last sheet says, once the user is asked whether it came out."""
    await desk.user.see("La feuille est-elle sortie ?", within=25)
    pages = pypdfium2.PdfDocument(desk.sheets()[-1].read_bytes())
    return "\n".join(page.get_textpage().get_text_range() for page in pages)


# --- TD1.1 --------------------------------------------------------------------------------------------------


def test_1_1_070_everything_filled_in_and_the_account_at_once(tmp_path: Path) -> None:
    """Accents kept, opposed to regulation and not to break-glass, a representative, a birth name from the card."""

    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await tick(desk, "consent", "account", "represented", "no-regulation")
        await fill(
            desk,
            country_of_birth="FRANCE",
            street="3 bis allée des Chênes-Brûlés",
            complement="Bât. Ç, étage 2",
            postcode="79000",
            city="SAINT-ÉTIENNE-LÈS-ESSAIS",
            email="simone@example.org",
            phone="01 39 98 11 22",
            mobile="06 39 98 12 34",
        )
        await desk.user.press("f10")
        await desk.user.see("Qui agit pour")
        await desk.user.type("tuteur")
        await desk.user.press("enter")
        await fill(desk, civility="M", family="GARDIEN", given="NOËL", mobile="06 39 98 55 66")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.")
        [request] = await desk.requests("TD1.1")
        assert values(request, f"{PERSON}/h:name/h:family[@qualifier='BR']/text()") == ["D'ÉTRÉVILLE"]
        assert values(request, f"{PERSON}/h:addr/*/text()") == [
            "3 bis allée des Chênes-Brûlés",
            "Bât. Ç, étage 2",
            "79000",
            "SAINT-ÉTIENNE-LÈS-ESSAIS",
            "FRANCE",
        ]
        assert sorted(values(request, f"{PERSON}/h:telecom/@value")) == [
            "mailto:simone@example.org",
            "tel:0139981122",
            "tel:0639981234",
        ]
        assert values(request, f"{HOLDER}/h:relationshipHolder1/h:name/*/text()") == ["M", "GARDIEN", "NOËL"]
        assert values(request, f"{HOLDER}/h:telecom/@value") == ["tel:0639985566"]
        assert values(request, observed("CONSENTEMENT_OUVERTURE_DMP")) == ["true"]
        assert values(request, observed("OPPOSITION_ACCES_URGENCE")) == ["true"]
        assert values(request, observed("OPPOSITION_BRIS_DE_GLACE")) == ["false"]
        assert await outcomes(desk, "TD1.1") == ["ok"]
        await desk.user.press("enter")  # the account comes first in the menu
        await desk.user.see("Où le patient recevra-t-il son code")
        await desk.user.press("enter")
        await sheet_text(desk)
        await desk.user.press("o")
        await desk.user.see("Personne(s) présente(s)", "DMP ·")
        assert (await desk.transactions()).count("TD1.5a") == 1

    play(story, tmp_path)


def test_ex_1_1_1010_no_creation_without_the_consent_ticked(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await desk.user.see("[ ] Le patient m'autorise à créer son DMP")
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        assert "TD1.1" not in await desk.transactions()

    play(story, tmp_path)


def test_ex_1_1_1050_both_emergency_accesses_are_granted_unless_the_patient_refuses(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await desk.user.press("space", "f10")
        await desk.user.see("Le DMP du patient a été créé.")
        [request] = await desk.requests("TD1.1")
        assert values(request, observed("OPPOSITION_ACCES_URGENCE")) == ["false"]
        assert values(request, observed("OPPOSITION_BRIS_DE_GLACE")) == ["false"]

    play(story, tmp_path)


@pytest.mark.parametrize(("field", "typed"), [("email", "simone@example.org"), ("mobile", "0639981234")])
def test_ex_1_x_1200_the_user_is_warned_that_a_contact_opens_the_account(
    field: str, typed: str, tmp_path: Path
) -> None:
    """Before it is typed, and once it is."""

    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await desk.user.see("un e-mail ou un portable donné ouvre le compte internet du patient")
        await desk.user.see("[ ] Le patient veut activer son compte internet DMP")
        await fill(desk, **{field: typed})
        await desk.user.see(
            "Dites-le au patient : ce contact ouvrira son compte internet.",
            "[x] Le patient veut activer son compte internet DMP",
        )
        await fill(desk, **{field: ""})
        await desk.user.see("[ ] Le patient veut activer son compte internet DMP")

    play(story, tmp_path)


def test_ex_1_x_1300_a_contact_leads_to_the_account_right_after_the_creation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await tick(desk, "consent")
        await fill(desk, mobile="0639981234")
        await desk.user.see("[x] Le patient veut activer son compte internet DMP")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.", "> 1 Activer le compte internet")
        await desk.user.press("enter")
        await desk.user.see("Où le patient recevra-t-il son code", "[0639981234")
        await desk.user.press("enter")
        await sheet_text(desk)
        assert await outcomes(desk, "TD1.5a") == ["ok"]

    play(story, tmp_path)


def test_ex_1_x_1300_who_wants_no_account_gives_no_contact(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await creation_form(desk)
        await tick(desk, "consent")
        await fill(desk, mobile="0639981234")
        await tick(desk, "account")
        await desk.user.see("[ ] Le patient veut activer son compte internet DMP")
        await desk.user.press("f10")
        await desk.user.see("Un portable ou un e-mail ouvre le compte internet : cochez-le, ou videz-les.")
        assert "TD1.1" not in await desk.transactions()
        await fill(desk, mobile="")
        await desk.user.press("f10")
        await desk.user.see("Le DMP du patient a été créé.", "> 2 Imprimer l'accusé de création")
        assert "TD1.5a" not in await desk.transactions()

    play(story, tmp_path)


# --- TD1.2 --------------------------------------------------------------------------------------------------


def test_ex_1_2_1030_no_reactivation_without_the_consent_ticked_then_the_record_is_active(
    tmp_path: Path,
) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in()
        await open_first(desk, "vitale-fermee")
        await desk.choose("Réactiver le DMP")
        await desk.user.see("[ ] Le patient demande la réactivation")
        await desk.user.press("f10")
        await desk.user.see("Sans l'accord du patient, rien n'est envoyé")
        assert "TD1.2" not in await desk.transactions()
        await desk.user.press("space", "f10")
        await desk.user.see("Le DMP du patient est réactivé.")
        await desk.user.press("enter")
        await desk.user.see("Dossier du patient", "DMP actif")
        [request] = await desk.requests("TD1.2")
        assert values(request, "//h:controlActProcess/h:reasonCode/@code") == ["REAC"]
        assert values(request, observed("CONSENTEMENT_REACTIVATION_DMP")) == ["true"]

    play(story, tmp_path)


# --- TD1.3b -------------------------------------------------------------------------------------------------


def test_1_3b_300_a_record_attached_to_the_patient_s_own_space_is_left_to_him(tmp_path: Path) -> None:
    """The service refuses; what was typed stays, and the record is as it was."""

    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-mes")
        await desk.choose("Données administratives et oppositions")
        await desk.user.see("DMP rattaché")
        await desk.user.press("f2")
        await desk.user.see("le service peut refuser cette modification")
        await fill(desk, city="NIORT")
        await desk.user.press("f10")
        await desk.user.see("1 champ à modifier dans le DMP", "→ NIORT")
        await desk.user.press("o")
        await desk.user.see("Mon espace santé", "Réponse du service", "Code d'assistance")
        await desk.user.press("enter")
        await desk.user.see("NIORT")
        await desk.user.press("escape", "f5")
        screen = await desk.user.see("COORDONNÉES")
        assert "NIORT" not in screen

    play(story, tmp_path)


# --- TD1.4 --------------------------------------------------------------------------------------------------


def test_1_4_200_closed_at_the_patient_s_request_and_shown_so(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-compte")
        await desk.choose("Fermer le DMP à la demande du patient")
        await desk.user.see("qu'à la demande du patient")
        await desk.user.type("Ne veut plus de DMP")
        await desk.user.press("f10")
        await desk.user.see("Fermer ce DMP ?", "LIEN KARIM")
        await desk.user.type("FERMER")
        await desk.user.press("enter")
        await desk.user.see("Le DMP du patient est fermé.")
        await desk.user.press("enter")
        screen = await desk.user.see("Dossier du patient", "DMP fermé le", "Réactiver le DMP")
        assert "Documents du DMP" not in screen
        [request] = await desk.requests("TD1.4")
        reason = "//h:controlActProcess/h:reasonOf/h:detectedIssueEvent"
        assert values(request, "//h:controlActProcess/h:reasonCode/@code") == ["FERM"]
        assert values(request, f"{reason}/h:code/@code") == ["FERMETURE_DEMANDE_PATIENT"]
        assert values(request, f"{reason}/h:text/text()") == ["Ne veut plus de DMP"]

    play(story, tmp_path)


# --- TD1.5 --------------------------------------------------------------------------------------------------


async def with_account(desk: Desk) -> None:
    await creation_form(desk)
    await tick(desk, "consent", "account")
    await fill(desk, mobile="0639981234")
    await desk.user.press("f10")
    await desk.user.see("Le DMP du patient a été créé.")


def test_ex_1_1_1090_the_account_is_proposed_right_after_the_creation_and_later(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await with_account(desk)
        await desk.choose("Terminer sans imprimer")
        await desk.user.see("Personne(s) présente(s)", "DMP ·")
        assert "TD1.5a" not in await desk.transactions()
        await desk.user.press("enter")
        await desk.choose("Activer le compte internet et imprimer ses codes")
        await desk.user.see("Où le patient recevra-t-il son code")
        await fill(desk, mobile="0639981234")
        await desk.user.press("enter", "1")
        await sheet_text(desk)
        assert await outcomes(desk, "TD1.5a") == ["ok"]

    play(story, tmp_path)


@pytest.mark.parametrize("renewed", [False, True])
def test_ex_1_5_1031_the_sheet_of_secrets_has_identifier_login_and_password(
    renewed: bool, tmp_path: Path
) -> None:
    """A login of four letters and four digits, spaced for reading (EX_1.5-1031, EX_1.5-1032 when renewed)."""

    async def story(desk: Desk) -> None:
        if renewed:
            await desk.log_in()
            await open_first(desk, "vitale-compte")
            await desk.choose("Compte internet : imprimer de nouveaux codes")
        else:
            await with_account(desk)
            await desk.user.press("enter")
            await desk.user.see("Où le patient recevra-t-il son code")
            await desk.user.press("enter")
        text = await sheet_text(desk)
        assert re.search(r"\b[A-Za-z]{4} \d{4}\b", text)
        [number] = {
            values(r, "//h:patientIdentifier/h:value/@extension")[0] for r in await desk.requests("TD0.2")
        }
        assert number in re.sub(r"\s", "", text)
        assert (await desk.transactions())[-1] == ("TD1.5d" if renewed else "TD1.5a")

    play(story, tmp_path)


def test_ex_1_5_1090_the_secrets_are_in_no_file_of_the_workstation(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await with_account(desk)
        await desk.user.press("enter")
        await desk.user.see("Où le patient recevra-t-il son code")
        await desk.user.press("enter")
        found = re.search(r"\b([A-Za-z]{4}) (\d{4})\b", await sheet_text(desk))
        assert found
        await desk.user.press("o")
        await desk.user.see("Personne(s) présente(s)")
        secrets = [f"{found[1]}{found[2]}".encode(), found[0].encode()]
        for place in (tmp_path, Path(os.environ["XDG_STATE_HOME"])):
            for file in place.rglob("*"):
                content = file.read_bytes() if file.is_file() else b""
                assert not any(secret in content for secret in secrets), file.name

    play(story, tmp_path)


def test_1_5b_020_a_channel_for_the_one_time_codes(tmp_path: Path) -> None:
    async def story(desk: Desk) -> None:
        await desk.log_in("cps-medecin")
        await open_first(desk, "vitale-compte")
        await desk.choose("Compte internet : canal du code à usage unique")
        await desk.user.see("Par où le patient recevra-t-il")
        await fill(desk, mobile="0639981234")
        await desk.user.press("f10")
        await desk.user.see("Ajouter : SMS au 06 39 98 12 34")
        await desk.user.press("o")
        await desk.user.see("Le canal est ajouté.")
        [request] = await desk.requests("TD1.5b")
        asked = fields(request, "patientOTPUpdate")
        assert asked == {"type": "SMS", "canal": "0639981234", "action": "AJOUT"}

    play(story, tmp_path)
